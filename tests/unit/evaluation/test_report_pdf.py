import base64
import io
from collections.abc import Callable, Iterator
from typing import Any

import pypdf
import pytest

from services.evaluation.documents import Wanted
from services.evaluation.page import pdf as made
from services.evaluation.page.made import page_of, pdf_of
from services.evaluation.page.render import paper
from shared.contracts.evaluation import ReportPublished
from shared.runtime.table import Language
from shared.runtime.wrong_use import WrongUseError
from tests.support.reports import earlier, hundred, pilot

MOST_BYTES = 400_000


def read(report: ReportPublished, language: Language) -> pypdf.PdfReader:
    if made.lacks():
        pytest.skip(made.MISSING)
    content = made.pdf(report, language)
    assert len(content) < MOST_BYTES
    return pypdf.PdfReader(io.BytesIO(content))


def alternatives(element: Any) -> Iterator[str]:
    """What is said in place of each picture, from the tree of the tags."""
    element = element.get_object()
    if isinstance(element, list):
        for each in element:
            yield from alternatives(each)
    elif isinstance(element, dict):
        if element.get("/S") == "/Figure":
            yield " ".join(str(element.get("/Alt", "")).split())
        yield from alternatives(element.get("/K", pypdf.generic.ArrayObject()))


BEHIND = {"de": "Wie sicher die Antworten sind", "en": "How sure the answers are"}
TITLES = {"de": "Auswertung: Reverse Mentoring, Welle 3", "en": "Report: Reverse mentoring, wave 3"}


@pytest.mark.parametrize(
    ("report", "language"),
    [
        (pilot, "de"),
        pytest.param(hundred, "de", marks=pytest.mark.long),
        pytest.param(hundred, "en", marks=pytest.mark.long),
        pytest.param(pilot, "en", marks=pytest.mark.long),
        pytest.param(earlier, "de", marks=pytest.mark.long),
        pytest.param(earlier, "en", marks=pytest.mark.long),
    ],
)
def test_the_first_page_holds_the_four_answers_and_everything_else_stands_behind_it(
    report: Callable[[], ReportPublished], language: Language
) -> None:
    found = read(report(), language)
    pages = [" ".join(each.extract_text().split()) for each in found.pages]
    assert pages[1].startswith(BEHIND[language])
    now = {"de": "Jetzt:", "en": "Now:"}[language]
    assert [page.count(now) for page in pages] == [4] + [0] * (len(pages) - 1)
    root: Any = found.root_object
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    words = list(alternatives(root["/StructTreeRoot"]))
    assert len(words) == paper(report(), language).count("<img ")
    assert all(words)
    if words:
        assert any({"de": "Schwelle 33 %", "en": "threshold 33 %"}[language] in each for each in words)
    if report is hundred:
        assert found.metadata is not None
        assert found.metadata.title == TITLES[language]
        whole = " ".join(pages)
        assert "1.432" in whole if language == "de" else "1,432" in whole
        assert ("not shown" in whole, "nicht gezeigt" in whole) == (language == "en", language == "de")


@pytest.mark.long
def test_the_same_report_is_the_same_pdf_to_the_byte() -> None:
    if made.lacks():
        pytest.skip(made.MISSING)
    assert made.pdf(pilot(), "de") == made.pdf(pilot(), "de")


def test_a_machine_without_pango_is_told_what_to_install_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "LIBRARIES", ("libnone-at-all.so.0",))
    with pytest.raises(WrongUseError) as caught:
        made.pdf(pilot(), "de")
    assert str(caught.value) == made.MISSING
    assert "\n" not in made.MISSING
    assert "apt-get install libpango-1.0-0 " in made.MISSING
    [written] = pdf_of(Wanted(report=pilot(), language="de"))
    assert (written.content, written.lacks) == ("", made.MISSING)


def test_the_page_is_written_whatever_the_machine_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "LIBRARIES", ("libnone-at-all.so.0",))
    [written] = page_of(Wanted(report=earlier(), language="en"))
    assert base64.b64decode(written.content).startswith(b"<!DOCTYPE html>")
