"""The page of a round in headless Chromium: no complaint, no request, no barrier, and usable (WCAG 2.2 AA)."""

from pathlib import Path

import pytest

from services.matching.tool.round import Wanted, match_files
from services.matching.tool.sample import population, written
from tests.support.browser import browse

PAGE = 25
"""Pairs that are shown at a time."""


def _unheard(line: str) -> None:
    pass


def page_of(folder: Path, mentors: int, mentees: int, pairs: int) -> Path:
    people, page = folder / "people.json", folder / "page.html"
    people.write_text("".join(written(population(mentors, mentees, 3))), encoding="utf-8")
    match_files(Wanted(people, page=page, places=pairs), _unheard, _unheard, as_json=True)
    return page


@pytest.mark.parametrize(
    ("mentors", "mentees", "pairs"),
    [
        (8, 9, 7),
        pytest.param(110, 105, 100, marks=pytest.mark.long),
        pytest.param(1040, 1020, 1000, marks=pytest.mark.long),
    ],
)
def test_the_page_has_no_fault_no_request_and_no_barrier(
    tmp_path: Path, mentors: int, mentees: int, pairs: int
) -> None:
    found = browse(tmp_path, page_of(tmp_path, mentors, mentees, pairs))
    looked = found["looked"]
    assert [(each["scheme"], each["language"]) for each in looked] == [
        (scheme, language) for scheme in ("light", "dark") for language in ("de", "en")
    ]
    for each in looked:
        assert (each["complaints"], each["requests"], each["violations"]) == ([], [], [])
        assert (each["lang"], each["seen"]) == (each["language"], [each["language"]])
        assert each["shown"] == min(PAGE, pairs)
    assert {each["title"] for each in looked} == {"Vorschlag für die Tandems", "Proposal for the tandems"}
    [used] = found["used"]
    assert used["complaints"] == []
    assert used["searched"] == [1, used["at_first"]]
    assert used["without_scripts"] == pairs, "without scripts all pairs can be read"
    assert not used["wider_than_a_phone"]
    if pairs > PAGE:
        assert used["next"] != used["at_first"]
        assert used["status"] == f"26 bis 50 von {pairs:,}".replace(",", ".")


@pytest.mark.long
def test_what_the_browser_is_asked_finds_faults(tmp_path: Path) -> None:
    page = page_of(tmp_path, 8, 9, 7)
    faulty = '<p lang="en" class="always" style="color:#eee">pale</p><img src="https://127.0.0.1:9/x.png"><main>'
    text = page.read_text(encoding="utf-8").replace("<main>", faulty)
    page.write_text(text, encoding="utf-8")
    first = browse(tmp_path, page)["looked"][0]
    assert {id for id, *_ in first["violations"]} >= {"image-alt"}
    assert any("Content Security Policy" in complaint for complaint in first["complaints"])
