"""Which state a meeting's place concerns."""

from typing import NamedTuple

from services.scheduling.model import Meeting, Pair, Programme
from services.scheduling.places.jobs import GivePlace
from services.scheduling.places.model import RoomDay
from shared.contracts import scheduling as s
from shared.runtime.decision import Get


class PlaceState(NamedTuple):
    """A meeting with its tandem and programme; where it shall get a room, that room's day and who has been given it."""

    meeting: Meeting | None
    programme: Programme | None
    pair: Pair | None = None
    day: RoomDay | None = None
    others: tuple[Meeting, ...] = ()


def no_state(message: s.DayStarted, get: Get) -> None:
    """A day needs no state: its job reads what there is."""


def placing(message: GivePlace, get: Get) -> PlaceState:
    """The meeting, and the day of the room that it shall get."""
    meeting = get(Meeting, message.meeting_id)
    if meeting is None:
        return PlaceState(None, None)
    programme = meeting.programme or ""
    pair = get(Pair, meeting.tandem)
    room = message.place.room
    if room is None:
        return PlaceState(meeting, get(Programme, programme), pair)
    id = RoomDay.id_of(programme, room, message.date)
    get.ahead((Programme, programme), (RoomDay, id))
    day = get(RoomDay, id)
    others = get.all(Meeting, day.meetings) if day is not None and day.meetings else ()
    given = tuple(other for other in others if other is not None)
    return PlaceState(meeting, get(Programme, programme), pair, day, given)
