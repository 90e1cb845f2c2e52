"""Why a pair was chosen and why somebody was not, in words (P1, P5). Wishes and vetoes never enter here."""

from collections.abc import Iterable, Mapping

from services.matching.people import Person, levels
from shared.contracts.base import Text
from shared.contracts.parts import Reasoned, TopicLevel
from shared.runtime.words import Words

TOPICS_FOR_MENTEE = 3
TOPICS_FOR_MENTOR = 2

_words = Words("services.matching", "explanation.toml")


def why_pair(mentor: Person, mentee: Person, labels: Mapping[str, Text]) -> tuple[Reasoned, ...]:
    """Say what speaks for a pair: the strongest topics of both directions first; a topic without label keeps its id."""

    def label(topic: str) -> Text:
        return labels.get(topic, Text(de=topic, en=topic))

    one, other = mentor.profile, mentee.profile
    reasons = [
        *(_topic("topic_for_mentee", label(t)) for t in _strongest(one.strengths, other.concerns, TOPICS_FOR_MENTEE)),
        *(_topic("topic_for_mentor", label(t)) for t in _strongest(other.strengths, one.concerns, TOPICS_FOR_MENTOR)),
    ]
    if one.department != other.department:
        reasons.append(_plain("different_department"))
    if other.grade > one.grade:
        reasons.append(_plain("seniority"))
    if one.site == other.site:
        reasons.append(_plain("same_site"))
    return tuple(reasons)


def why_unmatched(*, partners: bool, full: bool) -> Reasoned:
    """Say why somebody has no tandem.

    `partners`: the rules alone left somebody, before any veto or earlier no; `full`: every place is taken. As vetoes
    do not enter, nobody can tell from a reason whether there was one.
    """
    if not partners:
        return _plain("no_allowed_partner")
    return _plain("no_place" if full else "others_matched")


def _strongest(strengths: Iterable[TopicLevel], concerns: Iterable[TopicLevel], most: int) -> list[str]:
    have, want = levels(strengths), levels(concerns)
    return sorted(have.keys() & want.keys(), key=lambda topic: (-have[topic] * want[topic], topic))[:most]


def _topic(code: str, topic: Text) -> Reasoned:
    return Reasoned(code=code, text=_words(code, topic=topic))


def _plain(code: str) -> Reasoned:
    return Reasoned(code=code, text=_words(code))
