"""Work on what somebody's pause touches: each of their tandems, and the meetings planned within its rest."""

import datetime as dt

from pydantic import BaseModel

from services.scheduling.model import Diary, Pair
from services.scheduling.planning.jobs import Instead
from shared.runtime.decision import Internal
from shared.runtime.table import Reader


class RestTandem(Internal):
    """A tandem of somebody whose pause began, changed or is over."""

    tandem_id: str


class ClearInRest(Internal):
    """A meeting planned for a day on which its tandem rests."""

    meeting_id: str


class Touched(BaseModel):
    """The running tandems of somebody."""

    tandems: tuple[str, ...]


class InRest(BaseModel):
    """The meetings planned within a rest."""

    meetings: tuple[str, ...]


async def touched(ref: str, read: Reader) -> Touched:
    """The running tandems of the person `ref`."""
    diary = await read.get(Diary, ref)
    return Touched(tandems=diary.tandems if diary is not None else ())


def rest(inputs: Touched) -> tuple[RestTandem, ...]:
    """One piece a tandem."""
    return tuple(RestTandem(tandem_id=id) for id in inputs.tandems)


def in_rest_ref(tandem_id: str, after: dt.date) -> str:
    """What clearing a rest works on: a tandem, and the day after which its rest is new to the two."""
    return Instead(tandem_id, after, "").text()


async def in_rest(ref: str, read: Reader) -> InRest:
    """The meetings planned within a tandem's rest, after a day."""
    tandem_id, after, _ = Instead.parse(ref)
    pair = await read.get(Pair, tandem_id)
    slots = pair.slots if pair is not None else ()
    found = [s.meeting for s in slots if s.status == "planned" and s.date > after and pair and pair.rests_on(s.date)]
    return InRest(meetings=tuple(found))


def clear_rest(inputs: InRest) -> tuple[ClearInRest, ...]:
    """One piece a meeting."""
    return tuple(ClearInRest(meeting_id=id) for id in inputs.meetings)
