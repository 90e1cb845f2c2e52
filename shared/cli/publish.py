"""`tandem publish`: send a command, or an event of an outside owner, and see what comes of it."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from shared.cli.addresses import read_addresses
from shared.cli.client import Client, ClientError
from shared.contracts.base import TYPE_PREFIX, Command, Contract, Role
from shared.runtime import discovery, topology
from shared.runtime.envelope import Envelope
from shared.runtime.item import reasons_of

PREFERENCE: tuple[Role, ...] = ("person", "office", "ops", "delegate", "hr", "calendar")


def publish(
    type: Annotated[str, typer.Argument(help="the message's type, e.g. registration.register-mentor.v1")],
    file: Annotated[Path, typer.Argument(help="JSON file: the data, or a whole CloudEvents envelope", exists=True)],
    wait: Annotated[bool, typer.Option("--wait", help="print the events that answer, until the answer came")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="go on printing until the timeout")] = False,
    timeout: Annotated[float, typer.Option(help="seconds to wait")] = 10.0,
    actor: Annotated[str, typer.Option(help="participant_id on whose behalf this is sent")] = "",
    user: Annotated[str, typer.Option("--as", help="user of the broker; default the first who may send it")] = "",
    against: Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")] = None,
) -> None:
    """Send a command (or an event that its sender owns), checked against its contract first."""
    name = type.removeprefix(TYPE_PREFIX)
    contract = _contract(name)
    message, envelope = _message(contract, file)
    sender = user or _sender(contract)
    asyncio.run(_publish(message, envelope, sender, actor, wait or follow, follow, timeout, against))


def _contract(name: str) -> type[Contract]:
    known = {c.name: c for service in discovery.load_all() for c in topology.contracts_of(service)}
    if name not in known:
        near = [other for other in known if name.split(".")[-2:-1] == other.split(".")[-2:-1]]
        hint = f"; did you mean {near[0]}?" if near else "; `./tandem describe` lists what is taken"
        raise typer.BadParameter(f"no service takes {name}{hint}", param_hint="TYPE")
    return known[name]


def _message(contract: type[Contract], file: Path) -> tuple[Contract, dict[str, object]]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise typer.BadParameter(f"{file} is no JSON ({error})", param_hint="FILE") from None
    envelope = {k: v for k, v in value.items() if k != "data"} if "specversion" in value else {}
    data = value["data"] if envelope else value
    try:
        return contract.model_validate(data), envelope
    except ValidationError as error:
        found = "; ".join(f"{r.field}: {r.message.en}" for r in reasons_of(error))
        raise typer.BadParameter(f"{file} does not fit {contract.name}: {found}", param_hint="FILE") from None


def _sender(contract: type[Contract]) -> str:
    users = {role: user for user, role in topology.PEOPLE.items()}
    senders = contract.senders if issubclass(contract, Command) else frozenset({contract.owner})
    for role in PREFERENCE:
        if role in senders:
            return users[role]
    raise typer.BadParameter(f"{contract.name} is {contract.owner}'s own to say", param_hint="TYPE")


async def _publish(
    message: Contract,
    given: dict[str, object],
    user: str,
    actor: str,
    wait: bool,
    follow: bool,
    timeout: float,
    against: Path | None,
) -> None:
    keys = topology.readable(discovery.load_all(), user)
    async with Client({user: read_addresses(against).amqp(user)}, keys) as client:
        envelope = client.wrap(message, user, actor=actor or None)
        if given:
            envelope = Envelope.model_validate({**envelope.model_dump(), **given, "type": envelope.type})
        await client.publish(envelope, user, command=isinstance(message, Command))
        if not wait:
            typer.echo(envelope.id)
            return
        answered = False
        async for event in client.answers(envelope.correlation, timeout):
            typer.echo(event.model_dump_json(exclude_none=True))
            answered = True
            if not follow:
                break
        if not answered:
            raise ClientError(f"no answer came within {timeout:g} seconds; see `./tandem quarantine list`")
