"""Why a pair was chosen and why somebody was not, in words (P1, P5). Wishes and vetoes never enter here."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from services.matching.people import Person, levels
from shared.contracts.base import Text
from shared.contracts.matching import ScorePart
from shared.contracts.parts import Reasoned, TopicLevel
from shared.runtime.words import Words

TOPICS_FOR_MENTEE = 3
TOPICS_FOR_MENTOR = 2

TOPICS_NAMED = 5

_words = Words("services.matching", "explanation.toml")


class Found(NamedTuple):
    """What the published scores say of somebody without a tandem."""

    partners: bool
    """Whether anybody was possible."""
    full: bool
    """Whether every place is taken."""
    nearest: int = 0
    """How many of those whose topics fit best were looked at; nobody of them was possible."""
    excluded_by: tuple[tuple[str, int], ...] = ()
    """The rules that exclude them, as pair.py names them, and how many each."""


def why_pair(mentor: Person, mentee: Person, labels: Mapping[str, Text]) -> tuple[Reasoned, ...]:
    """Say what speaks for a pair: the strongest topics of both directions first; a topic without label keeps its id."""
    one, other = mentor.profile, mentee.profile
    reasons = [
        *(
            _topic("topic_for_mentee", _label(labels, t))
            for t in strongest(one.strengths, other.concerns, TOPICS_FOR_MENTEE)
        ),
        *(
            _topic("topic_for_mentor", _label(labels, t))
            for t in strongest(other.strengths, one.concerns, TOPICS_FOR_MENTOR)
        ),
    ]
    if one.department != other.department:
        reasons.append(_plain("different_department"))
    if other.grade > one.grade:
        reasons.append(_plain("seniority"))
    if one.site == other.site:
        reasons.append(_plain("same_site"))
    return tuple(reasons)


def in_words(part: ScorePart) -> Text:
    """What a part of a score stands for; one of another release keeps its name."""
    key = f"{part.part}_part"
    return _words(key) if key in _words else Text(de=part.part, en=part.part)


def why_unmatched(person: Person, found: Found, labels: Mapping[str, Text]) -> Reasoned:
    """Say why somebody has no tandem, and what would change it; of others only how many, and which rules."""
    if found.partners:
        return _plain("no_place") if found.full else _plain("others_matched", f"others_matched_{person.role}")
    if found.nearest:
        return _excluded(found.nearest, found.excluded_by)
    own = _own_topics(person)
    if not own:
        return _plain("no_topic_named")
    topics = _listed(_words("topic", topic=_label(labels, topic)) for topic in own)
    return Reasoned(code="no_common_topic", text=_words(f"no_common_topic_{person.role}", topics=topics))


def rule_in_words(code: str) -> Text:
    """What is the matter with a pair that breaks this hard rule."""
    return _words(f"{code}_rule")


@cache
def _excluded(nearest: int, by: tuple[tuple[str, int], ...]) -> Reasoned:
    rules = _listed(_words("rule_and_count", rule=rule_in_words(code), count=count) for code, count in by)
    key = "no_allowed_partner" if nearest > 1 else "no_allowed_partner_one"
    return Reasoned(code="no_allowed_partner", text=_words(key, nearest=nearest, rules=rules))


def strongest(strengths: Iterable[TopicLevel], concerns: Iterable[TopicLevel], most: int) -> list[str]:
    """Topics that one side can help with and the other wants help with: the most points first, as many as `most`."""
    have, want = levels(strengths), levels(concerns)
    return sorted(have.keys() & want.keys(), key=lambda topic: (-have[topic] * want[topic], topic))[:most]


def _own_topics(person: Person) -> list[str]:
    """What a mentee wants help with, what a mentor helps with: the most important first."""
    own = levels(person.profile.concerns if person.role == "mentee" else person.profile.strengths)
    return sorted(own, key=lambda topic: (-own[topic], topic))[:TOPICS_NAMED]


def _label(labels: Mapping[str, Text], topic: str) -> Text:
    return labels.get(topic, Text(de=topic, en=topic))


def _listed(texts: Iterable[Text]) -> Text:
    every = list(texts)
    return Text(de=", ".join(t.de for t in every), en=", ".join(t.en for t in every))


def _topic(code: str, topic: Text) -> Reasoned:
    return Reasoned(code=code, text=_words(code, topic=topic))


@cache
def _plain(code: str, key: str = "") -> Reasoned:
    return Reasoned(code=code, text=_words(key or code))
