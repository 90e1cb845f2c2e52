"""The pairs of a round as the page shows them: who, their score in parts, and the topics that bring them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.matching.explanation import TOPICS_FOR_MENTEE, TOPICS_FOR_MENTOR, strongest
from services.matching.people import Pair, Person, RoundInputs
from services.matching.tool.wanted import Pin
from shared.contracts.base import Text

MOST = 2000
"""Pairs that a page shows, so that a browser opens it at once."""


@dataclass(frozen=True, slots=True)
class Row:
    """A pair."""

    mentor: Person
    mentee: Person
    score: int
    points: tuple[int, int, int]
    """For the mentee, for the mentor, for the site."""
    helps: tuple[Text, ...]
    """Topics that the mentor is strong in and the mentee wants help with."""
    learns: tuple[Text, ...]
    """Topics that the mentee is experienced in and the mentor wants to learn."""
    same_site: bool
    pinned: bool
    pin_reason: str
    new: bool
    """Not of the earlier result, where there is one."""


def rows(pairs: Sequence[Pair], inputs: RoundInputs, pins: Sequence[Pin]) -> tuple[Row, ...]:
    """The pairs with the lowest scores, which are worth a look first: all, if they are not more than MOST."""
    people = {person.id: person for person in inputs.people}
    reasons = {pin.ids: pin.reason for pin in pins}
    previous = set(inputs.previous)
    shown = sorted(pairs, key=lambda pair: (pair.score, pair.mentee, pair.mentor))[:MOST]
    return tuple(
        _row(
            pair,
            people[pair.mentor],
            people[pair.mentee],
            inputs.labels,
            reasons.get(pair.ids, ""),
            new=bool(previous) and pair.ids not in previous,
        )
        for pair in shown
    )


def label(topic: str, labels: Mapping[str, Text]) -> Text:
    """The words of a topic; without any, its id."""
    return labels.get(topic, Text(de=topic, en=topic))


def _row(pair: Pair, mentor: Person, mentee: Person, labels: Mapping[str, Text], pin_reason: str, *, new: bool) -> Row:
    points = {part.part: part.points for part in pair.parts}
    one, other = mentor.profile, mentee.profile
    helps = strongest(one.strengths, other.concerns, TOPICS_FOR_MENTEE)
    learns = strongest(other.strengths, one.concerns, TOPICS_FOR_MENTOR)
    return Row(
        mentor=mentor,
        mentee=mentee,
        score=pair.score,
        points=(points["mentor_for_mentee"], points["mentee_for_mentor"], points["site"]),
        helps=tuple(label(topic, labels) for topic in helps),
        learns=tuple(label(topic, labels) for topic in learns),
        same_site=one.site == other.site,
        pinned=pair.pinned,
        pin_reason=pin_reason,
        new=new,
    )
