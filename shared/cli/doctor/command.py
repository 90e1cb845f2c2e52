"""`tandem doctor`: says what is wrong with a deployment, and what to do; the exit code says how bad it is.

With `--repair` it mends what a command can mend after an accident, and the exit code tells of what is left.
"""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from shared.cli.addresses import read_addresses
from shared.cli.doctor.checks import CHECKS, examine, exit_code
from shared.cli.doctor.facts import Facts, Finding
from shared.cli.doctor.gather import gather
from shared.cli.repair import repair

STYLES = {"fault": "bold red", "unseen": "bold magenta", "warning": "yellow"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="print the findings as JSON")] = False,
    mend: Annotated[
        bool, typer.Option("--repair", help="after an accident: show what would be mended, then mend it")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="with --repair: do it without asking")] = False,
    against: Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")] = None,
) -> int:
    """Check a deployment. Exit code: 0 fine, 1 warnings, 2 something could not be looked at, 3 a fault.

    With --repair the same of what is left.
    """
    if yes and not mend:
        raise typer.BadParameter("it goes with --repair", param_hint="--yes")
    if yes and as_json:
        raise typer.BadParameter("with --json nothing is done: leave out one of them", param_hint="--yes")
    addresses = read_addresses(against)
    if mend:
        return repair(addresses, yes=yes, as_json=as_json)
    facts = asyncio.run(gather(addresses))
    found = examine(facts)
    if as_json:
        typer.echo(json.dumps([finding.as_json() for finding in found], ensure_ascii=False))
    else:
        _show(Console(), facts, found)
    return exit_code(found)


def _show(console: Console, facts: Facts, found: tuple[Finding, ...]) -> None:
    for finding in found:
        console.print(Text.assemble((f"{finding.severity:8}", STYLES[finding.severity]), f"{finding.what}"))
        console.print(Text(f"        → {finding.do}", style="dim"))
    if not isinstance(facts.broker, str) and facts.broker.users is None:
        console.print(Text("users' rights were not compared: set TANDEM_RABBITMQ_PASSWORD for that", style="dim"))
    console.print(f"{len(CHECKS)} checks, {len(found)} findings" if found else f"{len(CHECKS)} checks: all is well")
