"""What is to be planned: the days, and the rules of the meetings."""

import calendar
import datetime as dt
from dataclasses import dataclass

from services.scheduling.availability import tandem as planner
from services.scheduling.availability.days_off import KNOWN, WITH_OWN, holidays_of, in_school_holidays, is_holiday
from services.scheduling.model import DAY
from shared.contracts.parts import SchedulingRules, most_gap_days
from shared.runtime.wrong_use import WrongUseError

YEARS = (2000, 2099)
"""In which a plan may begin: for these the holidays are known."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The days of a plan, the last one included, and the rules of its meetings."""

    first: dt.date
    last: dt.date
    rules: SchedulingRules

    @property
    def wanted(self) -> int:
        """How many meetings each tandem should have."""
        return planner.wanted(self.first, self.last, self.rules.meetings_per_month)

    @property
    def spared(self) -> frozenset[int]:
        """The days of school holidays, counted from the first, where the rules spare them."""
        days = range((self.last - self.first).days + 1) if self.rules.spare_school_holidays else ()
        return frozenset(n for n in days if in_school_holidays(self.first + n * DAY, self.rules.state))

    @property
    def where(self) -> str:
        """Whose holidays are free: the state, and the municipality where that makes a difference."""
        own = (self.rules.municipality,) if self.rules.state == WITH_OWN else ()
        return ", ".join((self.rules.state, *own))

    @property
    def hints(self) -> tuple[str, ...]:
        """What may not be meant as it is, a line each."""
        rules, found = self.rules, []
        if rules.state == WITH_OWN and rules.municipality not in KNOWN:
            found.append(
                f"--municipality {rules.municipality}: its own holidays are not known, so 15 August is free and 8 "
                f"August is not; known are {', '.join(sorted(KNOWN))}"
            )
        if rest := rules.minutes % planner.SLOT:
            fitting = rules.minutes - rest, rules.minutes - rest + planner.SLOT
            found.append(
                f"--minutes {rules.minutes}: meetings begin at quarter hours, and end between them; {fitting[0]} or "
                f"{fitting[1]} would not"
            )
        return tuple(found)

    def is_holiday(self, day: dt.date) -> bool:
        """Whether nobody works on a day, whatever the weekday."""
        return is_holiday(day, self.rules.state, self.rules.municipality)


def asked_of(first: dt.date, months: int, rules: SchedulingRules) -> Asked:
    """What to plan from a day on for so many months.

    Raises WrongUseError for a year or a state of which nobody knows, and for rules with which no programme can open.

    `months`: whole ones, up to the day before the one of the same number; of the 31st up to a month's last day.
    """
    if not YEARS[0] <= first.year <= YEARS[1]:
        raise WrongUseError(f"--from {first}: the year must be from {YEARS[0]} to {YEARS[1]}")
    try:
        holidays_of(rules.state, rules.municipality, first.year)
    except NotImplementedError:
        raise WrongUseError(
            f"--state {rules.state}: there is no such state; write its two letters, such as BY, BE or NW"
        ) from None
    if rules.min_gap_days > (most := most_gap_days(rules)):
        raise WrongUseError(
            f"--min-gap {rules.min_gap_days}: with --meetings-per-month {rules.meetings_per_month} it may be {most} at "
            "most; write a smaller one of the two"
        )
    return Asked(first, _months_later(first, months) - DAY, rules)


def _months_later(day: dt.date, months: int) -> dt.date:
    """The day of the same number so many months later; where there is none, the first of the month after."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    last = calendar.monthrange(year, month)[1]
    return dt.date(year, month, day.day) if day.day <= last else dt.date(year, month, last) + DAY
