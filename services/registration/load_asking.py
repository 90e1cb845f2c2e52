"""Which state a question to the office concerns."""

from typing import NamedTuple

from services.registration.model import Participant, Programme, Question, StillOpen
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached, Get
from shared.runtime.ids import derived_id


class Asking(NamedTuple):
    """A question with who asked it, their programme, the exception that the office has of it, and what else is open."""

    question: Question | None
    participant: Participant | None
    programme: Programme | None
    attention: Attention | None
    still_open: StillOpen | None


def question_attention(question_id: str) -> str:
    """The id of the exception by which a question waits for the office."""
    return derived_id("attention", "question-open", question_id)


def asking_office(message: r.AskOffice, get: Get) -> Asking:
    """Who asks, and whether they asked the same before."""
    id = get.keyed("question", message.participant_id, message.question)
    participant = get(Participant, message.participant_id)
    return _with(get(Question, id), participant, get, question_attention(id))


def answering_question(message: r.AnswerQuestion, get: Get) -> Asking:
    """The question and who asked it."""
    return _asked(message.question_id, get)


def question_due(message: DueReached, get: Get) -> Asking:
    """The question that was not answered in time."""
    return _asked(message.subject.removeprefix("question/"), get)


def _asked(id: str, get: Get) -> Asking:
    question = get(Question, id)
    if question is None:
        return Asking(None, None, None, None, None)
    return _with(question, get(Participant, question.participant), get, question_attention(id))


def _with(question: Question | None, participant: Participant | None, get: Get, attention: str) -> Asking:
    programme = get(Programme, participant.programme) if participant and participant.programme else None
    still_open = get(StillOpen, participant.id) if participant is not None else None
    return Asking(question, participant, programme, get(Attention, attention), still_open)
