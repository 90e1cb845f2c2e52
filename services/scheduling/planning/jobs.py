"""Long work: planning a tandem's meetings, another time for one, clearing a plan."""

import datetime as dt
from typing import NamedTuple

from pydantic import BaseModel, Field

from services.scheduling.availability.busy import busy_of
from services.scheduling.availability.gatherings import gatherings_of
from services.scheduling.availability.rests import rest_of
from services.scheduling.availability.tandem import Busy
from services.scheduling.model import DAY, Diary, Pair, Participant, Programme
from services.scheduling.planning.beside import beside
from shared.contracts.parts import NOBODY, SchedulingRules, WorkingTime
from shared.contracts.scheduling import PlanLevels
from shared.runtime.decision import Internal
from shared.runtime.table import Reader

NOTICE = dt.timedelta(days=2)
"""Before a first meeting."""
DAY_MINUTES = 24 * 60

# Pieces


class PlanMeeting(Internal):
    """A meeting to be planned; `key` tells which of the tandem's it is, `instead` that it takes another's place.

    `closed` are the term's holidays on weekdays: who answers a suggestion has working days for it.
    """

    tandem_id: str
    key: str
    date: dt.date
    start: int
    minutes: int
    instead: bool = False
    closed: tuple[dt.date, ...] = ()
    most: int | None = None
    """Meetings that the tandem shall have at most with this one: two jobs that plan what is missing add no more."""


class GiveUp(Internal):
    """A planned meeting that a new plan of all that is to come does without, with the time that it had then."""

    meeting_id: str
    date: dt.date
    start: int
    minutes: int


class Planned(Internal):
    """Everything of a plan was handed over; what it is worth is the sum over all tandems that were planned together."""

    tandem_id: str
    wanted: int
    found: int
    largest_gap_days: int | None
    problem: str | None
    late_days: int = 0
    together: int = 1
    proved: bool | None = None
    levels: PlanLevels | None = None
    bound: PlanLevels | None = None
    fewest_missing: int | None = None
    rules_version: int = 1
    again: bool = False
    closed: tuple[dt.date, ...] = ()
    anew: int | None = None
    """How many meetings are new, where what is missing or all that is to come was planned anew."""
    since: dt.date | None = None
    """The day on which a rest was over, after which the rest of the term was planned anew."""


class ClearMeeting(Internal):
    """A planned meeting of a tandem that ended: after its last day it will not be."""

    meeting_id: str


class TimeTaken(Internal):
    """A planned meeting whose time one of the two has no more, as their calendar says; at the time looked at.

    One of `several` is not told of and not replaced by itself. `by_week`: their working times say so, not the calendar.
    """

    meeting_id: str
    date: dt.date
    start: int
    several: bool = False
    by_week: bool = False


class SeveralTaken(Internal):
    """Several planned meetings of a tandem whose times were taken at once."""

    tandem_id: str
    meetings: tuple[GiveUp, ...]


# Inputs


class PlanInputs(BaseModel):
    """What a plan is made of; `taken` are the tandem's own meetings, `busy` is when one of them is elsewhere.

    Where another time is sought, it is one for the meeting `key`, `after` a day. `planned` are those of `taken` that
    are still to come. Not `known`: what registration said of
    one of the people has not come yet. While one of them pauses nothing is planned before `not_before`, and nothing at
    all if there is no end to it (`running` is False): what is missing is planned when they are back. `beside` are the
    tandems to be planned together with this one (`beside.beside`): each one's own job comes to the same plans.
    """

    tandem_id: str
    people: tuple[str, ...] = ()
    known: bool = True
    running: bool = True
    first: dt.date = dt.date.min
    not_before: dt.date = dt.date.min
    last: dt.date = dt.date.min
    mentor: tuple[WorkingTime, ...] = ()
    mentee: tuple[WorkingTime, ...] = ()
    rules: SchedulingRules = Field(default_factory=SchedulingRules)
    rules_version: int = 1
    taken: tuple[Busy, ...] = ()
    planned: tuple[GiveUp, ...] = ()
    busy: tuple[Busy, ...] = ()
    key: str = ""
    after: dt.date = dt.date.min
    beside: tuple["PlanInputs", ...] = ()


class Clearing(BaseModel):
    """The planned meetings of a tandem that ended."""

    meetings: tuple[str, ...]


async def plan_inputs(ref: str, read: Reader) -> PlanInputs:
    """The tandem `ref` with both people's working times and other meetings, and the tandems to be planned with it."""
    inputs, pair = await _inputs(ref, read), await read.get(Pair, ref)
    if pair is None or not (inputs.known and inputs.running):
        return inputs
    others = [await _inputs(id, read) for id in await beside(pair, read)]
    return inputs.model_copy(update={"beside": tuple(other for other in others if other.known and other.running)})


def begins_on(pair: Pair, programme: Programme) -> dt.date:
    """The first day on which a tandem may meet."""
    return max(pair.formed_on + NOTICE, programme.term.starts)


def is_time_left(pair: Pair, today: dt.date) -> bool:
    """Whether another time for a tandem can be sought: it runs, a rest of it has an end, and days are left then."""
    rest = pair.rests[-1] if pair.resting else None
    if pair.status != "running" or (rest is not None and rest.last is None):
        return False
    back = rest.last + DAY if rest is not None and rest.last is not None else today
    return max(today + NOTICE, back) <= pair.ends_on


async def _inputs(tandem_id: str, read: Reader) -> PlanInputs:
    pair = await read.get(Pair, tandem_id)
    programme = await read.get(Programme, pair.programme or "") if pair else None
    mentor = await read.get(Participant, pair.mentor) if pair else None
    mentee = await read.get(Participant, pair.mentee) if pair else None
    if pair is not None and NOBODY in pair.people:
        return PlanInputs(tandem_id=tandem_id, running=False)
    if pair is None or programme is None or mentor is None or mentee is None:
        return PlanInputs(tandem_id=tandem_id, known=False)
    programme = programme.on(read.today)
    first = begins_on(pair, programme)
    rest = rest_of((mentor, mentee), read.today)
    return PlanInputs(
        tandem_id=tandem_id,
        people=pair.people,
        running=pair.status == "running" and (rest is None or rest.last is not None),
        first=first,
        not_before=rest.last + DAY if rest is not None and rest.last is not None else first,
        last=pair.ends_on,
        mentor=mentor.working_times,
        mentee=mentee.working_times,
        rules=programme.rules,
        rules_version=programme.rules_version,
        taken=tuple(Busy(slot.date, slot.start, slot.minutes) for slot in pair.slots if slot.status != "cancelled"),
        planned=tuple(
            GiveUp(meeting_id=slot.meeting, date=slot.date, start=slot.start, minutes=slot.minutes)
            for slot in pair.slots
            if slot.status == "planned"
        ),
        busy=(
            *await _busy(pair, read),
            *await gatherings_of(pair.programme or "", pair.people, read),
            *(each for busy in await busy_of(read, pair.people, first, pair.ends_on) for each in busy),
            # Who cancels a day is not asked for another hour of it.
            *(Busy(slot.date, 0, DAY_MINUTES) for slot in pair.slots if slot.status == "cancelled"),
        ),
    )


async def _busy(pair: Pair, read: Reader) -> tuple[Busy, ...]:
    """When the two meet others: the planned meetings of their other running tandems."""
    diaries = [await read.get(Diary, who) for who in pair.people]
    ids = sorted({id for diary in diaries if diary is not None for id in diary.tandems} - {pair.id})
    others = [await read.get(Pair, id) for id in ids]
    slots = [slot for other in others if other is not None for slot in other.slots if slot.status == "planned"]
    return tuple(Busy(slot.date, slot.start, slot.minutes) for slot in slots)


class Instead(NamedTuple):
    """What another time is sought for: a meeting of a tandem by its `key`, and the day after which it shall be."""

    tandem: str
    after: dt.date
    key: str

    def text(self) -> str:
        """As a job's reference."""
        return f"{self.tandem}|{self.after.isoformat()}|{self.key}"

    @classmethod
    def parse(cls, text: str) -> "Instead":
        """From a job's reference."""
        tandem, after, key = text.split("|", 2)
        return cls(tandem, dt.date.fromisoformat(after), key)


async def instead_inputs(ref: str, read: Reader) -> PlanInputs:
    """The same for another time for one meeting."""
    wanted = Instead.parse(ref)
    inputs = await _inputs(wanted.tandem, read)
    return inputs.model_copy(update={"key": wanted.key, "after": wanted.after})


async def clearing(ref: str, read: Reader) -> Clearing:
    """The planned meetings of a tandem that ended: those after its last day, and those of which nobody knows yet."""
    pair = await read.get(Pair, ref)
    slots = pair.slots if pair is not None else ()
    return Clearing(meetings=tuple(s.meeting for s in slots if s.status == "planned"))


def clear(inputs: Clearing) -> tuple[ClearMeeting, ...]:
    """One piece a meeting."""
    return tuple(ClearMeeting(meeting_id=id) for id in inputs.meetings)
