"""Heavy work runs in a process of its own; whatever becomes of that process, the service goes on."""

import asyncio
import os
import signal
import time
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest
from pydantic import BaseModel

from shared.runtime.decision import Internal
from shared.runtime.ports import LeaseLost, Piece, WorkFailed
from shared.runtime.table import Again, Job, Reader
from shared.runtime.worker import ProcessWorker


class Sum(BaseModel):
    """What to add up, and what to do instead."""

    numbers: tuple[int, ...] = ()
    instead: str = ""


class SoFar(Internal):
    """A sum on the way."""

    total: int


class Total(Internal):
    """The sum, and who added it up."""

    total: int
    pid: int


def add(inputs: Sum) -> tuple[Total, ...] | Again:
    if inputs.instead == "again":
        return Again()
    if inputs.instead == "fail":
        raise ValueError("a name that nobody may read")
    if inputs.instead == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if inputs.instead == "print":
        print("libraries print what they like")  # noqa: T201
    if inputs.instead == "long":
        time.sleep(600)
    return (Total(total=sum(inputs.numbers), pid=os.getpid()),)


def add_slowly(inputs: Sum) -> Generator[SoFar, None, tuple[Total, ...]]:
    """Tells each sum on the way, and goes on after the first only when somebody has heard of it."""
    for at, _ in enumerate(inputs.numbers):
        yield SoFar(total=sum(inputs.numbers[: at + 1]))
        while not Path(inputs.instead).exists():
            time.sleep(0.01)
    return (Total(total=sum(inputs.numbers), pid=os.getpid()),)


async def inputs(ref: str, read: Reader) -> Sum:
    return Sum()


HEAVY = Job("add", inputs, "tests.unit.runtime.test_worker:add")
LIGHT = Job("add", inputs, add)


async def no_beat() -> None:
    return None


def tell_nobody(piece: Piece) -> None:
    return None


async def test_light_work_is_done_here_and_heavy_work_in_one_warm_process() -> None:
    worker = ProcessWorker()
    try:
        [(_, here)] = (await worker.run(LIGHT, Sum(numbers=(1, 2)), no_beat, tell_nobody)).pieces
        [(name, there)] = (await worker.run(HEAVY, Sum(numbers=(1, 2)), no_beat, tell_nobody)).pieces
        [(_, again)] = (await worker.run(HEAVY, Sum(numbers=(3,), instead="print"), no_beat, tell_nobody)).pieces
    finally:
        await worker.close()
    assert (here["total"], here["pid"]) == (3, os.getpid())
    assert (name, there["total"]) == ("Total", 3)
    assert there["pid"] == again["pid"] != os.getpid()
    assert not psutil.pid_exists(there["pid"])


async def test_what_heavy_work_yields_is_told_while_it_is_at_work(tmp_path: Path) -> None:
    worker, heard = ProcessWorker(beat_seconds=0.05), tmp_path / "heard"
    told: list[Piece] = []
    job = Job("add", inputs, "tests.unit.runtime.test_worker:add_slowly")

    async def beat() -> None:
        if told:
            heard.touch()

    try:
        [(_, total)] = (await worker.run(job, Sum(numbers=(1, 2), instead=str(heard)), beat, told.append)).pieces
    finally:
        await worker.close()
    assert told == [("SoFar", {"total": 1}), ("SoFar", {"total": 3})]
    assert total["total"] == 3


async def test_work_that_cannot_finish_yet_says_so() -> None:
    worker = ProcessWorker()
    try:
        assert (await worker.run(HEAVY, Sum(instead="again"), no_beat, tell_nobody)).again
        assert (await worker.run(LIGHT, Sum(instead="again"), no_beat, tell_nobody)).again
    finally:
        await worker.close()


@pytest.mark.parametrize("job", [HEAVY, LIGHT])
async def test_work_that_fails_is_named_without_its_text(job: Job) -> None:
    worker = ProcessWorker()
    try:
        with pytest.raises(WorkFailed, match="ValueError in ") as caught:
            await worker.run(job, Sum(instead="fail"), no_beat, tell_nobody)
        assert "name" not in str(caught.value)
    finally:
        await worker.close()


async def test_a_process_that_dies_is_a_failed_job_and_the_next_gets_another() -> None:
    worker = ProcessWorker()
    try:
        with pytest.raises(WorkFailed, match="broke off"):
            await worker.run(HEAVY, Sum(instead="die"), no_beat, tell_nobody)
        assert (await worker.run(HEAVY, Sum(numbers=(5,)), no_beat, tell_nobody)).pieces[0][1]["total"] == 5
    finally:
        await worker.close()


async def test_whoever_loses_the_lease_stops_working() -> None:
    worker = ProcessWorker(beat_seconds=0.2)
    beats = 0

    async def lost() -> None:
        nonlocal beats
        beats += 1
        if beats > 2:
            raise LeaseLost

    before = set(psutil.Process().children())
    with pytest.raises(LeaseLost):
        await worker.run(HEAVY, Sum(instead="long"), lost, tell_nobody)
    assert set(psutil.Process().children()) == before


async def test_an_idle_process_ends() -> None:
    worker = ProcessWorker(idle_seconds=0.1)
    [(_, there)] = (await worker.run(HEAVY, Sum(), no_beat, tell_nobody)).pieces
    child = psutil.Process(there["pid"])
    await asyncio.to_thread(child.wait, 10)
    await worker.close()
