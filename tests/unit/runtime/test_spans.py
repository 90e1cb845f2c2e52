"""Spans: one tree from a command to its last effect, the same ids whoever exports them, and nobody waits for them."""

import datetime as dt
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import SpanExportResult

from shared.local.system import ROOT
from shared.runtime import trace
from shared.runtime.journal import Entry
from shared.runtime.ports import Decided, Worked
from shared.runtime.spans import MOST_WAITING, Shape, Spans, process_span
from tests.support.otlp import Receiver, Span, receiver
from tests.support.shop import LEDGER, LIBRARY, Close, Join
from tests.unit.runtime.engine_in_memory import Replica

LIMIT = 20.0


@pytest.fixture
def collector() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


def until(collector: Receiver, condition: Callable[[], bool], what: str) -> None:
    with collector.news:
        assert collector.news.wait_for(condition, LIMIT), what


def watched(replica: Replica, collector: Receiver, said: list[str]) -> Spans:
    name = replica.service.name
    spans = Spans(collector.url, Shape(name, f"{name}-1", f"tandem-{name}"), said.append)
    replica.engine.observer.decided, replica.engine.observer.published = spans.decided, spans.published
    return spans


def roots(spans: list[Span]) -> list[Span]:
    ids = {span.id for span in spans}
    return [span for span in spans if span.parent not in ids]


async def test_a_command_and_all_that_follows_is_one_tree_with_broker_and_database_below_each_message(
    collector: Receiver,
) -> None:
    shop, books = Replica(LIBRARY), Replica(LEDGER)
    exporting = [watched(shop, collector, []), watched(books, collector, [])]
    shop.send(Join(club="c", member="m"), id="1", correlationid="c1")
    shop.send(Close(club="c"), "office", id="2", correlationid="c2")
    await shop.settle()
    for message in list(shop.broker.queues["everything"]):
        books.broker.queues["ledger.events"].append(message)
    await books.settle()
    for spans in exporting:
        spans.close()

    for correlation, cause, service in (("c1", "1", "library"), ("c2", "2", "library")):
        found = collector.trace(trace.trace_id(None, correlation))
        [root] = roots(found)
        assert (root.id, root.attributes["messaging.message.id"]) == (process_span(service, cause), cause)
        processed = [span for span in found if span.attributes.get("messaging.operation.type") == "process"]
        for span in processed:
            below = {each.name.split()[0] for each in found if each.parent == span.id}
            assert {"find", "commitTransaction"} <= below, span.name
            assert span.attributes["messaging.message.conversation_id"] == correlation
        services = {span.attributes["tandem.service"] for span in processed}
        assert services == {"library", "ledger"}, "by the broker, to the next service"
        sent = {s.attributes["messaging.message.id"]: s for s in found if s.name.startswith("publish")}
        for span in processed:
            if span.attributes["messaging.destination.name"] == "ledger.events":
                assert span.parent == sent[span.attributes["messaging.message.id"]].id
    names = {span.name for span in collector.trace(trace.trace_id(None, "c2"))}
    assert {"process job:count", "process piece:Counted", "publish library.closed.v1"} <= names
    resources = {span.resource["service.name"] for span in collector.spans.values()}
    assert resources == {"library", "ledger"}


async def test_a_batch_is_linked_to_the_span_of_each_of_its_messages(collector: Receiver) -> None:
    replica = Replica(LIBRARY)
    spans = watched(replica, collector, [])
    for number in range(3):
        replica.send(Join(club="c", member=f"m{number}"), id=str(number), correlationid=f"c{number}")
    await replica.settle()
    spans.close()
    [batch] = [span for span in collector.spans.values() if span.name == "batch"]
    assert batch.attributes["messaging.batch.message_count"] == 3
    expected = {(trace.trace_id(None, f"c{number}"), process_span("library", str(number))) for number in range(3)}
    assert set(batch.links) == expected
    for place in expected:
        assert (batch.trace, batch.id) in collector.spans[place].links
    assert {span.name for span in collector.spans.values() if span.parent == batch.id} == {
        "receive",
        "decide",
        "commit",
    }


async def test_no_span_holds_a_word_of_a_message_and_one_that_is_not_sampled_has_none(collector: Receiver) -> None:
    replica = Replica(LIBRARY)
    spans = watched(replica, collector, [])
    replica.send(Join(club="secret-club", member="secret-member"), id="1")
    quiet = f"00-{'ab' * 16}-{'cd' * 8}-00"
    replica.send(Join(club="c", member="m2"), id="2", traceparent=quiet)
    await replica.settle()
    spans.close()
    assert collector.spans
    assert "secret" not in str(collector.spans)
    assert not collector.trace("ab" * 16)


def a_batch(number: int = 0, result: str = "handled") -> Decided:
    now = dt.datetime(2027, 1, 11, 9, tzinfo=dt.UTC)
    entry = Entry(str(number), "library.join.v1", f"c{number}", result, now.isoformat())
    return Decided(f"t{number}", now, now, now, (Worked(entry, None, "commands"),))


def test_what_is_exported_again_is_the_same_span(collector: Receiver) -> None:
    shape = Shape("library", "library-1", "tandem-library")
    for replica in ("library-1", "library-2"):
        spans = Spans(collector.url, Shape("library", replica, "tandem-library"), lambda text: None)
        spans.decided(a_batch())
        spans.close()
    assert len(collector.spans) == len(shape.decided(a_batch())) == collector.again


@pytest.mark.parametrize("last", ["handled", "done", "discarded"])
def test_the_last_that_became_of_a_message_has_the_span_that_others_name_as_its_cause(last: str) -> None:
    shape = Shape("library", "library-1", "tandem-library")

    def names(result: str) -> set[int]:
        return {span.context.span_id for span in shape.decided(a_batch(result=result)) if span.context}

    own = int(process_span("library", "0"), 16)
    assert own in names(last)
    assert own not in names("retry"), "one attempt of several"


def test_a_collector_that_takes_nothing_is_said_once_and_then_that_it_goes_on(collector: Receiver) -> None:
    said: list[str] = []
    collector.status = 400
    spans = Spans(collector.url, Shape("library", "library-1", "d"), said.append)
    for number in range(2):
        before = collector.asked
        spans.decided(a_batch(number))
        until(collector, lambda asked=before: collector.asked > asked, "an export")  # type: ignore[misc]
    collector.status = 200
    spans.decided(a_batch(2))
    until(collector, lambda: bool(collector.spans), "a span")
    spans.close()
    assert said == ["spans are lost: the collector does not take them", "spans go out again"]


def test_who_notes_a_batch_never_waits_and_what_is_too_much_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    answers = threading.Event()

    def export(self: OTLPSpanExporter, spans: object) -> SpanExportResult:
        answers.wait(LIMIT)
        return SpanExportResult.FAILURE

    monkeypatch.setattr(OTLPSpanExporter, "export", export)
    spans = Spans("http://127.0.0.1:1", Shape("library", "library-1", "d"), said.append)
    batch = a_batch()
    started = time.perf_counter()
    for _ in range(3 * MOST_WAITING):
        spans.decided(batch)
    assert time.perf_counter() - started < 2, "nobody waits for a collector that is away"
    assert len(spans._waiting) <= MOST_WAITING
    assert len(said) == 1
    # A thread that goes on would be in the way of other tests' examples.
    answers.set()
    spans.close(LIMIT)
    assert not spans._thread.is_alive()


def test_without_an_address_nothing_of_it_is_even_loaded() -> None:
    code = "import sys, shared.runtime.host; print([m for m in sys.modules if m.startswith('opentelemetry.sdk')])"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert run.stdout.strip() == "[]"
