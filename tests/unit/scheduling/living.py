"""What people do about their meetings and gatherings, in any order, and what must hold after each step of it."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from typing import Any, NamedTuple

from services.scheduling.gatherings.model import AnyGathering, Gathering, Guest, KickOff
from services.scheduling.invitations.model import Invitation
from services.scheduling.meetings.acceptance import wakes_on
from services.scheduling.model import Delegate, Meeting, Pair, Programme
from shared.contracts import calendar
from shared.contracts import matching as m
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached
from tests.support.calendars import SmallReader
from tests.support.reference import By, Scenario
from tests.unit.scheduling.calendars import busy
from tests.unit.scheduling.invited import KINDS as ABOUT_MEETINGS
from tests.unit.scheduling.invited import invitations_in, reply
from tests.unit.scheduling.people import (
    CLOSES,
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    SECOND_MENTEE,
    SECOND_TANDEM,
    STARTS,
    TANDEM,
    accepting,
    meetings_in,
    moving,
    pauses,
    reporting,
    resumes,
    second_tandem,
    tandem,
)

KINDS = (
    *("accept", "accept all", "move", "clash", "cancel", "add", "taken"),
    *("report", "late report", "late move", "deny", "topics", "woken", "pause", "resume", "end", "complete"),
    *("calendar yes", "calendar no", "calendar counter", "calendar stale", "calendar clash"),
    *("name delegate", "delegate accepts", "delegate moves", "delegate cancels", "delegate answers"),
    *("gathering", "gathering clash", "kick-off", "call off", "meet at gathering"),
)
"""What a step may be."""
TANDEMS = (TANDEM, SECOND_TANDEM)
DELEGATES = tuple(f"secretary-{number}" for number in range(3))
PEOPLE = {TANDEM: (MENTOR, MENTEE), SECOND_TANDEM: (MENTOR, SECOND_MENTEE)}


class Step(NamedTuple):
    """One thing that somebody does: what, to which meeting, how many days from it, in which tandem, by which side."""

    kind: str
    number: int
    days: int
    second: bool
    mentor: bool

    @property
    def tandem(self) -> str:
        """The tandem's id."""
        return SECOND_TANDEM if self.second else TANDEM

    @property
    def who(self) -> str:
        """Which of its two does it."""
        return MENTOR if self.mentor else PEOPLE[self.tandem][1]


def wall(date: dt.date, start: int) -> dt.datetime:
    """A time of a day."""
    return dt.datetime.combine(date, dt.time(start // 60 % 24, start % 60))


def gatherings_in(scenario: Scenario) -> list[AnyGathering]:
    """All gatherings, by their subject."""
    found = [a for a in scenario.reference.state.values() if isinstance(a, KickOff | Gathering)]
    return sorted(found, key=lambda gathering: gathering.subject)


def messages_of(step: Step, scenario: Scenario, seen: list[Invitation]) -> list[Any]:
    """What somebody does, by what there is now: two messages may speak of something that the first has changed.

    `seen` are invitations as somebody saw them at any time.
    """
    ways: dict[str, Callable[[], list[Any]]] = {
        "calendar": lambda: _answers(step, scenario, seen),
        "delegate": lambda: _acts_for(step, scenario),
        "name": lambda: [_names(step, scenario)],
        "gathering": lambda: [_plans(step, scenario)],
        "kick-off": lambda: [s.PlanKickOff(programme_id="pilot", earliest=FORMED + step.days * DAY, latest=CLOSES)],
        "call": lambda: _calls_off(step, scenario),
        "meet": lambda: _meets_at_gathering(step, scenario),
    }
    way = ways.get(step.kind.split()[0])
    return way() if way is not None else _about_meetings(step, scenario)


def _about_meetings(step: Step, scenario: Scenario) -> list[Any]:
    kind, number, days, second, _ = step
    id, who = step.tandem, step.who
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
            return [_moving(meeting, who, meeting.date + days * DAY, 540 + 15 * days), accepting(meeting, tandem=id)]
        case "clash":
            at = _elsewhere(step, scenario) or meeting
            return [_moving(meeting, who, at.date, at.start + 15 * (days % 3))]
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
    over_by = m.TandemCompleted if kind == "complete" else m.TandemEnded
    return [second_tandem(over_by, today) if second else tandem(over_by, today)]


def _moving(meeting: Meeting, who: str, date: dt.date, start: int, delegate: str | None = None) -> By:
    move = {"date": date, "start": start, "replaces": meeting.said}
    command = s.MoveMeeting.model_validate({"meeting_id": meeting.id, "participant_id": who, **move})
    return By(command, actor=delegate or who, sender="delegate" if delegate else "person")


def _elsewhere(step: Step, scenario: Scenario) -> Meeting | None:
    """A planned meeting of the other tandem."""
    other = TANDEM if step.second else SECOND_TANDEM
    planned = [x for x in meetings_in(scenario, other) if x.status == "planned"]
    return planned[step.number % len(planned)] if planned else None


def _answers(step: Step, scenario: Scenario, seen: list[Invitation]) -> list[Any]:
    """Somebody answers from their calendar, now and then a delegate with SENT-BY, what they see or saw there."""
    now = [x for x in invitations_in(scenario) if step.who in x.people]
    if step.kind == "calendar stale":
        now = [x for x in seen if step.who in x.people]
    if not now:
        return []
    invitation = now[step.number * step.days % len(now)]
    sent_by = DELEGATES[step.number % 3] if step.days % 3 == 0 else None
    at = _elsewhere(step, scenario) if step.kind == "calendar clash" else None
    if step.kind in ("calendar counter", "calendar clash") or (step.kind == "calendar stale" and step.days % 3 == 1):
        start = wall(at.date, at.start) if at else wall(invitation.date + step.days * DAY, 540 + 15 * step.number)
        return [reply(invitation, "TENTATIVE", step.who, method="COUNTER", start=start, delegate=sent_by)]
    yes = step.kind == "calendar yes" or (step.kind == "calendar stale" and step.days % 3 == 2)
    return [reply(invitation, "ACCEPTED" if yes else "DECLINED", step.who, delegate=sent_by)]


def _names(step: Step, scenario: Scenario) -> By:
    """Somebody names a delegate, another one, or nobody, until a day or without an end."""
    until = scenario.reference.today + step.days * DAY if step.days % 2 else None
    delegate = (*DELEGATES, None)[step.number % 4]
    command = s.NameDelegate(participant_id=step.who, delegate=delegate, until=until)
    return By(command, actor=step.who, sender="person")


def _acts_for(step: Step, scenario: Scenario) -> list[Any]:
    """Somebody who is, was or never will be the delegate does something for one of the two."""
    known = scenario.reference.state.get(f"delegate/{step.who}")
    named = known.delegate if isinstance(known, Delegate) and step.days % 3 else None
    delegate, mine = named or DELEGATES[step.number % 3], meetings_in(scenario, step.tandem)
    meeting = mine[step.number % len(mine)]
    if step.kind == "delegate accepts":
        return [accepting(meeting, who=step.who, actor=delegate, tandem=step.tandem)]
    if step.kind == "delegate moves":
        return [_moving(meeting, step.who, meeting.date + step.days * DAY, 600, delegate)]
    if step.kind == "delegate cancels":
        command = s.CancelMeeting(meeting_id=meeting.id, participant_id=step.who)
        return [By(command, actor=delegate, sender="delegate")]
    invitations = [x for x in invitations_in(scenario) if step.who in x.people and x.tandem is not None]
    answer = "ACCEPTED" if step.number % 2 else "DECLINED"
    return [reply(x, answer, step.who, delegate=delegate) for x in invitations[step.number : step.number + 1]]


def _plans(step: Step, scenario: Scenario) -> s.PlanGathering:
    """The office plans a gathering in some days, or at a day on which a tandem meets."""
    earliest = max(STARTS, scenario.reference.today + step.number * DAY)
    latest = earliest + step.days * DAY
    planned = [x for x in meetings_in(scenario, step.tandem) if x.status == "planned" and x.date > earliest]
    if step.kind == "gathering clash" and planned:
        earliest = latest = planned[min(step.number, len(planned) - 1)].date
    fields = {"minutes": 180 if step.mentor else 420, "for_whom": "tandems" if step.number % 2 else "everybody"}
    fixed = {"programme_id": "pilot", "kind": "closing" if step.second else "barcamp"}
    return s.PlanGathering.model_validate(fixed | fields | {"earliest": earliest, "latest": latest})


def _calls_off(step: Step, scenario: Scenario) -> list[Any]:
    found = gatherings_in(scenario)
    if not found:
        return []
    gathering = found[step.number % len(found)]
    id = gathering.id if isinstance(gathering, Gathering) else None
    return [s.CancelGathering(programme_id="pilot", gathering_id=id)]


def _meets_at_gathering(step: Step, scenario: Scenario) -> list[Any]:
    """The two move a meeting to a time, or add one, at which there is a gathering."""
    dates = [when for gathering in gatherings_in(scenario) for when in gathering.dates]
    if not dates:
        return []
    at, mine = dates[step.number % len(dates)], meetings_in(scenario, step.tandem)
    if step.days % 2:
        added = s.AddMeeting(tandem_id=step.tandem, participant_id=step.who, date=at.date, start=at.start + 30)
        return [By(added, actor=step.who, sender="person")]
    return [_moving(mine[step.number % len(mine)], step.who, at.date, at.start + 15)]


def at_one_time(one: "Meeting | Taken", other: "Meeting | Taken") -> bool:
    """Whether two times overlap."""
    return one.date == other.date and one.start < other.start + other.minutes and other.start < one.start + one.minutes


class Taken(NamedTuple):
    """A time that somebody has given away to a gathering."""

    who: str
    date: dt.date
    start: int
    minutes: int


def invited_to(scenario: Scenario) -> list[Taken]:
    """When somebody is invited to a gathering that is still to come."""
    today = scenario.reference.today
    found = []
    for gathering in gatherings_in(scenario):
        for guest in scenario.reference.state.values():
            if not isinstance(guest, Guest) or gathering.status != "scheduled" or not guest.invited_to(gathering):
                continue
            if guest.date is not None and guest.start is not None and guest.date >= today:
                found.append(Taken(guest.participant, guest.date, guest.start, gathering.minutes))
    return found


class Watch:
    """What must hold after each step, whatever was done; and what scheduling hears of itself, whenever that comes."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.reminded: Counter[tuple[str, str, dt.date]] = Counter()
        self.ends: dict[str, set[str]] = {}
        self.dates: dict[str, dt.date] = {}
        self.seen = invitations_in(scenario)
        self.written: dict[tuple[str, int], str] = {}
        self.under_way: list[By] = []
        self._said = 0

    def take(self, message: Any) -> None:
        """Let something happen, and look."""
        before = self._of_delegate(message)
        behind = self._is_behind(message)
        self.scenario.when(message)
        self.look()
        kinds = {type(told) for told in self.scenario.told}
        if before is not None and not before:
            rejected = all(
                hasattr(told, "reasons") or isinstance(told, s.PersonAddressed) for told in self.scenario.told
            )
            assert rejected, f"who is no delegate did {kinds}"
        if behind:
            assert kinds <= {s.PersonAddressed}, f"an answer to what has changed did {kinds}"

    def _of_delegate(self, message: Any) -> bool | None:
        """Whether who acts for somebody may; None: nobody acts for anybody."""
        if not isinstance(message, By) or message.sender != "delegate":
            return None
        named = self.scenario.reference.state.get(f"delegate/{getattr(message.message, 'participant_id', '')}")
        return isinstance(named, Delegate) and named.acts(message.actor, self.scenario.reference.today)

    def _is_behind(self, message: Any) -> bool:
        """Whether somebody answers an invitation that has changed since."""
        if not isinstance(message, calendar.ReplyReceived):
            return False
        lines = dict(line.partition(":")[::2] for line in message.icalendar.split("\r\n"))
        id = lines["UID"].removesuffix("@tandem")
        invitation = self.scenario.reference.state.get(f"invitation/{id}")
        meeting = self.scenario.reference.state.get(f"meeting/{id}")
        assert isinstance(invitation, Invitation)
        moved = isinstance(meeting, Meeting) and (meeting.date, meeting.start) != (invitation.date, invitation.start)
        # Or the meeting has moved, and what scheduling hears of itself is still under way.
        return int(lines["SEQUENCE"]) < invitation.sequence or moved

    def hear(self, chance: Any, *, all_: bool = False) -> None:
        """Hear some of what scheduling said of meetings itself, in any order, some of it twice."""
        said = self.scenario.reference.said
        self.under_way += [
            By(message, sequence=number)
            for message, number in said[self._said :]
            if isinstance(message, ABOUT_MEETINGS) and number is not None
        ]
        self._said = len(said)
        chance.shuffle(self.under_way)
        later = [] if all_ else [each for each in self.under_way if chance.random() < 0.3]
        for each in [each for each in self.under_way if each not in later]:
            for _ in range(chance.choice((1, 1, 2))):
                self.scenario.when(each)
                self.look()
        self.under_way = later
        # Of what is said meanwhile nothing is of meetings: an invitation changes none.
        self.seen += [x for x in invitations_in(self.scenario) if x not in self.seen]

    def look(self) -> None:
        """Take in what the last step said, and hold the state against it."""
        self._told(self.scenario.told)
        today = self.scenario.reference.today
        state = self.scenario.reference.state
        for id in TANDEMS:
            pair = state[f"tandem/{id}"]
            assert isinstance(pair, Pair)
            self._one_plan(pair)
            waiting = [a for a in state.values() if isinstance(a, Attention) and a.id in pair.signs]
            open_ = {a.what for a in waiting if a.status != "settled"} - {"plan-short"}
            assert {need.rule for need in pair.needs} == open_
        meetings = [x for id in TANDEMS for x in meetings_in(self.scenario, id) if x.status == "planned"]
        assert not [x for x in meetings if self.dates.get(x.id, today) < min(today, x.date)], "a past one to come"
        self.dates.update({x.id: x.date for x in meetings})
        assert not [1 for one, other in combinations(meetings, 2) if at_one_time(one, other)], "at two places at once"
        invited = invited_to(self.scenario)
        assert not [(one, x.id) for one in invited for x in meetings if one.who in x.people and at_one_time(one, x)], (
            "at a gathering and in a meeting at once"
        )
        assert not [
            (one, other) for one, other in combinations(invited, 2) if one.who == other.who and at_one_time(one, other)
        ], "at two gatherings at once"

    def _told(self, told: list[Contract]) -> None:
        for message in told:
            if isinstance(message, s.PersonAddressed) and message.topic in ("reminder", "gathering-reminder"):
                self.reminded[message.to, message.text.de, self.scenario.reference.today] += 1
            elif isinstance(message, s.MeetingHeld | s.MeetingCancelled):
                self.ends.setdefault(message.meeting_id, set()).add(message.status)
            elif isinstance(message, s.InvitationWritten):
                known = self.written.setdefault((message.invitation_id, message.sequence), message.icalendar)
                assert known == message.icalendar, "two invitations of one number"
        assert not [twice for twice, count in self.reminded.items() if count > 1], "reminded twice"
        assert not [id for id, ends in self.ends.items() if len(ends) > 1], "both held and cancelled"

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

    def calendars_are_right(self, chance: Any, before: dict[tuple[str, int], str]) -> None:
        """Every calendar shows what is to come, and nothing that is off, in whatever order it heard of it.

        `before`: what was written before the watch began.
        """
        reader = SmallReader()
        written = [*(before | self.written).values()]
        chance.shuffle(written)
        for text in written:
            reader.deliver(text)
        shown = {uid.removesuffix("@tandem"): begins.replace(tzinfo=None) for uid, begins in reader.shown().items()}
        today = self.scenario.reference.today
        meetings = [x for id in TANDEMS for x in meetings_in(self.scenario, id)]
        for meeting in meetings:
            if meeting.status == "cancelled":
                assert meeting.id not in shown, "cancelled, and it stands in the calendar"
            elif meeting.date >= today:
                assert shown[meeting.id] == wall(meeting.date, meeting.start)
        to_come = {(one.who, wall(one.date, one.start)) for one in invited_to(self.scenario)}
        own = {x.id for x in meetings}
        stands = {
            (x.people[0], shown[x.id])
            for x in invitations_in(self.scenario)
            if x.id not in own and x.id in shown and x.date >= today
        }
        assert stands == to_come, "gatherings in calendars"
