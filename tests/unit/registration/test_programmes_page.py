"""docs/programmes.md says what the code does: the rules document, what is refused, where a programme stands."""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from typing import Any, get_args

import pytest

from services.registration.checks import criteria_reasons, rules_reasons
from services.registration.line import lot
from services.registration.model.programmes import BEFORE_THE_CLOSE, Status
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.parts import Criteria, Criterion, Rules
from shared.local.system import ROOT
from shared.runtime.criteria_seal import seal_of
from tests.unit.registration.test_criteria import PLAIN, opened

PAGE = (ROOT / "docs" / "programmes.md").read_text(encoding="utf-8")

CONTRADICTIONS: list[dict[str, Any]] = [
    {"matching": {"weight_mentee": 0, "weight_mentor": 0, "weight_site": 0}},
    {"matching": {"common_minutes": 30}},
    {"scheduling": {"min_gap_days": 30}},
    {"scheduling": {"state": "XX"}},
    {"scheduling": {"silent_after_days": 7, "meetings_per_month": 1}},
    {"retention": {"people_days": 14}},
    {"retention": {"archive_offer": True, "offer_days": 365}},
]


def table(first: str) -> list[list[str]]:
    """The rows of the page's table whose first column is headed so."""
    [found] = re.findall(rf"^\| {first} \|.*\n\|[-|]+\|\n((?:\|.*\n?)+)", PAGE, flags=re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found.splitlines()]


def written(value: object) -> str:
    """A default as the page writes it."""
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value)


def test_the_page_shows_every_field_of_the_rules_with_its_default_and_meaning() -> None:
    fields = [
        [f"`{part}.{name}`", written(field.default), field.description]
        for part, kind in Rules.model_fields.items()
        for name, field in (kind.annotation.model_fields if kind.annotation else {}).items()
    ]
    assert table("Field") == fields


def test_the_page_names_every_contradiction_that_is_refused() -> None:
    codes = [reason.code for parts in CONTRADICTIONS for reason in rules_reasons(Rules.model_validate(parts))]
    both = Criteria.model_validate({"rules": {"keep_at_least": 30, "change_at_least": 40}})
    codes += [reason.code for reason in criteria_reasons(both)]
    assert [row[0] for row in table("Code")] == [f"`{code}`" for code in codes]
    checks = (ROOT / "services" / "registration" / "checks.py").read_text(encoding="utf-8")
    body = checks[checks.index("def rules_reasons") : checks.index("def profile_reasons")]
    assert body.count("found.append(") == len(CONTRADICTIONS)


def test_the_seal_can_be_checked_as_the_page_says() -> None:
    [line] = re.findall(r"^python3 -c '(.*)' < programme.json$", PAGE, flags=re.MULTILINE)
    umlauts = Criterion(keep_at_least=70, change_at_least=40, reason=Text(de="Möglichst früh.", en="Early."))
    for criteria in (Criteria(), Criteria(rules=umlauts), PLAIN):
        event = json.dumps({"data": {"criteria": criteria.model_dump(mode="json")}}, ensure_ascii=False)
        run = subprocess.run([sys.executable, "-c", line], input=event, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == seal_of(criteria)


def test_the_page_names_every_status_but_that_of_a_draft_that_was_given_up() -> None:
    assert [row[0] for row in table("Status")] == [each for each in get_args(Status) if each != "discarded"]
    assert BEFORE_THE_CLOSE.days == 7
    assert PAGE.count("even days before") == 2


def test_the_lot_is_drawn_as_the_page_says() -> None:
    assert "SHA-256 over `programme_id|participant_id`, the lowest first" in " ".join(PAGE.split())
    assert lot("pilot", "abc") == hashlib.sha256(b"pilot|abc").hexdigest()


@pytest.mark.proves("P14")
def test_the_criteria_of_the_page_are_sealed_and_changed_as_it_says() -> None:
    [block] = [block for block in re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL) if '"criteria"' in block]
    criteria = Criteria.model_validate(json.loads(block)["criteria"], extra="forbid")
    assert (criteria.frequency.keep_at_least, criteria.frequency.change_at_least) == (60, 40)
    assert criteria.rules == Criteria().rules, "what is left out has the default"
    scenario = opened(criteria)
    typed = json.loads((ROOT / "docs" / "examples" / "change-criteria.json").read_text(encoding="utf-8"))
    changed = r.ChangeCriteria.from_data({**typed, "programme_id": "pilot"})
    event = scenario.when(changed).one(r.ProgrammeChanged)
    assert event.criteria == criteria
    assert [each.seal for each in event.criteria_history] == [seal_of(criteria), seal_of(changed.criteria)]
    scenario.when(changed.model_copy(update={"programme_id": "pilot"})).then_refused("replaced")


def test_the_page_names_the_four_questions_with_the_items_that_decide_them() -> None:
    asked = {row[1].strip("`"): row[2].strip("`") for row in table("Question")}
    deciding = tomllib.loads((ROOT / "services" / "evaluation" / "questionnaires" / "final.2.toml").read_text("utf-8"))
    found = {item["question"]: name for name, item in deciding.items() if isinstance(item, dict) and "question" in item}
    assert asked == found
    assert list(asked) == list(Criteria.model_fields)
