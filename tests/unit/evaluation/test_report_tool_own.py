"""`tandem report` with questionnaires of the office's own: checked as the service checks them, protected as it does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.own_questionnaires import item_of
from services.evaluation.reporting.inputs import Asked, Given
from services.evaluation.reporting.make import make
from services.evaluation.tool.checking import people_of
from services.evaluation.tool.known import Known
from services.evaluation.tool.own import read_questionnaires
from services.evaluation.tool.reading import read_answers
from shared.contracts import evaluation as e
from shared.contracts.parts import Side
from shared.local.system import ROOT
from shared.runtime.wrong_use import WrongUseError
from tests.unit.evaluation.made_up_answers import inputs

Run = Callable[..., tuple[int, str, str]]
EXAMPLES = ROOT / "docs" / "examples"
ROOMS, ANSWERS = EXAMPLES / "questionnaire.json", EXAMPLES / "rooms.csv"
DOCUMENT = json.loads(ROOMS.read_text(encoding="utf-8"))
ITEM = DOCUMENT["items"][0]


def reported(tandem: Run, *arguments: object) -> e.ReportPublished:
    code, out, err = tandem("report", *arguments, "--json")
    assert code == 0, err
    return e.ReportPublished.model_validate_json(out)


def of_rooms(report: e.ReportPublished) -> list[e.Distribution]:
    assert report.contents is not None
    return [each for each in report.contents.distributions if each.questionnaire == "rooms"]


def written(folder: Path, name: str = "own.json", **changes: Any) -> Path:
    """The example's questionnaire with other fields."""
    path = folder / name
    path.write_text(json.dumps({**DOCUMENT, **changes}), encoding="utf-8")
    return path


def answered(folder: Path, *rows: tuple[int, Side, int], **beside: Any) -> Path:
    """A file in which these people of tandems answered how large their room is."""
    entries = [
        {"person": f"{side[:4]}{tandem}", "tandem": tandem, "side": side, "questionnaire": "rooms"}
        | {"answers": {"size": size}, **beside}
        for tandem, side, size in rows
    ]
    path = folder / "answers.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    return path


@pytest.mark.proves("S13")
def test_own_items_are_told_as_the_service_tells_them(tandem: Run) -> None:
    known = Known(read_questionnaires((ROOMS,)))
    given = people_of(read_answers(ANSWERS.read_bytes(), "rooms.csv", known)).given["rooms"]
    assert len(given) == 13
    assert given[0].answers == {"size": -1, "way": 5, "quiet": 1}
    command = e.AddQuestionnaire.from_data(DOCUMENT)
    asked = Asked(
        version=1,
        items=tuple(map(item_of, command.items)),
        answers=tuple(
            Given(person=f"p{each.person}", cluster=f"t{each.cluster}", side=each.side, answers=each.answers)
            for each in given
        ),
        people={"mentor": 7, "mentee": 7},
        title=command.title,
    )
    made = make(inputs(questionnaires={"rooms": asked}))
    assert isinstance(made, tuple)
    assert made[0].contents is not None
    expected = [each for each in made[0].contents.distributions if each.questionnaire == "rooms"]
    found = of_rooms(reported(tandem, ANSWERS, "--questionnaire", ROOMS, "--asked", "7:7"))
    assert found == expected
    assert [each for each in found if each.people is not None]


def test_without_the_questionnaire_its_answers_and_its_columns_are_faults(tandem: Run) -> None:
    code, out, err = tandem("report", ANSWERS)
    assert (code, out) == (2, "")
    assert "column 5: no column has this heading" in err
    assert "Traceback" not in err


@pytest.mark.proves("P13")
def test_of_four_people_nothing_is_told_of_an_own_item(tandem: Run, tmp_path: Path) -> None:
    file = answered(tmp_path, *((number, "mentor", 0) for number in range(4)))
    found = of_rooms(reported(tandem, file, "--questionnaire", ROOMS))
    assert found
    assert {each.people for each in found} == {None}


def test_of_who_was_not_asked_nobody_is_counted_as_silent(tandem: Run, tmp_path: Path) -> None:
    mentors = written(tmp_path, asked_of="mentors")
    file = answered(tmp_path, *((number, "mentor", number % 3 - 1) for number in range(6)))
    report = reported(tandem, file, "--questionnaire", mentors, "--asked", "9:9")
    assert report.contents is not None
    asked = {each.group: (each.asked, each.answered) for each in report.contents.responses}
    assert (9, 9) not in asked.values()
    assert 18 not in [count for count, _ in asked.values()]


def test_the_terminal_calls_it_by_its_title(tandem: Run) -> None:
    for language, title in (("de", "Räume ("), ("en", "Rooms (")):
        code, out, _ = tandem("report", ANSWERS, "--questionnaire", ROOMS, "--asked", "7:7", "--language", language)
        assert code == 0
        assert title in out


def test_versions_are_answered_each_once_and_checked_each_by_its_own_items(tmp_path: Path) -> None:
    again = written(tmp_path, version=2, items=DOCUMENT["items"][:1])
    known = Known(read_questionnaires((again, ROOMS)))
    head = "Person;Tandem;Rolle;Fragebogen;Fassung;size;way"
    found = people_of(
        read_answers(f"{head}\n1;1;mentor;Räume;1;0;5\n1;1;mentor;rooms;;too small;\n".encode(), "a.csv", known)
    )
    assert [each.answers for each in found.given["rooms"]] == [{"size": 0, "way": 5}, {"size": -1}]
    assert found.versions["rooms"] == {1, 2}
    with pytest.raises(WrongUseError, match="row 2, way: rooms has no such item in version 2; there are: size"):
        people_of(read_answers(f"{head}\n1;1;mentor;rooms;2;0;5\n".encode(), "a.csv", known))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("1;1;mentor;rooms;3", "row 2, size: "),
        ("1;1;mentor;roms;0", "row 2, Fragebogen: There is no such questionnaire; did you mean rooms?"),
        ("1;1;mentor;final;0", "row 2, size: final has no such item in version 2"),
        ("1;1;mentor;rooms;0\n1;1;mentor;rooms;0", "row 3, Person: The same person has answered rooms in row 2."),
    ],
)
def test_each_fault_of_an_answer_says_where_it_is(rows: str, says: str) -> None:
    known = Known(read_questionnaires((ROOMS,)))
    with pytest.raises(WrongUseError) as caught:
        people_of(read_answers(f"Person;Tandem;Rolle;Fragebogen;size\n{rows}\n".encode(), "a.csv", known))
    assert str(caught.value).startswith(f"a.csv, {says}")


def test_an_answer_of_a_side_that_was_not_asked_is_a_fault(tmp_path: Path) -> None:
    known = Known(read_questionnaires((written(tmp_path, asked_of="mentors"),)))
    with pytest.raises(WrongUseError, match="answer 1, side: rooms is asked of mentors alone"):
        people_of(read_answers(answered(tmp_path, (1, "mentee", 0)).read_bytes(), "a.json", known))


@pytest.mark.parametrize("name", ["version", "role", "id"])
def test_an_item_that_is_named_as_a_column_is_asks_for_json(tmp_path: Path, name: str) -> None:
    known = Known(read_questionnaires((written(tmp_path, items=[{**ITEM, "id": name}]),)))
    head = "Person;Tandem;Rolle;Fragebogen;Wie ist Ihr Raum?"
    with pytest.raises(WrongUseError, match=f"a.csv: the item {name} is named as a column is, .* as JSON"):
        read_answers(f"{head}\n1;1;mentor;rooms;0\n".encode(), "a.csv", known)
    entry = {"person": 1, "tandem": 1, "side": "mentor", "questionnaire": "rooms", "answers": {name: "too-large"}}
    found = people_of(read_answers(json.dumps([entry]).encode(), "a.json", known)).given["rooms"]
    assert [each.answers for each in found] == [{name: 1}]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"questionnaire": "final"}, "questionnaire: "),
        ({"items": [{**ITEM, "id": "cadence"}]}, "items.0.id: "),
        ({"items": [ITEM, ITEM]}, "items.1.id: "),
        ({"items": [{**ITEM, "choices": ITEM["choices"][:2]}]}, "items.0.choices: "),
        ({"items": [{**ITEM, "source": "adapted from somebody"}]}, "items.0.source: "),
        ({"items": [{**ITEM, "text": {"de": "x" * 301, "en": "x"}}]}, "items.0.text: "),
        ({"items": [{**ITEM, "scale": "words"}]}, "items.0.scale: "),
        ({"items": []}, "items: "),
        ({"itms": []}, "itms: "),
        ({"version": 0}, "version: "),
    ],
)
def test_a_questionnaire_that_the_service_would_refuse_is_refused_by_its_field(
    tandem: Run, tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    file, html = written(tmp_path, **changes), tmp_path / "r.html"
    code, out, err = tandem("report", ANSWERS, "--questionnaire", file, "--html", html)
    assert (code, out, html.exists()) == (2, "", False)
    assert err.startswith(f"tandem: {file}, {says}")
    assert "Traceback" not in err


def test_a_questionnaire_is_read_whole_and_each_version_is_given_once(tandem: Run, tmp_path: Path) -> None:
    changed = written(tmp_path, version=2, items=[{**ITEM, "text": {"de": "Raum?", "en": "Room?"}}])
    said = tandem("report", ANSWERS, "--questionnaire", changed, "--questionnaire", ROOMS)
    assert said[:2] == (2, "")
    assert said[2].startswith(f"tandem: {changed}, items.0.id: "), "another wording under the name of the first"
    said = tandem("report", ANSWERS, "--questionnaire", ROOMS, "--questionnaire", written(tmp_path))
    assert said[2].endswith("rooms in version 1 is given twice; leave one out\n")
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    for path, says in ((broken, "is no JSON"), (tmp_path / "none.json", "cannot be read")):
        code, _, err = tandem("report", ANSWERS, "--questionnaire", path)
        assert code == 2
        assert err.startswith(f"tandem: {path} {says}")
