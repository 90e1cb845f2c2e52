"""Asking many people on one day: before the tandems begin, or something of the office's own. A piece a person."""

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from pydantic import BaseModel

from services.evaluation.jobs import AskSomebody
from services.evaluation.loaders import AskingOne
from services.evaluation.model import DAY, Pair, Participant, Programme, Questionnaire
from services.evaluation.questionnaires import RELEASED
from services.evaluation.surveys import opened, survey_of
from shared.contracts.evaluation import AskedOf
from shared.contracts.parts import Side
from shared.contracts.scheduling import KickOffHeld
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Start, Wait
from shared.runtime.table import Reader

ASKED_OF: Mapping[AskedOf, tuple[Side, ...]] = {
    "mentors": ("mentor",),
    "mentees": ("mentee",),
    "both": ("mentor", "mentee"),
}
"""Which sides are asked."""
BASELINE = "baseline"


class Wave(NamedTuple):
    """What a job asks: a questionnaire of a programme, on a day."""

    programme: str
    questionnaire: str
    version: int
    opens: dt.date

    def start(self) -> Start:
        """The start of the job."""
        return Start("ask", f"{self.programme}|{self.questionnaire}|{self.version}|{self.opens.isoformat()}")

    @classmethod
    def parse(cls, ref: str) -> "Wave":
        """From a job's reference."""
        programme, questionnaire, version, opens = ref.split("|")
        return cls(programme, questionnaire, int(version), dt.date.fromisoformat(opens))


class Audience(BaseModel):
    """Whom a job asks, each once."""

    pieces: tuple[AskSomebody, ...]


def kick_off_held(message: KickOffHeld, programme: Programme | None, context: Context) -> Outcome:
    """Ask everybody who has registered, the day after the last date; who comes later is asked with their tandem.

    Once: a kick-off that is said again must not ask who has registered since, long after it.
    """
    if programme is None:
        return Wait(f"programme/{message.programme_id}")
    if programme.kicked_off or "people" in programme.gone:
        return NOTHING
    dates = [date for date in (message.date, *(more.date for more in message.more_dates)) if date is not None]
    wave = Wave(programme.id, BASELINE, programme.version_of(BASELINE), max(dates, default=context.today) + DAY)
    return Decision(state=(programme.but(kicked_off=True),), jobs=(wave.start(),))


async def audience(ref: str, read: Reader) -> Audience:
    """Everybody who has registered, of one of the office's own everybody in a running tandem on the sides asked."""
    wave = Wave.parse(ref)
    if wave.questionnaire == BASELINE:
        people = await read.find(Participant, wave.programme)
        there = {p.id: (p.side, None) for p in people if not p.withdrawn and p.side is not None}
        return _pieces(wave, BASELINE, there)
    own = await read.get(Questionnaire, Questionnaire.id_of(wave.programme, wave.questionnaire, wave.version))
    pairs = await read.find(Pair, wave.programme)
    asked = ASKED_OF[own.asked_of] if own is not None else ()
    running = [(who, side, pair.id) for pair in pairs if pair.status == "running" for side, who in pair.sides]
    return _pieces(wave, str(wave.version), {who: (side, tandem) for who, side, tandem in running if side in asked})


def _pieces(wave: Wave, occasion: str, people: Mapping[str, tuple[Side, str | None]]) -> Audience:
    return Audience(
        pieces=tuple(
            AskSomebody(
                programme_id=wave.programme,
                questionnaire=wave.questionnaire,
                version=wave.version,
                occasion=occasion,
                participant_id=who,
                side=side,
                tandem=tandem,
                opens=wave.opens,
            )
            for who, (side, tandem) in people.items()
        )
    )


def pieces(inputs: Audience) -> tuple[AskSomebody, ...]:
    """One piece a person."""
    return inputs.pieces


def ask_somebody(message: AskSomebody, state: AskingOne, context: Context) -> Outcome:
    """Ask somebody, unless they were asked already, have left, or the survey's last day would be over.

    Two who ask the same person at one moment, this and their first tandem, write a survey of one id: one of the two is
    decided again, and sees the other's. Who leaves at this moment was asked just before.
    """
    programme, questionnaire, person, asked = state
    if programme is None or asked or "answers" in programme.gone:
        return NOTHING
    if questionnaire is None and (message.questionnaire, message.version) not in RELEASED:
        return NOTHING
    if person is None or person.withdrawn:
        return NOTHING
    programme = programme.on(context.today)
    closes = min(programme.last_day(message.opens), programme.latest_end(message.questionnaire))
    if not max(message.opens, context.today) <= closes:
        return NOTHING
    survey = survey_of(
        programme,
        message.participant_id,
        message.side,
        questionnaire=message.questionnaire,
        version=message.version,
        occasion=message.occasion,
        opens=message.opens,
        closes=closes,
        person=person,
        today=context.today,
        tandem=message.tandem,
        title=questionnaire.title if questionnaire is not None and questionnaire.own else None,
    )
    return Decision(state=(survey,), messages=tuple(opened(programme, (survey,))))
