"""Heavy work runs in a process of its own; whatever becomes of that process, the service goes on."""

import asyncio
import os
import signal
import time

import psutil
import pytest
from pydantic import BaseModel

from shared.runtime.decision import Internal
from shared.runtime.ports import LeaseLost, WorkFailed
from shared.runtime.table import Again, Job, Reader
from shared.runtime.worker import ProcessWorker


class Sum(BaseModel):
    """What to add up, and what to do instead."""

    numbers: tuple[int, ...] = ()
    instead: str = ""


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


async def inputs(ref: str, read: Reader) -> Sum:
    return Sum()


HEAVY = Job("add", inputs, "tests.unit.runtime.test_worker:add")
LIGHT = Job("add", inputs, add)


async def no_beat() -> None:
    return None


async def test_light_work_is_done_here_and_heavy_work_in_one_warm_process() -> None:
    worker = ProcessWorker()
    try:
        [(_, here)] = (await worker.run(LIGHT, Sum(numbers=(1, 2)), no_beat)).pieces
        [(name, there)] = (await worker.run(HEAVY, Sum(numbers=(1, 2)), no_beat)).pieces
        [(_, again)] = (await worker.run(HEAVY, Sum(numbers=(3,), instead="print"), no_beat)).pieces
    finally:
        await worker.close()
    assert (here["total"], here["pid"]) == (3, os.getpid())
    assert (name, there["total"]) == ("Total", 3)
    assert there["pid"] == again["pid"] != os.getpid()
    assert not psutil.pid_exists(there["pid"])


async def test_work_that_cannot_finish_yet_says_so() -> None:
    worker = ProcessWorker()
    try:
        assert (await worker.run(HEAVY, Sum(instead="again"), no_beat)).again
        assert (await worker.run(LIGHT, Sum(instead="again"), no_beat)).again
    finally:
        await worker.close()


@pytest.mark.parametrize("job", [HEAVY, LIGHT])
async def test_work_that_fails_is_named_without_its_text(job: Job) -> None:
    worker = ProcessWorker()
    try:
        with pytest.raises(WorkFailed, match="ValueError in ") as caught:
            await worker.run(job, Sum(instead="fail"), no_beat)
        assert "name" not in str(caught.value)
    finally:
        await worker.close()


async def test_a_process_that_dies_is_a_failed_job_and_the_next_gets_another() -> None:
    worker = ProcessWorker()
    try:
        with pytest.raises(WorkFailed, match="broke off"):
            await worker.run(HEAVY, Sum(instead="die"), no_beat)
        assert (await worker.run(HEAVY, Sum(numbers=(5,)), no_beat)).pieces[0][1]["total"] == 5
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
        await worker.run(HEAVY, Sum(instead="long"), lost)
    assert set(psutil.Process().children()) == before


async def test_an_idle_process_ends() -> None:
    worker = ProcessWorker(idle_seconds=0.1)
    [(_, there)] = (await worker.run(HEAVY, Sum(), no_beat)).pieces
    child = psutil.Process(there["pid"])
    await asyncio.to_thread(child.wait, 10)
    await worker.close()
