"""The table of a round against the definition of a pair, against a second plain one, and in any order."""

import random
import string
from collections.abc import Iterator
from contextlib import contextmanager

import numba
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.matching.pair import judge, wish_points
from services.matching.people import Person, RoundInputs
from services.matching.table import ScoreTable, score_table
from shared.contracts.parts import MatchingRules, Profile, Side, TopicLevel, WorkingTime
from tests.support.round_people import a_person, plain_allowed, plain_open, plain_score, plain_wishes, rounds


def any_rules(pick: random.Random) -> MatchingRules:
    """Rules of any kind, often with one that is off or a weight of 0."""
    weight_mentee, weight_mentor, weight_site = (pick.choice((0, 1, 7, 25, 70, 99, 100)) for _ in range(3))
    return MatchingRules(
        different_department=pick.random() < 0.5,
        reporting_levels=pick.choice((0, 0, 1, 2, 10)),
        shared_language=pick.random() < 0.5,
        common_minutes=pick.choice((0, 1, 90, 91, 240, 600)),
        seniority_distance=pick.choice((0, 0, 1, 5, 20)),
        minimum_score=pick.choice((1, 1, 1, 100, 999, 1000)),
        weight_mentee=weight_mentee,
        weight_mentor=weight_mentor,
        weight_site=weight_site,
    )


def any_person(pick: random.Random, id: str, role: Side, posts: tuple[str, ...], languages: list[str]) -> Person:
    """Somebody with topics named twice, spans of any minutes that overlap, and a reporting line of any depth."""

    def topics() -> tuple[TopicLevel, ...]:
        named = pick.choice((0, 1, 3, 20))
        return tuple(TopicLevel(topic_id=f"t{pick.randint(1, 12)}", level=pick.randint(1, 5)) for _ in range(named))

    def span() -> WorkingTime:
        start = pick.choice((0, 480, pick.randint(0, 1400)))
        return WorkingTime(
            weekday=pick.randint(0, 2), start=start, end=pick.choice((1440, pick.randint(start + 1, 1440)))
        )

    profile = Profile(
        department=f"D{pick.randint(1, 4)}",
        unit=(),
        grade=pick.randint(1, 30),
        site=f"S{pick.randint(1, 3)}",
        languages=tuple(pick.sample(languages, pick.randint(1, min(3, len(languages))))),
        working_times=tuple(span() for _ in range(pick.choice((1, 2, 5)))),
        strengths=topics(),
        concerns=topics(),
    )
    line = tuple(pick.choices(posts, k=pick.choice((0, 1, 2, 7))))
    return Person(id=id, role=role, profile=profile, position=pick.choice(posts), reporting_line=line)


def any_round(seed: int, mentors: int, mentees: int, posts: int, languages: int) -> RoundInputs:
    """A round in which every rule decides now and then."""
    pick = random.Random(seed)
    spoken = [a + b for a in string.ascii_lowercase for b in string.ascii_lowercase][:languages]
    places = tuple(f"post-{n}" for n in range(posts))
    people = [any_person(pick, f"m{n}", "mentor", places, spoken) for n in range(mentors)]
    people += [any_person(pick, f"n{n}", "mentee", places, spoken) for n in range(mentees)]
    return RoundInputs(people=tuple(people), rules=any_rules(pick), places=9, seed="seed")


any_rounds = st.builds(
    any_round,
    st.integers(0, 2**32),
    mentors=st.integers(0, 6),
    mentees=st.integers(0, 6),
    posts=st.sampled_from((8, 60)),
    languages=st.sampled_from((3, 6)),
)


def said(table: ScoreTable, rules: MatchingRules) -> list[list[int]]:
    """The scores as the definition of a pair has them."""
    judged = [[judge(mentor, mentee, rules) for mentor in table.mentors] for mentee in table.mentees]
    return [[-1 if of.broken else of.score for of in row] for row in judged]


@settings(max_examples=300, deadline=None)
@given(any_rounds)
def test_a_table_says_what_the_definition_says_of_each_pair(inputs: RoundInputs) -> None:
    table = score_table(inputs)
    assert table.scores.shape == (len(table.mentees), len(table.mentors))
    assert table.scores.tolist() == said(table, inputs.rules)


@settings(max_examples=60, deadline=None)
@given(rounds(4))
def test_wishes_and_closed_pairs_stand_beside_the_scores(inputs: RoundInputs) -> None:
    table = score_table(inputs)
    pairs = [(i, j, e, m) for i, e in enumerate(table.mentees) for j, m in enumerate(table.mentors)]
    assert table.scores.tolist() == said(table, inputs.rules)
    wished = [(i, j, wish_points(mentor, mentee)) for i, j, mentee, mentor in pairs if plain_wishes(mentor, mentee)]
    assert list(zip(*(a.tolist() for a in table.wishes), strict=True)) == wished
    closed = list(zip(*(a.tolist() for a in table.closed), strict=True))
    assert closed == [
        (i, j)
        for i, j, mentee, mentor in pairs
        if mentor.id in mentee.vetoes or mentee.id in mentor.vetoes or (mentor.id, mentee.id) in inputs.barred
    ]
    for i, j, mentee, mentor in pairs:
        assert plain_open(mentor, mentee, inputs) == (table.scores[i, j] > 0 and (i, j) not in closed)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_table_of_many_is_that_of_a_second_plain_definition(seed: int) -> None:
    """More rows than chunks of work."""
    inputs = any_round(seed, mentors=50, mentees=70, posts=200, languages=9)
    lenient = MatchingRules(common_minutes=60, seniority_distance=1, minimum_score=20 * seed, shared_language=seed > 1)
    table = score_table(inputs.model_copy(update={"rules": lenient}))
    for i, mentee in enumerate(table.mentees):
        for j, mentor in enumerate(table.mentors):
            expected = plain_score(mentor, mentee, lenient) if plain_allowed(mentor, mentee, lenient) else -1
            assert table.scores[i, j] == expected
    assert (table.scores > 0).any()


def test_people_meet_by_each_of_more_languages_than_a_word_has_bits() -> None:
    spoken = [a + b for a in "abcdefgh" for b in string.ascii_lowercase]
    people = [a_person(f"m-{one}", "mentor", languages=(one,)) for one in spoken]
    people += [a_person(f"n-{one}", "mentee", languages=(one,)) for one in spoken]
    table = score_table(RoundInputs(people=tuple(people), places=9, seed="seed"))
    found = {(table.mentees[i].id[2:], table.mentors[j].id[2:]) for i, j in np.argwhere(table.scores > 0)}
    assert found == {(one, one) for one in spoken}


@pytest.mark.parametrize("weights", [(100, 99, 98), (97, 100, 89), (1, 100, 100), (99, 1, 97), (100, 100, 1)])
def test_no_rounding_is_lost_between_the_least_and_the_most_that_a_profile_can_hold(weights: tuple[int, ...]) -> None:
    """Sums of any size, with weights whose quotients are hard to tell from whole numbers."""
    people = []
    for n in range(20):
        named = {f"t{k}": 1 + (k * n + k) % 5 for k in range(n + 1)}
        others = {f"t{k}": 5 - (k * n) % 5 for k in range(20)}
        people.append(a_person(f"m{n}", "mentor", strengths=others, concerns=named))
        people.append(a_person(f"n{n}", "mentee", strengths=others, concerns=named))
    names = ("weight_mentee", "weight_mentor", "weight_site")
    rules = MatchingRules.model_validate(dict(zip(names, weights, strict=True)))
    table = score_table(RoundInputs(people=tuple(people), rules=rules, places=9, seed="seed"))
    assert (table.scores > 0).all()
    assert table.scores.tolist() == said(table, rules)


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = numba.get_num_threads()
    numba.set_num_threads(min(count, before))
    try:
        yield
    finally:
        numba.set_num_threads(before)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_order_of_people_and_threads_change_no_byte(seed: int) -> None:
    inputs = any_round(seed, mentors=90, mentees=130, posts=40, languages=5)
    shuffled = list(inputs.people)
    random.Random(seed).shuffle(shuffled)
    with threads(1):
        one = score_table(inputs)
    with threads(2):
        other = score_table(inputs.model_copy(update={"people": tuple(shuffled)}))
    assert one.mentors == other.mentors
    assert one.mentees == other.mentees
    assert one.scores.tobytes() == other.scores.tobytes()
    assert one.scores.flags.c_contiguous
    assert one.scores.dtype == np.int16


@pytest.mark.proves("P7")
@settings(max_examples=150, deadline=None)
@given(any_rounds, st.randoms(use_true_random=False))
def test_who_enters_less_time_gains_no_score_and_no_rank(inputs: RoundInputs, pick: random.Random) -> None:
    assume(inputs.people)
    cheat = pick.choice(inputs.people)
    shorter = tuple(
        time.model_copy(update={"start": pick.randint(time.start, time.end - 1)})
        for time in pick.sample(cheat.profile.working_times, pick.randint(1, len(cheat.profile.working_times)))
    )
    less = cheat.model_copy(update={"profile": cheat.profile.model_copy(update={"working_times": shorter})})
    people = tuple(less if person is cheat else person for person in inputs.people)
    honest, cheated = score_table(inputs), score_table(inputs.model_copy(update={"people": people}))
    before, after = (
        (table.scores, [p.id for p in table.mentees].index(cheat.id))
        if cheat.role == "mentee"
        else (table.scores.T, [p.id for p in table.mentors].index(cheat.id))
        for table in (honest, cheated)
    )
    mine, now = before[0][before[1]], after[0][after[1]]
    assert ((now == mine) | (now == -1)).all()
    assert np.array_equal(np.delete(before[0], before[1], 0), np.delete(after[0], after[1], 0))
    # How many stand before them, in the eyes of each person of the other side.
    assert ((after[0] > now).sum(0) >= (before[0] > mine).sum(0)).all()
