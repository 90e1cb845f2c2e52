"""What every store promises (`shared.runtime.ports.Store`): a suite to inherit."""

import asyncio
import datetime as dt
import itertools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import pytest

from shared.runtime.audit import Head, Link, id_of, next_link
from shared.runtime.journal import Entry, Traced
from shared.runtime.ports import Change, Conflict, Outgoing, Record, Refused, Store

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
KINDS = ("person", "pair")
_tokens = (f"attempt-{number}" for number in itertools.count())


def at(minutes: int = 0) -> str:
    """A timestamp so many minutes after the suite's own now."""
    return (NOW + dt.timedelta(minutes=minutes)).isoformat()


def record(name: str, version: int = 1, kind: str = "person", **more: Any) -> Record:
    """A record with a state, unless told otherwise."""
    plain: dict[str, Any] = {"subject": f"{kind}/{name}", "kind": kind, "version": version, "state": {"n": version}}
    return Record(**plain | more)


def change(*writes: Record, **more: Any) -> Change:
    """A transaction of replica `a`, under a token of its own."""
    plain: dict[str, Any] = {"token": next(_tokens), "owner": "a", "at": at(), "until": at(1), "writes": writes}
    return Change(**plain | more)


def letter(id: str, size: int = 2) -> Outgoing:
    """A message to publish."""
    return Outgoing("tandem.events", "probe.happened.v1", b"x" * size, id)


def links(chain: str, count: int) -> list[Link]:
    """The first links of a chain."""
    head, made = Head(chain=chain, number=0, hash=""), []
    for number in range(count):
        entry = {"who": f"{number}", "on": ["person/x"], "codes": [], "what": "Grüße"}
        made.append(next_link(head, at(number), [entry]))
        head = made[-1].head
    return made


class StoreConformance(ABC):
    """A subclass gives each test two replicas' stores on one fresh database."""

    @pytest.fixture
    @abstractmethod
    def stores(self) -> tuple[Store, Store]:
        """Two connections to the same empty database, of the replicas `a` and `b`."""

    @pytest.fixture
    def store(self, stores: tuple[Store, Store]) -> Store:
        return stores[0]

    @pytest.fixture
    def other(self, stores: tuple[Store, Store]) -> Store:
        return stores[1]

    # Reading what was written

    async def test_known_keys_and_existing_records_are_found_and_no_others(self, store: Store) -> None:
        await store.commit(change(record("one"), record("two"), inbox=("s/1", "s/2")))
        found = await store.read(["s/1", "s/3"], ["person/one", "person/three", "pair/one"])
        assert found.known == {"s/1"}
        assert found.records == {"person/one": record("one")}

    async def test_nothing_asked_is_nothing_found(self, store: Store) -> None:
        found = await store.read([], [])
        assert (found.known, found.records) == (frozenset(), {})

    async def test_a_record_comes_back_as_it_was_written(self, store: Store) -> None:
        state: dict[str, Any] = {
            "text": "Grüße",
            "none": None,
            "list": [1, 2.5, {"deep": True}],
            "empty": {},
            "big": 2**53,
        }
        whole = record(
            "one", sequence=7, state=state, programme="p", due="2026-03-02", awaited=True, awaits="person/two"
        )
        mark = record("two", state=None, awaited=True)
        await store.commit(change(whole, mark))
        found = await store.read([], [whole.subject, mark.subject])
        assert found.records == {whole.subject: whole, mark.subject: mark}

    async def test_the_engines_own_kinds_are_kept_and_found_like_any(self, store: Store) -> None:
        kinds = ("_kept", "_release", "_job", "_result", "_suspect", "_guard")
        written = [record("one", kind=kind) for kind in kinds]
        await store.commit(change(*written))
        found = await store.read([], [one.subject for one in written])
        assert found.records == {one.subject: one for one in written}

    # Guards

    async def test_a_record_that_changed_is_a_conflict_and_nothing_is_written(self, store: Store) -> None:
        await store.commit(change(record("one")))
        await store.commit(change(record("one", 2)))
        late = change(record("fresh"), record("one", 2, state={"n": "late"}), inbox=("s/1",), outbox=(letter("m"),))
        await self.refuses(store, late, Conflict)
        assert (await store.read([], ["person/one"])).records == {"person/one": record("one", 2)}

    async def test_a_record_that_exists_already_is_a_conflict_and_nothing_is_written(self, store: Store) -> None:
        await store.commit(change(record("one")))
        await self.refuses(store, change(record("fresh"), record("one"), inbox=("s/1",)), Conflict)

    async def test_a_record_that_is_gone_is_a_conflict_and_nothing_is_written(self, store: Store) -> None:
        await self.refuses(store, change(record("fresh"), record("one", 2), inbox=("s/1",)), Conflict)

    async def test_a_message_known_already_is_a_conflict_and_nothing_is_written(self, store: Store) -> None:
        await store.commit(change(inbox=("s/0",)))
        await self.refuses(store, change(record("fresh"), inbox=("s/1", "s/0")), Conflict)

    async def test_records_are_replaced_and_deleted_under_guard(self, store: Store) -> None:
        await store.commit(change(record("one", due="2026-03-02"), record("two")))
        await store.commit(change(record("one", 2), deletes=(("person/two", 1),)))
        found = await store.read([], ["person/one", "person/two"])
        assert found.records == {"person/one": record("one", 2)}, "what is not in the new record is gone"

    async def test_records_that_are_laid_anew_are_as_given(self, store: Store) -> None:
        await store.commit(change(record("two"), record("one")))
        await store.commit(change(record("two", 2)))
        one, two = record("one", 3, programme="p", sequence=3), record("two", 3)
        await store.commit(change(anew=((1, one), (2, two))))
        found = await store.read([], ["person/one", "person/two"])
        assert found.records == {"person/one": one, "person/two": two}
        await store.commit(change(record("two", 4)))

    async def test_laying_a_record_anew_that_changed_is_a_conflict_and_nothing_is_written(self, store: Store) -> None:
        await store.commit(change(record("one"), record("two")))
        await store.commit(change(record("two", 2)))
        await self.refuses(
            store, change(record("fresh"), anew=((1, record("one", 3)), (1, record("two", 3)))), Conflict
        )
        found = await store.read([], ["person/one", "person/two"])
        assert found.records == {"person/one": record("one"), "person/two": record("two", 2)}

    async def test_deleting_a_record_that_changed_is_a_conflict_and_nothing_is_written(self, store: Store) -> None:
        await store.commit(change(record("one")))
        await store.commit(change(record("one", 2)))
        await self.refuses(store, change(record("fresh"), inbox=("s/1",), deletes=(("person/one", 1),)), Conflict)
        assert (await store.read([], ["person/one"])).records == {"person/one": record("one", 2)}

    async def test_a_lost_update_is_refused(self, store: Store, other: Store) -> None:
        await store.commit(change(record("one")))
        both = [record("one", 2, state={"by": name}) for name in ("a", "b")]
        results = await asyncio.gather(
            store.commit(change(both[0])), other.commit(change(both[1], owner="b")), return_exceptions=True
        )
        assert [result for result in results if result is None] == [None]
        assert [type(result) for result in results if result is not None] == [Conflict]
        winner = both[results.index(None)]
        assert (await store.read([], ["person/one"])).records == {"person/one": winner}

    async def test_a_message_that_two_replicas_handle_at_once_counts_once(self, store: Store, other: Store) -> None:
        changes = [change(record("a"), inbox=("s/1",)), change(record("b"), inbox=("s/1",), owner="b")]
        results = await asyncio.gather(store.commit(changes[0]), other.commit(changes[1]), return_exceptions=True)
        assert [type(result) for result in results if result is not None] == [Conflict]
        assert len((await store.read([], ["person/a", "person/b"])).records) == 1

    async def test_write_skew_is_possible(self, store: Store, other: Store) -> None:
        await store.commit(change(record("one"), record("two")))
        subjects = ["person/one", "person/two"]
        assert (await store.read([], subjects)).records == (await other.read([], subjects)).records
        await asyncio.gather(store.commit(change(record("one", 2))), other.commit(change(record("two", 2), owner="b")))
        found = (await store.read([], subjects)).records
        assert [found[subject].version for subject in subjects] == [2, 2]

    async def test_a_replica_that_lost_goes_on_and_may_win_the_next_time(self, store: Store) -> None:
        await store.commit(change(record("one")))
        with pytest.raises(Conflict):
            await store.commit(change(record("one")))
        await store.commit(change(record("one", 2)))
        assert (await store.read([], ["person/one"])).records["person/one"].version == 2

    # What a database never takes

    async def test_a_record_that_is_too_large_is_refused_and_nothing_is_written(self, store: Store) -> None:
        huge = record("huge", state={"text": "x" * (17 * 1024 * 1024)})
        await self.refuses(store, change(record("fresh"), huge, inbox=("s/1",)), Refused)

    async def test_a_state_that_cannot_be_stored_is_refused_and_nothing_is_written(self, store: Store) -> None:
        await self.refuses(store, change(record("fresh"), record("odd", state={"n": 2**70}), inbox=("s/1",)), Refused)

    # Waiting

    async def test_who_awaits_a_subject_is_found_in_pages(self, store: Store) -> None:
        kept = [
            record(name, kind="_kept", state={"status": "waiting"}, awaits=awaited)
            for name, awaited in (("1", "person/one"), ("2", "person/one"), ("3", "person/two"))
        ]
        await store.commit(change(*kept))
        assert self.names(await store.waiting("person/one", "", 10)) == ["_kept/1", "_kept/2"]
        assert self.names(await store.waiting("person/one", "", 1)) == ["_kept/1"]
        assert self.names(await store.waiting("person/one", "_kept/1", 10)) == ["_kept/2"]
        assert await store.waiting("person/three", "", 10) == []
        taken = record("1", 2, kind="_kept", state={"status": "ready"}, due=at())
        await store.commit(change(taken))
        assert self.names(await store.waiting("person/one", "", 10)) == ["_kept/2"]

    async def test_a_release_is_due_among_what_is_kept(self, store: Store) -> None:
        release = record("1", kind="_release", state={"awaited": "person/one"}, due=at())
        await store.commit(change(release, record("2", kind="_kept", state={"status": "ready"}, due=at())))
        assert self.names(await store.due(["_kept", "_release"], at(), "", 10)) == ["_kept/2", "_release/1"]

    # What is kept stays known

    async def test_a_pinned_key_is_known_and_refuses_another(self, store: Store) -> None:
        await store.commit(change(pins=("s/1",)))
        assert (await store.read(["s/1"], [])).known == {"s/1"}
        for again in (change(record("one"), pins=("s/1",)), change(record("one"), inbox=("s/1",))):
            with pytest.raises(Conflict):
                await store.commit(again)
        await store.commit(change(unpins=("s/1",)))
        assert (await store.read(["s/1"], [])).known == {"s/1"}, "known for thirty days more"
        with pytest.raises(Conflict):
            await store.commit(change(inbox=("s/1",)))

    async def test_quarantined_are_messages_and_jobs_without_what_they_hold(self, store: Store) -> None:
        state = {"status": "quarantine", "reason": "r", "stored": {"body": "private"}}
        await store.commit(
            change(
                record("1", kind="_kept", state=state),
                record("2", kind="_kept", state={"status": "retry", "stored": {}}),
                Record("_job/3", "_heavy", version=1, state={"status": "quarantine", "job": "j"}),
                Record("_job/4", "_job", version=1, state={"job": "j"}),
            )
        )
        found = await store.quarantined("", 10)
        assert self.names(found) == ["_job/3", "_kept/1"]
        assert found[1].state == {"status": "quarantine", "reason": "r"}
        assert self.names(await store.quarantined("_job/3", 10)) == ["_kept/1"]
        assert self.names(await store.quarantined("", 1)) == ["_job/3"]

    async def test_the_record_of_first_aid_is_found_and_comes_due_like_any_other(self, store: Store) -> None:
        await store.commit(
            change(
                record("2", kind="_action", due="2028-01-01"),
                record("1", kind="_action", due="2029-01-01"),
                record("1", due="2028-01-01"),
            )
        )
        assert self.names(await store.find("_action", None, "", 10)) == ["_action/1", "_action/2"]
        assert self.names(await store.find("_action", None, "_action/1", 10)) == ["_action/2"]
        assert self.names(await store.due(("_action", "person"), "2028-06-01", "", 10)) == ["_action/2", "person/1"]
        await store.commit(change(record("2", version=2, kind="_action")))
        assert self.names(await store.due(("_action", "person"), "2028-06-01", "", 10)) == ["person/1"]
        assert (await store.read((), ("_action/2", "person/1"))).records["_action/2"].version == 2

    # The outbox

    async def test_an_attempt_is_known_as_committed_even_with_nothing_to_say(self, store: Store, other: Store) -> None:
        done, failed = change(record("one")), change(record("one"))
        assert not await store.committed(done.token)
        await store.commit(done)
        with pytest.raises(Conflict):
            await store.commit(failed)
        assert await other.committed(done.token)
        assert not await other.committed(failed.token)

    async def test_what_is_settled_is_forgotten(self, store: Store) -> None:
        one, two = change(outbox=(letter("1"),)), change(outbox=(letter("2"),))
        await store.commit(one)
        await store.commit(two)
        await store.settle([one.token, "never-there"])
        assert not await store.committed(one.token)
        assert await self.swept(store, "a") == [letter("2")]

    async def test_a_replica_sweeps_what_its_earlier_life_left_but_not_what_is_its_own(self, store: Store) -> None:
        earlier, mine = change(outbox=(letter("1"), letter("2"))), change(outbox=(letter("3"),))
        await store.commit(earlier)
        await store.commit(mine)
        assert await self.swept(store, "a", mine=[mine.token]) == [letter("1"), letter("2")]

    async def test_another_replicas_claim_is_left_alone_until_it_runs_out(self, store: Store, other: Store) -> None:
        await store.commit(change(outbox=(letter("1"),), until=at(1)))
        assert await self.swept(other, "b", now=at(0)) == []
        assert await self.swept(other, "b", now=at(2), until=at(4)) == [letter("1")]
        assert await self.swept(store, "c", now=at(3)) == [], "b's claim holds now"
        assert await self.swept(store, "c", now=at(5)) == [letter("1")]

    async def test_a_renewed_claim_holds_longer_and_nobody_renews_anothers(self, store: Store, other: Store) -> None:
        one, two = change(outbox=(letter("1"),), until=at(1)), change(outbox=(letter("2"),), until=at(1))
        await store.commit(one)
        await store.commit(two)
        await store.renew("a", [one.token], at(9))
        await other.renew("b", [two.token], at(9))
        assert await self.swept(other, "b", now=at(2), until=at(3)) == [letter("2")]

    async def test_the_oldest_is_swept_first(self, store: Store) -> None:
        for minutes in (2, 0, 1):
            await store.commit(change(outbox=(letter(str(minutes)),), at=at(minutes)))
        assert [one.id for one in await self.swept(store, "a")] == ["0", "1", "2"]

    async def test_two_sweepers_never_claim_the_same(self, store: Store, other: Store) -> None:
        for number in range(20):
            await store.commit(change(outbox=(letter(f"{number:02}"),), owner="gone"))
        found = await asyncio.gather(
            self.swept(store, "a", now=at(2), until=at(3)), self.swept(other, "b", now=at(2), until=at(3))
        )
        assert sorted(one.id for part in found for one in part) == [f"{number:02}" for number in range(20)]

    async def test_an_outbox_beyond_what_one_document_holds_is_whole(self, store: Store) -> None:
        letters = tuple(letter(str(number), 900_000) for number in range(20))
        big = change(outbox=letters)
        await store.commit(big)
        assert await store.committed(big.token)
        assert await self.swept(store, "a", mine=[big.token]) == []
        assert sorted(await self.swept(store, "a"), key=lambda one: int(one.id)) == list(letters)
        await store.settle([big.token])
        assert not await store.committed(big.token)
        assert await self.swept(store, "a") == []

    # Looking for

    async def test_due_are_those_of_the_kinds_by_their_day_in_order_and_by_pages(self, store: Store) -> None:
        days = {"d": "2026-03-01", "a": "2026-03-02", "c": "2026-03-02", "b": "2026-03-03"}
        await store.commit(change(*(record(name, due=day) for name, day in days.items()), record("never")))
        await store.commit(
            change(record("z", kind="pair", due="2026-03-01"), record("y", kind="other", due="2026-03-01"))
        )
        assert self.names(await store.due(KINDS, "2026-03-02", "", 10)) == ["pair/z", *map("person/{}".format, "acd")]
        assert self.names(await store.due(KINDS, "2026-03-02", "", 2)) == ["pair/z", "person/a"]
        assert self.names(await store.due(KINDS, "2026-03-02", "person/a", 10)) == ["person/c", "person/d"]
        assert await store.due(["pair"], "2026-02-28", "", 10) == []
        assert await store.due(["nobody"], "2026-12-31", "", 10) == []

    async def test_kinds_of_different_homes_are_due_in_one_order(self, store: Store) -> None:
        written = [record("1", kind=kind, due=at()) for kind in ("person", "_job", "_kept")]
        await store.commit(change(*written))
        kinds = ("person", "_kept", "_job")
        assert self.names(await store.due(kinds, at(), "", 10)) == ["_job/1", "_kept/1", "person/1"]
        assert self.names(await store.due(kinds, at(), "", 2)) == ["_job/1", "_kept/1"]

    async def test_found_are_those_of_a_kind_and_programme_with_a_state_by_pages(self, store: Store) -> None:
        await store.commit(
            change(
                *(record(name, programme="p") for name in "cab"),
                record("d", programme="q"),
                record("e"),
                record("f", state=None, programme="p", awaited=True),
                record("g", kind="pair", programme="p"),
            )
        )
        assert self.names(await store.find("person", "p", "", 10)) == ["person/a", "person/b", "person/c"]
        assert self.names(await store.find("person", "p", "person/a", 1)) == ["person/b"]
        assert self.names(await store.find("person", None, "", 10)) == [f"person/{name}" for name in "abcde"]
        assert await store.find("nobody", None, "", 10) == []

    async def test_jobs_of_a_kind_outside_quarantine_are_told_the_oldest_first_whatever_their_ids(
        self, store: Store
    ) -> None:
        since = {"a": at(3), "b": at(1), "c": at(2), "d": at(1)}
        jobs = [record(id, kind="_job", state={"since": begun}, due=at()) for id, begun in since.items()]
        stopped = Record("_job/e", "_job", version=1, state={"since": at(0), "status": "quarantine"})
        heavy = Record("_job/f", "_heavy", version=1, state={"since": at(0)})
        await store.commit(change(*jobs, stopped, heavy, record("a", kind="_result", state={"pieces": []})))
        assert self.names(await store.oldest("_job", 10)) == [f"_job/{id}" for id in "bdca"]
        assert self.names(await store.oldest("_job", 2)) == ["_job/b", "_job/d"]
        assert await store.oldest("_heavy", 10) == [heavy]

    async def test_counts_tell_what_waits_where(self, store: Store) -> None:
        kept = ("waiting", "waiting", "retry", "ready", "quarantine")
        written = [record(str(n), kind="_kept", state={"status": status}) for n, status in enumerate(kept)]
        jobs = (record("1", kind="_job"), record("2", kind="_job", state={"status": "quarantine"}))
        await store.commit(change(*written, *jobs, record("1"), inbox=("s/1", "s/2", "s/3")))
        await store.commit(change(outbox=(letter("1"),)))
        counts = await store.counts()
        expected = {"outbox": 2, "waiting": 2, "retry": 2, "quarantined": 2, "jobs": 2, "inbox": 3}
        assert {name: counts[name] for name in expected} == expected

    async def test_what_became_of_a_correlation_s_messages_is_told_oldest_first_and_whether_it_is_said(
        self, store: Store, other: Store
    ) -> None:
        one = Entry("m-1", "probe.ask.v1", "c", "retry", at(), "cause", 2, "KeyError", (("m-2", "probe.said.v1"),))
        two, elsewhere = Entry("m-1", "probe.ask.v1", "c", "handled", at(1)), Entry("m-9", "x", "d", "handled", at())
        late = change(inbox=("s/2",), at=at(2), journal=(elsewhere, two), owner="b", outbox=(letter("1"),))
        await other.commit(late)
        early = change(inbox=("s/1",), at=at(1), journal=(one,))
        await store.commit(early)
        await store.settle([early.token])
        told = [Traced(one, "a", at(1), published=True), Traced(two, "b", at(2), published=False)]
        assert await store.trace("c", 10) == told
        assert await store.trace("c", 1) == told[:1]
        assert await store.trace("nobody", 10) == []

    async def test_a_change_that_is_refused_leaves_no_trace(self, store: Store) -> None:
        await store.commit(change(inbox=("s/0",)))
        with pytest.raises(Conflict):
            await store.commit(change(inbox=("s/0",), journal=(Entry("m-1", "x", "c", "handled", at()),)))
        assert await store.trace("c", 10) == []

    async def test_a_census_counts_by_programme_kind_and_status_what_it_is_asked_for(self, store: Store) -> None:
        states = {"a": "open", "b": "open", "c": "closed", "d": None}
        written = [record(n, programme="p", state={"status": s} if s else {"n": 1}) for n, s in states.items()]
        others = (record("e"), record("f", programme="q", state={"status": "open"}), record("g", kind="pair"))
        await store.commit(change(*written, *others, record("h", kind="pair", programme="p")))
        expected = [("p", "person", "", 1), ("p", "person", "closed", 1), ("p", "person", "open", 2)]
        assert await store.census(["person"]) == [*expected, ("q", "person", "open", 1)]

    # The audit

    async def test_the_links_of_chains_are_told_as_they_were_written_in_order_and_by_pages(self, store: Store) -> None:
        chains = {"a-10": links("a-10", 2), "a-1": links("a-1", 11), "a": links("a", 1)}
        for link in (link for chain in chains.values() for link in chain):
            await store.commit(change(audit=link))
        for chain, made in chains.items():
            assert await store.head(chain) == made[-1].head
        found: list[dict[str, Any]] = []
        while page := await store.links(id_of(found[-1]) if found else "", 4):
            assert len(page) <= 4
            found += page
        by_id = {link.id: link.document() for chain in chains.values() for link in chain}
        assert found == [by_id[id] for id in sorted(by_id)]
        assert await store.head("nobody") is None
        assert await store.links("b", 4) == []

    async def test_a_number_that_a_chain_has_already_is_a_conflict_and_nothing_is_written(self, store: Store) -> None:
        first, second = links("a", 2)
        await store.commit(change(audit=first))
        fork = next_link(Head(chain="a", number=0, hash=""), at(9), [])
        await self.refuses(store, change(record("fresh"), inbox=("s/1",), audit=fork), Conflict)
        assert await store.head("a") == first.head
        await store.commit(change(audit=second))
        assert await store.head("a") == second.head

    async def test_of_two_processes_under_one_name_one_lengthens_the_chain(self, store: Store, other: Store) -> None:
        start = Head(chain="a", number=0, hash="")
        both = [next_link(start, at(number), []) for number in range(2)]
        results = await asyncio.gather(
            *(s.commit(change(audit=link)) for s, link in zip((store, other), both, strict=True)),
            return_exceptions=True,
        )
        assert [type(result) for result in results if result is not None] == [Conflict]
        assert await store.links("", 9) == [both[results.index(None)].document()]

    async def test_a_change_that_is_refused_leaves_no_link(self, store: Store) -> None:
        await store.commit(change(inbox=("s/0",)))
        with pytest.raises(Conflict):
            await store.commit(change(inbox=("s/0",), audit=links("a", 1)[0]))
        assert await store.head("a") is None

    async def test_the_first_links_of_a_chain_are_forgotten_and_no_other_chain_s(self, store: Store) -> None:
        kept, others = links("a", 5), links("a-1", 2)
        for link in (*kept, *others):
            await store.commit(change(audit=link))
        for _ in range(2):
            await store.forget_links("a", 3)
            documents = [link.document() for link in (*others, *kept[3:])]
            assert await store.links("", 20) == documents
        await store.forget_links("a", 9)
        assert await store.head("a") is None

    async def test_seals_are_found_by_date_apart_from_all_else(self, store: Store) -> None:
        days = ("2027-01-02", "2027-01-01")
        await store.commit(change(*(record(day, kind="_seal") for day in days), record("one")))
        assert self.names(await store.find("_seal", None, "", 9)) == ["_seal/2027-01-01", "_seal/2027-01-02"]
        await store.commit(change(deletes=(("_seal/2027-01-01", 1),)))
        assert self.names(await store.find("_seal", None, "", 9)) == ["_seal/2027-01-02"]

    async def test_what_inbox_and_journal_know_under_an_id_is_forgotten_and_nothing_else(self, store: Store) -> None:
        mine, other = "due|person/p-1@2027-01-01", "due|person/p-10@2027-01-01"
        entries = (Entry("m-1", "x", "person/p-1@2027-01-01", "handled", at()), Entry("m-2", "x", "c", "handled", at()))
        await store.commit(change(inbox=(mine, other, "s/1"), pins=("due|pair/p-1@2027-01-02",), journal=entries))
        await store.forget(["p-1"], ["person", "pair"])
        known = (await store.read([mine, other, "s/1", "due|pair/p-1@2027-01-02"], [])).known
        assert known == {other, "s/1"}
        assert await store.trace("person/p-1@2027-01-01", 10) == []
        assert [told.entry for told in await store.trace("c", 10)] == [entries[1]]
        await store.forget([], ["person"])
        await store.forget(["p-1"], [])

    async def test_whether_something_that_waits_to_be_published_holds_an_id_is_told(self, store: Store) -> None:
        said = change(outbox=(letter("1"), Outgoing("tandem.events", "x", b'{"whom":"p-1"}', "2")))
        await store.commit(said)
        assert await store.holds(["nobody", "p-1"])
        assert not await store.holds(["nobody"])
        await store.settle([said.token])
        assert not await store.holds(["p-1"])

    async def test_a_store_that_works_says_so(self, store: Store) -> None:
        assert await store.healthy() is None

    # Helpers

    @staticmethod
    def names(records: Sequence[Record]) -> list[str]:
        return [one.subject for one in records]

    @staticmethod
    async def swept(
        store: Store, owner: str, *, now: str = at(), until: str = at(1), mine: Sequence[str] = ()
    ) -> list[Outgoing]:
        return [one for entry in await store.sweep(owner, now, until, mine) for one in entry.messages]

    @staticmethod
    async def refuses(store: Store, attempt: Change, error: type[Exception]) -> None:
        """The change fails in this way, and nothing of it (a record `fresh`, the key `s/1`, its outbox) is there."""
        with pytest.raises(error):
            await store.commit(attempt)
        found = await store.read(["s/1"], ["person/fresh"])
        assert (found.known, found.records) == (frozenset(), {})
        assert not await store.committed(attempt.token)
        await store.commit(change(record("after")))
        assert (await store.read([], ["person/after"])).records, "the store works on"
