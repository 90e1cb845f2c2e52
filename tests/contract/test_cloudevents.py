"""Our envelopes are CloudEvents to the CloudEvents SDK, and what the SDK makes is an envelope to us."""

import datetime as dt
import json

import pytest
from cloudevents.core.bindings.amqp import AMQPMessage, from_structured, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from shared.contracts.base import TYPE_PREFIX
from shared.contracts.registration import AddTopic
from shared.runtime import asyncapi, discovery, envelope
from shared.runtime.envelope import CONTENT_TYPE, Envelope
from shared.runtime.examples import example

CONTRACTS = asyncapi.contracts(discovery.load_all())
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_an_envelope_of_ours_is_read_by_the_sdk_with_every_extension(name: str) -> None:
    ours = Envelope.model_validate({**example(CONTRACTS[name]), "causationid": "c", "traceparent": TRACE})
    letter = AMQPMessage(
        properties={"content-type": CONTENT_TYPE}, application_properties={}, application_data=ours.encode()
    )
    read = from_structured(letter, JSONFormat())
    assert isinstance(read, CloudEvent)
    assert (read.get_id(), read.get_source(), read.get_type()) == (ours.id, ours.source, ours.type)
    assert read.get_data() == ours.data
    for extension in ("correlationid", "causationid", "sequence", "epoch", "actor", "traceparent"):
        assert read.get_attributes().get(extension) == getattr(ours, extension)
    assert envelope.read(JSONFormat().write(read)) == ours, "nothing is lost on the way there and back"


def test_what_the_sdk_makes_is_taken_by_us() -> None:
    data = example(AddTopic)["data"]
    when = dt.datetime(2027, 3, 1, 8, 30, tzinfo=dt.UTC)
    attributes = {"id": "1", "source": "/office", "type": TYPE_PREFIX + AddTopic.name, "specversion": "1.0"}
    made = CloudEvent({**attributes, "time": when, "correlationid": "1", "somebodyelse": "x"}, data)
    letter = to_structured(made, JSONFormat())
    assert str(letter.properties["content-type"]).startswith("application/cloudevents+json")
    read = envelope.read(letter.application_data)
    assert (read.name, read.time, read.correlation) == (AddTopic.name, when, "1")
    assert AddTopic.model_validate(read.data).topic_id == data["topic_id"]


def test_a_name_that_cloudevents_does_not_allow_would_be_seen() -> None:
    """The SDK is a judge: it refuses what our envelopes must not have."""
    body = json.dumps({**example(AddTopic), "correlation_id": "1"}).encode()
    letter = AMQPMessage(properties={"content-type": CONTENT_TYPE}, application_properties={}, application_data=body)
    with pytest.raises(Exception, match="correlation_id"):
        from_structured(letter, JSONFormat())
