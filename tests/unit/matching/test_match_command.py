"""`tandem match` and `tandem sample` from end to end, and what nobody may read out of what they say."""

import csv
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from numba import njit

from services.matching.assignment import assign
from services.matching.pair import judge
from services.matching.tool import round as tool
from services.matching.tool.reading import Given, people_of
from services.matching.tool.round import Prepared, Wanted, prepare
from services.matching.tool.sample import population, written
from shared.contracts.parts import MatchingRules
from shared.local.system import ROOT
from shared.runtime.output_files import check_outputs
from shared.runtime.wrong_use import WrongUseError

Entry = dict[str, Any]
EXAMPLES = ROOT / "docs" / "examples"
EXAMPLE = str(EXAMPLES / "people.csv")
EXAMPLE_HEADINGS = Path(EXAMPLE).read_text(encoding="utf-8").partition("\n")[0]
COMPILES = "tandem: compiling the solver, once, about half a minute\n"


def of(result: Entry, *fields: str) -> Entry:
    """A result without how long it took."""
    return (
        {name: value for name, value in result.items() if not name.startswith("seconds")}
        if not fields
        else {name: result[name] for name in fields}
    )


def entries(mentors: int = 30, mentees: int = 20, seed: int = 3) -> list[Entry]:
    """People without vetoes, so that a test knows each of them."""
    return [{k: v for k, v in entry.items() if k != "vetoes"} for entry in population(mentors, mentees, seed)]


def people_file(folder: Path, people: list[Entry]) -> Path:
    path = folder / "people.json"
    path.write_text("".join(written(iter(people))), encoding="utf-8")
    return path


def test_the_documented_example_comes_to_the_documented_result(tandem: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = tandem("match", EXAMPLE, "--rules", EXAMPLES / "rules.json", "--json")
    assert (code, err.removeprefix(COMPILES)) == (0, ""), "no progress where nobody watches"
    result = json.loads(out)
    pairs = [(pair["mentor"], pair["mentee"]) for pair in result["pairs"]]
    assert pairs == [("mentor-1", "mentee-1"), ("mentor-2", "mentee-2"), ("mentor-3", "mentee-4")]
    assert (result["tandems"], result["lowest_score"], result["optimal"]) == (3, 150, True)
    [left] = result["unmatched"]
    assert (left["id"], left["reason"]["code"]) == ("mentee-3", "others_matched")
    assert all(
        part in " ".join((ROOT / "docs" / "match-a-file.md").read_text(encoding="utf-8").split())
        for part in (
            "mentor-1 with mentee-1, mentor-2 with mentee-2 and mentor-3 with mentee-4, the lowest score being 150",
        )
    )


def test_a_result_as_json_has_every_documented_field(tandem: Callable[..., tuple[int, str, str]]) -> None:
    result = json.loads(tandem("match", EXAMPLE, "--json")[1])
    page = (ROOT / "docs" / "match-a-file.md").read_text(encoding="utf-8")
    assert all(f"`{field}`" in page for field in result)
    for pair in result["pairs"]:
        assert sum(pair["parts"].values()) == pair["score"]
        assert set(pair["parts"]) == {"mentor_for_mentee", "mentee_for_mentor", "site"}
        assert all(reason["text"]["de"] and reason["text"]["en"] for reason in pair["reasons"])
        assert pair["pinned"] is False
    assert result["total_score"] == sum(pair["score"] for pair in result["pairs"])
    assert result["seconds"] > 0
    assert set(result["seconds_of"]) == {"reading", "scoring", "solving", "explaining"}
    assert sum(result["seconds_of"].values()) == pytest.approx(result["seconds"], abs=0.01)


def test_tables_for_people_say_pairs_reasons_and_who_is_left(tandem: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = tandem("match", EXAMPLE, "--pin", "mentor-1:mentee-3")
    assert code == 0
    assert "(pinned)" in out
    assert "The mentor is strong in “Scrum”, a concern of the mentee." in out
    assert "1 without a tandem: By the rules a tandem would be possible, but in this round none had a free" in out
    assert "3 mentors, 4 mentees: 3 tandems" in out


def test_what_changed_of_an_earlier_result_is_said_to_people_and_programs(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    previous, page = tmp_path / "previous.json", tmp_path / "page.html"
    out = tandem("match", EXAMPLE, "--json")[1]
    assert '"kept":' not in out
    assert "previous" not in json.loads(out)
    previous.write_text(out, encoding="utf-8")
    options = ("--previous", previous, "--pin", "mentor-1:mentee-3")
    _, said, _ = tandem("match", EXAMPLE, *options, "--html", page)
    result = json.loads(tandem("match", EXAMPLE, *options, "--json")[1])
    new = [pair["mentee"] for pair in result["pairs"] if not pair["kept"]]
    assert result["previous"] == {"kept": 2, "ended": 1, "new": 1}
    assert new == ["mentee-3"]
    assert "Of the earlier result: 2 kept, 1 ended, 1 new\n" in said
    assert [line.split()[3] for line in said.splitlines() if "(new)" in line] == ["mentee-3"]
    text = page.read_text(encoding="utf-8")
    assert "Compared with the earlier result: pairs kept 2, ended 1, new 1." in text
    assert text.count("New since the earlier result") == 1
    gone = tmp_path / "gone.json"
    gone.write_text('{"pairs": [{"mentor": "a", "mentee": "b"}]}', encoding="utf-8")
    result = json.loads(tandem("match", EXAMPLE, "--previous", gone, "--json")[1])
    assert result["previous"] == {"kept": 0, "ended": 0, "new": 3}, "of whom somebody is gone is not counted"


def test_one_of_something_is_not_said_as_many(tandem: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    lines = Path(EXAMPLE).read_text(encoding="utf-8").splitlines()
    two = [line for line in lines if ";mentor-1;" in line or ";mentee-1;" in line]
    file.write_text("\n".join([lines[0], *two]), encoding="utf-8")
    assert "\n1 mentor, 1 mentee: 1 tandem, lowest" in tandem("match", file)[1]


def test_the_lowest_score_says_that_fixed_pairs_are_not_counted_where_there_are_any(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    assert "not counted" not in tandem("match", EXAMPLE)[1]
    page = tmp_path / "page.html"
    out = tandem("match", EXAMPLE, "--pin", "mentor-3:mentee-4", "--html", page)[1]
    assert " (fixed pairs not counted), sum " in out
    assert "pinned pairs not counted" in page.read_text(encoding="utf-8")


@pytest.mark.proves("S6")
def test_what_if_is_a_table_for_people_and_rows_for_programs(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    file = people_file(tmp_path, entries(6, 5))
    code, out, _ = tandem("match", file, "--what-if")
    assert code == 0
    assert "nothing: the round as it is" in out
    code, out, _ = tandem("match", file, "--what-if", "--json")
    result = json.loads(out)
    first, *others = result["what_if"]
    assert (first["tandems"], first["lowest_score"]) == (result["tandems"], result["lowest_score"])
    assert {"different_department", "seniority_distance", "topic"} <= {row["change"] for row in others}


def test_of_many_pairs_the_table_shows_those_with_the_lowest_scores(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    path = people_file(tmp_path, entries(80, 70))
    lowest = json.loads(tandem("match", path, "--json")[1])["lowest_score"]
    out = tandem("match", path)[1]
    shown = [line for line in out.splitlines() if line.startswith("│ mentor-")]
    assert len(shown) == 40
    assert f" {lowest} " in shown[0]


def test_a_page_is_written_beside_the_other_output(tandem: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    code, out, _ = tandem("match", EXAMPLE, "--json", "--html", page)
    result = json.loads(out)
    assert code == 0
    assert "writing the page" in result["seconds_of"]
    text = page.read_text(encoding="utf-8")
    assert all(f'data-mentor="{pair["mentor"]}" data-mentee="{pair["mentee"]}"' in text for pair in result["pairs"])
    assert "Soziale Medien" in text, "topics in the words of the file"


def test_a_sample_piped_in_is_the_same_round_as_from_a_file(tmp_path: Path) -> None:
    def run(arguments: list[str], given: str = "") -> str:
        command = [sys.executable, "-m", "shared.cli", *arguments]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=True, cwd=ROOT)
        return done.stdout

    people = run(["sample", "--mentors", "20", "--mentees", "15", "--seed", "7"])
    path = tmp_path / "people.json"
    path.write_text(people, encoding="utf-8")
    piped, read = (json.loads(run(["match", file, "--json"], people)) for file in ("-", str(path)))
    assert of(piped) == of(read)
    assert piped["tandems"] > 10


def test_a_solver_that_has_to_be_compiled_first_says_so_in_one_line(
    tandem: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tandem("match", EXAMPLE)  # whatever was not compiled yet is now
    assert tandem("match", EXAMPLE)[2] == ""

    def compiling(*given: Any) -> Any:
        """Something of the solver is new."""
        for number in (1, 2.5):
            njit(lambda x: x + 1)(number)
        return assign(*given)

    monkeypatch.setattr(tool, "assign", compiling)
    code, out, err = tandem("match", EXAMPLE, "--json")
    assert (code, err) == (0, COMPILES)
    assert json.loads(out)["tandems"] == 3


def test_progress_is_shown_on_a_terminal_and_gone_at_the_end() -> None:
    screen, terminal = pty.openpty()
    command = [sys.executable, "-m", "shared.cli", "match", EXAMPLE, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, check=True, cwd=ROOT)
    os.close(terminal)
    shown = os.read(screen, 10_000).decode()
    os.close(screen)
    assert json.loads(done.stdout)["tandems"] == 3
    assert all(stage in shown for stage in ("reading …", "scoring …", "solving …", "explaining …"))
    assert shown.endswith("\x1b[K")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["match", "{folder}/nothing.json"], ["cannot be read (No such file or directory)"]),
        (["match", "{folder}"], ["cannot be read"]),
        (["match", EXAMPLE, "--rules", "{folder}/nothing.json"], ["cannot be read"]),
        (["match", EXAMPLE, "--previous", EXAMPLE], ["people.csv is no JSON"]),
        (["match", EXAMPLE, "--previous", str(EXAMPLES / "rules.json")], ["rules.json is no result of a match"]),
        (["match", EXAMPLE, "--scores", "{folder}"], ["cannot be written"]),
        (["match", EXAMPLE, "--scores", EXAMPLE], ["would write over another file of this command; name a new one"]),
        (["match", EXAMPLE, "--html", "{folder}"], ["cannot be written: it is a folder; name a file in it"]),
        *(
            (["match", EXAMPLE, option, "{folder}/no/x"], ["/no/x cannot be written: there is no folder "])
            for option in ("--html", "--scores", "--certificate")
        ),
        (
            ["match", EXAMPLE, "--seed", "\udcff"],
            ["--seed is no text in UTF-8; write it anew, "],
        ),
        (["match", EXAMPLE, "--pin", "a:b=\udcff"], ["--pin is no text in UTF-8"]),
        (["match", EXAMPLE, "--html", EXAMPLE], ["would write over another file of this command; name a new one"]),
        (
            ["match", EXAMPLE, "--html", "{folder}/x", "--scores", "{folder}/x"],
            ["would write over another file of this command"],
        ),
        (["match", EXAMPLE, "--places", "-1"], ["--places"]),
        *(
            (["match", EXAMPLE, option, "-"], [f"{option} writes a file, and nothing to standard output; name one"])
            for option in ("--html", "--scores", "--certificate")
        ),
        (["match", EXAMPLE, "--pin", "mentor-1"], ["--pin mentor-1: write it as mentor:mentee, by their ids"]),
        (["match", EXAMPLE, "--pin", "mentee-1:mentor-1"], ["name the mentor first, mentor-1:mentee-1"]),
        (
            ["match", EXAMPLE, "--pin", "mentor-9:mentee-1", "--forbid", "mentor-1:mentee-9"],
            ["--pin mentor-9:mentee-1: there is no mentor mentor-9", "--forbid mentor-1:mentee-9: there is no mentee"],
        ),
        (
            ["match", EXAMPLE, "--pin", "mentor-1:mentee-1", "--pin", "mentor-1:mentee-3"],
            ["--pin: mentor-1 is pinned 2 times and has room for 1; leave one out"],
        ),
        (
            ["match", EXAMPLE, "--pin", "mentor-1:mentee-1", "--forbid", "mentor-1:mentee-1"],
            ["the pair is forbidden as well; leave one out"],
        ),
        (
            ["match", EXAMPLE, "--pin", "mentor-1:mentee-1", "--places", "0"],
            ["--places 0: more pairs are pinned, 1; give more places"],
        ),
        (
            ["match", EXAMPLE, "--pin", "mentor-3:mentee-3"],
            [
                "--pin mentor-3:mentee-3 breaks a rule (the same department, one reporting line); say why, as ",
            ],
        ),
        (["match", "-", "--rules", "-"], ["only one file can come from standard input"]),
        (["sample", "--family", "easy"], ["there is no family easy; there are realistic, tight,"]),
        (["sample", "--mentors", "-1"], ["--mentors"]),
        (["sample", "--template", "{folder}/no/x.xlsx"], ["cannot be written"]),
        (["sample", "--template", "{folder}/x.csv"], ["is an XLSX file; name it so, {folder}/x.xlsx"]),
        (["sample", "--template", EXAMPLE], ["is there already, and may be filled in; name another file"]),
    ],
)
def test_wrong_use_is_a_line_a_fault_and_exit_code_2(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path, arguments: list[str], says: list[str]
) -> None:
    code, out, err = tandem(*(argument.format(folder=tmp_path) for argument in arguments))
    lines = err.splitlines()
    assert (code, out, len(lines)) == (2, "", len(says))
    for line, part in zip(lines, says, strict=True):
        assert line.startswith("tandem: ")
        assert part.format(folder=tmp_path) in line


@pytest.mark.parametrize("content", ["[]", EXAMPLE_HEADINGS])
@pytest.mark.parametrize("command", ["match", "verify"])
def test_a_file_of_nobody_is_one_line_and_no_proven_result(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path, content: str, command: str
) -> None:
    people, result, proof = (tmp_path / name for name in ("people", "result.json", "proof.json"))
    tandem("match", EXAMPLE, "--json", "--certificate", proof)
    result.write_text('{"pairs": [], "seed": "1"}', encoding="utf-8")
    people.write_text(content, encoding="utf-8")
    code, out, err = tandem(command, people, *((result, proof) if command == "verify" else ()))
    assert (code, out, err) == (2, "", f"tandem: {people} holds no people; add a row or an entry for each\n")


def test_a_hard_link_to_what_is_read_is_not_written_over(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    people, link = people_file(tmp_path, entries(3, 2)), tmp_path / "link.csv"
    before = people.read_bytes()
    link.hardlink_to(people)
    code, out, err = tandem("match", people, "--scores", link)
    assert (code, out) == (2, "")
    assert f"--scores {link} would write over another file" in err
    assert people.read_bytes() == before


def test_a_folder_and_a_file_that_are_not_ours_are_found_before_anything_is_solved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root, as whom tests may run, may write everywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    page = tmp_path / "page.html"
    with pytest.raises(WrongUseError, match=r"--html .* nothing may be written into .*; name another folder"):
        check_outputs([("--html", page)], [])
    page.touch()
    with pytest.raises(WrongUseError, match=r"--html .* it is not yours to change; name another"):
        check_outputs([("--html", page)], [])


def test_a_page_that_cannot_be_written_is_found_before_anything_is_solved(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    scores = tmp_path / "scores.csv"
    code, _, _ = tandem("match", EXAMPLE, "--scores", scores, "--html", tmp_path / "no" / "page.html")
    assert (code, scores.exists()) == (2, False)


@pytest.mark.parametrize("command", [["match", EXAMPLE], ["sample"]])
def test_an_image_without_the_solver_s_libraries_says_where_to_run_it(command: list[str]) -> None:
    hidden = "import sys; sys.modules['numpy'] = None; from shared.cli.main import main; sys.argv[0] = 'tandem'; main()"
    done = subprocess.run(
        [sys.executable, "-c", hidden, *command], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == "tandem: this needs numpy, which ./tandem and matching's image have; run it with one of them\n"
    )


# What becomes of the options


def prepared(folder: Path, people: list[Entry], **wanted: Any) -> Prepared:
    return prepare(Wanted(people_file(folder, people), **wanted))


def pairs_of(folder: Path, people: list[Entry]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The pairs with a score that the rules allow, and those that only another rule forbids."""
    listed = people_of(Given("people", "".join(written(iter(people))).encode())).people
    fine: list[tuple[str, str]] = []
    against: list[tuple[str, str]] = []
    for mentor in listed:
        for mentee in listed:
            if (mentor.role, mentee.role) == ("mentor", "mentee"):
                judged = judge(mentor, mentee, MatchingRules())
                if judged.score >= 1:
                    (against if judged.broken else fine).append((mentor.id, mentee.id))
    return fine, against


def test_options_become_the_round_s_inputs(tmp_path: Path) -> None:
    people = entries()
    fine, _ = pairs_of(tmp_path, people)
    pin = fine[0]
    forbidden = next(pair for pair in fine if pair[0] != pin[0])
    earlier = [{"mentor": pair[0], "mentee": pair[1]} for pair in (fine[1], ("gone", "mentee-00001"))]
    earlier.append({"mentor": "mentee-00001", "mentee": "mentor-00001"})
    previous = tmp_path / "previous.json"
    previous.write_text(json.dumps({"pairs": earlier, "tandems": 3}), encoding="utf-8")
    inputs = prepared(
        tmp_path,
        people,
        pins=(":".join(pin),),
        forbidden=(":".join(forbidden),) * 2,
        previous=previous,
        places=5,
        seed="s",
    ).inputs
    assert (inputs.pins, inputs.barred, inputs.previous) == ((pin,), (forbidden,), (fine[1],))
    assert (inputs.places, inputs.seed) == (5, "s")


def test_pins_hold_forbidden_pairs_do_not_and_an_earlier_result_is_kept(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    people = entries()
    path = people_file(tmp_path, people)
    first = json.loads(tandem("match", path, "--json", "--seed", "a")[1])
    (tmp_path / "previous.json").write_text(json.dumps(first), encoding="utf-8")
    pairs = [(pair["mentor"], pair["mentee"]) for pair in first["pairs"]]
    again = json.loads(tandem("match", path, "--json", "--seed", "b", "--previous", tmp_path / "previous.json")[1])
    assert [(pair["mentor"], pair["mentee"]) for pair in again["pairs"]] == pairs
    without = json.loads(tandem("match", path, "--json", "--forbid", ":".join(pairs[0]))[1])
    assert pairs[0] not in [(pair["mentor"], pair["mentee"]) for pair in without["pairs"]]
    fine, _ = pairs_of(tmp_path, people)
    other = next(pair for pair in fine if pair not in pairs)
    pinned = json.loads(tandem("match", path, "--json", "--pin", ":".join(other))[1])
    assert [(p["mentor"], p["mentee"]) for p in pinned["pairs"] if p["pinned"]] == [other]


def test_a_pin_against_a_hard_rule_needs_a_reason_which_the_result_keeps(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    people = entries()
    path = people_file(tmp_path, people)
    pair = ":".join(pairs_of(tmp_path, people)[1][0])
    code, _, err = tandem("match", path, "--pin", pair)
    assert code == 2
    assert "breaks " in err
    code, out, _ = tandem("match", path, "--json", "--pin", f"{pair}=they share a project = until May")
    assert code == 0
    [pinned] = [pair for pair in json.loads(out)["pairs"] if pair["pinned"]]
    assert pinned["pin_reason"] == "they share a project = until May"


# Vetoes stay secret


def vetoed_or_worthless(people: list[Entry], mentor: str, mentee: str) -> tuple[list[Entry], list[Entry]]:
    """The same people, the two with a veto between them, and with no topic and no site in common."""
    veto, worthless = ([dict(entry) for entry in people] for _ in range(2))
    for entry in veto:
        if entry["id"] == mentor:
            entry["vetoes"] = [mentee]
    by_id = {entry["id"]: entry for entry in people}
    theirs = {side: {t["topic_id"] for t in by_id[mentee]["profile"][side]} for side in ("strengths", "concerns")}
    for entry in worthless:
        if entry["id"] == mentor:
            profile = dict(entry["profile"], site="nowhere else")
            for own, other in (("strengths", "concerns"), ("concerns", "strengths")):
                profile[own] = [t for t in profile[own] if t["topic_id"] not in theirs[other]]
            entry["profile"] = profile
    return veto, worthless


@pytest.mark.proves("P1")
@pytest.mark.parametrize("reason", ["", "=because"])
@pytest.mark.parametrize("breaks_a_rule", [False, True])
def test_a_pin_on_a_vetoed_pair_is_refused_in_the_words_of_one_of_score_0(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path, reason: str, breaks_a_rule: bool
) -> None:
    people = entries()
    kinds = pairs_of(tmp_path, people)[breaks_a_rule]
    mentor, mentee = next(
        pair
        for pair in kinds
        if all(len(entry["profile"]["strengths"]) > 3 for entry in people if entry["id"] == pair[0])
    )
    said = [
        tandem("match", people_file(tmp_path, kind), "--pin", f"{mentor}:{mentee}{reason}", "--json")
        for kind in vetoed_or_worthless(people, mentor, mentee)
    ]
    assert said[0] == said[1]
    assert said[0][0] == 2
    assert "minimum_score" in said[0][2]


@pytest.mark.proves("P1")
def test_of_a_vetoed_pair_the_scores_hold_no_more_than_of_one_of_score_0(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    people = entries()
    mentor, mentee = pairs_of(tmp_path, people)[0][5]
    lines = []
    for kind in (people, *vetoed_or_worthless(people, mentor, mentee)):
        file = tmp_path / "scores.csv"
        assert tandem("match", people_file(tmp_path, kind), "--scores", file)[0] == 0
        lines.append(file.read_text(encoding="utf-8").splitlines())
    free, veto, worthless = lines
    assert [line for line in free if line.startswith(f"{mentor},{mentee},")]
    assert veto == [line for line in free if not line.startswith(f"{mentor},{mentee},")]
    others = [[line for line in text if not line.startswith(f"{mentor},")] for text in (veto, worthless)]
    assert others[0] == others[1]
    assert not [line for line in worthless if line.startswith(f"{mentor},{mentee},")]


def test_the_scores_hold_every_allowed_pair_with_its_score_in_the_order_of_the_ids(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    people = entries(40, 30, 9)
    file = tmp_path / "scores.csv"
    forbidden = pairs_of(tmp_path, people)[0][0]
    tandem("match", people_file(tmp_path, people), "--scores", file, "--forbid", ":".join(forbidden))
    with file.open(encoding="utf-8", newline="") as text:
        found = list(csv.reader(text))
    listed = {p.id: p for p in people_of(Given("people", "".join(written(iter(people))).encode())).people}
    expected = [
        [*pair, str(judge(listed[pair[0]], listed[pair[1]], MatchingRules()).score)]
        for pair in sorted(pairs_of(tmp_path, people)[0])
        if pair != forbidden
    ]
    assert found == [["mentor", "mentee", "score"], *expected]
