"""`tandem up`: broker, database and the four services on this machine, until Ctrl-C."""

import asyncio
import shlex
import signal
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from shared.cli.addresses import DEFAULT
from shared.local.system import ROOT, LocalSystem


def up(
    scale: Annotated[list[str] | None, typer.Option(help="replicas of a service, e.g. --scale matching=3")] = None,
    days: Annotated[
        str, typer.Option(envvar="TANDEM_DAYS", help="where days come from: clock, or command (scheduling.start-day)")
    ] = "command",
    folder: Annotated[Path, typer.Option(help="folder for data, logs, secrets and addresses")] = ROOT / ".local",
) -> None:
    """Start broker, database and all services, and stay until Ctrl-C."""
    if days not in ("clock", "command"):
        raise typer.BadParameter("choose clock or command", param_hint="--days")
    mode: Literal["clock", "command"] = "clock" if days == "clock" else "command"
    asyncio.run(_stay(LocalSystem(folder, scale=_replicas(scale or []), days=mode)))


def where(folder: Path) -> list[str]:
    """Where things are, a line each; what other commands are to be told if it is not where they look."""
    env = folder / "env"
    lines = [f"addresses and passwords: {env}   logs: {folder / 'log'}   end: Ctrl-C"]
    if env.resolve() != DEFAULT.resolve():
        lines.append(f"other commands find this with: --against {shlex.quote(str(env))}")
    return lines


def _replicas(scale: list[str]) -> dict[str, int]:
    found = {}
    for text in scale:
        service, _, count = text.partition("=")
        if not count.isdigit() or not 1 <= int(count) <= 16:
            raise typer.BadParameter(f"{text!r}: write service=number, 1 to 16", param_hint="--scale")
        found[service] = int(count)
    return found


async def _stay(system: LocalSystem) -> None:
    console = Console()
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    try:
        with console.status("starting broker, database and services …"):
            await system.start()
        table = Table(title="Tandem is up", title_justify="left")
        table.add_column("what")
        table.add_column("address")
        table.add_row("broker (management)", system.rabbit.management_url)
        for replica in system.replicas.values():
            table.add_row(replica.name, replica.url)
        console.print(table)
        for line in where(system.folder):
            console.print(line, markup=False, soft_wrap=True)  # paths are to be copied whole
        await ended.wait()
    finally:
        with console.status("stopping …"):
            await system.stop()
