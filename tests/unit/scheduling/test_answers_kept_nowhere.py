"""What people write beside a yes or no, and their addresses, reach no store and no log, whatever becomes of it."""

import json
from typing import Any

import pytest

from services.scheduling.service import service
from shared.contracts.calendar import LONGEST_REPLY, ReplyReceived
from tests.unit.runtime.engine_in_memory import Replica
from tests.unit.scheduling.people import FORMED, MENTOR, STRANGER, TODAY, person, programme
from tests.unit.scheduling.test_replies_read import GOOGLE
from tests.unit.scheduling.test_titles_kept_nowhere import everything

SECRET = "Geheim-4711"
NAME = ReplyReceived.name
ANSWER = GOOGLE.replace(
    "STATUS:CONFIRMED",
    f"COMMENT:{SECRET}\nLOCATION:{SECRET}\nX-{SECRET};X-P={SECRET}:{SECRET}\nATTENDEE;CN={SECRET};SENT-BY="
    f'"mailto:{SECRET}@example.org":mailto:{SECRET}@example.org',
).replace("SUMMARY:Pilot", f"SUMMARY:{SECRET}")


def body(data: Any, **envelope: Any) -> bytes:
    fields = {"specversion": "1.0", "id": "answer-1", "source": "/calendar", "type": f"tandem.{NAME}", "data": data}
    return json.dumps(fields | envelope).encode()


def data(**changes: Any) -> dict[str, Any]:
    return {"participant_id": MENTOR, "icalendar": ANSWER, "comment": SECRET} | changes


GOOD = {
    "an answer": body(data()),
    "not taken apart": body(data(icalendar=f"{SECRET}\n{ANSWER}\n{SECRET}")),
    "no calendar": body(data(icalendar=SECRET)),
    "of nobody": body(data(participant_id=STRANGER)),
    "of a zone of somebody's own": body(data(icalendar=ANSWER.replace("DTSTART:", f"DTSTART;TZID={SECRET}:"))),
}
BAD = {
    "too long": body(data(icalendar=ANSWER + "x" * LONGEST_REPLY)),
    "no text": body(data(icalendar=[SECRET])),
    "a wrong person": body(data(participant_id=SECRET)),
    "no envelope": body(data(), specversion="0.3"),
    "no JSON": f'{{"data": "{SECRET}'.encode(),
    "an unknown type": body(data(), type="tandem.calendar.comments-published.v1"),
}


@pytest.mark.parametrize("case", GOOD | BAD)
async def test_no_word_of_an_answer_is_kept(case: str) -> None:
    replica = Replica(service)
    await replica.play(TODAY, programme(), person(MENTOR), FORMED)
    replica.send_raw((GOOD | BAD)[case], "events", NAME)
    await replica.settle()
    assert SECRET not in everything(replica)
    assert bool(replica.kept("quarantine")) is (case in BAD), "nothing is lost silently"
