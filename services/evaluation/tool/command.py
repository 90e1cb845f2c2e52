"""`tandem report`: the report on a file of answers, without broker or database.

What is heavy is imported where it is needed: an image without it can still list its commands.
"""

from pathlib import Path
from typing import Annotated

import typer

from shared.runtime.table import Language
from shared.runtime.today import today
from shared.runtime.wrong_use import WrongUseError

LIBRARIES = ("scipy", "numpy", "openpyxl", "matplotlib", "weasyprint")


def report(
    answers: Annotated[
        Path, typer.Argument(help="answers.json, or a spreadsheet (CSV, XLSX), one row an answer; - is standard input")
    ],
    criteria: Annotated[
        Path | None, typer.Option(help="JSON file: the criteria as in the programme's document")
    ] = None,
    questionnaire: Annotated[
        list[Path] | None,
        typer.Option(help="JSON file: a questionnaire of the office's own, as add-questionnaire takes it; repeatable"),
    ] = None,
    floor: Annotated[int, typer.Option(help="no figure for fewer people: 5, 7 or 10")] = 5,
    insiders: Annotated[int, typer.Option(help="how many others' answers somebody may know: 1 or 2")] = 1,
    asked: Annotated[
        str | None,
        typer.Option(metavar="MENTORS:MENTEES", help="how many were asked, like 7:7; without it nothing is said of it"),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="write the report for people to this HTML file")] = None,
    pdf: Annotated[Path | None, typer.Option(help="write it to this PDF file")] = None,
    language: Annotated[
        str | None, typer.Option(help="de or en: of the PDF (else de), of the text (else en), of the page at first")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Answer the four questions from answers that were collected elsewhere, as the service would.

    A spreadsheet has one row an answer and these columns, in German or English: Person (a number that means nothing,
    never a name), Tandem, Rolle (Role), Fragebogen (Questionnaire), Fassung (Version), Kommentar (Comment), and one for
    each item, by its id. Exit code: 0 the report is made, 2 a file or an option cannot be used.
    """
    try:
        from services.evaluation.tool.run import report_file
        from services.evaluation.tool.wanted import Wanted

        own = tuple(questionnaire or ())
        wanted = Wanted(answers, criteria, own, floor, insiders, asked, html, pdf, _language(language), today())
        report_file(wanted, _note, as_json=as_json)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in LIBRARIES:
            raise
        raise WrongUseError(f"this needs {missing}, which ./tandem brings; run it with that") from None


def _language(text: str | None) -> Language | None:
    found: dict[str | None, Language | None] = {None: None, "de": "de", "en": "en"}
    if text in found:
        return found[text]
    raise WrongUseError(f"--language {text}: write de or en")


def _note(line: str) -> None:
    typer.echo(f"tandem: {line}", err=True)
