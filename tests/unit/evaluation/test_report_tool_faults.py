"""What is wrong with a file of answers, or with what was typed: one line a fault, and never what stands in a cell."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.evaluation.tool import reading
from services.evaluation.tool.checking import people_of
from services.evaluation.tool.reading import read_answers
from shared.local.system import ROOT
from shared.runtime.wrong_use import MOST_FAULTS, WrongUseError

Run = Callable[..., tuple[int, str, str]]
EXAMPLE = ROOT / "docs" / "examples" / "answers.csv"
HEAD = "Person;Tandem;Rolle;Fragebogen;Fassung;cadence;rating;Kommentar"
SECRET = "Sommer-Winter"
"""What somebody wrote where it does not belong; no line may repeat it."""


def faults_of(content: bytes | str) -> list[str]:
    """The lines for people."""
    with pytest.raises(WrongUseError) as caught:
        people_of(read_answers(content.encode() if isinstance(content, str) else content, "a.csv"))
    lines = str(caught.value).splitlines()
    assert not any(SECRET in line for line in lines)
    return lines


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (";1;mentor;final;;1;;", "row 2, Person: It is missing. A number, or an id"),
        (f"{SECRET} x;1;mentor;final;;1;;", "row 2, Person: A number, or an id"),
        ("a@b.de;1;mentor;final;;1;;", "row 2, Person: A number, or an id"),
        ("1;;mentor;final;;1;;", "row 2, Tandem: It is missing. A number, or an id"),
        (f"1;1;{SECRET};final;;1;;", "row 2, Rolle: Write mentor or mentee."),
        (f"1;1;mentor;{SECRET};;1;;", "row 2, Fragebogen: There is no such questionnaire; there are: baseline, final"),
        ("1;1;mentor;finals;;1;;", "row 2, Fragebogen: There is no such questionnaire; did you mean final?"),
        ("1;1;mentor;final;3;1;;", "row 2, Fassung: There is no such version of final; there are: 1, 2."),
        (f"1;1;mentor;final;{SECRET};1;;", "row 2, Fassung: There is no such version of final; there are: 1, 2."),
        ("1;1;mentor;final;;3;;", "row 2, cadence: Possible are: -2, -1, 0, 1, 2."),
        (f"1;1;mentor;final;;{SECRET};;", "row 2, cadence: Possible are: -2, -1, 0, 1, 2."),
        ("1;1;mentor;final;;1.5;;", "row 2, cadence: Possible are: -2, -1, 0, 1, 2."),
        ("1;1;mentor;final;;#REF!;;", "row 2, cadence: "),
        ("1;1;mentor;final;1;1;;", "row 2, cadence: final has no such item in version 1; there are: duration, freq"),
        ("1;1;mentor;baseline;;;4;", "row 2, rating: baseline has no such item in version 1; there are: tools"),
        ("1;1;mentor;final;;;;", "row 2: Nothing is answered in it. Delete it."),
        ("1;1;mentor;final;;1;;;x", "row 2: a cell stands below no heading"),
    ],
)
def test_each_fault_of_a_row_says_where_it_is_and_what_to_write(row: str, says: str) -> None:
    [line] = faults_of(f"{HEAD}\n{row}\n")
    assert line.startswith(f"a.csv, {says}")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (("1;1;mentor", "1;2;mentee"), "row 3, Rolle: The same person is a mentor in row 2. Correct it."),
        (("1;1;mentor", "2;1;mentor"), "row 3, Tandem: It has another mentor in row 2. A tandem is two people"),
        (("1;1;mentor", "1;1;mentor"), "row 3, Person: The same person has answered final in row 2. Leave one out."),
    ],
)
def test_rows_that_contradict_each_other_are_faults(rows: tuple[str, ...], says: str) -> None:
    lines = faults_of("\n".join([HEAD, *(f"{row};final;;1;;" for row in rows)]))
    assert any(line.startswith(f"a.csv, {says}") for line in lines)


def test_what_a_person_may_answer_several_times_is_no_fault_and_a_comment_alone_is_an_answer() -> None:
    rows = ("1;1;mentor;pulse;;;4;", "1;1;mentor;pulse;;;2;", "1;2;mentor;parting;;;;Danke", "2;1;mentee;;;;;Danke")
    found = people_of(read_answers("\n".join([HEAD, *rows]).encode(), "a.csv"))
    assert [given.answers for given in found.given["pulse"]] == [{"rating": 4}, {"rating": 2}]
    assert [given.answers for given in found.given["final"]] == [{}]
    assert found.comments == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("Person;Tandem;cadence\n1;1;1", "a.csv: there is no column side; name it Rolle or side"),
        ("Person;Tandem;Rolle\n1;1;mentor", "a.csv: there is no column of an item"),
        (f"{HEAD};Xyzzy Quux\n1;1;mentor;;;1;;;", "a.csv, column 9: no column has this heading; delete it"),
        (f"{HEAD};cadense\n1;1;mentor;;;1;;;", "a.csv, column 9: no column has this heading; did you mean cadence?"),
        (f"{HEAD};Cadence\n1;1;mentor;;;1;;;", "a.csv, column 9: cadence has a column already; leave one out"),
        ("", "a.csv holds nothing"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0", "a.csv is no spreadsheet"),
        ("{", "a.csv is no JSON"),
        ('{"answer": []}', "a.csv: answers is missing, or no list"),
        ('{"answers": [], "asked": {"final": {"mentors": 7}}}', "a.csv, asked.final.mentors"),
        ('{"answers": [], "asked": {"final": {"mentor": -1}}}', "a.csv, asked.final.mentor: "),
        ('{"answers": [], "programme": {"names": ""}}', "a.csv, programme.names: "),
        ("[1]", "a.csv, answer 1: It is no object."),
        ('[{"person": 1}]', "a.csv, answer 1, answers: It is missing, or no object."),
        (
            '[{"person": 1, "tandem": 1, "side": "mentor", "answers": {"cadence": 1}, "sides": 1}]',
            "a.csv, answer 1: A field is unknown; did you mean side?",
        ),
        (
            '[{"person": true, "tandem": 1, "side": "mentor", "answers": {"cadence": 1}}]',
            "a.csv, answer 1, person: A number",
        ),
        (
            '[{"person": 1, "tandem": 1, "side": "mentor", "answers": {"cadence": true}}]',
            "a.csv, answer 1, cadence: Possible are: -2, -1, 0, 1, 2.",
        ),
        (
            '[{"person": 1, "tandem": 1, "side": "mentor", "answers": {"cadences": 1}}]',
            "a.csv, answer 1, cadences: final has no such item in version 2; did you mean cadence?",
        ),
    ],
)
def test_a_file_that_cannot_be_understood_as_a_whole_says_why(content: bytes | str, says: str) -> None:
    [line] = faults_of(content)
    assert line.startswith(says)


def test_of_very_many_faults_the_rest_is_counted() -> None:
    lines = faults_of("\n".join([HEAD, *(f"{number};1;neither;final;;9;;" for number in range(1, 101))]))
    assert len(lines) == MOST_FAULTS + 1
    assert lines[-1] == f"… and {200 - MOST_FAULTS} more"


def test_what_is_too_large_is_not_read(tandem: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST", 1 << 20)
    file = tmp_path / "a.csv"
    file.write_bytes(b"x" * ((1 << 20) + 1))
    assert tandem("report", file) == (2, "", f"tandem: {file} is larger than 1 MiB; leave out what is no answer\n")
    monkeypatch.setattr(reading, "MOST_ANSWERS", 2)
    file.write_text("[{}, {}, {}]", encoding="utf-8")
    assert tandem("report", file)[2].startswith(f"tandem: {file} holds more than 2 answers")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--floor", "6"), "--floor 6: write one of 5, 7, 10"),
        (("--insiders", "3"), "--insiders 3: write one of 1, 2"),
        (("--asked", "14"), "--asked 14: write how many mentors and how many mentees, like 7:7"),
        (("--asked", "7:5"), "--asked: more mentees have answered baseline than are said to be asked; correct"),
        (("--language", "fr"), "--language fr: write de or en"),
        (("--criteria", "none.json"), "none.json cannot be read (No such file or directory); check the path"),
        (("--html", str(EXAMPLE)), f"--html {EXAMPLE} would write over another file"),
        (("--html", "no-such-folder/r.html"), "--html no-such-folder/r.html cannot be written: there is no folder"),
        (("--pdf", "-"), "--pdf writes a file"),
    ],
)
def test_an_option_that_cannot_be_used_is_said_before_anything_is_written(
    tandem: Run, tmp_path: Path, options: tuple[str, ...], says: str
) -> None:
    html = tmp_path / "report.html"
    written = () if "--html" in options else ("--html", html)
    code, out, err = tandem("report", EXAMPLE, *written, *options)
    assert (code, out, html.exists()) == (2, "", False)
    assert any(line.startswith(f"tandem: {says}") for line in err.splitlines())


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"frequenzy": {}}, "frequenzy: There is no such field; did you mean frequency?"),
        ({"frequency": {"keep_at_least": 60}}, "frequency.change_at_least: "),
        ({"frequency": {"keep_at_least": 0, "change_at_least": 100}}, "frequency.keep_at_least: "),
        (
            {"rules": {"keep_at_least": 60, "change_at_least": 100}},
            "rules.change_at_least: 100 % is never surely reached",
        ),
        (
            {"rules": {"keep_at_least": 100, "change_at_least": 60}},
            "rules.keep_at_least: 100 % is never surely reached",
        ),
        ({"rules": {"keep_at_least": 50, "change_at_least": 30}}, "rules: the same answers could mean keep and change"),
        ([], "the whole: "),
    ],
)
def test_criteria_that_cannot_be_used_are_refused(tandem: Run, tmp_path: Path, document: Any, says: str) -> None:
    file = tmp_path / "criteria.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    code, out, err = tandem("report", EXAMPLE, "--criteria", file)
    assert (code, out) == (2, "")
    assert err.startswith(f"tandem: {file}, {says}")
    file.write_text("{", encoding="utf-8")
    assert tandem("report", EXAMPLE, "--criteria", file)[2].startswith(f"tandem: {file} is no JSON")


def test_a_file_without_answers_makes_no_report(tandem: Run, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    for text in ("[]", '{"answers": []}', HEAD):
        file.write_text(text, encoding="utf-8")
        code, out, err = tandem("report", file)
        assert (code, out) == (2, "")
        assert err.splitlines()[-1].startswith(f"tandem: {file} holds no answers")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["mentor", "final", "1"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text() | st.sampled_from(["person", "tandem", "side", "answers", "cadence", "asked", "programme"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def told(content: bytes) -> str:
    """What is said of a file; nothing where it can be read."""
    try:
        people_of(read_answers(content, "file"))
    except WrongUseError as error:
        return str(error) or "nothing is said"
    return ""


@for_all(JSON | st.lists(JSON, max_size=3))
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_a_file_it_is_read_or_told_in_lines(document: Any) -> None:
    for content in (json.dumps(document).encode(), json.dumps({"answers": [document]}).encode()):
        assert all(line.isprintable() for line in told(content).split("\n"))


@for_all(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=60, deadline=None)
def test_noise_is_told_in_lines(content: bytes) -> None:
    for each in (content, f"{HEAD}\n".encode() + content):
        assert told(each) != "nothing is said"
