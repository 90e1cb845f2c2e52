"""What one, two, three more mentors for a topic would bring, against solving the round with them."""

import pytest
from hypothesis import given, settings

from services.matching.gaps import MOST_TOPICS, gaps
from services.matching.newcomers import newcomers
from services.matching.people import Person, RoundInputs
from services.matching.table import score_table
from shared.contracts.parts import WorkingTime
from tests.support.all_matchings import plain_best
from tests.support.round_people import a_person, rounds


def a_round(*people: Person, places: int = 9, pins: tuple[tuple[str, str], ...] = ()) -> RoundInputs:
    return RoundInputs(people=people, places=places, seed="s", pins=pins)


def joined(inputs: RoundInputs, *new: Person) -> RoundInputs:
    return inputs.model_copy(update={"people": (*inputs.people, *new)})


@pytest.mark.proves("S6")
@settings(max_examples=60, deadline=None)
@given(rounds(most=3))
def test_more_mentors_bring_what_the_round_with_them_brings(inputs: RoundInputs) -> None:
    now = plain_best(inputs)[0]
    for gap in gaps(inputs, score_table(inputs)):
        with_them = [plain_best(joined(inputs, *newcomers(inputs, [gap.topic_id] * k)))[0] - now for k in (1, 2, 3)]
        assert list(gap.more_tandems) == (with_them if any(p.role == "mentor" for p in inputs.people) else [])


def short_of_agile(**changes: int) -> RoundInputs:
    """Five mentees want agile work, and one of two mentors knows it."""
    return a_round(
        a_person("m0", "mentor", strengths={"agile": 5}, concerns={}, **changes),
        a_person("m1", "mentor", strengths={"video": 3}, concerns={}, **changes),
        *(a_person(f"n{i}", "mentee", concerns={"agile": 4}) for i in range(5)),
        a_person("n9", "mentee", concerns={"video": 2}),
    )


@pytest.mark.proves("S6")
def test_supply_and_demand_are_counted_and_weighted() -> None:
    inputs = short_of_agile(capacity=2)
    agile, video = gaps(inputs, score_table(inputs))
    assert (agile.topic_id, agile.demand, agile.supply) == ("agile", 5, 2)
    assert (agile.demand_weight, agile.supply_weight) == (20, 10)
    assert (video.topic_id, video.demand, video.supply) == ("video", 1, 2)


@pytest.mark.proves("S6")
def test_three_more_mentors_serve_three_more_and_a_served_topic_needs_none() -> None:
    inputs = short_of_agile()
    agile, video = gaps(inputs, score_table(inputs))
    assert (agile.more_tandems, agile.more_mentors) == ((1, 2, 3), 3)
    assert (video.more_tandems, video.more_mentors) == ((0, 0, 0), 0)


def test_no_further_mentor_is_asked_for_where_places_are_what_is_short() -> None:
    inputs = short_of_agile().model_copy(update={"places": 2})
    assert {gap.more_mentors for gap in gaps(inputs, score_table(inputs))} == {0}


def test_the_fewest_mentors_that_bring_the_most_are_named() -> None:
    inputs = a_round(
        a_person("m0", "mentor"), a_person("n0", "mentee"), a_person("n1", "mentee"), a_person("n2", "mentee")
    )
    [gap] = gaps(inputs, score_table(inputs))
    assert (gap.more_tandems, gap.more_mentors) == ((1, 2, 2), 2)


def test_a_fixed_pair_is_neither_demand_nor_supply() -> None:
    inputs = a_round(a_person("m0", "mentor"), a_person("n0", "mentee"), a_person("n1", "mentee"), pins=(("m0", "n0"),))
    [gap] = gaps(inputs, score_table(inputs))
    assert (gap.demand, gap.supply, gap.more_tandems) == (1, 0, (1, 1, 1))


def test_a_round_without_mentors_tells_its_demand_and_nothing_else() -> None:
    inputs = a_round(a_person("n0", "mentee"))
    [gap] = gaps(inputs, score_table(inputs))
    assert (gap.demand, gap.supply, gap.more_tandems, gap.more_mentors) == (1, 0, (), 0)


def test_the_topics_that_most_mentees_have_are_solved_for_of_equal_ones_the_first() -> None:
    # Each mentee has nine topics of their own, and one of two others, which come last by id.
    people = [
        a_person(f"n{i:02}", "mentee", concerns={f"own-{i:02}-{j}": 1 for j in range(9)} | {f"shared-{i // 2 % 2}": 5})
        for i in range(4 + MOST_TOPICS // 9)
    ]
    inputs = a_round(a_person("m0", "mentor"), *people)
    found = gaps(inputs, score_table(inputs))
    solved = {gap.topic_id for gap in found if gap.more_tandems}
    own = sorted(gap.topic_id for gap in found if gap.demand == 1)
    assert len(own) > MOST_TOPICS
    assert solved == {"shared-0", "shared-1", *own[: MOST_TOPICS - 2]}
    assert {gap.more_mentors for gap in found if gap.topic_id not in solved} == {0}


def test_a_newcomer_is_the_median_of_the_mentors_with_one_topic() -> None:
    late = (WorkingTime(weekday=0, start=600, end=1080),)
    people = (
        a_person("m0", "mentor", grade=7, languages=("de", "en"), strengths={"t1": 2, "t2": 5}, department="A"),
        a_person("m1", "mentor", grade=8, languages=("de",), strengths={"t1": 4}, working_times=late, department="B"),
        a_person("+m", "mentor", grade=11, languages=("fr", "en"), strengths={"t1": 5}, working_times=late),
        a_person("n0", "mentee", department="A"),
        a_person("n1", "mentee", department="D-mentor"),
    )
    one, other = newcomers(a_round(*people), ["t1", "t9"])
    assert one.profile.grade == 8
    assert one.profile.languages == ("de", "en")
    assert one.profile.working_times == late
    assert one.profile.department == "B"
    assert one.profile.site not in {p.profile.site for p in people}
    assert [(s.topic_id, s.level) for s in one.profile.strengths] == [("t1", 4)]
    assert [(s.topic_id, s.level) for s in other.profile.strengths] == [("t9", 4)]
    assert {one.id, other.id}.isdisjoint(p.id for p in people)


LONGEST_SITE = "+" * 80


@pytest.mark.parametrize(
    "people",
    [
        (a_person("m0", "mentor", site=LONGEST_SITE),),
        tuple(a_person(f"m{i}", "mentor", site="+" * i) for i in range(81)),
        tuple(a_person(f"m{i}", "mentor", site=str(i)) for i in range(12)),
        (
            a_person("m0", "mentor", languages=("de", "en", "fr", "it", "es", "pt")),
            a_person("m1", "mentor", languages=("pl", "cs", "da", "nl", "sv", "fi")),
        ),
    ],
    ids=["the longest site", "every row of plus signs", "numbers", "all languages as usual"],
)
def test_whatever_people_enter_a_newcomer_is_a_profile_with_a_site_of_its_own(people: tuple[Person, ...]) -> None:
    inputs = a_round(*people, a_person("n0", "mentee"))
    [new] = newcomers(inputs, ["t1"])
    assert Person.model_validate(new.model_dump()) == new
    assert new.profile.site not in {p.profile.site for p in inputs.people}
    assert [gap.topic_id for gap in gaps(inputs, score_table(inputs))] == ["t1"]


def test_a_newcomer_speaks_the_six_most_usual_languages_of_equal_ones_the_first() -> None:
    people = (
        a_person("m0", "mentor", languages=("de", "en", "fr", "it", "es", "sv")),
        a_person("m1", "mentor", languages=("pl", "cs", "da", "nl", "sv", "fi")),
    )
    [new] = newcomers(a_round(*people), ["t1"])
    assert new.profile.languages == ("cs", "da", "de", "en", "es", "sv")


def test_a_newcomers_post_is_in_no_reporting_line() -> None:
    people = a_person("m0", "mentor", position="0"), a_person("n0", "mentee", reporting_line=("1", "2"))
    posts = {new.position for new in newcomers(a_round(*people), ["t1", "t2"])}
    assert len(posts) == 2
    assert posts.isdisjoint({"0", "1", "2"})
