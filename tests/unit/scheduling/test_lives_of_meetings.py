"""Any sequence of commands, days and pauses, duplicated and in any order, leaves one consistent plan (S10)."""

import datetime as dt
from collections import Counter
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as cases
from hypothesis import strategies as st

from services.scheduling.acceptance import wakes_on
from services.scheduling.model import Meeting, Pair, Programme
from shared.contracts import matching as m
from shared.contracts import scheduling as s
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached
from tests.support.reference import By, Scenario
from tests.unit.scheduling.calendars import busy
from tests.unit.scheduling.people import (
    DAY,
    MENTEE,
    MENTOR,
    SECOND_MENTEE,
    SECOND_TANDEM,
    TANDEM,
    accepting,
    afresh,
    meetings_in,
    moving,
    pauses,
    reporting,
    resumes,
    second_tandem,
    tandem,
    two_tandems,
)

KINDS = (
    *("accept", "accept all", "move", "clash", "cancel", "add", "taken"),
    *("report", "late report", "late move", "deny", "topics", "woken", "pause", "resume", "end"),
)
STEPS = st.tuples(
    st.sampled_from(KINDS),
    st.integers(0, 5),
    st.integers(1, 9),
    st.booleans(),
    st.booleans(),
)
LIVES = st.lists(st.one_of(STEPS, st.integers(1, 12)), min_size=4, max_size=24)


@cache
def begun() -> Scenario:
    return two_tandems()


def at_one_time(one: Meeting, other: Meeting) -> bool:
    return one.date == other.date and one.start < other.start + other.minutes and other.start < one.start + one.minutes


def step(scenario: Scenario, kind: str, number: int, days: int, *, second: bool, mentor: bool) -> list[Any]:
    """What somebody does, by the meetings as they are now: two messages may speak of one that the first has changed."""
    id, mentee = (SECOND_TANDEM, SECOND_MENTEE) if second else (TANDEM, MENTEE)
    who = MENTOR if mentor else mentee
    mine = meetings_in(scenario, id)
    meeting = mine[number % len(mine)]
    today = scenario.reference.today
    match kind:
        case "woken":
            return [DueReached(subject=x.subject, date=today) for x in mine if x.status == "planned"]
        case "accept":
            return [accepting(meeting, who=who, tandem=id)]
        case "accept all":
            coming = [x for x in mine if x.status == "planned" and x.date >= today]
            return [accepting(*coming[:60], who=who, tandem=id)] if coming else []
        case "move":
            move = {"date": meeting.date + days * DAY, "start": 540 + 15 * days, "replaces": meeting.said}
            command = s.MoveMeeting.model_validate({"meeting_id": meeting.id, "participant_id": who, **move})
            return [By(command, actor=who, sender="person"), accepting(meeting, who=MENTOR, tandem=id)]
        case "clash":
            elsewhere = [x for x in meetings_in(scenario, TANDEM if second else SECOND_TANDEM) if x.status == "planned"]
            at = elsewhere[number % len(elsewhere)] if elsewhere else meeting
            clash = {"date": at.date, "start": at.start + 15 * (days % 3), "replaces": meeting.said}
            command = s.MoveMeeting.model_validate({"meeting_id": meeting.id, "participant_id": who, **clash})
            return [By(command, actor=who, sender="person")]
        case "late move":
            over = [x for x in mine if x.status == "planned" and x.date < today][:1]
            return [moving(x, today + days * DAY, replaces=x.said) for x in over]
        case "late report":
            return [reporting(x, who) for x in mine if x.status == "unknown"][:1]
        case "cancel":
            return [By(s.CancelMeeting(meeting_id=meeting.id, participant_id=who), actor=who, sender="person")]
        case "add":
            added = s.AddMeeting(tandem_id=id, participant_id=who, date=today + days * DAY, start=540 + 60 * number)
            return [By(added, actor=who, sender="person")]
        case "report" | "deny":
            return [reporting(meeting, who, took_place=kind == "report")]
        case "topics":
            named = s.RecordTopics(meeting_id=meeting.id, participant_id=who, topics=("apps",))
            return [By(named, actor=who, sender="person")]
        case "taken":
            # More than the meeting itself, which would be taken for its entry in the calendar.
            return [busy([(meeting.date, meeting.start - 15, meeting.start + 60)], who=who)]
        case "pause":
            return [pauses(who, today + days * DAY if number % 2 else None, since=today)]
        case "resume":
            return [resumes(who)]
    return [tandem(m.TandemEnded, today) if not second else second_tandem(m.TandemEnded, today)]


class Watch:
    """What must hold after each step, whatever was done."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.reminded: Counter[tuple[str, str, dt.date]] = Counter()
        self.ends: dict[str, set[str]] = {}
        self.dates: dict[str, dt.date] = {}

    def look(self) -> None:
        """Take in what the last step said, and hold the state against it."""
        today = self.scenario.reference.today
        for message in self.scenario.told:
            if isinstance(message, s.PersonAddressed) and message.topic == "reminder":
                self.reminded[message.to, message.text.de, today] += 1
            elif isinstance(message, s.MeetingHeld | s.MeetingCancelled):
                self.ends.setdefault(message.meeting_id, set()).add(message.status)
        assert not [twice for twice, count in self.reminded.items() if count > 1], "reminded twice"
        assert not [id for id, ends in self.ends.items() if len(ends) > 1], "both held and cancelled"
        state = self.scenario.reference.state
        for id in (TANDEM, SECOND_TANDEM):
            pair = state[f"tandem/{id}"]
            assert isinstance(pair, Pair)
            self._one_plan(pair)
            waiting = [a for a in state.values() if isinstance(a, Attention) and a.id in pair.signs]
            open_ = {a.what for a in waiting if a.status != "settled"} - {"plan-short"}
            assert {need.rule for need in pair.needs} == open_
        meetings = [
            x for id in (TANDEM, SECOND_TANDEM) for x in meetings_in(self.scenario, id) if x.status == "planned"
        ]
        assert not [x for x in meetings if self.dates.get(x.id, today) < min(today, x.date)], "a past one to come"
        self.dates.update({x.id: x.date for x in meetings})
        assert not [1 for one, other in combinations(meetings, 2) if at_one_time(one, other)], "at two places at once"

    def _one_plan(self, pair: Pair) -> None:
        programme = self.scenario.reference.state["programme/pilot"]
        assert isinstance(programme, Programme)
        meetings = {x.id: x for x in meetings_in(self.scenario, pair.id)}
        slots = {slot.meeting: slot for slot in pair.slots}
        for id, slot in slots.items():
            assert {name: getattr(meetings[id], name) for name in dict(slot) if name != "meeting"} == {
                name: value for name, value in slot if name != "meeting"
            }
        numbers = [x.number for x in meetings.values() if x.number is not None]
        assert len(numbers) == len(set(numbers)), "one number twice"
        for id, meeting in meetings.items():
            if meeting.status != "planned":
                continue
            assert id in slots
            assert pair.status == "running" or meeting.date <= pair.ends_on
            rests = wakes_on(meeting, pair, programme, self.scenario.reference.today) is None
            assert (meeting.due is None) <= rests, "a planned meeting that nothing wakes"


@pytest.mark.proves("S10", "P6", "P8", "P11")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@cases(LIVES, st.randoms(use_true_random=False))
def test_whatever_the_two_do_there_is_one_plan_and_nobody_is_reminded_twice(life: list[Any], chance: Any) -> None:
    scenario = afresh(begun())
    watch = Watch(scenario)
    for each in life:
        if isinstance(each, int):
            for _ in range(each):
                scenario.when(scenario.reference.today + DAY)
                watch.look()
                scenario.when(scenario.reference.today)
                watch.look()
            continue
        kind, number, days, second, mentor = each
        messages = step(scenario, kind, number, days, second=second, mentor=mentor)
        messages = [message for message in messages for _ in range(chance.choice((1, 1, 2)))]
        chance.shuffle(messages)
        for message in messages:
            scenario.when(message)
            watch.look()
            if chance.random() < 0.3:
                scenario.again().then_nothing()
