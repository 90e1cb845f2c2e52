"""The job that says again what a service has published (`say_again.py`): a page a transaction, however much it is."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from shared.contracts.base import Event
from shared.runtime import trace
from shared.runtime.batch import EVENTS
from shared.runtime.engine import Engine
from shared.runtime.envelope import wrap
from shared.runtime.ids import derived_id
from shared.runtime.ports import Outgoing, Record
from shared.runtime.say_again import EVERYTHING, published_by
from shared.runtime.table import Publishes


async def say_everything(engine: Engine, job: dict[str, Any], cause: str, beat: Callable[[], Awaitable[None]]) -> int:
    """Say again what the job's reference names, a page a transaction; how many subjects.

    Nothing is remembered of how far it came: who takes the job up again says the first ones once more, with the same
    ids. Raises what the store raises, and LookupError where an event is not about its aggregate.
    """
    programme = None if job["ref"] == EVERYTHING else job["ref"]
    count = 0
    for published in published_by(engine.who.service):
        kind = published.aggregate.kind
        after = f"{kind}/"
        while page := await engine.store.find(kind, programme, after, engine.limits.batch):
            said = [_letter(engine, published, record, job, cause) for record in page]
            letters = tuple(letter for letter in said if letter is not None)
            await engine.room()
            if letters:
                await engine.commit(replace(engine.bookkeeping(), outbox=letters))
            count += len(letters)
            after = page[-1].subject
            await beat()
    return count


def _letter(engine: Engine, published: Publishes, record: Record, job: dict[str, Any], cause: str) -> Outgoing | None:
    """The envelope of a subject's newest state; None where nothing was ever said of it.

    Its id comes from the cause too: a reader that has put an earlier one aside is to look at this one.
    """
    if not record.sequence or record.state is None:
        return None
    event: Event | None = published.say(published.aggregate.from_stored(record.subject, record.state))
    if event is None:
        return None
    if event.subject != record.subject:
        raise LookupError(f"{event.name} is said again about another subject than {published.aggregate.kind}")
    who = engine.who
    id = derived_id(who.source, who.epoch, record.subject, record.sequence, event.name, "again", cause)
    body = wrap(
        event,
        id=id,
        source=who.source,
        subject=record.subject,
        time=dt.datetime.fromisoformat(job["time"]),
        correlationid=job["correlation"],
        causationid=cause,
        sequence=record.sequence,
        epoch=who.epoch,
        traceparent=trace.child(job["traceparent"], job["correlation"], id),
    ).encode()
    return Outgoing(EVENTS, event.name, body, id)
