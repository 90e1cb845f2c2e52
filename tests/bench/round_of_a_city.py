"""`python -m tests.bench.round_of_a_city --people 5000 --replicas 1,3`: from registrations to proposals, by messages.

A system of its own for each number of replicas (of every service): a portal registers made-up people through the
broker, the office closes registration, and the round is over when it and every proposal were heard.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.matching.tool.sample import Entry, population
from shared.cli.client import Client, ClientError
from shared.cli.demo.story import DEFAULT, Story, read_story
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Command, Text
from shared.contracts.parts import Deadlines, Rules
from shared.local.system import LocalSystem
from shared.runtime import discovery, topology
from shared.runtime.envelope import Envelope
from tests.bench.matching.figures import duration, rows
from tests.bench.matching.machine import described, load
from tests.bench.matching.solvers import as_sizes

SEED = 7
MENTORS_OF_SEVEN = 5
"""A city of 5,000 willing mentors has 2,000 leaders."""
TOGETHER = 250
"""Commands on their way to the broker at a time."""
LIMIT = 1200.0
USERS = ("portal", "office", "ops")


@dataclass
class Heard:
    """What the published events said."""

    names: Counter[str] = field(default_factory=Counter)
    """Events by type."""
    last: dict[str, float] = field(default_factory=dict)
    """When the last event of a type came."""
    round: m.RoundSolved | None = None
    refused: str = ""
    """The first reason of a rejected command."""

    def hear(self, event: Envelope) -> None:
        """Take over one event."""
        self.names[event.name] += 1
        self.last[event.name] = time.perf_counter()
        if event.name == m.RoundSolved.name:
            self.round = m.RoundSolved.model_validate(event.data)
        if event.name.endswith(".command-rejected.v1") and not self.refused:
            reason = event.data["reasons"][0]
            self.refused = f"{event.data['command']}: {reason['field']} {reason['message']['en']}"


@dataclass(frozen=True)
class Way:
    """How long the way took. Seconds."""

    people: int
    replicas: int
    registering: float
    """From the first command to the last person registered."""
    registering_messages: int
    proposing: float
    """From closing registration to the last proposal."""
    proposing_messages: int
    tandems: int
    load: float

    def row(self) -> list[str]:
        """One row of the table."""
        messages = self.registering_messages + self.proposing_messages
        return [
            f"{self.people:,}",
            str(self.replicas),
            duration(self.registering),
            f"{self.people / self.registering:,.0f}",
            f"{self.registering_messages / self.registering:,.0f}",
            duration(self.proposing),
            f"{self.proposing_messages / self.proposing:,.0f}",
            f"{self.tandems:,}",
            f"{messages:,}",
            duration(self.registering + self.proposing),
            f"{self.load:.1f}",
        ]


def registration(entry: Entry, programme: str, privacy_notice: str) -> Command:
    """The command that registers a made-up person."""
    role, id = entry["role"], entry["id"]
    kind = r.RegisterMentor if role == "mentor" else r.RegisterMentee
    return kind(
        programme_id=programme,
        personnel_key=entry.get("personnel_key", id),
        display_name=id,
        mail=f"{id}@example.org",
        superiors=entry["superiors"],
        profile=entry["profile"],
        voluntary=True,
        privacy_notice=privacy_notice,
    )


def topics_of(entries: Sequence[Entry]) -> list[Command]:
    """The commands that list every topic that somebody names."""
    profiles = [entry["profile"] for entry in entries]
    named = {topic["topic_id"] for profile in profiles for topic in (*profile["strengths"], *profile["concerns"])}
    return [r.AddTopic(topic_id=id, area="software", label=Text(de=id, en=id)) for id in sorted(named)]


def opening(story: Story, places: int) -> r.OpenProgramme:
    """The command that opens the story's programme, without days for wishes: nobody starts another day here."""
    programme = story.programme
    return r.OpenProgramme(
        programme_id=programme.id,
        title=programme.title,
        places=places,
        term=programme.term,
        registration_closes=programme.registration_closes,
        office=programme.office,
        criteria=programme.criteria,
        privacy_notice=programme.privacy_notice,
        rules=Rules(deadlines=Deadlines(wish_days=0)),
    )


async def way(people: int, replicas: int) -> Way:
    """Start a system, go the whole way, stop it. Raises ClientError when something does not come or is refused."""
    mentors = people * MENTORS_OF_SEVEN // 7
    entries = list(population(mentors, people - mentors, SEED))
    story = read_story(DEFAULT)
    programme = story.programme
    begun = load()
    with tempfile.TemporaryDirectory() as folder:
        system = LocalSystem(Path(folder), scale=dict.fromkeys(discovery.service_names(), replicas))
        heard = Heard()
        keys = topology.readable(discovery.load_all(), USERS[0])
        async with system, Client({user: system.amqp_url(user) for user in USERS}, keys, heard.hear) as client:
            for command, user in ((s.StartDay(date=story.dates.opens), "ops"), (opening(story, people), "office")):
                await client.ask(command, user)
            topics = topics_of(entries)
            await send(client, topics, "office")
            await until(client, heard, r.TopicListed.name, len(topics))

            commands = [registration(entry, programme.id, programme.privacy_notice) for entry in entries]
            before, start = heard.names.total(), time.perf_counter()
            await send(client, commands, "portal")
            await until(client, heard, r.ParticipantRegistered.name, people)
            registering = heard.last[r.ParticipantRegistered.name] - start
            registering_messages = people + heard.names.total() - before

            before, start = heard.names.total(), time.perf_counter()
            await send(client, [r.CloseRegistration(programme_id=programme.id)], "office")
            await until(client, heard, m.RoundSolved.name, 1)
            assert heard.round is not None
            await until(client, heard, m.PairProposed.name, heard.round.proposals)
            proposing = max(heard.last[name] for name in (m.RoundSolved.name, m.PairProposed.name)) - start
            proposing_messages = 1 + heard.names.total() - before
    return Way(
        people,
        replicas,
        registering,
        registering_messages,
        proposing,
        proposing_messages,
        heard.round.proposals,
        begun,
    )


async def send(client: Client, commands: Sequence[Command], user: str) -> None:
    """Send commands as a user, some at a time, each confirmed by the broker."""
    for first in range(0, len(commands), TOGETHER):
        some = commands[first : first + TOGETHER]
        await asyncio.gather(*(client.publish(client.wrap(command, user), user) for command in some))


async def until(client: Client, heard: Heard, name: str, count: int) -> None:
    """Wait until so many events of a type were heard. Raises ClientError, also where a command was refused."""
    await client.until(lambda: heard.names[name] >= count or bool(heard.refused), LIMIT, f"{count} of {name}")
    if heard.refused:
        raise ClientError(heard.refused)


def table(ways: Sequence[Way]) -> list[str]:
    """A row for each way, and what is counted."""
    head = ["people", "replicas", "registering, s", "people/s", "messages/s", "to the proposals, s", "messages/s"]
    return [
        *rows([*head, "tandems", "messages", "in all, s", "load"], [way.row() for way in ways]),
        "",
        (
            "Registering: from the first command sent to the last person registered. To the proposals: from closing "
            "registration to the solved round with its last proposal. Messages: commands sent, and events heard by the "
            f"portal. Replicas of every service; they, broker, database and portal share {os.cpu_count()} cores."
        ),
    ]


def measure(people: int, replicas: Sequence[int]) -> list[str]:
    """Go the way with each number of replicas; the table."""
    return table([asyncio.run(way(people, count)) for count in replicas])


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.round_of_a_city")
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--replicas", default="1,3", help="numbers between commas, each measured")
    given = parser.parse_args()
    before = load()
    found = measure(given.people, as_sizes(given.replicas, least=1))
    print("\n".join([described(before), "", *found]))  # noqa: T201 - a program


if __name__ == "__main__":
    main()
