"""Six people, a programme with two places, and how far it has come; for tests of matching."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from services.matching.model import Proposal, Reserve, Round, Tandem
from services.matching.service import service
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.base import Office, Text
from shared.contracts.parts import (
    Consents,
    Criteria,
    Deadlines,
    MatchingRules,
    Profile,
    Rules,
    Side,
    Term,
    TopicLevel,
    WorkingTime,
)
from shared.runtime.aggregate import Aggregate
from shared.runtime.closed_set import closed_set
from shared.runtime.ids import derived_id
from tests.support.reference import By, Scenario, given

A = TypeVar("A", bound=Aggregate)

TODAY = dt.date(2027, 2, 7)
OFFICE = Office(name="Office", phone="089 1", mail="office@example.org")
WEEK = tuple(WorkingTime(weekday=day, start=540, end=960) for day in range(5))


def person(number: int, role: Side) -> str:
    """A participant's id."""
    return derived_id(role, number)


def department_of(id: str) -> str:
    """Where somebody works, as they registered."""
    return f"mentee-{MENTEES.index(id)}" if id in MENTEES else f"mentor-{MENTORS.index(id)}"


MENTORS = [person(n, "mentor") for n in range(3)]
MENTEES = [person(n, "mentee") for n in range(3)]


def registered(
    number: int, role: Side, kind: type[r.ParticipantState] = r.ParticipantRegistered, **changes: Any
) -> r.ParticipantState:
    """What registration says of a person; `changes` go into the profile."""
    mentor = role == "mentor"
    levels = (TopicLevel(topic_id=f"topic-{number}", level=5), TopicLevel(topic_id="all", level=2))
    fields: dict[str, Any] = {
        "department": f"{role}-{number}",
        "unit": ("U",),
        "grade": 9 if mentor else 15,
        "site": "Mitte",
        "languages": ("de",),
        "working_times": WEEK,
        "strengths": levels if mentor else (),
        "concerns": () if mentor else levels,
    }
    profile = Profile(**fields | changes)
    return kind(
        participant_id=person(number, role),
        programme_id="pilot",
        role=role,
        status="withdrawn" if kind is r.ParticipantWithdrew else "registered",
        registered_on=TODAY,
        profile=profile,
        position=derived_id("post", role, number),
        reporting_line=(derived_id("head", role, number),),
        consents=Consents(),
    )


def programme(kind: type[r.ProgrammeState] = r.ProgrammeOpened, **changes: Any) -> r.ProgrammeState:
    """What registration says of the programme."""
    fields: dict[str, Any] = {
        "programme_id": "pilot",
        "title": Text(de="Pilot", en="Pilot"),
        "status": "open",
        "places": 2,
        "term": Term(starts=dt.date(2027, 2, 15), ends=dt.date(2027, 7, 14)),
        "registration_closes": dt.date(2027, 2, 5),
        "office": OFFICE,
        "rules": Rules(matching=MatchingRules(), deadlines=Deadlines(wish_days=0)),
        "criteria": Criteria(),
        "criteria_seal": "seal",
        "privacy_notice": "1",
    }
    return kind.model_validate(fields | changes)


def closed(members: Sequence[str] = (*MENTORS, *MENTEES), **changes: Any) -> r.ProgrammeState:
    """Registration closed, by default with all six."""
    return programme(r.RegistrationClosed, status="closed", closed_set=closed_set(members), **changes)


def two(**mentor: Any) -> Scenario:
    """Only one mentor and one mentee, and the first round solved; `mentor` goes into the mentor's profile."""
    facts = registered(0, "mentor", **mentor), registered(0, "mentee")
    return given(service, programme(), *facts, closed((MENTORS[0], MENTEES[0])), today=TODAY)


def people() -> list[r.ParticipantState]:
    """All six."""
    return [registered(n, role) for n in range(3) for role in ("mentor", "mentee")]


def a_round(**changes: Any) -> Scenario:
    """Six people, two places, and the first round solved."""
    return given(service, programme(**changes), *people(), closed(**changes), today=TODAY)


def round_of(scenario: Scenario) -> str:
    """The newest round."""
    newest: Round = max(of_kind(scenario, Round), key=lambda round_: round_.number)
    return newest.id


def status_of(scenario: Scenario) -> str:
    """Where the newest round stands."""
    return next(str(round_.status) for round_ in of_kind(scenario, Round) if round_.id == round_of(scenario))


def of_kind(scenario: Scenario, kind: type[Any]) -> list[Any]:
    """Every aggregate of a kind."""
    return [a for a in scenario.reference.state.values() if isinstance(a, kind)]


def approved(**changes: Any) -> Scenario:
    """The first round approved: two pairs are asked."""
    scenario = a_round(**changes)
    return scenario.given(m.ApproveRound(round_id=round_of(scenario)))


def yes(proposal: Proposal, who: str) -> By:
    """Somebody accepts."""
    return By(m.AcceptProposal(proposal_id=proposal.id, participant_id=who), actor=who, sender="person")


def no(proposal: Proposal, who: str) -> By:
    """Somebody declines."""
    return By(m.DeclineProposal(proposal_id=proposal.id, participant_id=who), actor=who, sender="person")


def tandems(**changes: Any) -> Scenario:
    """Two tandems run; one mentor and one mentee wait."""
    scenario = approved(**changes)
    for proposal in of_kind(scenario, Proposal):
        scenario.given(yes(proposal, proposal.mentor), yes(proposal, proposal.mentee))
    return scenario


def leaves(id: str) -> r.ParticipantState:
    """Somebody leaves the programme."""
    role: Side = "mentor" if id in MENTORS else "mentee"
    return registered((MENTORS if role == "mentor" else MENTEES).index(id), role, r.ParticipantWithdrew)


def pauses(id: str, until: dt.date | None = None, since: dt.date = TODAY, days: int = 0) -> r.ParticipantState:
    """Somebody pauses; `days` of earlier pauses are over."""
    role: Side = "mentor" if id in MENTORS else "mentee"
    known = registered((MENTORS if role == "mentor" else MENTEES).index(id), role, r.ParticipantChanged)
    return known.model_copy(update={"paused_since": since, "paused_until": until, "days_paused": days})


def resumes(id: str, days: int = 0) -> r.ParticipantState:
    """Somebody takes part again; so many days of pauses are over."""
    return pauses(id).model_copy(update={"paused_since": None, "days_paused": days})


def ends(tandem: Tandem, who: str, *, rematch: bool = True) -> By:
    """Somebody ends their tandem."""
    return By(m.EndTandem(tandem_id=tandem.id, rematch=rematch), actor=who, sender="person")


def mails(scenario: Scenario, to: str) -> list[m.PersonAddressed]:
    """What the last step said to somebody."""
    return [message for message in scenario.told if isinstance(message, m.PersonAddressed) and message.to == to]


def listed(scenario: Scenario) -> set[str]:
    """Who waits on the reserve list."""
    return {reserve.id for reserve in of_kind(scenario, Reserve) if reserve.status == "waiting"}


@dataclass
class Reading:
    """Reads as a job does, kind after kind; something may happen after the first of two kinds was read."""

    scenario: Scenario
    happens: Any = None
    kinds: tuple[type[Aggregate], ...] = (Proposal, Tandem)
    today: dt.date = TODAY

    async def get(self, aggregate: type[A], id: str, /) -> A | None:
        """One aggregate, or None."""
        found = self.scenario.reference.state.get(f"{aggregate.kind}/{id}")
        return found if isinstance(found, aggregate) else None

    async def all(self, aggregate: type[A], ids: Sequence[str], /) -> list[A | None]:
        """Several aggregates by id."""
        return [await self.get(aggregate, id) for id in ids]

    async def find(self, aggregate: type[A], programme: str | None, /) -> list[A]:
        """All of a kind; whatever happens meanwhile comes after the first of the kinds was read."""
        found = sorted(of_kind(self.scenario, aggregate), key=lambda a: str(a.id))
        if aggregate in self.kinds and self.happens is not None:
            happens, self.happens = self.happens, None
            self.scenario.given(happens)
        return found
