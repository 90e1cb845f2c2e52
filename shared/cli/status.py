"""`tandem status`: where everybody and every tandem stands, what waits for whom until when."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from shared.cli.addresses import Addresses, read_addresses
from shared.cli.client import ClientError
from shared.cli.status_shown import Wanted, concerned, lines_of, states_of
from shared.cli.views import UnknownProgrammeError, view_of
from shared.runtime.wrong_use import WrongUseError


def status(
    programme: Annotated[str, typer.Argument(help="the programme's id")],
    people: Annotated[bool, typer.Option("--people", help="list everybody who takes part, and nothing else")] = False,
    everything: Annotated[bool, typer.Option("--all", help="all lists to their ends")] = False,
    who: Annotated[str | None, typer.Option(help="only what is about people with this in their name or id")] = None,
    state: Annotated[str | None, typer.Option(help="only what is in this state, e.g. registered, paused")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON, always whole")] = False,
    against: Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")] = None,
) -> None:
    """Show where a programme stands, joined from the services' views, with names for who may read them.

    Long lists are cut, and of many people there is a summary: --people, --all, --who and --state show more. A service
    that is away is said on standard error, with exit code 2; the others are shown.
    """
    if as_json and (people or everything or who is not None or state is not None):
        raise WrongUseError("--json is always whole; leave --people, --all, --who and --state out")
    addresses = read_addresses(against)
    views, missing = _views(addresses, programme)
    if as_json:
        typer.echo(json.dumps(views, ensure_ascii=False))
    else:
        _show(views, people=people, everything=everything, who=who, state=state)
    for line in missing:
        typer.echo(f"tandem: {line}", err=True)
    if missing:
        raise typer.Exit(2)


def _show(
    views: dict[str, dict[str, Any]], *, people: bool, everything: bool, who: str | None, state: str | None
) -> None:
    """Print the views, or what is wanted of them. Raises WrongUseError where that is nothing."""
    names: dict[str, str] = views.get("registration", {}).pop("names", {})
    wanted = Wanted(people, everything, state, None if who is None else concerned(views, names, who))
    width = Console().width
    found = False
    for service, view in views.items():
        lines = list(lines_of(view, names, wanted, width))
        found = found or bool(lines)
        if lines or not wanted.chooses:
            typer.echo(f"── {service} ".ljust(width, "─"))
        for line in lines:
            typer.echo(line)
    if not found:
        _nothing(views, who, state)


def _nothing(views: dict[str, dict[str, Any]], who: str | None, state: str | None) -> None:
    """Say that nothing is as wanted. Raises WrongUseError."""
    if state is not None:
        known = ", ".join(sorted(states_of(views))) or "none"
        about = "" if who is None else f" of --who {who}"
        raise WrongUseError(f"nothing{about} is in the state {state}; in this programme there are: {known}")
    if who is not None:
        raise WrongUseError(f"nobody in this programme has {who} in their name or id")


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
