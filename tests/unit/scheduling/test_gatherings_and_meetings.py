"""Nobody is invited to a gathering at a time at which they meet, whichever of the two comes first or at one moment."""

import datetime as dt

import pytest

from services.scheduling.service import service
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.parts import Rules, SchedulingRules
from tests.support.interrupted import Interrupted
from tests.support.reference import By, Scenario, given, said
from tests.unit.runtime.engine_in_memory import Replica
from tests.unit.scheduling.people import (
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    MORNINGS,
    STRANGER,
    TANDEM,
    TODAY,
    a_programme,
    a_tandem,
    by_mentor,
    meetings_in,
    moving,
    pauses,
    person,
    programme,
    resumes,
    tandem,
)
from tests.unit.scheduling.test_gatherings import FIRST, gathering

OFTEN = 8
"""Meetings a month: every Monday is one, and the gathering is on a Monday."""
CAMP = gathering(latest=FIRST, minutes=90, dates=1)


def mondays(kind: type[r.ProgrammeState] = r.ProgrammeOpened) -> r.ProgrammeState:
    rules = Rules(scheduling=SchedulingRules(meetings_per_month=OFTEN))
    return programme(kind=kind).model_copy(update={"rules": rules})


def people() -> tuple[r.ParticipantState, ...]:
    return person(MENTOR, MORNINGS), person(MENTEE, MORNINGS)


@pytest.mark.parametrize("moment", ["guest", "meeting"])
async def test_of_an_invitation_and_a_meeting_at_one_moment_only_one_stands(moment: str) -> None:
    """Two replicas: one invites and the other plans, each has read before the other committed."""
    one = Replica(service)
    other = one.beside()
    await one.play(TODAY, mondays(), *people(), person(STRANGER, MORNINGS), FORMED)

    async def happens() -> None:
        if moment == "guest":
            other.send(tandem(), sequence=1, epoch=1)
        else:
            other.send(CAMP, "office", "office.replies")
        await other.settle()

    store = Interrupted(one.database, moment, happens)
    one.engine.store = store
    await one.play(CAMP if moment == "guest" else tandem())
    assert store.happens is None, "the race did not happen"
    assert one.seen["conflict", "again"] >= 1, "both cannot have been committed"
    found = one.aggregates()
    invited = {x["participant"] for k, x in found.items() if k.startswith("guest/") and x["date"] == FIRST.isoformat()}
    meetings = [x for k, x in found.items() if k.startswith("meeting/") and x["status"] == "planned"]
    meets = any(x["date"] == FIRST.isoformat() for x in meetings)
    assert len(meetings) > 1
    assert invited == {STRANGER} | (set() if meets else {MENTOR, MENTEE})
    assert meets == (moment == "guest")


def test_who_meets_since_the_job_read_is_told_that_no_date_suits() -> None:
    scenario = given(service, mondays(), *people(), FORMED, tandem(), today=TODAY)
    assert any(meeting.date == FIRST for meeting in meetings_in(scenario))
    scenario.when(CAMP).then_among(s.GatheringImpossible)


def test_who_is_back_is_not_invited_to_a_time_at_which_they_meet() -> None:
    scenario = a_tandem().given(pauses(MENTOR, FORMED + 3 * DAY, since=FORMED), person(STRANGER))
    meeting = next(m for m in meetings_in(scenario) if m.status == "planned" and m.date > FORMED + 3 * DAY)
    scenario.given(gathering(earliest=meeting.date, latest=meeting.date, minutes=420, dates=1))
    assert invited(scenario, meeting.date) == {STRANGER}
    scenario.when(resumes(MENTOR, 1)).then_among(said(s.PersonAddressed, to=MENTOR, topic="gathering-none"))
    assert invited(scenario, meeting.date) == {STRANGER}


def invited(scenario: Scenario, date: dt.date) -> set[str]:
    found = [m for m, _ in scenario.reference.said if isinstance(m, s.InvitationWritten) and len(m.people) == 1]
    return {m.people[0] for m in found if f"DTSTART;TZID=Europe/Berlin:{date:%Y%m%d}" in m.icalendar}


def adding(date: dt.date, start: int) -> By:
    command = s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=date, start=start, minutes=90)
    return by_mentor(command)


def test_no_meeting_is_added_or_moved_to_a_time_of_a_gathering_to_which_one_is_invited() -> None:
    scenario = a_programme().given(FORMED, gathering(latest=FIRST, dates=1), tandem())
    [begins] = {m.dates[0].start for m, _ in scenario.reference.said if isinstance(m, s.GatheringScheduled)}
    meeting = meetings_in(scenario)[0]
    scenario.when(adding(FIRST, begins + 60)).then_refused("not_free")
    scenario.when(moving(meeting, FIRST, start=begins + 90)).then_refused("not_free")
    scenario.when(adding(FIRST, begins + 180)).then_among(said(s.MeetingScheduled, date=FIRST))
