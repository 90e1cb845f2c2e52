"""The report as a PDF (ISO 32000, tagged as PDF/UA-1 asks), by WeasyPrint from the page's own HTML.

WeasyPrint needs Pango's libraries, which a bare Debian machine has not: what is missing is said before it is imported.
"""

import ctypes
import hashlib
import logging
from collections.abc import Sequence

from services.evaluation.comments import Voices
from services.evaluation.page.pictures import spoken
from services.evaluation.page.render import paper
from services.evaluation.page.said import words
from shared.contracts.evaluation import ReportPublished
from shared.runtime.table import Language
from shared.runtime.wrong_use import WrongUseError

LIBRARIES = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libharfbuzz.so.0",
    "libfontconfig.so.1",
    "libpangoft2-1.0.so.0",
)
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation"
"""Debian's packages that bring them, with letters to set."""
MISSING = f"a PDF needs Pango, which this machine lacks; install it: apt-get install {PACKAGES}"
STYLE = """
nav, .skip, #contents {{ display: none !important }}
@page {{
  @bottom-right {{
    content: "{page} " counter(page) " / " counter(pages); font: 8pt "Liberation Sans", "DejaVu Sans"; color: #525c6b
  }}
}}
"""


def pdf(
    report: ReportPublished, language: Language, *, elsewhere: bool = False, voices: Sequence[Voices] = ()
) -> bytes:
    """The report as a tagged PDF of one language. Raises WrongUseError where the machine lacks a library.

    `elsewhere`, `voices`: as of the page.
    """
    if lacks():
        raise WrongUseError(MISSING)
    # It prints to standard output when a library is missing, and logs each property of a screen's style.
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    style = STYLE.format(page=spoken(words("page-number"), language))
    document = HTML(
        string=paper(report, language, elsewhere=elsewhere, voices=voices),
        url_fetcher=URLFetcher(allowed_protocols=("data",)),
    )
    made: bytes = document.write_pdf(
        stylesheets=[CSS(string=style)], pdf_variant="pdf/ua-1", pdf_identifier=_identifier(report, language, voices)
    )
    return made


def _identifier(report: ReportPublished, language: Language, voices: Sequence[Voices]) -> bytes:
    """The same for the same report, so that the PDF is too."""
    return hashlib.sha256(
        f"{language} {report.model_dump_json()} {[each.model_dump_json() for each in voices]}".encode()
    ).digest()[:16]


def lacks() -> bool:
    """Whether this machine lacks a library that the PDF needs."""
    for name in LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            return True
    return False
