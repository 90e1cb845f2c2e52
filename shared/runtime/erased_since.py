"""After a restore: everybody who was erased since the backup was made is erased again, before the service turns ready.

The list of erasures lies apart from database and backups. What stands in it and has no tombstone in the database was
erased after the backup. Ids are in neither: whoever is meant is found by the keyed hash of every id that the service
holds. What names them is taken out at once; jobs that a backup caught at work, and what waits to be published, are left
to a job of the ordinary kind (`searching.py`), and what is published of them meanwhile is dropped by who reads it.
"""

import json
from collections.abc import AsyncIterator
from contextlib import suppress

from shared.runtime.batch import KEPT, LIGHT
from shared.runtime.engine import Engine
from shared.runtime.erasing import ERASE_JOB, Erasure, concerns_of
from shared.runtime.ids import derived_id
from shared.runtime.ports import Conflict, Record
from shared.runtime.searching import Search, begun, bury
from shared.runtime.store_reader import PAGE
from shared.runtime.tombstones import Tombs, Tombstone

SEARCHES = 5
"""So often everything is searched; what is still found then is a defect, and the service must not turn ready."""


class NotErasedError(Exception):
    """Somebody on the list of erasures may still be in the database; one line that says what to do."""


async def erase_since(engine: Engine) -> int:
    """Erase whoever is on the list of erasures and has no tombstone; how many ids of theirs the database held.

    The job is there before the tombstones: whoever starts after a crash finds one of the two. Raises NotErasedError and
    Unavailable.
    """
    if engine.erasures is None:
        return 0
    try:
        listed = sorted(await engine.erasures.read())
        buried = await _buried(engine, listed)
        if missing := [hash for hash in listed if hash not in buried]:
            people = await _known_by(engine, Tombs(engine.who.key, hashes=frozenset(missing)))
            if people:
                await _begin(engine, people)
            await bury(engine, missing)
    except (OSError, ValueError) as error:
        raise NotErasedError(f"the list of erasures cannot be used: {error}; see TANDEM_ERASURES") from None
    return await _go_on(engine)


async def _buried(engine: Engine, hashes: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(hashes), PAGE):
        subjects = [f"{Tombstone.kind}/{hash}" for hash in hashes[start : start + PAGE]]
        records = (await engine.read((), subjects)).records
        found |= {subject.partition("/")[2] for subject in records}
    return found


async def _known_by(engine: Engine, tombs: Tombs) -> dict[str, str]:
    """The ids that the service holds of whom these tombstones are, each with a programme that it stands in."""
    found: dict[str, str] = {}
    for concerns in concerns_of(engine.who.service):
        kind = concerns.aggregate
        async for record in _all(engine, kind.kind):
            aggregate = kind.from_stored(record.subject, record.state or {})
            for id in tombs.named_in(" ".join(sorted(concerns.people(aggregate)))):
                found[id] = found.get(id) or aggregate.programme or ""
    async for record in _all(engine, KEPT):
        for id in tombs.named_in(json.dumps(record.state, ensure_ascii=False)):
            found.setdefault(id, "")
    return found


async def _all(engine: Engine, kind: str) -> AsyncIterator[Record]:
    after = f"{kind}/" if kind != LIGHT else ""
    while page := await engine.store.find(kind, None, after, PAGE):
        for record in page:
            yield record
        after = page[-1].subject


async def _begin(engine: Engine, people: dict[str, str]) -> None:
    cause = derived_id(engine.who.source, "erased since", *sorted(people))
    job = begun(Erasure(cause, tuple(sorted(people.items()))), cause, engine.clock.now())
    with suppress(Conflict):  # another replica was first, or an earlier life of this one
        await engine.commit(engine.bookkeeping(writes=(job,)))


async def _go_on(engine: Engine) -> int:
    """Take out everybody whom a job of this kind is about; how many."""
    count = 0
    async for record in _all(engine, LIGHT):
        state = record.state or {}
        if state["job"] == ERASE_JOB and state.get("restored"):
            erasure = Erasure.parse(state["ref"])
            await _take_out(engine, erasure)
            count += len(erasure.ids)
    return count


async def _take_out(engine: Engine, erasure: Erasure) -> None:
    async def beat() -> None:
        """No lease is held."""

    attempt = derived_id(erasure.id, engine.token())
    for tries in range(SEARCHES):
        search = Search(engine, attempt, tries, beat, engine.clock.now().isoformat(), erasure.id, erasure=erasure)
        await search.kept_and_aggregates()
        if not search.found:
            return
    raise NotErasedError(
        f"{engine.who.service.name} still holds somebody who is on the list of erasures: what failed lies in its "
        "quarantine; mend it and start again"
    )
