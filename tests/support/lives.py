"""Lives in a programme, on real servers: all that people may have left behind in it before they ask to be erased."""

import asyncio
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shared import client
from shared.contracts import evaluation as e
from shared.contracts import hr
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Command, Contract
from shared.contracts.parts import Side
from shared.runtime.envelope import Envelope
from tests.support.answering import fitting
from tests.support.searched import marked_values
from tests.support.town import Town
from tests.unit.matching.people import TODAY

LIMIT = 100.0
DAY_HANDLED = "day-handled.v1"
DAY = dt.timedelta(days=1)
PILOT, SECOND, ELSEWHERE = "pilot", "second", "not-opened"
WEEK = 7 * DAY


@dataclass
class Person:
    """Somebody, by role and number, with all that they and others' systems said of them."""

    role: Side
    number: int
    ids: dict[str, str] = field(default_factory=dict)
    """Who they are, by programme."""
    said: list[Contract] = field(default_factory=list)

    @property
    def name(self) -> str:
        """How they are called in free text."""
        return f"{self.role} Ü{self.number}"

    @property
    def id(self) -> str:
        """Who they are in the pilot."""
        return self.ids[PILOT]


@dataclass
class Lives:
    """People of a town, and the portal through which they speak."""

    town: Town
    portal: client.Client
    people: list[Person]
    today: dt.date = TODAY

    def values(self, person: Person) -> set[str]:
        """What is this person's alone, by the contracts' marks: of all that was said, what was not said of others."""
        others = (message for other in self.people if other is not person for message in other.said)
        mine = marked_values(person.said) | {f"employment-of-{person.role}-{person.number}"}
        return mine - marked_values(others)

    async def ask(self, person: Person, command: Command, programme: str = PILOT) -> Envelope:
        """Somebody asks something, as who they are in a programme; it must not be refused."""
        person.said.append(command)
        if not command.private:
            return await self.town.ask(command, "portal", person.ids[programme])
        sent = self.portal.wrap(command, actor=person.ids[programme])
        await self.portal.send(sent)
        async for answer in self.portal.answers(sent.id, LIMIT):
            assert not answer.name.endswith("command-rejected.v1"), answer.data
            return answer
        raise AssertionError(f"no answer to {command.name}")

    async def day(self, date: dt.date, but: Iterable[str] = ()) -> None:
        """A day starts, and every service has handled it, except those that are away."""
        awaited = set(self.town.system.services) - set(but)
        await self.town.ask(s.StartDay(date=date), "ops")
        self.today = date

        def handled() -> bool:
            done = [event.data for event in self.town.heard[""] if event.name.endswith(DAY_HANDLED)]
            return awaited <= {data["service"] for data in done if data["date"] == date.isoformat()}

        await self.town.client.until(handled, LIMIT, f"the end of {date}")

    async def heard(self, kind: type[Contract], count: int, programme: str = PILOT) -> list[dict[str, Any]]:
        """Wait until so many events of a type were said."""
        await self.town.client.until(lambda: len(self.town.said(kind, programme)) >= count, LIMIT, kind.name)
        return list(self.town.said(kind, programme).values())


async def live(lives: Lives) -> None:
    """Everybody registers, is matched, meets, agrees and answers; and asks, proposes and names whatever one can."""
    town = lives.town
    for programme in (PILOT, SECOND):
        await town.open(programme, places=10)
    await asyncio.gather(*(comes(lives, person) for person in lives.people))
    await asyncio.gather(*(_speaks(lives, person) for person in lives.people))
    await _matched(lives)
    while len(town.said(e.SurveyOpened, PILOT)) < len(lives.people):
        await lives.day(lives.today + WEEK)
    surveys = list(town.said(e.SurveyOpened, PILOT).values())
    await asyncio.gather(*(_answers(lives, person, surveys) for person in lives.people))


async def comes(lives: Lives, person: Person) -> None:
    """They register for both programmes; the personnel system says where they work."""
    for programme in (PILOT, SECOND):
        command = lives.town.registering(programme, person.role, person.number)
        mine = {
            "personnel_key": f"key-of-{person.role}-{person.number}",
            "display_name": person.name,
            "about_me": f"what {person.name} writes of themselves",
        }
        command = command.model_copy(update=mine)
        person.said.append(command)
        told = r.ParticipantRegistered.model_validate((await lives.town.ask(command, "portal")).data)
        person.said.append(told)
        person.ids[programme] = told.participant_id
    fact = hr.EmploymentChanged(
        employment_id=f"employment-of-{person.role}-{person.number}",
        personnel_key=f"key-of-{person.role}-{person.number}",
        site=f"the site of {person.name}",
    )
    person.said.append(fact)
    await lives.town.client.publish(sequenced(lives.town, fact, "hr"), "hr", command=False)


def sequenced(town: Town, event: Contract, user: str, sequence: int = 1) -> Envelope:
    """An event as its owner would publish it, the first of its subject."""
    return town.client.wrap(event, user).model_copy(update={"sequence": sequence})


async def _speaks(lives: Lives, person: Person) -> None:
    """What one can say before there is a match. Everybody is vetoed by somebody of the other side."""
    id = person.id
    others = [one for one in lives.people if one.role != person.role]
    wished, vetoed = (tuple(o.id for o in others if (o.number == person.number) is equal) for equal in (True, False))
    await lives.ask(person, m.NameWishes(participant_id=id, wishes=wished, vetoes=vetoed))
    await lives.ask(person, r.AskOffice(programme_id=PILOT, participant_id=id, question=f"what {person.name} asks"))
    label = {"de": f"Thema {person.number} {person.role}"}
    topic = r.ProposeTopic(programme_id=PILOT, participant_id=id, area="culture", label=r.ProposedLabel(**label))
    await lives.ask(person, topic)
    # A date of the person's own, which is a key of the inbox, stands in the journal.
    pause = r.PauseParticipation(participant_id=person.ids[SECOND], until=TODAY + 2 * DAY)
    await lives.ask(person, pause, SECOND)
    delegate = f"delegate-of-{person.role}-{person.number}"
    named = s.NameDelegate(participant_id=id, delegate=delegate)
    person.said.append(named)
    # Whom somebody names the portal alone hears.
    await lives.portal.ask(named, s.DelegateNamed, actor=id, limit=LIMIT)


async def _matched(lives: Lives) -> None:
    """Registration closes, the office approves the round, everybody says yes and agrees on something."""
    town = lives.town
    await town.ask(r.CloseRegistration(programme_id=PILOT), "office")
    [solved] = await lives.heard(m.RoundSolved, 1)
    await town.ask(m.ApproveRound(round_id=solved["round_id"]), "office")
    pairs = len(lives.people) // 2
    for proposal in await lives.heard(m.ProposalApproved, pairs):
        for person in (p for p in lives.people if p.id in (proposal["mentor"], proposal["mentee"])):
            yes = m.AcceptProposal(proposal_id=proposal["proposal_id"], participant_id=person.id)
            await lives.ask(person, yes)
    for tandem in await lives.heard(m.TandemFormed, pairs):
        mentor = next(person for person in lives.people if person.id == tandem["mentor"])
        rule, goal = f"a rule of {mentor.name}", f"a goal of {mentor.name}"
        agreed = s.RecordAgreement(
            tandem_id=tandem["tandem_id"], participant_id=mentor.id, rules=(rule,), goals=(goal,)
        )
        await lives.heard(s.PlanMade, pairs)
        await lives.ask(mentor, agreed)
        planned = town.said(s.MeetingScheduled, PILOT, tandem_id=tandem["tandem_id"]).values()
        times = tuple(s.MeetingTime(**{name: one[name] for name in s.MeetingTime.model_fields}) for one in planned)
        accepted = s.AcceptMeetings(tandem_id=tandem["tandem_id"], participant_id=mentor.id, times=times)
        await lives.ask(mentor, accepted)


async def _answers(lives: Lives, person: Person, surveys: list[dict[str, Any]]) -> None:
    survey = next(survey for survey in surveys if survey["participant_id"] == person.id)
    answers = e.SubmitAnswers(
        survey_id=survey["survey_id"],
        participant_id=person.id,
        answers=fitting(survey),
        comment=f"what {person.name} thinks of the meeting",
    )
    await lives.ask(person, answers)


async def leave_stuck(lives: Lives, person: Person) -> None:
    """Messages that name somebody and cannot be decided: one without its fields, one before its cause, one of HR's."""
    town = lives.town
    told = r.ParticipantChanged.model_validate(
        next(one for one in person.said if isinstance(one, r.ParticipantRegistered)).model_dump()
    )
    wrong = sequenced(town, told, "registration", 50)
    data = {name: value for name, value in wrong.data.items() if name != "status"}
    await town.client.publish(wrong.model_copy(update={"data": data}), "registration", command=False)
    formed = m.TandemFormed.model_validate(
        {
            **next(iter(town.said(m.TandemFormed, PILOT).values())),
            "tandem_id": person.id,
            "programme_id": ELSEWHERE,
            "mentor": person.id,
        }
    )
    await town.client.publish(sequenced(town, formed, "matching"), "matching", command=False)
    fact = next(one for one in person.said if isinstance(one, hr.EmploymentChanged))
    unordered = town.client.wrap(fact, "hr")  # without a sequence
    await town.client.publish(unordered, "hr", command=False)
