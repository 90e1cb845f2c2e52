"""`tandem import`: people of a spreadsheet, or with --hr the personnel system's nightly file of everybody."""

from pathlib import Path
from typing import Annotated

import typer

from shared.cli.hr_import.command import import_hr
from shared.cli.people_import.command import import_people
from shared.cli.people_import.report import Language
from shared.runtime.wrong_use import WrongUseError

HR_ONLY, PEOPLE_ONLY = ("--as-of",), ("--programme", "--voluntary", "--privacy-notice", "--skip", "--rejected")


def import_file(
    file: Annotated[
        Path,
        typer.Argument(help="a spreadsheet of people (CSV, XLSX; - is standard input), with --hr the file of HR"),
    ],
    programme: Annotated[str | None, typer.Option(help="the programme's id")] = None,
    hr: Annotated[
        bool, typer.Option("--hr", help="the file is HR's: JSON Lines (docs: schemas/hr.employment-row.json)")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show what would happen, and send nothing")] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="print what came of it as JSON, and nothing else on standard output")
    ] = False,
    language: Annotated[Language, typer.Option(help="of what is said about rows")] = Language.EN,
    privacy_notice: Annotated[
        str | None, typer.Option(help="the version that everybody has read, where no column says it")
    ] = None,
    voluntary: Annotated[
        bool, typer.Option("--voluntary", help="everybody takes part voluntarily, where no column says it")
    ] = False,
    skip: Annotated[list[str] | None, typer.Option(help="heading of a column that is not to be read")] = None,
    rejected: Annotated[
        Path | None, typer.Option(help="write the rejected rows to this XLSX file, to be corrected and imported")
    ] = None,
    as_of: Annotated[
        str, typer.Option(help="with --hr: when the file was made, e.g. 2026-11-02T21:30:00+01:00; default: its header")
    ] = "",
    actor: Annotated[
        str, typer.Option(help="who imports, for the audit: an opaque id, no name; default TANDEM_BY, else nobody")
    ] = "",
    against: Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")] = None,
) -> int:
    """Register the people of a spreadsheet, or change those who are registered; with --hr bring HR's file.

    First it shows what would happen to each row, and what is wrong where; --dry-run ends there. What is wrong in one
    row keeps no other from being taken. Importing a file twice, or again after it was stopped, adds nothing. Of HR's
    file the rows of people who do not take part are dropped unread.
    Exit code: 0 all rows are taken or unchanged, 1 some were rejected, 2 it cannot be done.
    """
    given = {
        "--programme": programme,
        "--voluntary": voluntary,
        "--privacy-notice": privacy_notice,
        "--skip": skip,
        "--rejected": rejected,
        "--as-of": as_of,
    }
    wrong = [name for name in (PEOPLE_ONLY if hr else HR_ONLY) if given[name]]
    if wrong:
        raise WrongUseError(f"{wrong[0]} is {'not for' if hr else 'only for'} HR's file (--hr); leave it out")
    if hr:
        return import_hr(file, dry_run=dry_run, as_json=json_, as_of=as_of, actor=actor, against=against)
    if programme is None:
        raise WrongUseError("name the programme: --programme P, or say --hr for HR's nightly file")
    return import_people(
        file,
        programme,
        dry_run=dry_run,
        json_=json_,
        language=language,
        privacy_notice=privacy_notice,
        voluntary=voluntary,
        skip=skip,
        rejected=rejected,
        actor=actor,
        against=against,
    )
