"""Which meetings of a day get which room, so that as many as possible have one. Pure.

By start, the first free room (interval partitioning: J. Kleinberg, E. Tardos: Algorithm Design. 2005, 4.1); where none
is free, the meeting that ends last stays without (M. Carlisle, E. Lloyd: On the k-coloring of intervals. Discrete
Applied Mathematics 59, 1995). Where nobody has a room yet no more meetings could have one; around rooms that are kept
it is a good way and no proof.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Booking(NamedTuple):
    """A meeting, from when to when, in minutes after midnight."""

    meeting: str
    start: int
    end: int

    def overlaps(self, other: "Booking") -> bool:
        """Whether both need a room at some minute."""
        return self.start < other.end and other.start < self.end


def rooms_for(wanted: Sequence[Booking], rooms: Sequence[str], kept: Mapping[str, Sequence[Booking]]) -> dict[str, str]:
    """For each meeting that gets one, by id, its room; `kept` is what has a room already. The same gives the same."""
    found: dict[str, str] = {}
    newest: dict[str, Booking] = {}
    for booking in sorted(wanted, key=lambda b: (b.start, b.end, b.meeting)):
        free = (room for room in rooms if _free(room, booking, newest, kept))
        room = next(free, None) or _of_a_longer(booking, newest)
        if room is None:
            continue
        before = newest.get(room)
        if before is not None and before.overlaps(booking):
            del found[before.meeting]
        found[booking.meeting], newest[room] = room, booking
    return found


def _free(room: str, booking: Booking, newest: Mapping[str, Booking], kept: Mapping[str, Sequence[Booking]]) -> bool:
    """By start: what came before the newest in a room is over when that begins."""
    others = (*kept.get(room, ()), *((newest[room],) if room in newest else ()))
    return not any(booking.overlaps(other) for other in others)


def _of_a_longer(booking: Booking, newest: Mapping[str, Booking]) -> str | None:
    """The room of the one that ends last of those that are going on, if it ends later than this one.

    Nothing that is kept lies within its time, so nothing lies within this one's.
    """
    ends, _, room = max(((other.end, other.meeting, room) for room, other in newest.items()), default=(0, "", None))
    return room if ends > booking.end else None
