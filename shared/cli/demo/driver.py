"""Drives a pilot as a portal, an office and an operator would: by commands, and by what the published events say.

It knows nothing but its data file and the events; whom a proposal concerns, when a meeting is, which survey is open, it
reads like any other subscriber. Each day it lets the services handle the day, then does what is to be done on it.
"""

import asyncio
import contextlib
import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.cli.client import Client, ClientError
from shared.cli.demo.story import Happening, MeetingChange, Person, Story
from shared.contracts import evaluation as e
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Command
from shared.runtime.envelope import Envelope

DAY = dt.timedelta(days=1)
PATIENCE = 60.0
"""Seconds that an answer or a day may take before the demo gives up."""
NOTICED = 20.0
"""Seconds after which somebody who watches wants to know what takes so long."""
COMPILING = 240.0
"""Seconds that a round which is being solved may take: after a clone the solver is compiled first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A command with who sends it and on whose behalf."""

    command: Command
    user: str = "portal"
    actor: str | None = None


@dataclass
class World:
    """What the published events have said so far: the newest state of each subject."""

    states: dict[str, Envelope] = field(default_factory=dict)
    counts: dict[str, set[str]] = field(default_factory=dict)
    days: dict[str, dt.date] = field(default_factory=dict)

    def hear(self, event: Envelope) -> None:
        """Take over one event; the same or an older one changes nothing."""
        self.counts.setdefault(event.name, set()).add(event.id)
        if event.subject is None or event.sequence is None:
            return
        known = self.states.get(event.subject)
        if known is None or known.seen < event.seen:
            self.states[event.subject] = event
        if event.name.endswith(".day-handled.v1"):
            self.days[event.data["service"]] = dt.date.fromisoformat(self.states[event.subject].data["date"])

    def of(self, kind: str, programme: str, status: str = "") -> list[dict[str, Any]]:
        """The newest states of a kind in a programme, in the order of their ids."""
        prefix = f"{kind}/"
        found = [
            event.data
            for subject, event in sorted(self.states.items())
            if subject.startswith(prefix) and event.data.get("programme_id") == programme
        ]
        return [data for data in found if not status or data.get("status") == status]

    def sequence(self, subject: str) -> int:
        """The newest sequence of a subject."""
        return self.states[subject].sequence or 0

    def count(self, name: str) -> int:
        """How many different events of a type were heard."""
        return len(self.counts.get(name, ()))


@dataclass
class Pilot:
    """One run of a story. `chaos` publishes each message two or three times, in any order, under its seed."""

    story: Story
    client: Client
    world: World
    services: tuple[str, ...]
    chaos: random.Random | None = None
    told: Callable[[dt.date, str], None] = field(default=lambda date, text: None)
    ids: dict[str, str] = field(default_factory=dict)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    accepted: set[tuple[str, str]] = field(default_factory=set)
    times: set[tuple[str, ...]] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    closed_on: dt.date | None = None

    @property
    def programme(self) -> str:
        """The programme's id."""
        return self.story.programme.id

    @property
    def keys(self) -> dict[str, str]:
        """People's keys by participant id."""
        return {id: key for key, id in self.ids.items()}

    # Sending

    async def send(self, asked: Sequence[Asked]) -> list[Envelope]:
        """Send what needs no order among itself, and wait for every answer."""
        sent = [(self.client.wrap(a.command, a.user, actor=a.actor), a.user) for a in asked]
        self.sent |= {envelope.id for envelope, _ in sent}
        copies = [pair for pair in sent for _ in range(self.chaos.choice((2, 3)) if self.chaos else 1)]
        if self.chaos:
            self.chaos.shuffle(copies)
        await asyncio.gather(*(self.client.publish(envelope, user) for envelope, user in copies))
        return [await self.client.answer(envelope.id, PATIENCE) for envelope, _ in sent]

    async def ask(self, asked: Sequence[Asked]) -> list[Envelope]:
        """Send, and insist that nothing is rejected. Raises ClientError that names the first reason."""
        answers = await self.send(asked)
        for answer in answers:
            if answer.name.endswith(".command-rejected.v1"):
                reason = answer.data["reasons"][0]
                raise ClientError(f"{answer.data['command']} was rejected: {reason['field']} {reason['message']['en']}")
        return answers

    # Days

    async def run(self) -> dict[str, Any]:
        """Live the whole programme; the final report as published. Raises ClientError when it does not come."""
        date = self.story.dates.opens
        while date <= self.story.dates.gives_up_after:
            await self.start_day(date)
            self.told(date, "")
            await self.live(date)
            await self._report_is_due(date)
            report = self._final_report()
            if report is not None:
                return report
            date += DAY
        raise ClientError(f"no final report was published by {self.story.dates.gives_up_after}")

    def _final_report(self) -> dict[str, Any] | None:
        return next((data for data in self.world.of("report", self.programme) if data["final"]), None)

    async def _report_is_due(self, date: dt.date) -> None:
        """The day after the last final survey has closed, the office waits for the report."""
        finals = [survey for survey in self.world.of("survey", self.programme) if survey["questionnaire"] == "final"]
        if not finals or any(survey["status"] == "open" for survey in finals):
            return
        self.closed_on = self.closed_on or date
        if date > self.closed_on:
            await self._until(lambda: self._final_report() is not None, "the final report")

    async def start_day(self, date: dt.date) -> None:
        """Let a day begin, and wait until every service has handled it."""
        answer = (await self.send([Asked(s.StartDay(date=date), "ops")]))[0]
        if answer.name.endswith(".command-rejected.v1"):
            raise DayTakenError(answer.data["reasons"][0]["message"]["en"])
        handled = self.world.days
        await self.client.until(
            lambda: all(handled.get(service, dt.date.min) >= date for service in self.services),
            PATIENCE,
            f"the services' word that {date} is handled",
        )

    async def live(self, date: dt.date) -> None:
        """Everything that the office and the people do on a day."""
        dates = self.story.dates
        if date == dates.opens:
            await self._open()
        if date == dates.registers:
            await self._register()
        if date == dates.plans_kick_off:
            window = dates.kick_off
            plan = s.PlanKickOff(
                programme_id=self.programme, earliest=window.earliest, latest=window.latest, minutes=window.minutes
            )
            await self.ask([Asked(plan, "office")])
            await self._until(lambda: bool(self.world.of("kick-off", self.programme)), "a date for the kick-off")
            kick_off = self.world.of("kick-off", self.programme)[0]
            self.told(date, f"kick-off on {kick_off['date']}: {kick_off['can_come']} of {kick_off['invited']} can come")
        for happening in self.story.happenings:
            if happening.on == date:
                await self._happen(date, happening)
        await self._after_kick_off(date)
        if date >= self.story.programme.registration_closes + 2 * DAY:
            await self._solution(date)
        await self._approve(date)
        await self._accept(date)
        await self._accept_times()
        await self._agree(date)
        await self._meet(date)
        await self._answer(date)

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for what the services work on, as people would: the next day begins when it is there."""
        await self.client.until(condition, PATIENCE, what)

    async def _solution(self, date: dt.date) -> None:
        """Wait until every round is solved. Raises ClientError that says what to do."""
        waited = 0.0
        for limit in (NOTICED, PATIENCE, COMPILING):
            if waited >= PATIENCE and not self._solving():
                break
            with contextlib.suppress(ClientError):
                await self.client.until(self._rounds_are_solved, limit - waited, "the solution of a round")
                return
            waited = limit
            if limit == NOTICED and self._solving():
                self.told(date, "a round is still being solved: after a clone the solver is being compiled, once")
        raise ClientError(
            f"the solution of a round did not come within {waited:g} seconds; compile the solver first with "
            "`.venv/bin/python -m services.matching.optimum.warm`, and if that is done, matching's log says why"
        )

    def _solving(self) -> bool:
        return bool(self.world.of("round", self.programme, "solving"))

    def _rounds_are_solved(self) -> bool:
        rounds = self.world.of("round", self.programme)
        # A round that waits for wishes goes on by itself, on a later day.
        waits = [r for r in rounds if r["status"] == "solving" or (r["status"] == "gathering" and not r["wish_by"])]
        return bool(rounds) and not waits

    async def _open(self) -> None:
        programme = self.story.programme
        command = r.OpenProgramme(
            programme_id=programme.id,
            title=programme.title,
            places=programme.places,
            term=programme.term,
            registration_closes=programme.registration_closes,
            office=programme.office,
            rules=programme.rules,
            criteria=programme.criteria,
            privacy_notice=programme.privacy_notice,
        )
        topics = [Asked(r.AddTopic(topic_id=t.id, area=t.area, label=t.label), "office") for t in self.story.topics]
        await self.ask([Asked(command, "office"), *topics])
        self.told(self.story.dates.opens, f"{programme.title.en}: opened with {programme.places} places")

    def _registration(self, person: Person) -> Asked:
        kind = r.RegisterMentor if person.role == "mentor" else r.RegisterMentee
        number = person.key.rsplit("-", 1)[-1]
        command = kind(
            programme_id=self.programme,
            personnel_key=person.key,
            display_name=f"{person.role.title()} {number}",
            mail=f"{person.key}@example.org",
            superiors=person.reporting_line,
            profile=self.story.profile(person),
            voluntary=True,
            privacy_notice=person.privacy_notice or self.story.programme.privacy_notice,
        )
        return Asked(command)

    async def _register(self) -> None:
        people = [*self.story.people, *self.story.registered_wrong()]
        answers = await self.send([self._registration(person) for person in people])
        for person, answer in zip(people, answers, strict=True):
            if answer.name == r.CommandRejected.name:
                self.rejected.append(answer.data)
                reasons = ", ".join(f"{x['field'] or 'command'} {x['code']}" for x in answer.data["reasons"])
                self.told(self.story.dates.registers, f"{person.key} was rejected: {reasons}")
            else:
                event = await self._by_cause(answer.correlation, r.ParticipantRegistered.name)
                self.ids[person.key] = event.data["participant_id"]
        self.told(self.story.dates.registers, f"{len(self.ids)} people registered")

    async def _by_cause(self, correlation: str, name: str) -> Envelope:
        async for event in self.client.answers(correlation, PATIENCE):
            if event.name == name:
                return event
        raise ClientError(f"{name} did not come")

    async def _happen(self, date: dt.date, happening: Happening) -> None:
        who = self.ids.get(happening.who, "")
        if happening.what == "withdraw":
            await self.ask([Asked(r.Withdraw(participant_id=who), actor=who)])
            await self._until(lambda: not self._runs(who), "the end of the tandem")
            await self._cleared(date, who)
            self.told(date, f"{happening.who} left the programme")
        elif happening.what == "change-places":
            sequence = self.world.sequence(f"programme/{self.programme}")
            change = r.ChangePlaces(programme_id=self.programme, places=happening.places, replaces=sequence)
            await self.ask([Asked(change, "office")])
            self.told(date, f"the office grants {happening.places} places")
        elif happening.what == "start-round":
            await self.ask([Asked(m.StartRound(programme_id=self.programme), "office")])
            self.told(date, "the office starts another round")
        else:
            tandem = self._tandem_of(who)
            await self.ask([Asked(m.EndTandem(tandem_id=tandem["tandem_id"], rematch=True), actor=who)])
            await self._cleared(date, who)
            self.told(date, f"the tandem of {happening.who} ends without blame")

    def _runs(self, who: str) -> bool:
        return any(who in (t["mentor"], t["mentee"]) for t in self.world.of("tandem", self.programme, "running"))

    async def _cleared(self, date: dt.date, who: str) -> None:
        """Wait until nothing is planned any more for somebody whose tandem ended."""

        def clear() -> bool:
            planned = self.world.of("meeting", self.programme, "planned")
            return not any(who in (x["mentor"], x["mentee"]) and x["date"] > date.isoformat() for x in planned)

        await self._until(clear, "the end of planned meetings")

    def _tandem_of(self, participant: str) -> dict[str, Any]:
        for tandem in self.world.of("tandem", self.programme, "running"):
            if participant in (tandem["mentor"], tandem["mentee"]):
                return tandem
        raise ClientError("the story speaks of the tandem of somebody who has none; change the data file")

    async def _after_kick_off(self, date: dt.date) -> None:
        """The day after: who came is recorded, topics join the catalogue, profiles change."""
        held = self.world.of("kick-off", self.programme, "held")
        if not held or "kick-off" in self.done:
            return
        self.done.add("kick-off")
        kick_off = self.story.kick_off
        withdrawn = {p["participant_id"] for p in self.world.of("participant", self.programme, "withdrawn")}
        came = [id for key, id in self.ids.items() if key not in kick_off.absent and id not in withdrawn]
        attendance = [
            Asked(s.RecordAttendance(programme_id=self.programme, participant_id=id), "office") for id in came
        ]
        topics = [Asked(r.AddTopic(topic_id=t.id, area=t.area, label=t.label), "office") for t in kick_off.topics]
        await self.ask([*attendance, *topics])
        changes = []
        for changed in kick_off.profiles:
            id = self.ids[changed.who]
            profile = self.story.profile(self.story.person(changed.who), changed)
            sequence = self.world.sequence(f"participant/{id}")
            changes.append(
                Asked(r.ChangeProfile(participant_id=id, profile=profile, replaces=sequence), actor=id),
            )
        await self.ask(changes)
        await self._wish()
        self.told(date, f"kick-off held on {held[0]['date']}: {len(came)} came, {len(topics)} topics joined")

    async def _wish(self) -> None:
        """Some name in private whom they would like and whom not."""
        ids = self.ids
        asked = [
            m.NameWishes(
                participant_id=ids[w.who],
                wishes=tuple(ids[key] for key in w.wishes),
                vetoes=tuple(ids[key] for key in w.vetoes),
            )
            for w in self.story.wishes
        ]
        await self.ask([Asked(command, actor=command.participant_id) for command in asked])

    async def _approve(self, date: dt.date) -> None:
        """The office approves every round that waits for it."""
        for round_ in self.world.of("round", self.programme, "proposed"):
            await self.ask([Asked(m.ApproveRound(round_id=round_["round_id"]), "office")])
            # Of a re-match, the pairs are proposed once the office has chosen.
            await self.client.until(
                lambda id=round_["round_id"]: (  # type: ignore[misc]
                    all(p["status"] != "proposed" for p in self._of_round(id)) and len(self._of_round(id)) > 0
                ),
                PATIENCE,
                "the approval of every proposal",
            )
            self.told(date, f"round {round_['number']}: {round_['proposals']} proposals approved")

    def _of_round(self, id: str) -> list[dict[str, Any]]:
        return [p for p in self.world.of("proposal", self.programme) if p["round_id"] == id]

    async def _accept(self, date: dt.date) -> None:
        """Both sides answer what was approved. No event tells who has: a portal remembers what it sent."""
        answers = [
            (proposal["proposal_id"], who)
            for proposal in self.world.of("proposal", self.programme, "approved")
            for who in (proposal["mentor"], proposal["mentee"])
        ]
        new = [answer for answer in answers if answer not in self.accepted]
        if new:
            self.accepted.update(new)
            no = [(id, who) for id, who in new if self.keys[who] in self.story.declines - self.done]
            self.done |= {self.keys[who] for _, who in no}
            yes = [answer for answer in new if answer not in no]
            await self.ask([Asked(m.AcceptProposal(proposal_id=id, participant_id=who), actor=who) for id, who in yes])
            await self.ask([Asked(m.DeclineProposal(proposal_id=id, participant_id=who), actor=who) for id, who in no])
            running = len(self.world.of("tandem", self.programme, "running"))
            await self._until(self._all_planned, "the tandems' meetings")
            if no:
                self.told(date, f"{len(no)} proposals were declined")
            self.told(date, f"both sides said yes: {running} tandems")

    async def _accept_times(self) -> None:
        """Both sides accept what is suggested, a whole plan at once; some people never do, some meetings nobody."""
        passed_over = {
            meeting["meeting_id"]
            for change in self.story.meetings
            if change.what == "nobody-accepts" and (meeting := self._numbered(change)) is not None
        }
        asked = []
        for tandem in self.world.of("tandem", self.programme, "running"):
            open_ = [
                x
                for x in self._meetings(tandem["tandem_id"])
                if x["status"] == "planned" and x["acceptance"] == "open" and x["meeting_id"] not in passed_over
            ]
            for who in (tandem["mentor"], tandem["mentee"]):
                new = {(x["meeting_id"], x["date"], str(x["start"]), who): x for x in open_}
                times = [
                    s.MeetingTime(meeting_id=x["meeting_id"], date=x["date"], start=x["start"])
                    for time, x in new.items()
                    if time not in self.times
                ]
                self.times.update(new)
                if times and self.keys[who] not in self.story.quiet:
                    id = tandem["tandem_id"]
                    accepting = s.AcceptMeetings(tandem_id=id, participant_id=who, times=tuple(times))
                    asked.append(Asked(accepting, actor=who))
        await self.ask(asked)

    def _numbered(self, change: MeetingChange) -> dict[str, Any] | None:
        """The meeting of which the story tells something, if there are so many by now."""
        who = self.ids.get(change.who, "")
        mine = [x for x in self.world.of("meeting", self.programme) if who in (x["mentor"], x["mentee"])]
        mine.sort(key=lambda x: (x["date"], x["meeting_id"]))
        return mine[change.number - 1] if len(mine) >= change.number else None

    def _all_planned(self) -> bool:
        planned = {plan["tandem_id"] for plan in self.world.of("plan", self.programme)}
        return all(t["tandem_id"] in planned for t in self.world.of("tandem", self.programme, "running"))

    async def _agree(self, date: dt.date) -> None:
        """At their first meeting a tandem agrees on rules and goals: both say the same."""
        agreed = {a["tandem_id"] for a in self.world.of("agreement", self.programme) if a["confirmed"]}
        asked = []
        for tandem in self.world.of("tandem", self.programme, "running"):
            first = self._meetings(tandem["tandem_id"])[:1]
            if tandem["tandem_id"] not in agreed and first and first[0]["date"] <= date.isoformat():
                for who in (tandem["mentee"], tandem["mentor"]):
                    command = s.RecordAgreement(
                        tandem_id=tandem["tandem_id"],
                        participant_id=who,
                        rules=self.story.agreement.rules,
                        goals=self.story.agreement.goals,
                    )
                    asked.append(Asked(command, actor=who))
        await self.ask(asked)

    def _meetings(self, tandem: str) -> list[dict[str, Any]]:
        found = [x for x in self.world.of("meeting", self.programme) if x["tandem_id"] == tandem]
        return sorted(found, key=lambda x: (x["date"], x["meeting_id"]))

    async def _meet(self, date: dt.date) -> None:
        """Move, cancel or miss meetings as the story says; record what the others were about."""
        asked = []
        for change in self.story.meetings:
            name = f"{change.who}#{change.number}"
            who = self.ids.get(change.who, "")
            meeting = self._numbered(change)
            if name in self.done or meeting is None or change.what == "nobody-accepts":
                continue
            before = dt.date.fromisoformat(meeting["date"]) - DAY
            if date < (before if change.what != "not-held" else before + DAY) or meeting["status"] != "planned":
                continue
            self.done.add(name)
            asked.append(Asked(self._change(change.what, change.days, meeting, who), actor=who))
        plans = {subject: self.world.sequence(subject) for subject in self.world.states if subject.startswith("plan/")}
        answers = await self.ask(asked)
        for answer in answers:
            if answer.name == s.MeetingCancelled.name:
                plan = f"plan/{answer.data['tandem_id']}"
                await self._until(lambda p=plan: self.world.sequence(p) > plans[p], "another time for a meeting")  # type: ignore[misc]
        about = []
        for meeting in self.world.of("meeting", self.programme):
            past = meeting["date"] <= date.isoformat() and meeting["status"] in ("planned", "held")
            if self.keys[meeting["mentee"]] in self.story.quiet:
                continue
            if past and not meeting["topics"] and f"topics-{meeting['meeting_id']}" not in self.done:
                self.done.add(f"topics-{meeting['meeting_id']}")
                about.append(self._topics(meeting))
        await self.ask(about)

    def _change(self, what: str, days: int, meeting: dict[str, Any], who: str) -> Command:
        id = meeting["meeting_id"]
        if what == "cancel":
            return s.CancelMeeting(meeting_id=id, participant_id=who)
        if what == "not-held":
            return s.ReportNotHeld(meeting_id=id, participant_id=who)
        return s.MoveMeeting(
            meeting_id=id,
            participant_id=who,
            date=dt.date.fromisoformat(meeting["date"]) + days * DAY,
            start=meeting["start"],
            replaces=self.world.sequence(f"meeting/{id}"),
        )

    def _topics(self, meeting: dict[str, Any]) -> Asked:
        """The mentee chooses what they work on: their concerns, one after the other, and something new now and then."""
        mentee = self.story.person(self.keys[meeting["mentee"]])
        number = sum(1 for x in self._meetings(meeting["tandem_id"]) if x["date"] < meeting["date"])
        choice = [*mentee.concerns, *(topic.id for topic in self.story.kick_off.topics[:1])]
        command = s.RecordTopics(
            meeting_id=meeting["meeting_id"],
            participant_id=meeting["mentee"],
            topics=(choice[number % len(choice)],),
        )
        return Asked(command, actor=meeting["mentee"])

    async def _answer(self, date: dt.date) -> None:
        """Answer the surveys that opened three days ago or before; some people stay silent."""
        asked = []
        due = (date - 3 * DAY).isoformat()
        for survey in self.world.of("survey", self.programme, "open"):
            key = self.keys[survey["participant_id"]]
            values = self._values(survey["questionnaire"], key)
            if survey["survey_id"] in self.answered or key in self.story.silent or survey["opens"] > due or not values:
                continue
            self.answered.add(survey["survey_id"])
            command = e.SubmitAnswers(
                survey_id=survey["survey_id"],
                participant_id=survey["participant_id"],
                answers=values,
            )
            asked.append(Asked(command, actor=survey["participant_id"]))
        await self.ask(asked)

    def _values(self, questionnaire: str, key: str) -> dict[str, int | None]:
        """What somebody answers: the two sides see it differently (P13)."""
        side = self.story.person(key).role
        number = sorted(person.key for person in self.story.people if person.role == side).index(key)
        dealt = {
            item: values if isinstance(values, tuple) else values.get(side, ())
            for item, values in self.story.answers.get(questionnaire, {}).items()
        }
        return {item: values[number % len(values)] for item, values in dealt.items() if values}


class DayTakenError(Exception):
    """The system has had this day already: the story must be told later."""
