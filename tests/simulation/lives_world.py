"""A world of people in some programmes: who comes when, who sends what, and how often it comes."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.matching.service import service as matching
from services.registration.service import service as registration
from shared.contracts import hr, scheduling
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.base import Event, Office, Text
from shared.contracts.parts import (
    Consents,
    Deadlines,
    MatchingRules,
    Profile,
    RegistrationRules,
    Rules,
    Side,
    Term,
    TopicLevel,
    WorkingTime,
)
from shared.runtime.batch import EVENTS
from shared.runtime.envelope import wrap
from shared.runtime.ports import Outgoing
from shared.runtime.speaker import source_of
from shared.runtime.table import Service
from tests.simulation.messages import keyed
from tests.simulation.pilot_world import Pilot
from tests.simulation.scheduler import sleep
from tests.simulation.world import ROLES

OPENS = dt.date(2027, 2, 1)
DAY = dt.timedelta(days=1)
DAYS = 22
"""So many days have faults; some more are calm, so that what they left open comes to its date."""
CALM_DAYS = 9
SECONDS_A_DAY = 3.0
PEOPLE = 12
PROGRAMMES: tuple[tuple[str, int, int], ...] = (("alpha", 0, 5), ("beta", 2, 8))
"""Each programme with the day on which it opens and the last day of its registration, counted from the first."""
NEXT = ("gamma", 19, 22)
"""A later programme, in the worlds that leap: who waits since an earlier one is asked, and may join again."""
LEAPING = 3
"""Of so many worlds one leaps."""
LEAPS, LEAP = 13, 135 * DAY
"""The day from which on the calendar is so far ahead: the first programme's term is over, soon after the second's."""
AGREES = Consents(reserve=True)
COMES = {"alpha": 0.9, "beta": 0.65, "gamma": 0.15}
"""The share of people who register in each programme."""
WISH_DAYS = {"alpha": (0, 0, 1, 2), "beta": (0, 0, 1, 2), "gamma": (0, 1, 9)}
"""Days for wishes, one of them in each programme; so many that some wait for the round in the end."""
SIDES: tuple[Side, Side] = ("mentor", "mentee")
TOPICS = ("apps", "barcamps", "tablets")
WEEK = tuple(WorkingTime(weekday=day, start=540, end=960) for day in range(5))
OFFICE = Office(name="Office", phone="089 1", mail="office@example.org")


@dataclass(frozen=True)
class Life:
    """Somebody as registration said first that they take part."""

    participant: str
    programme: str
    role: Side
    key: str


@dataclass
class Lives(Pilot):
    """A dozen people in two programmes over some weeks, or three over months. `happened` counts what they came to.

    `answers`: what is done about an event of a type.
    """

    services: tuple[Service, ...] = (registration, matching)
    faulty_seconds: float = SECONDS_A_DAY * DAYS
    members: dict[str, Life] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    """How often the personnel system has spoken of somebody."""
    closes: dict[str, float] = field(default_factory=dict)
    """When the office closes registration, where it does not wait for the date."""
    heard: set[tuple[str, str]] = field(default_factory=set)
    happened: Counter[str] = field(default_factory=Counter)
    answers: Mapping[str, Callable[["Lives", "Told"], None]] = field(default_factory=dict)

    @property
    def leaps(self) -> bool:
        """Whether some months are left out of this world's calendar."""
        return self.seed % LEAPING == 0

    @property
    def programmes(self) -> tuple[tuple[str, int, int], ...]:
        """The programmes of this world, as in `PROGRAMMES`."""
        return (*PROGRAMMES, NEXT) if self.leaps else PROGRAMMES

    def date(self, day: int) -> dt.date:
        """The date of a day of the run, counted from 0."""
        return OPENS + day * DAY + (LEAP if self.leaps and day >= LEAPS else 0 * DAY)

    def _workload(self) -> None:
        rng = self.rng
        for topic in TOPICS:
            self.command(r.AddTopic(topic_id=topic, area="software", label=Text(de=topic, en=topic)), "office", 0)
        for programme, opens, closes in self.programmes:
            self._programme(programme, opens, closes)
        for number in range(PEOPLE):
            self._register(f"P-{number}", number)
        for number in range(DAYS + CALM_DAYS):
            started = scheduling.DayStarted(date=self.date(number))
            self.fact(started, "scheduling", SECONDS_A_DAY * number, number + 1, spread=0.5)
        for number in range(rng.randrange(3)):
            old, new = rng.sample(range(4), 2)
            moved = hr.UnitMoved(
                reorganisation_id=f"move-{number}",
                from_department=f"D-{old}",
                from_unit=(),
                to_department=f"D-{new}",
                to_unit=("moved",),
            )
            self.fact(moved, "hr", rng.uniform(12, 60), 1)
        self.publishing += 1
        self.scheduler.start(self._react())

    def _programme(self, programme: str, opens: int, closes: int) -> None:
        rng = self.rng
        opening = r.OpenProgramme(
            programme_id=programme,
            title=Text(de=programme, en=programme),
            places=rng.choice((2, 4, 6)),
            term=Term(starts=self.date(closes) + 2 * DAY, ends=self.date(closes) + 142 * DAY),
            registration_closes=self.date(closes),
            office=OFFICE,
            rules=Rules(
                matching=MatchingRules(seniority_distance=0),
                deadlines=Deadlines(
                    answer_days=rng.choice((2, 4, 14)),
                    office_days=3,
                    wish_days=rng.choice(WISH_DAYS[programme]),
                    pause_reminder_days=7,
                    pause_answer_days=7,
                ),
                registration=RegistrationRules(
                    mentees_at_most=rng.choice((None, 3, 2)),
                    both_roles=rng.random() < 0.3,
                    release_by_manager=rng.random() < 0.25,
                    release_days=4,
                ),
            ),
            privacy_notice="1",
        )
        begins, ends = SECONDS_A_DAY * opens, SECONDS_A_DAY * closes
        self.command(opening, "office", begins)
        if rng.random() < 0.7:
            self.publishing += 1
            self.closes[programme] = rng.uniform(begins + 5, ends + 5)
            self.scheduler.start(self._close(programme, self.closes[programme]))
        if rng.random() < 0.3:
            self.command(m.StartRound(programme_id=programme), "office", rng.uniform(30, 60))

    async def _close(self, programme: str, after: float) -> None:
        """The office closes registration, and at the same moment some leave and some come."""
        await sleep(self.scheduler.now + dt.timedelta(seconds=after))
        self.command(r.CloseRegistration(programme_id=programme), "office", 0, spread=1)
        known = [life for life in self.members.values() if life.programme == programme]
        for life in known:
            if self.rng.random() < 0.15:
                self.happened["withdrew while registration closed"] += 1
                self.by_themself(life, r.Withdraw(participant_id=life.participant), 0, spread=1)
        for number in range(PEOPLE):
            key = f"P-{number}"
            if keyed("participant", programme, key) not in self.members and self.rng.random() < 0.5:
                self.happened["registered while registration closed"] += 1
                role = self.rng.choice(SIDES)
                self.command(
                    self.registering(programme, key, number, role, "late", consents=AGREES), "portal", 0, spread=1
                )
        self.publishing -= 1

    # Who sends what

    def fact(self, event: Event, user: str, after: float, sequence: int = 0, *, spread: float = 2.0) -> None:
        """Somebody outside says a fact, now and then twice."""
        said: dict[str, Any] = {"sequence": sequence, "epoch": 1} if sequence else {}
        self.facts += 1
        id, source = f"{self.seed}.fact.{self.facts}", source_of(user, ROLES[user])
        body = wrap(event, id=id, source=source, time=self.scheduler.now, **said).encode()
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            self.publishing += 1
            later = after + self.rng.uniform(0, spread)
            self.scheduler.start(self._publish(Outgoing(EVENTS, event.name, body, ""), user, later))

    def by_themself(self, life: Life, command: Any, after: float, *, spread: float = 2.0, said: str = "once") -> None:
        """Somebody asks for something for themself."""
        self.command(command, "portal", after, actor=life.participant, spread=spread, said=said)

    def _register(self, key: str, number: int) -> None:
        """Most take part in the first programme and many in the second, some in the other role; some try it twice."""
        rng = self.rng
        usual: Side = "mentor" if number % 2 else "mentee"
        other: Side = "mentee" if usual == "mentor" else "mentor"
        for programme, opens, closes in self.programmes:
            # Who joins again is known by their place in the reporting line.
            for known_by in (key, keyed("position", key)):
                for named in ((), *((side,) for side in SIDES)):
                    self.keys[keyed("participant", programme, known_by, *named)] = key
            if rng.random() > COMES[programme]:
                continue
            role = usual if programme == "alpha" or rng.random() < 0.6 else other
            at = SECONDS_A_DAY * rng.uniform(opens + 0.5, closes + 1.5)
            if programme in self.closes and rng.random() < 0.4:
                # At the very last moment, or just after it.
                at = self.closes[programme] + rng.uniform(-2, 0)
            agrees = AGREES if rng.random() < 0.9 else Consents()
            self.command(self.registering(programme, key, number, role, consents=agrees), "portal", at)
            if rng.random() < 0.2:
                again = self.registering(programme, key, number, rng.choice((role, role, other)), "again")
                self.command(again, "portal", at + rng.uniform(0, 8))

    def registering(
        self, programme: str, key: str, number: int, role: Side, name: str = "first", **changes: Any
    ) -> r.RegisterMentor | r.RegisterMentee:
        """The command by which somebody registers, with other fields than usual."""
        kind = r.RegisterMentor if role == "mentor" else r.RegisterMentee
        fields = {
            "programme_id": programme,
            "personnel_key": key,
            "display_name": name,
            "mail": f"{key}@example.org",
            "superiors": (f"head-{number % 4}",),
            "profile": self.profile(role, number % 4),
            "voluntary": True,
            "privacy_notice": "1",
        }
        return kind.model_validate(fields | changes)

    def profile(self, role: Side, department: int) -> Profile:
        """A profile that fits most people of the other role."""
        rng = self.rng
        levels = tuple(TopicLevel(topic_id=topic, level=rng.randrange(1, 6)) for topic in rng.sample(TOPICS, 2))
        return Profile(
            department=f"D-{department}",
            unit=("U",),
            grade=10,
            site="Mitte",
            languages=("de",),
            working_times=WEEK,
            strengths=levels,
            concerns=levels,
            capacity=rng.choice((1, 2)) if role == "mentor" else 1,
        )

    def word_of_hr(self, key: str, after: float, *, ends: bool = False) -> None:
        """The personnel system says something new of somebody; what it says later may come first."""
        self.words[key] = sequence = self.words.get(key, 0) + 1
        if ends:
            last = self.date(self.day()) + self.rng.randrange(-1, 4) * DAY
            self.fact(hr.EmploymentEnded(employment_id=key, personnel_key=key, last_day=last), "hr", after, sequence)
            return
        department = f"D-{self.rng.randrange(4)}"
        changed = hr.EmploymentChanged(employment_id=key, personnel_key=key, department=department, unit=("U", "V"))
        self.fact(changed, "hr", after, sequence, spread=6)

    # What people do about what is said

    async def _react(self) -> None:
        """As long as anything happens; what is said again is heard once."""
        self.publishing -= 1
        while True:
            await sleep(self.scheduler.now + dt.timedelta(seconds=1))
            said, self.told = self.broker.passed[self.told :], len(self.broker.passed)
            for exchange, key, body, _ in said:
                answer = self.answers.get(key)
                if exchange != EVENTS or answer is None:
                    continue
                event = json.loads(body)
                if (event["source"], event["id"]) not in self.heard:
                    self.heard.add((event["source"], event["id"]))
                    answer(self, event)

    def day(self, after: float = 0) -> int:
        """The day of the run that it is in so many seconds."""
        return int(((self.scheduler.now - self.begun).total_seconds() + after) / SECONDS_A_DAY)

    def pause(self, life: Life, after: float) -> None:
        """Somebody pauses, with or without an end; about half of those without one come back."""
        until = self.date(self.day(after)) + self.rng.randrange(1, 8) * DAY if self.rng.random() < 0.5 else None
        self.by_themself(life, r.PauseParticipation(participant_id=life.participant, until=until), after)
        if until is None and self.rng.random() < 0.5:
            back = r.ResumeParticipation(participant_id=life.participant)
            self.by_themself(life, back, after + self.rng.uniform(2, 20))


Told = dict[str, Any]
"""An event as it was said."""
