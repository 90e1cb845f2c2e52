"""The pilot's four tables in the simulation: people, office and calendar react to what was said, under faults."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.contracts import evaluation as e
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from tests.simulation import pilot_meetings
from tests.simulation.pilot_world import DAYS, OPENS, SECONDS_A_DAY, Pilot
from tests.support.answering import fitting

LATE = 2
"""Days that a decision may have known."""
PAUSES = 0.3
"""Of so many people each pauses once."""


def _approve(world: Pilot, data: dict[str, Any]) -> None:
    if data["status"] != "proposed":
        return
    if data["offers"] and world.rng.random() < 0.15 and not world.eager:
        world.command(m.DeclineRound(round_id=data["round_id"], reason="all may stay as it is"), "office", 1)
        return
    offer: m.OfferName = "full_order" if data["offers"] and world.rng.random() < 0.5 else "fewest_changes"
    world.command(
        m.ApproveRound(round_id=data["round_id"], offer=offer), "office", 0 if world.eager else world.rng.uniform(0, 6)
    )


def _decide(world: Pilot, data: dict[str, Any]) -> None:
    """A pair was proposed: now and then the office decides on it by itself, before the round or beside it."""
    chance = world.rng.random()
    if world.eager:
        return
    if chance < 0.15:
        world.command(m.RejectProposal(proposal_id=data["proposal_id"], reason="known to each other"), "office", 0)
    elif chance < 0.3:
        world.command(m.ApproveProposal(proposal_id=data["proposal_id"]), "office", 0)


def _answer(world: Pilot, data: dict[str, Any]) -> None:
    """Both are asked: some answer at once, some days later, when a round may have begun that could change it."""
    for who in (data["mentor"], data["mentee"]):
        id, after = data["proposal_id"], world.rng.choice((1, 1, world.rng.uniform(1, 18)))
        if world.eager:
            world.command(m.AcceptProposal(proposal_id=id, participant_id=who), "portal", 0, actor=who)
        elif world.rng.random() < 0.75:
            world.command(m.AcceptProposal(proposal_id=id, participant_id=who), "portal", after, actor=who)
        else:
            world.command(m.DeclineProposal(proposal_id=id, participant_id=who), "portal", after, actor=who)


def _live(world: Pilot, data: dict[str, Any]) -> None:
    """A tandem begins: it may agree, end, or lose somebody; and somebody else may act for one of the two."""
    tandem, who = data["tandem_id"], data["mentee"]
    pilot_meetings.names_delegates(world, data)
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


def _fill_in(world: Pilot, data: dict[str, Any]) -> None:
    who = data["participant_id"]
    answers = e.SubmitAnswers(survey_id=data["survey_id"], participant_id=who, answers=fitting(data))
    world.command(answers, "portal", 1, actor=who)


def _wish(world: Pilot, data: dict[str, Any]) -> None:
    """Somebody registered: they may wish for one who came before, and exclude another."""
    who, others = data["participant_id"], list(world.people)
    world.people[who] = data["role"]
    _pause(world, who)
    if len(others) > 1 and world.rng.random() < 0.5:
        wish, veto = world.rng.sample(others, 2)
        named = m.NameWishes(participant_id=who, wishes=(wish,), vetoes=(veto,))
        world.command(named, "portal", world.rng.uniform(0, 20), actor=who)


def _pause(world: Pilot, who: str) -> None:
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


def _hurry(world: Pilot, data: dict[str, Any]) -> None:
    """People may name wishes: now and then the office fixes a pair, or ends these days early."""
    mentors, mentees = ([id for id, its in world.people.items() if its == role] for role in ("mentor", "mentee"))
    if mentors and mentees and world.rng.random() < 0.5:
        pair = {"programme_id": "pilot", "mentor": world.rng.choice(mentors), "mentee": world.rng.choice(mentees)}
        world.command(m.PinPair(**pair, reason="asked for by both"), "office", world.rng.uniform(0, 12))
        if world.rng.random() < 0.3:
            world.command(m.UnpinPair(**pair), "office", world.rng.uniform(2, 16))
    if world.rng.random() < 0.3:
        world.command(m.EndWishing(round_id=data["round_id"]), "office", world.rng.uniform(0, 20))


ANSWERS: dict[str, Callable[[Pilot, dict[str, Any]], None]] = {
    r.ParticipantRegistered.name: _wish,
    m.WishesInvited.name: _hurry,
    m.PairProposed.name: _decide,
    m.RoundSolved.name: _approve,
    m.ProposalApproved.name: _answer,
    m.TandemFormed.name: _live,
    **pilot_meetings.ANSWERS,
    e.SurveyOpened.name: _fill_in,
}


@dataclass
class PilotWorld(Pilot):
    """The pilot's people, office and calendars."""

    answers: Mapping[str, Callable[[Any, dict[str, Any]], None]] = field(default_factory=lambda: ANSWERS)


def _matched_in_a_pause(world: Pilot) -> list[str]:
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


def broken_promises(world: Pilot) -> list[str]:
    """What no order of messages may lead to in matching and scheduling, once everything has settled."""
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
    wrong += pilot_meetings.broken_promises(world)
    places = found.get("programme", {}).get("pilot", {}).get("places", 0)
    if len(running) + len(open_) > places:
        wrong.append(f"{len(running)} tandems and {len(open_)} proposals in {places} places")
    return wrong
