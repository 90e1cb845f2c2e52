"""Long work on gatherings: their dates, who is invited late, who is reminded, whom a cancellation concerns.

Who can come follows from working times, the calendar, the meetings of one's own tandems and other gatherings. Seats are
counted by jobs alone, of which one works on a gathering at a time: two people never get the last one.
"""

import datetime as dt
from collections import Counter

from pydantic import BaseModel

from services.scheduling.availability.busy import busy_of
from services.scheduling.availability.gatherings import invited_elsewhere
from services.scheduling.availability.tandem import Busy, joined
from services.scheduling.gatherings.model import AnyGathering, Guest, When, gathering_kind
from services.scheduling.gatherings.seating import seated
from services.scheduling.model import Pair, Participant, Programme
from shared.contracts.parts import SchedulingRules, WorkingTime
from shared.runtime.decision import Internal
from shared.runtime.table import Reader

# Pieces


class GatheringFound(Internal):
    """The best dates of a gathering, if any."""

    gathering: str
    planned: int
    dates: tuple[When, ...]
    invited: int
    can_come: int
    bound: int
    proved: bool


class InviteGuest(Internal):
    """Somebody to be invited to a date of a gathering; None: they can come to none."""

    gathering: str
    planned: int
    participant_id: str
    number: int | None


class RemindGuest(Internal):
    """Somebody to be reminded of a gathering tomorrow."""

    gathering: str
    participant_id: str
    date: dt.date


class CallOff(Internal):
    """Somebody to be told that a gathering is cancelled."""

    gathering: str
    participant_id: str
    planned: int


# Inputs


class Asked(BaseModel):
    """Somebody who is asked: the usual week, and what is taken of the days that matter."""

    id: str
    times: tuple[WorkingTime, ...]
    busy: tuple[Busy, ...] = ()

    def comes(self, date: dt.date, start: int, minutes: int) -> bool:
        """Whether they work and are free all the time."""
        works = any(t.weekday == date.weekday() and t.start <= start <= t.end - minutes for t in joined(self.times))
        return works and not any(
            other.date == date and other.start < start + minutes and start < other.start + other.minutes
            for other in self.busy
        )


class DatesInputs(BaseModel):
    """What the dates of a gathering are chosen from; nothing where it is not looked for any more."""

    gathering: str
    planned: int = 0
    earliest: dt.date = dt.date.max
    latest: dt.date = dt.date.min
    minutes: int = 0
    dates: int = 1
    seats: int | None = None
    rules: SchedulingRules = SchedulingRules()
    people: tuple[Asked, ...] = ()


class LateInputs(BaseModel):
    """Who has no date of a gathering yet, and the dates that are left with their seats; `told`: they know it."""

    gathering: str
    planned: int = 0
    minutes: int = 0
    dates: tuple[tuple[int, When, int | None], ...] = ()
    people: tuple[Asked, ...] = ()
    told: frozenset[str] = frozenset()


class Guests(BaseModel):
    """People who are to hear something of a gathering."""

    gathering: str
    planned: int = 0
    date: dt.date = dt.date.min
    people: tuple[str, ...] = ()


def comes(participant: Participant, today: dt.date) -> bool:
    """Whether somebody takes part and does not pause."""
    return participant.status == "registered" and not participant.pauses(today)


async def _gathering(subject: str, read: Reader) -> AnyGathering | None:
    return await read.get(gathering_kind(subject), subject.partition("/")[2])


async def _asked(
    gathering: AnyGathering, first: dt.date, last: dt.date, read: Reader, but: frozenset[str] = frozenset()
) -> tuple[Asked, ...]:
    """Everybody of those whom it is for, in the order of their ids, but for some."""
    programme = gathering.programme or ""
    running = [pair for pair in await read.find(Pair, programme) if pair.status == "running"]
    meets: dict[str, list[Busy]] = {}
    for pair in running:
        taken = [
            Busy(s.date, s.start, s.minutes) for s in pair.slots if s.status == "planned" and first <= s.date <= last
        ]
        for who in pair.people:
            meets.setdefault(who, []).extend(taken)
    people = [p for p in await read.find(Participant, programme) if p.id not in but and comes(p, read.today)]
    if gathering.for_whom == "tandems":
        people = [p for p in people if p.id in meets]
    people = [p for p in people if gathering.is_for(p.role)]
    away = await busy_of(read, [p.id for p in people], first, last)
    elsewhere = await invited_elsewhere(gathering, read)
    return tuple(
        Asked(id=p.id, times=p.working_times, busy=(*meets.get(p.id, ()), *elsewhere.get(p.id, ()), *taken))
        for p, taken in zip(people, away, strict=True)
    )


async def dates_inputs(ref: str, read: Reader) -> DatesInputs:
    """Everybody whom the gathering `ref` is for, with their times in the days that the office offers."""
    gathering = await _gathering(ref, read)
    if gathering is None or gathering.status != "sought" or gathering.earliest is None or gathering.latest is None:
        return DatesInputs(gathering=ref)
    programme = await read.get(Programme, gathering.programme or "")
    return DatesInputs(
        gathering=ref,
        planned=gathering.planned,
        earliest=gathering.earliest,
        latest=gathering.latest,
        minutes=gathering.minutes,
        dates=gathering.dates_at_most,
        seats=gathering.seats,
        rules=programme.on(read.today).rules if programme else SchedulingRules(),
        people=await _asked(gathering, gathering.earliest, gathering.latest, read),
    )


async def late_inputs(ref: str, read: Reader) -> LateInputs:
    """Who has no date of the gathering `ref`: registered, back or in a tandem since, or without a seat so far."""
    gathering = await _gathering(ref, read)
    if gathering is None or gathering.status != "scheduled":
        return LateInputs(gathering=ref)
    guests = [g for g in await read.find(Guest, gathering.programme) if g.invited_to(gathering)]
    there = await read.all(Participant, [g.participant for g in guests])
    still = {p.id for p in there if p is not None and p.status == "registered"}
    taken = Counter((g.date, g.start) for g in guests if g.date is not None and g.participant in still)
    seats = gathering.seats
    left = tuple(
        (number, when, None if seats is None else max(0, seats - taken[when.date, when.start]))
        for number, when in enumerate(gathering.dates)
        if when.date >= read.today
    )
    invited = frozenset(g.participant for g in guests if g.date is not None)
    if gathering.kind == "kick-off" and gathering.planned == 1:
        invited |= {p.id for p in await read.find(Participant, gathering.programme) if p.invited}
    return LateInputs(
        gathering=ref,
        planned=gathering.planned,
        minutes=gathering.minutes,
        dates=left,
        people=await _asked(gathering, gathering.dates[0].date, gathering.dates[-1].date, read, invited),
        told=frozenset(g.participant for g in guests if g.date is None),
    )


def invite_late(inputs: LateInputs) -> tuple[InviteGuest, ...]:
    """A date for each, as far as seats are left; who stays without one is told so once."""
    if not inputs.dates:
        return ()
    can_come = [
        frozenset(
            n for n, (_, when, _) in enumerate(inputs.dates) if asked.comes(when.date, when.start, inputs.minutes)
        )
        for asked in inputs.people
    ]
    found = seated(can_come, [seats for _, _, seats in inputs.dates])
    return tuple(
        InviteGuest(
            gathering=inputs.gathering,
            planned=inputs.planned,
            participant_id=asked.id,
            number=None if at is None else inputs.dates[at][0],
        )
        for asked, at in zip(inputs.people, found, strict=True)
        if at is not None or asked.id not in inputs.told
    )


def reminding_ref(gathering: str, date: dt.date) -> str:
    """What reminding works on: a gathering, and one of its days."""
    return f"{gathering}|{date.isoformat()}"


async def reminding(ref: str, read: Reader) -> Guests:
    """Who is invited to a gathering on a day; who was only invited today needs no reminder."""
    subject, _, day = ref.rpartition("|")
    date = dt.date.fromisoformat(day)
    gathering = await _gathering(subject, read)
    if gathering is None or gathering.status != "scheduled":
        return Guests(gathering=subject)
    guests = [g for g in await read.find(Guest, gathering.programme) if g.invited_to(gathering)]
    people = tuple(g.participant for g in guests if g.date == date and g.asked_on < read.today)
    earlier = await _asked_earlier(gathering, read) if date == gathering.date else ()
    return Guests(gathering=subject, date=date, people=(*people, *earlier))


async def _asked_earlier(gathering: AnyGathering, read: Reader) -> tuple[str, ...]:
    """Whom an earlier release invited to the kick-off, which kept nothing but that it had."""
    if gathering.kind != "kick-off" or gathering.planned != 1:
        return ()
    known = {g.participant for g in await read.find(Guest, gathering.programme) if g.gathering == gathering.subject}
    return tuple(p.id for p in await read.find(Participant, gathering.programme) if p.invited and p.id not in known)


def remind(inputs: Guests) -> tuple[RemindGuest, ...]:
    """One piece a person."""
    return tuple(RemindGuest(gathering=inputs.gathering, participant_id=id, date=inputs.date) for id in inputs.people)


def calling_off_ref(gathering: AnyGathering) -> str:
    """What calling a gathering off works on: its planning that will not be."""
    return f"{gathering.subject}|{gathering.planned}"


async def calling_off(ref: str, read: Reader) -> Guests:
    """Who was invited to a date of the cancelled planning that is not over."""
    subject, _, planned = ref.rpartition("|")
    gathering = await _gathering(subject, read)
    guests = await read.find(Guest, gathering.programme) if gathering is not None else []
    mine = [g for g in guests if g.gathering == subject and g.planned == int(planned)]
    people = tuple(g.participant for g in mine if g.date is not None and g.date >= read.today)
    to_come = gathering is not None and gathering.date is not None and gathering.date >= read.today
    earlier = await _asked_earlier(gathering, read) if gathering is not None and to_come else ()
    return Guests(gathering=subject, planned=int(planned), people=(*people, *earlier))


def call_off(inputs: Guests) -> tuple[CallOff, ...]:
    """One piece a person."""
    return tuple(CallOff(gathering=inputs.gathering, participant_id=id, planned=inputs.planned) for id in inputs.people)
