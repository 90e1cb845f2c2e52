"""Why a tandem has fewer meetings than wanted, and what would bring more. It never says whose calendar is full."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.scheduling.availability import tandem as planner
from services.scheduling.tool.asked import Asked
from services.scheduling.tool.free import MIDNIGHT, most, starts_of, week_of
from services.scheduling.tool.reading import Person, Tandem
from shared.contracts.base import Text
from shared.contracts.parts import WorkingTime
from shared.runtime.words import Words

words = Words("services.scheduling.tool")

SHORTER = (60, 45, 30)
"""Minutes of a meeting that are tried."""
HOUR = 60
WIDER: tuple[tuple["Rule", int, int], ...] = (
    ("earlier", HOUR, 0),
    ("later", 0, HOUR),
    ("earlier_and_later", HOUR, HOUR),
)
"""So many minutes both begin earlier and go later, each tried."""

Rule = Literal["minutes", "min_gap_days", "earlier", "later", "earlier_and_later", "core_time", "priority"]
Code = Literal["no_common_time", "no_free_time", "others_meet", "too_few_days"]


@dataclass(frozen=True, slots=True)
class Help:
    """What would bring how many meetings, each tried by itself: a rule, and what it would have to be.

    `value`: another length or more working time of both in minutes, or another least gap in days. `core_time`, that
    there is none, and `priority`, that one of the two has nothing else on days on which they work, have none.
    """

    rule: Rule
    value: int | None
    meetings: int

    @property
    def text(self) -> Text:
        """In words."""
        key = f"help-{self.rule.replace('_', '-')}"
        alone = self.value == 1 and f"{key}-one" in words
        return words(f"{key}-one" if alone else key, value=self.value, meetings=self.meetings)


@dataclass(frozen=True, slots=True)
class Short:
    """A code for programs, words for people."""

    code: Code
    text: Text
    helps: tuple[Help, ...]


def why_short(
    tandem: Tandem,
    asked: Asked,
    busy: tuple[Sequence[planner.Busy], Sequence[planner.Busy]],
    others: Sequence[planner.Busy],
    found: int,
) -> Short:
    """Why there are only so many meetings.

    `busy`: of the mentor and of the mentee; `others`: the meetings of other tandems of the two, planned with this one.
    """
    rules = asked.rules
    starts = starts_of(tandem, asked, rules.minutes, (*busy[0], *busy[1]))
    days = sum(map(bool, starts))
    code: Code = "too_few_days"
    if not week_of(tandem, asked, rules.minutes):
        code = "no_common_time"
    elif not days:
        code = "no_free_time"
    elif most(starts, rules.min_gap_days) > found:
        code = "others_meet"
    key = code.replace("_", "-")
    if code == "too_few_days" and (days == 1 or rules.min_gap_days == 1):
        key = f"{key}-{'one' if days == 1 else 'each'}"
    said = words(key, minutes=rules.minutes, days=days, min_gap_days=rules.min_gap_days)
    return Short(code, said, tuple(_helps(tandem, asked, busy, others, found)))


def _helps(
    tandem: Tandem,
    asked: Asked,
    busy: tuple[Sequence[planner.Busy], Sequence[planner.Busy]],
    others: Sequence[planner.Busy],
    found: int,
) -> Iterable[Help]:
    """Of each rule the least change that brings all meetings, else the least of those that bring most.

    The planner finds as many, where the meetings of the other tandems stay where they are.
    """
    minutes, gap = asked.rules.minutes, asked.rules.min_gap_days
    taken = (*busy[0], *busy[1], *others)
    shorter = [
        Help("minutes", each, most(starts_of(tandem, asked, each, taken), gap)) for each in SHORTER if each < minutes
    ]
    starts = starts_of(tandem, asked, minutes, taken)
    nearer = [Help("min_gap_days", each, most(starts, each)) for each in range(gap - 1, 0, -1)]
    wider = [
        Help(rule, HOUR, most(starts_of(_working(tandem, earlier, later), asked, minutes, taken), gap))
        for rule, earlier, later in WIDER
    ]
    without = replace(asked, rules=asked.rules.model_copy(update={"core_time": ()}))
    free = [Help("core_time", None, most(starts_of(tandem, without, minutes, taken), gap))]
    yielding = [
        Help("priority", None, most(starts_of(tandem, asked, minutes, (*stays, *_whole_days(goes), *others)), gap))
        for stays, goes in (busy, busy[::-1])
    ]
    for helps in (shorter, nearer, wider, free, yielding):
        best = max(helps, key=lambda each: min(each.meetings, asked.wanted), default=None)
        if best and best.meetings > found:
            yield Help(best.rule, best.value, min(best.meetings, asked.wanted))


def _working(tandem: Tandem, earlier: int, later: int) -> Tandem:
    """The two, did both begin so many minutes earlier and go so many later on each day."""

    def person(of: Person) -> Person:
        times = (
            WorkingTime(weekday=each.weekday, start=max(0, each.start - earlier), end=min(MIDNIGHT, each.end + later))
            for each in of.working_times
        )
        return replace(of, working_times=tuple(times))

    return Tandem(person(tandem.mentor), person(tandem.mentee))


def _whole_days(busy: Sequence[planner.Busy]) -> Iterable[planner.Busy]:
    """Somebody's leave and journeys, which make way for no meeting."""
    return (each for each in busy if (each.start, each.minutes) == (0, MIDNIGHT))
