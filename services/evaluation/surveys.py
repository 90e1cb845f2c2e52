"""Decisions about whom to ask, when, and what is answered."""

import datetime as dt
from collections.abc import Iterable

from services.evaluation.loaders import Answering, Asking, HeldState, PairState, Surveyed, survey_id
from services.evaluation.model import Answer, Held, Pair, Programme, Survey
from services.evaluation.questionnaires import QUESTIONNAIRES, words
from shared.contracts import evaluation as e
from shared.contracts.base import Contract, Text
from shared.contracts.matching import TandemState
from shared.contracts.registration import ProgrammeState
from shared.contracts.scheduling import MeetingHeld
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Wait, reason, refuse

DAY = dt.timedelta(days=1)
REMINDER = 4 * DAY
"""So long before its last day everybody who was asked is reminded, whether they answered or not."""


def know_programme(message: ProgrammeState, before: Programme | None, context: Context) -> Outcome:
    """Take over a programme; newest state wins. Its due date is the day of the final report."""
    if before is not None and not before.seen < context.seen:
        return NOTHING
    rules = message.rules
    # The last surveys open the day after the term, close after their window, and end two days later.
    last = message.term.ends + (1 + rules.evaluation.window_days + 2 + 1) * DAY
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
        due=None if reported else last,
        seen=context.seen,
    )
    return Decision(state=(programme,))


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
        asked_mid_term=before.asked_mid_term if before else False,
        asked_at_end=before.asked_at_end if before else False,
        seen=context.seen,
    )
    return Decision(state=(pair.but(due=_next_survey(pair)),))


def _mid_term(pair: Pair) -> dt.date:
    return pair.formed_on + (pair.ends_on - pair.formed_on) / 2


def _next_survey(pair: Pair) -> dt.date | None:
    if pair.status == "running":
        return None if pair.asked_mid_term else _mid_term(pair)
    return None if pair.asked_at_end else pair.ends_on + DAY


def tandem_due(message: DueReached, state: Asking, context: Context) -> Outcome:
    """Ask both sides at mid-term and at the end; who parted early is asked about the fit only."""
    pair, programme, known = state
    if pair is None or programme is None:
        return NOTHING
    if pair.status == "running":
        asked = pair.but(asked_mid_term=True, due=None)
        surveys = _ask(programme, pair, "mid-term", "mid-term", _mid_term(pair), known)
    else:
        asked = pair.but(asked_at_end=True, due=None)
        name, occasion = ("final", "final") if pair.status == "completed" else ("parting", pair.id)
        surveys = _ask(programme, pair, name, occasion, pair.ends_on + DAY, known)
    return Decision(state=(asked, *surveys), messages=tuple(_opened(programme, surveys)))


def hold(message: MeetingHeld, state: HeldState, context: Context) -> Outcome:
    """Count a held meeting, and ask both sides after some of them."""
    held, (pair, programme, known) = state
    if held is not None:
        return NOTHING
    if pair is None:
        return Wait(f"tandem/{message.tandem_id}")
    counted = Held(id=message.meeting_id, programme=message.programme_id)
    if programme is None:
        return Decision(state=(counted,))
    # Held when nobody had said otherwise on the days given for that: a date that follows from the meeting's own.
    opens = message.date + (programme.held_after_days + 2) * DAY
    surveys = _ask(programme, pair, "pulse", message.number, opens, known)
    return Decision(state=(counted, *surveys), messages=tuple(_opened(programme, surveys)))


def _ask(
    programme: Programme, pair: Pair, name: str, occasion: object, opens: dt.date, known: dict[str, Survey | None]
) -> tuple[Survey, ...]:
    """A survey for each side that has none on this occasion."""
    made = []
    for side, participant in pair.sides:
        id = survey_id(programme.id, name, occasion, participant)
        if known.get(id) is None:
            closes = opens + (programme.window_days - 1) * DAY
            survey = Survey(
                id=id,
                programme=programme.id,
                participant=participant,
                side=side,
                questionnaire=name,
                version=QUESTIONNAIRES[name].version,
                opens=opens,
                closes=closes,
                due=closes - REMINDER,
            )
            made.append(survey)
    return tuple(made)


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


def submit(message: e.SubmitAnswers, state: Answering, context: Context) -> Outcome:
    """Take a person's answers once. The survey is not written: nothing tells who answered."""
    survey, earlier = state
    if survey is None:
        return refuse(reason("survey_id", "unknown_survey", words("unknown-survey")))
    found = QUESTIONNAIRES[survey.questionnaire].reasons(message.answers)
    if message.participant_id != survey.participant or context.actor != survey.participant:
        found.append(reason("participant_id", "not_yours", words("not-yours")))
    if survey.status == "closed":
        found.append(reason("survey_id", "closed", words("closed", closes=survey.closes)))
    if earlier is not None:
        found.append(reason("survey_id", "already_answered", words("already-answered")))
    if found:
        return refuse(*found)
    answer = Answer(
        id=context.keyed("answer", survey.id),
        programme=survey.programme,
        questionnaire=survey.questionnaire,
        version=survey.version,
        side=survey.side,
        answers={item: value for item, value in message.answers.items() if value is not None},
        comment=message.comment,
    )
    state_: tuple[Aggregate, ...] = (answer,)
    return Decision(state=state_, messages=(e.AnswersTaken(survey_id=survey.id),))
