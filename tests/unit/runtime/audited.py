"""An audit in memory: what a replica wrote of it, and whether it holds."""

import datetime as dt
from typing import Any

from shared.contracts.scheduling import DayStarted
from shared.runtime.audit_check import Figures, Known, checked
from shared.runtime.seals import Seal, content_of
from tests.support.shop import LIBRARY, Join
from tests.unit.runtime.engine_in_memory import Replica

DAY = dt.date(2027, 1, 12)


def links(replica: Replica) -> list[dict[str, Any]]:
    """Every link, as it is shown."""
    audit = replica.database.audit
    return [audit[id].document() for id in sorted(audit)]


def entries(replica: Replica) -> list[dict[str, Any]]:
    """What every link says, one after the other."""
    return [entry for link in links(replica) for entry in link["entries"]]


def seals(replica: Replica) -> list[dict[str, Any]]:
    """Every seal, as it is shown."""
    records = sorted(replica.database.records.items())
    return [content_of(record.state or {}) for _, record in records if record.kind == Seal.kind]


def holds(replica: Replica, **outside: Any) -> Figures:
    """The audit is checked, on the day of its newest seal."""
    today = max((dt.date.fromisoformat(seal["date"]) for seal in seals(replica)), default=DAY)
    known = Known(today, replica.engine.audit_years, **outside)
    return checked(replica.service.name, seals(replica), links(replica), known)


async def joined(replica: Replica, *members: str) -> None:
    """Each of these joins, in a batch of their own."""
    for member in members:
        replica.send(Join(club="c", member=member), actor=member)
        await replica.settle()


def heir_of(replica: Replica, owner: str = "library-1") -> Replica:
    """The same servers, and another process under this name."""
    heir = replica.changed(LIBRARY)
    heir.engine.owner, heir.engine.token = owner, map(f"heir-of-{owner}-{{}}".format, range(99)).__next__
    heir.engine.audit_years, heir._ids = replica.engine.audit_years, replica._ids
    return heir


async def day(replica: Replica, date: dt.date, sequence: int = 1) -> None:
    """A day starts, and what is due on it is done."""
    replica.send(DayStarted(date=date), sequence=sequence, epoch=1)
    await replica.settle()
