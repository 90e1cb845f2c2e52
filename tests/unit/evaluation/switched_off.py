"""The report's protection with a part of it taken out: what the attacks must then find."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from services.evaluation.protection import Portion, Rule, Told, tell
from services.evaluation.protection.item import CHANGES, GROUPS
from services.evaluation.reporting import make
from services.evaluation.reporting.gathering import Gathered
from services.evaluation.reporting.release import Item
from services.evaluation.reporting.released import Released

NOTHING_OFF = "nothing"
SUPPRESSION = "suppression"
COMPLEMENTARY = "its complementary part"


@dataclass(frozen=True)
class Unsuppressed(Rule):
    """As if there were no rule."""

    @property
    def least(self) -> int:
        return 1

    def dominant(self, counts: Sequence[int]) -> int | None:
        return None


@dataclass(frozen=True)
class Exact(Rule):
    """The rule of whom something is told, with every count of them: it tells more than is told."""

    def dominant(self, counts: Sequence[int]) -> int | None:
        return None


def each_alone(gathered: Gathered, earlier: Sequence[Released], report: int, rule: Rule) -> Item:
    """What is told of an item if all, mentors and mentees are looked at one by one, and each report by itself."""
    answers, scale = gathered.answers, gathered.answers.scale
    found = []
    for group in GROUPS:
        people = answers.groups[group]
        now = {who: scale.place(answers.values[who], full=False) for who in people}
        paired = people & answers.before.keys()
        before = {who: scale.place(answers.before[who], full=False) for who in paired}
        change = {who: 1 + (now[who] > before[who]) - (now[who] < before[who]) for who in paired}
        told: Told | None = tell(now, scale.classes(full=False), rule)
        if told is not None:
            both = tell(before, scale.classes(full=False), rule), tell(change, CHANGES, rule)
            found.append(Portion(group, people, told, *both))
    return Item(gathered, tuple(found), ())


def all_alone(found: Sequence[Gathered], earlier: Sequence[Released], report: int, rule: Rule) -> list[Item]:
    """What is told of every item so, also of those of the office's own."""
    return [each_alone(gathered, earlier, report, rule) for gathered in found]


def without(part: str, patch: pytest.MonkeyPatch) -> None:
    """Take a part of the report's protection out."""
    if part == SUPPRESSION:
        patch.setattr(make, "Rule", Unsuppressed)
    if part == COMPLEMENTARY:
        patch.setattr(make, "release_all", all_alone)
