"""Which state each message concerns, and what the ids of surveys and answers derive from."""

from typing import NamedTuple

from services.evaluation.jobs import Made
from services.evaluation.model import Answer, Held, Pair, Programme, Report, Survey
from shared.contracts import evaluation as e
from shared.contracts.matching import TandemState
from shared.contracts.registration import ProgrammeState
from shared.contracts.scheduling import MeetingHeld
from shared.runtime.decision import DueReached, Get
from shared.runtime.ids import derived_id

PULSES = 3
"""A pulse after the second held meeting and then after every third: one a month, so that nobody tires of stars."""


def survey_id(programme: str, questionnaire: str, occasion: object, participant: str) -> str:
    """A person's survey on an occasion: a second tandem's second meeting asks nobody twice."""
    return derived_id("survey", programme, questionnaire, occasion, participant)


class PairState(NamedTuple):
    """A tandem with its programme."""

    pair: Pair | None
    programme: Programme | None


class Asking(NamedTuple):
    """A tandem, its programme, and the surveys that both people may have already on these occasions."""

    pair: Pair | None
    programme: Programme | None
    surveys: dict[str, Survey | None]


class HeldState(NamedTuple):
    """A held meeting with whom to ask about it."""

    held: Held | None
    asking: Asking


class Answering(NamedTuple):
    """A survey and the answer that it may have already."""

    survey: Survey | None
    answer: Answer | None


class Surveyed(NamedTuple):
    """A survey with its programme."""

    survey: Survey | None
    programme: Programme | None


class Reporting(NamedTuple):
    """A programme and its last report."""

    programme: Programme | None
    report: Report | None


def programme_of(message: ProgrammeState, get: Get) -> Programme | None:
    """The programme."""
    return get(Programme, message.programme_id)


def pair_of(message: TandemState, get: Get) -> PairState:
    """The tandem and its programme."""
    return PairState(get(Pair, message.tandem_id), get(Programme, message.programme_id))


def pair_due(message: DueReached, get: Get) -> Asking:
    """The tandem whose day has come, with what its people may have been asked."""
    pair = get(Pair, message.subject.removeprefix("tandem/"))
    if pair is None or pair.programme is None:
        return Asking(None, None, {})
    programme = get(Programme, pair.programme)
    occasions = (("mid-term", "mid-term"), ("final", "final"), ("parting", pair.id))
    return Asking(pair, programme, _surveys(get, pair, occasions))


def _surveys(get: Get, pair: Pair, occasions: tuple[tuple[str, object], ...]) -> dict[str, Survey | None]:
    ids = [survey_id(pair.programme or "", name, on, who) for name, on in occasions for _, who in pair.sides]
    return dict(zip(ids, get.all(Survey, ids), strict=True))


def held_of(message: MeetingHeld, get: Get) -> HeldState:
    """The meeting, and whom a pulse would ask."""
    held = get(Held, message.meeting_id)
    pair = get(Pair, message.tandem_id)
    if pair is None or message.number is None or message.number % PULSES != 2:
        return HeldState(held, Asking(pair, None, {}))
    programme = get(Programme, message.programme_id)
    return HeldState(held, Asking(pair, programme, _surveys(get, pair, (("pulse", message.number),))))


def answering(message: e.SubmitAnswers, get: Get) -> Answering:
    """The survey, and the answer under its keyed id."""
    return Answering(get(Survey, message.survey_id), get(Answer, get.keyed("answer", message.survey_id)))


def survey_due(message: DueReached, get: Get) -> Surveyed:
    """The survey whose day has come, and its programme."""
    survey = get(Survey, message.subject.removeprefix("survey/"))
    return Surveyed(survey, get(Programme, survey.programme) if survey and survey.programme else None)


def reporting(message: e.RequestReport | Made, get: Get) -> Reporting:
    """The programme and its last report."""
    return Reporting(get(Programme, message.programme_id), get(Report, message.programme_id))
