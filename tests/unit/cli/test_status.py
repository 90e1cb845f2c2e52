"""What `tandem status` prints of a view."""

import io
from typing import Any

from rich.console import Console

from shared.cli.status import _show


def test_square_brackets_in_what_people_wrote_are_shown_as_they_are() -> None:
    out = io.StringIO()
    view = {"topic": "Scrum [/a]", "of": {"key [/b]": "x [/c]"}, "people": [{"id": "1", "note": "[/d] note"}]}
    _show(Console(file=out, width=160), view, {"1": "Mentor [bold] 1"})
    assert all(text in out.getvalue() for text in ("Scrum [/a]", "of.key [/b]: x [/c]", "[/d] note", "Mentor [bold] 1"))


def shown(view: dict[str, Any], names: dict[str, str]) -> str:
    out = io.StringIO()
    _show(Console(file=out, width=160), view, names)
    return out.getvalue()


def test_a_row_about_somebody_shows_the_id_that_commands_need_beside_the_name() -> None:
    printed = shown(
        {"participants": [{"participant_id": "id-1"}], "tandems": [{"mentor": "id-1"}]}, {"id-1": "Mentor 1"}
    )
    [row] = [line for line in printed.splitlines() if "id-1" in line]
    assert "Mentor 1" in row
    assert printed.count("Mentor 1") == 2
    assert "id-1" in shown({"participants": [{"participant_id": "id-1"}]}, {})


def test_labels_and_topics_stand_in_their_rows() -> None:
    near = {"topic_id": "apps", "label": {"de": "Anwendungen", "en": "Apps"}, "score": 90}
    rows = [
        {"proposal_id": "p-1", "label": {"de": "Löten", "en": None}, "similar": [], "parts": [{"points": 3}]},
        {"proposal_id": "p-2", "label": {"de": "App", "en": "App"}, "similar": [near], "parts": []},
    ]
    printed = shown({"topic_proposals": rows, "title": {"de": "Pilot", "en": "Trial"}}, {})
    assert all(text in printed for text in ("Löten", " App ", "Anwendungen / Apps", "title: Pilot / Trial"))
    assert "points" not in printed


def test_what_lacks_a_label_is_no_cell() -> None:
    assert "parts" not in shown({"rows": [{"id": "1", "parts": [{"points": 3}]}]}, {})
