"""The job that finds what a service holds on one person (`shown.py`): by its table's `Concerns`, and in what it keeps.

Of a message that waits, is to be tried again or lies in quarantine it tells what it is; what it says only where that
surely names nobody else (Art. 15(4) GDPR).
"""

import datetime as dt
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts.base import Holding
from shared.runtime.aggregate import Aggregate
from shared.runtime.batch import KEPT
from shared.runtime.engine import Engine
from shared.runtime.erasing import concerns_of
from shared.runtime.held import UNREADABLE
from shared.runtime.ids import keyed_id
from shared.runtime.item import Item
from shared.runtime.naming import may_name_others, names
from shared.runtime.ports import Record
from shared.runtime.programme_keys import ProgrammeKey
from shared.runtime.shown import Shown
from shared.runtime.store_reader import PAGE, StoreReader
from shared.runtime.table import Concerns, all_of_it, nothing_shown

PART_BYTES = 400_000
"""Of the broker's limit of one MiB for a message."""
MESSAGE = "message"
"""What a kept message is called among what is held."""
STEP = "step"
"""What the type of a service's own step is called: by its name it might tell what others said in confidence."""


async def held_on(engine: Engine, ref: str, attempt: int, beat: Callable[[], Awaitable[None]]) -> tuple[Shown, ...]:
    """All that the service holds on the person whom a job's reference names, in messages of a bounded size.

    `attempt` grows with each that the job makes: what is held may be another time something else. Raises Unavailable.
    """
    # A job of the release before does not say which question it answers.
    request, named, asked = (*ref.split("|"), "0")[:3]
    pairs = [pair.split("/") for pair in named.split(",")]
    people = frozenset(participant for _, participant in pairs)
    programmes = sorted({programme for programme, _ in pairs})
    found: list[list[Holding]] = [[]]
    size = 0
    async for holding in _all(engine, programmes, people, beat):
        more = len(holding.model_dump_json())
        if found[-1] and size + more > PART_BYTES:
            found.append([])
            size = 0
        found[-1].append(holding)
        size += more
    return tuple(
        Shown(
            request_id=request,
            number=number,
            parts=len(found),
            asked=int(asked),
            attempt=attempt,
            holdings=tuple(part),
        )
        for number, part in enumerate(found)
    )


async def _all(
    engine: Engine, programmes: Collection[str], people: frozenset[str], beat: Callable[[], Awaitable[None]]
) -> AsyncIterator[Holding]:
    for concerns in (c for c in concerns_of(engine.who.service) if c.shows is not nothing_shown):
        async for holding in _holdings(engine, concerns, programmes, people, beat):
            yield holding
    after = f"{KEPT}/"
    while page := await engine.store.find(KEPT, None, after, PAGE):
        for record in page:
            item = engine.desk.from_kept(record)
            if names(engine.who, item, people, programmes, about=True) and _may_know_of(item, people):
                yield _message(record, item, people)
        after = page[-1].subject
        await beat()


def _may_know_of(item: Item, people: frozenset[str]) -> bool:
    """Whether somebody may know that a message is kept which names them: nothing of what others say in private.

    What somebody is shown of their own data is just that, and what came as a command and cannot be read may be.
    """
    unread = item.type == UNREADABLE and item.stored["intake"] != "events"
    unseen = item.private or unread or item.type == f"piece:{Shown.__name__}"
    return not unseen or (item.actor or "").lower() in people


def _message(record: Record, item: Item, people: frozenset[str]) -> Holding:
    """What a person is shown of a kept message that names them."""
    state = record.state or {}
    fields: dict[str, Any] = {
        "type": STEP if "piece" in item.stored else item.label,
        "since": dt.datetime.fromisoformat(state["since"]).date().isoformat(),
        "status": state["status"],
    }
    said = _says(item, people)
    fields |= {"names_others": True} if said is None else {"data": said}
    return Holding(kind=MESSAGE, programme_id=None, id=record.subject.partition("/")[2], fields=fields)


def _says(item: Item, people: frozenset[str]) -> dict[str, Any] | None:
    """What a message says, if that is about these people alone; None wherever it might be otherwise.

    What another person or the office asked may name others in words, as may what does not fit its contract; a service's
    own step is nobody's to read.
    """
    if item.message is None or "piece" in item.stored or item.sender == "office":
        return None
    if item.actor is not None and item.actor.lower() not in people:
        return None
    said = item.message.model_dump(mode="json")
    return None if may_name_others(said, people) else said


async def _holdings(
    engine: Engine,
    concerns: Concerns,
    programmes: Collection[str],
    people: frozenset[str],
    beat: Callable[[], Awaitable[None]],
) -> AsyncIterator[Holding]:
    kind = concerns.aggregate.kind
    for programme in [None] if concerns.everywhere else programmes:
        after = f"{kind}/"
        while page := await engine.store.find(kind, programme, after, PAGE):
            for record in page:
                aggregate = concerns.aggregate.from_stored(record.subject, record.state or {})
                if people.isdisjoint(concerns.people(aggregate)):
                    continue
                fields = concerns.shows(aggregate, people)
                if fields is not None:
                    beside = await _beside(engine, concerns, aggregate, people)
                    said = json.loads(json.dumps({**fields, **beside}, default=str))
                    yield Holding(kind=kind, programme_id=aggregate.programme, id=aggregate.id, fields=said)
            after = page[-1].subject
            await beat()


async def _beside(
    engine: Engine, concerns: Concerns, aggregate: Aggregate, people: frozenset[str]
) -> Mapping[str, Any]:
    """What only the service's keys lead to from there, by its kind."""
    if concerns.leads_to is None:
        return {}
    found = concerns.leads_to(aggregate, await _ids_of(engine, aggregate.programme or ""))
    if found is None:
        return concerns.led_nowhere
    for kind, id in found:
        other = await StoreReader(engine).get(kind, id)
        if other is not None:
            return {other.kind: all_of_it(other, people)}
    return {}


@dataclass(frozen=True, slots=True)
class _Ids:
    """The ids that the service's own key, and one programme's, lead to."""

    own: bytes
    of_programme: bytes | None

    def keyed(self, *parts: object) -> str:
        return keyed_id(self.own, *parts)

    def sealed(self, programme: str, *parts: object) -> str | None:
        return keyed_id(self.of_programme, *parts) if self.of_programme is not None else None


async def _ids_of(engine: Engine, programme: str) -> _Ids:
    """The ids of a service, with those of a programme's key if it seals any. Raises KeyAway."""
    who = engine.who
    if who.service.sealed is None:
        return _Ids(who.key, None)
    known = await StoreReader(engine).get(ProgrammeKey, programme)
    gone = known is not None and known.destroyed
    return _Ids(who.key, None if gone else who.keys.key(programme, known.fingerprint if known else None))
