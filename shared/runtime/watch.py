"""What a running service shows of itself: metrics for Prometheus, and logs as JSON lines without personal data."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from shared.contracts.base import Contract, Part, personal_mark
from shared.runtime.ports import Observer

LEVELS = {"quarantined": "error", "retry": "warning", "unknown": "warning", "failed": "warning"}
"""How loud a result is logged; what is not listed is said at debug level only."""

OWN = frozenset({"event", "level", "service", "replica", "reason", "type", "id", "correlation", "loop"})
"""What the runtime itself says of a message; never taken from one."""


class Metrics:
    """A service's figures. No label holds an id of a person or a message."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._messages = Counter(
            "tandem_messages", "messages by type and what became of them", ["type", "result"], registry=self.registry
        )
        self._seconds = Histogram(
            "tandem_handling_seconds",
            "seconds from reading a batch's state to its commit",
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )
        self._size = Histogram(
            "tandem_batch_messages",
            "messages decided in one transaction",
            registry=self.registry,
            buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500),
        )
        self._store = Gauge(
            "tandem_store",
            "in the store: outbox, outbox_age (s), waiting, waiting_long (three days), retry, quarantined, jobs, "
            "jobs_age (s, of the oldest)",
            ["what"],
            registry=self.registry,
        )
        self._ready = Gauge("tandem_ready", "1 if the service can work", registry=self.registry)

        self._behind: Gauge | None = None
        self._programme = Gauge(
            "tandem_programme",
            "how many a programme has, in steps of five; nothing of fewer than five",
            ["programme", "what", "status"],
            registry=self.registry,
        )

    def seen(self, kind: str, result: str, count: int) -> None:
        """Count messages of a type by result."""
        self._messages.labels(kind, result).inc(count)

    def timed(self, messages: int, seconds: float, public: int) -> None:
        """Note a batch, as if there were none but the public messages in it."""
        if public:
            self._size.observe(public)
            self._seconds.observe(seconds)

    def stored(self, counts: dict[str, int]) -> None:
        """Note what lies in the store."""
        for what, count in counts.items():
            # What the inbox knows grows with each private message, too: ops are told at /ops.
            if what != "inbox":
                self._store.labels(what).set(count)

    def away(self) -> None:
        """The store cannot be asked: better no figure than an old one."""
        self._store.clear()

    def behind(self, days: int) -> None:
        """Note how far the service's day is behind the calendar; never called where days come from commands."""
        if self._behind is None:
            self._behind = Gauge(
                "tandem_days_behind", "calendar days that the service's day is behind", registry=self.registry
            )
        self._behind.set(days)

    def programmes(self, counts: Iterable[tuple[str, str, str, int]]) -> None:
        """Note what may be shown of programmes, in the place of what was."""
        self._programme.clear()
        for programme, what, status, count in counts:
            self._programme.labels(programme, what, status).set(count)

    def ready(self, ready: bool) -> None:
        """Note whether the service can work."""
        self._ready.set(1 if ready else 0)


def personal_fields(contracts: Iterable[type[Contract]]) -> frozenset[str]:
    """The names of all fields that a contract, or a part of one, marks as personal."""
    found: set[str] = set()
    todo: list[type[Contract | Part]] = [*contracts]
    done: set[type] = set()
    while todo:
        model = todo.pop()
        if model in done:
            continue
        done.add(model)
        for name, field in model.model_fields.items():
            if personal_mark(field):
                found.add(name)
            inner = field.annotation
            if isinstance(inner, type) and issubclass(inner, Part):
                todo.append(inner)
    return frozenset(found)


def set_up_logs(service: str, level: str, personal: frozenset[str], stream: TextIO = sys.stderr) -> None:
    """Log JSON lines; a field that a contract marks as personal is left out, wherever it stands."""

    def without_personal(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        def clean(value: Any) -> Any:  # any JSON value
            if isinstance(value, dict):
                return {k: "[personal]" if k in personal else clean(v) for k, v in value.items()}
            return [clean(v) for v in value] if isinstance(value, list | tuple) else value

        return {k: "[personal]" if k in personal - OWN else clean(v) for k, v in event.items()}

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_personal,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.clear_contextvars()
    # Libraries may say what they like only about themselves: their texts could quote a body.
    logging.basicConfig(level=logging.CRITICAL)
    log().debug("logging", service=service)


def log() -> Any:  # structlog's own proxy has no better type
    """The service's log."""
    return structlog.get_logger()


def observer(service: str, metrics: Metrics) -> Observer:
    """The engine's observer: counts, and logs by result."""

    def say(event: str, **fields: Any) -> None:
        getattr(log(), LEVELS.get(event, "debug"))(event, service=service, **fields)

    return Observer(seen=metrics.seen, timed=metrics.timed, log=say)
