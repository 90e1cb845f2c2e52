"""Decisions about whom to ask and when."""

import datetime as dt
from collections.abc import Iterable

from services.evaluation.loaders import Asking, HeldState, PairState, Surveyed, survey_id
from services.evaluation.model import DAY, Held, Pair, Participant, Programme, Survey
from services.evaluation.pausing import reminder_day, standing, stands_still
from services.evaluation.questionnaires import QUESTIONNAIRES
from services.evaluation.say import addressed
from shared.contracts import evaluation as e
from shared.contracts.base import Contract
from shared.contracts.matching import TandemState
from shared.contracts.registration import ParticipantState, ProgrammeArchived, ProgrammeState
from shared.contracts.scheduling import MeetingState, MeetingUnknown
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Wait
from shared.runtime.pausing import pause_of

FIRST_PULSE, PULSES = 2, 3
"""A pulse after the second held meeting and every third from there, one a month: stars after each meeting tire."""


def know_programme(message: ProgrammeState | ProgrammeArchived, before: Programme | None, context: Context) -> Outcome:
    """Take over a programme; newest state wins. Its due date is the day of the final report."""
    if before is not None and not before.seen < context.seen:
        return NOTHING
    reported = before.reported if before else False
    programme = Programme(
        id=message.programme_id,
        programme=message.programme_id,
        title=message.title,
        term=message.term,
        office=message.office,
        criteria=message.criteria,
        criteria_seal=message.criteria_seal,
        **Programme.parts(message.rules),
        rules_version=message.rules_version,
        coming=message.coming,
        reported=reported,
        gone=message.gone,
        seen=context.seen,
    )
    return Decision(state=(programme.but(due=None if reported else programme.reports),))


def know_participant(message: ParticipantState, before: Participant | None, context: Context) -> Outcome:
    """Take over whether somebody left the programme or pauses; newest state wins."""
    if before is not None and not before.seen < context.seen:
        return NOTHING
    withdrawn = message.status == "withdrawn"
    known = Participant(
        id=message.participant_id,
        programme=message.programme_id,
        withdrawn=withdrawn,
        seen=context.seen,
        **pause_of(message),
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
    return Decision(state=(_until_next(pair, programme.on(context.today)),))


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
    """Ask both sides (P13) what is next on the agenda; nobody twice at mid-term or finally, nobody who left finally.

    Who pauses is asked when they are back, the other at once (P6). The people are only read: whose pause begins at this
    moment was asked just before it, and the survey stands still from its next day on.
    """
    pair, programme, known, people = state
    if pair is None or programme is None:
        return NOTHING
    if "answers" in programme.gone:
        # Answers that came now would be kept for nothing; the report is made of what there is.
        return Decision(state=(pair.but(due=None),))
    programme = programme.on(context.today)
    following = _next(pair, programme)
    if following is None or following[0] > message.date:
        return Decision(state=(_until_next(pair, programme),))
    date, name = following
    asked = _until_next(pair.but(asked=(*pair.asked, name)), programme)
    if name == "parting":
        surveys = _ask(programme, pair, name, pair.id, date, people, message.date)
    else:
        gone = {person.id for person in people if person.withdrawn} if name == "final" else set[str]()
        asked_now = _ask(programme, pair, name, name, date, people, message.date)
        surveys = tuple(s for s in asked_now if s.id not in known and s.participant not in gone)
    return Decision(state=(asked, *surveys), messages=tuple(_opened(programme, surveys)))


def hold(message: MeetingState | MeetingUnknown, state: HeldState, context: Context) -> Outcome:
    """Count a meeting by how it is known that it was held, and ask both sides after some of them, by its number.

    Newest state wins: of what is not known somebody may say later that it took place.
    """
    before, pair, programme, people = state
    if before is not None and not before.seen < context.seen:
        return NOTHING
    if pair is None or programme is None:
        return Wait(f"tandem/{message.tandem_id}")
    if message.status != "held":
        if before is None and message.status != "unknown":
            return NOTHING
        known = "unknown" if message.status == "unknown" else None
        return Decision(state=(_counted(message, known, context),))
    counted = _counted(message, message.known or "assumed", context)
    if before is not None and before.known in ("confirmed", "assumed"):
        return Decision(state=(counted,))
    surveys: tuple[Survey, ...] = ()
    programme = programme.on(context.today)
    if message.number is not None and message.number % PULSES == FIRST_PULSE:
        # Held when nobody had said otherwise on the days given for that: a date that follows from the meeting's own.
        opens = message.date + (programme.held_after_days + 2) * DAY
        if before is not None or any(person.days_paused or person.paused_since is not None for person in people):
            # Somebody said it later; or the days for saying otherwise stood still while one of the two paused: how
            # long, scheduling knows.
            opens = max(opens, context.today)
        if programme.before_the_end(opens):
            surveys = _ask(programme, pair, "pulse", message.meeting_id, opens, people, context.today)
    return Decision(state=(counted, *surveys), messages=tuple(_opened(programme, surveys)))


def _counted(message: MeetingState | MeetingUnknown, known: str | None, context: Context) -> Held:
    fields = {"id": message.meeting_id, "programme": message.programme_id, "known": known, "seen": context.seen}
    return Held.model_validate(fields)


def _ask(
    programme: Programme,
    pair: Pair,
    name: str,
    occasion: str,
    opens: dt.date,
    people: Iterable[Participant],
    today: dt.date,
) -> tuple[Survey, ...]:
    """A survey for each side; of who pauses today, one that opens when they are back."""
    closes = programme.last_day(opens)
    known = {person.id: person for person in people}
    surveys = [
        Survey(
            id=survey_id(programme.id, name, occasion, participant),
            programme=programme.id,
            participant=participant,
            side=side,
            questionnaire=name,
            version=QUESTIONNAIRES[name].version,
            opens=opens,
            closes=closes,
            rules_version=programme.rules_version,
            due=reminder_day(opens, closes),
            tandem=pair.id,
        )
        for side, participant in pair.sides
    ]
    return tuple(standing(survey, known.get(survey.participant), today) for survey in surveys)


def _opened(programme: Programme, surveys: Iterable[Survey]) -> Iterable[Contract]:
    for survey in surveys:
        if survey.opened:
            yield e.SurveyOpened(**survey.published())
            yield addressed(programme, survey, "survey-opened")


def survey_due(message: DueReached, state: Surveyed, context: Context) -> Outcome:
    """Remind everybody who was asked, then close: when the next but one day after the last starts.

    While the person pauses it stands still (P6). They are only read: whose pause begins at this moment was reminded, or
    had their last day, just before it.
    """
    survey, programme, person = state
    if survey is None or programme is None:
        return NOTHING
    if survey.status == "closed":
        return Decision(state=(survey.but(due=None),))
    if person is not None and (still := stands_still(survey, programme, person, message.date)) is not None:
        return still
    end = survey.closes + 2 * DAY
    if message.date < end:
        reminded = survey.but(reminded=True, due=end)
        told = survey.reminded or message.date > survey.closes
        said: tuple[Contract, ...] = () if told else (addressed(programme, survey, "survey-reminder"),)
        return Decision(state=(reminded,), messages=said)
    closed = survey.but(status="closed", due=None)
    return Decision(state=(closed,), messages=(e.SurveyClosed(**closed.published()),))
