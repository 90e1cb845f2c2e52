"""Systems side by side: what `up` runs, a demo against it, and a demo of its own meanwhile; nothing of them clashes."""

import asyncio
import json
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.base import TYPE_PREFIX
from shared.local.system import ROOT
from tests.support.privacy import leaks

STORY = Path(__file__).with_name("small.toml")


async def tandem(*arguments: str) -> Process:
    command = [sys.executable, "-m", "shared.cli", *arguments]
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE)


async def ended(process: Process) -> str:
    """What a command printed; it must have gone well."""
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()[-2000:]
    return out.decode()


async def demo(out: Path, *more: str) -> dict[str, Any]:
    """The figures of a demo of the small story."""
    process = await tandem("demo", "--json", "--data", str(STORY), "--out", str(out), *more)
    found: dict[str, Any] = json.loads((await ended(process)).strip().splitlines()[-1])
    return found


async def ready(up: Process, is_up: Callable[[], bool]) -> None:
    """Wait until what is coming up is there."""
    limit = time.monotonic() + 60
    while not is_up():
        assert up.returncode is None, await up.communicate()
        assert time.monotonic() < limit, "nothing came up"
        await asyncio.sleep(0.1)


def tells_its_own_story(figures: dict[str, Any], out: Path) -> None:
    """The driver knows no more than a portal: another file with other numbers ends in its own report."""
    assert (figures["programme"], figures["tandems"], figures["tandems_started"]) == ("small-2030", 3, 3)
    assert (figures["lost"], figures["unsent"], figures["quarantined"]) == (0, 0, 0)
    assert (figures["tandems_ended_early"], figures["rejected_registrations"], figures["on_reserve_list"]) == (0, 0, 1)
    assert figures["proposals"] == 4, "one declined; the day after, the next best were proposed"
    assert figures["report"]["frequency"] == "not_enough_data", "six people are too few to be sure of anything"
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    [frequency] = [answer["evidence"] for answer in report["answers"] if answer["question"] == "frequency"]
    assert (frequency["wants"], frequency["leans"]) == ("more-often", "change")
    assert {path.name for path in out.iterdir()} >= {"messages.jsonl", "report.json", "states.json", "terminal.svg"}
    lines = [json.loads(line) for line in (out / "messages.jsonl").read_text(encoding="utf-8").splitlines()]
    events = [line for line in lines if line.get("source", "").startswith("/tandem/")]
    assert "tandem.matching.proposal-declined.v1" in {event["type"] for event in events}
    assert [leak for event in events for leak in leaks(event["type"].removeprefix(TYPE_PREFIX), event, ())] == []


@pytest.mark.long
@pytest.mark.proves("S8", "S13", "S14", "P3", "P12")
async def test_a_demo_runs_against_replicas_while_another_one_runs_on_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "up"
    own = asyncio.create_task(demo(tmp_path / "own"))
    up = await tandem("up", "--scale", "matching=2", "--folder", str(folder))
    try:
        await ready(up, (folder / "env").exists)
        against = ("--against", str(folder / "env"))
        both = await asyncio.gather(demo(tmp_path / "against", *against), own)
        for figures, out in zip(both, ("against", "own"), strict=True):
            tells_its_own_story(figures, tmp_path / out)
        shown = json.loads(await ended(await tandem("status", "small-2030", "--json", *against)))
        assert len(shown["matching"]["tandems"]) == 3
        second = (folder / "log" / "matching-2.jsonl").read_text(encoding="utf-8")
        assert '"started"' in second
        unknown = await tandem("status", "other-2030", *against)
        assert b"no programme" in (await unknown.communicate())[1]
        assert unknown.returncode == 2
    finally:
        up.send_signal(signal.SIGTERM)
        await ended(up)
        await asyncio.gather(own, return_exceptions=True)
    assert not (folder / "env").exists(), "who runs no more has no address"
