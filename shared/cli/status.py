"""`tandem status`: where everybody and every tandem stands, what waits for whom until when."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from shared.cli.addresses import read_addresses
from shared.cli.views import view_of


def status(
    programme: Annotated[str, typer.Argument(help="the programme's id")],
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
    against: Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")] = None,
) -> None:
    """Show where a programme stands, joined from the services' views, with names for who may read them."""
    addresses = read_addresses(against)
    views = {service: view_of(addresses, service, programme) for service in addresses.services}
    if as_json:
        typer.echo(json.dumps(views, ensure_ascii=False))
        return
    names: dict[str, str] = views["registration"].pop("names", {})
    console = Console()
    for service, view in views.items():
        console.rule(service, align="left")
        _show(console, view, names)


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
                console.print(f"{key}.{inner}: {_text(content, names)}")
        elif value not in (None, []):
            console.print(f"{key}: {_text(value, names)}")


def _text(value: object, names: dict[str, str]) -> str:
    return "" if value is None else names.get(str(value), str(value))
