"""Who acts, and why: what every command of first aid asks for."""

import asyncio
import contextlib
import datetime as dt
import json
import os
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.cli.addresses import Addresses
from shared.cli.client import Client, ClientError
from shared.contracts.base import LONGEST_WHY, Command
from shared.runtime import discovery, topology
from shared.runtime.actions import is_opaque
from shared.runtime.envelope import Envelope

BY = "TANDEM_BY"
WHOLE = ("id", "target", "attempts")
"""Columns that are never folded: what people copy into the next command, and figures."""
TIMES = ("at", "since", "sent")
LEAST = 8
"""Characters that a folded column gets at least, with the gap behind it."""

Why = Annotated[str, typer.Option("--reason", "--why", help="why; kept in the service's record (no names, please)")]
By = Annotated[str, typer.Option("--by", help=f"who: an opaque id, no name; default {BY}, else the broker's user")]


def checked_why(why: str, option: str = "--reason") -> str:
    """The reason, given by an option. Raises BadParameter when none is given, or too long a one."""
    if not why.strip():
        raise typer.BadParameter(f'say why with {option} "…"; it is recorded', param_hint=option)
    if len(why) > LONGEST_WHY:
        raise typer.BadParameter(f"at most {LONGEST_WHY} characters, please", param_hint=option)
    return why


def actor_of(addresses: Addresses, by: str, user: str, option: str = "--by") -> str:
    """Who acts, by an option. Raises BadParameter for what looks like a name: it stands in events."""
    actor = by or _by(addresses) or user
    if not is_opaque(actor):
        raise typer.BadParameter(
            f"who acts stands in events: give an opaque id (letters, . _ : -, a digit) as {option} or {BY}, no name",
            param_hint=option,
        )
    return actor


def named_actor(addresses: Addresses, given: str = "", option: str = "--by") -> str | None:
    """Who acts, where somebody is named: by an option, else in TANDEM_BY. Raises BadParameter as `actor_of` does."""
    return actor_of(addresses, given, "", option) if given or _by(addresses) else None


def _by(addresses: Addresses) -> str:
    return os.environ.get(BY, "") or addresses.values.get(BY, "")


def ask_each(
    addresses: Addresses, user: str, actor: str, commands: Sequence[Command], limit: float = 30.0
) -> list[Envelope]:
    """Send commands as a user, one after the other, and return their answers, each within `limit` seconds.

    Raises ClientError in one line, NoAnswer where one did not come in time.
    """

    async def ask() -> list[Envelope]:
        keys = topology.readable(discovery.load_all(), user)
        async with Client({user: addresses.amqp(user)}, keys) as client:
            return [accepted(await client.ask(command, user, actor=actor, limit=limit)) for command in commands]

    return asyncio.run(ask())


def accepted(answer: Envelope) -> Envelope:
    """An answer that is no refusal. Raises ClientError with every reason in one line."""
    if found := reasons_of(answer):
        raise ClientError("; ".join(found))
    return answer


def reasons_of(answer: Envelope) -> list[str]:
    """Why a command was refused, a line for each reason; nothing of an answer that is no refusal."""
    if not answer.name.endswith(".command-rejected.v1"):
        return []
    return [
        f"{r['field']}: {r['message']['en']} ({r['code']})" if r["field"] else f"{r['message']['en']} ({r['code']})"
        for r in answer.data["reasons"]
    ] or ["refused, and no reason was given"]


def print_rows(rows: list[dict[str, Any]], columns: Sequence[str], *, as_json: bool, none: str) -> None:
    """Rows as a table, or as JSON."""
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        typer.echo(none)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in WHOLE)
    for row in rows:
        # As it stands: what others sent is no markup of ours.
        table.add_row(*(Text(_cell(column, row.get(column, ""))) for column in columns))
    console = Console()
    whole = [
        max(len(column), *(len(_cell(column, row.get(column, ""))) for row in rows))
        for column in columns
        if column in WHOLE
    ]
    # Rather a line longer than the terminal than an id that cannot be copied.
    console.width = max(console.width, sum(whole) + len(whole) + LEAST * (len(columns) - len(whole)))
    console.print(table)


def _cell(column: str, value: object) -> str:
    """A value in a table: times to the minute, since the id beside them wants the room."""
    if column in TIMES:
        with contextlib.suppress(ValueError, OverflowError):
            return f"{dt.datetime.fromisoformat(str(value)).astimezone(dt.UTC):%Y-%m-%dT%H:%MZ}"
    return _text(value)


def _text(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def print_fields(row: dict[str, Any], *, as_json: bool) -> None:
    """One row, a line for each field, or as JSON."""
    if as_json:
        typer.echo(json.dumps(row, ensure_ascii=False))
        return
    width = max(map(len, row))
    show: Callable[[str], None] = typer.echo
    for name, value in row.items():
        show(f"{name:{width}}  {_text(value)}")
