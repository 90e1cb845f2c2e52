"""Registers a mentor from another system: plain pika, nothing of Tandem's, from the AsyncAPI document alone.

    python register_mentor.py amqp://portal:PASSWORD@HOST:5672/ PROGRAMME PRIVACY_NOTICE

Prints the event that answers.
"""

import json
import sys
import time
import uuid
from urllib.parse import urlsplit

import pika


def main(url: str, programme: str, privacy_notice: str) -> int:
    """Send the command, then read events until the one with our correlation id comes."""
    user = urlsplit(url).username
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.confirm_delivery()

    # A portal may have queues whose names begin with its own, and bind the events that it may read, key by key.
    queue = f"{user}.{uuid.uuid4()}"
    channel.queue_declare(queue, exclusive=True)
    for key in ("registration.participant-registered.v1", "registration.command-rejected.v1"):
        channel.queue_bind(queue, "tandem.events", key)

    command_id = str(uuid.uuid4())
    envelope = {
        "specversion": "1.0",
        "id": command_id,
        # Ours: a source that belongs to another user is refused.
        "source": f"/{user}",
        "type": "tandem.registration.register-mentor.v1",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "datacontenttype": "application/json",
        "correlationid": command_id,
        "data": {
            "programme_id": programme,
            "personnel_key": "example-4711",
            "display_name": "Mentor 4711",
            "mail": "mentor-4711@example.org",
            "superiors": ["head-of-unit"],
            "profile": {
                "department": "Kommunalreferat",
                "unit": ["KR-1"],
                "grade": 10,
                "site": "Mitte",
                "languages": ["de"],
                "working_times": [{"weekday": day, "start": 540, "end": 960} for day in range(5)],
                "strengths": [{"topic_id": "social-media", "level": 5}],
                "concerns": [],
            },
            "voluntary": True,
            "privacy_notice": privacy_notice,
        },
    }
    properties = pika.BasicProperties(
        content_type="application/cloudevents+json; charset=utf-8",
        delivery_mode=2,
        message_id=command_id,
        # The broker validates this; a command without it is refused.
        user_id=user,
    )
    channel.basic_publish(
        "tandem.commands", "registration.register-mentor.v1", json.dumps(envelope).encode(), properties, mandatory=True
    )

    for method, _, body in channel.consume(queue, inactivity_timeout=10):
        if method is None:
            print("no answer within 10 seconds", file=sys.stderr)
            return 1
        channel.basic_ack(method.delivery_tag)
        event = json.loads(body)
        if event.get("correlationid") == command_id:
            print(json.dumps(event, ensure_ascii=False))
            break
    connection.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:4]))
