"""Why a tandem has fewer meetings than wanted, and what would bring more. It never says whose calendar is full."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.scheduling import planner
from services.scheduling.tool.asked import Asked
from services.scheduling.tool.free import most, starts_of, week_of
from services.scheduling.tool.reading import Tandem
from shared.contracts.base import Text
from shared.runtime.words import Words

words = Words("services.scheduling.tool")

SHORTER = (60, 45, 30)
"""Minutes of a meeting that are tried."""

Code = Literal["no_common_time", "no_free_time", "others_meet", "too_few_days"]


@dataclass(frozen=True, slots=True)
class Help:
    """What would bring how many meetings, each tried by itself: another length in minutes, or another least gap."""

    rule: Literal["minutes", "min_gap_days"]
    value: int
    meetings: int

    @property
    def text(self) -> Text:
        """In words."""
        return words(f"help-{self.rule.replace('_', '-')}", value=self.value, meetings=self.meetings)


@dataclass(frozen=True, slots=True)
class Short:
    """A code for programs, words for people."""

    code: Code
    text: Text
    helps: tuple[Help, ...]


def why_short(
    tandem: Tandem, asked: Asked, busy: Sequence[planner.Busy], others: Sequence[planner.Busy], found: int
) -> Short:
    """Why there are only so many meetings. `others`: the meetings of the mentor's tandems planned with this one."""
    rules = asked.rules
    starts = starts_of(tandem, asked, rules.minutes, busy)
    days = sum(map(bool, starts))
    code: Code = "too_few_days"
    if not week_of(tandem, asked, rules.minutes):
        code = "no_common_time"
    elif not days:
        code = "no_free_time"
    elif most(starts, rules.min_gap_days) > found:
        code = "others_meet"
    said = words(code.replace("_", "-"), minutes=rules.minutes, days=days, min_gap_days=rules.min_gap_days)
    return Short(code, said, tuple(_helps(tandem, asked, (*busy, *others), found)))


def _helps(tandem: Tandem, asked: Asked, busy: Sequence[planner.Busy], found: int) -> Iterable[Help]:
    """Of each rule the least change that brings all meetings, else the least of those that bring most."""
    minutes, gap = asked.rules.minutes, asked.rules.min_gap_days
    shorter = [
        Help("minutes", each, most(starts_of(tandem, asked, each, busy), gap)) for each in SHORTER if each < minutes
    ]
    starts = starts_of(tandem, asked, minutes, busy)
    nearer = [Help("min_gap_days", each, most(starts, each)) for each in range(gap - 1, 0, -1)]
    for helps in (shorter, nearer):
        best = max(helps, key=lambda each: min(each.meetings, asked.wanted), default=None)
        if best and best.meetings > found:
            yield Help(best.rule, best.value, min(best.meetings, asked.wanted))
