"""What shared topics hold of people, what each may see of it, and what is left without them."""

from collections.abc import Mapping
from typing import Any

from services.evaluation.shared_topics.model import Introduction, TandemTopics
from shared.contracts.parts import NOBODY

People = frozenset[str]


def topics_without(worked: TandemTopics, people: People) -> TandemTopics:
    """What the other side worked on, who may still ask for a certificate."""
    mentor, mentee = (NOBODY if who in people else who for who in (worked.mentor, worked.mentee))
    return worked.but(mentor=mentor, mentee=mentee, introduction=None)


def topics_shown(worked: TandemTopics, people: People) -> Mapping[str, Any]:
    """The topics of one's meetings."""
    return {"topics": list(worked.topics)}


def introduction_without(introduction: Introduction, people: People) -> Introduction:
    """That there was one, so that the others hear on its day that nothing comes of it."""
    left = tuple(NOBODY if who in people else who for who in introduction.people)
    return (
        introduction.fallen_away().but(people=left) if introduction.status == "open" else introduction.but(people=left)
    )


def introduction_shown(introduction: Introduction, people: People) -> Mapping[str, Any]:
    """What one was asked and has said oneself: nothing of what the others said, nor whether something came between."""
    agrees = bool(people & set(introduction.yes))
    return {"topic_id": introduction.topic, "by": introduction.by.isoformat(), "agrees": agrees}
