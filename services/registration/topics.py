"""Decisions about the topic catalogue."""

from services.registration.checks import words
from services.registration.load_topics import Merging
from services.registration.model import MOST_HOPS, Topic
from shared.contracts import registration as r
from shared.contracts.base import Reason
from shared.runtime.decision import Context, Decision, Outcome, reason, refuse


def add_topic(message: r.AddTopic, before: Topic | None, context: Context) -> Outcome:
    """List a topic, or give it new labels (S3); the same again is said again."""
    if before is None:
        return _listed(Topic(id=message.topic_id, area=message.area, label=message.label))
    if (before.area, before.label) == (message.area, message.label):
        return _listed(before)
    return _listed(before.next(area=message.area, label=message.label))


def _listed(topic: Topic, *guards: Topic) -> Decision:
    return Decision(state=(topic, *guards), messages=(r.TopicListed.model_validate(topic.published()),))


def merge_topics(message: r.MergeTopics, state: Merging, context: Context) -> Outcome:
    """Have a topic's id lead to where the other ends; the same again is said again.

    Only a topic that leads nowhere is merged, and only into one that leads nowhere, and both are written: so of two
    merges at once that would make a circle (A into B, B into A) the second is decided again, and refused.
    """
    topic, into = state
    found = []
    if topic is None:
        found.append(_unknown("topic_id", message.topic_id))
    if into is None:
        found.append(_unknown("into", message.into))
    if topic is None or into is None:
        return refuse(*found)
    if topic.id == into.id:
        return refuse(reason("into", "circle", words("topic-circle", topic=topic.id)))
    if topic.forwards_to == into.id:
        return _listed(topic)
    if topic.forwards_to is not None:
        return refuse(reason("topic_id", "merged", words("topic-merged", topic=topic.id, into=topic.forwards_to)))
    if into.retired:
        return refuse(retired("into", into.id))
    if topic.hops >= MOST_HOPS:
        return refuse(reason("topic_id", "merged_too_often", words("topic-merged-too-often", most=MOST_HOPS)))
    merged = topic.next(forwards_to=into.id, retired=False)
    return _listed(merged, into.but(hops=max(into.hops, topic.hops + 1)))


def retire_topic(message: r.RetireTopic, topic: Topic | None, context: Context) -> Outcome:
    """Offer a topic no longer; the same again is said again."""
    if topic is None:
        return refuse(_unknown("topic_id", message.topic_id))
    if topic.forwards_to is not None:
        return refuse(reason("topic_id", "merged", words("topic-merged", topic=topic.id, into=topic.forwards_to)))
    return _listed(topic if topic.retired else topic.next(retired=True))


def restore_topic(message: r.RestoreTopic, topic: Topic | None, context: Context) -> Outcome:
    """Offer a retired or merged topic again; who named it while it was merged keeps what it led to."""
    if topic is None:
        return refuse(_unknown("topic_id", message.topic_id))
    if not topic.retired and topic.forwards_to is None:
        return _listed(topic)
    return _listed(topic.next(retired=False, forwards_to=None))


def _unknown(field: str, id: str) -> Reason:
    return reason(field, "unknown_topic", words("unknown-topic", topic=id))


def retired(field: str, id: str) -> Reason:
    """That a topic is no longer offered."""
    return reason(field, "retired_topic", words("retired-topic", topic=id))
