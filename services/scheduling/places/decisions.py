"""Decisions about places: meetings get a room or an address by video once their times stand.

Times come first: a plan never waits for a room. Each day one job looks at the meetings of the next days (`jobs`);
what is accepted, added or moved later has the same job look again. No document holds all rooms: each room has one a
day, which whoever gives the room writes, so of two jobs that saw it free the second finds it taken, and looks again.
The meeting is written with it, so none gets a place for a time at which it is no more.
"""

from services.scheduling.model import DAY, REMINDED, Meeting
from services.scheduling.places.jobs import EVERY, GivePlace, gets_a_place
from services.scheduling.places.loaders import PlaceState
from services.scheduling.places.model import RoomDay
from services.scheduling.say import at, both, where
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Start


def look_each_day(message: s.DayStarted, state: None, context: Context) -> Outcome:
    """Have places given to the meetings of the next days, those that were missed so far among them."""
    return Decision(jobs=(Start("places", EVERY),))


def give_place(message: GivePlace, state: PlaceState, context: Context) -> Outcome:
    """Give a meeting its place, unless it has another time or place by now; look again where the room was taken since.

    Both are told where the first reminder, which names it, was due already.
    """
    meeting, programme, pair, day, others = state
    if meeting is None or programme is None:
        return NOTHING
    same = (meeting.date, meeting.start, meeting.place) == (message.date, message.start, message.before)
    if not same or not gets_a_place(meeting, context.today):
        return Decision(state=(meeting,))
    placed = meeting.next(place=message.place)
    written: list[Aggregate] = [placed, *([pair.with_slot(placed)] if pair is not None else [])]
    if message.place.room is not None:
        day = day or RoomDay(
            id=RoomDay.id_of(programme.id, message.place.room, message.date),
            programme=programme.id,
            room=message.place.room,
            date=message.date,
        )
        still = [other for other in others if day.taken_by(other) and other.id != meeting.id]
        if any(_overlap(other, meeting) for other in still):
            return Decision(state=(meeting, day), jobs=(Start("places", programme.id),))
        written.append(day.but(meetings=(*(other.id for other in still), meeting.id)))
    told: list[Contract] = []
    if context.today >= meeting.date - REMINDED[0] * DAY:
        told += both(programme, meeting.people, "place", place=where(placed, programme), **at(placed))
    return Decision(state=tuple(written), messages=(s.MeetingPlaced(**placed.published()), *told))


def _overlap(one: Meeting, other: Meeting) -> bool:
    return one.start < other.start + other.minutes and other.start < one.start + one.minutes
