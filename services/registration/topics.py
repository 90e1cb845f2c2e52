"""Decisions about the topic catalogue."""

from services.registration.model import Topic
from shared.contracts import registration as r
from shared.runtime.decision import Context, Decision, Outcome


def add_topic(message: r.AddTopic, before: Topic | None, context: Context) -> Outcome:
    """List a topic, or give it new labels (S3); the same again is said again."""
    topic = Topic(id=message.topic_id, area=message.area, label=message.label)
    return Decision(state=(topic,), messages=(r.TopicListed(**dict(message)),))
