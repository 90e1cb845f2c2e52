"""The demo with the people of a spreadsheet: by role and number, without names, and without the story's own turns."""

from pathlib import Path

import pytest

from shared.cli.demo.people_file import with_people_of
from shared.cli.demo.story import DEFAULT, Story, read_story
from shared.local.system import ROOT
from shared.runtime.wrong_use import WrongUseError
from tests.unit.people_import.office import csv_of, mentee, mentor

STORY = read_story(DEFAULT)


def told(tmp_path: Path, content: bytes) -> Story:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    return with_people_of(STORY, path)


def test_the_people_of_the_page_s_example_take_the_place_of_the_story_s() -> None:
    story = with_people_of(STORY, ROOT / "docs" / "examples" / "people.csv")
    assert [person.key for person in story.people][:4] == ["mentor-01", "mentor-02", "mentor-03", "mentee-01"]
    assert (len(story.people), story.programme.places) == (7, 3)
    assert "social-media" in story.people[0].strengths, "the story's own topic, by its label"
    assert {topic.id for topic in story.topics} > {topic.id for topic in STORY.topics}, "and others join the catalogue"
    assert (story.happenings, story.meetings, story.faulty, story.kick_off.profiles) == ((), (), (), ())
    assert story.later(52, "-2").people == story.people


def test_no_name_and_no_personnel_number_goes_into_a_demo(tmp_path: Path) -> None:
    rows = [mentor(7, Kennung="m7"), mentee(1, Vorgesetzte="007; 4711", Kennung="n1")]
    story = told(tmp_path, csv_of(*({**row, "Wünsche": "m7" if row["Kennung"] == "n1" else ""} for row in rows)))
    assert story.people[1].reporting_line == ("mentor-01", "4711"), "who is in the file goes by their new key"
    assert [(each.who, each.wishes) for each in story.wishes] == [("mentee-01", ("mentor-01",))]
    written = story.model_dump_json()
    assert not any(word in written for word in ("Mentor 7", "mentor-7@", '"007"'))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"Stufe": "neun"}, "row 2, Stufe: Write the grade as a number, such as 13."),
        ({"Stufe": ""}, "row 2, Stufe: The field is missing. Add it."),
        ({"Stufe": "40"}, "mentor-01: grade"),
        ({"Rolle": ""}, "row 2, Rolle: The field is missing. Add it."),
        ({"Rolle": "Gast"}, "row 2, Rolle: "),
        ({"Stärken": "Scrum"}, "row 2, Stärken: Scrum is no topic with a level."),
        ({"Wünsche": "nobody"}, "wishes speaks of 'nobody'"),
        ({"Arbeitszeiten": ""}, "row 2, Arbeitszeiten: The field is missing. Add it."),
    ],
)
def test_what_is_wrong_with_a_file_is_said_before_anything_starts(
    tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    with pytest.raises(WrongUseError) as refused:
        told(tmp_path, csv_of({**mentor(7), "Wünsche": "", **changes}, {**mentee(1), "Wünsche": ""}))
    assert says in str(refused.value)


def test_a_file_that_is_not_there_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="cannot be read"):
        with_people_of(STORY, tmp_path / "none.csv")
