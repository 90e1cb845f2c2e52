"""`tandem round`: what the office does with a round of proposals."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from shared.cli.addresses import Addresses, read_addresses
from shared.cli.client import Client, ClientError
from shared.cli.given import fitting
from shared.cli.views import names_of, view_of
from shared.contracts import matching
from shared.contracts.base import Command
from shared.runtime import discovery, topology

app = typer.Typer(
    add_completion=False,
    help="A round of proposals: show it, approve it, decline one of its pairs.",
)

Programme = Annotated[str, typer.Argument(help="the programme's id")]
Against = Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")]


@app.command()
def show(
    programme: Programme, as_json: Annotated[bool, typer.Option("--json")] = False, against: Against = None
) -> None:
    """Show the rounds of a programme and their proposals, with the reasons for each pair."""
    addresses = read_addresses(against)
    names = names_of(addresses, programme)
    view = view_of(addresses, "matching", programme)
    if as_json:
        typer.echo(json.dumps(view, ensure_ascii=False))
        return
    console = Console()
    for round_ in view["rounds"]:
        console.print(f"round {round_['number']} ({round_['round_id']}): {round_['status']}")
        if round_["status"] == "proposed":
            for o in round_.get("offers", ()):
                console.print(f"  offer {o['offer']}: {o['kept']} kept, {o['ended']} ended, {o['new']} new")
    for c in view.get("changes", ()):
        mentor, mentee = (names.get(c[side], c[side]) for side in ("mentor", "mentee"))
        console.print(f"{c['offer']}  {c['change']}: [bold]{mentor} and {mentee}[/bold], score {c['score']}")
    for p in view["proposals"]:
        mentor, mentee = (names.get(p[side], p[side]) for side in ("mentor", "mentee"))
        console.print(f"{p['proposal_id']}  [bold]{mentor} and {mentee}[/bold]: score {p['score']}, {p['status']}")
        for reason in p.get("reasons", ()):
            console.print(f"    {reason['text']['en']}", highlight=False)


@app.command()
def approve(
    programme: Programme,
    full_order: Annotated[bool, typer.Option("--full-order", help="of a re-match, the other offer")] = False,
    against: Against = None,
) -> None:
    """Approve every proposal of the round that waits for the office; of a re-match, the offer with fewest changes."""
    addresses = read_addresses(against)
    waiting = [r for r in view_of(addresses, "matching", programme)["rounds"] if r["status"] == "proposed"]
    if not waiting:
        raise ClientError(f"no round of {programme} waits for approval; see `./tandem round show {programme}`")
    for round_ in waiting:
        offer: matching.OfferName = "full_order" if full_order else "fewest_changes"
        answer = _ask(addresses, matching.ApproveRound(round_id=round_["round_id"], offer=offer))
        typer.echo(f"round {round_['number']}: {answer['status']}")


@app.command()
def decline(
    proposal: Annotated[str, typer.Argument(help="the proposal's id")],
    reason: Annotated[str, typer.Option(help="why; recorded, in no event")],
    against: Against = None,
) -> None:
    """Decline one pair before it is sent to the people."""
    given = {"proposal_id": proposal, "reason": reason}
    command = fitting(matching.RejectProposal, given, "this declines nothing", "PROPOSAL, --reason")
    answer = _ask(read_addresses(against), command)
    typer.echo(f"proposal {answer['proposal_id']}: {answer['status']}")


def _ask(addresses: Addresses, command: Command) -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        keys = topology.readable(discovery.load_all(), "office")
        async with Client({"office": addresses.amqp("office")}, keys) as client:
            return (await client.ask(command, "office")).data

    answer = asyncio.run(ask())
    if "reasons" in answer and "command_id" in answer:
        raise ClientError("; ".join(r["message"]["en"] for r in answer["reasons"]))
    return answer
