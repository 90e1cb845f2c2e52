"""The report as the office reads it: its last published version as a page, and as a PDF."""

from pydantic import BaseModel

from services.evaluation.comments import Voices, released
from services.evaluation.model import Report
from shared.contracts.evaluation import ReportPublished
from shared.runtime.table import Document, Form, Language, Reader


class Wanted(BaseModel):
    """A published report, the comments that the office released for it, and the language in which it is read first."""

    report: ReportPublished
    language: Language
    voices: tuple[Voices, ...] = ()


async def last_report(programme: str, language: Language, read: Reader) -> Wanted | None:
    """The report of a programme as it was published last; None before the first."""
    report = await read.get(Report, programme)
    if report is None or report.said is None:
        return None
    return Wanted(report=report.said, language=language, voices=await released(programme, read))


DOCUMENTS = (
    Document(
        "report",
        last_report,
        {
            "": Form("text/html; charset=utf-8", "services.evaluation.page.made:page_of"),
            "pdf": Form("application/pdf", "services.evaluation.page.made:pdf_of"),
        },
    ),
)
