"""What another rule or more mentors would bring, against solving each changed round from scratch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching import whatif
from services.matching.gaps import MOST_TOPICS
from services.matching.newcomers import newcomers
from services.matching.optimum.levels import Best, best
from services.matching.optimum.problem import FURTHER_SEAT, NOT_WAITING, Problem
from services.matching.outcomes import MORE, Fixed, outcome
from services.matching.people import RoundInputs
from services.matching.unchanged import nothing_changes, proof_of
from services.matching.whatif import Row, relaxed, what_if
from shared.contracts.parts import MatchingRules
from tests.support.all_matchings import plain_best
from tests.support.round_people import a_person, rounds

NO_PINS = Fixed(0, 0, [])


def changed(inputs: RoundInputs, row: Row) -> RoundInputs:
    """The round that a row is about."""
    if row.change == "topic":
        assert row.topic_id is not None
        assert row.after is not None
        people = (*inputs.people, *newcomers(inputs, [row.topic_id] * row.after))
        return inputs.model_copy(update={"people": people})
    return inputs.model_copy(update={"rules": dict(relaxed(inputs.rules)).get(row.change, inputs.rules)})


@pytest.mark.proves("S6", "S7")
@settings(max_examples=25, deadline=None)
@given(rounds(most=3), st.sampled_from((1, 30, 200)))
def test_each_row_is_the_best_of_its_round(inputs: RoundInputs, least: int) -> None:
    inputs = inputs.model_copy(update={"rules": inputs.rules.model_copy(update={"minimum_score": least})})
    rows, _ = what_if(inputs)
    for row in rows:
        assert row.worth == plain_best(changed(inputs, row)), row
    assert rows[0].change == "none"
    assert [row.worth for row in rows[1:]] == sorted((row.worth for row in rows[1:]), reverse=True)
    assert len({(row.change, row.topic_id, row.after) for row in rows}) == len(rows)


@st.composite
def problems(draw: st.DrawFn) -> tuple[Problem, list[int], int]:
    """A round in which often everybody has a tandem, and a further mentor's scores and seats."""
    mentees, mentors = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    score = st.one_of(st.just(-1), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
    cells = draw(st.lists(score, min_size=mentees * mentors, max_size=mentees * mentors))
    class_ = st.sampled_from((0, 1, NOT_WAITING, NOT_WAITING, NOT_WAITING))
    of_mentor = st.sampled_from((0, NOT_WAITING, NOT_WAITING, NOT_WAITING, FURTHER_SEAT))
    problem = Problem(
        scores=np.array(cells, np.int16).reshape(mentees, mentors),
        seats=np.array(draw(st.lists(st.integers(1, 2), min_size=mentors, max_size=mentors)), np.int32),
        places=draw(st.sampled_from((1, 2, 9, 9, 9))),
        mentor_class=np.array(draw(st.lists(of_mentor, min_size=mentors, max_size=mentors)), np.int32),
        mentee_class=np.array(draw(st.lists(class_, min_size=mentees, max_size=mentees)), np.int32),
        lowest_first=draw(st.booleans()),
    )
    column = draw(st.lists(st.one_of(st.just(-1), st.integers(1, 3)), min_size=mentees, max_size=mentees))
    return problem, column, draw(st.integers(1, 2))


def with_more(problem: Problem, column: list[int], seats: int, more: int) -> Problem:
    new = np.repeat(np.array(column, np.int16)[:, None], more, axis=1)
    return Problem(
        scores=np.hstack([problem.scores, new]),
        seats=np.append(problem.seats, [seats] * more).astype(np.int32),
        places=problem.places,
        mentor_class=np.append(problem.mentor_class, [NOT_WAITING] * more).astype(np.int32),
        mentee_class=problem.mentee_class,
        lowest_first=problem.lowest_first,
    )


@settings(max_examples=80, deadline=None)
@given(problems())
def test_what_is_proven_to_change_nothing_changes_nothing(case: tuple[Problem, list[int], int]) -> None:
    assert_proven(case)


@pytest.mark.long
@settings(max_examples=3000, deadline=None)
@given(problems())
def test_so_it_is_in_thousands_of_rounds(case: tuple[Problem, list[int], int]) -> None:
    assert_proven(case)


def assert_proven(case: tuple[Problem, list[int], int]) -> None:
    problem, column, seats = case
    solved = best(problem)
    now = outcome(problem, solved, NO_PINS)
    still = nothing_changes(proof_of(problem, solved), np.array(column, np.int16), seats)
    for more in range(1, MORE + 1):
        if still[more - 1]:
            wider = with_more(problem, column, seats, more)
            then = outcome(wider, best(wider), NO_PINS)
            assert (then.tandems, then.sum_of_scores) == (now.tandems, now.sum_of_scores)
            assert not problem.lowest_first or then.lowest_score == now.lowest_score


def test_a_round_in_which_nobody_gains_is_not_solved_for_each_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    solved = []

    def counting(problem: Problem) -> Best:
        solved.append(problem)
        return best(problem)

    monkeypatch.setattr(whatif, "solve", counting)
    people = [a_person(f"m{i}", "mentor", strengths={"t1": 5, "t2": 5}) for i in range(9)]
    people += [a_person(f"n{i}", "mentee", concerns={"t1": 5, "t2": 5}, department=f"E{i}") for i in range(4)]
    rows, _ = what_if(RoundInputs(people=tuple(people), places=9, seed="s"))
    assert len([row for row in rows if row.change == "topic"]) == 6
    assert len(solved) == 1, "the rules change no pair, and a newcomer is worth less than the mentors who are free"


def test_the_topics_that_most_mentees_have_are_solved_for_and_the_others_counted() -> None:
    people = [
        a_person(f"n{i:02}", "mentee", concerns={f"own-{i:02}-{j}": 1 for j in range(9)} | {"shared": 5})
        for i in range(4 + MOST_TOPICS // 9)
    ]
    inputs = RoundInputs(people=(a_person("m0", "mentor"), *people), places=9, seed="s")
    own = sorted(f"own-{i:02}-{j}" for i in range(len(people)) for j in range(9))
    found = what_if(inputs)
    assert {row.topic_id for row in found.rows if row.change == "topic"} == {"shared", *own[: MOST_TOPICS - 1]}
    assert found.topics_left_out == len(own) + 1 - MOST_TOPICS > 0


def test_every_rule_is_relaxed_by_one_step_and_none_further_than_off() -> None:
    steps = {name: getattr(rules, name) for name, rules in relaxed(MatchingRules(minimum_score=120))}
    assert steps == {
        "different_department": False,
        "reporting_levels": 2,
        "shared_language": False,
        "common_minutes": 60,
        "seniority_distance": 1,
        "minimum_score": 70,
    }
    assert dict(relaxed(MatchingRules(minimum_score=30)))["minimum_score"].minimum_score == 1
    off = MatchingRules(
        different_department=False, reporting_levels=0, shared_language=False, common_minutes=0, seniority_distance=0
    )
    assert relaxed(off) == ()


def test_what_the_office_fixed_counts_as_a_tandem_in_every_row() -> None:
    people = [a_person(f"m{i}", "mentor") for i in range(2)] + [a_person(f"n{i}", "mentee") for i in range(3)]
    inputs = RoundInputs(people=tuple(people), places=3, seed="s", pins=(("m0", "n0"),))
    first, *others = what_if(inputs).rows
    assert (first.tandems, first.sum_of_scores) == (2, 1900)
    assert max(row.tandems for row in others) == 3
