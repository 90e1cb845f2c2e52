"""What every broker's adapter promises (`shared.runtime.ports.Deliveries`): a suite to inherit.

The service is called `probe`; it takes the command and the event below.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import pytest

from shared.runtime.batch import COMMANDS, EVENTS, MAX_MESSAGE
from shared.runtime.ports import BrokerUnavailable, Deliveries, Delivery, Outgoing

SERVICE = "probe"
COMMAND = "probe.do.v1"
EVENT = "other.happened.v1"
NOBODYS = "nobody.takes.v1"
LIMIT = 25.0
"""Seconds that anything may take; a client that lost its connection tries again every five."""


class World(Protocol):
    """A broker with the queues of `probe`, and what a test does to it from outside."""

    @property
    def service_user(self) -> str:
        """As whom the service's replicas are known to the broker."""

    @property
    def sender(self) -> str:
        """As whom `send` is known to the broker."""

    async def replica(self) -> Deliveries:
        """One more replica of the service, connected."""

    async def send(
        self, exchange: str, key: str, body: bytes, *, reply_to: str | None = None, known: bool = True
    ) -> None:
        """Publish as somebody else; without a validated user if not `known`."""

    async def declare(self, queue: str) -> None:
        """A reply queue."""

    async def drain(self, queue: str) -> list[bytes]:
        """Take what stands in a queue that no replica consumes."""

    async def arrived(self, replica: Deliveries, count: int) -> None:
        """Wait until so many messages are ready to be received."""

    async def acknowledged(self, deliveries: Sequence[Delivery]) -> None:
        """Wait until the broker knows what was acknowledged: an acknowledgement has no answer of its own."""

    async def lose(self, replica: Deliveries) -> None:
        """Break a replica's connections; it may connect again."""

    async def away(self, replica: Deliveries) -> None:
        """Break them, and let it connect no more."""

    async def back(self, replica: Deliveries) -> None:
        """Let it connect again."""

    async def end(self, replica: Deliveries) -> None:
        """The replica is gone for good."""


class DeliveriesConformance(ABC):
    """A subclass gives each test a fresh world."""

    @pytest.fixture
    @abstractmethod
    def world(self) -> World:
        """A broker of the test's own."""

    # Receiving

    async def test_messages_of_an_intake_come_in_order_and_only_those_asked_for(self, world: World) -> None:
        replica = await world.replica()
        for number in range(6):
            await world.send(COMMANDS, COMMAND, b"%d" % number)
        await world.arrived(replica, 6)
        first = await replica.receive(4)
        assert [delivery.body for delivery in first] == [b"0", b"1", b"2", b"3"]
        assert [delivery.body for delivery in await self.take(replica, 2)] == [b"4", b"5"]

    async def test_commands_come_before_events(self, world: World) -> None:
        replica = await world.replica()
        for body in (b"event 1", b"event 2"):
            await world.send(EVENTS, EVENT, body)
        await world.send(COMMANDS, COMMAND, b"command")
        await world.arrived(replica, 3)
        found = await replica.receive(10)
        assert [(delivery.intake, delivery.body) for delivery in found] == [
            ("commands", b"command"),
            ("events", b"event 1"),
            ("events", b"event 2"),
        ]

    async def test_a_flood_of_commands_leaves_events_a_share_of_each_batch(self, world: World) -> None:
        replica = await world.replica()
        for _ in range(3):
            await world.send(EVENTS, EVENT, b"event")
        for _ in range(20):
            await world.send(COMMANDS, COMMAND, b"command")
        await world.arrived(replica, 23)
        batches = [await replica.receive(8) for _ in range(3)]
        shares = [[delivery.intake for delivery in batch] for batch in batches]
        assert shares == [["commands"] * 6 + ["events"] * 2, ["commands"] * 7 + ["events"], ["commands"] * 7]

    async def test_what_is_not_bound_does_not_come(self, world: World) -> None:
        replica = await world.replica()
        await world.send(EVENTS, NOBODYS, b"not for us")
        await world.send(EVENTS, EVENT, b"for us")
        assert [delivery.body for delivery in await self.take(replica, 1)] == [b"for us"]

    async def test_a_delivery_tells_its_routing_key_and_its_intake(self, world: World) -> None:
        replica = await world.replica()
        await world.send(COMMANDS, COMMAND, b"1")
        await world.send(EVENTS, EVENT, b"2")
        found = sorted(await self.take(replica, 2), key=lambda delivery: delivery.body)
        assert [(delivery.intake, delivery.key) for delivery in found] == [("commands", COMMAND), ("events", EVENT)]

    async def test_a_delivery_tells_who_sent_it_and_where_to_reply(self, world: World) -> None:
        replica = await world.replica()
        await world.send(COMMANDS, COMMAND, b"1", reply_to="portal.replies")
        await world.send(COMMANDS, COMMAND, b"2", known=False)
        known, unknown = await self.take(replica, 2)
        assert (known.user, known.reply_to, known.count) == (world.sender, "portal.replies", 0)
        assert (unknown.user, unknown.reply_to) == (None, None)

    async def test_a_message_sent_twice_comes_twice(self, world: World) -> None:
        replica = await world.replica()
        message = Outgoing(EVENTS, EVENT, b"once more", "1")
        assert await replica.publish([message, message]) == [True, True]
        assert [delivery.body for delivery in await self.take(replica, 2)] == [b"once more"] * 2

    # Acknowledging

    async def test_what_is_not_acknowledged_comes_again_with_a_count(self, world: World) -> None:
        replica = await world.replica()
        await world.send(COMMANDS, COMMAND, b"1")
        await world.send(COMMANDS, COMMAND, b"2")
        assert [delivery.count for delivery in await self.take(replica, 2)] == [0, 0]
        await world.lose(replica)
        again = await self.take(replica, 2)
        assert [delivery.body for delivery in again] == [b"1", b"2"]
        assert all(delivery.count >= 1 for delivery in again)

    async def test_what_is_acknowledged_never_comes_again(self, world: World) -> None:
        replica = await world.replica()
        await world.send(COMMANDS, COMMAND, b"1")
        await world.send(EVENTS, EVENT, b"2")
        found = await self.take(replica, 2)
        await replica.acknowledge(found)
        await world.acknowledged(found)
        await world.lose(replica)
        await world.send(COMMANDS, COMMAND, b"3")
        await world.send(EVENTS, EVENT, b"4")
        assert sorted(delivery.body for delivery in await self.take(replica, 2)) == [b"3", b"4"]

    async def test_an_acknowledgement_covers_nothing_that_it_does_not_name(self, world: World) -> None:
        replica = await world.replica()
        for number in range(5):
            await world.send(COMMANDS, COMMAND, b"%d" % number)
        found = await self.take(replica, 5)
        await replica.acknowledge([found[0], found[2]])
        await world.acknowledged(found)
        await world.lose(replica)
        again: set[bytes] = set()
        while not again >= {b"1", b"3", b"4"}:
            again |= {delivery.body for delivery in await self.take(replica, 1)}
        assert b"0" not in again

    async def test_what_was_finished_out_of_order_is_acknowledged_when_the_gap_is_closed(self, world: World) -> None:
        replica = await world.replica()
        for number in range(3):
            await world.send(COMMANDS, COMMAND, b"%d" % number)
        found = await self.take(replica, 3)
        for number in (2, 1, 0):
            await replica.acknowledge([found[number]])
        await world.acknowledged(found)
        await world.lose(replica)
        await world.send(COMMANDS, COMMAND, b"next")
        assert [delivery.body for delivery in await self.take(replica, 1)] == [b"next"]

    async def test_an_acknowledgement_after_the_connection_was_lost_is_ignored(self, world: World) -> None:
        replica = await world.replica()
        await world.send(COMMANDS, COMMAND, b"1")
        before = await self.take(replica, 1)
        await world.lose(replica)
        await replica.acknowledge(before)
        again = await self.take(replica, 1)
        assert again[0].body == b"1"

    async def test_what_a_replica_left_comes_to_another(self, world: World) -> None:
        gone = await world.replica()
        await world.send(COMMANDS, COMMAND, b"1")
        await self.take(gone, 1)
        await world.end(gone)
        heir = await world.replica()
        assert [delivery.body for delivery in await self.take(heir, 1)] == [b"1"]

    # Publishing

    async def test_what_is_published_is_confirmed_and_arrives_under_the_services_name(self, world: World) -> None:
        replica = await world.replica()
        messages = [Outgoing(COMMANDS, COMMAND, b"do", "1"), Outgoing(EVENTS, EVENT, b"done", "2")]
        assert await replica.publish(messages) == [True, True]
        found = await self.take(replica, 2)
        assert sorted(delivery.body for delivery in found) == [b"do", b"done"]
        assert {delivery.user for delivery in found} == {world.service_user}

    async def test_an_event_that_nobody_listens_to_is_confirmed(self, world: World) -> None:
        replica = await world.replica()
        assert await replica.publish([Outgoing(EVENTS, NOBODYS, b"who cares", "1")]) == [True]

    async def test_a_command_that_nobody_takes_is_kept_where_ops_see_it(self, world: World) -> None:
        replica = await world.replica()
        assert await replica.publish([Outgoing(COMMANDS, NOBODYS, b"lost?", "1")]) == [True]
        assert await world.drain("tandem.unrouted") == [b"lost?"]

    async def test_a_reply_reaches_its_senders_own_queue(self, world: World) -> None:
        replica = await world.replica()
        await world.declare("portal.replies")
        assert await replica.publish([Outgoing("", "portal.replies", b"answer", "1")]) == [True]
        assert await world.drain("portal.replies") == [b"answer"]

    async def test_a_reply_whose_queue_is_gone_counts_as_confirmed(self, world: World) -> None:
        replica = await world.replica()
        assert await replica.publish([Outgoing("", "portal.gone", b"answer", "1")]) == [True]

    async def test_a_message_over_one_mebibyte_is_not_confirmed_and_does_no_lasting_harm(self, world: World) -> None:
        replica = await world.replica()
        largest = Outgoing(EVENTS, EVENT, b"x" * MAX_MESSAGE, "1")
        assert await replica.publish([largest]) == [True]
        assert await replica.publish([Outgoing(EVENTS, EVENT, b"x" * (MAX_MESSAGE + 1), "2")]) == [False]
        assert await replica.publish([Outgoing(EVENTS, EVENT, b"small", "3")]) == [True]
        assert [len(delivery.body) for delivery in await self.take(replica, 2)] == [MAX_MESSAGE, 5]

    async def test_nothing_to_publish_is_no_fault(self, world: World) -> None:
        replica = await world.replica()
        assert await replica.publish([]) == []

    async def test_notices_are_kept_until_they_are_cleared(self, world: World) -> None:
        replica = await world.replica()
        queue = f"{SERVICE}.quarantine"
        await replica.publish([Outgoing("", queue, b"1", "1"), Outgoing("", queue, b"2", "2")])
        await replica.clear_notices()
        await replica.publish([Outgoing("", queue, b"3", "3")])
        assert await world.drain(queue) == [b"3"]
        await replica.clear_notices()
        assert await world.drain(queue) == []

    # A broker that is away

    async def test_while_the_broker_is_away_nothing_is_confirmed_and_the_replica_says_why(self, world: World) -> None:
        replica = await world.replica()
        message = Outgoing(EVENTS, EVENT, b"1", "1")
        assert await replica.publish([message]) == [True]
        assert await self.health(replica, well=True) is None
        await world.away(replica)
        confirmed: list[bool] = []
        with suppress(BrokerUnavailable):
            confirmed = await replica.publish([message])
        assert not any(confirmed)
        assert await self.health(replica, well=False)
        await world.back(replica)
        assert await self.health(replica, well=True) is None
        assert await replica.publish([message]) == [True]

    # Helpers

    @staticmethod
    async def take(replica: Deliveries, count: int) -> list[Delivery]:
        """So many deliveries, in as many turns as it takes."""
        found: list[Delivery] = []
        async with asyncio.timeout(LIMIT):
            while len(found) < count:
                found += await replica.receive(count - len(found))
        return found

    @staticmethod
    async def health(replica: Deliveries, *, well: bool) -> str | None:
        """What the replica says of itself, once that is as expected."""
        found = await replica.healthy()
        end = time.monotonic() + LIMIT
        while (found is None) != well and time.monotonic() < end:
            await asyncio.sleep(0.05)
            found = await replica.healthy()
        return found
