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
    assert [row.row() for row in rows] == [["b1", None, 1, 1], ["b2", None, fields["epoch"], fields["sequence"]]]


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
    assert holdings.names(library.engine)["publishes"] == ["attention", "book", "club", "day", "member"]
    assert holdings.names(ledger.engine)["copies"] == ["library.book", "library.member"]
    with pytest.raises(LookupError):
        await holdings.digest(ledger.engine, "library.chair")
