"""What a plan says: as JSON for programs, as text for people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from services.scheduling.model import ZONE
from services.scheduling.optimum.stretch import SOON
from services.scheduling.say import clock
from services.scheduling.tool.asked import Asked
from services.scheduling.tool.planned import Meeting, Plan

SHOWN = 40
"""Tandems that are shown as text."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
A_LINE = 4
"""Meetings that stand beside each other."""


@dataclass(frozen=True, slots=True)
class Planned:
    """All plans of a file, and what they rest on.

    `unmatched`: ids of people who were matched first and have no tandem; `calendars`: how many of the people have one.
    """

    asked: Asked
    plans: tuple[Plan, ...]
    unmatched: tuple[str, ...] = ()
    calendars: int = 0

    @property
    def people(self) -> int:
        """How many people are in tandems."""
        return len({person.id for plan in self.plans for person in plan.tandem.people})

    @property
    def wanted(self) -> int:
        """Of all tandems."""
        return sum(plan.wanted for plan in self.plans)

    @property
    def found(self) -> int:
        """Meetings of all tandems."""
        return sum(len(plan.meetings) for plan in self.plans)

    @property
    def short(self) -> tuple[Plan, ...]:
        """The plans with fewer meetings than wanted, those that lack most first."""
        return tuple(sorted((plan for plan in self.plans if plan.missing), key=lambda plan: -plan.missing))


def as_json(planned: Planned, seconds: float) -> str:
    """Everything as JSON; `seconds`: how long it took."""
    asked = planned.asked
    return to_json(
        {
            "from": asked.first,
            "until": asked.last,
            "zone": ZONE,
            "rules": {
                name: getattr(asked.rules, name)
                for name in ("meetings_per_month", "minutes", "min_gap_days", "state", "municipality")
            },
            "tandems": [_plan(plan) for plan in planned.plans],
            "unmatched": planned.unmatched,
            "wanted": planned.wanted,
            "found": planned.found,
            "people": planned.people,
            "calendars": planned.calendars,
            "seconds": round(seconds, 3),
        }
    ).decode()


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "mentor": plan.tandem.mentor.id,
        "mentee": plan.tandem.mentee.id,
        "wanted": plan.wanted,
        "found": len(plan.meetings),
        "meetings": [_meeting(meeting) for meeting in plan.meetings],
        "levels": plan.levels._asdict(),
        "proved": plan.proved,
        "together": {
            "tandems": len(plan.together.plans),
            "levels": plan.together.levels._asdict(),
            "bound": plan.together.told,
        },
        "why": plan.short
        and {
            "code": plan.short.code,
            "text": plan.short.text,
            "helps": [
                {"rule": each.rule, "value": each.value, "meetings": each.meetings, "text": each.text}
                for each in plan.short.helps
            ],
        },
    }


def _meeting(meeting: Meeting) -> dict[str, Any]:
    return {
        "date": meeting.date,
        "weekday": meeting.date.weekday(),
        "start": clock(meeting.start),
        "end": clock(meeting.end),
        "minutes": meeting.minutes,
    }


def as_text(planned: Planned, seconds: float) -> str:
    """The plans for people, those that lack meetings first where there are more than can be read; then a summary."""
    plans: Sequence[Plan] = planned.plans
    lines: list[str] = []
    if len(plans) > SHOWN:
        plans = [*planned.short, *(plan for plan in plans if not plan.missing)][:SHOWN]
        lines += [
            f"{SHOWN} of {len(planned.plans)} tandems, those that lack meetings first; --html and --json show all",
            "",
        ]
    for plan in plans:
        lines += [*_text(plan), ""]
    return "\n".join((*lines, *_summary(planned, seconds)))


def _text(plan: Plan) -> Iterable[str]:
    found = len(plan.meetings)
    gap = f", largest gap {_counted(plan.levels.largest_gap, 'day')}" if found else ""
    best = "" if plan.proved else "; the best that was found, not proven to be the best"
    if not plan.proved:
        best += (
            f": {plan.found_together} of at most {plan.most_together} meetings of {len(plan.together.plans)} tandems "
            "planned together"
        )
    two = f"{plan.tandem.mentor.id} with {plan.tandem.mentee.id}"
    yield f"{two}: {found} of {_counted(plan.wanted, 'meeting')}{gap}{best}"
    if plan.short:
        yield f"  {plan.short.text.en}"
        yield from (f"  - {each.text.en}" for each in plan.short.helps)
    if found and plan.levels.late:
        yield f"  The first meeting is {plan.meetings[0].gap} days after the first day; wanted are {SOON} at most."
    for begin in range(0, found, A_LINE):
        yield "  " + "   ".join(_when(meeting) for meeting in plan.meetings[begin : begin + A_LINE])


def _when(meeting: Meeting) -> str:
    return f"{DAYS[meeting.date.weekday()]} {meeting.date} {clock(meeting.start)}-{clock(meeting.end)}"


def _summary(planned: Planned, seconds: float) -> Iterable[str]:
    asked, count, lacking = planned.asked, len(planned.plans), len(planned.short)
    if planned.unmatched:
        people = "1 person has" if len(planned.unmatched) == 1 else f"{len(planned.unmatched)} people have"
        yield f"{people} no tandem; `./tandem match` with the same file says why"
    if not count:
        yield "no tandem, and so no meetings"
        return
    short = "as many as wanted" if count == 1 else "all have as many as wanted"
    if lacking:
        short = "fewer than wanted" if count == 1 else f"{_counted(lacking, 'tandem')} with fewer than wanted"
    yield (
        f"{_counted(count, 'tandem')}, {asked.first} to {asked.last}: {planned.found} of "
        f"{_counted(planned.wanted, 'meeting')}, {short}, {seconds:.1f} s"
    )


def _counted(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
