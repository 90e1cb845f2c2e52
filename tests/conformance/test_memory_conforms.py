"""The adapters in memory, on which the simulation rests, keep the promises of the real ones."""

from collections.abc import Sequence

import pytest

from shared.runtime.adapters.memory import MemoryBroker, MemoryDatabase, MemoryDeliveries, MemoryStore
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.ports import Deliveries, Delivery, Outgoing, Store
from tests.conformance.deliveries import COMMAND, EVENT, SERVICE, DeliveriesConformance, World
from tests.conformance.store import StoreConformance


class TestMemoryStore(StoreConformance):
    @pytest.fixture
    def stores(self) -> tuple[Store, Store]:
        database = MemoryDatabase()
        return MemoryStore(database), MemoryStore(database)


class MemoryWorld:
    """The broker in memory, from outside."""

    service_user = SERVICE
    sender = "portal"

    def __init__(self) -> None:
        self.broker = MemoryBroker()
        self.broker.declare(f"{SERVICE}.commands", COMMANDS, [COMMAND])
        self.broker.declare(f"{SERVICE}.events", EVENTS, [EVENT])
        self.broker.declare(f"{SERVICE}.quarantine")

    async def replica(self) -> Deliveries:
        return MemoryDeliveries(self.broker, SERVICE)

    async def send(
        self, exchange: str, key: str, body: bytes, *, reply_to: str | None = None, known: bool = True
    ) -> None:
        self.broker.publish(Outgoing(exchange, key, body, ""), self.sender if known else None, reply_to)

    async def declare(self, queue: str) -> None:
        self.broker.declare(queue)

    async def drain(self, queue: str) -> list[bytes]:
        if queue == "tandem.unrouted":
            return [message.body for message in self.broker.unrouted]
        found = [message.body for message in self.broker.queues[queue]]
        self.broker.queues[queue].clear()
        return found

    async def arrived(self, replica: Deliveries, count: int) -> None:
        assert sum(map(len, self.broker.queues.values())) >= count

    async def acknowledged(self, deliveries: Sequence[Delivery]) -> None:
        """At once."""

    async def lose(self, replica: Deliveries) -> None:
        self._own(replica).lose()

    async def away(self, replica: Deliveries) -> None:
        self._own(replica).lose()
        self._own(replica).connected = False

    async def back(self, replica: Deliveries) -> None:
        self._own(replica).connected = True

    async def end(self, replica: Deliveries) -> None:
        self._own(replica).lose()

    @staticmethod
    def _own(replica: Deliveries) -> MemoryDeliveries:
        assert isinstance(replica, MemoryDeliveries)
        return replica


class TestMemoryDeliveries(DeliveriesConformance):
    @pytest.fixture
    def world(self) -> World:
        return MemoryWorld()
