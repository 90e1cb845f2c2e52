"""Which state each message concerns, and what the ids of surveys and answers derive from."""

from typing import NamedTuple

from services.evaluation.jobs import Made, MoveAnswer
from services.evaluation.model import Answer, Held, Pair, Participant, Programme, Report, Survey
from shared.contracts import evaluation as e
from shared.contracts.matching import TandemState
from shared.contracts.registration import ParticipantState, ProgrammeArchived, ProgrammeState
from shared.contracts.scheduling import MeetingState, MeetingUnknown
from shared.runtime.decision import DueReached, Get
from shared.runtime.ids import derived_id


def survey_id(programme: str, questionnaire: str, occasion: str, participant: str) -> str:
    """A person's survey on an occasion; mid-term and final are occasions that a person has once in a programme."""
    return derived_id("survey", programme, questionnaire, occasion, participant)


class PairState(NamedTuple):
    """A tandem with its programme."""

    pair: Pair | None
    programme: Programme | None


class Asking(NamedTuple):
    """A tandem, its programme, the surveys that its people may have already, and its people."""

    pair: Pair | None
    programme: Programme | None
    known: frozenset[str] = frozenset()
    people: tuple[Participant, ...] = ()


class HeldState(NamedTuple):
    """A meeting, as it was counted, with its tandem, its programme and its people."""

    held: Held | None
    pair: Pair | None
    programme: Programme | None
    people: tuple[Participant, ...] = ()


class Answering(NamedTuple):
    """A survey and the answer that it may have already; `over`: the key that leads to answers is destroyed."""

    survey: Survey | None
    answer: Answer | None = None
    over: bool = False


class Moving(NamedTuple):
    """A survey with its answer as an earlier release took it, and the one under the programme's key."""

    survey: Survey
    earlier: Answer
    answer: Answer | None


class Surveyed(NamedTuple):
    """A survey with its programme, and whose it is."""

    survey: Survey | None
    programme: Programme | None
    participant: Participant | None = None


class Reporting(NamedTuple):
    """A programme and its last report."""

    programme: Programme | None
    report: Report | None


def programme_of(message: ProgrammeState | ProgrammeArchived, get: Get) -> Programme | None:
    """The programme."""
    return get(Programme, message.programme_id)


def pair_of(message: TandemState, get: Get) -> PairState:
    """The tandem and its programme."""
    return PairState(get(Pair, message.tandem_id), get(Programme, message.programme_id))


def participant_of(message: ParticipantState, get: Get) -> Participant | None:
    """The participant."""
    return get(Participant, message.participant_id)


def pair_due(message: DueReached, get: Get) -> Asking:
    """The tandem whose day has come, with what its people were asked on the occasions that come once a person."""
    pair = get(Pair, message.subject.removeprefix("tandem/"))
    if pair is None or pair.programme is None:
        return Asking(pair, None)
    programme = get(Programme, pair.programme)
    people = [who for _, who in pair.sides]
    ids = [survey_id(pair.programme, name, name, who) for name in ("mid-term", "final") for who in people]
    known = frozenset(survey.id for survey in get.all(Survey, ids) if survey is not None)
    return Asking(pair, programme, known, _people(pair, get))


def _people(pair: Pair, get: Get) -> tuple[Participant, ...]:
    found = get.all(Participant, [who for _, who in pair.sides])
    return tuple(person for person in found if person is not None)


def held_of(message: MeetingState | MeetingUnknown, get: Get) -> HeldState:
    """The meeting, its tandem, its programme and its people."""
    pair = get(Pair, message.tandem_id)
    people = _people(pair, get) if pair is not None else ()
    return HeldState(get(Held, message.meeting_id), pair, get(Programme, message.programme_id), people)


def answering(message: e.SubmitAnswers, get: Get) -> Answering:
    """The survey, and the answer under its keyed id: the programme's, or as an earlier release took it."""
    survey = get(Survey, message.survey_id)
    if survey is None or survey.programme is None:
        return Answering(survey)
    id = get.sealed(survey.programme, "answer", survey.id)
    if id is None:
        return Answering(survey, over=True)
    found = get.all(Answer, (id, get.keyed("answer", survey.id)))
    return Answering(survey, next((answer for answer in found if answer is not None), None))


def programme_of_answer(message: e.SubmitAnswers, get: Get) -> str | None:
    """The programme of a survey; None where there is no such survey."""
    survey = get(Survey, message.survey_id)
    return survey.programme if survey is not None else None


def moving(message: MoveAnswer, get: Get) -> Moving | None:
    """An answer that an earlier release took; None where there is none, or the programme's key is destroyed."""
    survey = get(Survey, message.survey_id)
    earlier = get(Answer, get.keyed("answer", message.survey_id))
    if survey is None or survey.programme is None or earlier is None:
        return None
    id = get.sealed(survey.programme, "answer", survey.id)
    return Moving(survey, earlier, get(Answer, id)) if id is not None else None


def survey_due(message: DueReached, get: Get) -> Surveyed:
    """The survey whose day has come, its programme, and whose it is."""
    survey = get(Survey, message.subject.removeprefix("survey/"))
    if survey is None or survey.programme is None:
        return Surveyed(survey, None)
    return Surveyed(survey, get(Programme, survey.programme), get(Participant, survey.participant))


def reporting(message: e.RequestReport | Made, get: Get) -> Reporting:
    """The programme and its last report."""
    return Reporting(get(Programme, message.programme_id), get(Report, message.programme_id))
