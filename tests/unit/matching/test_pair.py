"""The definition of one pair, by the examples of docs/matching-score.md."""

from collections.abc import Mapping

import pytest

from services.matching.pair import Judgement, judge, wish_points
from shared.contracts.parts import MatchingRules, TopicLevel, WorkingTime
from tests.support.round_people import a_person


def judged(mentor: Mapping[str, object], mentee: Mapping[str, object], **rules: object) -> Judgement:
    return judge(
        a_person("m", "mentor", **mentor), a_person("n", "mentee", **mentee), MatchingRules.model_validate(rules)
    )


@pytest.mark.proves("S4")
def test_both_directions_count() -> None:
    mentor = {"strengths": {"a": 4}, "concerns": {"b": 2}}
    mentee = {"strengths": {"b": 5}, "concerns": {"a": 3, "c": 3}}
    found = judged(mentor, mentee)
    # 3·4 of 5·(3+3) at weight 70, and 2·5 of 5·2 at weight 25.
    assert {p.part: p.points for p in found.parts} == {"mentor_for_mentee": 280, "mentee_for_mentor": 250, "site": 0}
    assert found.score == 530


@pytest.mark.parametrize("silent", [{"mentor": {"concerns": {}}}, {"mentee": {"concerns": {}}}])
def test_the_weight_of_a_side_that_named_nothing_goes_to_the_other(silent: dict[str, dict[str, object]]) -> None:
    assert judged(silent.get("mentor", {}), silent.get("mentee", {})).score == 950


def test_of_a_topic_named_twice_the_higher_level_counts() -> None:
    twice = (TopicLevel(topic_id="t1", level=1), TopicLevel(topic_id="t1", level=4), TopicLevel(topic_id="t1", level=2))
    mentor, mentee = a_person("m", "mentor", concerns={}), a_person("n", "mentee", concerns={})
    strong = mentor.model_copy(update={"profile": mentor.profile.model_copy(update={"strengths": twice})})
    wanting = mentee.model_copy(update={"profile": mentee.profile.model_copy(update={"concerns": twice})})
    # 4·4 of 5·4 at weight 95.
    assert judge(strong, wanting, MatchingRules()).score == 760


def test_the_fullest_match_scores_a_thousand() -> None:
    assert judged({"site": "S"}, {"site": "S"}) == Judgement(*judged({"site": "S"}, {"site": "S"})[:1], 1000, ())


def test_without_any_weight_every_score_is_zero_and_below_the_least() -> None:
    found = judged({"site": "S"}, {"site": "S"}, weight_mentee=0, weight_mentor=0, weight_site=0)
    assert (found.score, found.broken) == (0, ("minimum_score",))


@pytest.mark.proves("S7")
@pytest.mark.parametrize(
    ("code", "mentor", "off"),
    [
        ("different_department", {"department": "D-mentee"}, {"different_department": False}),
        ("common_superior", {"reporting_line": ("x", "y", "boss")}, {"reporting_levels": 2}),
        ("seniority", {"grade": 11}, {"seniority_distance": 0}),
        ("shared_language", {"languages": ("en",)}, {"shared_language": False}),
        ("common_time", {"working_times": (WorkingTime(weekday=0, start=871, end=1000),)}, {"common_minutes": 0}),
        ("common_time", {"working_times": (WorkingTime(weekday=1, start=480, end=960),)}, {"common_minutes": 0}),
        ("minimum_score", {"strengths": {}, "concerns": {"t9": 1}, "site": "S-mentee"}, {"minimum_score": 50}),
    ],
)
def test_each_rule_keeps_a_pair_apart_until_it_is_switched_off(
    code: str, mentor: dict[str, object], off: dict[str, object]
) -> None:
    mentee: dict[str, object] = {"reporting_line": ("boss",)}
    assert judged(mentor, mentee, minimum_score=51).broken == (code,)
    assert judged(mentor, mentee, **{"minimum_score": 51, **off}).broken == ()


@pytest.mark.proves("S7")
def test_nobody_meets_a_superior_or_a_subordinate_at_any_depth() -> None:
    far = ("p1", "p2", "p3", "p4", "p5")
    assert judged({"reporting_line": (*far, "post-n")}, {}, reporting_levels=0).broken == ("reporting_line",)
    assert judged({}, {"reporting_line": (*far, "post-m")}, reporting_levels=0).broken == ("reporting_line",)


def test_common_time_is_the_sum_of_one_day_and_no_minute_counts_twice() -> None:
    def week(*spans: tuple[int, int, int]) -> dict[str, object]:
        return {"working_times": tuple(WorkingTime(weekday=d, start=s, end=e) for d, s, e in spans)}

    mentor = week((0, 0, 50), (0, 40, 60), (0, 100, 130), (1, 0, 89))
    mentee = week((0, 0, 1440), (1, 0, 1440))
    assert judged(mentor, mentee, common_minutes=90).broken == ()
    assert judged(mentor, mentee, common_minutes=91).broken == ("common_time",)


@pytest.mark.proves("P1")
def test_wishes_and_vetoes_show_in_no_judgement() -> None:
    plain = a_person("m", "mentor"), a_person("n", "mentee")
    wished = a_person("m", "mentor", wishes=("x", "n")), a_person("n", "mentee", wishes=("m",))
    vetoed = a_person("m", "mentor", vetoes=("n",)), a_person("n", "mentee", vetoes=("m",))
    assert [wish_points(*pair) for pair in (plain, wished, vetoed)] == [0, 12 + 15, 0]
    assert judge(*plain, MatchingRules()) == judge(*wished, MatchingRules()) == judge(*vetoed, MatchingRules())


def test_a_wish_does_not_lift_a_pair_over_the_minimum() -> None:
    mentor = {"strengths": {}, "concerns": {}, "wishes": ("n",)}
    assert judged(mentor, {"wishes": ("m",)}).broken == ("minimum_score",)
