"""What the pages tell the office to type for a report, comments, criteria and questionnaires does what they say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from services.evaluation import comments, reports
from services.evaluation.reporting.gathering import APART
from shared.contracts import evaluation as e
from shared.contracts import registration as r
from shared.contracts.base import Command
from shared.local.system import ROOT
from tests.support.reference import By
from tests.unit.evaluation.people import CLOSED, REPORTS, an_asked_programme, everybody
from tests.unit.evaluation.test_comments import ids, written

DOCS = ROOT / "docs"
PAGES = {name: (DOCS / name).read_text(encoding="utf-8") for name in ("report.md", "surveys.md", "programmes.md")}
REPORT = PAGES["report.md"]
TYPED = [
    (page, type, file)
    for page, text in PAGES.items()
    for type, file in re.findall(r"^\./tandem publish (\S+) (\S+) --as office --wait", text, flags=re.MULTILINE)
]
COMMANDS: dict[str, type[Command]] = {
    each.name: each for each in (e.RequestReport, e.ReleaseComments, e.AddQuestionnaire, r.ChangeCriteria)
}


def document(page: str, file: str) -> dict[str, Any]:
    """What stands in a file: one of the examples, or a block of the page that names it."""
    if (ROOT / file).exists():
        text = (ROOT / file).read_text(encoding="utf-8")
    else:
        [text] = re.findall(rf"`{re.escape(file)}`:\n\n```json\n(.*?)```", PAGES[page], flags=re.DOTALL)
    found: dict[str, Any] = json.loads(text)
    return found


def shown(file: str) -> Any:
    return document("report.md", file)


def test_the_pages_show_how_each_of_the_office_s_commands_is_typed() -> None:
    assert sorted(type for _, type, _ in TYPED) == sorted(COMMANDS)


@pytest.mark.parametrize(("page", "type", "file"), TYPED)
def test_what_is_typed_fits_its_contract_and_may_be_sent_by_the_office(page: str, type: str, file: str) -> None:
    assert COMMANDS[type].from_data(document(page, file))
    assert "office" in COMMANDS[type].senders
    if file.startswith("docs/"):
        assert f"]({Path(file).relative_to('docs')})" in PAGES[page], "the page leads to it"


@pytest.mark.proves("S13")
def test_the_report_that_is_asked_for_is_published() -> None:
    asked = e.RequestReport.from_data({**shown("docs/examples/request-report.json"), "programme_id": "pilot"})
    scenario = an_asked_programme().when(By(asked, sender="office"))
    assert not scenario.one(e.ReportPublished).final
    said = an_asked_programme().given(CLOSED).when(REPORTS).one(e.ReportPublished)
    assert said.final, "it comes by itself"


@pytest.mark.proves("S20")
def test_the_comments_that_are_asked_for_are_read_and_released() -> None:
    scenario = written(7).given(CLOSED, REPORTS)
    asked = {**shown("docs/examples/comments.json"), "programme_id": "pilot"}
    answer = scenario.answer("comments", e.CommentsAsked.model_validate(asked))
    [block] = [block for block in re.findall(r"```json\n(.*?)```", REPORT, flags=re.DOTALL) if '"too_few"' in block]
    example = e.CommentsAnswer.model_validate_json(block)
    assert answer.model_dump().keys() == json.loads(block).keys()
    assert answer.comments[0].model_dump().keys() == json.loads(block)["comments"][0].keys()
    assert (answer.open, answer.too_few) == (example.open, example.too_few)
    release = shown("release.json")
    chosen = ids(scenario)[: len(release["comments"])]
    command = e.ReleaseComments.from_data({**release, "programme_id": "pilot", "comments": chosen})
    scenario.when(By(command, sender="office")).then(e.CommentsReleased)
    assert len(everybody()) >= 7
    assert f"at most {e.comments.MOST} at once" in " ".join(REPORT.split())


def test_the_page_of_the_report_names_every_code_of_a_refusal() -> None:
    raised: set[str] = set()
    for module in (reports, comments):
        source = Path(module.__file__ or "").read_text(encoding="utf-8")
        raised |= set(re.findall(r'reason\((?:f?"[^"]*"), "([a-z_]+)"', source))
    named = {
        code
        for table in re.findall(r"^\| Code \|.*\n\|[-|]+\|\n((?:\|.*\n?)+)", REPORT, flags=re.MULTILINE)
        for row in table.splitlines()
        for code in re.findall(r"`([a-z_]+)`", row.split(" | ")[0])
    }
    assert named == raised


def test_the_page_of_protection_says_from_how_many_people_the_deciding_items_tell_sides_apart() -> None:
    page = (DOCS / "confidentiality-of-figures.md").read_text(encoding="utf-8")
    assert f"**{APART} people of\n   each side**" in page
