"""A restored backup carries out again every erasure since, before the service turns ready."""

import copy
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.adapters.erasure_file import ErasureFile
from shared.runtime.adapters.memory import MemoryDatabase
from shared.runtime.erased_since import NotErasedError, erase_since
from shared.runtime.held import HeldJob
from shared.runtime.item import Item
from shared.runtime.ports import Erasures
from shared.runtime.replay import may_be_discarded
from shared.runtime.table import Concerns, Service
from shared.runtime.tombstones import tombstone_id
from tests.support.left import left_of
from tests.support.shop import LIBRARY, Book, Join
from tests.unit.runtime.engine_in_memory import KEY, Replica
from tests.unit.runtime.test_erasing import ANNA, AT_ONCE, BEN, both_lend, erase, failing, same

DAY = dt.date(2027, 1, 11)


@dataclass
class Listed:
    """A list of erasures in memory."""

    hashes: set[str] = field(default_factory=set)

    async def add(self, hashes: object, on: dt.date) -> None:
        self.hashes |= set(hashes)  # type: ignore[call-overload]

    async def read(self) -> frozenset[str]:
        return frozenset(self.hashes)


def on(database: MemoryDatabase, erasures: Erasures, service: Service = LIBRARY) -> Replica:
    """A replica that starts on a database and has not taken anything in yet."""
    replica = Replica(service, limits=AT_ONCE, database=database)
    replica.engine.erasures = erasures
    return replica


async def erased_after_a_backup(erasures: Erasures, service: Service = LIBRARY) -> MemoryDatabase:
    """The backup: both are in it, and one of them was erased after it was made."""
    database = MemoryDatabase()
    replica = on(database, erasures, service)
    await both_lend(replica)
    backup = copy.deepcopy(database)
    await erase(replica)
    assert left_of(database, [ANNA]) == []
    assert left_of(backup, [ANNA])
    return backup


async def test_who_was_erased_after_the_backup_is_erased_again_before_anything_is_taken_in() -> None:
    listed = Listed()
    restored = on(await erased_after_a_backup(listed), listed)
    assert await erase_since(restored.engine) == 1
    left = [place for place in left_of(restored.database, [ANNA]) if not place.startswith("_job/")]
    assert left == [], "but for the job that goes on"
    assert f"member/{BEN}" in restored.aggregates()
    for _ in range(4):
        await restored.after(2)
    assert left_of(restored.database, [ANNA]) == []
    assert sorted(restored.types()) == ["library.people-erased.v1", "library.returned.v1"]


async def test_without_a_list_a_restored_backup_brings_them_back() -> None:
    restored = on(await erased_after_a_backup(Listed()), Listed())
    assert await erase_since(restored.engine) == 0
    assert left_of(restored.database, [ANNA])
    restored.engine.erasures = None
    assert await erase_since(restored.engine) == 0


async def test_what_still_travels_is_dropped_again_after_the_restore() -> None:
    listed = Listed()
    restored = on(await erased_after_a_backup(listed), listed)
    await erase_since(restored.engine)
    restored.send(Join(club="c", member=ANNA), id="late")
    await restored.settle()
    assert restored.seen["library.join.v1", "erased"] == 1


async def test_messages_that_the_backup_kept_of_them_are_gone_too() -> None:
    listed = Listed()
    database = MemoryDatabase()
    replica = on(database, listed, failing())
    await replica.play(Join(club="c", member=ANNA))
    await both_lend(replica)
    backup = copy.deepcopy(database)
    await erase(replica)
    restored = on(backup, listed, failing())
    await erase_since(restored.engine)
    assert not restored.kept("retry")


async def test_a_start_that_breaks_off_is_taken_up_by_the_next() -> None:
    """Buried, and nothing taken out: the next start finds no tombstone missing, and the job all the same."""
    listed = Listed()
    backup = await erased_after_a_backup(listed)
    broken = on(backup, listed)

    async def breaks_off(items: Sequence[Item]) -> None:
        raise KeyboardInterrupt

    broken.engine.handle = breaks_off  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        await erase_since(broken.engine)
    restored = on(backup, listed)
    assert await erase_since(restored.engine) == 1
    assert [place for place in left_of(backup, [ANNA]) if not place.startswith("_job/")] == []


async def test_an_ordinary_start_finds_nothing_to_do_and_nobody_s_erasure_is_said_twice() -> None:
    listed = Listed()
    replica = on(MemoryDatabase(), listed)
    await both_lend(replica)
    await erase(replica)
    assert await erase_since(replica.engine) == 0
    await replica.settle()
    assert replica.types() == []


async def test_who_is_not_known_is_buried_all_the_same() -> None:
    listed = Listed({tombstone_id(KEY, ANNA)})
    replica = on(MemoryDatabase(), listed)
    assert await erase_since(replica.engine) == 0
    replica.send(Join(club="c", member=ANNA))
    await replica.settle()
    assert replica.seen["library.join.v1", "erased"] == 1


async def test_a_service_that_cannot_erase_does_not_turn_ready() -> None:
    listed = Listed()
    backup = await erased_after_a_backup(listed)
    kept = Concerns(Book, lambda b: {b.holder} - {None}, same, everywhere=True)
    restored = on(backup, listed, replace(LIBRARY, concerns=(*LIBRARY.concerns[:1], kept)))
    with pytest.raises(NotErasedError, match="library still holds somebody who is on the list of erasures"):
        await erase_since(restored.engine)


# The file


async def test_a_line_is_a_keyed_hash_and_a_day_and_each_stands_once(tmp_path: Path) -> None:
    file = ErasureFile(tmp_path / "erasures")
    assert await file.read() == frozenset()
    hashes = [tombstone_id(KEY, who) for who in (ANNA, BEN)]
    await file.add(hashes[:1], DAY)
    await file.add(hashes, DAY)
    assert [line for line in file.path.read_text().splitlines() if line] == [f"{hash} 2027-01-11" for hash in hashes]
    assert await file.read() == set(hashes)
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert ANNA not in file.path.read_text()


async def test_a_line_that_a_crash_cut_short_is_passed_over_and_written_once_more(tmp_path: Path) -> None:
    file = ErasureFile(tmp_path / "erasures")
    hash = tombstone_id(KEY, ANNA)
    for length in range(1, len(hash) + 11):
        file.path.write_text(f"{hash} 2027-01-11"[:length])
        await file.add([hash], DAY)
        assert await file.read() == {hash}


@given(st.text(min_size=1, max_size=60))
def test_any_other_line_is_a_fault_and_never_passed_over(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "erasures")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            found = ErasureFile(path)._read()
        except ValueError:
            return
        lines = [line for line in text.splitlines() if line.strip()]
        assert all(set(line) <= set("0123456789abcdef- ") for line in lines)
        assert len(found) <= len(lines)


async def test_a_list_that_cannot_be_used_stops_the_service_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "erasures"
    path.write_text("Anna A.\n")
    replica = on(MemoryDatabase(), ErasureFile(path))
    with pytest.raises(NotErasedError, match=r"line 1 of .* is no line of a list of erasures; see TANDEM_ERASURES"):
        await erase_since(replica.engine)
    replica.engine.erasures = ErasureFile(tmp_path)
    with pytest.raises(NotErasedError, match="the list of erasures cannot be used"):
        await erase_since(replica.engine)


async def test_an_erasure_that_cannot_be_listed_is_not_confirmed(tmp_path: Path) -> None:
    folder = tmp_path / "away"
    replica = on(MemoryDatabase(), ErasureFile(folder / "erasures"))
    await both_lend(replica)
    assert await erase(replica) == []
    assert left_of(replica.database, [ANNA])
    folder.mkdir()
    for _ in range(4):
        await replica.after(31)
    assert "library.people-erased.v1" in replica.types()
    assert [path.name for path in folder.iterdir()] == ["erasures"]


async def test_a_job_that_failed_for_good_is_given_up_by_the_next_order(tmp_path: Path) -> None:
    folder = tmp_path / "away"
    replica = on(MemoryDatabase(), ErasureFile(folder / "erasures"))
    await both_lend(replica)
    await erase(replica, seconds=40)
    for _ in range(6):
        await replica.after(40)
    [stuck] = [r for r in replica.database.records.values() if (r.state or {}).get("job") == "_erase"]
    assert (stuck.state or {})["status"] == "quarantine"
    assert ANNA in (stuck.state or {})["ref"]
    folder.mkdir()
    said = await erase(replica)
    assert "library.people-erased.v1" in said
    assert left_of(replica.database, [ANNA]) == []


async def test_what_a_restore_began_is_not_given_up() -> None:
    listed = Listed()
    backup = await erased_after_a_backup(listed)
    restored = on(backup, listed)
    await erase_since(restored.engine)
    [job] = [r for r in backup.records.values() if (r.state or {}).get("job") == "_erase"]
    assert not may_be_discarded(LIBRARY, HeldJob.from_stored(job.subject, job.state or {}))
