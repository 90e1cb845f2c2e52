"""Which tandems are planned together: those that lead from one to the other by shared people, and have no plan yet."""

from services.scheduling.model import Diary, Pair, Plan
from shared.runtime.table import Reader

MOST = 6
"""So many tandems at most are planned together: a mentor takes three (`Profile.capacity`)."""


async def beside(pair: Pair, read: Reader) -> tuple[str, ...]:
    """The ids of the running tandems to be planned together with this one, which is not among them.

    The set is the same whichever of them it is asked for; one that grows too large is none: each is planned by itself
    then, around what the others have already.
    """
    found, people, asked = {pair.id}, list(pair.people), set(pair.people)
    while people:
        diary = await read.get(Diary, people.pop())
        for id in diary.tandems if diary is not None else ():
            other = await read.get(Pair, id) if id not in found else None
            if other is None or await read.get(Plan, id) is not None:
                continue
            found.add(id)
            people += [who for who in other.people if who not in asked]
            asked.update(other.people)
    return tuple(sorted(found - {pair.id})) if len(found) <= MOST else ()
