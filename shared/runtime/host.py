"""One replica of one service as a process: `python -m shared.runtime.host matching`.

It wires the real adapters to the engine, runs the engine's loops, and stops in good order: no new deliveries, the batch
finished, the outbox flushed.
"""

import asyncio
import contextlib
import datetime as dt
import functools
import random
import secrets
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn
import uvloop
from faststream.asgi import AsgiFastStream

from shared.contracts.base import Role
from shared.contracts.scheduling import StartDay
from shared.runtime import discovery, topology
from shared.runtime.adapters.erasure_file import ErasureFile
from shared.runtime.adapters.key_folder import KeyFolder
from shared.runtime.adapters.mongo import MongoStore
from shared.runtime.adapters.rabbit import RabbitDeliveries
from shared.runtime.batch import Identity
from shared.runtime.documents import Documents
from shared.runtime.engine import Engine, Limits, Stopped
from shared.runtime.envelope import wrap
from shared.runtime.epoch import EpochError, overtaken, take_up
from shared.runtime.erased_since import NotErasedError, erase_since
from shared.runtime.http import Http
from shared.runtime.ids import derived_id
from shared.runtime.item import Desk
from shared.runtime.jobs import Jobs
from shared.runtime.kept import Kept
from shared.runtime.overview import Overview
from shared.runtime.ports import BrokerUnavailable, Delivery, Observer, Unavailable
from shared.runtime.programme_keys import NoKeys, ProgrammeKeys
from shared.runtime.pulse import Pulse
from shared.runtime.release import release
from shared.runtime.settings import Settings, SettingsError
from shared.runtime.table import Service
from shared.runtime.unlinking import key_trouble
from shared.runtime.watch import Metrics, log, observer, personal_fields, set_up_logs
from shared.runtime.worker import ProcessWorker

GRACE = 8.0
"""Seconds to finish the batch and flush the outbox when asked to stop."""


class SystemClock:
    """The machine's clock, for leases and delays."""

    def now(self) -> dt.datetime:
        """The current time in UTC."""
        return dt.datetime.now(dt.UTC)

    async def pause(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@dataclass
class Host:
    """A replica's parts, its loops, and its end."""

    service: Service
    settings: Settings
    roles: dict[str, Role]
    stop: Callable[[], None] = field(default=lambda: None)
    fatal: str | None = None

    def __post_init__(self) -> None:
        name, settings = self.service.name, self.settings
        owner = settings.name_of(name)
        key = settings.secret_key()
        self.metrics = Metrics()
        tls = settings.tls()
        self.broker = RabbitDeliveries(
            settings.amqp_url.get_secret_value(),
            name,
            intakes=topology.intakes(self.service),
            prefetch=settings.prefetch,
            tls=tls.context() if tls else None,
            waiting=lambda reason: log().warning("waiting", service=name, reason=reason),
        )
        url, database = settings.mongo_url.get_secret_value(), settings.database_of(name)
        self.store = MongoStore(url, database, owner, driver=settings.driver, journal_days=settings.trace_days, tls=tls)
        self.worker = ProcessWorker()
        self.printer = ProcessWorker()
        self.pulse = Pulse(SystemClock().now)
        watching = self.pulse.beside(observer(name, self.metrics))
        self._end_spans = _spans(settings, name, watching) if settings.otlp_url else None
        self.wake = {what: asyncio.Event() for what in ("publish", "kept", "light", "heavy", "sweep", "days")}
        self.engine = Engine(
            who=Identity(self.service, key, settings.epoch, settings.lane_of(name), _keys(settings, key)),
            desk=Desk(self.service, self.roles, key),
            store=self.store,
            broker=self.broker,
            clock=SystemClock(),
            owner=owner,
            token=lambda: secrets.token_hex(12),
            jitter=lambda: random.uniform(0.005, 0.05),
            limits=Limits(batch=settings.batch),
            observer=watching,
            kick=self._kick,
            erasures=ErasureFile(settings.erasures) if settings.erasures else None,
            audit_years=settings.audit_years,
        )
        self.kept = Kept(self.engine)
        self.jobs = Jobs(self.engine, self.worker)
        self.overview = Overview(
            self.engine, self.store.inspect, lambda: self._down, zone=settings.zone, days=settings.days
        )
        self._intake: asyncio.Task[None] | None = None
        self._loops: list[asyncio.Task[None]] = []
        self._watching: list[asyncio.Task[None]] = []
        self._down: dict[str, str] = {"engine": "starting"}
        self._started_day: dt.date | None = None
        self._draining = False
        self._unwritable: str | None = None

    # Life

    async def start(self) -> None:
        """Wait for the database, take back what an earlier life held, and start the loops."""
        while True:
            try:
                await self.store.open()
                await take_up(self.engine)
                await erase_since(self.engine)
                await self.jobs.recover()
                break
            except (EpochError, NotErasedError) as error:
                self._die(str(error))
                return
            except Unavailable as error:
                log().warning("waiting", service=self.service.name, reason=str(error))
                await asyncio.sleep(0.5)
        self._intake = asyncio.create_task(self._run("intake", self.engine.intake, 0.0))
        rounds: list[tuple[str, Callable[[], Awaitable[bool]], float]] = [
            ("publish", self.engine.outbox.publish, 0.5),
            ("kept", self.kept.round, 1.0),
            ("light", self.jobs.light, 1.0),
            ("heavy", self.jobs.heavy, 1.0),
            ("sweep", self.engine.outbox.sweep, 3.0),
        ]
        if self.settings.days == "clock" and StartDay.name in self.engine.desk.names:
            rounds.append(("days", self._tick, 20.0))
        self._loops = [asyncio.create_task(self._run(name, round_, pause)) for name, round_, pause in rounds]
        self._watching = [asyncio.create_task(self._look()), asyncio.create_task(self._beat())]
        log().info("started", service=self.service.name, replica=self.engine.owner, driver=self.settings.driver)

    async def finish(self) -> None:
        """Take nothing new, finish the batch, publish what was committed, then let go of everything."""
        self._draining = self.jobs.stopping = True
        end = asyncio.get_running_loop().time() + GRACE
        for subscriber in self.broker.broker.subscribers:
            with contextlib.suppress(Exception):
                await subscriber.stop()
        self.broker.stop()
        for wake in self.wake.values():
            wake.set()
        await self.worker.close()  # a heavy job is given back, and taken up elsewhere
        await self.printer.close()
        running = [task for task in (self._intake, *self._loops) if task is not None]
        if running:
            await asyncio.wait(running, timeout=max(0.0, end - asyncio.get_running_loop().time()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(end):
                while not self.engine.outbox.empty:
                    await self.engine.outbox.publish()
        for task in (*running, *self._watching):
            task.cancel()
        await self.broker.close()
        await self.store.close()
        if self._end_spans is not None:
            await asyncio.to_thread(self._end_spans)
        log().info("stopped", service=self.service.name, replica=self.engine.owner, flushed=self.engine.outbox.empty)

    async def _key_trouble(self) -> str | None:
        try:
            return await key_trouble(self.engine)
        except Unavailable:
            return None  # said of the database

    async def ready(self) -> dict[str, str]:
        """What keeps this replica from working; empty when nothing does."""
        database, broker, keys = await asyncio.gather(self.store.healthy(), self.broker.healthy(), self._key_trouble())
        begun = "" if self._loops else "it has not begun: it waits for its database, or prepares it"
        found = {
            "database": database or self._unwritable,
            "broker": broker,
            "keys": keys,
            "engine": self.fatal or begun,
        }
        self._down = {what: text for what, text in found.items() if text}
        return self._down

    # Loops

    async def _run(self, name: str, round_: Callable[[], Awaitable[bool]], pause: float) -> None:
        """Run one loop for ever: at once again while there is something to do, else after a pause or a call."""
        while not self._draining:
            try:
                busy = await round_()
            except (Unavailable, BrokerUnavailable) as error:
                log().warning("away", service=self.service.name, loop=name, reason=str(error))
                await asyncio.sleep(0.5)
                continue
            except Stopped as error:
                self._die(str(error))
                return
            except Exception as error:  # noqa: BLE001 - a defect of ours: what is unacknowledged goes to the next life
                where = error.__traceback__
                while where is not None and where.tb_next is not None:
                    where = where.tb_next
                line = f"{where.tb_frame.f_code.co_name}:{where.tb_lineno}" if where else ""
                self._die(f"{type(error).__name__} in the loop {name} ({line})")
                return
            if busy or name == "intake":
                continue
            wake = self.wake[name]
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await wake.wait()
            wake.clear()

    def _die(self, reason: str) -> None:
        self.fatal = reason
        log().error("fatal", service=self.service.name, reason=reason)
        self.stop()

    def _kick(self, what: str) -> None:
        for name in ("light", "heavy") if what == "jobs" else (what,):
            self.wake[name].set()

    async def _beat(self) -> None:
        """Write a sign of life: a server may answer every question and still take no write. End when overtaken."""
        runs = await asyncio.to_thread(release)
        while True:
            try:
                backlog, hands = self.engine.outbox.backlog, self.jobs.hands.values()
                status = self.pulse.status(release=runs, down=self._down, backlog=backlog, hands=hands)
                await self.store.beat(status.model_dump(mode="json"))
                self._unwritable = None
                if reason := await overtaken(self.engine):
                    self._die(reason)
                    return
            except Exception as error:  # noqa: BLE001 - whatever it is, nothing can be written
                self._unwritable = f"the database takes no write ({type(error).__name__})"
            await asyncio.sleep(2)

    async def _look(self) -> None:
        """Ask now and then whether this replica can work, so that the others can tell it for this one."""
        while True:
            await self.ready()
            await asyncio.sleep(5)

    async def _tick(self) -> bool:
        """Start each day when the deployment's clock reaches it; replicas derive the same id, so one wins."""
        today = dt.datetime.now(ZoneInfo(self.settings.zone)).date()
        if today != self._started_day:
            envelope = wrap(
                StartDay(date=today),
                id=derived_id("day", today),
                source=f"/tandem/{self.service.name}",
                time=dt.datetime.now(dt.UTC),
            )
            delivery = Delivery(
                tag=None, intake="commands", body=envelope.encode(), key=StartDay.name, user=self.service.name
            )
            await self.engine.handle([self.engine.desk.from_delivery(delivery)])
            self._started_day = today
        return False


def _spans(settings: Settings, service: str, watching: Observer) -> Callable[[], None]:
    """Let spans be made of what the engine does; what ends it."""
    from shared.runtime.spans import Shape, Spans  # costs a third of a second, for those alone who want spans

    shape = Shape(service, settings.name_of(service), settings.database_of(service))
    spans = Spans(settings.otlp_url, shape, lambda text: log().warning("spans", service=service, reason=text))
    watching.decided, watching.published = spans.decided, spans.published
    return spans.close


def checked(service: Service, settings: Settings) -> None:
    """Raises SettingsError where a service seals ids and nobody holds its keys."""
    if service.sealed is not None and settings.programme_keys is None:
        raise SettingsError(
            "set TANDEM_PROGRAMME_KEYS to a folder that no backup takes: answers lie under keys that it holds"
        )


def _keys(settings: Settings, key: bytes) -> ProgrammeKeys:
    """Who holds the keys of programmes for this service."""
    return KeyFolder(settings.programme_keys, key) if settings.programme_keys else NoKeys()


def _asyncapi() -> dict[str, Any]:  # JSON
    from shared.runtime.asyncapi import document  # needed by a reader now and then, not by the service

    return document(discovery.load_all())


@functools.cache
def _page() -> str:
    from shared.runtime.page import page

    return page(discovery.load_all())


class _Server(uvicorn.Server):
    """Uvicorn without signal handlers: the host ends in its own order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening(settings: Settings) -> socket.socket:
    """Where the replica's own side answers. Raises SettingsError where that address cannot be had."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.http_host, settings.http_port))
    except OSError as error:
        listener.close()
        where = f"{settings.http_host}, port {settings.http_port}"
        raise SettingsError(f"{where}: {error.strerror}; choose another TANDEM_HTTP_PORT or _HOST") from None
    return listener


async def serve(service: Service, settings: Settings, listener: socket.socket) -> int:
    """Run a replica until it is told to stop; the exit code."""
    host = Host(service, settings, topology.roles())
    app = AsgiFastStream(host.broker.broker, logger=None, after_startup=[host.start], on_shutdown=[host.finish])
    http = Http(
        engine=host.engine,
        metrics=host.metrics,
        ready=host.ready,
        asyncapi=_asyncapi,
        page=_page,
        inner=app,
        overview=host.overview,
        office_token=settings.office_token,
        ops_token=settings.ops_token,
        hr_token=settings.hr_token,
        zone=ZoneInfo(settings.zone) if settings.days == "clock" else None,
        documents=Documents(host.printer),
        address=settings.public_url,
    )
    if settings.http_port_file:
        settings.http_port_file.write_text(str(listener.getsockname()[1]), encoding="ascii")
    https = settings.https()
    config = uvicorn.Config(
        http,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=2,
        ssl_context_factory=(lambda config, default: https) if https else None,
    )
    server = _Server(config)

    def stop(number: int = 0, frame: FrameType | None = None) -> None:
        server.should_exit = True

    host.stop = stop
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    await server.serve(sockets=[listener])
    return 1 if host.fatal or not server.started else 0


def main() -> None:
    """Run the service named on the command line with the environment's settings."""
    try:
        service = discovery.load(sys.argv[1] if len(sys.argv) == 2 else "")
        settings = Settings.read()
        settings.secret_key()
        settings.tls()
        settings.https()
        checked(service, settings)
        listener = listening(settings)
    except (discovery.UnknownServiceError, SettingsError) as error:
        print(f"tandem: {error}", file=sys.stderr)  # noqa: T201 - the one line that an operator reads
        raise SystemExit(2) from None
    personal = personal_fields((*topology.contracts_of(service), *topology.said_by(service)))
    set_up_logs(service.name, settings.log_level, personal)
    raise SystemExit(uvloop.run(serve(service, settings, listener)))


if __name__ == "__main__":
    main()
