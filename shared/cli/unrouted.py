"""`tandem unrouted`: commands that no service takes, in the broker's queue `tandem.unrouted`.

Only the office may read that queue. Whoever looks puts everything back where it was. What is given back the broker
itself sends again to `tandem.commands`, so that it keeps the user who sent it, whose rights the service checks.
"""

import asyncio
import functools
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from aiormq.exceptions import ChannelAccessRefused, ChannelNotFoundEntity

from shared.cli.acting import By, Why, accepted, actor_of, checked_why, print_fields, print_rows
from shared.cli.addresses import Addresses, read_addresses
from shared.cli.client import Client, ClientError, connect
from shared.contracts import base
from shared.contracts.base import Command, Contract
from shared.runtime import discovery, envelope, topology
from shared.runtime.ids import derived_id

app = typer.Typer(add_completion=False, help="Commands that nobody takes: list, show, give back, or discard them.")

USER = "office"
RECORDS = "registration"
"""Who records what is done with a command whose owner is no service of ours."""

Against = Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Id = Annotated[str, typer.Argument(help="id as listed")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="look at no more than so many")]
What = Literal["read", "given-back", "discarded"]


@dataclass(frozen=True)
class Lying:
    """One command in the queue, in this connection's hands until the connection ends."""

    message: AbstractIncomingMessage

    @property
    def type(self) -> str:
        """The routing key, for which the broker checked its sender's right."""
        return self.message.routing_key or ""

    @property
    def read(self) -> envelope.Envelope | None:
        """The envelope, if it is one."""
        try:
            return envelope.read(self.message.body)
        except envelope.NotAnEnvelope:
            return None

    @property
    def id(self) -> str:
        """The command's own id; of what is no envelope one that follows from the body."""
        read = self.read
        return read.id if read else derived_id("unrouted", self.message.body.hex())

    def row(self) -> dict[str, Any]:
        """What is listed: never the body."""
        read = self.read
        sent = read.time.isoformat() if read and read.time else ""
        return {
            "id": self.id,
            "type": self.type,
            "sender": self.message.user_id or "",
            "sent": sent,
            "correlation": read.correlation if read else "",
        }


@asynccontextmanager
async def lying(addresses: Addresses, limit: int) -> AsyncIterator[list[Lying]]:
    """What lies in the queue, oldest first; whatever is not finished goes back at the end, also after a crash.

    Raises ClientError in one line.
    """
    connection = await connect(addresses.amqp(USER), USER, f"{USER}.{secrets.token_hex(6)}")
    try:
        channel = await connection.channel()
        queue = await channel.get_queue(topology.UNROUTED, ensure=False)
        found: list[Lying] = []
        while len(found) < limit and (message := await queue.get(fail=False)) is not None:
            found.append(Lying(message))
        yield found
    except ChannelAccessRefused:
        raise ClientError(f"{USER} may not read {topology.UNROUTED}; declare the users' rights again") from None
    except ChannelNotFoundEntity:
        raise ClientError(f"there is no queue {topology.UNROUTED}; declare the broker's queues first") from None
    except (*CONNECTION_EXCEPTIONS, TimeoutError):
        raise ClientError("the connection to the broker was lost; nothing is lost, type the command again") from None
    finally:
        await connection.close()


@functools.cache
def _taken() -> dict[str, type[Contract]]:
    """What the services of this release take, by routing key."""
    return {contract.name: contract for service in discovery.load_all() for contract in topology.contracts_of(service)}


def may_be_read(each: Lying) -> bool:
    """Whether a body may be shown: answers, wishes and vetoes to nobody, and what is not known may be one of them."""
    contract = _taken().get(each.type)
    # Under a wrong key may lie what is private under its own, as an envelope or as half of one.
    told = envelope.type_of(each.message.body) in (each.type, None)
    return contract is not None and told and issubclass(contract, Command) and not contract.private


@app.command("list")
def list_(limit: Limit = 1000, as_json: AsJson = False, against: Against = None) -> None:
    """List the commands that nobody takes: id, type, sender, when sent; never the body."""

    async def rows() -> list[dict[str, Any]]:
        async with lying(read_addresses(against), limit) as found:
            return [each.row() for each in found]

    found = asyncio.run(rows())
    print_rows(found, ("id", "type", "sender", "sent"), as_json=as_json, none="nobody's commands lie there")


@app.command()
def show(
    id: Id, why: Why = "", by: By = "", limit: Limit = 1000, as_json: AsJson = False, against: Against = None
) -> None:
    """Show one command; with --reason also its body. That it was read is recorded first."""
    addresses = read_addresses(against)

    async def row() -> dict[str, Any]:
        async with lying(addresses, limit) as found:
            [each, *_] = _named(found, id)
            if not why.strip():
                return each.row()
            if not may_be_read(each):
                raise ClientError(f"{each.id} may be private, so it is shown to nobody; take or discard it")
            await _note(addresses, each, "read", why, actor_of(addresses, by, USER))
            return {**each.row(), "body": each.message.body.decode(errors="replace")}

    print_fields(asyncio.run(row()), as_json=as_json)


@app.command()
def take(
    id: Annotated[str, typer.Argument(help="id as listed")] = "",
    all_: Annotated[bool, typer.Option("--all", help="everything that a service takes now")] = False,
    type: Annotated[str, typer.Option("--type", help="with --all: only this type")] = "",
    why: Why = "",
    by: By = "",
    limit: Limit = 1000,
    against: Against = None,
) -> None:
    """Give commands back to be taken, once a service takes them (after the release that knows them)."""
    if bool(id) == all_:
        raise typer.BadParameter("name one id, or --all", param_hint="ID")
    checked_why(why)
    name = type.removeprefix(base.TYPE_PREFIX)
    taken = _taken()

    def chosen(found: list[Lying]) -> list[Lying]:
        if all_:
            return [each for each in found if each.type in taken and name in ("", each.type)]
        mine = _named(found, id)
        if mine[0].type not in taken:
            raise ClientError(
                f"no service takes {mine[0].type}: it would come back at once; discard it, or release first"
            )
        return mine

    count, left = asyncio.run(_do(read_addresses(against), "given-back", chosen, why, by, limit))
    typer.echo(f"{count} given back" + (f", {left} lie there still" if left else ""))


@app.command()
def discard(id: Id, why: Why = "", by: By = "", limit: Limit = 1000, against: Against = None) -> None:
    """Give one command up; whoever waits for its answer hears of it."""
    checked_why(why)
    asyncio.run(_do(read_addresses(against), "discarded", lambda found: _named(found, id), why, by, limit))
    typer.echo(f"{id} is discarded")


def _named(found: list[Lying], id: str) -> list[Lying]:
    mine = [each for each in found if each.id == id]
    if not mine:
        raise ClientError(f"nothing in {topology.UNROUTED} has the id {id}, or somebody else looks at it right now")
    return mine


async def _do(
    addresses: Addresses, what: What, chosen: Callable[[list[Lying]], list[Lying]], why: str, by: str, limit: int
) -> tuple[int, int]:
    """Record, then do it: a crash in between leaves the command where it was. How many, and how many are left."""
    actor = actor_of(addresses, by, USER)
    async with lying(addresses, limit) as found:
        mine = chosen(found)
        for each in mine:
            await _note(addresses, each, what, why, actor)
            if what == "discarded":
                await each.message.ack()
            else:
                await each.message.reject(requeue=False)  # the broker sends it again by itself, and keeps it until then
        return len(mine), len(found) - len(mine)


async def _note(addresses: Addresses, each: Lying, what: What, why: str, actor: str) -> None:
    """Have it recorded, and wait until it is; who waits for a discarded command hears of it by its correlation id.

    Of what may be private neither its id nor its correlation is said: all may read the event.
    """
    owner = each.type.split(".")[0]
    service = discovery.load(owner if owner in discovery.service_names() else RECORDS)
    told = may_be_read(each)
    message = each.id if told else derived_id("unrouted", each.id)
    fields = {"message": message, "type": each.type, "what": what, "why": why}
    command = service.common(base.NoteUnrouted).model_validate(fields)
    keys = topology.readable(discovery.load_all(), USER)
    async with Client({USER: addresses.amqp(USER)}, keys) as client:
        sent = client.wrap(command, USER, actor=actor)
        if what == "discarded" and told and each.read is not None:
            sent = sent.model_copy(update={"correlationid": each.read.correlation})
        await client.publish(sent, USER)
        async for event in client.answers(sent.correlation, 30.0):
            if event.causationid == sent.id:
                accepted(event)
                return
    raise ClientError(f"{service.name} did not record it within 30 seconds; nothing was done")
