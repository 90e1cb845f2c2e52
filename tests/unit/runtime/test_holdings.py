"""What two services hold can be compared without showing what is in it."""

from dataclasses import replace
from typing import Any

import pytest

from shared.runtime import holdings
from tests.support.shop import LEDGER, LIBRARY, Join, Lend, Lent
from tests.unit.runtime.engine_in_memory import START, Replica


async def two() -> tuple[Replica, Replica]:
    """A library, and a ledger that has read what it said of two books."""
    library, ledger = Replica(LIBRARY), Replica(LEDGER)
    books = [Lend(book=b, member="m", back_by=START.date()) for b in ("b1", "b2")]
    said = await library.play(Join(club="c", member="m"), *books)
    for event in said:
        if event["type"].endswith(Lent.name):
            ledger.send(Lent(**event["data"]), "library", sequence=event["sequence"], epoch=event["epoch"])
    await ledger.settle()
    return library, ledger


async def test_owner_and_reader_that_hold_the_same_have_the_same_digest() -> None:
    library, ledger = await two()
    assert await holdings.digest(library.engine, "book") == await holdings.digest(ledger.engine, "library.book")
    assert (await holdings.digest(library.engine, "book"))["count"] == 2


@pytest.mark.parametrize("change", [{"sequence": 2}, {"epoch": 2}])
async def test_a_digest_differs_where_a_version_does(change: dict[str, Any]) -> None:
    library, ledger = await two()
    fields = {"sequence": 1, "epoch": 1, **change}
    ledger.send(Lent(book="b2", holder="m", lent=1), "library", **fields)
    await ledger.settle()
    assert await holdings.digest(library.engine, "book") != await holdings.digest(ledger.engine, "library.book")
    rows, _ = await holdings.page(ledger.engine, "library.book")
    assert [row.row() for row in rows] == [
        ["b1", None, 1, 1, False],
        ["b2", None, fields["epoch"], fields["sequence"], False],
    ]


async def test_rows_come_page_by_page_and_what_was_never_said_is_none() -> None:
    library, _ = await two()
    rows, after = await holdings.page(library.engine, "book", limit=1)
    assert ([row.id for row in rows], after) == (["b1"], "b1")
    rows, after = await holdings.page(library.engine, "book", "b1", limit=1)
    assert ([row.id for row in rows], after) == (["b2"], "b2")
    assert await holdings.page(library.engine, "book", "b2", limit=1) == ([], None)
    record = library.database.records["book/b1"]
    unsaid = replace(record, subject="book/b0", sequence=0, version=1, state={**(record.state or {}), "id": "b0"})
    await library.engine.commit(library.engine.bookkeeping(writes=(unsaid,)))
    assert (await holdings.digest(library.engine, "book"))["count"] == 2


async def test_names_say_what_can_be_compared() -> None:
    library, ledger = await two()
    assert holdings.names(library.engine)["publishes"] == ["attention", "book", "club", "day", "member", "seal"]
    assert holdings.names(ledger.engine)["copies"] == ["library.book", "library.member"]
    with pytest.raises(LookupError):
        await holdings.digest(ledger.engine, "library.chair")


async def test_what_a_restored_owner_took_back_is_noted_until_it_says_something_newer() -> None:
    _, ledger = await two()

    async def hears(epoch: int, sequence: int) -> list[bool]:
        ledger.send(Lent(book="b1", holder="m", lent=1), "library", sequence=sequence, epoch=epoch)
        await ledger.settle()
        rows, _ = await holdings.page(ledger.engine, "library.book")
        return [row.taken_back for row in rows if row.id == "b1"]

    assert await hears(1, 3) == [False]
    assert await hears(2, 1) == [True], "the third was known"
    assert await hears(2, 1) == [True]
    assert (await holdings.digest(ledger.engine, "library.book"))["taken_back"] == 1
    assert await hears(2, 2) == [False], "somebody has changed it again"
    assert await hears(3, 2) == [False], "said again, as it was"
