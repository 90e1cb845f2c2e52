"""How the counting service goes with more replicas, each a process, by the number of subjects that messages hit.

Who is hit is drawn by lot: the fewer subjects, the oftener two replicas change the same one at once, and one of them
decides its batch again.
"""

import asyncio
import os
import random
import secrets
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process

from tests.bench.bench import Bench, Result
from tests.bench.counter import Count
from tests.bench.replica import AMQP, MONGO

SUBJECTS = (50, 2_000, 20_000)
REPLICAS = (1, 2, 3)


async def replicas(bench: Bench, messages: int, rounds: int) -> str:
    """Every round, interleaved; the table."""
    results = {(subjects, count): Result() for subjects in SUBJECTS for count in REPLICAS}
    lot = random.Random(1)
    for _ in range(rounds):
        for (subjects, count), result in results.items():
            await bench.fill(Count, messages, [lot.randrange(subjects) for _ in range(messages)])
            await _measure(bench, count, messages, subjects, result)
    rows = [
        "| subjects | 1 replica, messages/s | 2 replicas, of one | 3 replicas, of one |",
        "|---|---|---|---|",
    ]
    for subjects in SUBJECTS:
        one, two, three = (results[subjects, count] for count in REPLICAS)
        middle = statistics.median(one.speed)
        rows.append(
            f"| {subjects:,} | {middle:,.0f} ({min(one.speed):,.0f}–{max(one.speed):,.0f}) | "
            f"{statistics.median(two.speed) / middle:.2f} | {statistics.median(three.speed) / middle:.2f} |"
        )
    return "\n".join(rows)


async def _measure(bench: Bench, count: int, messages: int, subjects: int, into: Result) -> None:
    name = f"bench-{secrets.token_hex(4)}"
    await (await bench.store(name)).close()
    own = Bench(bench.rabbit, bench.mongo, subjects, bench.batch)
    processes = [await _start(own, name, f"bench-{number}") for number in range(1, count + 1)]
    told = [(0, True)] * count
    over = asyncio.Event()

    async def follow(number: int, process: Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            done, empty = line.split()
            told[number] = (int(done), empty == b"1")
            if sum(done for done, _ in told) >= messages and all(empty for _, empty in told):
                over.set()

    following = [asyncio.create_task(follow(*one)) for one in enumerate(processes)]
    started = time.perf_counter()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
    async with asyncio.timeout(120):
        await over.wait()
    into.add(messages, time.perf_counter() - started, 0.0, 0)
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    assert [await process.wait() for process in processes] == [0] * count
    await asyncio.gather(*following)
    await bench.counted(name, messages)


async def _start(bench: Bench, database: str, owner: str) -> Process:
    words = (sys.executable, "-m", "tests.bench.replica", database, owner, str(bench.batch))
    env = {**os.environ, AMQP: bench.rabbit.amqp_url(), MONGO: bench.mongo.url}
    process = await asyncio.create_subprocess_exec(*words, stdin=PIPE, stdout=PIPE, env=env)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process
