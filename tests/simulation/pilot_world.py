"""The pilot's four tables and who sends what to them: a small programme over some forty days."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.cli.demo.story import DEFAULT, read_story
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Command, Event
from shared.contracts.parts import Deadlines, Rules, SchedulingRules, Term
from shared.runtime import discovery
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.envelope import wrap
from shared.runtime.ports import Outgoing
from shared.runtime.speaker import source_of
from shared.runtime.table import Service
from tests.simulation.scheduler import sleep
from tests.simulation.world import ROLES, World
from tests.support.registering import registering

STORY = read_story(DEFAULT)
SERVICES = discovery.load_all()
OPENS = dt.date(2027, 2, 1)
DAYS = 40
SECONDS_A_DAY = 3.0
OFTEN = SchedulingRules(meetings_per_month=6, min_gap_days=3, silence_accepts_days=1, held_after_days=1)
"""Forty days are short: what is planned comes soon, and what became of it is known soon."""
TERM = Term(starts=dt.date(2027, 2, 8), ends=dt.date(2027, 6, 8))
EAGER = 3
"""In one of so many worlds everybody takes part, agrees and answers at once: so that many tandems meet."""


@dataclass
class Pilot(World):
    """A small programme over some forty days: registration, a round, tandems, meetings, surveys."""

    services: tuple[Service, ...] = SERVICES
    faulty_seconds: float = SECONDS_A_DAY * DAYS
    told: int = 0
    sent: set[str] = field(default_factory=set)
    people: dict[str, str] = field(default_factory=dict)
    delegates: dict[str, str] = field(default_factory=dict)
    """Who acts for somebody, or did once."""
    facts: int = 0
    answers: Mapping[str, Callable[[Any, dict[str, Any]], None]] = field(default_factory=dict)
    """What people do about what is said, by the type."""

    @property
    def eager(self) -> bool:
        """Whether all goes as fast as it can until there are tandems."""
        return self.seed % EAGER == 0

    def _workload(self) -> None:
        rng = self.rng
        counts = (4, 4) if self.eager else (rng.randrange(2, 6), rng.randrange(2, 6))
        mentors = rng.sample([p for p in STORY.people if p.role == "mentor"], counts[0])
        mentees = rng.sample([p for p in STORY.people if p.role == "mentee"], counts[1])
        programme = STORY.programme
        opening = r.OpenProgramme(
            programme_id="pilot",
            title=programme.title,
            places=5 if self.eager else rng.choice((1, 2, 5)),
            term=TERM,
            registration_closes=dt.date(2027, 2, 5),
            office=programme.office,
            rules=Rules(scheduling=OFTEN, deadlines=Deadlines(wish_days=1 if self.eager else rng.choice((1, 7)))),
            criteria=programme.criteria,
            privacy_notice=programme.privacy_notice,
        )
        self.command(opening, "office", 0)
        for topic in STORY.topics:
            self.command(r.AddTopic(topic_id=topic.id, area=topic.area, label=topic.label), "office", 0)
        for person in (*mentors, *mentees):
            self.command(registering(STORY, person, STORY.programme.privacy_notice), "portal", rng.uniform(4, 14))
        for number in range(DAYS):
            day = s.StartDay(date=OPENS + dt.timedelta(days=number))
            self.command(day, "ops", SECONDS_A_DAY * number, spread=0.5)
        self.publishing += 1
        self.scheduler.start(self._react())

    def command(
        self,
        message: Command,
        user: str,
        after: float,
        *,
        actor: str | None = None,
        spread: float = 2.0,
        said: str = "once",
    ) -> None:
        """Send a command once, or now and then two or three times; what was sent already is not sent again.

        Unless it is `said` otherwise: then it is another command with the same content.
        """
        name = f"{message.name}:{said}:{message.model_dump_json()}"
        if name in self.sent:
            return
        self.sent.add(name)
        id = f"{self.seed}.{len(self.sent)}"
        body = wrap(message, id=id, source=f"/{user}", time=self.scheduler.now, actor=actor, correlationid=id).encode()
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            self.publishing += 1
            later = after + self.rng.uniform(0, spread)
            self.scheduler.start(self._publish(Outgoing(COMMANDS, message.name, body, ""), user, later))

    def fact(self, event: Event, user: str, after: float) -> None:
        """Somebody outside says a fact, now and then two or three times."""
        self.facts += 1
        id, source = f"{self.seed}.fact.{self.facts}", source_of(user, ROLES[user])
        body = wrap(event, id=id, source=source, time=self.scheduler.now).encode()
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            self.publishing += 1
            later = after + self.rng.uniform(0, 2)
            self.scheduler.start(self._publish(Outgoing(EVENTS, event.name, body, ""), user, later))

    async def _react(self) -> None:
        """Do what people would do about what was said."""
        while self.scheduler.now < self.begun + dt.timedelta(seconds=self.faulty_seconds):
            await sleep(self.scheduler.now + dt.timedelta(seconds=1))
            said, self.told = self.broker.passed[self.told :], len(self.broker.passed)
            for exchange, key, body, _ in said:
                answer = self.answers.get(key)
                if exchange and answer is not None:
                    answer(self, json.loads(body)["data"])
        self.publishing -= 1
