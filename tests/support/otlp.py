"""A small OpenTelemetry collector: takes spans by OTLP/HTTP (protobuf) and keeps them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue


@dataclass(frozen=True)
class Span:
    """A span as it came; ids in hexadecimal digits, no parent is empty."""

    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]
    links: tuple[tuple[str, str], ...]
    resource: dict[str, Any]
    seconds: float


@dataclass
class Receiver:
    """What came; `status` is what it answers, `news` wakes whoever waits."""

    url: str = ""
    status: int = 200
    asked: int = 0
    spans: dict[tuple[str, str], Span] = field(default_factory=dict)
    again: int = 0
    news: threading.Condition = field(default_factory=threading.Condition)

    def take(self, body: bytes) -> None:
        """Keep the spans of one request; one that came before is counted in `again`."""
        request = ExportTraceServiceRequest.FromString(body)
        with self.news:
            for group in request.resource_spans:
                resource = {a.key: _value(a.value) for a in group.resource.attributes}
                for scope in group.scope_spans:
                    for span in scope.spans:
                        place = (span.trace_id.hex(), span.span_id.hex())
                        self.again += place in self.spans
                        self.spans[place] = Span(
                            name=span.name,
                            trace=place[0],
                            id=place[1],
                            parent=span.parent_span_id.hex(),
                            attributes={a.key: _value(a.value) for a in span.attributes},
                            links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
                            resource=resource,
                            seconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                        )
            self.news.notify_all()

    def trace(self, id: str) -> list[Span]:
        """The spans of one trace."""
        with self.news:
            return [span for span in self.spans.values() if span.trace == id]


def _value(value: AnyValue) -> Any:  # whichever kind it holds
    return getattr(value, value.WhichOneof("value") or "string_value")


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A collector on a free port, until the end of the block."""
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with kept.news:
                kept.asked += 1
                kept.news.notify_all()
            if kept.status == 200 and self.path == "/v1/traces":
                kept.take(body)
            self.send_response(kept.status)
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: a test's output is its own."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
