"""The job that finds what a service holds on one person (`shown.py`), by its table's `Concerns`."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Any

from shared.contracts.base import Holding
from shared.runtime.aggregate import Aggregate
from shared.runtime.engine import Engine
from shared.runtime.ids import keyed_id
from shared.runtime.shown import Shown
from shared.runtime.store_reader import PAGE, StoreReader
from shared.runtime.table import Concerns, all_of_it

PART_BYTES = 400_000
"""Of the broker's limit of one MiB for a message."""


async def held_on(engine: Engine, ref: str, beat: Callable[[], Awaitable[None]]) -> tuple[Shown, ...]:
    """All that the service holds on the person whom a job's reference names, in messages of a bounded size.

    Raises Unavailable.
    """
    request, _, named = ref.partition("|")
    pairs = [pair.split("/") for pair in named.split(",")]
    people = frozenset(participant for _, participant in pairs)
    programmes = sorted({programme for programme, _ in pairs})
    found: list[list[Holding]] = [[]]
    size = 0
    for concerns in engine.who.service.concerns:
        async for holding in _holdings(engine, concerns, programmes, people, beat):
            more = len(holding.model_dump_json())
            if found[-1] and size + more > PART_BYTES:
                found.append([])
                size = 0
            found[-1].append(holding)
            size += more
    return tuple(
        Shown(request_id=request, number=number, parts=len(found), holdings=tuple(part))
        for number, part in enumerate(found)
    )


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
) -> dict[str, Mapping[str, Any]]:
    """What only the service's key leads to from there, by its kind."""
    found = concerns.leads_to(aggregate, partial(keyed_id, engine.who.key)) if concerns.leads_to else None
    other = await StoreReader(engine).get(*found) if found else None
    return {other.kind: all_of_it(other, people)} if other is not None else {}
