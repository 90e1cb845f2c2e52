"""The report's forms as the service gives them out; a process of its own makes them (`documents.py`)."""

import base64

from services.evaluation.documents import Wanted
from services.evaluation.page.pdf import pdf
from services.evaluation.page.render import page
from shared.runtime.table import Written
from shared.runtime.wrong_use import WrongUseError


def page_of(wanted: Wanted) -> tuple[Written]:
    """The page in both languages."""
    return (_written(page(wanted.report, wanted.language, voices=wanted.voices).encode()),)


def pdf_of(wanted: Wanted) -> tuple[Written]:
    """The PDF in one language; what is missing where this machine can make none."""
    try:
        return (_written(pdf(wanted.report, wanted.language, voices=wanted.voices)),)
    except WrongUseError as error:
        return (Written(lacks=str(error)),)


def _written(content: bytes) -> Written:
    return Written(content=base64.b64encode(content).decode())
