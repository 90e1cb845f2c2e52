"""`tandem top`: looks every few seconds, until Ctrl-C; with --once one look, for a script as JSON."""

import asyncio
import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from shared.cli.addresses import read_addresses
from shared.cli.client import ClientError
from shared.cli.drawing import drawn
from shared.cli.given import write_all
from shared.cli.management import ManagementError, queues_of
from shared.cli.top.asking import Asking
from shared.cli.top.picture import Picture, picture
from shared.cli.top.screen import screen

HINT = "end: Ctrl-C"


def top(
    once: Annotated[bool, typer.Option("--once", help="look once and end")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON, one line a look")] = False,
    svg: Annotated[Path | None, typer.Option(help="with --once: write the picture there too")] = None,
    interval: Annotated[float, typer.Option(min=0.5, help="seconds between two looks")] = 2.0,
    against: Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")] = None,
) -> None:
    """Show queues, services, jobs and the latest problems, live; needs no right but the ops user's."""
    if svg is not None and (as_json or not once):
        raise typer.BadParameter("a picture is of one look: add --once, without --json", param_hint="--svg")
    console = Console(record=svg is not None)
    asyncio.run(_watch(Asking(read_addresses(against)), console, once=once, as_json=as_json, interval=interval))
    if svg is not None:
        write_all({svg: drawn(console, "./tandem top")}, "--svg")


async def look(asking: Asking) -> Picture:
    """One look. Raises ManagementError where asking again cannot help, ClientError when nobody answers at all."""
    queues, heard = await asyncio.gather(queues_of(asking.management), asking.services(), return_exceptions=True)
    trouble = []
    if isinstance(queues, BaseException):
        if not isinstance(queues, ManagementError) or queues.final:
            raise queues
        trouble.append(str(queues))
        queues = []
    if isinstance(heard, BaseException):
        raise heard
    if trouble and not any(each.ops for each in heard):
        raise ClientError(f"{trouble[0].removesuffix('; is it running?')}, and no service either; is Tandem running?")
    return picture(dt.datetime.now(dt.UTC), queues, heard, trouble)


async def _watch(asking: Asking, console: Console, *, once: bool, as_json: bool, interval: float) -> None:
    async with asking:
        shown = await look(asking)
        if once or as_json:
            while True:
                if as_json:
                    typer.echo(shown.model_dump_json())
                else:
                    console.print(screen(shown))
                if once:
                    return
                await asyncio.sleep(interval)
                shown = await look(asking)
        with Live(screen(shown, HINT), console=console, screen=True, auto_refresh=False) as live:
            while True:
                await asyncio.sleep(interval)
                try:
                    shown = await look(asking)
                except ClientError as error:
                    # What was there before stays in view, with the reason why it is not new.
                    shown = shown.model_copy(update={"trouble": (str(error),)})
                live.update(screen(shown, HINT), refresh=True)
