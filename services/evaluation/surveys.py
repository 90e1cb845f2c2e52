"""Decisions about whom to ask and when."""

import datetime as dt
from collections.abc import Iterable

from services.evaluation.loaders import Asking, HeldState, PairState, Surveyed, survey_id
from services.evaluation.model import DAY, Held, Pair, Participant, Programme, Survey
from services.evaluation.questionnaires import QUESTIONNAIRES, words
from shared.contracts import evaluation as e
from shared.contracts.base import Contract, Text
from shared.contracts.matching import TandemState
from shared.contracts.registration import ParticipantState, ProgrammeState
from shared.contracts.scheduling import MeetingHeld
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Wait

FIRST_PULSE, PULSES = 2, 3
"""A pulse after the second held meeting and every third from there, one a month: stars after each meeting tire."""

REMINDER = 4 * DAY
"""So long before its last day everybody who was asked is reminded, whether they answered or not."""


def know_programme(message: ProgrammeState, before: Programme | None, context: Context) -> Outcome:
    """Take over a programme; newest state wins. Its due date is the day of the final report."""
    if before is not None and not before.seen < context.seen:
        return NOTHING
    rules = message.rules
    reported = before.reported if before else False
    programme = Programme(
        id=message.programme_id,
        programme=message.programme_id,
        title=message.title,
        term=message.term,
        office=message.office,
        criteria=message.criteria,
        criteria_seal=message.criteria_seal,
        floor=rules.evaluation.floor,
        window_days=rules.evaluation.window_days,
        held_after_days=rules.scheduling.held_after_days,
        reported=reported,
        seen=context.seen,
    )
    return Decision(state=(programme.but(due=None if reported else programme.reports),))


def know_participant(message: ParticipantState, before: Participant | None, context: Context) -> Outcome:
    """Take over whether somebody left the programme; newest state wins."""
    if before is not None and not before.seen < context.seen:
        return NOTHING
    withdrawn = message.status == "withdrawn"
    known = Participant(
        id=message.participant_id, programme=message.programme_id, withdrawn=withdrawn, seen=context.seen
    )
    return Decision(state=(known,))


def know_tandem(message: TandemState, state: PairState, context: Context) -> Outcome:
    """Take over a tandem; newest state wins. Its due date is the day of its next survey, from its own dates."""
    before, programme = state
    if before is not None and not before.seen < context.seen:
        return NOTHING
    if programme is None:
        return Wait(f"programme/{message.programme_id}")
    pair = Pair(
        id=message.tandem_id,
        programme=message.programme_id,
        mentor=message.mentor,
        mentee=message.mentee,
        status=message.status,
        formed_on=message.formed_on,
        ends_on=message.ends_on,
        asked=before.asked if before else (),
        seen=context.seen,
    )
    return Decision(state=(_until_next(pair, programme),))


def agenda(pair: Pair, programme: Programme) -> list[tuple[dt.date, str]]:
    """When a tandem's people are asked what, in order; from the dates of the tandem and the term alone.

    Who parted early is asked about the fit soon after, and about the programme when everybody is: a report of those
    alone who stayed would be too good, and answers that came in one by one could be told apart.
    """
    if pair.status == "running":
        begins = max(pair.formed_on, programme.term.starts)
        early = [(begins + (pair.ends_on - begins) / 2, "mid-term")]
    elif pair.status == "ended":
        early = [(pair.ends_on + DAY, "parting")]
    else:
        early = []
    asked = [(date, name) for date, name in early if programme.before_the_end(date)]
    return asked if pair.status == "running" else [*asked, (programme.asks_finally, "final")]


def _next(pair: Pair, programme: Programme) -> tuple[dt.date, str] | None:
    return next(((date, name) for date, name in agenda(pair, programme) if name not in pair.asked), None)


def _until_next(pair: Pair, programme: Programme) -> Pair:
    following = _next(pair, programme)
    return pair.but(due=following[0] if following else None)


def tandem_due(message: DueReached, state: Asking, context: Context) -> Outcome:
    """Ask both sides (P13) what is next on the agenda; nobody twice at mid-term or finally, nobody who left finally."""
    pair, programme, known, withdrawn = state
    if pair is None or programme is None:
        return NOTHING
    following = _next(pair, programme)
    if following is None or following[0] > message.date:
        return Decision(state=(_until_next(pair, programme),))
    date, name = following
    asked = _until_next(pair.but(asked=(*pair.asked, name)), programme)
    if name == "parting":
        surveys = _ask(programme, pair, name, pair.id, date)
    else:
        gone = withdrawn if name == "final" else frozenset[str]()
        surveys = tuple(
            s for s in _ask(programme, pair, name, name, date) if s.id not in known and s.participant not in gone
        )
    return Decision(state=(asked, *surveys), messages=tuple(_opened(programme, surveys)))


def hold(message: MeetingHeld, state: HeldState, context: Context) -> Outcome:
    """Count a held meeting, and ask both sides after some of them, by the meeting's number."""
    held, pair, programme = state
    if held is not None:
        return NOTHING
    if pair is None or programme is None:
        return Wait(f"tandem/{message.tandem_id}")
    surveys: tuple[Survey, ...] = ()
    if message.number is not None and message.number % PULSES == FIRST_PULSE:
        # Held when nobody had said otherwise on the days given for that: a date that follows from the meeting's own.
        opens = message.date + (programme.held_after_days + 2) * DAY
        if programme.before_the_end(opens):
            surveys = _ask(programme, pair, "pulse", message.meeting_id, opens)
    counted = Held(id=message.meeting_id, programme=message.programme_id)
    return Decision(state=(counted, *surveys), messages=tuple(_opened(programme, surveys)))


def _ask(programme: Programme, pair: Pair, name: str, occasion: str, opens: dt.date) -> tuple[Survey, ...]:
    """A survey for each side."""
    closes = programme.last_day(opens)
    return tuple(
        Survey(
            id=survey_id(programme.id, name, occasion, participant),
            programme=programme.id,
            participant=participant,
            side=side,
            questionnaire=name,
            version=QUESTIONNAIRES[name].version,
            opens=opens,
            closes=closes,
            due=max(opens + DAY, closes - REMINDER),
        )
        for side, participant in pair.sides
    )


def _opened(programme: Programme, surveys: Iterable[Survey]) -> Iterable[Contract]:
    for survey in surveys:
        yield e.SurveyOpened(**survey.published())
        yield _addressed(programme, survey, "survey-opened")


def _addressed(programme: Programme, survey: Survey, topic: str) -> e.PersonAddressed:
    office = programme.office
    about: Text = words(f"name-{survey.questionnaire}")
    return e.PersonAddressed(
        to=survey.participant,
        programme_id=programme.id,
        topic=topic,
        subject_line=words(f"{topic}-subject", title=programme.title, about=about),
        text=words(f"{topic}-text", about=about, closes=survey.closes, office=office.name, phone=office.phone),
        office=office,
    )


def survey_due(message: DueReached, state: Surveyed, context: Context) -> Outcome:
    """Remind everybody who was asked, then close: when the next but one day after the last starts."""
    survey, programme = state
    if survey is None or programme is None:
        return NOTHING
    if survey.status == "closed":
        return Decision(state=(survey.but(due=None),))
    end = survey.closes + 2 * DAY
    if message.date < end:
        reminded = survey.but(reminded=True, due=end)
        said: tuple[Contract, ...] = () if survey.reminded else (_addressed(programme, survey, "survey-reminder"),)
        return Decision(state=(reminded,), messages=said)
    closed = survey.but(status="closed", due=None)
    return Decision(state=(closed,), messages=(e.SurveyClosed(**closed.published()),))
