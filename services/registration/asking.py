"""Decisions about questions to the office: each has a day by which the person hears (S15, S19)."""

from services.registration.checks import words
from services.registration.load_asking import Asking, question_attention
from services.registration.model import MOST_OPEN, Question, StillOpen
from services.registration.model.programmes import GRACE
from services.registration.say import NOBODY, addressed, needs_office, settle, waits_for_office
from shared.contracts import registration as r
from shared.contracts.base import Office, Reason
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse

UNKNOWN = reason("question_id", "unknown_question", words("unknown-question"))
ANSWERED = reason("question_id", "answered", words("question-answered-already"))


def ask_office(message: r.AskOffice, state: Asking, context: Context) -> Outcome:
    """Take a question down and say by when it is answered; who left may ask as well.

    Its id follows from the person and the words: who sends it twice has one question, and one mail. So many may be open
    at a time as somebody can answer.
    """
    participant, programme = state.participant, state.programme
    if context.actor != message.participant_id:
        # Alone: whether somebody takes part is nobody else's business.
        return refuse(reason("participant_id", "not_yours", words("only-yourself")))
    if participant is None or programme is None or programme.id != message.programme_id:
        return refuse(NOBODY)
    before = state.question
    if before is not None and before.status == "open":
        return Decision(state=(before,), messages=(r.QuestionAsked(**before.published()),))
    still_open = state.still_open or StillOpen(id=participant.id, programme=programme.id)
    if still_open.is_full("questions"):
        return refuse(too_many("question", "too-many-questions", programme.office))
    answer_by = programme.office_answers_by(context.today)
    question = Question(
        id=context.keyed("question", participant.id, message.question),
        programme=programme.id,
        participant=participant.id,
        question=message.question,
        asked_on=context.today,
        answer_by=answer_by,
        rules_version=programme.on(context.today).rules_version,
        due=answer_by + GRACE,
    )
    waits = waits_for_office(
        programme,
        question_attention(question.id),
        context.today,
        what="question-open",
        whom=(question.subject, participant.subject),
        answered_by=(r.AnswerQuestion.name,),
    )
    return Decision(
        state=(question, waits, still_open.opened("questions", question.id)),
        messages=(
            r.QuestionAsked(**question.published()),
            addressed(participant.id, programme, "question-asked", date=answer_by),
            needs_office(waits),
        ),
    )


def too_many(field: str, text: str, office: Office) -> Reason:
    """So many of somebody's wait for the office that no other may; in words of a key, which say whom to ask."""
    told = words(text, most=MOST_OPEN, office=office.name, mail=office.mail, phone=office.phone)
    return reason(field, "too_many_open", told)


def answer_question(message: r.AnswerQuestion, state: Asking, context: Context) -> Outcome:
    """Send the office's answer to the person; the same again is said again, another one is refused."""
    question, programme = state.question, state.programme
    if question is None or programme is None:
        return refuse(UNKNOWN)
    answered = question.but(status="answered", answer=message.answer, due=None)
    event = r.QuestionAnswered(**answered.published())
    if question.status == "answered":
        # Of two answers at once the one that is written second is decided again, and ends here.
        return Decision(state=(question,), messages=(event,)) if question.answer == message.answer else refuse(ANSWERED)
    told = addressed(question.participant, programme, "question-answered", answer=message.answer)
    settled, said = settle(state.attention)
    freed = (state.still_open.answered("questions", question.id),) if state.still_open is not None else ()
    return Decision(state=(answered, *settled, *freed), messages=(event, told, *said))


def not_answered(message: DueReached, state: Asking, context: Context) -> Outcome:
    """Tell the person the new day, and remind the office and its deputy; each time a day passes without an answer.

    The exception has a `Due` row of its own on the same day. Whichever of the two is woken first, it is `reminded` with
    the new day afterwards: the other row leaves alone what is not `open` any more.
    """
    question, programme, attention = state.question, state.programme, state.attention
    if question is None or programme is None or question.due is None or message.date < question.due:
        return NOTHING if question is None else Decision(state=(question,))
    if question.status == "answered":
        return Decision(state=(question.but(due=None),))
    answer_by = programme.office_answers_by(context.today)
    version = programme.on(context.today).rules_version
    delayed = question.but(answer_by=answer_by, rules_version=version, due=answer_by + GRACE)
    told = addressed(question.participant, programme, "question-delayed", date=answer_by)
    messages = (r.QuestionDelayed(**delayed.published()), told)
    if attention is None:
        return Decision(state=(delayed,), messages=messages)
    reminded = attention.but(status="reminded", by=answer_by, rules_version=version, due=None)
    return Decision(state=(delayed, reminded), messages=(*messages, needs_office(reminded)))
