"""The topic catalogue (S3)."""

from typing import Literal

from pydantic import Field

from shared.contracts.base import Command, Event, Text
from shared.contracts.parts import Id


class AddTopic(Command, name="registration.add-topic.v1", senders=("office",)):
    """Add a topic to the catalogue, or give it new labels (S3)."""

    topic_id: Id = Field(description="stable id, e.g. social-media")
    area: Literal["hardware", "software", "culture"] = Field(description="area of the catalogue")
    label: Text = Field(description="label for people")


class TopicListed(Event, name="registration.topic-listed.v1", about="topic/{topic_id}"):
    """A topic stands in the catalogue."""

    topic_id: Id = Field(description="stable id")
    area: Literal["hardware", "software", "culture"] = Field(description="area of the catalogue")
    label: Text = Field(description="label for people")
