"""When a gathering takes people's time, as those who plan meetings ask for it."""

from collections.abc import Sequence

from services.scheduling.model_gatherings import Agenda, AnyGathering, Gathering, Guest, KickOff
from services.scheduling.planner import Busy
from shared.runtime.table import Reader


async def gatherings_of(programme: str, people: Sequence[str], read: Reader) -> tuple[Busy, ...]:
    """The dates of gatherings to come to which some of these people are invited."""
    agenda = await read.get(Agenda, programme)
    others = await read.all(Gathering, agenda.gatherings) if agenda is not None and agenda.gatherings else []
    to_come: list[AnyGathering] = [
        gathering
        for gathering in (await read.get(KickOff, programme), *others)
        if gathering is not None and gathering.status == "scheduled"
    ]
    found = []
    for gathering in to_come:
        guests = await read.all(Guest, [Guest.id_of(gathering.subject, who) for who in people])
        found += [
            Busy(guest.date, guest.start, gathering.minutes)
            for guest in guests
            if guest is not None and guest.invited_to(gathering) and guest.date is not None and guest.start is not None
        ]
    return tuple(dict.fromkeys(found))
