"""A report made of files: read, checked, made by the service's own job, written."""

from collections.abc import Callable

import typer

from services.evaluation.reporting.make import make
from services.evaluation.reports import published
from services.evaluation.tool.checking import people_of
from services.evaluation.tool.criteria import read_criteria
from services.evaluation.tool.known import Known
from services.evaluation.tool.own import read_questionnaires
from services.evaluation.tool.reading import About, content_of, read_answers
from services.evaluation.tool.shown import show
from services.evaluation.tool.wanted import Wanted, inputs_of
from shared.contracts.evaluation import ReportPublished
from shared.contracts.parts import Criteria
from shared.runtime.given_file import STANDARD_INPUT, check_inputs, name_of
from shared.runtime.output_files import check_outputs, write_bytes, write_text
from shared.runtime.table import Again
from shared.runtime.wrong_use import WrongUseError


def report_file(wanted: Wanted, note: Callable[[str], None], *, as_json: bool) -> None:
    """Make the report of a file, write what is wanted, print the result; `note` is given lines that stay.

    Raises WrongUseError before anything is written.
    """
    read = [path for path in (wanted.file, wanted.criteria, *wanted.questionnaires) if path]
    check_inputs(*read)
    check_outputs((("--html", wanted.html), ("--pdf", wanted.pdf)), read)
    wanted.check()
    if wanted.pdf:
        _check_printer()
    criteria = read_criteria(wanted.criteria) if wanted.criteria else Criteria()
    known = Known(read_questionnaires(wanted.questionnaires))
    found, about = _report(wanted, criteria, known, note)
    language = wanted.language
    if wanted.html:
        from services.evaluation.page.render import page

        write_text(wanted.html, page(found, language, elsewhere=True))
    if wanted.pdf:
        from services.evaluation.page.pdf import pdf

        write_bytes(wanted.pdf, pdf(found, language or "de", elsewhere=True))
    if as_json:
        typer.echo(found.model_dump_json())
    else:
        show(found, language or "en", asked=bool(wanted.asked or about.asked))


def _report(
    wanted: Wanted, criteria: Criteria, known: Known, note: Callable[[str], None]
) -> tuple[ReportPublished, About]:
    name = name_of(wanted.file)
    given = read_answers(content_of(wanted.file), name, known)
    people = people_of(given)
    answers = sum(map(len, people.given.values()))
    left_out = f"; {people.comments} comments left out" if people.comments else ""
    note(f"{name}: {answers} answers read{left_out}")
    if not answers:
        raise WrongUseError(f"{name} holds no answers; docs/report-a-file.md says how they are written")
    title = "answers" if str(wanted.file) == STANDARD_INPUT else wanted.file.name
    made = make(inputs_of(people, given.about, criteria, wanted, title, known))
    if isinstance(made, Again):
        raise TypeError("a report of a file waits for nothing")
    return published(made[0], 1, final=True), given.about


def _check_printer() -> None:
    """Raise WrongUseError where this machine can make no PDF, before anything is computed."""
    from services.evaluation.page.pdf import MISSING, lacks

    if lacks():
        raise WrongUseError(MISSING)
