"""`tandem import --hr`: read HR's nightly file, report what is new of participants, publish that as HR's own events."""

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import BinaryIO

import httpx
import typer

from shared.cli.acting import named_actor
from shared.cli.addresses import Addresses, read_addresses
from shared.cli.client import ClientError
from shared.cli.hr_import.importing import A, Import, publish
from shared.cli.hr_import.report import Report
from shared.cli.hr_import.rows import FileError, header_of, moment
from shared.cli.views import content_of, rights
from shared.client import Client
from shared.contracts.base import Part
from shared.runtime.envelope import Envelope
from shared.runtime.tls import refusal, verified

TOKEN = "TANDEM_HR_TOKEN"  # noqa: S105 - its name
PATIENCE = 60.0
"""Seconds that registration may take to answer for a chunk of the file."""


def import_hr(file: Path, *, dry_run: bool, as_json: bool, as_of: str, actor: str, against: Path | None) -> int:
    """Bring HR's file of everybody (`importing.import_file`); rows of people who do not take part are dropped unread.

    `actor` is who asks registration, for its audit; the events are HR's, and speak for nobody. The exit code is 1 where
    a row was refused; the others are brought all the same. Raises BadParameter, ClientError.
    """
    addresses = read_addresses(against)
    headers = rights(addresses, TOKEN, named_actor(addresses, actor, "--actor"))
    try:
        with file.open("rb") as source:
            made = _made(source, as_of)
            report = asyncio.run(_import(source, made, addresses, headers, dry_run))
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read ({error.strerror})", param_hint="FILE") from None
    except FileError as error:
        raise typer.BadParameter(f"{file}: {error}", param_hint="FILE") from None
    typer.echo(json.dumps(report.as_json(), indent=2) if as_json else "\n".join(report.lines()))
    for line in report.faults():
        typer.echo(f"tandem: {line}", err=True)
    return 1 if report.refused else 0


def _made(source: BinaryIO, given: str) -> dt.datetime:
    """When the file was made: as given, else as it says itself; it stands at its beginning again."""
    header = header_of(source.readline())
    source.seek(0)
    try:
        made = moment(given) if given else header
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--as-of") from None
    if made is None:
        raise typer.BadParameter("the file does not say when it was made; name it", param_hint="--as-of")
    now = dt.datetime.now(dt.UTC)
    if made > now + dt.timedelta(days=1):
        # What comes later would be older than this one, and passed over.
        raise typer.BadParameter(
            f"the file was made in the future, at {made.isoformat(timespec='minutes')}; by this machine's clock it is "
            f"{now.isoformat(timespec='minutes')}; correct the one that is wrong",
            param_hint="--as-of",
        )
    return made


async def _import(
    source: BinaryIO, made: dt.datetime, addresses: Addresses, headers: dict[str, str], dry_run: bool
) -> Report:
    token, url = addresses[TOKEN], addresses["TANDEM_HTTP_REGISTRATION"]
    async with httpx.AsyncClient(headers=headers, timeout=PATIENCE, trust_env=False, verify=verified()) as http:

        async def ask(name: str, question: Part, answer: type[A]) -> A:
            try:
                got = await http.post(
                    f"{url}/questions/{name}",
                    content=question.model_dump_json(),
                    headers={"content-type": "application/json"},
                )
            except (httpx.TransportError, httpx.InvalidURL) as error:
                why = refusal(error) or "is it running?"
                raise ClientError(f"registration does not answer at {url}; {why}") from None
            return answer.model_validate(content_of("registration", got, TOKEN))

        found = await Import(made, ask, token.encode()).compare(source, dry_run=dry_run)
    if dry_run or not found.events:
        return found.report
    async with Client(addresses.amqp("hr"), "hr") as client:

        async def send(event: Envelope) -> None:
            await client.send(event, command=False)

        return await publish(found, send)
