"""`python -m tests.bench.registering --people 3000 --replicas 1,3`: registration alone, the other services away.

A system of its own each time, interleaved: a portal registers made-up people through the broker, everybody at once.
Prints the table that stands in docs/bench.md.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from services.matching.tool.sample import population
from shared.cli.client import Client
from shared.cli.demo.story import DEFAULT, read_story
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.runtime import discovery, topology
from tests.bench.matching.figures import rows
from tests.bench.matching.machine import described, load
from tests.bench.matching.solvers import as_sizes
from tests.bench.round_of_a_city import (
    MENTORS_OF_SEVEN,
    SEED,
    USERS,
    Heard,
    opening,
    registration,
    send,
    topics_of,
    until,
)
from tests.support.restorable import Restorable

ROUNDS = 3


async def seconds(people: int, replicas: int) -> float:
    """How long registering so many people takes, from the first command sent to the last person registered."""
    mentors = people * MENTORS_OF_SEVEN // 7
    entries = list(population(mentors, people - mentors, SEED))
    story = read_story(DEFAULT)
    with tempfile.TemporaryDirectory() as folder:
        system = Restorable(Path(folder), scale={"registration": replicas})
        heard = Heard()
        keys = topology.readable(discovery.load_all(), USERS[0])
        async with system, Client({user: system.amqp_url(user) for user in USERS}, keys, heard.hear) as client:
            await client.ask(s.StartDay(date=story.dates.opens), "ops")
            await client.ask(opening(story, people), "office")
            topics = topics_of(entries)
            await send(client, topics, "office")
            await until(client, heard, r.TopicListed.name, len(topics))
            for service in discovery.service_names():
                if service != "registration":
                    await system.down(service)
            programme = story.programme
            commands = [registration(entry, programme.id, programme.privacy_notice) for entry in entries]
            start = time.perf_counter()
            await send(client, commands, "portal")
            await until(client, heard, r.ParticipantRegistered.name, people)
            return heard.last[r.ParticipantRegistered.name] - start


def table(people: int, found: dict[int, list[float]]) -> list[str]:
    """A row for each number of replicas: people a second, and of one replica's."""
    one = statistics.median(found[min(found)])
    return rows(
        ["replicas", "people/s", "least–most", f"of {min(found)}"],
        [
            [
                str(replicas),
                f"{people / statistics.median(taken):,.0f}",
                f"{people / max(taken):,.0f}–{people / min(taken):,.0f}",
                f"{one / statistics.median(taken):.2f}",
            ]
            for replicas, taken in found.items()
        ],
    )


async def _measured(people: int, replicas: tuple[int, ...]) -> list[str]:
    found: dict[int, list[float]] = {each: [] for each in replicas}
    for _ in range(ROUNDS):
        for each in replicas:
            found[each].append(await seconds(people, each))
    return table(people, found)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=3_000)
    parser.add_argument("--replicas", type=lambda text: tuple(as_sizes(text, 1)), default=(1, 3))
    given, before = parser.parse_args(), load()
    lines = asyncio.run(_measured(given.people, given.replicas))
    said = f"{described(before)} {given.people:,} people, medians of {ROUNDS} interleaved rounds."
    sys.stdout.write("\n".join((said, "", *lines, "")))


if __name__ == "__main__":
    _main()
