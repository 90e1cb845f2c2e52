"""Decisions about whom to ask and when."""

import datetime as dt
from collections.abc import Iterable

from services.evaluation.loaders import ONCE, Asking, HeldState, PairState, Surveyed, survey_id
from services.evaluation.model import DAY, Held, Pair, Participant, Programme, Questionnaire, Survey
from services.evaluation.pausing import reminder_day, standing, stands_still
from services.evaluation.questionnaires import NEWEST, RELEASED, words
from services.evaluation.say import addressed
from shared.contracts import evaluation as e
from shared.contracts.base import Contract, Text
from shared.contracts.matching import TandemState
from shared.contracts.parts import Side
from shared.contracts.registration import ParticipantState, ProgrammeArchived, ProgrammeState
from shared.contracts.scheduling import MeetingState, MeetingUnknown
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Wait
from shared.runtime.pausing import pause_of

FIRST_PULSE, PULSES = 1, 3
"""A pulse after the first held meeting and after every third, one a month: stars after each meeting tire."""


def know_programme(message: ProgrammeState | ProgrammeArchived, before: Programme | None, context: Context) -> Outcome:
    """Take over a programme; newest state wins. Its due date is the day of the final report.

    When it is first heard of the versions of its questionnaires are fixed to its end, so that its answers can be
    compared, and published, so that a portal can show them before anybody is asked.
    """
    if before is not None and not before.seen < context.seen:
        return NOTHING
    reported = before.reported if before else False
    fixed = before.questionnaires if before else {}
    programme = Programme(
        id=message.programme_id,
        programme=message.programme_id,
        title=message.title,
        term=message.term,
        office=message.office,
        criteria=message.criteria,
        criteria_seal=message.criteria_seal,
        criteria_history=message.criteria_history,
        **Programme.parts(message.rules),
        rules_version=message.rules_version,
        coming=message.coming,
        questionnaires=fixed or NEWEST,
        kicked_off=before.kicked_off if before else False,
        reported=reported,
        told=before.told if before else 0,
        erasures=before.erasures if before else 0,
        own_room=before.own_room if before else {},
        gone=message.gone,
        seen=context.seen,
    )
    asks = () if fixed or "answers" in message.gone else tuple(_questionnaires(programme))
    return Decision(
        state=(programme.but(due=None if reported else programme.reports), *asks),
        messages=tuple(e.QuestionnairePublished.model_validate(each.published()) for each in asks),
    )


def _questionnaires(programme: Programme) -> Iterable[Questionnaire]:
    """The software's questionnaires as a programme asks them."""
    for name, version in programme.questionnaires.items():
        released = RELEASED[name, version]
        yield Questionnaire(
            id=Questionnaire.id_of(programme.id, name, version),
            programme=programme.id,
            name=name,
            version=version,
            title=words(f"name-{name}"),
            items=released.items,
            comment=released.comment,
        )


def know_participant(message: ParticipantState, before: Participant | None, context: Context) -> Outcome:
    """Take over as what somebody takes part, whether they left the programme, or pause; newest state wins."""
    if before is not None and not before.seen < context.seen:
        return NOTHING
    withdrawn = message.status == "withdrawn"
    known = Participant(
        id=message.participant_id,
        programme=message.programme_id,
        withdrawn=withdrawn,
        side=message.role,
        strengths=tuple(topic.topic_id for topic in message.profile.strengths) if message.role == "mentor" else None,
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
    return Decision(state=(_until_next(pair, programme.on(context.today), context.today),))


def agenda(pair: Pair, programme: Programme, today: dt.date) -> list[tuple[dt.date, str]]:
    """When a tandem's people are asked what, in order; from the dates of the tandem and the term.

    Where they stand at the beginning is asked of who was not asked at the kick-off, the day after the tandem was
    formed: before its middle, and on no day after the survey would have closed, since it was no beginning any more.

    Who parted early is asked about the fit soon after, and about the programme when everybody is: a report of those
    alone who stayed would be too good, and answers that came in one by one could be told apart.
    """
    if pair.status == "running":
        begins = max(pair.formed_on, programme.term.starts)
        middle, first = begins + (pair.ends_on - begins) / 2, pair.formed_on + DAY
        early = [(middle, "mid-term")]
        if today <= programme.last_day(first) < middle:
            early = [(first, "baseline"), *early]
    elif pair.status == "ended":
        early = [(pair.ends_on + DAY, "parting")]
    else:
        early = []
    asked = [(date, name) for date, name in early if programme.before_the_end(date)]
    return asked if pair.status == "running" else [*asked, (programme.asks_finally, "final")]


def _next(pair: Pair, programme: Programme, today: dt.date) -> tuple[dt.date, str] | None:
    return next(((date, name) for date, name in agenda(pair, programme, today) if name not in pair.asked), None)


def _until_next(pair: Pair, programme: Programme, today: dt.date) -> Pair:
    following = _next(pair, programme, today)
    return pair.but(due=following[0] if following else None)


def tandem_due(message: DueReached, state: Asking, context: Context) -> Outcome:
    """Ask both sides (P13) what is next on the agenda; nobody twice what comes once, nobody who left but at mid-term.

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
    following = _next(pair, programme, message.date)
    if following is None or following[0] > message.date:
        return Decision(state=(_until_next(pair, programme, message.date),))
    date, name = following
    asked = _until_next(pair.but(asked=(*pair.asked, name)), programme, message.date)
    if name not in ONCE:
        surveys = _ask(programme, pair, name, pair.id, date, people, message.date)
    else:
        gone = {person.id for person in people if person.withdrawn and name != "mid-term"}
        asked_now = _ask(programme, pair, name, name, date, people, message.date)
        surveys = tuple(s for s in asked_now if s.id not in known and s.participant not in gone)
    return Decision(state=(asked, *surveys), messages=tuple(opened(programme, surveys)))


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
    if message.number is not None and (message.number == FIRST_PULSE or message.number % PULSES == 0):
        # Held when nobody had said otherwise on the days given for that: a date that follows from the meeting's own.
        opens = message.date + (programme.held_after_days + 2) * DAY
        if before is not None or any(person.days_paused or person.paused_since is not None for person in people):
            # Somebody said it later; or the days for saying otherwise stood still while one of the two paused: how
            # long, scheduling knows.
            opens = max(opens, context.today)
        if programme.before_the_end(opens):
            surveys = _ask(programme, pair, "pulse", message.meeting_id, opens, people, context.today)
    return Decision(state=(counted, *surveys), messages=tuple(opened(programme, surveys)))


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
    known = {person.id: person for person in people}
    return tuple(
        survey_of(
            programme,
            participant,
            side,
            questionnaire=name,
            version=programme.version_of(name),
            occasion=occasion,
            opens=opens,
            closes=programme.last_day(opens),
            person=known.get(participant),
            today=today,
            tandem=pair.id,
        )
        for side, participant in pair.sides
    )


def survey_of(
    programme: Programme,
    participant: str,
    side: Side,
    *,
    questionnaire: str,
    version: int,
    occasion: str,
    opens: dt.date,
    closes: dt.date,
    person: Participant | None,
    today: dt.date,
    tandem: str | None,
    title: Text | None = None,
) -> Survey:
    """Somebody's survey on an occasion; of who pauses today, one that opens when they are back."""
    survey = Survey(
        id=survey_id(programme.id, questionnaire, occasion, participant),
        programme=programme.id,
        participant=participant,
        side=side,
        questionnaire=questionnaire,
        version=version,
        opens=opens,
        closes=closes,
        rules_version=programme.rules_version,
        due=reminder_day(opens, closes),
        tandem=tandem,
        questionnaire_title=title,
    )
    return standing(survey, person, today)


def opened(programme: Programme, surveys: Iterable[Survey]) -> Iterable[Contract]:
    """What is said of surveys that have opened: to everybody, and to the person in words."""
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
