"""Decisions about the topic catalogue."""

from services.registration.checks import words
from services.registration.load_topics import Adding, Called, Merging
from services.registration.model import MOST_HOPS, Topic, TopicLabel
from shared.contracts import registration as r
from shared.contracts.base import Reason
from shared.runtime.decision import Context, Decision, Outcome, reason, refuse


def add_topic(message: r.AddTopic, state: Adding, context: Context) -> Outcome:
    """List a topic, or give it new labels (S3); the same again is said again. It says which others are called the same.

    That is no refusal: a label in one language may fit two topics, and old catalogues have such.
    """
    before = state.topic
    topic = Topic(id=message.topic_id, area=message.area, label=message.label)
    if before is not None:
        same = (before.area, before.label) == (message.area, message.label)
        topic = before if same else before.next(area=message.area, label=message.label)
    labels, listed = under_labels(topic, state.called)
    return Decision(state=(topic, *labels), messages=(listed,))


def under_labels(topic: Topic, called: Called) -> tuple[tuple[TopicLabel, ...], r.TopicListed]:
    """The labels' documents that change as a topic is listed, and the event, with a note if others are called so."""
    known = {other.id: other for other in called.topics} | {topic.id: topic}
    ids = TopicLabel.ids_of(topic.label)
    changed: list[TopicLabel] = []
    same: set[str] = set()
    for label in called.labels:
        named = {
            id for id in (*label.topics, topic.id) if id in known and label.id in TopicLabel.ids_of(known[id].label)
        }
        same |= {id for id in named if known[id].is_offered}
        if label.id in ids and (after := tuple(sorted(named))) != label.topics:
            changed.append(label.but(topics=after))
    note = words("same-label", topics=", ".join(sorted(same))) if topic.is_offered and len(same) > 1 else None
    return tuple(changed), r.TopicListed.model_validate({**topic.published(), "note": note})


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
