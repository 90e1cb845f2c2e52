import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.evaluation.confidentiality import groups, may_follow, people_behind, settled
from services.evaluation.jobs import Asked, Given
from services.evaluation.report import make
from shared.contracts.evaluation import Answer
from tests.unit.evaluation.test_report import inputs, made


def of(mentors: int, mentees: int) -> list[Given]:
    mentor = Given(side="mentor", answers={"length": 0})
    mentee = Given(side="mentee", answers={"length": 1})
    return [mentor] * mentors + [mentee] * mentees


def answer(mentors: int, mentees: int, floor: int = 5) -> Answer:
    return made(of(mentors, mentees), floor)["duration"]


def shown(answer: Answer) -> dict[str, int]:
    return {f.key.split(".")[1]: f.people for f in answer.figures if f.people is not None}


@pytest.mark.proves("S13")
@pytest.mark.parametrize(
    ("mentors", "mentees", "seen"),
    [(2, 2, set()), (5, 0, {"all"}), (9, 4, {"all"}), (4, 4, {"all"}), (5, 5, {"all", "mentor", "mentee"})],
)
def test_one_small_side_hides_both(mentors: int, mentees: int, seen: set[str]) -> None:
    assert set(groups(of(mentors, mentees), "length", 5)) == seen


@for_all(st.lists(st.integers(1, 4), min_size=1, max_size=40))
def test_people_are_never_counted_higher_than_they_are(answers_of_each: list[int]) -> None:
    assert people_behind(sum(answers_of_each), max(answers_of_each)) <= len(answers_of_each)


def test_five_pulses_of_one_person_are_not_five_people() -> None:
    alone = [Given(side="mentor", answers={"rating": 5})] * 5
    assert groups(alone, "rating", 5, per_person=5) == {}


counts = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=8)


@pytest.mark.proves("S13")
@for_all(counts, st.sampled_from([5, 7]))
@settings(max_examples=60, deadline=None)
def test_no_two_reports_of_a_growing_programme_differ_by_fewer_people_than_the_floor(
    arrivals: list[tuple[int, int]], floor: int
) -> None:
    mentors = mentees = 0
    last: Answer | None = None
    reports: list[dict[str, int]] = []
    for more_mentors, more_mentees in arrivals:
        mentors, mentees = mentors + more_mentors, mentees + more_mentees
        last = settled(last, answer(mentors, mentees, floor), floor)
        reports.append(shown(last))
    for place, earlier in enumerate(reports):
        for later in reports[place:]:
            if not earlier:
                continue
            assert set(later) == set(earlier)
            assert all(later[group] - people in (0, *range(floor, 99)) for group, people in earlier.items())


def test_an_answer_that_is_repeated_keeps_its_verdict_and_text() -> None:
    first = answer(7, 0)
    assert first.answer == "keep"
    assert settled(first, answer(7, 4), 5) == first
    grown = settled(first, answer(7, 20), 5)
    assert (grown.answer, grown.direction) == ("change", "shorter")
    assert shown(grown) == {"all": 27}


def test_figures_may_follow_only_a_whole_floor_later() -> None:
    assert may_follow({"all": 14}, {"all": 19}, 5)
    assert not may_follow({"all": 14}, {"all": 18}, 5)
    assert not may_follow({"all": 14, "mentor": 7}, {"all": 20, "mentor": 8}, 5)
    assert not may_follow({"all": 14}, {}, 5)


@pytest.mark.proves("S20", "P13")
def test_ratings_by_people_who_answered_often_name_the_least_number_of_people() -> None:
    pulses = [
        Given(side=side, answers={"rating": stars}) for side in ("mentor", "mentee") for stars in (5, 5, 4, 3) * 5
    ]
    given = inputs([]).model_copy(update={"asked": {"pulse": Asked(answers=tuple(pulses), per_person=4)}})
    pieces = make(given)
    assert isinstance(pieces, tuple)
    rating = {f.key: f for f in pieces[0].ratings}["pulse.all.rating"]
    assert (rating.value, rating.people, rating.low) == (75.0, 10, None)
    assert make(given.model_copy(update={"final": False}))[0].ratings == ()  # type: ignore[index]
