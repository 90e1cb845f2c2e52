"""Two releases side by side on one database: the earlier takes nothing away that it does not understand."""

from dataclasses import replace
from itertools import count
from typing import Any

from shared.contracts.base import Contract
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import Context, Decision, Get, Outcome
from shared.runtime.table import Ask, Service
from tests.support.shop import LEDGER, LIBRARY, BookState, Join, Lend, Lent, Member, Return, library
from tests.unit.runtime.engine_in_memory import START, Replica

BACK = START.date()


class Shelved(Aggregate, kind="book"):
    """A book as the next release knows it: it also has a shelf."""

    holder: str | None = None
    lent: int = 0
    shelf: str = ""


def shelved(message: Lend, get: Get) -> Shelved | None:
    return get(Shelved, message.book)


def lend_from_shelf(message: Lend, book: Shelved | None, context: Context) -> Outcome:
    book = (book or Shelved(id=message.book)).but(holder=message.member, shelf="s1", due=message.back_by)
    book = book.but(lent=book.lent + 1)
    return Decision(state=(book,), messages=(Lent(book=book.id, holder=book.holder, lent=book.lent),))


NEXT: Service = replace(
    LIBRARY,
    rows=tuple(
        Ask(Lend, shelved, lend_from_shelf, says=(Lent,)) if isinstance(row, Ask) and row.on is Lend else row
        for row in LIBRARY.rows
    ),
)


async def test_a_field_of_the_next_release_outlives_a_change_by_the_earlier() -> None:
    new = Replica(NEXT)
    await new.play(Join(club="c", member="m"), Lend(book="b", member="m", back_by=BACK))
    old, tokens = new.changed(LIBRARY), count()
    old.engine.token = lambda: f"old.{next(tokens)}"
    old.send(Return(book="b", member="m"), id="back")
    await old.settle()
    book = old.aggregates()["book/b"]
    assert (book["holder"], book["lent"], book["shelf"]) == (None, 1, "s1")
    assert Shelved.from_stored("book/b", book).shelf == "s1"


async def test_a_view_and_a_job_of_the_earlier_release_read_what_the_next_one_wrote() -> None:
    replica = Replica(NEXT)
    await replica.play(Join(club="c", member="m"))
    record = replica.database.records["member/m"]
    later = replace(record, version=record.version + 1, state={**(record.state or {}), "title": "Dr."})
    await replica.engine.commit(replica.engine.bookkeeping(writes=(later,)))
    replica.send(library.SayStateAgain(), "ops")
    await replica.settle()
    assert "library.state-said-again.v1" in replica.types()


def test_what_a_release_no_longer_knows_is_kept_and_what_it_knows_is_its_own() -> None:
    member = Member(id="m", club="d")
    state = member.model_dump(mode="json")
    assert member.to_store({"id": "m", "club": "c", "title": "Dr."}) == {**state, "title": "Dr."}
    assert member.to_store(None) == state


class LentAhead(BookState, name="library.lent.v1"):
    """The next release's event: with a field more."""

    shelf: str = ""


class LendAhead(Lend, name="library.lend.v1", senders=("person",)):
    """The next release's command: with a field more."""

    shelf: str = ""


async def test_an_event_s_new_field_is_passed_over_and_a_command_s_is_refused_in_words() -> None:
    ledger = Replica(LEDGER)
    ahead: Contract = LentAhead(book="b", holder="m", lent=1, shelf="s1")
    ledger.send(ahead, "library", sequence=1, epoch=1)
    await ledger.settle()
    assert ledger.aggregates()["line/b"]["holder"] == "m"
    old = Replica(LIBRARY)
    await old.play(Join(club="c", member="m"))
    old.send(LendAhead(book="b", member="m", back_by=BACK, shelf="s1"))
    await old.settle()
    [rejected] = old.take()
    reasons: list[dict[str, Any]] = rejected["data"]["reasons"]
    assert [(reason["field"], reason["code"]) for reason in reasons] == [("shelf", "extra_forbidden")]
    assert old.kept("quarantine") == []
