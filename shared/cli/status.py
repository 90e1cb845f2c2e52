"""`tandem status`: where everybody and every tandem stands, what waits for whom until when."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shared.cli.addresses import Addresses, read_addresses
from shared.cli.client import ClientError
from shared.cli.views import UnknownProgrammeError, view_of

PERSON = "participant_id"
"""The column of a row that is about somebody."""


def status(
    programme: Annotated[str, typer.Argument(help="the programme's id")],
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
    against: Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")] = None,
) -> None:
    """Show where a programme stands, joined from the services' views, with names for who may read them.

    A service that is away is said on standard error, with exit code 2; the others are shown.
    """
    addresses = read_addresses(against)
    views, missing = _views(addresses, programme)
    if as_json:
        typer.echo(json.dumps(views, ensure_ascii=False))
    else:
        names: dict[str, str] = views.get("registration", {}).pop("names", {})
        console = Console()
        for service, view in views.items():
            console.rule(service, align="left")
            _show(console, view, names)
    for line in missing:
        typer.echo(f"tandem: {line}", err=True)
    if missing:
        raise typer.Exit(2)


def _views(addresses: Addresses, programme: str) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The view of each service that shows one, and why the others show none. Raises ClientError when none does."""
    views: dict[str, dict[str, Any]] = {}
    missing: list[str] = []
    for service in addresses.services:
        try:
            views[service] = view_of(addresses, service, programme)
        except UnknownProgrammeError:
            raise
        except ClientError as error:
            missing.append(str(error))
    if not views:
        raise ClientError(missing[0])
    return views, missing


def _show(console: Console, view: dict[str, Any], names: dict[str, str]) -> None:
    """Single values and labels as lines, lists of objects as tables; people by name, in rows about them with the id."""
    for key, value in view.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            console.print(_table(key, value, names))
        elif isinstance(value, dict) and not _is_label(value):
            for inner, content in value.items():
                console.print(f"{key}.{escape(inner)}: {_text(content, names)}")
        elif value not in (None, []):
            console.print(f"{key}: {_text(value, names)}")


def _table(title: str, rows: list[dict[str, Any]], names: dict[str, str]) -> Table:
    """Rows with all that fits into a cell, such as the labels of near topics."""
    columns = [
        c for c in rows[0] if all(_fits(row.get(c)) for row in rows) and any(row.get(c) not in ([], {}) for row in rows)
    ]
    table = Table(title=title, title_justify="left")
    for column in columns:
        if column == PERSON and names:
            table.add_column("name", overflow="fold")
        table.add_column(column, overflow="fold")  # ids are to be copied whole
    for row in rows:
        cells = []
        for column in columns:
            if column == PERSON and names:
                cells.append(escape(names.get(row[PERSON], "")))
            # Commands name people by their ids.
            cells.append(_text(row.get(column), {} if column == PERSON else names))
        table.add_row(*cells)
    return table


def _is_label(value: object) -> bool:
    """Whether something is words for people: in German, in English, or in both."""
    return isinstance(value, dict) and value.keys() == {"de", "en"}


def _fits(value: object) -> bool:
    """Whether something has its place in a cell: a single value, a label, or a list of what has a label."""
    if isinstance(value, list):
        return all(isinstance(each, str) or (isinstance(each, dict) and _is_label(each.get("label"))) for each in value)
    return not isinstance(value, dict) or _is_label(value)


def _text(value: object, names: dict[str, str]) -> str:
    if isinstance(value, dict) and _is_label(value):
        return escape(" / ".join(dict.fromkeys(words for words in value.values() if words)))
    if isinstance(value, list):
        return ", ".join(_text(each["label"] if isinstance(each, dict) else each, names) for each in value)
    return "" if value is None else escape(names.get(str(value), str(value)))
