"""A town whose system runs on real servers: who asks it, all that it says, and programmes in which everybody fits."""

import datetime as dt
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families
from pymongo import AsyncMongoClient

from shared.cli.client import Client
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import TYPE_PREFIX, Command, Contract, Text
from shared.contracts.parts import Deadlines, Profile, Rules, Side, Term, TopicLevel
from shared.local.system import LocalSystem
from shared.runtime import discovery, topology
from shared.runtime.envelope import Envelope
from tests.unit.matching.people import OFFICE, TODAY, registered


@dataclass
class Town:
    """A system that runs, who asks it, and all that was said."""

    system: LocalSystem
    client: Client
    heard: dict[str, list[Envelope]] = field(default_factory=lambda: defaultdict(list))
    """What was said, by programme."""
    written: list[Envelope] = field(default_factory=list)

    async def ask(self, command: Command, user: str, actor: str | None = None) -> Envelope:
        """Send a command; it must not be refused."""
        answer = await self.client.ask(command, user, actor=actor)
        assert not answer.name.endswith("command-rejected.v1"), answer.data
        return answer

    def hear(self, event: Envelope) -> None:
        """Remember what was said."""
        self.heard[event.data.get("programme_id", "")].append(event)

    def said(self, kind: type[Contract], programme_id: str, **fields: object) -> dict[str, dict[str, Any]]:
        """Events of a type in a programme with these values by their id; what was said again counts once."""
        found = {event.id: event.data for event in self.heard[programme_id] if event.name == kind.name}
        return {id: data for id, data in found.items() if fields.items() <= data.items()}

    async def open(self, programme: str, places: int) -> None:
        """Open a programme without days for wishes."""
        command = r.OpenProgramme(
            programme_id=programme,
            title=Text(de="P", en="P"),
            places=places,
            term=Term(starts=TODAY + dt.timedelta(8), ends=TODAY + dt.timedelta(158)),
            registration_closes=TODAY + dt.timedelta(1),
            office=OFFICE,
            rules=Rules(deadlines=Deadlines(wish_days=0)),
            privacy_notice="1",
        )
        await self.ask(command, "office")

    async def register(self, programme: str, role: Side, number: int, capacity: int = 1) -> Envelope:
        """Register somebody; what registration says of them."""
        return await self.ask(self.registering(programme, role, number, capacity), "portal")

    @staticmethod
    def registering(programme: str, role: Side, number: int, capacity: int = 1) -> r.RegisterMentor | r.RegisterMentee:
        """The command that registers somebody by role and number."""
        kind = r.RegisterMentor if role == "mentor" else r.RegisterMentee
        return kind(
            programme_id=programme,
            personnel_key=f"{programme}-{role}-{number}",
            display_name=f"{role} {number}",
            mail=f"{role}-{number}@example.org",
            superiors=(f"{programme}-head-{role}-{number}",),
            profile=profile(role, number, capacity),
            voluntary=True,
            privacy_notice="1",
        )

    async def takes_only_one(self, mentor: Envelope) -> None:
        """What registration would say of a mentor who lowers their capacity."""
        changed = r.ParticipantChanged.model_validate(mentor.data)
        changed = changed.model_copy(update={"profile": changed.profile.model_copy(update={"capacity": 1})})
        news = {"id": self.client.wrap(changed, "registration").id, "sequence": (mentor.sequence or 0) + 1}
        said = mentor.model_copy(
            update={"type": TYPE_PREFIX + changed.name, "data": changed.model_dump(mode="json"), **news}
        )
        await self.client.publish(said, "registration", command=False)

    async def records(self, kind: str, collection: str = "state") -> dict[str, dict[str, Any]]:
        """What matching keeps of a kind, by id."""
        async with AsyncMongoClient[dict[str, Any]](self.system.mongo.url) as client:
            found = await client[self.system.database("matching")][collection].find({"kind": kind}).to_list()
        return {document["_id"].split("/")[1]: document["state"] for document in found if document.get("state")}

    async def counted(self, type: str, result: str, names: Sequence[str]) -> dict[str, float]:
        """So many messages of a type each of these replicas has counted with a result."""
        found = dict.fromkeys(names, 0.0)
        async with httpx.AsyncClient(trust_env=False) as http:
            for name in names:
                text = (await http.get(f"{self.system.replicas[name].url}/metrics")).text
                for family in text_string_to_metric_families(text):
                    for sample in family.samples:
                        if sample.name == "tandem_messages_total" and sample.labels == {"type": type, "result": result}:
                            found[name] = sample.value
        return found


def profile(role: Side, number: int, capacity: int) -> Profile:
    """Everybody fits everybody."""
    topics = (TopicLevel(topic_id="all", level=3),)
    strengths, concerns = (topics, ()) if role == "mentor" else ((), topics)
    return registered(number, role, strengths=strengths, concerns=concerns, capacity=capacity).profile


@asynccontextmanager
async def running_town(folder: Path, scale: Mapping[str, int]) -> AsyncIterator[Town]:
    """A system with so many replicas, one topic and a day that has begun."""
    async with town_of(LocalSystem(folder, scale=scale)) as town:
        yield town


USERS = ("office", "portal", "ops", "hr", "registration", "matching")
"""Whom a town speaks for."""


@asynccontextmanager
async def town_of(system: LocalSystem) -> AsyncIterator[Town]:
    """The same of a system that has not started yet."""
    async with system:
        urls = {user: system.amqp_url(user) for user in USERS}
        async with Client(urls, topology.readable(discovery.load_all(), "office")) as client, AsyncExitStack() as stack:
            running = Town(system, client)
            client.heard = running.hear
            # Only who writes to people hears what is written to them.
            mail = Client({"mail": system.amqp_url("mail")}, [m.PersonAddressed.name], running.written.append)
            await stack.enter_async_context(mail)
            await running.ask(s.StartDay(date=TODAY), "ops")
            await running.ask(r.AddTopic(topic_id="all", area="software", label=Text(de="T", en="T")), "office")
            yield running
