"""What scheduling's tests share: a programme, two people, their tandem."""

import copy
import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Any, TypeVar

from services.scheduling.model import Meeting, Pair
from services.scheduling.service import service
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Contract, Office, Text
from shared.contracts.parts import Consents, Criteria, Profile, Rules, SchedulingRules, Term, TopicLevel, WorkingTime
from shared.runtime.attention import Attention
from shared.runtime.ids import derived_id
from tests.support.reference import By, Scenario, given

C = TypeVar("C", bound=Contract)

TODAY = dt.date(2027, 2, 7)
FORMED = dt.date(2027, 2, 8)
STARTS = dt.date(2027, 2, 15)
ENDS = dt.date(2027, 7, 14)
CLOSES = dt.date(2027, 2, 14)
DAY = dt.timedelta(days=1)
OFFICE = Office(name="Office", phone="089 1", mail="office@example.org", deputy_mail="deputy@example.org")
MORNINGS = (WorkingTime(weekday=0, start=480, end=600),)
EVENINGS = (WorkingTime(weekday=0, start=720, end=900),)
WEEK = tuple(WorkingTime(weekday=day, start=540, end=960) for day in range(5))
MENTOR, MENTEE, STRANGER, TANDEM = (derived_id(name) for name in ("mentor", "mentee", "stranger", "tandem"))
SECOND_MENTEE, SECOND_TANDEM = derived_id("second mentee"), derived_id("second tandem")


def programme(
    closes: dt.date = CLOSES, kind: type[r.ProgrammeState] = r.ProgrammeOpened, **rules: Any
) -> r.ProgrammeState:
    return kind(
        programme_id="pilot",
        title=Text(de="Pilot", en="Pilot"),
        status="open" if kind is r.ProgrammeOpened else "closed",
        places=7,
        term=Term(starts=STARTS, ends=ENDS),
        registration_closes=closes,
        office=OFFICE,
        rules=Rules(scheduling=SchedulingRules.model_validate(rules)),
        criteria=Criteria(),
        criteria_seal="",
        privacy_notice="1",
    )


def person(
    id: str, times: tuple[WorkingTime, ...] = WEEK, kind: type[r.ParticipantState] = r.ParticipantRegistered
) -> r.ParticipantState:
    return kind(
        participant_id=id,
        programme_id="pilot",
        role="mentor" if id == MENTOR else "mentee",
        status="withdrawn" if kind is r.ParticipantWithdrew else "registered",
        registered_on=dt.date(2027, 1, 12),
        profile=Profile(
            department="A",
            unit=(),
            grade=10,
            site="Mitte",
            languages=("de",),
            working_times=times,
            strengths=(TopicLevel(topic_id="apps", level=1),),
            concerns=(),
        ),
        position=derived_id("position", id),
        reporting_line=(),
        consents=Consents(),
    )


def pauses(id: str, until: dt.date | None = None, since: dt.date = FORMED, days: int = 0) -> r.ParticipantState:
    known = person(id, kind=r.ParticipantChanged)
    return known.model_copy(update={"paused_since": since, "paused_until": until, "days_paused": days})


def resumes(id: str, days: int = 0) -> r.ParticipantState:
    return pauses(id, days=days).model_copy(update={"paused_since": None})


def tandem(
    kind: type[m.TandemState] = m.TandemFormed, ends_on: dt.date = ENDS, id: str = TANDEM, mentee: str = MENTEE
) -> m.TandemState:
    status = {m.TandemFormed: "running", m.TandemEnded: "ended", m.TandemCompleted: "completed"}[kind]
    return kind.model_validate(
        {
            "tandem_id": id,
            "programme_id": "pilot",
            "mentor": MENTOR,
            "mentee": mentee,
            "score": 500,
            "reasons": (),
            "status": status,
            "formed_on": FORMED,
            "ends_on": ends_on,
        }
    )


def afresh(scenario: Scenario) -> Scenario:
    """The same scenario, to go on from again and again: what it remembers is frozen."""
    before = scenario.reference
    reference = dataclasses.replace(
        before,
        state=dict(before.state),
        sequences=before.sequences.copy(),
        parked=before.parked.copy(),
        handled=set(before.handled),
        said=[],
    )
    going = copy.copy(scenario)
    going.reference = reference
    going._sequences = scenario._sequences.copy()
    return going


def a_programme(**rules: Any) -> Scenario:
    return given(service, programme(**rules), person(MENTOR), person(MENTEE), today=TODAY)


def a_tandem(**rules: Any) -> Scenario:
    return a_programme(**rules).given(FORMED, tandem())


def second_tandem(kind: type[m.TandemState] = m.TandemFormed, ends_on: dt.date = ENDS) -> m.TandemState:
    """The other tandem of a mentor who takes two mentees."""
    return tandem(kind, ends_on, SECOND_TANDEM, SECOND_MENTEE)


def two_tandems(**rules: Any) -> Scenario:
    return a_tandem(**rules).given(person(SECOND_MENTEE), second_tandem())


def pair_in(scenario: Scenario) -> Pair:
    found = scenario.reference.state[f"tandem/{TANDEM}"]
    assert isinstance(found, Pair)
    return found


def meetings_in(scenario: Scenario, tandem: str = TANDEM) -> list[Meeting]:
    found = [a for a in scenario.reference.state.values() if isinstance(a, Meeting) and a.tandem == tandem]
    return sorted(found, key=lambda meeting: (meeting.date, meeting.id))


def next_planned(scenario: Scenario) -> Meeting:
    return next(meeting for meeting in meetings_in(scenario) if meeting.status == "planned")


def all_said(scenario: Scenario, kind: type[C]) -> list[C]:
    return [message for message, _ in scenario.reference.said if isinstance(message, kind)]


def by_mentor(message: Contract) -> By:
    return By(message, actor=MENTOR, sender="person")


def cancelling(meeting: Meeting) -> By:
    return by_mentor(s.CancelMeeting(meeting_id=meeting.id, participant_id=MENTOR))


def fallen_through(meeting: Meeting) -> tuple[By, By, By]:
    """Both agree on a meeting, and one cancels it."""
    return accepting(meeting), accepting(meeting, who=MENTEE), cancelling(meeting)


def moving(meeting: Meeting, date: dt.date, **changes: Any) -> By:
    fields = {"meeting_id": meeting.id, "participant_id": MENTOR, "date": date, "start": 600, "replaces": 1}
    return by_mentor(s.MoveMeeting.model_validate(fields | changes))


def objecting(meeting: Meeting) -> By:
    return by_mentor(s.ReportNotHeld(meeting_id=meeting.id, participant_id=MENTOR))


def accepting(*meetings: Meeting, who: str = MENTOR, actor: str | None = None, tandem: str = TANDEM) -> By:
    """Somebody's yes to these times; `actor`: their delegate says it."""
    times = tuple(s.MeetingTime(meeting_id=x.id, date=x.date, start=x.start) for x in meetings)
    command = s.AcceptMeetings(tandem_id=tandem, participant_id=who, times=times)
    return By(command, actor=actor or who, sender="delegate" if actor else "person")


def an_accepted_tandem(**rules: Any) -> Scenario:
    """A tandem of which one has accepted the whole plan."""
    scenario = a_tandem(**rules)
    return scenario.given(accepting(*meetings_in(scenario)))


def reporting(meeting: Meeting, who: str = MENTOR, *, took_place: bool = True, **said: Any) -> By:
    """Somebody says what became of a meeting."""
    command = s.ReportMeeting(meeting_id=meeting.id, participant_id=who, took_place=took_place, **said)
    return By(command, actor=who, sender="person")


def meeting_in(scenario: Scenario, id: str) -> Meeting:
    found = scenario.reference.state[f"meeting/{id}"]
    assert isinstance(found, Meeting)
    return found


def open_signs(scenario: Scenario) -> list[str]:
    found = [a for a in scenario.reference.state.values() if isinstance(a, Attention)]
    return sorted(a.what for a in found if a.status != "settled")


def held_on(meeting: Meeting) -> dt.date:
    """The day on which a meeting counts as held under the default rules."""
    return meeting.date + 5 * DAY


def texts(messages: Iterable[Contract]) -> str:
    return " ".join(message.model_dump_json() for message in messages)
