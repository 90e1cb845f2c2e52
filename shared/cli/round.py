"""`tandem round`: what the office does with a round of proposals."""

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from shared.cli.addresses import Addresses, read_addresses
from shared.cli.client import Client, ClientError
from shared.cli.given import fitting
from shared.cli.rematch import carried_out
from shared.cli.round_shown import show_rounds, waits_for_wishes
from shared.cli.views import names_of, view_of
from shared.contracts import matching
from shared.contracts.base import Command
from shared.runtime import discovery, topology

app = typer.Typer(
    add_completion=False,
    help="A round of proposals: fix a pair for it, start it, show it, approve it or some of its pairs, leave all as it "
    "is, decline one of its pairs.",
)

OF_ONE_PERSON = ("withdrawn", "not_free")
"""Codes of a refusal that speaks of one of the two."""

Programme = Annotated[str, typer.Argument(help="the programme's id")]
Mentor = Annotated[str, typer.Argument(help="the mentor: participant_id, or the name as shown")]
Mentee = Annotated[str, typer.Argument(help="the mentee: participant_id, or the name as shown")]
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
    show_rounds(Console(), view, names, programme)


@app.command()
def start(programme: Programme, against: Against = None) -> None:
    """Start another round for who has no tandem and the places that are free."""
    command = fitting(matching.StartRound, {"programme_id": programme}, "this starts nothing", "PROGRAMME")
    answer = _ask(read_addresses(against), command)
    typer.echo(f"round {answer['number']}: {answer['status']}; see `./tandem round show {programme}`")


@app.command()
def approve(
    programme: Programme,
    full_order: Annotated[bool, typer.Option("--full-order", help="of a re-match, the other offer")] = False,
    pair: Annotated[list[str] | None, typer.Option(help="only the pair of this proposal's id; may be repeated")] = None,
    against: Against = None,
) -> None:
    """Approve every proposal of the round that waits for the office; of a re-match, the offer with fewest changes."""
    addresses = read_addresses(against)
    if pair:
        if full_order:
            raise typer.BadParameter("choose an offer or single pairs, not both", param_hint="--pair")
        _approve_pairs(addresses, programme, pair)
        return
    view = view_of(addresses, "matching", programme)
    offer: matching.OfferName = "full_order" if full_order else "fewest_changes"
    for round_ in _rounds(view, programme, _proposed, "waits for approval"):
        answer = _ask(addresses, matching.ApproveRound(round_id=round_["round_id"], offer=offer))
        typer.echo(f"round {round_['number']}: {answer['status']}")
        if round_.get("offers"):
            look = lambda: view_of(addresses, "matching", programme)  # noqa: E731
            typer.echo(f"  {offer}: {carried_out(view, round_, offer, programme, look)}")


def _approve_pairs(addresses: Addresses, programme: str, ids: list[str]) -> None:
    known = {p["proposal_id"] for p in view_of(addresses, "matching", programme)["proposals"]}
    for id in ids:
        if id not in known:
            raise typer.BadParameter(
                f"{programme} has no proposal {id!r}; `./tandem round show {programme}` lists them", param_hint="--pair"
            )
    for id in ids:
        answer = _ask(addresses, matching.ApproveProposal(proposal_id=id))
        typer.echo(f"proposal {answer['proposal_id']}: {answer['status']}")


@app.command()
def keep(
    programme: Programme,
    reason: Annotated[str, typer.Option(help="why; recorded, in no event")],
    against: Against = None,
) -> None:
    """Of a re-match, take neither offer: every open proposal stays as it is."""
    addresses = read_addresses(against)
    view = view_of(addresses, "matching", programme)
    for round_ in _rounds(view, programme, _proposed, "waits for approval"):
        given = {"round_id": round_["round_id"], "reason": reason}
        command = fitting(matching.DeclineRound, given, "this keeps nothing", "--reason")
        answer = _ask(addresses, command)
        typer.echo(f"round {round_['number']}: {answer['status']}, every open proposal stays")
        typer.echo(f"  no other round follows by itself; `./tandem round start {programme}` starts one")


@app.command()
def end_wishing(programme: Programme, against: Against = None) -> None:
    """Wait for no more wishes and vetoes: the round is solved with what was named."""
    addresses = read_addresses(against)
    view = view_of(addresses, "matching", programme)
    for round_ in _rounds(view, programme, waits_for_wishes, "waits for wishes"):
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
    addresses = read_addresses(against)
    given = {"programme_id": programme, **_ids(addresses, programme, mentor, mentee), "reason": reason}
    command = fitting(matching.PinPair, given, "this fixes nothing", "PROGRAMME, MENTOR, MENTEE, --reason")
    _pair(addresses, command, mentor, mentee)


@app.command()
def unpin(programme: Programme, mentor: Mentor, mentee: Mentee, against: Against = None) -> None:
    """Fix a pair no longer."""
    addresses = read_addresses(against)
    given = {"programme_id": programme, **_ids(addresses, programme, mentor, mentee)}
    command = fitting(matching.UnpinPair, given, "this frees nothing", "PROGRAMME, MENTOR, MENTEE")
    _pair(addresses, command, mentor, mentee)


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


def _rounds(
    view: dict[str, Any], programme: str, wanted: Callable[[dict[str, Any]], bool], what: str
) -> list[dict[str, Any]]:
    """The rounds of a programme that wait for something. Raises ClientError when none does."""
    found = [round_ for round_ in view["rounds"] if wanted(round_)]
    if not found:
        raise ClientError(f"no round of {programme} {what}; see `./tandem round show {programme}`")
    return found


def _ids(addresses: Addresses, programme: str, mentor: str, mentee: str) -> dict[str, str]:
    """The ids of two people who were named by id or name; names are asked for only where one was typed."""
    typed = {"mentor": mentor, "mentee": mentee}
    names = {} if all(map(_is_id, typed.values())) else names_of(addresses, programme)
    return {side: _id(one, names, programme, side.upper()) for side, one in typed.items()}


def _is_id(typed: str) -> bool:
    try:
        uuid.UUID(typed)
    except ValueError:
        return False
    return True


def _id(typed: str, names: Mapping[str, str], programme: str, hint: str) -> str:
    """The id of whoever was typed. Raises BadParameter in one line where a name fits nobody, or several."""
    if _is_id(typed):
        return typed
    found = sorted(id for id, name in names.items() if name == typed)
    if len(found) == 1:
        return found[0]
    if found:
        raise typer.BadParameter(f"several are called {typed!r}; type the id: {', '.join(found)}", param_hint=hint)
    raise typer.BadParameter(
        f"{typed!r} is neither an id nor a name in {programme}; `./tandem round show {programme}` and "
        f"`./tandem status {programme}` show them",
        param_hint=hint,
    )


def _pair(addresses: Addresses, command: matching.PinPair | matching.UnpinPair, mentor: str, mentee: str) -> None:
    """Send what was typed of a pair. Raises ClientError that says whom a refusal means."""
    answer = _sent(addresses, command)
    if reasons := _refusal(answer):
        typed = {"mentor": mentor, "mentee": mentee}
        wrong_side = [r["field"] for r in reasons if r["code"] == "unknown_participant"]
        said = [f"{typed[side]} is no {side} of {command.programme_id}" for side in wrong_side]
        said = [f"{' and '.join(said)}; name the mentor first"] if said else []
        for r in reasons:
            if r["code"] != "unknown_participant":
                # What is said of the pair names nobody.
                whom = f"{typed[r['field']]}: " if r["code"] in OF_ONE_PERSON else ""
                said.append(f"{whom}{r['message']['en']}")
        raise ClientError("; ".join(said))
    typer.echo(f"{mentor} and {mentee}: {answer['status']}")


def _ask(addresses: Addresses, command: Command) -> dict[str, Any]:
    """The answer to a command. Raises ClientError with every reason where it is refused."""
    answer = _sent(addresses, command)
    if reasons := _refusal(answer):
        raise ClientError("; ".join(r["message"]["en"] for r in reasons))
    return answer


def _refusal(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return answer["reasons"] if "reasons" in answer and "command_id" in answer else []


def _sent(addresses: Addresses, command: Command) -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        keys = topology.readable(discovery.load_all(), "office")
        async with Client({"office": addresses.amqp("office")}, keys) as client:
            return (await client.ask(command, "office")).data

    return asyncio.run(ask())
