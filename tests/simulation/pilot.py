"""The pilot's four tables in the simulation: people, office and calendar react to what was said, under faults."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shared.cli.demo.story import DEFAULT, read_story
from shared.contracts import evaluation as e
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Command
from shared.contracts.parts import Rules, SchedulingRules
from shared.runtime import discovery
from shared.runtime.batch import COMMANDS
from shared.runtime.envelope import wrap
from shared.runtime.ports import Outgoing
from shared.runtime.table import Service
from tests.simulation.scheduler import sleep
from tests.simulation.world import World
from tests.support.answering import fitting
from tests.support.registering import registering

STORY = read_story(DEFAULT)
SERVICES = discovery.load_all()
OPENS = dt.date(2027, 2, 1)
DAYS = 40
SECONDS_A_DAY = 3.0
LATE = 2
"""Days that a decision may have known."""
PAUSES = 0.3
"""Of so many people each pauses once."""


@dataclass
class PilotWorld(World):
    """A small programme over some forty days: registration, a round, tandems, meetings, surveys."""

    services: tuple[Service, ...] = SERVICES
    faulty_seconds: float = SECONDS_A_DAY * DAYS
    told: int = 0
    sent: set[str] = field(default_factory=set)
    people: dict[str, str] = field(default_factory=dict)

    def _workload(self) -> None:
        rng = self.rng
        mentors = rng.sample([p for p in STORY.people if p.role == "mentor"], rng.randrange(2, 6))
        mentees = rng.sample([p for p in STORY.people if p.role == "mentee"], rng.randrange(2, 6))
        programme = STORY.programme
        opening = r.OpenProgramme(
            programme_id="pilot",
            title=programme.title,
            places=rng.choice((1, 2, 5)),
            term=programme.term,
            registration_closes=dt.date(2027, 2, 5),
            office=programme.office,
            # Forty days are short: what became of a meeting is known soon.
            rules=Rules(scheduling=SchedulingRules(held_after_days=1)),
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

    async def _react(self) -> None:
        """Do what people would do about what was said."""
        while self.scheduler.now < self.begun + dt.timedelta(seconds=self.faulty_seconds):
            await sleep(self.scheduler.now + dt.timedelta(seconds=1))
            said, self.told = self.broker.passed[self.told :], len(self.broker.passed)
            for exchange, key, body, _ in said:
                answer = REACTIONS.get(key)
                if exchange and answer is not None:
                    answer(self, json.loads(body)["data"])
        self.publishing -= 1


def _approve(world: PilotWorld, data: dict[str, Any]) -> None:
    if data["status"] != "proposed":
        return
    if data["offers"] and world.rng.random() < 0.15:
        world.command(m.DeclineRound(round_id=data["round_id"], reason="all may stay as it is"), "office", 1)
        return
    offer: m.OfferName = "full_order" if data["offers"] and world.rng.random() < 0.5 else "fewest_changes"
    world.command(m.ApproveRound(round_id=data["round_id"], offer=offer), "office", world.rng.uniform(0, 6))


def _decide(world: PilotWorld, data: dict[str, Any]) -> None:
    """A pair was proposed: now and then the office decides on it by itself, before the round or beside it."""
    chance = world.rng.random()
    if chance < 0.15:
        world.command(m.RejectProposal(proposal_id=data["proposal_id"], reason="known to each other"), "office", 0)
    elif chance < 0.3:
        world.command(m.ApproveProposal(proposal_id=data["proposal_id"]), "office", 0)


def _answer(world: PilotWorld, data: dict[str, Any]) -> None:
    """Both are asked: some answer at once, some days later, when a round may have begun that could change it."""
    for who in (data["mentor"], data["mentee"]):
        id, after = data["proposal_id"], world.rng.choice((1, 1, world.rng.uniform(1, 18)))
        if world.rng.random() < 0.75:
            world.command(m.AcceptProposal(proposal_id=id, participant_id=who), "portal", after, actor=who)
        else:
            world.command(m.DeclineProposal(proposal_id=id, participant_id=who), "portal", after, actor=who)


def _live(world: PilotWorld, data: dict[str, Any]) -> None:
    """A tandem begins: it may agree, end, or lose somebody."""
    tandem, who = data["tandem_id"], data["mentee"]
    agreement = s.RecordAgreement(tandem_id=tandem, participant_id=who, rules=("a",), goals=("b",))
    world.command(agreement, "portal", world.rng.uniform(1, 20), actor=who)
    chance = world.rng.random()
    if chance < 0.2:
        rematch = world.rng.random() < 0.5
        ending = m.EndTandem(tandem_id=tandem, rematch=rematch)
        world.command(ending, "portal", world.rng.uniform(1, 30), actor=who)
        world.command(m.ReturnToReserve(participant_id=who), "portal", 33, actor=who)
        world.command(m.StartRound(programme_id="pilot"), "office", 35)
    elif chance < 0.35:
        world.command(r.Withdraw(participant_id=who), "portal", world.rng.uniform(1, 30), actor=who)


def _change(world: PilotWorld, data: dict[str, Any]) -> None:
    """A meeting was suggested: most accept it, some suggest another time, cancel it, or say what became of it."""
    chance, who, id = world.rng.random(), data["mentor"], data["meeting_id"]
    if chance < 0.15:
        world.command(s.CancelMeeting(meeting_id=id, participant_id=who), "portal", 3, actor=who)
        return
    date = dt.date.fromisoformat(data["date"])
    if date > OPENS + dt.timedelta(days=DAYS):
        return
    if chance < 0.25:
        moving = s.MoveMeeting(
            meeting_id=id, participant_id=who, date=date + dt.timedelta(days=1), start=data["start"], replaces=1
        )
        world.command(moving, "portal", world.rng.uniform(0, 9), actor=who)
    time = s.MeetingTime(meeting_id=id, date=date, start=data["start"])
    its_day = SECONDS_A_DAY * (date - OPENS).days - (world.scheduler.now - world.begun).total_seconds()
    for one in (data["mentor"], data["mentee"]):
        if world.rng.random() < 0.5:
            accepting = s.AcceptMeetings(tandem_id=data["tandem_id"], participant_id=one, times=(time,))
            world.command(accepting, "portal", world.rng.uniform(0, 6), actor=one)
        if world.rng.random() < 0.3:
            took_place = world.rng.random() < 0.7
            reporting = s.ReportMeeting(meeting_id=id, participant_id=one, took_place=took_place)
            world.command(reporting, "portal", max(0, its_day) + world.rng.uniform(0, 20), actor=one)


def _fill_in(world: PilotWorld, data: dict[str, Any]) -> None:
    who = data["participant_id"]
    answers = e.SubmitAnswers(survey_id=data["survey_id"], participant_id=who, answers=fitting(data))
    world.command(answers, "portal", 1, actor=who)


def _wish(world: PilotWorld, data: dict[str, Any]) -> None:
    """Somebody registered: they may wish for one who came before, and exclude another."""
    who, others = data["participant_id"], list(world.people)
    world.people[who] = data["role"]
    _pause(world, who)
    if len(others) > 1 and world.rng.random() < 0.5:
        wish, veto = world.rng.sample(others, 2)
        named = m.NameWishes(participant_id=who, wishes=(wish,), vetoes=(veto,))
        world.command(named, "portal", world.rng.uniform(0, 20), actor=who)


def _pause(world: PilotWorld, who: str) -> None:
    """Now and then somebody pauses at any time, with or without an end, and is back by themselves or says so."""
    if world.rng.random() >= PAUSES:
        return
    begins = world.rng.uniform(0, SECONDS_A_DAY * DAYS * 0.7)
    until = OPENS + dt.timedelta(days=int(begins / SECONDS_A_DAY) + world.rng.randrange(4, 20))
    ends = until if world.rng.random() < 0.5 else None
    world.command(r.PauseParticipation(participant_id=who, until=ends), "portal", begins, actor=who)
    if ends is None or world.rng.random() < 0.3:
        later = begins + world.rng.uniform(0, SECONDS_A_DAY * 15)
        world.command(r.ResumeParticipation(participant_id=who), "portal", later, actor=who)


def _hurry(world: PilotWorld, data: dict[str, Any]) -> None:
    """People may name wishes: now and then the office fixes a pair, or ends these days early."""
    mentors, mentees = ([id for id, its in world.people.items() if its == role] for role in ("mentor", "mentee"))
    if mentors and mentees and world.rng.random() < 0.5:
        pair = {"programme_id": "pilot", "mentor": world.rng.choice(mentors), "mentee": world.rng.choice(mentees)}
        world.command(m.PinPair(**pair, reason="asked for by both"), "office", world.rng.uniform(0, 12))
        if world.rng.random() < 0.3:
            world.command(m.UnpinPair(**pair), "office", world.rng.uniform(2, 16))
    if world.rng.random() < 0.3:
        world.command(m.EndWishing(round_id=data["round_id"]), "office", world.rng.uniform(0, 20))


REACTIONS: dict[str, Callable[[PilotWorld, dict[str, Any]], None]] = {
    r.ParticipantRegistered.name: _wish,
    m.WishesInvited.name: _hurry,
    m.PairProposed.name: _decide,
    m.RoundSolved.name: _approve,
    m.ProposalApproved.name: _answer,
    m.TandemFormed.name: _live,
    s.MeetingScheduled.name: _change,
    e.SurveyOpened.name: _fill_in,
}


def _matched_in_a_pause(world: PilotWorld) -> list[str]:
    """Who was proposed on a day on which they paused, by what was committed together with the proposal.

    A decision may know the day as it was when its batch was read, a little before it was committed.
    """
    wrong: list[str] = []
    days: list[str] = []
    known: set[str] = set()
    for change in world.databases["matching"].history:
        states = {record.subject: record.state or {} for record in change.writes}
        for subject, proposal in states.items():
            if not subject.startswith("proposal/") or subject in known or proposal["status"] != "proposed":
                continue
            for who in (proposal["mentor"], proposal["mentee"]):
                candidate = states[f"candidate/{who}"]
                since, until = candidate["paused_since"], candidate["paused_until"] or "9999"
                if since and days and all(since <= day <= until for day in days[-LATE:]):
                    wrong.append(f"{who} pauses since {since} and is proposed on {days[-1]}")
        known |= {subject for subject in states if subject.startswith("proposal/")}
        days += [states["_today/today"]["date"]] if "_today/today" in states else []
    return wrong


def broken_promises(world: PilotWorld) -> list[str]:
    """What no order of messages may lead to in matching, once everything has settled."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for record in world.databases["matching"].records.values():
        found.setdefault(record.kind, {})[record.subject.split("/", 1)[1]] = record.state or {}
    left = {id for id, candidate in found.get("candidate", {}).items() if candidate["status"] == "withdrawn"}
    running = [t for t in found.get("tandem", {}).values() if t["status"] == "running"]
    open_ = [p for p in found.get("proposal", {}).values() if p["status"] in ("proposed", "approved")]
    waiting = {id for id, reserve in found.get("reserve", {}).items() if reserve["status"] == "waiting"}
    wrong = [f"{id} has left and waits" for id in waiting & left]
    wrong += [f"{x['id']} holds somebody who has left" for x in (*running, *open_) if {x["mentor"], x["mentee"]} & left]
    # Before the first round is solved nobody stands in line: it looks for all of them alike.
    early = any(round_["status"] in ("gathering", "wishing") for round_ in found.get("round", {}).values())
    for id, seat in found.get("seat", {}).items():
        holds = len(seat["proposals"]) + len(seat["tandems"])
        if holds > found["candidate"][id]["profile"]["capacity"]:
            wrong.append(f"{id} is promised twice")
        if holds and id in waiting and seat["tandems"]:
            wrong.append(f"{id} has a tandem and waits")
        if not holds and not early and id not in waiting | left:
            wrong.append(f"{id} has nobody and does not wait")
    pinned = {(p["mentor"], p["mentee"]) for p in found.get("pin", {}).values() if p["status"] == "pinned"}
    held = {(id, other) for id, seat in found.get("seat", {}).items() for other in seat["pins"]}
    if held != pinned | {(mentee, mentor) for mentor, mentee in pinned}:
        wrong.append(f"fixed are {sorted(pinned)}, and the seats say {sorted(held)}")
    wrong += _matched_in_a_pause(world)
    places = found.get("programme", {}).get("pilot", {}).get("places", 0)
    if len(running) + len(open_) > places:
        wrong.append(f"{len(running)} tandems and {len(open_)} proposals in {places} places")
    return wrong
