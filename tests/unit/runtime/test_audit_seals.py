"""The heads of all chains are sealed each day; what is old enough is dropped, and the audit holds all the same."""

import datetime as dt

from shared.contracts.scheduling import DayStarted
from shared.runtime.adapters.memory import MemoryStore
from shared.runtime.audit import Head
from shared.runtime.audit_check import Figures
from shared.runtime.decision import NOTHING, Decision
from shared.runtime.ports import Unavailable
from shared.runtime.seals import DayToSeal, LastSeal, heads_after, seal_rows
from tests.support.shop import LIBRARY, library
from tests.unit.runtime.audited import DAY, day, heir_of, holds, joined, links, seals
from tests.unit.runtime.engine_in_memory import Replica


async def test_the_heads_of_all_chains_are_sealed_once_a_day_and_said_as_date_and_hash() -> None:
    replica = Replica(LIBRARY)
    other = replica.beside()
    await joined(replica, "a", "b")
    await joined(other, "c")
    replica.take()
    await day(replica, DAY)
    [seal] = seals(replica)
    heads = [(head["chain"], head["number"]) for head in seal["heads"]]
    assert heads == [("library-1", 2), ("library-2", 1)]
    said = {event["type"]: event for event in replica.take()}[f"tandem.{library.AuditSealed.name}"]
    assert said["data"] == {"service": "library", "date": DAY.isoformat(), "hash": seal["hash"]}
    assert (said["subject"], said["sequence"]) == ("seal/library", 1)
    await joined(other, "d")
    await day(other, DAY + dt.timedelta(days=1), 2)
    first, second = seals(replica)
    assert (second["number"], second["before"]) == (2, first["hash"])
    assert holds(replica).seals == 2


async def test_a_day_on_which_no_chain_grew_adds_no_seal_nor_does_an_audit_without_a_link() -> None:
    replica = Replica(LIBRARY)
    await day(replica, DAY)
    assert seals(replica) == []
    await joined(replica, "a")
    for number in (1, 2, 3):
        await day(replica, DAY + dt.timedelta(days=number), 1 + number)
    assert [seal["date"] for seal in seals(replica)] == ["2027-01-13"]


HEADS = tuple(Head(chain=chain, number=number, hash=chain) for chain, number in (("a", 3), ("b", 5)))


def sealed(last: LastSeal | None, message: DayToSeal) -> Decision:
    [row] = seal_rows(LIBRARY)
    outcome = row.decide(message, last, None)  # type: ignore[arg-type]
    assert isinstance(outcome, Decision)
    return outcome


def test_a_seal_is_made_once_a_day_whichever_replica_is_first() -> None:
    message = DayToSeal(date=DAY, years=3, heads=HEADS)
    first, last = sealed(None, message).state
    assert isinstance(last, LastSeal)
    assert (first.id, last.id) == (DAY.isoformat(), "library")
    assert sealed(last, message) == NOTHING
    grown = (HEADS[0], Head(chain="b", number=6, hash="x"))
    assert sealed(last, message.model_copy(update={"heads": grown})) == NOTHING, "the day is sealed"
    assert sealed(last, message.model_copy(update={"heads": grown, "date": DAY.replace(day=13)})) != NOTHING


def test_heads_that_were_read_before_another_replica_s_seal_take_nothing_back() -> None:
    stale = (Head(chain="a", number=2, hash="old"), Head(chain="c", number=1, hash="c"))
    assert heads_after(HEADS, stale, ()) == (*HEADS, stale[1])
    assert heads_after(HEADS, (HEADS[0],), ()) == HEADS
    assert heads_after(HEADS, (HEADS[0],), (HEADS[1],)) == (HEADS[0],), "no link of it is kept any more"


async def test_what_is_older_than_the_full_years_kept_is_dropped_and_the_last_seal_before_is_the_beginning() -> None:
    replica = Replica(LIBRARY)
    replica.engine.audit_years = 1
    silent = replica.beside()
    await joined(silent, "x")
    for number, date in enumerate((DAY, dt.date(2027, 12, 31), dt.date(2028, 6, 1), dt.date(2028, 12, 31))):
        await joined(replica, f"m{number}")
        await day(replica, date, number + 1)
        assert holds(replica).seals == number + 1, "nothing is a full year old"
    before = {seal["date"]: seal["hash"] for seal in seals(replica)}
    await joined(replica, "m9")
    await day(replica, dt.date(2029, 1, 1), 5)
    assert [seal["date"] for seal in seals(replica)] == ["2027-12-31", "2028-06-01", "2028-12-31", "2029-01-01"]
    assert [(link["chain"], link["number"]) for link in links(replica)] == [("library-1", n) for n in (3, 4, 5)]
    assert holds(replica, outside=before).links == 3
    await joined(silent, "y")
    await joined(heir_of(replica, "library-3"), "z")
    await day(replica, dt.date(2029, 1, 2), 6)
    assert [link["number"] for link in links(replica) if link["chain"] == "library-2"] == [2], "it goes on"
    assert holds(replica, outside=before).links == 5
    for number, year in enumerate((2030, 2031, 2032)):
        await joined(replica, f"n{number}")
        await day(replica, dt.date(year, 2, 1), 7 + number)
        assert holds(replica)
    assert "library-2" not in {head["chain"] for head in seals(replica)[-1]["heads"]}, "nothing of it is left"
    assert [seal["date"] for seal in seals(replica)] == ["2030-02-01", "2031-02-01", "2032-02-01"]


async def test_a_chain_of_which_only_the_seal_knows_goes_on_where_that_says_it_ended() -> None:
    replica = Replica(LIBRARY)
    replica.engine.audit_years = 1
    await joined(replica, "a", "b")
    await day(replica, DAY)
    await day(replica, dt.date(2029, 1, 1), 2)
    assert links(replica) == []
    assert holds(replica) == Figures(0, 0, 2, "")
    heir = heir_of(replica)
    await joined(heir, "c")
    assert [link["number"] for link in links(heir)] == [3]
    assert holds(heir).links == 1
    await day(heir, dt.date(2029, 1, 2), 3)
    assert holds(heir).seals == 3


class Dies(MemoryStore):
    """Its process ends before links are dropped."""

    async def forget_links(self, chain: str, number: int) -> None:
        raise Unavailable("away")


async def test_an_audit_holds_also_when_a_process_ended_between_dropping_seals_and_links() -> None:
    replica = Replica(LIBRARY)
    replica.engine.audit_years = 1
    for number, date in enumerate((DAY, dt.date(2027, 6, 1), dt.date(2028, 6, 1))):
        await joined(replica, f"m{number}")
        await day(replica, date, number + 1)
    store, replica.engine.store = replica.engine.store, Dies(replica.database)
    replica.send(DayStarted(date=dt.date(2029, 1, 1)), sequence=4, epoch=1)
    for _ in range(9):
        await replica.engine.intake()
        await replica.jobs.light()
    assert ([seal["number"] for seal in seals(replica)], len(links(replica))) == ([2, 3, 4], 3)
    assert holds(replica)
    replica.engine.store = store
    await replica.after(60)
    assert [link["number"] for link in links(replica)] == [3]
    assert holds(replica)


async def test_the_newest_seal_is_said_again_with_what_else_was_published() -> None:
    replica = Replica(LIBRARY)
    await joined(replica, "a")
    await day(replica, DAY)
    [before] = [event for event in replica.take() if event["type"].endswith("audit-sealed.v1")]
    replica.send(library.SayStateAgain(), "ops")
    await replica.settle()
    [again] = [event for event in replica.take() if event["type"].endswith("audit-sealed.v1")]
    assert (again["data"], again["sequence"]) == (before["data"], before["sequence"])
