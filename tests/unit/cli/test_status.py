"""What `tandem status` prints of the services' views."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from shared.cli.listing import table
from shared.cli.main import main
from shared.cli.status_shown import Wanted, concerned, lines_of
from shared.runtime.ids import derived_id

Run = Callable[..., tuple[int, str, str]]
WIDTH = 80


def person(number: int, **changes: Any) -> dict[str, Any]:
    row = {"participant_id": derived_id("test", number), "role": "mentee" if number % 3 else "mentor"}
    days = {"registered_on": "2027-01-04", "paused_since": "", "paused_until": "", "line": "", "release": ""}
    return {**row, "status": "registered", "department": f"Referat {number % 12}", **days, **changes}


def programme(people: int) -> dict[str, dict[str, Any]]:
    """A programme in which everybody is in a tandem, two by two."""
    rows = [person(number) for number in range(people)]
    rows[0] |= {"paused_since": "2027-02-01"}
    rows[1] |= {"status": "withdrawn"}
    ids = [row["participant_id"] for row in rows]
    pairs = zip(ids[::2], ids[1::2], strict=False)
    tandems = [
        {"tandem_id": derived_id("t", a), "mentor": a, "mentee": b, "score": 70, "status": "running"} for a, b in pairs
    ]
    whom = f"tandem/{tandems[0]['tandem_id']}"
    sign = {"what": "breaks", "whom": whom, "by": "2027-03-01", "status": "open", "answered_by": "matching.keep-tandem"}
    names = {id: f"Person {number}" for number, id in enumerate(ids)}
    return {
        "registration": {"programme_id": "pilot", "sequence": 3, "attention": [], "participants": rows, "names": names},
        "matching": {"programme_id": "pilot", "tandems": tandems, "attention": [sign]},
        "scheduling": {"programme_id": "pilot", "tandems": []},
        "evaluation": {"programme_id": "pilot", "surveys": []},
    }


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Show views: exit code, standard output, standard error."""

    def run(views: dict[str, dict[str, Any]], *options: str) -> tuple[int, str, str]:
        addresses = tmp_path / "env"
        addresses.write_text("".join(f"TANDEM_HTTP_{name.upper()}=http://nowhere\n" for name in views), "utf-8")
        monkeypatch.setattr("shared.cli.status.view_of", lambda _, service, programme: views[service])
        monkeypatch.setenv("COLUMNS", str(WIDTH))
        monkeypatch.setattr(sys, "argv", ["tandem", "status", "pilot", "--against", str(addresses), *options])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def shown(view: dict[str, Any], names: dict[str, str], wanted: Wanted | None = None) -> list[str]:
    return list(lines_of(view, names, wanted or Wanted(), WIDTH))


def test_what_people_wrote_is_shown_as_it_is_and_steers_no_terminal() -> None:
    view = {"topic": "Scrum [/a]", "of": {"key [/b]": "x [/c]"}, "people": [{"id": "1", "note": "[/d]\n\x1b[2J note"}]}
    out = "\n".join(shown(view, {"1": "Mentor [bold] 1"}))
    assert all(text in out for text in ("Scrum [/a]", "of.key [/b]: x [/c]", "[/d] \ufffd[2J note", "Mentor [bold] 1"))


def test_a_row_about_somebody_shows_the_id_that_commands_need_beside_the_name() -> None:
    lines = shown({"people": [{"participant_id": "id-1"}], "tandems": [{"mentor": "id-1"}]}, {"id-1": "Mentor 1"})
    [row] = [line for line in lines if "id-1" in line]
    assert "Mentor 1" in row
    assert sum("Mentor 1" in line for line in lines) == 2
    assert any("id-1" in line for line in shown({"people": [{"participant_id": "id-1"}]}, {}))


def test_labels_and_topics_stand_in_their_rows_and_notes_in_their_lines() -> None:
    near = {"topic_id": "apps", "label": {"de": "Anwendungen", "en": "Apps"}, "score": 90}
    rows = [
        {"proposal_id": "p-1", "label": {"de": "Löten", "en": None}, "similar": [], "parts": [{"points": 3}]},
        {"proposal_id": "p-2", "label": {"de": "App", "en": "App"}, "similar": [near], "parts": []},
    ]
    view = {"topic_proposals": rows, "title": {"de": "Pilot", "en": "Trial"}, "notes": [{"de": "Spät", "en": "Late"}]}
    out = "\n".join(shown(view, {}))
    assert all(text in out for text in ("Löten", " App ", "Anwendungen / Apps", "title: Pilot / Trial"))
    assert "notes: Spät / Late" in out
    assert "points" not in out


def test_every_line_fits_and_no_id_is_cut(run: Run) -> None:
    views = programme(20)
    views["registration"]["questions"] = [{"question_id": "q" * 64, "participant_id": "x", "question": "Wann? " * 60}]
    code, out, _ = run(views, "--all")
    assert code == 0
    assert max(map(cell_len, out.splitlines())) <= WIDTH
    assert all(row["participant_id"] in out for row in views["registration"]["participants"])
    assert all(row["tandem_id"] in out for row in views["matching"]["tandems"])
    assert "q" * 64 in out


def test_many_people_are_summed_up_and_long_lists_say_how_many_more_there_are(run: Run) -> None:
    code, out, _ = run(programme(5000))
    assert code == 0
    assert len(out.splitlines()) < 80
    assert "participants: 5000 (mentee 3333, mentor 1667; paused 1, registered 4999," in out
    assert "--people lists them, --who TEXT finds somebody" in out
    assert "… and 2480 more: --all" in out
    assert "Person 4999 " not in out
    code, out, _ = run(programme(5000), "--people")
    assert (code, out.count("participant_id: "), "tandems" in out, "more: --all" in out) == (0, 5000, False, False)
    assert "… and" not in run(programme(100), "--all")[1]


def test_somebody_is_found_with_everything_that_concerns_them(run: Run) -> None:
    views = programme(100)
    code, out, _ = run(views, "--who", "person 0")
    assert (code, "participants: 1 of 100" in out, "tandems: 1 of 50" in out) == (0, True, True)
    assert "breaks" in out, "what waits for the office about their tandem"
    assert "sequence" not in out
    code, out, _ = run(programme(100), "--who", views["registration"]["participants"][1]["participant_id"])
    assert (code, "Person 1 " in out, "Person 2" in out) == (0, True, False)
    assert "participants: 11 of 100" in run(programme(100), "--who", "PERSON 1")[1]


def test_what_is_in_a_state_is_found(run: Run) -> None:
    _, out, _ = run(programme(100), "--state", "paused")
    assert ("participants: 1 of 100" in out, "tandems" in out) == (True, False)
    _, out, _ = run(programme(100), "--state", "Registered")
    assert ("participants: 99 of 100" in out, "… and 79 more: --all" in out) == (True, True)
    assert "more" not in run(programme(100), "--state", "registered", "--all")[1]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--who", "nobody"), "nobody in this programme has nobody in their name or id"),
        (("--state", "registred"), "is in the state registred; in this programme there are: open, paused, registered"),
        (("--who", "person 0", "--state", "withdrawn"), "nothing of --who person 0 is in the state withdrawn"),
        (("--json", "--who", "x"), "--json is always whole; leave --people, --all, --who and --state out"),
    ],
)
def test_what_finds_nothing_is_one_line(run: Run, options: tuple[str, ...], says: str) -> None:
    code, out, err = run(programme(100), *options)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err


def test_json_is_whole(run: Run) -> None:
    code, out, _ = run(programme(500), "--json")
    assert (code, json.loads(out)) == (0, programme(500))


def test_who_reads_no_names_finds_people_by_their_ids() -> None:
    views = programme(4)
    first = views["registration"]["participants"][0]["participant_id"]
    assert concerned(views, {}, first[:13]) == {first, views["matching"]["tandems"][0]["tandem_id"]}


TEXTS = st.text(st.characters(exclude_categories=("C", "Z", "M")), max_size=90)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(("id", "name", "text", "role"), TEXTS)), min_size=1), st.data())
def test_no_table_is_wider_than_it_may_be_and_nothing_is_left_out(
    rows: list[dict[str, str]], data: st.DataObject
) -> None:
    width = data.draw(st.integers(120, 400))
    lines = list(table(rows, width))
    assert all(text in " ".join(lines) for row in rows for text in row.values())
    assert all(len(line) <= width for line in lines)


@pytest.mark.parametrize("who", ["anne", "aenne", "Änne", "ÄNNE", "A\u0308nne", "groß", "gross"])
def test_somebody_is_found_without_umlauts_and_marks(who: str) -> None:
    names = {"id-1": "Änne Groß", "id-2": "Bernd Klein"}
    view = {"participants": [{"participant_id": id} for id in names]}
    assert concerned({"registration": view}, names, who) == {"id-1"}


def test_meetings_are_shown_where_somebody_is_looked_for() -> None:
    tandems = [{"tandem_id": "t-1", "mentor": "id-1"}, {"tandem_id": "t-2", "mentor": "id-2"}]
    meetings = [{"meeting_id": f"m-{n}", "tandem_id": f"t-{1 + n % 2}"} for n in range(60)]
    view = {"tandems": tandems, "meetings": meetings}
    assert not any("m-" in line for line in shown(view, {}))
    about = concerned({"scheduling": view}, {"id-1": "Mentor 1"}, "mentor 1")
    lines = shown({"meetings": meetings[:6]}, {}, Wanted(about=about))
    assert [f"m-{n}" in "\n".join(lines) for n in range(6)] == [True, False] * 3
