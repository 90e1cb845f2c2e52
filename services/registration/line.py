"""The fair order of who finds room in a programme with a limit, and the work that follows from it. Pure.

Nobody is counted while people register: whoever is first at nine o'clock would win, and each registration would write
one document. All may register until the close; then come those who wait since an earlier round or programme, the
longest first, and after them a lot decides that everybody can check: the order of SHA-256 over
`programme_id|participant_id`. A participant_id is an HMAC under the deployment's key, so nobody can choose a good one.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from services.registration.model import Participant, Programme
from shared.contracts.parts import Side
from shared.runtime.decision import Internal
from shared.runtime.table import Again, Reader


class HeldBack(Internal):
    """Somebody who found no room when registration closed, with their place in line, from 1."""

    programme_id: str
    participant_id: str
    line: int


class Admit(Internal):
    """Somebody for whom there is room now."""

    programme_id: str
    participant_id: str


class Standing(BaseModel):
    """Where somebody stands in a programme."""

    model_config = ConfigDict(frozen=True)

    participant_id: str
    role: Side
    registered: bool = True
    waiting_since: dt.date | None = None
    admitted: bool = True
    line: int | None = None


class Room(BaseModel):
    """Everybody who ever registered in a programme, and how many of each role find room (None: all)."""

    programme_id: str
    closing: bool = False
    people: tuple[Standing, ...]
    mentors_at_most: int | None = None
    mentees_at_most: int | None = None

    @property
    def limits(self) -> dict[Side, int | None]:
        """The limit of each role."""
        return {"mentor": self.mentors_at_most, "mentee": self.mentees_at_most}

    def registered(self, role: Side) -> list[Standing]:
        """Who of a role takes part or waits in line."""
        return [person for person in self.people if person.registered and person.role == role]


async def room_in(ref: str, read: Reader) -> Room:
    """Everybody who ever registered in the programme `ref`, with its limits as of today."""
    programme = await read.get(Programme, ref)
    people = tuple(standing(p) for p in await read.find(Participant, ref))
    if programme is None:
        return Room(programme_id=ref, people=people)
    rules = programme.on(read.today).rules.registration
    return Room(
        programme_id=ref,
        closing=programme.status == "closing",
        people=people,
        mentors_at_most=rules.mentors_at_most,
        mentees_at_most=rules.mentees_at_most,
    )


def standing(participant: Participant) -> Standing:
    """Where a participant stands."""
    return Standing(
        participant_id=participant.id,
        role=participant.role,
        registered=participant.status == "registered",
        waiting_since=participant.waiting_since,
        admitted=participant.admitted,
        line=participant.line,
    )


def lot(programme_id: str, participant_id: str) -> str:
    """Somebody's lot in a programme; the lowest comes first."""
    return hashlib.sha256(f"{programme_id}|{participant_id}".encode()).hexdigest()


def fair_order(programme_id: str, people: Iterable[Standing]) -> list[Standing]:
    """Who waits the longest first, then by lot."""
    return sorted(people, key=lambda p: (p.waiting_since or dt.date.max, lot(programme_id, p.participant_id)))


def held_back(room: Room) -> tuple[HeldBack, ...]:
    """Who finds no room at the close, each role with a line of its own."""
    return tuple(
        HeldBack(programme_id=room.programme_id, participant_id=person.participant_id, line=place)
        for role, limit in room.limits.items()
        if limit is not None
        for place, person in enumerate(fair_order(room.programme_id, room.registered(role))[limit:], start=1)
    )


def admit(room: Room) -> tuple[Admit, ...] | Again:
    """Who moves up: the first in line, as many as there is room for.

    Two of these at once admit nobody too many: the later one picks whom the earlier one has not admitted yet first.
    Somebody picked who leaves before is not admitted; their leaving starts this again. While registration is closing
    nobody knows yet who stands in line.
    """
    if room.closing:
        return Again()
    found: list[Admit] = []
    for role, limit in room.limits.items():
        registered = room.registered(role)
        line = sorted((p for p in registered if not p.admitted), key=lambda p: p.line or 0)
        free = len(line) if limit is None else max(0, limit - (len(registered) - len(line)))
        found += [Admit(programme_id=room.programme_id, participant_id=p.participant_id) for p in line[:free]]
    return tuple(found)
