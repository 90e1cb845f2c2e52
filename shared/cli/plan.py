"""`tandem plan`: the meetings of a file's tandems, without broker or database.

Planning is scheduling's and matching is matching's, and no service imports another. So the command stands here, where
what several services know is put together, and hands the one's tandems to the other in the format that people can
write by hand (docs/plan-a-file.md). Both are imported when they are needed.
"""

import datetime as dt
import importlib
from pathlib import Path
from typing import Annotated

import typer

from shared.contracts.parts import Rules
from shared.runtime.given_file import name_of
from shared.runtime.today import now, today
from shared.runtime.wrong_use import WrongUseError

PLANNER = "services.scheduling.tool.run"
MATCHER = "services.matching.tool.tandems"


def plan(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="tandem.json (one tandem, or a list), or people to match first: JSON, CSV, XLSX; - is stdin",
        ),
    ],
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="the first day, like 2026-01-07")],
    months: Annotated[int, typer.Option(min=1, max=12, metavar="N", help="how many months from there")] = 6,
    rules: Annotated[Path | None, typer.Option(metavar="FILE", help="the programme's rules document, JSON")] = None,
    meetings_per_month: Annotated[
        int | None, typer.Option(metavar="N", help="wanted meetings a month, 1 to 8; default 3")
    ] = None,
    minutes: Annotated[
        int | None, typer.Option(metavar="N", help="length of a meeting in minutes, 30 to 240; default 90")
    ] = None,
    min_gap: Annotated[
        int | None, typer.Option(metavar="DAYS", help="least days from one meeting to the next, 1 to 30; default 5")
    ] = None,
    state: Annotated[
        str | None, typer.Option(metavar="XX", help="German state whose holidays are free; default BY")
    ] = None,
    municipality: Annotated[
        str | None, typer.Option(metavar="NAME", help="in Bavaria, for its own holidays; default München")
    ] = None,
    busy: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="calendars of the people: ID.ics or ID.ifb for each")
    ] = None,
    ics: Annotated[Path | None, typer.Option(metavar="FILE", help="write all meetings to this iCalendar file")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="write a page for people to read, HTML")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> int:
    """Plan the meetings of one tandem or of many, as well as they can be, and say what is missing and why.

    A file of people is matched first, as `tandem match` does.

    Exit code: 0 all wanted meetings found, 1 some missing or no tandem, 2 a file or an option cannot be used.
    """
    day = _day(first)
    own = {
        "meetings_per_month": meetings_per_month,
        "minutes": minutes,
        "min_gap_days": min_gap,
        "state": state,
        "municipality": municipality,
    }

    def match(content: bytes, known: Rules) -> tuple[bytes, tuple[str, ...]]:
        rules_name = name_of(rules) if rules else ""
        tandems = importlib.import_module(MATCHER)
        found: tuple[bytes, tuple[str, ...]] = tandems.tandems_of(file, content, known, rules_name, today(), _note)
        return found

    try:
        planner = importlib.import_module(PLANNER)
        wanted = planner.Wanted(file, day, months, rules, own, html, busy, ics, now())
        code: int = planner.plan_file(wanted, match, _note, as_json_=as_json)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in ("", "services", "shared"):
            raise
        raise WrongUseError(f"this needs {missing}, which ./tandem brings; run it with that") from None
    return code


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise WrongUseError(f"--from {text}: there is no such day; write it like 2026-01-07") from None


def _note(line: str) -> None:
    typer.echo(f"tandem: {line}", err=True)
