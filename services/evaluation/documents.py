"""The report as the office reads it: its last published version as a page, and as a PDF."""

from pydantic import BaseModel

from services.evaluation.model import Report
from shared.contracts.evaluation import ReportPublished
from shared.runtime.table import Document, Form, Language, Reader


class Wanted(BaseModel):
    """A published report, and the language in which it is read first."""

    report: ReportPublished
    language: Language


async def last_report(programme: str, language: Language, read: Reader) -> Wanted | None:
    """The report of a programme as it was published last; None before the first."""
    report = await read.get(Report, programme)
    return Wanted(report=report.said, language=language) if report and report.said else None


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
