"""Who registers again of whom HR has spoken: what HR said holds, also that they have left (P10)."""

import datetime as dt
from typing import Any

import pytest

from services.registration.service import service
from shared.contracts import registration as r
from shared.runtime.ids import keyed_id
from tests.support.reference import KEY, By, Scenario, given, said
from tests.unit.registration.test_hr import DAY, IN_THE_SECOND, changed, differs, employment_of, ended, leave, moved
from tests.unit.registration.test_joining_races import race
from tests.unit.registration.test_late import admitting
from tests.unit.registration.test_profiles import CLOSING
from tests.unit.registration.test_registration import (
    MENTOR,
    TODAY,
    WEEK,
    an_open_programme,
    mentee,
    mentor,
    opening,
    profile,
    topic,
)
from tests.unit.registration.test_waiting import NEW, OVER, joining, opening_next, waited

SECOND = opening(programme_id="second")


def spoken_of(**facts: Any) -> Scenario:
    """A mentor in the pilot of whom HR has said something, and a second programme that is open."""
    return given(service, topic(), opening(), SECOND, mentor(), changed(**facts), today=TODAY)


@pytest.mark.proves("P10")
def test_in_another_programme_hr_s_word_holds_whatever_is_brought_and_the_person_is_told_of_what() -> None:
    week = WEEK[:2]
    facts = {"department": "B", "unit": ("B-1",), "grade": 11, "site": "Ost", "working_times": week}
    scenario = spoken_of(**facts, superiors=("boss", "P-1")).when(mentor(programme_id="second"))
    scenario.then(
        r.ParticipantRegistered, r.ContactRecorded, said(r.PersonAddressed, topic="registered"), r.PersonAddressed
    )
    event = scenario.one(r.ParticipantRegistered)
    assert event.profile == profile(**facts)
    assert event.reporting_line == (keyed_id(KEY, "position", "boss"),)
    told = scenario.told[-1]
    assert isinstance(told, r.PersonAddressed)
    assert (told.to, told.topic) == (IN_THE_SECOND, "hr-changed")
    assert "department, unit, grade of the post, site, working times, superiors." in told.text.en
    assert "Referat, Organisationseinheit, Stufe der Stelle, Standort, Arbeitszeiten, Vorgesetzte." in told.text.de
    assert differs(scenario, **facts, superiors=("boss",)) == (), "the nightly file has nothing to mend"


def test_what_hr_has_not_said_is_as_the_registration_says_and_of_what_is_the_same_nobody_is_told() -> None:
    brought = mentor(programme_id="second", profile=profile(department="C", grade=11))
    scenario = spoken_of(grade=11).when(brought)
    scenario.then(r.ParticipantRegistered, r.ContactRecorded, said(r.PersonAddressed, topic="registered"))
    assert scenario.one(r.ParticipantRegistered).profile == brought.profile


def test_what_is_left_out_of_hr_s_next_word_stays() -> None:
    scenario = spoken_of(department="B", superiors=("boss",)).given(changed(grade=12), ended(TODAY + DAY), changed())
    event = scenario.when(mentor(programme_id="second")).one(r.ParticipantRegistered)
    assert (event.profile.department, event.profile.grade) == ("B", 12)
    assert event.reporting_line == (keyed_id(KEY, "position", "boss"),)


def test_who_is_admitted_late_and_who_joins_again_come_as_hr_knows_them() -> None:
    late = an_open_programme().given(mentor(), changed(department="B"), leave(), CLOSING).when(admitting("P-1"))
    assert late.one(r.ParticipantRegistered).profile.department == "B"
    waits = waited().given(ended(OVER + 900 * DAY), changed(department="B"), opening_next()).when(joining())
    assert waits.one(r.ParticipantRegistered).profile.department == "B"
    waits.then_among(said(r.PersonAddressed, to=NEW, topic="hr-changed"))


def test_a_unit_that_moved_takes_what_hr_said_of_the_post_along() -> None:
    scenario = spoken_of(department="A", unit=("A-1", "A-1-2")).given(moved())
    assert (employment_of(scenario).post.department, employment_of(scenario).post.unit) == ("B", ("B-7", "A-1-2"))
    event = scenario.when(mentor(programme_id="second")).one(r.ParticipantRegistered)
    assert (event.profile.department, event.profile.unit) == ("B", ("B-7", "A-1-2"))
    elsewhere = spoken_of(department="A", unit=("A-9",)).given(moved())
    assert employment_of(elsewhere).post.unit == ("A-9",)
    unknown = spoken_of(grade=11).given(moved())
    assert employment_of(unknown).post.unit is None


def test_the_file_brings_what_is_new_of_whom_hr_s_word_is_kept_and_who_takes_part_in_nothing() -> None:
    scenario = spoken_of(department="B", grade=11).given(leave())
    assert differs(scenario, department="B", grade=11, site="Ost") == ()
    assert differs(scenario, department="C", grade=11) == ("department",)
    scenario.when(changed(department="C", grade=11)).then_nothing()
    event = scenario.when(mentor(programme_id="second")).one(r.ParticipantRegistered)
    assert event.profile.department == "C"


@pytest.mark.proves("P10")
def test_whose_employment_has_ended_comes_by_no_way() -> None:
    left = an_open_programme().given(SECOND, mentor(), ended(TODAY - DAY))
    left.when(mentor(programme_id="second")).then_refused("employment_ended")
    left.when(By(mentee("P-1", programme_id="second"), sender="person")).then_refused("employment_ended")
    assert "Personalverwaltung" in left.one(r.CommandRejected).reasons[0].message.de
    left.given(CLOSING).when(admitting("P-1")).then_refused("employment_ended")


def test_who_waits_joins_no_more_once_the_last_day_is_over_though_the_day_has_not_been_acted_on() -> None:
    scenario = waited().given(ended(OVER), opening_next())
    scenario.reference.today = OVER + DAY
    scenario.when(joining()).then_refused("employment_ended")
    assert scenario.one(r.CommandRejected).reasons[0].field == "participant_id"


def test_whose_end_is_announced_comes_and_leaves_on_the_day_after_it() -> None:
    last = TODAY + 3 * DAY
    scenario = an_open_programme().given(SECOND, mentor(), ended(last)).when(mentor(programme_id="second"))
    scenario.then_among(said(r.ParticipantRegistered, participant_id=IN_THE_SECOND))
    scenario.when(last).then_nothing()
    scenario.when(last + DAY).then_among(
        said(r.ParticipantWithdrew, participant_id=MENTOR), said(r.ParticipantWithdrew, participant_id=IN_THE_SECOND)
    )


@pytest.mark.proves("P10")
async def test_who_registers_at_the_moment_of_hr_s_word_comes_as_hr_knows_them() -> None:
    """Write skew: the registration finds nothing that HR said, and the word nobody in the second programme."""
    before = (TODAY, topic(), opening(), SECOND, mentor())
    word = changed(department="B")
    replica = await race(before, mentor(programme_id="second"), word, "person", sequence=1, epoch=1)
    people = [a for subject, a in replica.aggregates().items() if subject.startswith("participant/")]
    assert [a["profile"]["department"] for a in people] == ["B", "B"]


async def test_who_registers_at_the_moment_in_which_hr_ends_the_employment_is_refused_or_leaves() -> None:
    before = (TODAY, topic(), opening(), SECOND, mentor())
    end = ended(TODAY - dt.timedelta(days=1))
    first = await race(before, mentor(programme_id="second"), end, "person", sequence=1, epoch=1)
    second = await race(before, end, mentor(programme_id="second"), "employment")
    for replica in (first, second):
        people = [a for subject, a in replica.aggregates().items() if subject.startswith("participant/")]
        assert {a["status"] for a in people} == {"withdrawn"}
