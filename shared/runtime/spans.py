"""OpenTelemetry spans of what the engine did, made afterwards and in a thread of their own: the engine waits for none.

Ids follow from message ids, so that a message has the same span wherever it is spoken of, and one exported twice is the
same. Loaded only where `TANDEM_OTLP_URL` is set. No attribute holds more than ids, types and results; what is private
has no span at all. Names of attributes: OpenTelemetry's semantic conventions for messaging and databases.
"""

import datetime as dt
import hashlib
import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from yarl import URL

from shared.runtime import trace
from shared.runtime.ports import Decided, Outgoing, Worked

MOST_WAITING = 2_000
"""Batches that wait to be exported; what comes while so many wait is dropped, and that is said once."""
AT_ONCE = 2_000
"""Spans in one request, about 1 MB."""
PAUSE = 1.0
"""Seconds between exports."""
PATIENCE = 5.0
"""Seconds that an export may take, its repetitions included."""
SCOPE = InstrumentationScope("tandem")


def process_span(service: str, id: str) -> str:
    """The span of a message's, or a job's, handling by a service: 16 hexadecimal digits."""
    return _digest("process", service, id)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _nanoseconds(time: dt.datetime) -> int:
    return int(time.timestamp() * 1_000_000) * 1_000


def _context(trace_id: str, span_id: str) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=TraceFlags(1))


def _sampled(traceparent: str | None) -> bool:
    """Whether the sender wants the trace recorded; one that says nothing does."""
    return traceparent is None or bool(int(traceparent[-2:], 16) & 1)


@dataclass(frozen=True)
class Shape:
    """Builds the spans of one replica, without sending any."""

    service: str
    replica: str
    database: str

    def __post_init__(self) -> None:
        attributes = {
            "service.name": self.service,
            "service.namespace": "tandem",
            "service.instance.id": self.replica,
        }
        object.__setattr__(self, "_resource", Resource(attributes))

    def decided(self, batch: Decided) -> list[ReadableSpan]:
        """A batch: a span for each message with its reading and its commit below, and one for the batch, linked."""
        token = hashlib.sha256(f"{self.service}/{batch.token}".encode()).hexdigest()
        own = _context(token[:32], token[32:48])
        spans: list[ReadableSpan] = []
        links: list[Link] = []
        received = batch.began
        for worked in batch.messages:
            if _sampled(worked.traceparent):
                spans += self._message(worked, batch, own)
                links.append(Link(_context(*self._place(worked, batch.token))))
                received = min(received, dt.datetime.fromisoformat(worked.entry.received))
        if not links:
            return []
        count: dict[str, Any] = {"messaging.system": "rabbitmq", "messaging.batch.message_count": len(batch.messages)}
        steps = (("receive", received, batch.began), ("decide", batch.began, batch.read), *self._commit(batch))
        spans.append(self._span("batch", own, None, received, batch.ended, SpanKind.INTERNAL, count, links))
        for name, start, end in steps:
            below = _context(token[:32], _digest(token, name))
            spans.append(self._span(name, below, own, start, end, SpanKind.INTERNAL, count))
        return spans

    def _commit(self, batch: Decided) -> list[tuple[str, dt.datetime, dt.datetime]]:
        return [("commit", batch.read, batch.ended)]

    def _place(self, worked: Worked, token: str) -> tuple[str, str]:
        """Trace and span of a message's handling. One that is to be tried again leaves its name to the last attempt."""
        entry = worked.entry
        own = process_span(self.service, entry.id)
        span = own if entry.result in ("handled", "done", "discarded") else _digest(own, token)
        return trace.trace_id(worked.traceparent, entry.correlation), span

    def _message(self, worked: Worked, batch: Decided, of: SpanContext) -> Iterable[ReadableSpan]:
        entry = worked.entry
        trace_id, span_id = self._place(worked, batch.token)
        context = _context(trace_id, span_id)
        if worked.intake:
            above = worked.traceparent[36:52] if worked.traceparent else ""
            destination = f"{self.service}.{worked.intake}"
        else:
            above = process_span(self.service, entry.causation) if entry.causation else ""
            destination = "internal"
        parent = _context(trace_id, above) if above else None
        attributes: dict[str, Any] = {
            "messaging.system": "rabbitmq",
            "messaging.operation.type": "process",
            "messaging.operation.name": "process",
            "messaging.destination.name": destination,
            "messaging.message.id": entry.id,
            "messaging.message.conversation_id": entry.correlation,
            "tandem.service": self.service,
            "tandem.type": entry.type,
            "tandem.result": entry.result,
            "tandem.attempts": entry.attempts,
        }
        links = [Link(of)]
        received = dt.datetime.fromisoformat(entry.received)
        kind = SpanKind.CONSUMER if worked.intake else SpanKind.INTERNAL
        name = f"process {entry.type}"
        yield self._span(name, context, parent, received, batch.ended, kind, attributes, links, entry.reason)
        for operation, start, end in (
            ("find", batch.began, batch.read),
            ("commitTransaction", batch.read, batch.ended),
        ):
            database = {
                "db.system.name": "mongodb",
                "db.namespace": self.database,
                "db.operation.name": operation,
                "tandem.service": self.service,
            }
            below = _context(trace_id, _digest(span_id, operation))
            yield self._span(
                f"{operation} {self.database}", below, context, start, end, SpanKind.CLIENT, database, links
            )

    def published(self, letters: Sequence[Outgoing], began: dt.datetime, ended: dt.datetime) -> list[ReadableSpan]:
        """A span for each message that the broker confirmed; what goes to somebody's own queue has none."""
        spans: list[ReadableSpan] = []
        for letter in letters:
            if not letter.exchange:
                continue
            said = json.loads(letter.body)
            traceparent = trace.valid(said.get("traceparent"))
            if traceparent is None or not _sampled(traceparent):
                continue
            attributes = {
                "messaging.system": "rabbitmq",
                "messaging.operation.type": "send",
                "messaging.operation.name": "publish",
                "messaging.destination.name": letter.exchange,
                "messaging.rabbitmq.destination.routing_key": letter.key,
                "messaging.message.id": letter.id,
                "messaging.message.conversation_id": said["correlationid"],
                "messaging.message.body.size": len(letter.body),
                "tandem.service": self.service,
                "tandem.type": letter.key,
                "tandem.result": "confirmed",
            }
            trace_id = traceparent[3:35]
            parent = _context(trace_id, process_span(self.service, said["causationid"]))
            own = _context(trace_id, traceparent[36:52])
            spans.append(self._span(f"publish {letter.key}", own, parent, began, ended, SpanKind.PRODUCER, attributes))
        return spans

    def _span(
        self,
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        start: dt.datetime,
        end: dt.datetime,
        kind: SpanKind,
        attributes: dict[str, Any],
        links: Sequence[Link] = (),
        reason: str = "",
    ) -> ReadableSpan:
        return ReadableSpan(
            name,
            context,
            parent,
            self._resource,
            attributes,
            (),
            links,
            kind,
            status=Status(StatusCode.ERROR, reason) if reason else Status(StatusCode.UNSET),
            start_time=_nanoseconds(start),
            end_time=_nanoseconds(max(start, end)),
            instrumentation_scope=SCOPE,
        )

    _resource: Resource = None  # type: ignore[assignment]


class Spans:
    """Takes what the engine did and exports it from a thread of its own; nothing that fails here reaches the engine.

    `url` is the collector's OTLP/HTTP address, `say` is told once when spans are lost, and once when they go out again.
    """

    def __init__(self, url: str, shape: Shape, say: Callable[[str], None]) -> None:
        address = URL(url)
        self._address = str(address if address.path.strip("/") else address / "v1" / "traces")
        self._shape = shape
        self._say = say
        self._waiting: deque[Callable[[], list[ReadableSpan]]] = deque()
        self._wake = threading.Event()
        self._ending = False
        self._losing = False
        self._thread = threading.Thread(target=self._run, name="spans", daemon=True)
        self._thread.start()

    def decided(self, batch: Decided) -> None:
        """Note a batch."""
        self._note(lambda: self._shape.decided(batch))

    def published(self, letters: Sequence[Outgoing], began: dt.datetime, ended: dt.datetime) -> None:
        """Note what was confirmed."""
        self._note(lambda: self._shape.published(letters, began, ended))

    def _note(self, build: Callable[[], list[ReadableSpan]]) -> None:
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(build)
        else:
            self._lost("more is done than the collector takes")

    def _lost(self, why: str) -> None:
        if not self._losing:
            self._losing = True
            self._say(f"spans are lost: {why}")

    def _run(self) -> None:
        session = requests.Session()
        session.trust_env = False
        exporter = OTLPSpanExporter(self._address, timeout=PATIENCE, session=session)
        while not self._ending:
            self._wake.wait(PAUSE)
            while self._waiting:
                self._export(exporter)
        exporter.shutdown()  # type: ignore[no-untyped-call]

    def _export(self, exporter: OTLPSpanExporter) -> None:
        spans: list[ReadableSpan] = []
        try:
            while self._waiting and len(spans) < AT_ONCE:
                spans += self._waiting.popleft()()
            for start in range(0, len(spans), AT_ONCE):
                if exporter.export(spans[start : start + AT_ONCE]) is not SpanExportResult.SUCCESS:
                    self._lost("the collector does not take them")
                    return
        except Exception as error:  # noqa: BLE001 - a picture less is no reason to stop
            self._lost(type(error).__name__)
            return
        if spans and self._losing:
            self._losing = False
            self._say("spans go out again")

    def close(self, limit: float = 2.0) -> None:
        """Send what is left, for at most so many seconds."""
        self._ending = True
        self._wake.set()
        self._thread.join(limit)
