"""The page of a plan in headless Chromium: no complaint, no request, no barrier, and usable (WCAG 2.2 AA)."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.browser import browse

WEEKS = ("Mo-Do 8:30-16:30", "Di 9-12; Do 13-16", "Fr 8-11", "Sa 9-10")
"""The last one never fits, so that every page of many shows what is missing."""


def page_of(run: Callable[..., tuple[int, str, str]], folder: Path, tandems: int) -> Path:
    file, page = folder / "tandem.json", folder / "page.html"
    entries = [
        {
            "mentor": {"id": f"mentor-{n:03}", "working_times": WEEKS[0]},
            "mentee": {"id": f"mentee-{n:03}", "working_times": WEEKS[n % len(WEEKS)]},
        }
        for n in range(tandems)
    ]
    file.write_text(json.dumps(entries), encoding="utf-8")
    code, _, err = run("plan", file, "--from", "2026-01-07", "--html", page)
    assert (code, err) == (1 if tandems > len(WEEKS) else 0, "")
    return page


@pytest.mark.parametrize("tandems", [1, pytest.param(100, marks=pytest.mark.long)])
def test_the_page_has_no_fault_no_request_and_no_barrier(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path, tandems: int
) -> None:
    found = browse(tmp_path, page_of(tandem, tmp_path, tandems))
    parts = ["all", "one"] if tandems > 1 else ["all"]
    assert [(each["scheme"], each["part"], each["language"]) for each in found["looked"]] == [
        (scheme, part, language) for scheme in ("light", "dark") for part in parts for language in ("de", "en")
    ]
    for each in found["looked"]:
        assert (each["complaints"], each["requests"], each["violations"]) == ([], [], [])
        assert (each["lang"], each["seen"]) == (each["language"], [each["language"]])
    assert {each["title"] for each in found["looked"]} == {"Terminplan der Tandems", "Meeting plan of the tandems"}
    [used] = found["used"]
    assert used["complaints"] == []
    assert not used["wider_than_a_phone"]
    for scripts in ("with_scripts", "without_scripts"):
        one = used[scripts]
        if tandems == 1:
            assert one == {"rows": 0, "tandems": ["t1"]}
        else:
            assert (one["rows"], one["tandems"]) == (tandems, [])
            assert one["clicked"] == [0, [f"t{tandems}"]], "a click shows one tandem alone"
            assert one["focused"] == f"t{tandems}"
            assert one["back"] == [tandems, []]
    if tandems > 1:
        assert used["with_scripts"]["searched"] == [1, f"1 von {tandems} Tandems"]
