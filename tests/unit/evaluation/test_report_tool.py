"""`tandem report` from end to end: the service's own figures, in whatever form the file is, and nothing of a person."""

import csv
import io
import json
import random
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from openpyxl import Workbook

from services.evaluation.page.pdf import MISSING, lacks
from services.evaluation.questionnaires import classes, newest, possible
from services.evaluation.reporting.inputs import Given
from services.evaluation.reporting.make import make
from services.evaluation.tool.checking import people_of
from services.evaluation.tool.columns import NAMES
from services.evaluation.tool.known import SOFTWARE
from services.evaluation.tool.reading import LARGEST, MOST_ANSWERS, read_answers
from services.evaluation.tool.wanted import FLOORS, INSIDERS
from shared.contracts import evaluation as e
from shared.contracts.parts import Criteria, Criterion, Side
from shared.local.system import ROOT
from shared.runtime.criteria_seal import seal_of
from shared.spreadsheets.sheet import MOST_ROWS
from tests.support.page_text import Said
from tests.unit.evaluation.made_up_answers import asked, inputs

Run = Callable[..., tuple[int, str, str]]
Entry = dict[str, Any]
EXAMPLES = ROOT / "docs" / "examples"
PAGE = (ROOT / "docs" / "report-a-file.md").read_text(encoding="utf-8")
SIDES: tuple[Side, ...] = ("mentor", "mentee")
ONLY_HERE = {"title", "term", "tandems", "weeks", "topics", "signs", "goals", "rollout", "waves"}
"""Of the report's contents what hangs on more than answers and criteria, or on the programme's name."""


def some_answers(tandems: int, seed: int = 1, response: float = 0.8) -> list[Entry]:
    """Made-up answers to four questionnaires, in an order that means nothing."""
    rng = random.Random(seed)
    found = []
    for tandem in range(tandems):
        for side in SIDES:
            for name in ("baseline", "pulse", "pulse", "mid-term", "final"):
                if rng.random() < response:
                    values = {
                        item.id: rng.choice(possible(item)) for item in newest(name).items if rng.random() < response
                    }
                    person = f"x{tandem}x{side}"
                    entry = {"person": person, "tandem": f"y{tandem}y", "side": side, "questionnaire": name}
                    found.append({**entry, "answers": values or {newest(name).items[0].id: 0}})
    rng.shuffle(found)
    return found


def as_given(entries: Sequence[Entry]) -> dict[str, list[Given]]:
    """The same answers as the service has them."""
    found: dict[str, list[Given]] = {}
    for entry in entries:
        given = Given(
            person=f"{entry['person']}", cluster=f"{entry['tandem']}", side=entry["side"], answers=entry["answers"]
        )
        found.setdefault(entry["questionnaire"], []).append(given)
    return found


def json_file(folder: Path, entries: Sequence[Entry], **beside: object) -> Path:
    path = folder / "answers.json"
    path.write_text(json.dumps({**beside, "answers": entries} if beside else entries), encoding="utf-8")
    return path


def cells(entries: Sequence[Entry]) -> list[list[object]]:
    """Headings in German, and a row an answer."""
    items = sorted({item for entry in entries for item in entry["answers"]})
    head: list[object] = ["Person", "Tandem", "Rolle", "Fragebogen", *items]
    fields = ("person", "tandem", "side", "questionnaire")
    return [head, *([*(x[f] for f in fields), *(x["answers"].get(i, "") for i in items)] for x in entries)]


def csv_file(folder: Path, entries: Sequence[Entry], delimiter: str = ";") -> Path:
    path = folder / "answers.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(cells(entries))
    return path


def xlsx_file(folder: Path, entries: Sequence[Entry]) -> Path:
    path, book = folder / "answers.xlsx", Workbook()
    for row in cells(entries):
        book.active.append(row)
    book.save(path)
    return path


def reported(tandem: Run, *arguments: object) -> dict[str, Any]:
    code, out, err = tandem("report", *arguments, "--json")
    assert (code, err.count("\n")) == (0, 1), err
    found: dict[str, Any] = json.loads(out)
    return found


def figures(report: Mapping[str, Any]) -> dict[str, Any]:
    """What a report says of answers."""
    contents = {name: value for name, value in report["contents"].items() if name not in {*ONLY_HERE, "criteria"}}
    return {"answers": report["answers"], "ratings": report["ratings"], "floor": report["floor"], **contents}


def of_the_service(entries: Sequence[Entry], people: Mapping[Side, int], **beside: Any) -> dict[str, Any]:
    """The report that the service makes of the same answers."""
    given = as_given(entries)
    silent = {
        name: {side: count - len({g.person for g in found if g.side == side}) for side, count in people.items()}
        for name, found in given.items()
    }
    found = inputs(questionnaires={name: asked(name, each, silent[name]) for name, each in given.items()}, **beside)
    pieces = make(found)
    assert isinstance(pieces, tuple)
    return figures(pieces[0].model_dump(mode="json"))


@pytest.mark.proves("S13", "S14")
@pytest.mark.parametrize(("tandems", "floor", "insiders"), [(7, 5, 1), (12, 7, 2), (60, 10, 1)])
def test_the_figures_are_those_of_the_service_for_the_same_answers(
    tandem: Run, tmp_path: Path, tandems: int, floor: int, insiders: int
) -> None:
    entries = some_answers(tandems)
    options = ("--floor", floor, "--insiders", insiders, "--asked", f"{tandems}:{tandems}")
    report = reported(tandem, json_file(tmp_path, entries), *options)
    people: dict[Side, int] = {"mentor": tandems, "mentee": tandems}
    assert figures(report) == of_the_service(entries, people, floor=floor, insiders=insiders)
    assert any(each["people"] for each in report["contents"]["distributions"])
    assert report["contents"]["responses"]


def test_json_csv_and_xlsx_of_the_same_answers_are_the_same_report(tandem: Run, tmp_path: Path) -> None:
    entries = some_answers(9)
    first = reported(tandem, json_file(tmp_path, entries))
    files = (csv_file(tmp_path, entries), xlsx_file(tmp_path, entries))
    assert [reported(tandem, file) for file in files] == [first, first]
    assert reported(tandem, csv_file(tmp_path, entries, "\t")) == first


def test_the_order_of_rows_and_the_names_of_people_change_nothing(tandem: Run, tmp_path: Path) -> None:
    entries = some_answers(9)
    first = reported(tandem, json_file(tmp_path, entries))
    numbers = {person: number for number, person in enumerate(sorted({x["person"] for x in entries}, reverse=True))}
    other = [{**x, "person": numbers[x["person"]], "tandem": x["tandem"].upper()} for x in reversed(entries)]
    assert reported(tandem, json_file(tmp_path, other)) == first


def test_the_two_examples_hold_the_same_answers_and_name_nobody(tandem: Run) -> None:
    of_json = reported(tandem, EXAMPLES / "answers.json")
    of_csv = reported(tandem, EXAMPLES / "answers.csv", "--asked", "7:7")
    assert figures(of_csv) == figures(of_json)
    entries = json.loads((EXAMPLES / "answers.json").read_text(encoding="utf-8"))["answers"]
    assert {entry["person"] for entry in entries} == set(range(101, 115))
    assert {entry["tandem"] for entry in entries} == set(range(1, 8))


def words_of(item: e.Item, value: int, way: str) -> str:
    [each] = [each for each in classes(item, three=False) if value in each.values]
    return {"number": str(value), "code": each.code, "de": each.text.de, "en": each.text.en.upper()}[way]


@pytest.mark.parametrize("way", ["number", "code", "de", "en"])
def test_an_answer_may_be_its_number_its_code_or_its_words(way: str) -> None:
    rows: list[list[str]] = []
    for item in newest("final").items:
        for value in possible(item):
            rows.append([str(len(rows)), str(len(rows)), "mentee", item.id, words_of(item, value, way), str(value)])
    items = list(dict.fromkeys(row[3] for row in rows))
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["Id", "Tandem", "Role", *items])
    table.writerows([*row[:3], *(row[4] if item == row[3] else "" for item in items)] for row in rows)
    found = people_of(read_answers(text.getvalue().encode(), "file")).given["final"]
    assert [given.answers for given in found] == [{row[3]: int(row[5])} for row in rows]


def test_a_heading_may_be_an_item_s_wording_and_an_answer_of_nothing_is_none() -> None:
    [item] = [item for item in newest("final").items if item.id == "cadence"]
    text = f"Kennung;Tandem;Seite;{item.text.de};trying out;recommend\n1;1;mentor;1;-;9\n2;1;mentee;k. A.;+2;n/a\n"
    found = people_of(read_answers(text.encode(), "file")).given["final"]
    assert [given.answers for given in found] == [{"cadence": 1, "recommend": 9}, {"trying-out": 2}]


def test_criteria_of_a_file_decide_and_are_sealed_as_a_programme_s_are(tandem: Run, tmp_path: Path) -> None:
    criteria = Criteria(frequency=Criterion(keep_at_least=95, change_at_least=5))
    document = tmp_path / "criteria.json"
    alone = criteria.model_dump_json(include={"frequency"}, exclude_none=True)
    answers = json_file(tmp_path, some_answers(40))
    found = []
    for text in (alone, f'{{"programme_id": "x", "criteria": {alone}}}'):
        document.write_text(text, encoding="utf-8")
        found.append(reported(tandem, answers, "--criteria", document))
    assert found[0] == found[1]
    assert found[0]["criteria_seal"] == seal_of(criteria)
    decided = {answer["question"]: answer for answer in found[0]["answers"]}
    assert (decided["frequency"]["answer"], decided["frequency"]["evidence"]["threshold"]) == ("change", 5)
    usual = {answer["question"]: answer["answer"] for answer in reported(tandem, answers)["answers"]}
    assert usual["frequency"] == "not_enough_data"


@pytest.mark.proves("P13")
def test_nothing_of_a_person_or_a_tandem_stands_in_any_output(tandem: Run, tmp_path: Path) -> None:
    entries = [{**x, "comment": "zzcommentzz"} for x in some_answers(9)]
    file, html = json_file(tmp_path, entries), tmp_path / "r.html"
    outputs = [*tandem("report", file, "--html", html)[1:], *tandem("report", file, "--json")[1:]]
    outputs.append(html.read_text(encoding="utf-8"))
    secrets = [*{x["person"] for x in entries}, *{x["tandem"] for x in entries}, "zzcommentzz"]
    for output in outputs:
        assert not [secret for secret in secrets if secret in output]
    assert f"{len(entries)} answers read; {len(entries)} comments left out" in outputs[1]


def test_of_how_many_were_asked_nothing_is_said_that_is_not_known(tandem: Run, tmp_path: Path) -> None:
    entries = [x for x in some_answers(60, response=1.0) if x["questionnaire"] == "final"]
    for entry in entries:
        entry["answers"] = {"length": 0, "cadence": 0, "rules": 0, "onward": 0}
    file = json_file(tmp_path, entries)
    unknown, known = reported(tandem, file), reported(tandem, file, "--asked", "90:90")
    assert unknown["contents"]["responses"] == []
    assert [(x["asked"], x["answered"]) for x in known["contents"]["responses"]] == [(90, 60), (90, 60)]
    assert {x["answer"] for x in [*unknown["answers"], *known["answers"]]} == {"keep"}
    assert all(x["evidence"]["silent_needed"] is None for x in unknown["answers"])
    assert all(x["evidence"]["silent_needed"] is not None for x in known["answers"])
    html = tmp_path / "r.html"
    tandem("report", file, "--html", html)
    assert "How many were silent is not shown" in Said(html.read_text(encoding="utf-8"), "en").text


def test_the_terminal_begins_with_the_four_answers_in_either_language(tandem: Run) -> None:
    english = tandem("report", EXAMPLES / "answers.json")[1]
    german = tandem("report", EXAMPLES / "answers.json", "--language", "de")[1]
    for said, questions in (
        (
            english,
            ("length of meetings right", "frequency of meetings right", "more rules needed", "How does it go on"),
        ),
        (german, ("Länge der Treffen richtig", "Häufigkeit der Treffen richtig", "mehr Regeln", "Wie geht es weiter")),
    ):
        places = [said.index(question) for question in questions]
        assert places == sorted(places)
        assert places[0] < 10
        assert max(map(len, said.splitlines())) <= 80
    assert "final survey (mentees): 6 of 7 answered." in english
    assert "fixed beforehand" not in english


def test_the_page_leaves_out_what_a_file_does_not_know_and_vouches_for_nothing(tandem: Run, tmp_path: Path) -> None:
    html = tmp_path / "report.html"
    assert tandem("report", EXAMPLES / "answers.json", "--html", html)[0] == 0
    page = html.read_text(encoding="utf-8")
    sections = re.findall(r'<section id="([a-z]+)"', page)
    assert sections == ["answers", "evidence", "part", "given", "change", "criteria", "methods"]
    assert set(re.findall(r'<li><a href="#([a-z]+)"', page)) == set(sections)
    text = Said(page, "en").text
    assert "Of meetings, goals and topics nothing is known here." in text
    for vouched in ("fixed before the first data", "fixed beforehand", "They were never changed", "programme's rules"):
        assert vouched not in text
    assert "30 November" not in text or "Term: 15 February 2027 to 14 July 2027" in text
    tandem("report", EXAMPLES / "answers.csv", "--html", html)
    page = html.read_text(encoding="utf-8")
    assert 'id="part"' not in page
    assert "Term:" not in Said(page, "en").text


@pytest.mark.long
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_pdf_begins_with_the_four_answers_in_the_language_that_is_wanted_and_names_nobody(
    tandem: Run, tmp_path: Path, language: str
) -> None:
    if lacks():
        pytest.skip(MISSING)
    entries, path = some_answers(9), tmp_path / "report.pdf"
    file = json_file(tmp_path, entries)
    assert tandem("report", file, "--asked", "9:9", "--pdf", path, "--language", language)[0] == 0
    found = pypdf.PdfReader(path)
    assert str(found.root_object["/Lang"]) == language
    pages = [" ".join(each.extract_text().split()) for each in found.pages]
    now = {"de": "Jetzt:", "en": "Now:"}[language]
    assert [page.count(now) for page in pages] == [4] + [0] * (len(pages) - 1)
    for secret in {x["person"] for x in entries} | {x["tandem"] for x in entries}:
        assert not any(secret in page for page in pages)


@for_all(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_whatever_people_answer_the_file_says_the_same_as_the_service(seed: int) -> None:
    entries = some_answers(seed % 9 + 1, seed)
    found = people_of(read_answers(json.dumps(entries).encode(), "file"))
    assert found.given.keys() == as_given(entries).keys()
    for name, expected in as_given(entries).items():
        assert [given.answers for given in found.given[name]] == [given.answers for given in expected]
        renamed = {(a.person, b.person) for a, b in zip(found.given[name], expected, strict=True)}
        assert len(renamed) == len({a for a, _ in renamed}) == len({b for _, b in renamed})


def test_from_standard_input_in_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "shared.cli", "report", "-", "--json"]
    content = (EXAMPLES / "answers.csv").read_bytes()
    run = subprocess.run(command, input=content, capture_output=True, check=False, cwd=ROOT)
    assert (run.returncode, run.stderr) == (0, b"tandem: standard input: 49 answers read; 2 comments left out\n")
    assert json.loads(run.stdout)["contents"]["title"]["en"] == "answers"


def test_without_its_libraries_it_says_where_to_run_it() -> None:
    hidden = "import sys; sys.modules['scipy'] = None; from shared.cli.main import main; sys.argv[0] = 'tandem'; main()"
    command = [sys.executable, "-c", hidden, "report", str(EXAMPLES / "answers.csv")]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.splitlines()[-1] == "tandem: this needs scipy, which ./tandem brings; run it with that"


def test_the_commands_of_the_page_do_what_the_page_says(
    tandem: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    typed = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL) for line in block.splitlines()]
    said = []
    for line in typed:
        command, _, file = line.partition(" > ")
        code, out, _ = tandem(*shlex.split(command)[1:])
        assert code == 0, line
        said.append(out)
        if file:
            Path(file).write_text(out, encoding="utf-8")
    assert len(typed) == 4
    assert "final survey (mentees): 6 of 7 answered." in said[0]
    assert "Rooms (mentees): 6 of 7 answered." in said[3]
    assert e.ReportPublished.model_validate_json(Path("report.json").read_text(encoding="utf-8"))
    assert "<html" in Path("report.html").read_text(encoding="utf-8")


def test_the_documented_answers_are_read_and_every_option_column_and_limit_is_on_the_page(tandem: Run) -> None:
    [block] = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)
    answered = read_answers(block.encode(), "page")
    found = people_of(answered)
    assert found.given["final"][0].answers == {"length": 0, "cadence": 1, "rules": 0, "recommend": 9}
    assert (found.comments, answered.about.asked["final"]["mentor"]) == (1, 7)
    shown = tandem("report", "--help")[1]
    options = set(re.findall(r"--[a-z-]+", shown)) - {"--help", "--no-json"}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [row] = [line for line in readme.splitlines() if line.startswith("| `./tandem report ")]
    assert options == set(re.findall(r"--[a-z-]+", row))
    assert all(f"`{option}" in PAGE for option in options)
    assert all(any(f"`{name}`" in PAGE for name in names) for names in NAMES.values())
    assert all(str(number) in PAGE for number in (*FLOORS, *INSIDERS, LARGEST >> 20, f"{MOST_ANSWERS:,}"))
    assert MOST_ANSWERS == MOST_ROWS
    assert "docs/surveys.md" not in PAGE
    surveys = (ROOT / "docs" / "surveys.md").read_text(encoding="utf-8")
    assert all(f"`{item}`" in surveys for item in SOFTWARE.ids if item in {i.id for i in newest("final").items})
