"""What scheduling remembers of rooms."""

import datetime as dt

from services.scheduling.model import Meeting
from shared.runtime.aggregate import Aggregate
from shared.runtime.ids import derived_id


class RoomDay(Aggregate, kind="room-day"):
    """One room on one day, and the meetings that were given it: a dozen at most.

    Who gives the room writes it, so that two jobs never give it twice. What moved or was cancelled since may still
    stand here: where a meeting is, and when, the meeting itself says (`taken_by`).
    """

    room: str
    date: dt.date
    meetings: tuple[str, ...] = ()

    @staticmethod
    def id_of(programme: str, room: str, date: dt.date) -> str:
        """The id of a room's day."""
        return derived_id("room-day", programme, room, date)

    def taken_by(self, meeting: Meeting) -> bool:
        """Whether a meeting that stands here has the room still."""
        here = meeting.place is not None and meeting.place.room == self.room
        return meeting.status == "planned" and meeting.date == self.date and here
