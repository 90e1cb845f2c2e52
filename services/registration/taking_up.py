"""Programmes that ended before there was retention: a release before this one let them wait for no day."""

from pydantic import BaseModel

from services.registration.model import Programme
from shared.contracts.scheduling import DayStarted
from shared.runtime.decision import NOTHING, Context, Decision, Get, Internal, Outcome, Start
from shared.runtime.table import Reader


class WithoutADay(BaseModel):
    """Programmes that have ended and wait for no day."""

    programmes: tuple[str, ...]


class TakeUp(Internal):
    """A programme that has ended and waits for no day."""

    programme_id: str


def nothing(message: DayStarted, get: Get) -> None:
    """A day needs no state."""


def look_for_forgotten(message: DayStarted, state: None, context: Context) -> Outcome:
    """Look each month for programmes of a release before this one, which waited for nothing after their end.

    Retention is counted in months at least, and a job costs transactions.
    """
    if message.date.day != 1:
        return NOTHING
    return Decision(jobs=(Start("take-up", message.date.isoformat()),))


async def without_a_day(ref: str, read: Reader) -> WithoutADay:
    """Programmes that have ended and wait for no day."""
    found = await read.find(Programme, None)
    return WithoutADay(programmes=tuple(p.id for p in found if p.status == "ended" and p.due is None))


def take_all_up(inputs: WithoutADay) -> tuple[TakeUp, ...]:
    """One piece a programme."""
    return tuple(TakeUp(programme_id=id) for id in inputs.programmes)


def programme_taken_up(message: TakeUp, get: Get) -> Programme | None:
    """The programme."""
    return get(Programme, message.programme_id)


def take_up(message: TakeUp, programme: Programme | None, context: Context) -> Outcome:
    """Give a programme the day on which its retention goes on."""
    if programme is None or programme.status != "ended" or programme.due is not None:
        return NOTHING
    return Decision(state=(programme.quietly(),))
