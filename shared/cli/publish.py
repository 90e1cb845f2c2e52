"""`tandem publish`: send a command, or an event of an outside owner, and see what comes of it."""

import asyncio
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated

import typer

from shared.cli.acting import reasons_of
from shared.cli.addresses import read_addresses
from shared.cli.client import Client, ClientError
from shared.cli.given import fitting, read_text
from shared.contracts.base import TYPE_PREFIX, Command, Contract, Event, Role
from shared.runtime import discovery, topology
from shared.runtime.envelope import Envelope

PREFERENCE: tuple[Role, ...] = ("person", "office", "ops", "delegate", "hr", "calendar")


def publish(
    type: Annotated[str, typer.Argument(help="the message's type, e.g. registration.register-mentor.v1")],
    file: Annotated[Path, typer.Argument(help="JSON file: the data, or a whole CloudEvents envelope")],
    wait: Annotated[bool, typer.Option("--wait", help="print the events that answer, until the answer came")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="go on printing until the timeout")] = False,
    timeout: Annotated[float, typer.Option(help="seconds to wait")] = 10.0,
    actor: Annotated[str, typer.Option(help="participant_id on whose behalf this is sent")] = "",
    user: Annotated[
        str,
        typer.Option(
            "--as",
            help="user of the broker; default the first who may send it, of what is about a participant office, unless "
            "--actor is given",
        ),
    ] = "",
    sequence: Annotated[
        int | None, typer.Option(min=1, help="an event's place in the history of its subject, the highest stands")
    ] = None,
    against: Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")] = None,
) -> None:
    """Send a command (or an event that its sender owns), checked against its contract first.

    With --wait, a command that is refused ends this with 1 and its reasons on standard error. An event is not
    answered; what is wrong with it is told in the same way.
    """
    name = type.removeprefix(TYPE_PREFIX)
    contract = _contract(name)
    message, envelope = _message(contract, file)
    envelope |= _placed(contract, sequence, envelope)
    sender = user or sender_of(contract, on_behalf=bool(actor or envelope.get("actor")))
    refused = asyncio.run(_publish(message, envelope, sender, actor, wait or follow, follow, timeout, against))
    for line in refused:
        typer.echo(f"tandem: {line}", err=True)
    if refused:
        raise typer.Exit(1)


def _contract(name: str) -> type[Contract]:
    known = {c.name: c for service in discovery.load_all() for c in topology.contracts_of(service)}
    if name not in known:
        near = [other for other in known if name.split(".")[-2:-1] == other.split(".")[-2:-1]]
        hint = f"; did you mean {near[0]}?" if near else "; `./tandem describe` lists what is taken"
        raise typer.BadParameter(f"no service takes {name}{hint}", param_hint="TYPE")
    return known[name]


def _message(contract: type[Contract], file: Path) -> tuple[Contract, dict[str, object]]:
    """The message, and what a whole envelope in the file says besides."""
    try:
        value = json.loads(read_text(file, "FILE"))
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"{file} is no JSON ({error})", param_hint="FILE") from None
    if not isinstance(value, dict):
        raise typer.BadParameter(f"{file} holds no JSON object", param_hint="FILE")
    given: dict[str, object] = {}
    if "specversion" in value:
        made = {"id": "-", "source": "/-", "type": TYPE_PREFIX + contract.name}
        header = fitting(Envelope, made | value, f"{file} is no envelope", "FILE")
        if header.name != contract.name:
            raise typer.BadParameter(f"{file} holds {header.name}, not {contract.name}", param_hint="FILE")
        given = {name: content for name, content in value.items() if name != "data"}
        value = value["data"]
    return fitting(contract, value, f"{file} does not fit {contract.name}", "FILE"), given


def _placed(contract: type[Contract], sequence: int | None, envelope: Mapping[str, object]) -> dict[str, object]:
    """The sequence that is given beside a file. Only a fact has one, and without one nobody takes a fact.

    Raises BadParameter.
    """
    fact = issubclass(contract, Event) and contract.stateful
    if sequence is not None and not fact:
        raise typer.BadParameter(f"{contract.name} is no fact, and only a fact has one", param_hint="--sequence")
    if fact and sequence is None and envelope.get("sequence") is None:
        needed = "a fact needs a sequence, from 1 for each subject; give --sequence, or a whole envelope with one"
        raise typer.BadParameter(needed, param_hint="FILE")
    return {} if sequence is None else {"sequence": sequence}


def sender_of(contract: type[Contract], *, on_behalf: bool) -> str:
    """The user of the broker who sends it where nobody is named: the first role that may.

    What is about a participant the office sends where it may, unless it is sent on somebody's behalf: a person may send
    it for themselves alone. Raises BadParameter where it is a service's own to say.
    """
    users = {role: user for user, role in topology.PEOPLE.items()}
    senders: Collection[str] = contract.senders if issubclass(contract, Command) else {contract.owner}
    first: tuple[Role, ...] = ("office",) if "participant_id" in contract.model_fields and not on_behalf else ()
    for role in (*first, *PREFERENCE):
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
) -> list[str]:
    """Send it and print what comes; the reasons why it was refused, if it was."""
    addresses, services = read_addresses(against), discovery.load_all()
    command = isinstance(message, Command)
    # Who says facts reads nothing; what is wrong with one the office reads.
    reader = user if command or not wait or topology.readable(services, user) else "office"
    urls = {reader: addresses.amqp(reader), user: addresses.amqp(user)}
    async with Client(urls, topology.readable(services, reader)) as client:
        envelope = client.wrap(message, user, actor=actor or None)
        if given:
            envelope = Envelope.model_validate({**envelope.model_dump(), **given})
        await client.publish(envelope, user, command=command)
        if not wait:
            typer.echo(envelope.id)
            return []
        answered, refused = False, list[str]()
        async for event in client.answers(envelope.correlation, timeout):
            typer.echo(event.model_dump_json(exclude_none=True))
            if not command:
                refused += _said_against(event)
                answered = bool(refused)
            elif _answers(event, message):
                answered = True
                # What follows from it may send, and be refused, commands of its own under the same correlation.
                if event.data.get("command_id") == envelope.id:
                    refused += [*reasons_of(event), *_hint(event, user, envelope)]
            if answered and not follow:
                break
        if not answered and not command:
            typer.echo(
                f"tandem: {envelope.id} was sent; nothing was said against it within {timeout:g} seconds (a fact has "
                "no answer, and what cannot be read at all is in `./tandem quarantine list`)",
                err=True,
            )
        elif not answered:
            raise ClientError(f"no answer came within {timeout:g} seconds; see `./tandem quarantine list`")
        return refused


def _hint(event: Envelope, user: str, sent: Envelope) -> list[str]:
    """What to add where a person's command was refused because it spoke for nobody."""
    codes = [reason.get("code") for reason in event.data.get("reasons", ())]
    if "not_yours" not in codes or sent.actor:
        return []
    return [f"it was sent as {user} on nobody's behalf; name the participant with --actor, or another sender with --as"]


def _said_against(event: Envelope) -> list[str]:
    """What its reader says is wrong with a fact, if this event says so."""
    if not event.name.endswith("-refused.v1"):
        return []
    return [f"{event.data['message']['en']} ({event.data['code']})"]


def _answers(event: Envelope, message: Contract) -> bool:
    """Whether an event is its owner's answer to a message; words for somebody may come before it."""
    return event.name.split(".")[0] == message.owner and not event.name.endswith(".person-addressed.v1")
