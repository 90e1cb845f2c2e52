"""`tandem quarantine`: what could not be processed, and handing it back. Bodies are never shown."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from shared.cli.addresses import Addresses, read_addresses
from shared.cli.client import Client, ClientError
from shared.cli.views import content_of
from shared.contracts import base
from shared.runtime import discovery, topology

app = typer.Typer(add_completion=False, help="What could not be processed: list it, or hand it back.")

Against = Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")]


def listed(addresses: Addresses) -> list[dict[str, Any]]:
    """Every quarantined message of every service: id, message, type, service, reason, since."""
    found: list[dict[str, Any]] = []
    headers = {"Authorization": f"Bearer {addresses['TANDEM_OPS_TOKEN']}"}
    with httpx.Client(trust_env=False, timeout=10, headers=headers) as client:
        for service, url in addresses.services.items():
            try:
                answer = client.get(f"{url}/quarantine")
            except (httpx.TransportError, httpx.InvalidURL):
                raise ClientError(f"{service} does not answer at {url}; is it running?") from None
            found += content_of(service, answer)
    return sorted(found, key=lambda row: row["since"])


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False, against: Against = None) -> None:
    """List quarantined messages: id, type, service, reason, since; never the body."""
    rows = listed(read_addresses(against))
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        typer.echo("nothing is in quarantine")
        return
    table = Table()
    columns = ("id", "type", "service", "reason", "since")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(row[column]) for column in columns))
    Console().print(table)


@app.command()
def replay(
    id: Annotated[str, typer.Argument(help="id as listed")] = "",
    all_: Annotated[bool, typer.Option("--all", help="hand everything back")] = False,
    against: Against = None,
) -> None:
    """Hand a quarantined message back to its service, to be decided again."""
    if bool(id) == all_:
        raise typer.BadParameter("name one id, or --all", param_hint="ID")
    addresses = read_addresses(against)
    rows = listed(addresses)
    services = {row["service"] for row in rows if all_ or row["id"] == id}
    if not services:
        if all_:
            typer.echo("nothing is in quarantine")
            return
        raise ClientError(f"nothing in quarantine has the id {id}; see `./tandem quarantine list`")
    count = asyncio.run(_replay(addresses, sorted(services), "*" if all_ else id))
    typer.echo(f"{count} handed back")


async def _replay(addresses: Addresses, services: list[str], id: str) -> int:
    count = 0
    keys = topology.readable(discovery.load_all(), "ops")
    async with Client({"ops": addresses.amqp("ops")}, keys) as client:
        for name in services:
            command = discovery.load(name).common(base.ReplayQuarantined).model_validate({"id": id})
            answer = await client.ask(command, "ops")
            if "count" not in answer.data:
                raise ClientError(f"{name}: {answer.data['reasons'][0]['message']['en']}")
            count += answer.data["count"]
    return count
