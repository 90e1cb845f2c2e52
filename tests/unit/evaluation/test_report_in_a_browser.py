"""The report in headless Chromium, on screens and on paper: no complaint, no request, no barrier (WCAG 2.2 AA)."""

import base64
import io
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from services.evaluation.page.render import page
from shared.contracts.evaluation import ReportPublished
from tests.support.browser import browse
from tests.support.reports import VOICES, earlier, hundred, interim, pilot

NOW = {"de": "Jetzt:", "en": "Now:"}


@pytest.mark.proves("S13")
@pytest.mark.parametrize(
    "report",
    [
        earlier,
        pytest.param(interim, marks=pytest.mark.long),
        pytest.param(pilot, marks=pytest.mark.long),
        pytest.param(hundred, marks=pytest.mark.long),
    ],
)
def test_the_report_has_no_fault_no_request_and_no_barrier_on_screens_and_on_paper(
    tmp_path: Path, report: Callable[[], ReportPublished]
) -> None:
    file = tmp_path / f"{report.__name__}.html"
    file.write_text(page(report(), voices=VOICES if report is hundred else ()), encoding="utf-8")
    found = browse(tmp_path, file)
    assert [(each["scheme"], each["language"]) for each in found["looked"]] == [
        (scheme, language) for scheme in ("light", "dark") for language in ("de", "en")
    ]
    for each in found["looked"]:
        assert (each["complaints"], each["requests"], each["violations"]) == ([], [], [])
        assert (each["lang"], each["seen"]) == (each["language"], [each["language"]])
        assert each["title"].startswith({"de": "Auswertung: ", "en": "Report: "}[each["language"]])
    [used] = found["used"]
    assert used["complaints"] == []
    for scripts in ("with_scripts", "without_scripts"):
        assert used[scripts] == {"wider_than_a_phone": False, "cards": 4}
    for printed in used["printed"]:
        assert (printed["violations"], printed["switches"], printed["unfolded"]) == ([], 0, 0)
        pages = [each.extract_text() for each in pypdf.PdfReader(io.BytesIO(base64.b64decode(printed["pdf"]))).pages]
        assert [text.count(NOW[printed["language"]]) for text in pages] == [4] + [0] * (len(pages) - 1)
    [german, english] = used["printed"]
    assert (german["language"], english["language"]) == ("de", "en")
