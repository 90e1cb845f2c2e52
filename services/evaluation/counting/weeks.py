"""Meetings, topics, goals and signs as figures of a report. Pure.

All of them are facts that the office knows tandem by tandem; a report goes to more readers. What may be held against
somebody (what they worked on, a sign, an early end) is shown of as many tandems as the floor has people, or not at all.
Meetings are how the programme runs: they are counted as soon as all its tandems are more people than the floor.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from services.evaluation.counting.model import Goals, Meeting, Signs
from shared.contracts.base import Text
from shared.contracts.evaluation import Goals as GoalFigures
from shared.contracts.evaluation import SignCount, TopicCount, Week

CALLED_OFF = "cancelled"
PEOPLE = 2
"""People in a tandem."""
NO_LABELS: Mapping[str, Text] = MappingProxyType({})


def weeks(meetings: Iterable[Meeting], until: dt.date) -> tuple[Week, ...]:
    """Meetings by the week of their newest time, in order, without gaps between the first and the last week.

    Planned are all that had their last time in the week, also those that were called off or missed. Weeks that begin
    after `until` are the future and left out.
    """
    found = [meeting for meeting in meetings if meeting.monday <= until]
    if not found:
        return ()
    planned = Counter(meeting.monday for meeting in found)
    held = Counter((meeting.monday, meeting.known or "assumed") for meeting in found if meeting.status == "held")
    unknown = Counter(meeting.monday for meeting in found if meeting.status == "unknown")
    first, last = min(planned), max(planned)
    mondays = (first + dt.timedelta(weeks=number) for number in range((last - first).days // 7 + 1))
    return tuple(
        Week(
            monday=monday,
            planned=planned[monday],
            confirmed=held[monday, "confirmed"],
            assumed=held[monday, "assumed"],
            unknown=unknown[monday],
        )
        for monday in mondays
    )


def topics(meetings: Iterable[Meeting], floor: int, labels: Mapping[str, Text] = NO_LABELS) -> tuple[TopicCount, ...]:
    """In how many tandems each topic of held meetings came up, the most frequent first; ties by id.

    Those of fewer tandems than the floor come last, without a number and by id. `labels`: words by id.
    """
    tandems = Counter(topic for _, topic in {(m.tandem, topic) for m in meetings for topic in m.topics})
    counts = [
        TopicCount(topic_id=topic, tandems=told(count, floor), label=labels.get(topic))
        for topic, count in tandems.items()
    ]
    return tuple(sorted(counts, key=lambda found: (-(found.tandems or 0), found.topic_id)))


def signs(seen: Iterable[Signs], floor: int) -> tuple[SignCount, ...]:
    """In how many tandems each sign was ever seen, by rule."""
    counts = Counter(rule for tandem in seen for rule in tandem.rules)
    return tuple(SignCount(rule=rule, tandems=told(count, floor)) for rule, count in sorted(counts.items()))


def goals(agreements: Sequence[Goals], floor: int) -> GoalFigures | None:
    """What became of the goals of all tandems that have agreed on some; None where none has."""
    agreed = [found for found in agreements if found.agreed]
    if not agreed:
        return None
    if told(len(agreed), floor) is None:
        return GoalFigures(tandems=None, open=None, reached=None, dropped=None)
    return GoalFigures(
        tandems=len(agreed),
        open=sum(found.open or 0 for found in agreed),
        reached=sum(found.reached or 0 for found in agreed),
        dropped=sum(found.dropped or 0 for found in agreed),
    )


def ends(completed: int, early: int, floor: int) -> tuple[int | None, int | None]:
    """How many tandems went on to the end, and how many ended early: both are told, or neither.

    Beside how many there were, each follows from the other. That there are none singles out nobody.
    """
    shown = all(count == 0 or told(count, floor) is not None for count in (completed, early))
    return (completed, early) if shown else (None, None)


def told(tandems: int, floor: int) -> int | None:
    """A number of tandems, or None where they are fewer than the floor."""
    return tandems if tandems >= floor else None


def counted(tandems: int, floor: int) -> bool:
    """Whether a programme has so many tandems that its meetings are counted: as many people as the floor."""
    return PEOPLE * tandems >= floor
