"""What a report says of the supply of mentors and of rooms, by what registration and scheduling have said."""

import pytest

from services.evaluation.page.render import page
from shared.contracts import evaluation as e
from shared.contracts import registration as r
from shared.contracts.parts import TopicLevel
from tests.support.page_text import Said
from tests.support.reference import By, Scenario, Step
from tests.unit.evaluation.extras import allows, met, topic
from tests.unit.evaluation.people import DAY, STARTS, a_programme, formed, kick_off

NUMBERS = range(1, 8)


def brings(number: int, *topics: str, kind: type[r.ParticipantState] = r.ParticipantRegistered) -> r.ParticipantState:
    """A mentor with these strengths."""
    known = allows(f"mentor {number}", kind=kind)
    strengths = tuple(TopicLevel(topic_id=each, level=3) for each in topics)
    return known.model_copy(update={"profile": known.profile.model_copy(update={"strengths": strengths})})


def needs(*steps: Step) -> dict[str, e.Need]:
    """What the report of seven tandems that all met over one topic says a hundred would need."""
    pilot = [each for number in NUMBERS for each in (formed(number), met(number, "calendar"))]
    scenario: Scenario = a_programme(topic(), *steps, *pilot)
    said = scenario.when(e.RequestReport(programme_id="pilot")).one(e.ReportPublished)
    assert isinstance(said, e.ReportPublished)
    assert said.contents is not None
    return {need.key: need for need in said.contents.rollout}


def said_on_the_page(*steps: Step) -> dict[str, str]:
    """The report's page in both languages."""
    pilot = [each for number in NUMBERS for each in (formed(number), met(number, "calendar"))]
    said = a_programme(topic(), *steps, *pilot).when(e.RequestReport(programme_id="pilot")).one(e.ReportPublished)
    assert isinstance(said, e.ReportPublished)
    text = page(said)
    return {"de": Said(text, "de").text, "en": Said(text, "en").text}


def supply(*steps: Step) -> tuple[float | None, str]:
    """The supply of mentors for the topic, and the words beside it."""
    found = needs(*steps)["mentors.calendar"].supply
    assert found is not None
    return found.estimate, found.text.en


@pytest.mark.proves("S14")
def test_a_report_tells_how_many_of_the_mentors_who_take_part_bring_a_topic() -> None:
    mentors = [brings(number, "calendar", "chat") if number < 7 else brings(number, "chat") for number in NUMBERS]
    value, text = supply(*mentors)
    assert value == 85.7
    assert text.startswith("6 of 7 registered mentors")


def test_who_names_a_topic_that_was_merged_with_it_brings_it() -> None:
    named = [brings(number, "calendar") if number < 4 else brings(number, "diary", "calendar") for number in NUMBERS]
    assert supply(topic("diary", forwards_to="calendar"), *named)[0] == 100


def test_a_mentor_who_left_or_names_it_no_more_counts_no_more_in_whatever_order_it_is_heard() -> None:
    for steps in (
        (By(brings(1, "calendar"), sequence=1), By(brings(1, kind=r.ParticipantWithdrew), sequence=2)),
        (By(brings(1, kind=r.ParticipantWithdrew), sequence=2), By(brings(1, "calendar"), sequence=1)),
    ):
        others = [brings(number, "calendar") for number in NUMBERS[1:]]
        assert supply(*steps, *others)[1].startswith("6 of 6")
    changed = [*(brings(number, "calendar") for number in NUMBERS), brings(1, "chat", kind=r.ParticipantChanged)]
    assert supply(*changed)[1].startswith("6 of 7")


def test_mentees_are_no_supply_and_their_strengths_are_not_kept() -> None:
    mentees = [brings(number, "calendar").model_copy(update={"role": "mentee"}) for number in NUMBERS]
    assert needs(*mentees)["mentors.calendar"].supply is None


def test_the_page_shows_the_supply_beside_the_need_and_of_too_few_that_they_are_few() -> None:
    many = said_on_the_page(*(brings(number, "calendar") for number in NUMBERS))
    assert "Angebot unter ebenso vielen Mentor:innen: 100 (59–100); 7 von 7 angemeldeten" in many["de"]
    assert "supply among as many mentors: 100 (59–100); 7 of 7 registered" in many["en"]
    few = said_on_the_page(*(brings(number, "calendar" if number < 4 else "chat") for number in NUMBERS))
    assert "Angebot: weniger als 5 von 7 angemeldeten" in few["de"]
    assert "supply: fewer than 5 of 7 registered" in few["en"]


@pytest.mark.proves("S14")
def test_rooms_of_the_kick_off_are_of_the_size_of_the_date_to_which_most_were_invited() -> None:
    # 18 of 20 can come, five of them on the other date: thirteen on the first.
    found = needs(kick_off(STARTS - 3 * DAY, STARTS - DAY))["kick-off.rooms"]
    assert found.estimate == 14
    assert "13" in found.text.en
