"""When a gathering takes people's time, as those who plan meetings ask for it."""

from collections.abc import Sequence

from services.scheduling.availability.tandem import Busy
from services.scheduling.gatherings.model import Agenda, AnyGathering, Gathering, Guest, KickOff
from shared.runtime.table import Reader


async def gatherings_of(programme: str, people: Sequence[str], read: Reader) -> tuple[Busy, ...]:
    """The dates of gatherings to come to which some of these people are invited."""
    found = []
    for gathering in await _to_come(programme, read):
        guests = await read.all(Guest, [Guest.id_of(gathering.subject, who) for who in people])
        found += [
            Busy(guest.date, guest.start, gathering.minutes)
            for guest in guests
            if guest is not None and guest.invited_to(gathering) and guest.date is not None and guest.start is not None
        ]
    return tuple(dict.fromkeys(found))


async def invited_elsewhere(gathering: AnyGathering, read: Reader) -> dict[str, list[Busy]]:
    """Who of a gathering's programme is invited to other gatherings to come, and when: nobody can be at two at once."""
    programme = gathering.programme or ""
    others = {each.subject: each for each in await _to_come(programme, read) if each.subject != gathering.subject}
    found: dict[str, list[Busy]] = {}
    for guest in await read.find(Guest, programme) if others else ():
        other = others.get(guest.gathering)
        if other is not None and guest.invited_to(other) and guest.date is not None and guest.start is not None:
            found.setdefault(guest.participant, []).append(Busy(guest.date, guest.start, other.minutes))
    return found


async def _to_come(programme: str, read: Reader) -> list[AnyGathering]:
    """The gatherings of a programme that are still to come: a handful."""
    agenda = await read.get(Agenda, programme)
    others = await read.all(Gathering, agenda.gatherings) if agenda is not None and agenda.gatherings else []
    found: list[AnyGathering | None] = [await read.get(KickOff, programme), *others]
    return [each for each in found if each is not None and each.status == "scheduled"]
