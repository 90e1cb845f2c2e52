"""Which state each message concerns, and what the ids of surveys and answers derive from."""

from typing import NamedTuple

from services.evaluation.jobs import Made
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
    """A survey and the answer that it may have already."""

    survey: Survey | None
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
    """The survey, and the answer under its keyed id."""
    return Answering(get(Survey, message.survey_id), get(Answer, get.keyed("answer", message.survey_id)))


def survey_due(message: DueReached, get: Get) -> Surveyed:
    """The survey whose day has come, its programme, and whose it is."""
    survey = get(Survey, message.subject.removeprefix("survey/"))
    if survey is None or survey.programme is None:
        return Surveyed(survey, None)
    return Surveyed(survey, get(Programme, survey.programme), get(Participant, survey.participant))


def reporting(message: e.RequestReport | Made, get: Get) -> Reporting:
    """The programme and its last report."""
    return Reporting(get(Programme, message.programme_id), get(Report, message.programme_id))
