"""`tandem audit`: whether what the services recorded of who did what still stands as it was written."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.cli.addresses import Addresses, read_addresses
from shared.cli.client import ClientError
from shared.cli.given import read_text
from shared.cli.views import page_of
from shared.runtime.audit_check import BrokenError, Figures, Known, checked
from shared.runtime.settings import Settings
from shared.runtime.today import today

app = typer.Typer(
    add_completion=False, help="Who did what when, without contents: check that nobody changed it, copy its seals."
)

Against = Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")]
Service = Annotated[str, typer.Option("--service", help="only this service's")]
LIMIT = 60.0
"""Seconds that a service may take for a page."""
HOLDS, BROKEN, NOT_ASKED = 0, 1, 2
"""Exit codes."""

Seals = dict[str, dict[str, str]]
"""Hashes by service and date."""


class KeptSeal(BaseModel):
    """A line of a file of seals: what `tandem audit seals` prints, and what each `audit-sealed` event has as data."""

    model_config = ConfigDict(extra="forbid")

    service: str
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")


def kept_seals(path: Path) -> Seals:
    """The seals in a file (JSON Lines). Raises ClientError with a line for each fault."""
    found: Seals = {}
    faults: list[str] = []
    for number, line in enumerate(read_text(path, "--seals").splitlines(), 1):
        if not line.strip():
            continue
        try:
            seal = KeptSeal.model_validate_json(line)
        except ValidationError:
            faults.append(f"{path}, line {number}: that is no seal; keep the file as `tandem audit seals` printed it")
            continue
        other = found.setdefault(seal.service, {}).setdefault(seal.date, seal.hash)
        if other != seal.hash:
            faults.append(f"{path}, line {number}: two seals of {seal.service} of {seal.date}; keep one file a system")
    if faults:
        raise ClientError("\n".join(faults))
    return found


def asked(addresses: Addresses, service: str) -> tuple[str, ...]:
    """The services to ask. Raises ClientError where there is none of this name."""
    known = tuple(addresses.services)
    if service and service not in known:
        raise ClientError(f"there is no service {service!r}; there are {', '.join(known)}")
    return (service,) if service else known


def pages(addresses: Addresses, service: str, path: str, name: str) -> Iterator[dict[str, Any]]:
    """Everything that a service shows on a page of the audit. Raises ClientError."""
    after: str | None = ""
    while after is not None:
        query = httpx.QueryParams(after=after)
        page = page_of(addresses, service, f"{path}?{query}", "TANDEM_OPS_TOKEN", LIMIT)
        yield from page[name]
        after = page["after"]


def _setting(addresses: Addresses, name: str) -> str:
    """A setting as the file of addresses has it, else its default: never as the database under suspicion does."""
    return addresses.find(f"TANDEM_{name.upper()}") or str(Settings.model_fields[name].default)


def _day(addresses: Addresses, given: dt.datetime | None) -> dt.date:
    """The day of who checks. Raises ClientError where days have no calendar and none is given."""
    if given is not None:
        return given.date()
    if _setting(addresses, "days") == "command":
        raise ClientError("in a rehearsal days have no calendar: name its day with --date YYYY-MM-DD")
    zone = _setting(addresses, "zone")
    try:
        return today(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ClientError(f"TANDEM_ZONE={zone} is no time zone; write one such as Europe/Berlin") from None


def _years(addresses: Addresses, given: int | None) -> int:
    """For how many full years the deployment keeps its audit. Raises ClientError."""
    said = str(given) if given is not None else _setting(addresses, "audit_years")
    if not said.isdecimal() or int(said) < 1:
        raise ClientError(f"TANDEM_AUDIT_YEARS={said} is no number of years; write what the services are given")
    return int(said)


@app.command()
def verify(
    service: Service = "",
    seals: Annotated[
        Path | None, typer.Option("--seals", help="seals kept outside (JSON Lines): the database's must be the same")
    ] = None,
    years: Annotated[
        int | None, typer.Option(min=1, max=30, help="years that are kept; default TANDEM_AUDIT_YEARS, else 3")
    ] = None,
    date: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="today; default by TANDEM_ZONE, else Europe/Berlin")
    ] = None,
    against: Against = None,
) -> int:
    """Check every link and every seal. Exit code 0: all hold; 1: one is broken; 2: a service could not be asked.

    Without `--seals` it says only that what is there fits together.
    """
    addresses = read_addresses(against)
    outside = kept_seals(seals) if seals else {}
    known = Known(_day(addresses, date), _years(addresses, years))
    code = HOLDS
    for name in asked(addresses, service):
        try:
            figures = checked(
                name,
                list(pages(addresses, name, "/audit/seals", "seals")),
                pages(addresses, name, "/audit", "links"),
                replace(known, outside=outside.get(name, {})),
            )
        except BrokenError as error:
            typer.echo(f"{name}: broken: {error}")
            code = BROKEN
        except ClientError as error:
            typer.echo(f"tandem: {error}", err=True)
            code = code or NOT_ASKED
        else:
            typer.echo(f"{name}: {_told(figures)}")
            for note in figures.notes:
                typer.echo(f"{name}: {note}")
    return code


@app.command("seals")
def print_seals(service: Service = "", against: Against = None) -> None:
    """Print each seal's service, date and hash as a line of JSON: to be kept where nobody who runs this can write."""
    addresses = read_addresses(against)
    for name in asked(addresses, service):
        for seal in pages(addresses, name, "/audit/seals", "seals"):
            typer.echo(json.dumps({"service": name, "date": seal.get("date"), "hash": seal.get("hash")}))


def _told(figures: Figures) -> str:
    links, entries, seals = (
        f"{count} {one if count == 1 else many}"
        for count, one, many in (
            (figures.links, "link", "links"),
            (figures.entries, "entry", "entries"),
            (figures.seals, "seal", "seals"),
        )
    )
    outside = f"as kept outside up to {figures.outside}" if figures.outside else "nothing kept outside"
    return f"holds: {links}, {entries}, {seals}, oldest {figures.oldest[:19] or 'none'}, {outside}"
