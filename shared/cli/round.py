"""`tandem round`: what the office does with a round of proposals."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from shared.cli.addresses import Addresses, read_addresses
from shared.cli.client import Client, ClientError
from shared.cli.given import fitting
from shared.cli.views import names_of, view_of
from shared.contracts import matching
from shared.contracts.base import Command
from shared.runtime import discovery, topology

app = typer.Typer(
    add_completion=False,
    help="A round of proposals: fix a pair for it, show it, approve it, leave all as it is, decline one of its pairs.",
)

Programme = Annotated[str, typer.Argument(help="the programme's id")]
Mentor = Annotated[str, typer.Argument(help="the mentor's participant_id")]
Mentee = Annotated[str, typer.Argument(help="the mentee's participant_id")]
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
        wishes = f", wishes and vetoes until {round_['wish_by']}" if _wishing(round_) else ""
        console.print(f"round {round_['number']} ({round_['round_id']}): {round_['status']}{wishes}")
        if round_["status"] == "proposed":
            for o in round_.get("offers", ()):
                lowest = "none" if o["lowest_score"] is None else o["lowest_score"]
                console.print(
                    f"  offer {o['offer']}: {o['kept']} kept, {o['ended']} ended, {o['new']} new, "
                    f"lowest score {lowest}, sum {o['sum_of_scores']}"
                )
    for c in view.get("changes", ()):
        mentor, mentee = (escape(names.get(c[side], c[side])) for side in ("mentor", "mentee"))
        console.print(f"{c['offer']}  {c['change']}: [bold]{mentor} and {mentee}[/bold], score {c['score']}")
    for p in view["proposals"]:
        mentor, mentee = (escape(names.get(p[side], p[side])) for side in ("mentor", "mentee"))
        console.print(f"{p['proposal_id']}  [bold]{mentor} and {mentee}[/bold]: score {p['score']}, {p['status']}")
        for reason in p.get("reasons", ()):
            console.print(f"    {reason['text']['en']}", highlight=False, markup=False)


@app.command()
def approve(
    programme: Programme,
    full_order: Annotated[bool, typer.Option("--full-order", help="of a re-match, the other offer")] = False,
    against: Against = None,
) -> None:
    """Approve every proposal of the round that waits for the office; of a re-match, the offer with fewest changes."""
    addresses = read_addresses(against)
    offer: matching.OfferName = "full_order" if full_order else "fewest_changes"
    for round_ in _rounds(addresses, programme, _proposed, "waits for approval"):
        answer = _ask(addresses, matching.ApproveRound(round_id=round_["round_id"], offer=offer))
        typer.echo(f"round {round_['number']}: {answer['status']}")


@app.command()
def keep(
    programme: Programme,
    reason: Annotated[str, typer.Option(help="why; recorded, in no event")],
    against: Against = None,
) -> None:
    """Of a re-match, take neither offer: every open proposal stays as it is."""
    addresses = read_addresses(against)
    for round_ in _rounds(addresses, programme, _proposed, "waits for approval"):
        given = {"round_id": round_["round_id"], "reason": reason}
        command = fitting(matching.DeclineRound, given, "this keeps nothing", "--reason")
        answer = _ask(addresses, command)
        typer.echo(f"round {round_['number']}: {answer['status']}, every open proposal stays")


@app.command()
def end_wishing(programme: Programme, against: Against = None) -> None:
    """Wait for no more wishes and vetoes: the round is solved with what was named."""
    addresses = read_addresses(against)
    for round_ in _rounds(addresses, programme, _wishing, "waits for wishes"):
        answer = _ask(addresses, matching.EndWishing(round_id=round_["round_id"]))
        typer.echo(f"round {round_['number']}: {answer['status']}")


@app.command()
def pin(
    programme: Programme,
    mentor: Mentor,
    mentee: Mentee,
    reason: Annotated[str, typer.Option(help="why, where the pair breaks a hard rule; recorded, in no event")] = "",
    against: Against = None,
) -> None:
    """Fix a pair for the next round."""
    given = {"programme_id": programme, "mentor": mentor, "mentee": mentee, "reason": reason}
    _pair(fitting(matching.PinPair, given, "this fixes nothing", "PROGRAMME, MENTOR, MENTEE, --reason"), against)


@app.command()
def unpin(programme: Programme, mentor: Mentor, mentee: Mentee, against: Against = None) -> None:
    """Fix a pair no longer."""
    given = {"programme_id": programme, "mentor": mentor, "mentee": mentee}
    _pair(fitting(matching.UnpinPair, given, "this frees nothing", "PROGRAMME, MENTOR, MENTEE"), against)


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


def _proposed(round_: dict[str, Any]) -> bool:
    return bool(round_["status"] == "proposed")


def _wishing(round_: dict[str, Any]) -> bool:
    return bool(round_["status"] == "gathering" and round_.get("wish_by"))


def _rounds(
    addresses: Addresses, programme: str, wanted: Callable[[dict[str, Any]], bool], what: str
) -> list[dict[str, Any]]:
    """The rounds of a programme that wait for something. Raises ClientError when none does."""
    found = [round_ for round_ in view_of(addresses, "matching", programme)["rounds"] if wanted(round_)]
    if not found:
        raise ClientError(f"no round of {programme} {what}; see `./tandem round show {programme}`")
    return found


def _pair(command: matching.PinPair | matching.UnpinPair, against: Path | None) -> None:
    answer = _ask(read_addresses(against), command)
    typer.echo(f"{answer['mentor']} and {answer['mentee']}: {answer['status']}")


def _ask(addresses: Addresses, command: Command) -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        keys = topology.readable(discovery.load_all(), "office")
        async with Client({"office": addresses.amqp("office")}, keys) as client:
            return (await client.ask(command, "office")).data

    answer = asyncio.run(ask())
    if "reasons" in answer and "command_id" in answer:
        raise ClientError("; ".join(r["message"]["en"] for r in answer["reasons"]))
    return answer
