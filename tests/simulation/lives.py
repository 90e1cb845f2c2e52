"""People's lives in two programmes at a time, under faults: they register, change, pause, go, and are erased.

Registration and matching run as they are; portal, office and personnel system do what people do, in random order, some
things twice, and react to what is said. `lives_promises.py` judges how it ends.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.matching.service import service as matching
from services.registration.service import service as registration
from shared.contracts import evaluation, hr, scheduling
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
from tests.simulation.pilot import PilotWorld
from tests.simulation.scheduler import sleep
from tests.simulation.world import ROLES

OPENS = dt.date(2027, 2, 1)
DAY = dt.timedelta(days=1)
DAYS = 22
"""So many days have faults; some more are calm, so that what they left open comes to its date."""
CALM_DAYS = 5
SECONDS_A_DAY = 3.0
PEOPLE = 12
PROGRAMMES: tuple[tuple[str, int, int], ...] = (("alpha", 0, 5), ("beta", 2, 8))
"""Each programme with the day on which it opens and the last day of its registration, counted from the first."""
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
class LivesWorld(PilotWorld):
    """A dozen people in two programmes over some weeks. `happened` counts what their lives came to."""

    services: tuple[Service, ...] = (registration, matching)
    faulty_seconds: float = SECONDS_A_DAY * DAYS
    members: dict[str, Life] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    """How often the personnel system has spoken of somebody."""
    facts: int = 0
    closes: dict[str, float] = field(default_factory=dict)
    """When the office closes registration, where it does not wait for the date."""
    heard: set[tuple[str, str]] = field(default_factory=set)
    happened: Counter[str] = field(default_factory=Counter)

    def _workload(self) -> None:
        rng = self.rng
        for topic in TOPICS:
            self.command(r.AddTopic(topic_id=topic, area="software", label=Text(de=topic, en=topic)), "office", 0)
        for programme, opens, closes in PROGRAMMES:
            self._programme(programme, opens, closes)
        for number in range(PEOPLE):
            self._register(f"P-{number}", number)
        for number in range(DAYS + CALM_DAYS):
            started = scheduling.DayStarted(date=OPENS + number * DAY)
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
            term=Term(starts=OPENS + (closes + 2) * DAY, ends=OPENS + (closes + 142) * DAY),
            registration_closes=OPENS + closes * DAY,
            office=OFFICE,
            rules=Rules(
                matching=MatchingRules(seniority_distance=0),
                deadlines=Deadlines(
                    answer_days=rng.choice((2, 4)),
                    office_days=3,
                    wish_days=rng.choice((0, 0, 1, 2)),
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
                self.command(self.registering(programme, key, number, role, "late"), "portal", 0, spread=1)
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

    def by_themself(self, life: Life, command: Any, after: float, *, spread: float = 2.0) -> None:
        """Somebody asks for something for themself."""
        self.command(command, "portal", after, actor=life.participant, spread=spread)

    def _register(self, key: str, number: int) -> None:
        """Most take part in the first programme and many in the second, some in the other role; some try it twice."""
        rng = self.rng
        usual: Side = "mentor" if number % 2 else "mentee"
        other: Side = "mentee" if usual == "mentor" else "mentor"
        for programme, opens, closes in PROGRAMMES:
            for id in (("participant", programme, key), *(("participant", programme, key, role) for role in SIDES)):
                self.keys[keyed(*id)] = key
            if rng.random() > (0.9 if programme == "alpha" else 0.65):
                continue
            role = usual if programme == "alpha" or rng.random() < 0.6 else other
            at = SECONDS_A_DAY * rng.uniform(opens + 0.5, closes + 1.5)
            if programme in self.closes and rng.random() < 0.4:
                # At the very last moment, or just after it.
                at = self.closes[programme] + rng.uniform(-2, 0)
            self.command(self.registering(programme, key, number, role), "portal", at)
            if rng.random() < 0.2:
                again = self.registering(programme, key, number, rng.choice((role, role, other)), "again")
                self.command(again, "portal", at + rng.uniform(0, 8))

    def registering(
        self, programme: str, key: str, number: int, role: Side, name: str = "first"
    ) -> r.RegisterMentor | r.RegisterMentee:
        """The command by which somebody registers."""
        kind = r.RegisterMentor if role == "mentor" else r.RegisterMentee
        return kind(
            programme_id=programme,
            personnel_key=key,
            display_name=name,
            mail=f"{key}@example.org",
            superiors=(f"head-{number % 4}",),
            profile=self.profile(role, number % 4),
            voluntary=True,
            privacy_notice="1",
        )

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
        today = OPENS + int((self.scheduler.now - self.begun).total_seconds() / SECONDS_A_DAY) * DAY
        if ends:
            last = today + self.rng.randrange(-1, 4) * DAY
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
                answer = ANSWERS.get(key)
                if exchange != EVENTS or answer is None:
                    continue
                event = json.loads(body)
                if (event["source"], event["id"]) not in self.heard:
                    self.heard.add((event["source"], event["id"]))
                    answer(self, event)

    @property
    def calm(self) -> bool:
        """Whether nobody begins anything new any more."""
        return not self.faults.on

    def pause(self, life: Life, after: float) -> None:
        """Somebody pauses, with or without an end; about half of those without one come back."""
        day = int((self.scheduler.now - self.begun).total_seconds() + after) // int(SECONDS_A_DAY)
        until = OPENS + (day + self.rng.randrange(1, 8)) * DAY if self.rng.random() < 0.5 else None
        self.by_themself(life, r.PauseParticipation(participant_id=life.participant, until=until), after)
        if until is None and self.rng.random() < 0.5:
            back = r.ResumeParticipation(participant_id=life.participant)
            self.by_themself(life, back, after + self.rng.uniform(2, 20))


Told = dict[str, Any]


def _registered(world: LivesWorld, event: Told) -> None:
    """Somebody takes part: what they will do is drawn once, and comes in any order."""
    data, rng = event["data"], world.rng
    who = data["participant_id"]
    if who in world.members:
        return
    life = Life(who, data["programme_id"], data["role"], world.keys[who])
    others = [other.participant for other in world.members.values() if other.programme == life.programme]
    world.members[who] = life
    if len(others) > 1 and rng.random() < 0.4:
        vetoes = tuple(rng.sample(others, 2))
        world.by_themself(life, m.NameWishes(participant_id=who, vetoes=vetoes), rng.uniform(0, 12))
    if rng.random() < 0.4:
        profile = world.profile(life.role, rng.randrange(4))
        change = r.ChangeProfile(participant_id=who, profile=profile, replaces=rng.choice((1, 1, 2)))
        world.by_themself(life, change, rng.uniform(0, 15))
    if rng.random() < 0.2:
        consents = r.ChangeConsents(participant_id=who, consents=Consents(stories=True))
        world.by_themself(life, consents, rng.uniform(0, 40))
    if rng.random() < 0.35:
        world.pause(life, rng.uniform(0, 45))
    if rng.random() < 0.08:
        world.by_themself(life, r.Withdraw(participant_id=who), rng.uniform(0, 45))
    if rng.random() < 0.04:
        world.by_themself(life, r.ErasePerson(participant_id=who), rng.uniform(0, 50))
    for _ in range(rng.choice((0, 0, 1, 3))):
        world.word_of_hr(life.key, rng.uniform(0, 40))
    if rng.random() < 0.05:
        world.word_of_hr(life.key, rng.uniform(0, 40), ends=True)


def _released(world: LivesWorld, event: Told) -> None:
    """A line manager is asked: most say yes, some no, some nothing."""
    data, chance = event["data"], world.rng.random()
    if data["status"] == "asked" and chance < 0.85:
        answer = r.GrantRelease if chance < 0.7 else r.RefuseRelease
        world.command(answer(participant_id=data["participant_id"]), "office", world.rng.uniform(0, 12))


def _closed(world: LivesWorld, event: Told) -> None:
    """After the close the office admits somebody who comes late, or again."""
    programme = event["data"]["programme_id"]
    if world.rng.random() < 0.5:
        number, role = world.rng.randrange(PEOPLE), world.rng.choice(SIDES)
        registration = world.registering(programme, f"P-{number}", number, role)
        fields = registration.model_dump()
        world.command(r.AdmitLate(role=role, **fields), "office", world.rng.uniform(0, 15))


def _both(world: LivesWorld, event: Told) -> list[Life]:
    return [life for who in ("mentor", "mentee") if (life := world.members.get(event["data"][who])) is not None]


def _proposed(world: LivesWorld, event: Told) -> None:
    """A pair was proposed: now and then the office decides on it at once, or one of the two pauses or leaves."""
    rng, id = world.rng, event["data"]["proposal_id"]
    if rng.random() < 0.1:
        world.command(m.RejectProposal(proposal_id=id, reason="known to each other"), "office", 0)
    elif rng.random() < 0.15:
        world.command(m.ApproveProposal(proposal_id=id), "office", 0)
    _troubled(world, event, "proposed")


TROUBLES = ("pauses", "withdraws", "employment ends", "is erased")
"""What comes between two who are proposed, asked, or a tandem."""


def _troubled(world: LivesWorld, event: Told, while_: str) -> None:
    """Something comes between: one of the two pauses, leaves, is left by the employer, or asks to be erased."""
    rng = world.rng
    if world.calm or rng.random() < 0.35 or not (both := _both(world, event)):
        return
    life = rng.choice(both)
    # In turn, and another first under each seed: so a few seeds see each of them, however the dice fall.
    before = sum(count for name, count in world.happened.items() if name.endswith(f" while {while_}"))
    what = TROUBLES[(world.seed + before) % len(TROUBLES)]
    world.happened[f"{what} while {while_}"] += 1
    after = rng.uniform(0, 5)
    if what == "pauses":
        world.pause(life, after)
    elif what == "withdraws":
        world.by_themself(life, r.Withdraw(participant_id=life.participant), after)
    elif what == "is erased":
        world.by_themself(life, r.ErasePerson(participant_id=life.participant), after)
    else:
        world.word_of_hr(life.key, after, ends=True)


def _asked(world: LivesWorld, event: Told) -> None:
    """Both are asked; most answer, and most say yes."""
    for life in _both(world, event):
        proposal, after = event["data"]["proposal_id"], world.rng.uniform(0, 10)
        chance = world.rng.random()
        answer = m.AcceptProposal if chance < 0.75 else m.DeclineProposal
        if chance < 0.9:
            world.by_themself(life, answer(proposal_id=proposal, participant_id=life.participant), after)
    _troubled(world, event, "asked")


def _paired(world: LivesWorld, event: Told) -> None:
    """A tandem began: it may end early."""
    both = _both(world, event)
    if both and world.rng.random() < 0.15:
        tandem = event["data"]["tandem_id"]
        ending = m.EndTandem(tandem_id=tandem, rematch=world.rng.random() < 0.6)
        world.by_themself(world.rng.choice(both), ending, world.rng.uniform(1, 20))
    _troubled(world, event, "in a tandem")


def _solved(world: LivesWorld, event: Told) -> None:
    data, rng = event["data"], world.rng
    if data["status"] != "proposed":
        return
    if data["offers"] and rng.random() < 0.2:
        world.command(m.DeclineRound(round_id=data["round_id"], reason="all may stay"), "office", 1)
    else:
        offer: m.OfferName = "full_order" if data["offers"] and rng.random() < 0.5 else "fewest_changes"
        world.command(m.ApproveRound(round_id=data["round_id"], offer=offer), "office", rng.uniform(0, 5))


def _wishing(world: LivesWorld, event: Told) -> None:
    if world.rng.random() < 0.3:
        world.command(m.EndWishing(round_id=event["data"]["round_id"]), "office", world.rng.uniform(0, 4))


def _needs_office(world: LivesWorld, event: Told) -> None:
    """The office answers what matching asks it, if it has not gone home."""
    data, rng = event["data"], world.rng
    if data["status"] == "settled" or rng.random() < 0.4:
        return
    if data["what"] in ("place-free", "round-empty"):
        world.command(m.StartRound(programme_id=data["programme_id"]), "office", rng.uniform(0, 6))
    if data["what"] == "tandem-breaks-rule":
        tandem = data["whom"][0].split("/")[1]
        if data["whom"][0].startswith("tandem/"):
            keeps = m.KeepTandem(tandem_id=tandem, reason="it goes well"), m.EndTandem(tandem_id=tandem)
            world.command(rng.choice(keeps), "office", rng.uniform(0, 6))


def _erase(world: LivesWorld, event: Told) -> None:
    """The two services that do not run here hold nobody, and confirm."""
    for kind in (evaluation.PeopleErased, scheduling.PeopleErased):
        world.fact(kind(erasure_id=event["data"]["erasure_id"], service=kind.owner), kind.owner, 0)


ANSWERS: dict[str, Callable[[LivesWorld, Told], None]] = {
    r.ParticipantRegistered.name: _registered,
    r.ReleaseAsked.name: _released,
    r.RegistrationClosed.name: _closed,
    r.ErasureOrdered.name: _erase,
    m.WishesInvited.name: _wishing,
    m.PairProposed.name: _proposed,
    m.RoundSolved.name: _solved,
    m.ProposalApproved.name: _asked,
    m.TandemFormed.name: _paired,
    m.OfficeAttentionNeeded.name: _needs_office,
}
