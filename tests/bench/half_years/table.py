"""Many half years, side by side, and what they say as tables."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from statistics import fmean

from tests.bench.half_years.calendars import KNOWN, LEADER, MENTOR, WHOLE, Booking, bookings
from tests.bench.half_years.policies import OURS, WANTED, Policy
from tests.bench.half_years.tandem import HalfYear, Setting, half_year
from tests.bench.matching.figures import rows

AS_IT_IS = Setting()
HELP = (
    ("as they are", AS_IT_IS),
    ("meetings of 60 minutes", Setting(slots=4)),
    ("from 8:00 to 18:00", Setting(hours=WHOLE)),
    ("priority: single bookings make way", Setting(priority=True)),
    ("60 minutes, from 8:00 to 18:00", Setting(slots=4, hours=WHOLE)),
)
"""What would help where the term is full when it begins."""


@dataclass(frozen=True)
class Row:
    """The means of many half years."""

    name: str
    placed: float
    """Share of the wanted meetings, before the first day."""
    held: float
    """Share of the wanted meetings."""
    planned_gap: float
    held_gap: float
    """Days."""
    moves: float
    lost: float
    """A tandem."""

    @classmethod
    def of(cls, name: str, found: Sequence[HalfYear]) -> "Row":
        """Of some half years."""
        return cls(
            name,
            fmean(each.placed for each in found) / WANTED,
            fmean(len(each.held) for each in found) / WANTED,
            fmean(each.planned_gap for each in found),
            fmean(each.held_gap for each in found),
            fmean(each.moves for each in found),
            fmean(each.lost for each in found),
        )

    def cells(self, ours: "Row") -> list[str]:
        """As a line; how many more meetings ours held stands in the third column."""
        return [
            self.name,
            f"{self.placed:.1%}",
            f"{self.held:.1%}",
            f"{ours.held / self.held - 1:+.1%}" if self is not ours else "",
            f"{self.planned_gap:.1f}",
            f"{self.held_gap:.1f}",
            f"{self.moves:.1f}",
            f"{self.lost:.2f}",
        ]


HEAD = (
    "arranged",
    "placed at first",
    "held",
    "ours holds more by",
    "largest gap planned, days",
    "as held, days",
    "moves",
    "lost",
)


def both_calendars(number: int, *, full: bool = False) -> tuple[list[Booking], list[Booking]]:
    """All bookings of a tandem's two people; `full`: each was made before the first day."""
    leader, mentor = bookings(LEADER, f"leader {number}"), bookings(MENTOR, f"mentor {number}")
    if full:
        return [b._replace(made=KNOWN) for b in leader], [b._replace(made=KNOWN) for b in mentor]
    return leader, mentor


def one(number: int, policies: Sequence[Policy]) -> list[HalfYear]:
    """A tandem under each policy, with the same bookings."""
    both = both_calendars(number)
    return [half_year(both, policy, AS_IT_IS) for policy in policies]


def full_one(number: int) -> list[HalfYear]:
    """A tandem whose term is full when it begins, with each help."""
    both = both_calendars(number, full=True)
    return [half_year(both, OURS, setting) for _, setting in HELP]


def side_by_side(tandems: int, policies: Sequence[Policy], processes: int) -> list[Row]:
    """The table of the policies."""
    with ProcessPoolExecutor(processes) as pool:
        found = list(pool.map(partial(one, policies=policies), range(tandems), chunksize=10))
    return [Row.of(policy.name, column) for policy, column in zip(policies, zip(*found, strict=True), strict=True)]


def where_it_is_full(tandems: int, processes: int) -> list[Row]:
    """The table of what would help."""
    with ProcessPoolExecutor(processes) as pool:
        found = list(pool.map(full_one, range(tandems), chunksize=10))
    return [Row.of(name, column) for (name, _), column in zip(HELP, zip(*found, strict=True), strict=True)]


def helped(found: Sequence[Row]) -> list[str]:
    """A Markdown table of what would help; all is known at the beginning, so what is placed is held."""
    body = [(row.name, f"{row.held:.1%}", f"{WANTED * row.held:.1f}", f"{row.held_gap:.1f}") for row in found]
    return rows(("term is full, meetings", "held", f"of {WANTED}", "largest gap, days"), body)


def text(found: Sequence[Row]) -> list[str]:
    """A Markdown table; the first row is the one that the others are held against."""
    return rows(HEAD, (row.cells(found[0]) for row in found))
