"""Somebody is erased from all four services, which talk to each other as they do: afterwards nothing names them."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.contracts import evaluation as e
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Command
from shared.contracts.parts import NOBODY, Deadlines, RetentionRules, Rules, TopicLevel
from shared.runtime import discovery
from shared.runtime.adapters.memory import MemoryBroker
from shared.runtime.engine import Limits
from shared.runtime.ids import keyed_id
from shared.runtime.table import Service
from tests.support.answering import fitting
from tests.support.left import left_of
from tests.unit.registration.test_registration import mentee, mentor, opening, profile, topic
from tests.unit.runtime.engine_in_memory import KEY, HandClock, Replica

DAY = dt.timedelta(days=1)
FIRST = dt.date(2027, 1, 11)
FORMS = dt.date(2027, 2, 7)
WHO = keyed_id(KEY, "participant", "pilot", "M-0")
VALUES = (WHO, keyed_id(KEY, "position", "M-0"), "Mentor M-0", "m-0@example.org", "I tinker with radios", "M-0")


@dataclass
class House:
    """A replica of each service on one broker; people and office do what is asked of them."""

    services: Sequence[Service] = field(default_factory=discovery.load_all)
    asleep: set[str] = field(default_factory=set)
    said: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        broker, clock = MemoryBroker(), HandClock()
        self.replicas = {
            service.name: Replica(service, Limits(settling=0), broker, clock=clock) for service in self.services
        }

    def send(self, message: Command, user: str, actor: str | None = None) -> None:
        """Somebody sends a command."""
        self.replicas["registration"].send(message, user, f"{user}.replies", actor=actor)

    async def day(self, date: dt.date) -> None:
        """A day starts, and everything that follows is done."""
        self.send(s.StartDay(date=date), "ops")
        for _ in range(6):
            await self.settle()
            for replica in self.replicas.values():
                replica.clock.at += dt.timedelta(seconds=1)

    async def settle(self) -> None:
        """Work until nobody who is awake has anything to do; what was said is answered meanwhile."""
        while True:
            for name, replica in self.replicas.items():
                if name not in self.asleep:
                    await replica.settle()
            fresh = next(iter(self.replicas.values())).take()
            self.said += fresh
            for event in fresh:
                if (answer := ANSWERS.get(event["type"].removeprefix("tandem."))) is not None:
                    answer(self, event["data"])
            if not fresh:
                return

    def left(self, values: Sequence[str] = VALUES) -> dict[str, list[str]]:
        """What each service still holds of these values; by default of who is erased."""
        found = {name: left_of(replica.database, values) for name, replica in self.replicas.items()}
        return {name: places for name, places in found.items() if places}

    def types(self) -> list[str]:
        """The types of all that was said."""
        return [event["type"].removeprefix("tandem.") for event in self.said]


def _approve(house: House, data: dict[str, Any]) -> None:
    house.send(m.ApproveRound(round_id=data["round_id"]), "office")


def _accept(house: House, data: dict[str, Any]) -> None:
    for who in (data["mentor"], data["mentee"]):
        house.send(m.AcceptProposal(proposal_id=data["proposal_id"], participant_id=who), "portal", who)


def _agree(house: House, data: dict[str, Any]) -> None:
    rule = "I tinker with radios" if data["mentor"] == WHO else "we are punctual"
    agreed = s.RecordAgreement(
        tandem_id=data["tandem_id"], participant_id=data["mentor"], rules=(rule,), goals=("a podcast",)
    )
    house.send(agreed, "portal", data["mentor"])


def _accept_time(house: House, data: dict[str, Any]) -> None:
    time = s.MeetingTime(meeting_id=data["meeting_id"], date=data["date"], start=data["start"])
    who = data["mentor"]
    house.send(s.AcceptMeetings(tandem_id=data["tandem_id"], participant_id=who, times=(time,)), "portal", who)


def _fill_in(house: House, data: dict[str, Any]) -> None:
    answers = e.SubmitAnswers(survey_id=data["survey_id"], participant_id=data["participant_id"], answers=fitting(data))
    house.send(answers, "portal", data["participant_id"])


ANSWERS: dict[str, Callable[[House, dict[str, Any]], None]] = {
    m.RoundSolved.name: _approve,
    m.ProposalApproved.name: _accept,
    m.TandemFormed.name: _agree,
    s.MeetingScheduled.name: _accept_time,
    e.SurveyOpened.name: _fill_in,
}


async def a_house(services: Sequence[Service] = (), retention: RetentionRules | None = None) -> House:
    """Two tandems have met for some weeks."""
    house = House(services or discovery.load_all())
    await house.day(FIRST)
    house.send(topic(), "office")
    rules = Rules(deadlines=Deadlines(wish_days=0), retention=retention or RetentionRules())
    house.send(opening(rules=rules), "office")
    for number in range(2):
        key = f"M-{number}"
        registering = mentor(
            key,
            display_name=f"Mentor {key}",
            mail=f"{key.lower()}@example.org",
            about_me="I tinker with radios" if number == 0 else "",
            superiors=(f"boss-{number}",),
            profile=profile(department=f"D-{number}"),
        )
        house.send(registering, "portal")
        needs = profile(
            department=f"E-{number}", grade=16, strengths=(), concerns=(TopicLevel(topic_id="apps", level=3),)
        )
        house.send(mentee(f"N-{number}", superiors=(f"head-{number}",), profile=needs), "portal")
    await house.settle()
    house.send(m.NameWishes(participant_id=WHO, vetoes=()), "portal", WHO)
    for number in range(60):
        await house.day(FORMS + number * DAY)
    return house


async def test_somebody_is_erased_from_all_four_services_and_the_proof_names_nobody() -> None:
    house = await a_house()
    assert house.types().count(m.TandemFormed.name) == 2
    assert s.MeetingHeld.name in house.types()
    assert e.SurveyOpened.name in house.types()
    assert set(house.left()) == {"registration", "matching", "scheduling", "evaluation"}
    house.said.clear()
    house.send(r.ErasePerson(participant_id=WHO), "portal", WHO)
    await house.settle()
    assert r.ErasureRequested.name in house.types()
    assert m.TandemEnded.name in house.types(), "in order, before anything is erased"
    for number in range(60, 64):
        await house.day(FORMS + number * DAY)
    assert house.types().count(r.PersonErased.name) == 1
    assert house.left() == {}
    [proof] = [event for event in house.said if event["type"].endswith(r.PersonErased.name)]
    assert set(proof["data"]) == {"erasure_id", "status", "requested_on", "erased_on"}
    house.send(mentor("M-0"), "portal")
    await house.settle()
    [refused] = [event["data"] for event in house.said if event["type"].endswith(r.CommandRejected.name)]
    assert "erased" in {reason["code"] for reason in refused["reasons"]}
    running = [t for t in _kept(house, "scheduling", "tandem") if t["status"] == "running"]
    assert len(running) == 1
    assert {t["mentor"] for t in _kept(house, "matching", "tandem")} >= {NOBODY}


async def test_a_service_that_was_down_meanwhile_completes_the_erasure_on_its_return() -> None:
    house = await a_house()
    house.asleep.add("matching")
    house.send(r.ErasePerson(participant_id=WHO), "portal", WHO)
    for number in range(60, 63):
        await house.day(FORMS + number * DAY)
    assert r.PersonErased.name not in house.types()
    assert set(house.left()) == {"registration", "matching"}, "registration knows whom the last one has to erase"
    house.asleep.clear()
    for number in range(63, 66):
        await house.day(FORMS + number * DAY)
    assert house.types().count(r.PersonErased.name) == 1
    assert house.left() == {}
    ended = [t for t in _kept(house, "scheduling", "tandem") if t["status"] == "ended"]
    assert [tandem["mentor"] for tandem in ended] == [NOBODY], "the end came after the erasure, with nobody's name"


async def test_the_search_finds_them_where_one_service_does_not_erase() -> None:
    services = tuple(
        replace(service, concerns=()) if service.name == "scheduling" else service for service in discovery.load_all()
    )
    house = await a_house(services)
    house.send(r.ErasePerson(participant_id=WHO), "portal", WHO)
    for number in range(60, 64):
        await house.day(FORMS + number * DAY)
    assert set(house.left()) == {"scheduling"}


def _kept(house: House, service: str, kind: str) -> list[dict[str, Any]]:
    found = house.replicas[service].aggregates()
    return [state for subject, state in found.items() if subject.startswith(f"{kind}/")]
