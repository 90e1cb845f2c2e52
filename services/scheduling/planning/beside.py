"""Which tandems are planned together: those that lead from one to the other by shared people, and have no plan yet."""

from services.scheduling.model import Diary, Pair, Plan
from services.scheduling.optimum.hanging import HangingTogether
from shared.runtime.table import Reader

MOST = 6
"""So many tandems at most are planned together: a mentor takes three (`Profile.capacity`)."""


async def beside(pair: Pair, read: Reader) -> tuple[str, ...]:
    """The ids of the running tandems to be planned together with this one, which is not among them.

    The set is the same whichever of them it is asked for; one that grows too large is none: each is planned by itself
    then, around what the others have already.
    """
    group = HangingTogether(pair.id, pair.people)
    while len(group.found) <= MOST and (who := group.ask()) is not None:
        diary = await read.get(Diary, who)
        for id in diary.tandems if diary is not None else ():
            other = await read.get(Pair, id) if id not in group.found else None
            if other is not None and await read.get(Plan, id) is None:
                group.add(id, other.people)
    return tuple(sorted(group.found - {pair.id})) if len(group.found) <= MOST else ()
