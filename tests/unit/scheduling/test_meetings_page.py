"""docs/meetings.md names every state of a meeting, every rule of a sign and the settings as they are."""

import re
from typing import get_args

from services.scheduling.meetings.signs import Rule
from services.scheduling.model import Acceptance, Status
from shared.contracts.parts import SchedulingRules
from shared.local.system import ROOT

PAGE = (ROOT / "docs" / "meetings.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]


def test_every_state_of_a_meeting_stands_in_the_table_with_who_must_act() -> None:
    states = [(row[0], row[1]) for row in ROWS if len(row) == 5 and row[0] in get_args(Status)]
    planned = {("planned", acceptance) for acceptance in get_args(Acceptance)}
    assert sorted(states) == sorted(planned | {(status, "any") for status in get_args(Status) if status != "planned"})
    assert all(row[2] for row in ROWS if len(row) == 5)


def test_every_rule_of_a_sign_stands_in_the_table() -> None:
    assert {row[0].strip("`") for row in ROWS if row[0].startswith("`")} == set(get_args(Rule))


def test_the_settings_are_named_with_their_defaults() -> None:
    named = dict(re.findall(r"`([a-z_]+)`(?: working days)? \((\d+)\)", PAGE))
    defaults = SchedulingRules().model_dump()
    assert {
        "silence_accepts_days",
        "held_after_days",
        "cancellations",
        "silent_after_days",
        "behind_meetings",
    } <= named.keys()
    assert {name: int(value) for name, value in named.items()} == {name: defaults[name] for name in named}
