"""What a raised epoch begins: the service was restored from a backup, and it and its readers have to catch up.

The database remembers the epoch that it was last run with. Under a higher one the service says everything that it
published again, in the new epoch, and asks every owner whom it reads to do the same for what it has lost itself; both
are written in the transaction that remembers the epoch, so they happen once, whichever replica starts first.
"""

from dataclasses import replace

from shared.runtime.aggregate import Aggregate
from shared.runtime.batch import COMMANDS, LIGHT
from shared.runtime.engine import Engine
from shared.runtime.envelope import wrap
from shared.runtime.ids import derived_id
from shared.runtime.ports import Conflict, Outgoing, Record
from shared.runtime.say_again import EVERYTHING, SAY_JOB, owners_read


class EpochError(Exception):
    """The service is run with a lower epoch than its database was; one line that says what to set."""


class Epoch(Aggregate, kind="_epoch"):
    """The epoch that the database was last run with."""

    number: int


async def take_up(engine: Engine) -> None:
    """Remember the epoch, and begin what a raised one begins.

    Raises EpochError under a lower epoch than before, and Unavailable.
    """
    number = engine.who.epoch
    subject = "_epoch/epoch"
    while True:
        before = (await engine.read((), (subject,))).records.get(subject) or Record(subject, "_epoch")
        known = Epoch.from_stored(before.subject, before.state).number if before.state else None
        if known is not None and known > number:
            name = engine.who.service.name
            raise EpochError(
                f"the database of {name} was run with epoch {known}, and TANDEM_EPOCH is {number}: set it to {known}, "
                "or after a restore higher"
            )
        if known == number:
            return
        # A database of before epochs were remembered, or an empty one, under a raised epoch was restored as well.
        raised = known is not None or number > 1
        state = Epoch(id="epoch", number=number).model_dump(mode="json")
        change = engine.bookkeeping(writes=(replace(before, version=before.version + 1, state=state),))
        if raised:
            job, asks = _said_anew(engine, number), _asks(engine, number)
            change = replace(change, writes=(*change.writes, job), outbox=asks)
        try:
            await engine.commit(change)
        except Conflict:
            continue  # another replica was first; it is read again
        if raised:
            engine.observer.log("epoch raised", id=str(number), type="epoch")
        return


async def overtaken(engine: Engine) -> str | None:
    """Why this replica must end: another runs under a higher epoch, and readers pass over what this one says.

    Raises Unavailable.
    """
    subject = "_epoch/epoch"
    record = (await engine.read((), (subject,))).records.get(subject)
    known = Epoch.from_stored(subject, record.state).number if record and record.state else 0
    if known <= engine.who.epoch:
        return None
    return f"another replica runs under epoch {known}, this one under {engine.who.epoch}; set TANDEM_EPOCH to {known}"


def _cause(engine: Engine, number: int) -> str:
    return derived_id(engine.who.source, "epoch", number)


def _said_anew(engine: Engine, number: int) -> Record:
    """The job that says everything in the new epoch."""
    cause, now = _cause(engine, number), engine.clock.now().isoformat()
    state = {
        "job": SAY_JOB,
        "ref": EVERYTHING,
        "correlation": cause,
        "time": now,
        "reply_to": None,
        "traceparent": None,
        "attempts": 0,
        "tries": 0,
        "since": now,
    }
    return Record(subject=f"_job/{cause}", kind=LIGHT, version=1, state=state, due=now)


def _asks(engine: Engine, number: int) -> tuple[Outgoing, ...]:
    """Commands to the owners whom this service reads."""
    cause = _cause(engine, number)
    found = []
    for command in owners_read(engine.who.service):
        id = derived_id(cause, command.name)
        envelope = wrap(command(), id=id, source=engine.who.source, time=engine.clock.now(), correlationid=cause)
        found.append(Outgoing(COMMANDS, command.name, envelope.encode(), id))
    return tuple(found)
