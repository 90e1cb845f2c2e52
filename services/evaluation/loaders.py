"""Which state each message concerns, and what the ids of surveys and answers derive from."""

from typing import NamedTuple

from services.evaluation.jobs import AskSomebody, Made, MoveAnswer
from services.evaluation.model import Answer, Held, Pair, Participant, Programme, Questionnaire, Report, Survey
from services.evaluation.questionnaires import RELEASED
from shared.contracts import evaluation as e
from shared.contracts.matching import TandemState
from shared.contracts.registration import ParticipantState, ProgrammeArchived, ProgrammeState
from shared.contracts.scheduling import KickOffHeld, MeetingState, MeetingUnknown
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached, Get
from shared.runtime.ids import derived_id


def survey_id(programme: str, questionnaire: str, occasion: str, participant: str) -> str:
    """A person's survey on an occasion; the baseline, mid-term and final come once to a person in a programme."""
    return derived_id("survey", programme, questionnaire, occasion, participant)


ONCE = ("baseline", "mid-term", "final")
"""What a person is asked once in a programme, whatever tandems they are in."""


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
    """A survey, the answer that it may have already, and its questionnaire where that is one of the office's own.

    `over`: the key that leads to answers is destroyed. `reports`: how many of the programme have been said.
    """

    survey: Survey | None
    answer: Answer | None = None
    over: bool = False
    own: Questionnaire | None = None
    reports: int = 0


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
    ids = [survey_id(pair.programme, name, name, who) for name in ONCE for who in people]
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
    """The survey, its questionnaire, and the answer under its keyed id: the programme's, or an earlier release's."""
    survey = get(Survey, message.survey_id)
    if survey is None or survey.programme is None:
        return Answering(survey)
    own = None
    if (survey.questionnaire, survey.version) not in RELEASED:
        own = get(Questionnaire, Questionnaire.id_of(survey.programme, survey.questionnaire, survey.version))
    id = get.sealed(survey.programme, "answer", survey.id)
    if id is None:
        return Answering(survey, over=True, own=own)
    found = get.all(Answer, (id, get.keyed("answer", survey.id)))
    programme = get(Programme, survey.programme)
    earlier = next((answer for answer in found if answer is not None), None)
    return Answering(survey, earlier, own=own, reports=programme.told if programme is not None else 0)


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


class AskingOne(NamedTuple):
    """Somebody who is to be asked, their programme, the questionnaire, and whether they were asked already."""

    programme: Programme | None
    questionnaire: Questionnaire | None
    person: Participant | None
    asked: bool


def asking_one(message: AskSomebody, get: Get) -> AskingOne:
    """Who is to be asked, and what."""
    programme, who = message.programme_id, message.participant_id
    asked = get(Survey, survey_id(programme, message.questionnaire, message.occasion, who))
    id = Questionnaire.id_of(programme, message.questionnaire, message.version)
    person = get(Participant, who)
    return AskingOne(get(Programme, programme), get(Questionnaire, id), person, asked is not None)


def kicked_off(message: KickOffHeld, get: Get) -> Programme | None:
    """The programme whose kick-off was held."""
    return get(Programme, message.programme_id)


class Adding(NamedTuple):
    """A programme, the versions of a questionnaire of the office's own, and what the office was told of the last."""

    programme: Programme | None
    versions: tuple[Questionnaire, ...]
    sign: Attention | None = None


def adding(message: e.AddQuestionnaire, get: Get) -> Adding:
    """The programme, and every version of the questionnaire up to the one that is added."""
    numbers = range(1, message.version + 1)
    ids = [Questionnaire.id_of(message.programme_id, message.questionnaire, number) for number in numbers]
    found = tuple(version for version in get.all(Questionnaire, ids) if version is not None)
    sign = get(Attention, not_asked_id(found[-1].id)) if found else None
    return Adding(get(Programme, message.programme_id), found, sign)


def not_asked_id(questionnaire: str) -> str:
    """The id of what the office is told of a questionnaire that could not be asked."""
    return derived_id("questionnaire-not-asked", questionnaire)


class Opening(NamedTuple):
    """A questionnaire whose day has come, and its programme."""

    questionnaire: Questionnaire | None
    programme: Programme | None


def questionnaire_due(message: DueReached, get: Get) -> Opening:
    """The questionnaire whose day has come, and its programme."""
    found = get(Questionnaire, message.subject.removeprefix("questionnaire/"))
    return Opening(found, get(Programme, found.programme) if found is not None and found.programme else None)


def survey_due(message: DueReached, get: Get) -> Surveyed:
    """The survey whose day has come, its programme, and whose it is."""
    survey = get(Survey, message.subject.removeprefix("survey/"))
    if survey is None or survey.programme is None:
        return Surveyed(survey, None)
    return Surveyed(survey, get(Programme, survey.programme), get(Participant, survey.participant))


def reporting(message: e.RequestReport | Made, get: Get) -> Reporting:
    """The programme and its last report."""
    return Reporting(get(Programme, message.programme_id), get(Report, message.programme_id))
