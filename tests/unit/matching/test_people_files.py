"""people.json and rules.json: what is taken, and what is said of each fault."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.matching.tool.reading import Given, people_of
from services.matching.tool.rules import read_rules
from shared.contracts.parts import MatchingRules
from shared.local.system import ROOT
from shared.runtime.wrong_use import MOST_FAULTS, WrongUseError

Entry = dict[str, Any]
MENTOR = json.loads((ROOT / "docs" / "examples" / "mentor.json").read_text(encoding="utf-8"))


def mentor(**changed: Any) -> Entry:
    """The documented data of a register command, as a person of a file."""
    return {"role": "mentor", "id": "m1", **MENTOR, **changed}


def mentee(**changed: Any) -> Entry:
    profile = {**MENTOR["profile"], "department": "Baureferat", "grade": 15, "strengths": []}
    profile["concerns"] = [{"topic_id": "social-media", "level": 3}]
    return {"role": "mentee", "id": "n1", "superiors": [], "profile": profile, **changed}


def profile(of: Callable[[], Entry], **changed: Any) -> Entry:
    """The entry with a changed profile."""
    entry = of()
    return {**entry, "profile": {**entry["profile"], **changed}}


def read(*entries: object) -> Any:
    return people_of(Given("people.json", json.dumps(entries).encode())).people


def refused(*entries: object) -> list[str]:
    with pytest.raises(WrongUseError) as error:
        read(*entries)
    return str(error.value).splitlines()


def test_the_data_of_the_register_command_is_a_person_of_a_file() -> None:
    one, other = read(
        mentor(wishes=["n1"], waiting_since="2026-03-01"), mentee(personnel_key="head-of-unit", vetoes=["m1"])
    )
    assert (one.role, one.id, one.position, one.reporting_line) == ("mentor", "m1", "example-4712", ("head-of-unit",))
    assert (one.wishes, one.since, one.capacity) == (("n1",), dt.date(2026, 3, 1), 1)
    assert one.profile.strengths[0].topic_id == "social-media"
    assert (other.position, other.vetoes, other.since) == ("head-of-unit", ("m1",), None)


def test_the_documented_people_of_both_sides_are_read() -> None:
    page = (ROOT / "docs" / "match-a-file.md").read_text(encoding="utf-8")
    blocks = [block.partition("```")[0] for block in page.split("```json")[1:]]
    people = [person for block in blocks for person in read(*json.loads(block))]
    assert [person.role for person in people] == ["mentor", "mentee"]
    assert people[1].profile.concerns[0].level == 3


def test_capacity_is_the_profile_s_and_the_own_post_is_the_id_where_nothing_else_is_said() -> None:
    entry = profile(mentor, capacity=3)
    del entry["personnel_key"]
    [person] = read(entry)
    assert (person.capacity, person.position) == (3, "m1")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (mentor(role="boss"), "role: Only this is allowed: 'mentor', 'mentee'."),
        (
            mentor(id="Anna Maier"),
            "id: The text is not of the expected form: letters from A to Z, digits and . _ -, beginning with a letter",
        ),
        (
            profile(mentor, languages=["deu"]),
            "profile.languages.0: The text is not of the expected form: a code of two small letters, such as de.",
        ),
        (profile(mentor, grade=31), "profile.grade: The value must be at most 30."),
        (profile(mentor, grade="high"), "profile.grade: A whole number belongs here."),
        (profile(mentor, languages=[]), "profile.languages: Too few entries: at least 1."),
        (
            profile(mentor, working_times=[{"weekday": 0, "start": 9, "end": 8}]),
            "profile.working_times.0: The end must be after the start.",
        ),
        (
            profile(mentor, strengths=[{"topic_id": "a", "level": 9}]),
            "profile.strengths.0.level: The value must be at most 5.",
        ),
        (
            profile(mentor, strengths=[{"topic_id": "a", "levle": 1, "level": 1}]),
            "profile.strengths.0.levle: There is no such field; did you mean level?",
        ),
        (mentor(wihses=[]), "wihses: There is no such field; did you mean wishes?"),
        (mentor(grade=9), "grade: There is no such field here. Write it inside profile."),
        (profile(mentor, wishes=[]), "profile.wishes: There is no such field here. Write it beside profile."),
        (profile(mentor, grade=True), "profile.grade: A whole number belongs here."),
        (profile(mentor, grade="10"), "profile.grade: A whole number belongs here."),
        (profile(mentor, capacity=1.0), "profile.capacity: A whole number belongs here."),
        (profile(mentor, site="Mitte\x1b[2J"), "profile.site: It holds a line break or another character that nobody"),
        (profile(mentor, department="Bau\nreferat"), "profile.department: It holds a line break or another character"),
        (profile(mentor, unit=["B-1", "\u202eB"]), "profile.unit: It holds a line break or another character that"),
        (mentor(superiors=["head\x00"]), "superiors: It holds a line break or another character that nobody sees."),
        (mentor(personnel_key="a\x7f"), "personnel_key: It holds a line break or another character that nobody sees."),
        *(
            (mentor(waiting_since=value), "waiting_since: A date belongs here, written like 2027-05-03.")
            for value in (0, True, "0", 1772323200, "2026-03-01T00:00:00", "2026-02-30")
        ),
        (mentor(waiting_since="soon"), "waiting_since: A date belongs here, written like 2027-05-03."),
        (mentor(wishes=["x1"]), "wishes.0: There is no mentee x1 in the list. Correct it, or leave it out."),
        (mentor(wishes=["m1"]), "wishes.0: There is no mentee m1 in the list. Correct it, or leave it out."),
        (mentor(wishes=["a"] * 6), "wishes: Too many entries: at most 5."),
        (profile(mentor, strengths=[]), "profile.strengths: A mentor names at least one strength. Add it."),
        (mentor(superiors=["example-4712"]), "superiors: Nobody is their own superior"),
        (
            profile(mentor, strengths=[{"topic_id": "a", "level": 1}] * 2),
            "profile.strengths: The topic a is named twice. Leave one out.",
        ),
        (
            profile(mentor, working_times=[{"weekday": 4, "start": 540, "end": 721 + n} for n in range(2)]),
            "profile.working_times: Two of them overlap on weekday 4 (0 is Monday). Write them as one, or shorten one",
        ),
    ],
)
def test_a_fault_is_one_line_with_the_person_the_field_and_what_to_change(entry: Entry, says: str) -> None:
    [line] = refused(mentee(), entry)
    assert line.startswith(f"people.json, entry 2 ({entry['id']}), {says}")


def test_mentees_have_one_tandem_and_a_concern() -> None:
    [one, other] = refused(profile(mentee, capacity=2, concerns=[]))
    assert "profile.concerns: A mentee names at least one concern" in one
    assert "profile.capacity: A mentee has exactly one tandem" in other


def test_an_id_twice_a_post_twice_and_a_wish_that_is_a_veto_are_found_across_entries() -> None:
    first, second, third, fourth = refused(
        mentor(),
        mentor(personnel_key="other"),
        mentor(id="m2"),
        mentee(wishes=["m1", "m2"], vetoes=["m1"]),
        mentor(id="m4", personnel_key="p", superiors=["p"]),
    )
    assert first == "people.json, entry 2 (m1), id: It is that of entry 1 too. Give each person one of their own."
    assert second == "people.json, entry 3 (m2), personnel_key: It is that of m1 too. List each person once a role."
    assert third == "people.json, entry 4 (n1), vetoes: m1 is wished for as well. Keep one of the two."
    assert fourth.startswith("people.json, entry 5 (m4), superiors")


def test_all_faults_are_told_at_once_and_beyond_twenty_counted() -> None:
    wrong = {**MENTOR["profile"], "grade": 0, "site": 5}
    lines = refused(*(mentor(id=f"m{n}", personnel_key=f"p{n}", profile=wrong) for n in range(30)))
    assert len(lines) == MOST_FAULTS + 1
    assert lines[1].startswith("people.json, entry 1 (m0), profile.site")
    assert lines[2].startswith("people.json, entry 2 (m1), profile.grade")
    assert lines[-1] == "… and 40 more"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'[{"role": "mentor",\n "id" "x"}]', "line 2 column 7"),
        (b"", "line 1 column 0"),
        (b"[" * 100_000, "recursion limit"),
        (b'[{"role": "\xff"}]', "people.json is no JSON"),
        (b'{"people": []}', "must be a list of people"),
        (b"5", "must be a list of people"),
    ],
)
def test_what_is_no_list_of_people_is_one_line_that_says_where(content: bytes, says: str) -> None:
    with pytest.raises(WrongUseError) as error:
        people_of(Given("people.json", content))
    [line] = str(error.value).splitlines()
    assert says in line


def test_a_mark_before_the_text_and_an_empty_list_are_no_fault() -> None:
    assert people_of(Given("people.json", b"\xef\xbb\xbf[]")).people == ()


def test_a_fault_is_one_line_whatever_stands_in_a_name() -> None:
    [line] = refused(mentor(**{"a\nb": 1}))
    assert "a b: There is no such field" in line


# rules.json


def rules(folder: Path, text: str) -> MatchingRules:
    path = folder / "rules.json"
    path.write_text(text, encoding="utf-8")
    return read_rules(path)


def test_rules_are_the_programme_s_document_and_what_it_leaves_out_is_as_by_default(tmp_path: Path) -> None:
    assert rules(tmp_path, "{}") == MatchingRules()
    found = rules(tmp_path, '{"matching": {"minimum_score": 40}, "deadlines": {"answer_days": 5}}')
    assert found == MatchingRules(minimum_score=40)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '{"minimum_score": 40}',
            'rules.json holds the matching part alone; put it into the programme\'s rules: {"matching"',
        ),
        ('{"matching": {"minimum_score": 0}}', "matching.minimum_score: The value must be at least 1."),
        (
            '{"matching": {"minimum_scores": 5}}',
            "matching.minimum_scores: There is no such rule; did you mean minimum_score?",
        ),
        ('{"mentor": {}}', "mentor: There is no such rule; there are: "),
        ('{"macthing": {}}', "macthing: There is no such rule; did you mean matching?"),
        ('{"matching": {"weight_mentee": 0, "weight_mentor": 0, "weight_site": 0}}', "At least one weight"),
        ('{"matching": ', "line 1 column 13"),
        ("[]", "the whole: An object with the described fields belongs here."),
        *(
            (f'{{"matching": {{"{field}": {value}}}}}', f"rules.json, matching.{field}: {says}")
            for field, values, says in (
                ("minimum_score", ('"40"', "true", "1.0"), "A whole number belongs here."),
                ("shared_language", ("1", "0", '"true"', '"off"'), "true or false belongs here."),
            )
            for value in values
        ),
        ('{"deadlines": {"answer_days": "5"}}', "rules.json, deadlines.answer_days: A whole number belongs here."),
        ('{"scheduling": {"state": 5}}', "rules.json, scheduling.state: A text belongs here."),
    ],
)
def test_a_fault_of_the_rules_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(WrongUseError) as error:
        rules(tmp_path, text)
    [line] = str(error.value).splitlines()
    assert says in line


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="cannot be read"):
        read_rules(tmp_path)
