"""A programme as evaluation hears of it."""

import datetime as dt
from typing import Literal

from services.evaluation.loaders import survey_id
from services.evaluation.service import service
from shared.contracts import evaluation as e
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Office, Text
from shared.contracts.parts import Criteria, Profile, Rules, Side, Term, WorkingTime
from shared.runtime.ids import derived_id
from tests.support.reference import By, Scenario, Step, given

STARTS, ENDS = dt.date(2027, 2, 15), dt.date(2027, 7, 14)
DAY = dt.timedelta(days=1)
MID_TERM = STARTS + (ENDS - STARTS) / 2
FINAL = ENDS + DAY
CLOSES = ENDS + 14 * DAY
CLOSED = CLOSES + 2 * DAY
REPORTS = CLOSES + 3 * DAY

PROGRAMME = r.ProgrammeOpened(
    programme_id="pilot",
    title=Text(de="Pilot", en="Pilot"),
    status="open",
    places=7,
    term=Term(starts=STARTS, ends=ENDS),
    registration_closes=dt.date(2027, 2, 5),
    office=Office(name="Office", phone="089 1", mail="office@example.org"),
    rules=Rules(),
    criteria=Criteria(),
    criteria_seal="seal",
    privacy_notice="1",
)


def person(name: object) -> str:
    """A participant's id."""
    return derived_id("person", name)


def tandem_id(number: int) -> str:
    """A tandem's id."""
    return derived_id("tandem", number)


def formed(
    number: int,
    mentor: object = None,
    mentee: object = None,
    status: Literal["running", "ended", "completed"] = "running",
    ends_on: dt.date = ENDS,
    formed_on: dt.date = STARTS,
) -> m.TandemState:
    """A tandem's event by its status."""
    kind = {"running": m.TandemFormed, "ended": m.TandemEnded, "completed": m.TandemCompleted}[status]
    return kind(
        tandem_id=tandem_id(number),
        programme_id="pilot",
        mentor=person(mentor or f"mentor {number}"),
        mentee=person(mentee or f"mentee {number}"),
        score=500,
        reasons=(),
        status=status,
        formed_on=formed_on,
        ends_on=ends_on,
    )


def held(tandem: int, number: int, date: dt.date = dt.date(2027, 3, 1)) -> s.MeetingHeld:
    """A held meeting."""
    return s.MeetingHeld(
        meeting_id=derived_id("meeting", tandem, number),
        tandem_id=tandem_id(tandem),
        programme_id="pilot",
        mentor=person(f"mentor {tandem}"),
        mentee=person(f"mentee {tandem}"),
        date=date,
        start=600,
        minutes=90,
        zone="Europe/Berlin",
        status="held",
        number=number,
        topics=(),
    )


def withdrew(name: str) -> r.ParticipantWithdrew:
    """Somebody left the programme."""
    return r.ParticipantWithdrew(
        participant_id=person(name),
        programme_id="pilot",
        role="mentor",
        status="withdrawn",
        registered_on=STARTS,
        profile=Profile(
            department="A",
            unit=(),
            grade=10,
            site="Mitte",
            languages=("de",),
            working_times=(WorkingTime(weekday=0, start=540, end=960),),
            strengths=(),
            concerns=(),
        ),
        position=person("position"),
        reporting_line=(),
        consents={},
    )


def registered(name: str, role: Side = "mentor") -> r.ParticipantRegistered:
    """Somebody takes part."""
    fields = {**withdrew(name).model_dump(), "status": "registered", "role": role}
    return r.ParticipantRegistered.model_validate(fields)


def kick_off(date: dt.date, *more: dt.date) -> s.KickOffHeld:
    """The kick-off was held, on one date or several."""
    return s.KickOffHeld(
        programme_id="pilot",
        date=date,
        start=600,
        minutes=180,
        zone="Europe/Berlin",
        invited=20,
        can_come=18,
        more_dates=tuple(s.GatheringDate(date=other, start=600, invited=5) for other in more),
        status="held",
    )


def pauses(name: str, until: dt.date | None = None, since: dt.date = STARTS, days: int = 0) -> r.ParticipantState:
    """Somebody pauses; `days` of earlier pauses are over."""
    known = r.ParticipantChanged(**{**withdrew(name).model_dump(), "status": "registered"})
    return known.model_copy(update={"paused_since": since, "paused_until": until, "days_paused": days})


def resumes(name: str, days: int = 0) -> r.ParticipantState:
    """Somebody takes part again; so many days of pauses are over."""
    return pauses(name, days=days).model_copy(update={"paused_since": None})


def survey(name: str, questionnaire: str = "final", occasion: str | None = None) -> str:
    """The id of a person's survey."""
    return survey_id("pilot", questionnaire, occasion or questionnaire, person(name))


def answers(
    name: str, questionnaire: str = "final", occasion: str | None = None, by: str | None = None, **values: int | None
) -> By:
    """A person's answers, sent by that person or by another."""
    command = e.SubmitAnswers(
        survey_id=survey(name, questionnaire, occasion), participant_id=person(name), answers=values
    )
    return By(command, actor=person(by or name))


def a_programme(*steps: Step) -> Scenario:
    """A programme of which evaluation heard."""
    return given(service, PROGRAMME, *steps, today=STARTS)


def an_asked_programme(tandems: int = 7) -> Scenario:
    """A programme whose tandems ran to the term; everybody was asked finally."""
    numbers = range(1, tandems + 1)
    completed = [formed(number, status="completed") for number in numbers]
    return a_programme(*[formed(number) for number in numbers], MID_TERM, MID_TERM + 16 * DAY, *completed, FINAL)


def everybody(tandems: int = 7) -> list[str]:
    """The names of the people of so many tandems."""
    return [f"{side} {number}" for number in range(1, tandems + 1) for side in ("mentor", "mentee")]
