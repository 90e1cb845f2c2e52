"""`tandem demo`: the whole pilot on real parts, half a year in under two minutes."""

import asyncio
import contextlib
import datetime as dt
import json
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from shared.cli.addresses import Addresses, read_addresses
from shared.cli.client import Client
from shared.cli.demo import summary
from shared.cli.demo.driver import DayTakenError, Pilot, World
from shared.cli.demo.people_file import with_people_of
from shared.cli.demo.story import DEFAULT, Story, StoryError, read_story
from shared.cli.demo.tap import Tap
from shared.cli.drawing import drawn
from shared.local.folders import private_folder, write_private
from shared.local.system import ROOT, LocalSystem
from shared.runtime import discovery, topology

YEAR_OF_WEEKS = 52
"""By so much a story is moved on when the system has had its days already; weekdays stay."""


def demo(
    people: Annotated[
        Path | None, typer.Argument(help="a spreadsheet (CSV, XLSX) of people who take the place of the story's")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")] = False,
    chaos: Annotated[
        bool, typer.Option("--chaos", help="publish everything two or three times, out of order, and repeat events")
    ] = False,
    against: Annotated[Path | None, typer.Option(help="run against what is running: the file that `up` writes")] = None,
    data: Annotated[Path, typer.Option(help="the story: programme, people, what happens")] = DEFAULT,
    seed: Annotated[int, typer.Option(help="seed of the chaos")] = 1,
    out: Annotated[Path | None, typer.Option(help="folder for what was written; default out/demo-<time>")] = None,
) -> None:
    """Run the pilot: a programme from registration to report.

    The people of a spreadsheet go by role and number, without names; the story's own turns of events are then left out.
    """
    story = read_story(data)
    if people is not None:
        story = with_people_of(story, people)
    folder = out or ROOT / "out" / f"demo-{dt.datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}"  # noqa: DTZ005
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"{folder} cannot be written ({error.strerror})", param_hint="--out") from None
    console = Console(stderr=as_json, record=True)
    work = run(story, folder, console, against=against, chaos=random.Random(seed) if chaos else None)
    try:
        found = asyncio.run(_until_told(work))
    except asyncio.CancelledError:
        raise typer.Exit(128 + signal.SIGTERM) from None
    write_private(folder / "terminal.svg", drawn(console, "./tandem demo"))
    console.print(f"written to {folder}", markup=False)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    if found["lost"] or found["unsent"]:
        raise typer.Exit(1)


async def _until_told(work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """Do the work; SIGTERM ends it in good order, as Ctrl-C does."""
    task = asyncio.create_task(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


@contextlib.asynccontextmanager
async def _running(against: Path | None, console: Console) -> AsyncIterator[Addresses]:
    """Addresses of what runs already, or of a system of the demo's own that ends with it."""
    if against is not None:
        addresses = read_addresses(against)
        if addresses["TANDEM_DAYS"] != "command":
            raise StoryError("days come from the calendar there; start it with `./tandem up --days command`")
        yield addresses
        return
    folder = Path(tempfile.mkdtemp(prefix="demo-", dir=private_folder(ROOT / ".local")))
    failed = False
    try:
        system = LocalSystem(folder, days="command")
        try:
            with console.status("starting broker, database and four services …"):
                await system.start()
            yield Addresses(system.addresses(), str(folder))
        finally:
            with console.status("stopping …"):
                await system.stop()
    except Exception:
        failed = True
        # What went wrong stands in the logs: they stay for who looks for the cause.
        console.print(f"kept for who looks for the cause: {folder}", markup=False)
        raise
    finally:
        if not failed:
            shutil.rmtree(folder, ignore_errors=True)


async def run(
    story: Story, folder: Path, console: Console, *, against: Path | None = None, chaos: random.Random | None = None
) -> dict[str, Any]:
    """Run a story and write what was published into a folder; the figures."""
    async with _running(against, console) as addresses:
        tap = Tap(
            addresses["TANDEM_AMQP_URL"],
            addresses["TANDEM_MANAGEMENT_URL"],
            addresses.services,
            addresses["TANDEM_OPS_TOKEN"],
            chaos,
        )
        async with tap:
            begun, before = time.monotonic(), await tap.figures()
            pilot, report = await _live(story, addresses, console, chaos)
            lost = await tap.lost()
            seconds = time.monotonic() - begun
            after = await tap.figures()
            # What ran already has counted before; a service that was killed counts anew.
            counted = {name: max(0, count - before[name]) for name, count in after.items()}
            counted["outbox"] = after["outbox"]
            found = summary.figures(pilot, report, tap, counted, lost, seconds)
        summary.write(folder, pilot, report, tap, found)
        summary.show(console, pilot, report, found)
        return found


async def _live(
    story: Story, addresses: Addresses, console: Console, chaos: random.Random | None
) -> tuple[Pilot, dict[str, Any]]:
    """Live the story; a year later, under another id, where the system has had these days."""
    world = World()
    users = ("portal", "office", "ops")
    services = discovery.load_all()
    keys = topology.readable(services, "portal")
    async with Client({user: addresses.amqp(user) for user in users}, keys, world.hear) as client:
        for years in range(100):
            told = story.later(YEAR_OF_WEEKS * years, f"-{years + 1}") if years else story
            with _progress(console, told) as day:
                pilot = Pilot(told, client, world, tuple(s.name for s in services), chaos, day)
                with contextlib.suppress(DayTakenError):
                    return pilot, await pilot.run()
    raise StoryError("the system has had every day of the next hundred years; start a fresh one")


@contextlib.contextmanager
def _progress(console: Console, story: Story) -> Any:  # a generator of a callable; contextmanager types it away
    first, last = story.dates.opens, story.programme.term.ends + dt.timedelta(days=21)
    bar = Progress(TextColumn("{task.fields[day]}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True)
    with bar:
        task = bar.add_task("pilot", total=(last - first).days, day=str(first))

        def told(date: dt.date, text: str) -> None:
            bar.update(task, completed=(date - first).days, day=str(date))
            if text:
                bar.console.print(f"{date}  {text}")

        yield told
