import numpy as np
import pytest
from hypothesis import given, settings

from services.matching.people import Person, RoundInputs
from services.matching.scoring import Scores, score_all
from shared.contracts.parts import MatchingRules, WorkingTime
from tests.support.round_people import a_person, plain_allowed, plain_open, plain_score, plain_wishes, rounds


def scored(*people: Person, **rules: int) -> Scores:
    return score_all(RoundInputs(people=people, rules=MatchingRules.model_validate(rules), places=9, seed="s"))


@settings(max_examples=40, deadline=None)
@given(rounds())
def test_arrays_say_what_the_document_says_of_each_pair(inputs: RoundInputs) -> None:
    scores = score_all(inputs)
    for i, mentor in enumerate(scores.mentors):
        for j, mentee in enumerate(scores.mentees):
            assert scores.total[i, j] == plain_score(mentor, mentee, inputs.rules)
            assert scores.wishes[i, j] == plain_wishes(mentor, mentee)
            assert scores.allowed[i, j] == plain_allowed(mentor, mentee, inputs.rules)
            assert (scores.allowed & ~scores.closed)[i, j] == plain_open(mentor, mentee, inputs)
            assert sum(p.points for p in scores.parts(i, j)) == scores.total[i, j] <= 1000


@pytest.mark.proves("S4")
def test_both_directions_count() -> None:
    mentor = a_person("m", "mentor", strengths={"a": 4}, concerns={"b": 2})
    mentee = a_person("n", "mentee", strengths={"b": 5}, concerns={"a": 3, "c": 3})
    parts = {p.part: p.points for p in scored(mentor, mentee).parts(0, 0)}
    # 3·4 of 5·(3+3) at weight 70, and 2·5 of 5·2 at weight 25.
    assert parts == {"mentor_for_mentee": 280, "mentee_for_mentor": 250, "site": 0}


def test_the_weight_of_a_side_that_named_nothing_goes_to_the_other() -> None:
    mentee = a_person("n", "mentee")
    assert scored(a_person("m", "mentor", concerns={}), mentee).total[0, 0] == 950
    assert scored(a_person("m", "mentor"), a_person("n", "mentee", concerns={})).total[0, 0] == 950


def test_the_fullest_match_scores_a_thousand() -> None:
    assert scored(a_person("m", "mentor", site="S"), a_person("n", "mentee", site="S")).total[0, 0] == 1000


def test_without_any_weight_every_score_is_zero() -> None:
    scores = scored(a_person("m", "mentor"), a_person("n", "mentee"), weight_mentee=0, weight_mentor=0, weight_site=0)
    assert scores.total[0, 0] == 0
    assert not scores.allowed[0, 0]


@pytest.mark.proves("S7")
@pytest.mark.parametrize(
    ("mentor", "rule"),
    [
        ({"department": "D-mentee"}, {"different_department": False}),
        ({"grade": 11}, {"seniority_distance": 0}),
        ({"languages": ("en",)}, {"shared_language": False}),
        ({"working_times": (WorkingTime(weekday=0, start=871, end=1000),)}, {"common_minutes": 0}),
        ({"working_times": (WorkingTime(weekday=1, start=480, end=960),)}, {"common_minutes": 0}),
        ({"reporting_line": ("x", "y", "boss")}, {"reporting_levels": 2}),
        ({"strengths": {}, "concerns": {"t9": 1}, "site": "S-mentee"}, {"minimum_score": 50}),
    ],
)
def test_each_rule_keeps_a_pair_apart_until_it_is_switched_off(mentor: dict[str, object], rule: dict[str, int]) -> None:
    people = a_person("m", "mentor", **mentor), a_person("n", "mentee", reporting_line=("boss",))
    strict = {"minimum_score": 51}
    assert not scored(*people, **strict).allowed[0, 0]
    assert scored(*people, **{**strict, **rule}).allowed[0, 0]


@pytest.mark.proves("S7")
def test_nobody_meets_a_superior_or_a_subordinate_at_any_depth() -> None:
    far = ("p1", "p2", "p3", "p4", "p5")
    below = a_person("m", "mentor", reporting_line=(*far, "post-n")), a_person("n", "mentee")
    above = a_person("m", "mentor"), a_person("n", "mentee", reporting_line=(*far, "post-m"))
    for people in (below, above):
        assert not scored(*people, reporting_levels=0).allowed[0, 0]


@pytest.mark.proves("P7")
@settings(max_examples=30, deadline=None)
@given(rounds())
def test_more_working_time_never_changes_a_score_and_never_closes_a_pair(inputs: RoundInputs) -> None:
    whole_week = tuple(WorkingTime(weekday=day, start=0, end=1440) for day in range(7))
    free = [
        p.model_copy(update={"profile": p.profile.model_copy(update={"working_times": whole_week})})
        for p in inputs.people
    ]
    less, more = score_all(inputs), score_all(inputs.model_copy(update={"people": tuple(free)}))
    assert np.array_equal(less.total, more.total)
    assert not (less.allowed & ~more.allowed).any()


@pytest.mark.proves("P1")
def test_wishes_and_vetoes_show_in_no_published_number() -> None:
    plain = scored(a_person("m", "mentor"), a_person("n", "mentee"))
    wished = scored(a_person("m", "mentor", wishes=("n",)), a_person("n", "mentee", wishes=("m",)))
    vetoed = scored(a_person("m", "mentor", vetoes=("n",)), a_person("n", "mentee"))
    assert wished.wishes[0, 0] == 30
    assert vetoed.closed[0, 0]
    assert plain.parts(0, 0) == wished.parts(0, 0) == vetoed.parts(0, 0)
    assert plain.allowed[0, 0] == vetoed.allowed[0, 0]


def test_a_wish_does_not_lift_a_pair_over_the_minimum() -> None:
    people = a_person("m", "mentor", strengths={}, concerns={}, wishes=("n",)), a_person("n", "mentee")
    assert not scored(*people).allowed[0, 0]
