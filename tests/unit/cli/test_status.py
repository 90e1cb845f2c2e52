"""What `tandem status` prints of a view."""

import io

from rich.console import Console

from shared.cli.status import _show


def test_square_brackets_in_what_people_wrote_are_shown_as_they_are() -> None:
    out = io.StringIO()
    view = {"topic": "Scrum [/a]", "of": {"key [/b]": "x [/c]"}, "people": [{"id": "1", "note": "[/d] note"}]}
    _show(Console(file=out, width=160), view, {"1": "Mentor [bold] 1"})
    assert all(text in out.getvalue() for text in ("Scrum [/a]", "of.key [/b]: x [/c]", "[/d] note", "Mentor [bold] 1"))
