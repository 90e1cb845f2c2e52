"""What the pilot's people do about meetings, by themselves, a delegate or a calendar; and what must hold then."""

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

from shared.contracts import calendar
from shared.contracts import scheduling as s
from shared.contracts.content_lines import DELEGATE
from shared.runtime.batch import EVENTS
from tests.simulation.pilot_world import DAYS, OPENS, SECONDS_A_DAY, Pilot

Told = dict[str, Any]
REMINDERS = 2
"""Of a meeting at one time each is reminded twice at most: two days and one day before."""


def names_delegates(world: Pilot, data: Told) -> None:
    """A tandem begins: who leads mostly has a secretary, who may be another one or nobody some time later."""
    rng = world.rng
    for who, share in ((data["mentee"], 0.7), (data["mentor"], 0.2)):
        if rng.random() >= share:
            continue
        last = OPENS + dt.timedelta(days=rng.randrange(15, DAYS)) if rng.random() < 0.3 else None
        named = world.delegates[who] = f"secretary-{len(world.delegates)}"
        naming = s.NameDelegate(participant_id=who, delegate=named, until=last)
        world.command(naming, "portal", rng.uniform(0, 4), actor=who)
        if rng.random() < 0.3:
            another = rng.choice((None, "another-secretary"))
            later = s.NameDelegate(participant_id=who, delegate=another)
            world.command(later, "portal", rng.uniform(10, 60), actor=who)


def _suggested(world: Pilot, data: Told) -> None:
    """A meeting was suggested: most accept it, some suggest another time, cancel it, or say what became of it."""
    rng, chance, id = world.rng, world.rng.random(), data["meeting_id"]
    who = rng.choice((data["mentor"], data["mentee"]))
    if chance < 0.12:
        _act(world, who, s.CancelMeeting(meeting_id=id, participant_id=who), 3)
        return
    date = dt.date.fromisoformat(data["date"])
    if date > OPENS + dt.timedelta(days=DAYS):
        return
    if chance < 0.2:
        day = date + dt.timedelta(days=1)
        moving = s.MoveMeeting(meeting_id=id, participant_id=who, date=day, start=data["start"], replaces=1)
        _act(world, who, moving, rng.uniform(0, 9))
    its_day = SECONDS_A_DAY * (date - OPENS).days - (world.scheduler.now - world.begun).total_seconds()
    time = s.MeetingTime(meeting_id=id, date=date, start=data["start"])
    for one in (data["mentor"], data["mentee"]):
        if rng.random() < 0.4:
            accepting = s.AcceptMeetings(tandem_id=data["tandem_id"], participant_id=one, times=(time,))
            _act(world, one, accepting, rng.uniform(0, 6))
        if rng.random() < 0.35:
            reporting = s.ReportMeeting(meeting_id=id, participant_id=one, took_place=rng.random() < 0.5)
            # Mostly within the days for objecting, some after them.
            world.command(reporting, "portal", max(0, its_day) + rng.uniform(0, 10), actor=one)


def _act(world: Pilot, who: str, command: Any, after: float) -> None:
    """Somebody does something, or whoever acts for them; now and then somebody who does not."""
    delegate = world.delegates.get(who)
    if delegate is not None and world.rng.random() < 0.4:
        world.command(command, "delegates", after, actor=delegate)
    elif world.rng.random() < 0.03:
        world.command(command, "delegates", after, actor="nobodys-secretary")
    else:
        world.command(command, "portal", after, actor=who)


def _invited(world: Pilot, data: Told) -> None:
    """An invitation came: some calendars answer, so late that it may have changed; secretaries answer as well."""
    rng, people = world.rng, data["people"]
    if data["method"] != "REQUEST" or len(people) < 2:
        return
    text = data["icalendar"].replace("\r\n ", "")
    start = dt.datetime.strptime(_line(text, "DTSTART"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    if start.date() > OPENS + dt.timedelta(days=DAYS):
        return
    for who in people:
        chance = rng.random()
        if chance >= 0.5:
            continue
        answer, method, at = "ACCEPTED", "REPLY", start
        if chance < 0.1:
            answer = "DECLINED"
        elif chance < 0.2:
            answer, method = "TENTATIVE", "COUNTER"
            at = start + dt.timedelta(days=rng.choice((0, 1, 1)), minutes=rng.choice((15, 60)))
        sent_by = (
            f';SENT-BY="{DELEGATE}{world.delegates[who]}"' if who in world.delegates and rng.random() < 0.2 else ""
        )
        lines = (
            *("BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT"),
            *(f"UID:{_line(text, 'UID')}", f"SEQUENCE:{data['sequence']}", "DTSTAMP:20270208T100000Z"),
            f"DTSTART;TZID=Europe/Berlin:{at:%Y%m%dT%H%M%S}",
            f"ATTENDEE;PARTSTAT={answer}{sent_by}:urn:uuid:{who}",
            *("END:VEVENT", "END:VCALENDAR"),
        )
        said = calendar.ReplyReceived(participant_id=who, icalendar="\r\n".join((*lines, "")))
        world.fact(said, "calendar", rng.choice((0, 0, rng.uniform(0, 15))))


def _line(text: str, name: str) -> str:
    """The value of an event's property."""
    event = text[text.index("BEGIN:VEVENT") :]
    found = re.search(rf"^{name}(?:;[^:\r\n]*)?:(.*?)\r?$", event, re.MULTILINE)
    assert found is not None, f"an invitation without {name}"
    return found[1]


ANSWERS: Mapping[str, Callable[[Pilot, Told], None]] = {
    s.MeetingScheduled.name: _suggested,
    s.InvitationWritten.name: _invited,
}


def events(world: Pilot) -> Iterator[Told]:
    """Every event of scheduling and of calendars once, in the order in which it was first said."""
    heard = set()
    for exchange, key, body, _ in world.broker.passed:
        if exchange == EVENTS and key.startswith(("scheduling.", "calendar.")):
            read = json.loads(body)
            if read["id"] not in heard:
                heard.add(read["id"])
                yield read


def happened(world: Pilot) -> Counter[str]:
    """What became of meetings and of answers, counted: how a run is known to have tried something."""
    found: Counter[str] = Counter()
    replies, by_delegates = set(), set()
    for _, key, body, user in world.broker.passed:
        if key == calendar.ReplyReceived.name:
            replies.add(json.loads(body)["id"])
        elif user == "delegates":
            by_delegates.add(json.loads(body)["id"])
    for event in events(world):
        name, data, cause = event["type"].split(".")[2], event["data"], event.get("causationid")
        known = data.get("known") if name == "meeting-held" else None
        what = f"{name}: {known}" if known else name
        if name == "person-addressed":
            what = f"told: {data['topic']}"
        elif name == "invitation-written":
            what = f"{name}: {data['method']}"
        elif name == "meeting-accepted":
            what = f"{name}: {data['acceptance']}"
        found[what] += 1
        if cause in replies:
            found[f"by a calendar: {name}"] += 1
        elif cause in by_delegates:
            found[f"by a delegate: {name}"] += 1
    return found


def broken_promises(world: Pilot) -> list[str]:
    """What no order of messages may lead to in scheduling, once everything has settled."""
    found: dict[str, dict[str, Told]] = {}
    for record in world.databases["scheduling"].records.values():
        if record.state is not None:
            found.setdefault(record.kind, {})[record.subject.split("/", 1)[1]] = record.state
    meetings, pairs = found.get("meeting", {}), found.get("tandem", {})
    return [
        *_one_plan(meetings, pairs),
        *_nobody_is_at_two_places(meetings),
        *_calendars_are_right(meetings, found.get("invitation", {})),
        *_said_once(world),
    ]


def _one_plan(meetings: Mapping[str, Told], pairs: Mapping[str, Told]) -> Iterator[str]:
    for id, pair in pairs.items():
        slots = {slot["meeting"]: slot for slot in pair["slots"]}
        own = {key: x for key, x in meetings.items() if x["tandem"] == id}
        for key, slot in slots.items():
            if any(own[key][name] != slot[name] for name in ("date", "start", "minutes", "status", "known")):
                yield f"meeting {key} is another one in its tandem: {own[key]} {slot}"
        for key, meeting in own.items():
            if meeting["status"] == "planned" and key not in slots:
                yield f"meeting {key} is planned, and its tandem does not know it"
            if meeting["status"] == "planned" and pair["status"] != "running" and meeting["date"] > pair["ends_on"]:
                yield f"meeting {key} is planned after the end of its tandem"
        numbers = [x["number"] for x in own.values() if x["number"] is not None]
        if len(numbers) != len(set(numbers)):
            yield f"tandem {id} has two meetings of one number"


def _nobody_is_at_two_places(meetings: Mapping[str, Told]) -> Iterator[str]:
    planned = [x for x in meetings.values() if x["status"] == "planned"]
    for one, other in combinations(planned, 2):
        shared = {one["mentor"], one["mentee"]} & {other["mentor"], other["mentee"]}
        near = one["start"] < other["start"] + other["minutes"] and other["start"] < one["start"] + one["minutes"]
        if shared and one["date"] == other["date"] and near:
            yield f"{shared} has two meetings at one time on {one['date']}"


def _calendars_are_right(meetings: Mapping[str, Told], invitations: Mapping[str, Told]) -> Iterator[str]:
    last = (OPENS + dt.timedelta(days=DAYS)).isoformat()
    for id, meeting in meetings.items():
        invitation = invitations.get(id)
        if meeting["date"] < last:
            # Of what was over when its word came calendars hear nothing any more.
            continue
        if meeting["status"] == "cancelled":
            if invitation is not None and invitation["method"] != "CANCEL":
                yield f"meeting {id} is cancelled and stands in calendars"
        elif invitation is None or invitation["method"] != "REQUEST":
            yield f"meeting {id} is {meeting['status']} and stands in no calendar"
        elif any(invitation[name] != meeting[name] for name in ("date", "start")):
            yield f"meeting {id} stands in calendars at another time"


def _said_once(world: Pilot) -> Iterator[str]:
    reminded: Counter[tuple[str, str]] = Counter()
    ends: dict[tuple[str, int], set[str]] = {}
    written: dict[tuple[str, int], str] = {}
    for event in events(world):
        name, data = event["type"].split(".", 1)[1], event["data"]
        if name == s.PersonAddressed.name and data["topic"] == "reminder":
            reminded[data["to"], data["text"]["de"]] += 1
        elif name in (s.MeetingHeld.name, s.MeetingCancelled.name):
            # Of one epoch: a restore forgets what came after the backup, and a meeting that was cancelled stands again.
            ends.setdefault((data["meeting_id"], event["epoch"]), set()).add(data["status"])
        elif name == s.InvitationWritten.name:
            number = data["invitation_id"], data["sequence"]
            if written.setdefault(number, data["icalendar"]) != data["icalendar"]:
                yield f"two invitations of one number: {number}"
    yield from (f"{who} was reminded {count} times" for (who, _), count in reminded.items() if count > REMINDERS)
    yield from (f"meeting {id} was held and cancelled" for (id, _), both in ends.items() if len(both) > 1)
