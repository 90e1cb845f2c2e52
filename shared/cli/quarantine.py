"""`tandem quarantine`: what could not be processed, and what people do about it.

Ops list, hand back and give up; a body is shown, and corrected, by who may read personal data: the office.
"""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer

from shared.cli.acting import By, Why, actor_of, ask_each, checked_why, print_fields, print_rows
from shared.cli.addresses import Addresses, read_addresses
from shared.cli.client import ClientError
from shared.cli.given import read_text
from shared.cli.views import answers, content_of, rights
from shared.client import NoAnswer
from shared.contracts import base
from shared.contracts.base import Command
from shared.local.folders import write_private
from shared.runtime import discovery
from shared.runtime.held import Wanted
from shared.runtime.tls import verified

app = typer.Typer(
    add_completion=False, help="What could not be processed: list and show it, hand it back, correct it, give it up."
)

Against = Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Id = Annotated[str, typer.Argument(help="id as listed")]
InService = Annotated[str, typer.Option("--service", help="only this service's")]
Having = Annotated[str, typer.Option("--service", help="the service that has it; default: looked up, as ops")]
OfType = Annotated[str, typer.Option("--type", help="only messages of this type")]
Code = Annotated[str, typer.Option("--code", help="only what has a reason that begins so, e.g. wrong_shape")]
Since = Annotated[
    str, typer.Option(help="only what lies there since then or later: 2027-05-03, 2027-05-03T14:00, 2h, 3d")
]
Until = Annotated[str, typer.Option(help="only what lies there since then or earlier")]
COLUMNS = ("id", "type", "service", "reason", "attempts", "since")
AGO = re.compile(r"([0-9]{1,5})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
ONE_LIMIT, ALL_LIMIT = 30.0, 600.0
"""Seconds for a service to hand one message back, or all."""


def time_of(text: str, hint: str) -> dt.datetime | None:
    """A time as people write it: a date, a time (here, where it has no zone), or how long ago. Raises BadParameter."""
    if not text:
        return None
    if ago := AGO.fullmatch(text):
        return dt.datetime.now(dt.UTC) - dt.timedelta(**{UNITS[ago[2]]: int(ago[1])})
    try:
        return dt.datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError):
        raise typer.BadParameter(
            f"{text!r} is no time; write 2027-05-03, 2027-05-03T14:00 or 2h", param_hint=hint
        ) from None


def wanted_of(type: str, code: str, since: str, until: str) -> Wanted:
    """The filters that were given. Raises BadParameter."""
    return Wanted(
        type=type.removeprefix(base.TYPE_PREFIX) or None,
        code=code or None,
        since=time_of(since, "--since"),
        until=time_of(until, "--until"),
    )


def _of_each(addresses: Addresses, token: str, service: str, path: str) -> list[dict[str, Any]]:
    if service and service not in addresses.services:
        raise typer.BadParameter(
            f"no service is called {service!r}; there are {', '.join(addresses.services)}", param_hint="--service"
        )
    found: list[dict[str, Any]] = []
    headers = rights(addresses, token)
    with httpx.Client(trust_env=False, verify=verified(), timeout=10, headers=headers) as client:
        asked = {name: url for name, url in addresses.services.items() if service in ("", name)}
        for name, answer in answers(client, asked, path):
            found += content_of(name, answer, token)
    return found


def listed(addresses: Addresses, wanted: Wanted = Wanted(), service: str = "") -> list[dict[str, Any]]:
    """Quarantined messages of every service, without a body, oldest first."""
    rows = _of_each(addresses, "TANDEM_OPS_TOKEN", service, "/quarantine")
    return sorted((row for row in rows if wanted.takes(row["id"], row)), key=lambda row: row["since"])


def _one(addresses: Addresses, id: str, service: str = "") -> dict[str, Any]:
    for row in listed(addresses, Wanted(id), service):
        return row
    raise ClientError(f"nothing in quarantine has the id {id}; see `./tandem quarantine list`")


@app.command("list")
def list_(
    service: InService = "",
    type: OfType = "",
    reason: Annotated[str, typer.Option("--code", "--reason", help="only what has a reason that begins so")] = "",
    since: Since = "",
    until: Until = "",
    as_json: AsJson = False,
    against: Against = None,
) -> None:
    """List quarantined messages: id, type, service, reason, attempts, since; never the body."""
    rows = listed(read_addresses(against), wanted_of(type, reason, since, until), service)
    print_rows(
        rows,
        COLUMNS,
        as_json=as_json,
        none="nothing is in quarantine" + (" that fits" if any((service, type, reason, since, until)) else ""),
    )


@app.command()
def show(
    id: Id,
    why: Annotated[
        str, typer.Option("--reason", "--why", help="why the body is read; without it no body is shown")
    ] = "",
    by: By = "",
    out: Annotated[Path | None, typer.Option(help="write the data to this file (mode 600), to be corrected")] = None,
    as_json: AsJson = False,
    against: Against = None,
) -> None:
    """Show one message; with --reason also its body, to who may read personal data. That it was read is recorded."""
    addresses = read_addresses(against)
    if not why.strip():
        if out is not None:
            checked_why(why)
        print_fields(_one(addresses, id), as_json=as_json)
        return
    actor = actor_of(addresses, by, "office")
    row = _with_body(addresses, id, {"actor": actor, "why": why})
    if out is not None:
        write_private(out, _data_of(row))
        row = {name: value for name, value in row.items() if name not in ("body", "base64")} | {"written": str(out)}
    print_fields(row, as_json=as_json)


def _with_body(addresses: Addresses, id: str, reading: dict[str, str]) -> dict[str, Any]:
    if "TANDEM_OFFICE_TOKEN" not in addresses.values:
        raise ClientError(
            "a body is for who may read personal data (TANDEM_OFFICE_TOKEN); without --reason the rest is shown"
        )
    headers = {"Authorization": f"Bearer {addresses['TANDEM_OFFICE_TOKEN']}"}
    with httpx.Client(trust_env=False, verify=verified(), timeout=10, headers=headers) as client:
        for service, answer in answers(client, addresses.services, f"/quarantine/{quote(id, safe='')}", reading):
            if answer.status_code != httpx.codes.NOT_FOUND:
                found: dict[str, Any] = content_of(service, answer, "TANDEM_OFFICE_TOKEN")
                return found
    raise ClientError(f"nothing in quarantine has the id {id}; see `./tandem quarantine list`")


def _data_of(row: dict[str, Any]) -> str:
    """What is to be corrected: the data of a readable envelope, else the body as it came."""
    try:
        data = json.loads(row.get("body", ""))["data"]
    except (ValueError, TypeError, KeyError):
        return str(row.get("body", row.get("base64", "")))
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


@app.command()
def replay(
    id: Annotated[str, typer.Argument(help="id as listed")] = "",
    all_: Annotated[bool, typer.Option("--all", help="everything, or all that the filters name")] = False,
    service: InService = "",
    type: OfType = "",
    code: Code = "",
    since: Since = "",
    until: Until = "",
    why: Annotated[str, typer.Option(help="why; kept in the service's record (no names, please)")] = "",
    reason: Annotated[str, typer.Option(hidden=True)] = "",
    by: By = "",
    against: Against = None,
) -> None:
    """Hand quarantined messages back to their services, to be decided again."""
    if reason:
        # It filters a list: copied from there it would hand everything back.
        raise typer.BadParameter(
            "say --code for the messages' reason, and --why for what you do it for", param_hint="--reason"
        )
    if bool(id) == all_:
        raise typer.BadParameter("name one id, or --all", param_hint="ID")
    filters = wanted_of(type, code, since, until)
    checked_why(why, "--why")
    addresses = read_addresses(against)
    actor = actor_of(addresses, by, "ops")
    rows = listed(addresses, filters, service) if all_ else [_one(addresses, id, service)]
    if not rows:
        typer.echo("nothing is in quarantine that fits")
        return
    given = {"type": filters.type, "code": filters.code, "since": filters.since, "until": filters.until} if all_ else {}
    fields = {"id": "*" if all_ else id, "why": why, **given}
    commands = [_command(name, base.ReplayQuarantined, fields) for name in sorted({row["service"] for row in rows})]
    if all_:
        typer.echo(f"handing back {len(rows)}: some minutes where it is thousands", err=True)
    try:
        done = ask_each(addresses, "ops", actor, commands, ALL_LIMIT if all_ else ONE_LIMIT)
    except NoAnswer:
        text = "not all is handed back yet, and the service goes on with it; look again with `./tandem quarantine list`"
        raise ClientError(text) from None
    typer.echo(f"{sum(answer.data['count'] for answer in done)} handed back")


def _command(service: str, kind: type[Command], fields: dict[str, Any]) -> Command:
    return discovery.load(service).common(kind).model_validate(fields)


@app.command()
def edit(
    id: Id,
    file: Annotated[Path, typer.Argument(help="JSON file: the whole corrected data (see `show --out`)")],
    service: Having = "",
    why: Why = "",
    by: By = "",
    against: Against = None,
) -> None:
    """Replace a message by a corrected copy with the same sender and correlation, which is decided in its place."""
    checked_why(why)
    try:
        corrected = json.loads(read_text(file, "FILE"))
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"{file} is no JSON ({error})", param_hint="FILE") from None
    if not isinstance(corrected, dict):
        raise typer.BadParameter(f"{file} holds no JSON object", param_hint="FILE")
    addresses = read_addresses(against)
    actor = actor_of(addresses, by, "office")
    fields = {"id": id, "corrected": corrected, "why": why}
    command = _command(service or _one(addresses, id)["service"], base.EditQuarantined, fields)
    [answer] = ask_each(addresses, "office", actor, [command])
    typer.echo(f"{answer.data['message']} is replaced by {answer.data['replaced_by']}")


@app.command()
def discard(id: Id, service: Having = "", why: Why = "", by: By = "", against: Against = None) -> None:
    """Give one message or job up; whoever sent the command hears that it is refused (discarded)."""
    checked_why(why)
    addresses = read_addresses(against)
    user = "ops" if "TANDEM_AMQP_URL_OPS" in addresses.values else "office"
    actor = actor_of(addresses, by, user)
    command = _command(service or _one(addresses, id)["service"], base.DiscardQuarantined, {"id": id, "why": why})
    [answer] = ask_each(addresses, user, actor, [command])
    typer.echo(f"{answer.data['message']} is discarded")


@app.command("actions")
def actions_(service: InService = "", as_json: AsJson = False, against: Against = None) -> None:
    """Show the record: who read, replaced, gave up or handed back what, when and why (for the office)."""
    rows = _of_each(read_addresses(against), "TANDEM_OFFICE_TOKEN", service, "/quarantine/actions")
    columns = ("at", "service", "what", "target", "type", "actor", "why")
    print_rows(sorted(rows, key=lambda row: row["at"]), columns, as_json=as_json, none="nobody did anything")
