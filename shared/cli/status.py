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
    """Single values as lines, lists of objects as tables; ids of people as names."""
    for key, value in view.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            columns = [c for c in value[0] if not isinstance(value[0][c], dict | list)]
            table = Table(title=key, title_justify="left")
            for column in columns:
                table.add_column(column, overflow="fold")  # ids are to be copied whole
            for row in value:
                table.add_row(*(_text(row.get(column), names) for column in columns))
            console.print(table)
        elif isinstance(value, dict):
            for inner, content in value.items():
                console.print(f"{key}.{escape(inner)}: {_text(content, names)}")
        elif value not in (None, []):
            console.print(f"{key}: {_text(value, names)}")


def _text(value: object, names: dict[str, str]) -> str:
    return "" if value is None else escape(names.get(str(value), str(value)))
