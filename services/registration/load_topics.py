"""Which state a message about the catalogue concerns."""

from services.registration.model import Topic
from shared.contracts import registration as r
from shared.runtime.decision import Get


def topic_of(message: r.AddTopic, get: Get) -> Topic | None:
    """The topic."""
    return get(Topic, message.topic_id)
