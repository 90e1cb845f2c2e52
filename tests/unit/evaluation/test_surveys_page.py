"""docs/surveys.md says what the code does: what is asked, on which scales, what is refused, and its examples work."""

import json
import re
from pathlib import Path

from services.evaluation import own_questionnaires
from services.evaluation.model import Survey
from services.evaluation.pausing import REMINDER
from services.evaluation.questionnaires import BOUNDS, NEWEST, newest
from services.evaluation.surveys import FIRST_PULSE, PULSES
from shared.contracts import evaluation as e
from shared.local.system import ROOT
from tests.support.reference import By
from tests.unit.evaluation.people import a_programme, answers, formed, held, person
from tests.unit.evaluation.test_own_questionnaires import in_tandems

PAGE = (ROOT / "docs" / "surveys.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)


def table(first: str) -> list[list[str]]:
    """The rows of the page's table whose first column is headed so."""
    [found] = re.findall(rf"^\| {first} \|.*\n\|[-|]+\|\n((?:\|.*\n?)+)", PAGE, flags=re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found.splitlines()]


def test_the_page_names_every_questionnaire_with_the_items_of_its_newest_version() -> None:
    shown = {row[0].strip("`"): re.findall(r"`([a-z-]+)`", row[-1]) for row in table("Questionnaire")}
    assert shown == {name: [item.id for item in newest(name).items] for name in NEWEST}


def test_the_page_says_how_each_scale_is_answered() -> None:
    bounds = {row[0].strip("`"): row[1] for row in table("Scale")}
    assert bounds.pop("options") == "one of its numbers"
    assert bounds.pop("choice") == "-1, 0, 1"
    assert bounds == {scale: f"{low} to {high}" for scale, (low, high) in BOUNDS.items() if scale != "choice"}


def test_the_page_names_every_code_of_a_refusal() -> None:
    source = Path(own_questionnaires.__file__).read_text(encoding="utf-8")
    raised = {*re.findall(r'"([a-z_]+)", words\(', source)}
    raised.update(*re.findall(r'code = "([a-z_]+)" if .* else "([a-z_]+)"', source))
    named = {code for row in table("Code") for code in re.findall(r"`([a-z_]+)`", row[0])}
    assert named == raised


def test_the_page_says_after_which_meetings_and_when_the_reminder_comes() -> None:
    assert (FIRST_PULSE, PULSES) == (1, 3)
    assert "its 1st, 3rd, 6th, 9th, … meeting" in PAGE
    assert REMINDER.days == 4
    assert "Four days before the last" in PAGE
    title, item, choice = own_questionnaires.LONGEST.values()
    assert f"a title over {title} characters, an item over {item}, a choice over {choice}" in PAGE
    assert own_questionnaires.SHORTEST.days == 3


def test_the_answer_of_the_page_is_taken() -> None:
    scenario = a_programme(formed(1), held(1, 1))
    [survey] = [
        found
        for found in scenario.reference.state.values()
        if isinstance(found, Survey) and found.participant == person("mentor 1")
    ]
    shown = e.SubmitAnswers.from_data(
        {**json.loads(EXAMPLES[0]), "survey_id": survey.id, "participant_id": survey.participant}
    )
    scenario.when(By(shown, actor=survey.participant)).then(e.AnswersTaken)


def test_the_questionnaire_of_the_page_is_added_and_its_answers_are_taken() -> None:
    document = json.loads(EXAMPLES[1])
    assert document == json.loads((ROOT / "docs" / "examples" / "questionnaire.json").read_text(encoding="utf-8"))
    command = e.AddQuestionnaire.from_data({**document, "programme_id": "pilot"})
    scenario = in_tandems(1).when(command).then(e.QuestionnairePublished).given(command.opens)
    scenario.when(answers("mentor 1", "rooms", "1", size=-1, way=15, quiet=2)).then(e.AnswersTaken)
