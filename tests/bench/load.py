"""`python -m tests.bench.load --against FILE`: messages for a running Tandem, so that there is something to watch.

Sends commands as the office, each with a topic of its own, and, spread among them, messages that cannot be read, which
go into registration's quarantine. For rehearsals: what it adds stays in the catalogue.
"""

import argparse
import asyncio
import datetime as dt
import secrets
import time
from pathlib import Path

import aio_pika

from shared.cli.addresses import read_addresses
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.runtime import envelope
from shared.runtime.batch import COMMANDS

TOGETHER = 250


def bodies(run: str, first: int, count: int, broken: int) -> list[bytes]:
    """Some messages; each `broken`-th cannot be read (0: none)."""
    found = []
    for number in range(first, first + count):
        if broken and number % broken == 0:
            found.append(f"not an envelope {number}".encode())
            continue
        topic = r.AddTopic(topic_id=f"{run}-{number}", area="software", label=Text(de="Last", en="Load"))
        found.append(
            envelope.wrap(topic, id=f"{run}-{number}", source="/office", time=dt.datetime.now(dt.UTC)).encode()
        )
    return found


async def load(url: str, messages: int, broken: int) -> float:
    """Publish with confirms, so many at once; messages a second."""
    run, begun = f"load{secrets.token_hex(3)}", time.monotonic()
    connection = await aio_pika.connect(url)
    async with connection, connection.channel(publisher_confirms=True) as channel:
        exchange = await channel.get_exchange(COMMANDS, ensure=False)
        for first in range(0, messages, TOGETHER):
            some = bodies(run, first, min(TOGETHER, messages - first), broken)
            letters = (
                aio_pika.Message(body, user_id="office", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
                for body in some
            )
            await asyncio.gather(*(exchange.publish(letter, r.AddTopic.name) for letter in letters))
    return messages / (time.monotonic() - begun)


def main() -> None:
    """Read the command line and send."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, help="file with addresses; default .local/env")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--broken", type=int, default=0, help="each so-manieth cannot be read; 0: none")
    given = parser.parse_args()
    rate = asyncio.run(load(read_addresses(given.against).amqp("office"), given.messages, given.broken))
    print(f"{given.messages} messages published, {rate:,.0f} a second")  # noqa: T201 - a program


if __name__ == "__main__":
    main()
