"""What was committed is said, also beside what the broker never takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from shared.runtime.adapters.memory import MemoryDeliveries
from shared.runtime.batch import CLAIM
from shared.runtime.engine import Limits
from shared.runtime.ports import BrokerUnavailable, Outgoing
from tests.support.shop import LIBRARY, Join
from tests.unit.runtime.engine_in_memory import Replica


@dataclass
class Picky(MemoryDeliveries):
    """Refuses one message and closes the channel: what travels behind it is not confirmed either."""

    refused: str = "m3"
    rounds: int = 0
    away: bool = False
    taken: list[str] = field(default_factory=list)

    async def publish(self, messages: Sequence[Outgoing]) -> list[bool]:
        self.rounds += 1
        if self.away:
            raise BrokerUnavailable("blocked")
        confirmed: list[bool] = []
        for message in messages:
            refused = b'"member":"%s"' % self.refused.encode() in message.body or (
                bool(confirmed) and not confirmed[-1]
            )
            confirmed.append(not refused)
        arrived = [message for message, ok in zip(messages, confirmed, strict=True) if ok]
        await super().publish(arrived)
        return confirmed


def picky(replica: Replica) -> Picky:
    broker = Picky(replica.broker, replica.service.name)
    replica.engine.outbox.broker = broker
    return broker


async def said(replica: Replica, rounds: int) -> int:
    for _ in range(rounds):
        await replica.engine.outbox.publish()
    return len(replica.types())


async def test_one_message_that_the_broker_refuses_is_never_in_the_way_of_the_others() -> None:
    replica = Replica(LIBRARY, Limits(batch=10))
    broker = picky(replica)
    for number in range(40):
        replica.send(Join(club="c", member=f"m{number}"))
    for _ in range(4):
        await replica.engine.intake()
    assert await said(replica, 30) == 39
    assert replica.engine.outbox.backlog == 1
    broker.refused = "nobody"
    assert await said(replica, 3) == 1
    assert replica.engine.outbox.empty


async def test_beside_a_refused_message_what_another_s_crash_left_is_said() -> None:
    replica = Replica(LIBRARY, Limits(batch=10))
    picky(replica)
    replica.send(Join(club="c", member="m3"))
    await replica.engine.intake()
    await replica.engine.outbox.publish()
    dead = replica.changed(LIBRARY)
    dead.engine.owner, dead.engine.token = "library-2", lambda: "another's"
    dead.send(Join(club="c", member="m"), id="of another")
    await dead.engine.intake()
    replica.clock.at += 2 * CLAIM
    assert await replica.engine.outbox.sweep()
    assert await said(replica, 3) == 1
    assert replica.engine.outbox.backlog == 1, "the refused one still waits"


async def test_while_nothing_gets_through_attempts_become_rarer() -> None:
    replica = Replica(LIBRARY)
    broker = picky(replica)
    broker.away = True
    replica.send(Join(club="c", member="m"))
    await replica.engine.intake()
    begun = replica.clock.at
    for _ in range(20):
        await replica.engine.outbox.publish()
    assert (replica.clock.at - begun).total_seconds() > 60
    broker.away = False
    assert await said(replica, 2) == 1


async def test_a_living_replica_keeps_what_it_cannot_publish_for_itself() -> None:
    replica = Replica(LIBRARY)
    broker = picky(replica)
    broker.away = True
    replica.send(Join(club="c", member="m"))
    await replica.engine.intake()
    other = replica.changed(LIBRARY)
    other.engine.outbox.owner = "library-2"
    for _ in range(5):
        await replica.engine.outbox.sweep()
        replica.clock.at += CLAIM / 2
        assert not await other.engine.outbox.sweep(), "its owner lives"
    replica.clock.at += 3 * CLAIM
    assert await other.engine.outbox.sweep(), "its owner is gone"
    await other.settle()
    assert len(other.types()) == 1


@pytest.mark.parametrize("limit", [1, 3])
async def test_what_is_kept_is_left_alone_while_too_much_waits_to_be_published(limit: int) -> None:
    replica = Replica(LIBRARY, Limits(batch=2, backlog=limit))
    broker = picky(replica)
    broker.away = True
    for number in range(limit):
        replica.send(Join(club="c", member=f"m{number}"))
    while not replica.engine.full:
        await replica.engine.intake()
    assert not await replica.kept_loop.round()
    assert replica.engine.outbox.backlog == limit
