"""A small programme on servers in memory, and everything of it that anybody but the sender of an answer can see.

Who asks may be the office, ops or anybody at all; all pages are opened with the right token. What is left out:

- `portal.replies`: the answer to the sender of an answer, on the sender's own queue;
- the bodies and the order of answers on the way to evaluation: the broker's matter and the sender's
  (docs/confidentiality-of-figures.md says what that is);
- the ids of comments: keyed ids, by which the office names comments that it releases. They lead to nobody without the
  programme's key. Comments are compared by their words;
- attempts' tokens, and figures of the process (processor, memory, when a counter began): chance's and the machine's;
- how long something took: the clock of these servers stands still.
"""

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Literal

from pydantic import SecretStr

from services.evaluation.service import service
from services.evaluation.surveys import FIRST_PULSE, PULSES
from shared.contracts import evaluation as e
from shared.contracts.base import Text
from shared.contracts.parts import EvaluationRules, Rules
from shared.runtime.batch import TODAY
from shared.runtime.documents import Documents
from shared.runtime.http import Http
from shared.runtime.ids import derived_id
from shared.runtime.ports import Decided, Outgoing
from shared.runtime.readers import HEADER
from shared.runtime.watch import Metrics, observer
from tests.support.reference import By
from tests.unit.evaluation.extras import MET, allows, by, met, people_of, topic
from tests.unit.evaluation.people import (
    CLOSED,
    DAY,
    FINAL,
    MID_TERM,
    PROGRAMME,
    REPORTS,
    STARTS,
    everybody,
    formed,
    held,
    kick_off,
    person,
    registered,
    survey,
    tandem_id,
)
from tests.unit.evaluation.stories import confirming, id_under, publishing, writing
from tests.unit.runtime.engine_in_memory import KEY, Here, Replica

OFFICE = [(b"authorization", b"Bearer office-token"), (HEADER.encode(), b"office-1")]
OPS = [(b"authorization", b"Bearer ops-token")]
MACHINE = re.compile(rb"^(# \w+ )?(process_\w+|\w+_created\b)")
KICK_OFF = STARTS - 10 * DAY
PATHS = (
    "/health/ready",
    "/metrics",
    "/programmes/pilot",
    "/quarantine",
    "/quarantine/actions",
    "/audit",
    "/audit/seals",
    "/stories.atom",
    "/stories.json",
    "/holdings",
)
PULSE, LATER_PULSE = STARTS + 14 * DAY, STARTS + 35 * DAY
OWN_OPENS = STARTS + 25 * DAY
REPORT = "/programmes/pilot/report"
OWN = e.AddQuestionnaire(
    programme_id="pilot",
    questionnaire="rooms",
    version=1,
    title=Text(de="Räume", en="Rooms"),
    items=(e.OwnItem(id="mood", scale="stars", text=Text(de="Wie ist der Raum?", en="How is the room?")),),
    opens=OWN_OPENS,
)
OCCASIONS = ("baseline", "pulse", "rooms", "later pulse", "mid-term", "final")
"""When people are asked, in this order."""


@dataclass(frozen=True)
class Send:
    """A message of somebody to evaluation: answers to what they are asked on an occasion.

    `number`: of several messages of one person; the same number again is the same message once more.
    """

    name: str
    values: Mapping[str, int | None]
    comment: str = ""
    number: int = 1


Sent = Mapping[str, Sequence[Send]]
"""By occasion, in the order in which it comes."""


@dataclass
class Programme:
    """A programme of so many tandems whose people send these messages; `seen` grows with everything that shows.

    `forms` of the report that are read as well: its page (""), its PDF ("pdf").
    """

    tandems: int
    sent: Sent
    forms: Collection[str] = ()
    insiders: Literal[1, 2] = 1
    seen: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.replica = Replica(service)
        engine, broker = self.replica.engine, self.replica.broker
        tokens = count(1)
        # In the order of their numbers also as texts: what stands at one time is sorted by them.
        engine.token = lambda: f"{next(tokens):06}"
        broker.declare("overheard")
        for queues in broker.bindings.values():
            if "everything" in queues:
                queues.add("overheard")
        self.metrics = Metrics()
        engine.observer = engine.outbox.observer = replace(
            observer(service.name, self.metrics), log=self._logged, decided=self._decided, published=self._published
        )
        self.http = Http(
            engine=engine,
            metrics=self.metrics,
            ready=self._ready,
            asyncapi=dict,
            inner=self._no_further,
            office_token=SecretStr("office-token"),
            ops_token=SecretStr("ops-token"),
            documents=Documents(Here()),
            address="http://evaluation",
        )

    async def _ready(self) -> dict[str, str]:
        return {}

    async def _no_further(self, scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("only the lifespan goes further in")

    # What shows by itself

    def _logged(self, event: str, **fields: Any) -> None:
        self.seen["log"].append(repr((event, sorted(fields.items()))))

    def _decided(self, batch: Decided) -> None:
        if batch.messages:
            self.seen["spans"].append(repr((batch.began, batch.read, batch.ended, batch.messages)))

    def _published(self, letters: Sequence[Outgoing], began: dt.datetime, ended: dt.datetime) -> None:
        self.seen["spans"] += [repr((x.key, x.id, len(x.body), began, ended)) for x in letters if x.exchange]

    def _hear(self) -> None:
        broker = self.replica.broker
        for queue in ("overheard", "evaluation.quarantine", "office.replies", "ops.replies"):
            self.seen[queue] += [f"{message.key} {message.body.decode()}" for message in broker.queues[queue]]
            broker.queues[queue].clear()
        assert broker.unrouted == []

    # What is asked for

    async def _ask(self, path: str, method: str = "GET", body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
        """An answer of the service: status, headers, body."""
        found: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            found.append(message)

        plain, _, query = path.partition("?")
        token = OFFICE if plain.startswith(("/programmes/", "/questions/", "/quarantine/actions")) else OPS
        scope = {"type": "http", "method": method, "path": plain, "query_string": query.encode(), "headers": token}
        await self.http(scope, receive, send)
        start, *parts = found
        assert start["status"] in (200, 404), (path, parts)
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return start["status"], headers, b"".join(part.get("body", b"") for part in parts)

    async def _look(self) -> None:
        """Everything that there is to be seen now."""
        kinds = json.loads((await self._ask("/holdings"))[2])
        held = [f"/holdings/{kind}{rows}" for kind in kinds["publishes"] + kinds["copies"] for rows in ("", "/rows")]
        await self._read(*PATHS, *held)

    async def _read(self, *paths: str) -> None:
        for path in paths:
            status, headers, body = await self._ask(path)
            if path == "/metrics":
                # Its length too is that of the machine's figures.
                headers, body = {}, b"\n".join(line for line in body.splitlines() if not MACHINE.match(line))
            self.seen[path].append(repr((status, sorted(headers.items()), body)))

    # What happens

    async def run(self) -> "Programme":
        """Live through it, and look at everything on the way."""
        numbers = range(1, self.tandems + 1)
        people = [registered(name, "mentor" if "mentor" in name else "mentee") for name in everybody(self.tandems)]
        rules = Rules(evaluation=EvaluationRules(insiders=self.insiders))
        programme = PROGRAMME.model_copy(update={"rules": rules})
        await self.replica.play(KICK_OFF - DAY, programme, *people, kick_off(KICK_OFF), KICK_OFF + DAY)
        await self._occasion("baseline")
        await self.replica.play(STARTS, *(formed(n) for n in numbers), By(OWN, actor="office-1", sender="office"))
        await self._beside()
        await self.replica.play(*(held(n, FIRST_PULSE, PULSE) for n in numbers), PULSE + 6 * DAY)
        await self._occasion("pulse")
        await self.replica.play(OWN_OPENS)
        await self._occasion("rooms")
        await self.replica.play(*(held(n, PULSES, LATER_PULSE) for n in numbers), LATER_PULSE + 6 * DAY)
        await self._occasion("later pulse")
        await self.replica.play(MID_TERM)
        await self._occasion("mid-term")
        await self.replica.play(MID_TERM + 16 * DAY, By(e.RequestReport(programme_id="pilot"), actor="office-1"))
        await self._look()
        await self.replica.play(FINAL - DAY, *(formed(n, status="completed") for n in numbers), FINAL)
        await self._occasion("final")
        await self.replica.play(CLOSED, REPORTS)
        await self._look()
        await self._comments()
        await self._certified()
        await self.replica.play(By(e.RequestReport(programme_id="pilot"), actor="office-1"), REPORTS + 2 * DAY)
        self._hear()
        await self._look()
        await self._read(*(f"{REPORT}{'.' * bool(form)}{form}" for form in self.forms))
        # What is traced is kept for days: at the end all of it is there.
        said = {json.loads(each.split(" ", 1)[1])["correlationid"] for each in self.seen["overheard"]}
        await self._read(*(f"/trace/{each}" for each in sorted(said)))
        own = {_message(occasion, each) for occasion, sent in self.sent.items() for each in sent}
        self.seen["traces of answers"] = sorted({repr(await self._ask(f"/trace/{each}")) for each in own})
        return self

    async def _beside(self) -> None:
        """Two tandems work on one topic and are asked to be introduced; one of them has a story in the feed."""
        play, story = self.replica.play, id_under(KEY)
        await play(topic(), *map(allows, people_of(1, 2)), MET, *(met(n, "calendar", number=9) for n in (1, 2)))
        await play(writing(), MET + DAY, confirming(story=story), MET + 2 * DAY, publishing(story=story))

    async def _certified(self) -> None:
        """One of the two has a certificate, and hands it on."""
        self.replica.take("portal.replies")
        certificate = e.RequestCertificate(
            tandem_id=tandem_id(1), participant_id=person("mentor 1"), topics=("calendar",)
        )
        await self.replica.play(by("mentor 1", certificate))
        [ready] = self.replica.take("portal.replies")
        self.seen["certificate"].append(repr(await self._ask(f"/certificates/{ready['data']['token']}", "POST")))

    async def _occasion(self, name: str) -> None:
        """People send what they send: the first half of it on one day, the rest on the next."""
        sent = self.sent.get(name, ())
        for place, each in enumerate(sent):
            if place == (len(sent) + 1) // 2:
                await self.replica.play(await self._next_day())
            command = e.SubmitAnswers(
                survey_id=_survey(name, each.name),
                participant_id=person(each.name),
                answers=each.values,
                comment=each.comment,
            )
            id = _message(name, each)
            self.replica.send(command, "portal", "portal.replies", id=id, actor=person(each.name), correlationid=id)
            await self.replica.settle()
        if sent:
            self._hear()
            await self._look()

    async def _next_day(self) -> dt.date:
        state = self.replica.database.records[TODAY].state or {}
        return dt.date.fromisoformat(state["date"]) + DAY

    async def _comments(self) -> None:
        """The office reads all comments, and releases them."""
        for questionnaire in ("baseline", "pulse", "rooms", "mid-term", "final"):
            asked = e.CommentsAsked(programme_id="pilot", questionnaire=questionnaire)
            _, _, body = await self._ask("/questions/comments", "POST", asked.model_dump_json().encode())
            found = e.CommentsAnswer.model_validate_json(body)
            texts = sorted((comment.text, comment.released) for comment in found.comments)
            self.seen["comments"].append(repr((found.open, found.too_few, texts)))
            if found.comments:
                ids = tuple(comment.comment_id for comment in found.comments)
                release = e.ReleaseComments(programme_id="pilot", comments=ids)
                await self.replica.play(By(release, actor="office-1"))

    @property
    def reports(self) -> list[e.ReportPublished]:
        """Every report that was published, in order."""
        heard = (each.split(" ", 1) for each in self.seen["overheard"])
        return [
            e.ReportPublished.model_validate(json.loads(body)["data"])
            for key, body in heard
            if key == e.ReportPublished.name
        ]


def _survey(occasion: str, name: str) -> str:
    number = int(name.split()[1])
    meetings = {"pulse": FIRST_PULSE, "later pulse": PULSES}
    if occasion in meetings:
        return survey(name, "pulse", held(number, meetings[occasion]).meeting_id)
    return survey(name, occasion, "1" if occasion == OWN.questionnaire else occasion)


def _message(occasion: str, sent: Send) -> str:
    return derived_id("message", occasion, sent.name, sent.number)
