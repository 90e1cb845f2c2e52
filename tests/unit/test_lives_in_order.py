"""People's lives by the reference interpreters: registration's events reach matching in any order, some twice."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.matching.model import Candidate, Proposal, Seat, Tandem
from services.matching.service import service as matching
from services.registration.model import Participant, Programme
from services.registration.service import service as registration
from shared.contracts import hr
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.base import Contract, Event
from shared.contracts.parts import Deadlines, MatchingRules, Rules, TopicLevel
from shared.runtime.aggregate import Seen
from shared.runtime.closed_set import closed_set
from shared.runtime.table import Fact
from tests.support.reference import Heard, Reference
from tests.unit.registration.test_registration import TODAY, mentee, mentor, opening, profile, topic

DAY = dt.timedelta(days=1)
PROGRAMMES = ("pilot", "second")
RULES = Rules(matching=MatchingRules(seniority_distance=0), deadlines=Deadlines(wish_days=0))
LEVELS = (TopicLevel(topic_id="apps", level=3),)
READ = {row.on for row in matching.rows if isinstance(row, Fact) and row.on.owner == "registration"}

STEPS = st.one_of(
    st.tuples(
        st.just("register"), st.integers(0, 3), st.sampled_from(PROGRAMMES), st.sampled_from(("mentor", "mentee"))
    ),
    st.tuples(st.sampled_from(("pause", "resume", "withdraw", "change")), st.integers(0, 7)),
    st.tuples(st.sampled_from(("move", "end")), st.integers(0, 3)),
    st.tuples(st.just("close"), st.sampled_from(PROGRAMMES)),
    st.tuples(st.sampled_from(("hear", "hear twice")), st.integers(0, 30)),
    st.tuples(st.sampled_from(("approve", "yes", "no")), st.integers(0, 3)),
    st.tuples(st.just("day"), st.just(0)),
)


@dataclass
class Both:
    """Registration, matching, and what the one has said and the other has not heard yet."""

    registration: Reference = field(default_factory=lambda: Reference(registration, today=TODAY))
    matching: Reference = field(default_factory=lambda: Reference(matching, today=TODAY))
    unheard: list[Heard] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.ask(topic(), "office")
        for programme in PROGRAMMES:
            self.ask(opening(programme_id=programme, rules=RULES), "office")

    def ask(self, message: Contract, sender: Any, actor: str | None = None, sequence: int = 0) -> list[Contract]:
        """Registration decides; what matching reads of it is to be heard later."""
        self.count += 1
        heard = Heard(message, id=str(self.count), actor=actor, sender=sender, seen=Seen(epoch=1, sequence=sequence))
        return self._said(lambda: self.registration.feed(heard))

    def _said(self, do: Any) -> list[Contract]:
        before = len(self.registration.said)
        told: list[Contract] = do()
        for number, (event, sequence) in enumerate(self.registration.said[before:], before):
            if isinstance(event, Event) and type(event) in READ:
                self.unheard.append(Heard(event, id=f"e{number}", seen=Seen(epoch=1, sequence=sequence or 0)))
        return told

    def hear(self, heard: Heard) -> None:
        """Matching hears a word of registration's; nobody may be proposed who takes no part by what it knows."""
        self.judge(self.matching.feed(heard))

    def judge(self, told: list[Contract]) -> None:
        """Nobody is proposed who has left or pauses."""
        for pair in (message for message in told if isinstance(message, m.PairProposed)):
            for who in (pair.mentor, pair.mentee):
                candidate = self.matching.state[f"candidate/{who}"]
                assert isinstance(candidate, Candidate)
                assert candidate.takes_part(self.matching.today)

    def people(self) -> list[Participant]:
        """Everybody who was ever registered."""
        return [a for _, a in sorted(self.registration.state.items()) if isinstance(a, Participant)]

    def step(self, what: str, *of: Any) -> None:
        """One step of somebody's life."""
        if what == "register":
            key, kind = f"P-{of[0]}", mentor if of[2] == "mentor" else mentee
            fits = profile(department=f"D-{of[0]}", unit=(), strengths=LEVELS, concerns=LEVELS)
            # Each has a superior of their own.
            self.ask(kind(key, programme_id=of[1], profile=fits, superiors=(f"head-{key}",)), "person")
        elif what == "close":
            self.ask(r.CloseRegistration(programme_id=of[0]), "office")
        elif what == "day":
            today = self.registration.today + DAY
            self._said(lambda: self.registration.start_day(today))
            self.judge(self.matching.start_day(today))
        elif what in ("move", "end"):
            self._hr(what, f"P-{of[0]}")
        elif what in ("hear", "hear twice") and self.unheard:
            place = of[0] % len(self.unheard)
            self.hear(self.unheard[place] if what == "hear twice" else self.unheard.pop(place))
        elif what in ("approve", "yes", "no"):
            self._answer(what, of[0])
        elif people := self.people():
            self._person(what, people[of[0] % len(people)])

    def _hr(self, what: str, key: str) -> None:
        named = {"employment_id": key, "personnel_key": key}
        changed = hr.EmploymentChanged(**named, department=f"D-{self.count % 3}", unit=("U",))
        ended = hr.EmploymentEnded(**named, last_day=self.registration.today - DAY)
        self.ask(changed if what == "move" else ended, None, sequence=self.count + 1)

    def _person(self, what: str, person: Participant) -> None:
        id = person.id
        new = person.profile.model_copy(update={"site": f"site {self.count}"})
        commands: dict[str, Contract] = {
            "pause": r.PauseParticipation(participant_id=id, until=self.registration.today + (self.count % 3) * DAY),
            "resume": r.ResumeParticipation(participant_id=id),
            "withdraw": r.Withdraw(participant_id=id),
            "change": r.ChangeProfile(participant_id=id, profile=new, replaces=max(person.said, 1)),
        }
        self.ask(commands[what], "person", id)

    def _answer(self, what: str, number: int) -> None:
        pairs = [a for _, a in sorted(self.matching.state.items()) if isinstance(a, Proposal) and a.is_open]
        for pair in pairs[number : number + 1]:
            answer = m.AcceptProposal if what == "yes" else m.DeclineProposal
            for who in (pair.mentor, pair.mentee):
                self.count += 1
                asked = m.ApproveProposal(proposal_id=pair.id)
                said = asked if what == "approve" else answer(proposal_id=pair.id, participant_id=who)
                sender: Any = "office" if what == "approve" else "person"
                self.judge(self.matching.feed(Heard(said, id=f"m{self.count}", actor=who, sender=sender)))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEPS, max_size=40), data=st.data())
def test_any_order_of_any_lives_keeps_the_closed_set_and_both_services_of_one_mind(
    steps: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    both = Both()
    for number, (one, other) in enumerate((("mentor", "mentee"), ("mentee", "mentor"), ("mentor", "mentor"))):
        both.step("register", number, "pilot", one)
        both.step("register", number, "second", other)
    for step in steps:
        both.step(*step)
    for heard in data.draw(st.permutations(both.unheard)):
        both.hear(heard)
    both.judge(both.matching.try_again())
    people = both.people()
    for programme in PROGRAMMES:
        here = [person for person in people if person.programme == programme]
        assert len({person.position for person in here}) == len(here), "somebody is registered twice"
        known = both.registration.state[f"programme/{programme}"]
        assert isinstance(known, Programme)
        assert known.closed_set is None or known.closed_set == closed_set(person.id for person in here)
    for person in people:
        candidate = both.matching.state[f"candidate/{person.id}"]
        assert isinstance(candidate, Candidate)
        mine = {name: getattr(person, name) for name in ("role", "status", "profile", "paused_since", "paused_until")}
        assert {name: getattr(candidate, name) for name in mine} == mine
        seat = both.matching.state.get(f"seat/{person.id}")
        assert person.status == "registered" or not isinstance(seat, Seat) or seat.empty
    for pair in both.matching.state.values():
        if isinstance(pair, Proposal | Tandem) and pair.status in ("proposed", "approved", "running"):
            gone = {person.id for person in people if person.status == "withdrawn"}
            assert not gone & {pair.mentor, pair.mentee}
