"""Invitations as others read them: `icalendar`, Mozilla's ical.js, and Radicale, a real CalDAV server."""

import datetime as dt
import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from services.scheduling.invitations.model import Invitation
from services.scheduling.invitations.writing import written
from services.scheduling.model import Meeting
from shared.contracts import scheduling as s
from shared.contracts.content_lines import uid_of
from shared.invitations import addressed
from shared.local.system import ROOT
from tests.support import node
from tests.support.calendars import CalDav, SmallReader, radicale, the_event
from tests.unit.runtime.test_invitation_addresses import ADDRESSES
from tests.unit.scheduling.invited import hears_itself
from tests.unit.scheduling.people import DAY, a_tandem, cancelling, meetings_in, moving
from tests.unit.scheduling.test_invitations_written import INVITATION

BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = dt.date(2027, 3, 28), dt.date(2027, 10, 31)
"""The clocks change in the night before these days."""
EDGES = (
    *((change + days * DAY, 600) for change in (SPRING, AUTUMN) for days in (-1, 0, 1)),
    (SPRING, 60),  # 01:00 to 03:30
    (AUTUMN, 0),  # 00:00 to 01:30
    (AUTUMN - DAY, 1410),  # beyond midnight
)


def invitations() -> list[Invitation]:
    """A meeting at each edge of summer time, each with an id of its own."""
    return [
        INVITATION.but(id=f"{n:08}{INVITATION.id[8:]}", date=day, start=start) for n, (day, start) in enumerate(EDGES)
    ]


def moments(invitation: Invitation) -> tuple[dt.datetime, dt.datetime]:
    begins = dt.datetime.combine(
        invitation.date, dt.time(invitation.start // 60, invitation.start % 60), BERLIN
    ).astimezone(dt.UTC)
    return begins, begins + dt.timedelta(minutes=invitation.minutes)


def read_by_ical_js(texts: list[str], folder: Path) -> list[dict[str, Any]]:
    """What ical.js understands of messages, once as they are and once after writing them again."""
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    command = [node.tool("node"), str(ROOT / "tests" / "node" / "icalendar.cjs"), str(folder / "texts.json")]
    env = {**os.environ, "NODE_PATH": str(node.modules())}
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=60)
    found: list[dict[str, Any]] = json.loads(run.stdout)
    return found


def a_lived_in_term() -> tuple[list[s.InvitationWritten], list[Meeting]]:
    """Every invitation of a tandem that moves a meeting twice, once back, and cancels another; and its meetings."""
    scenario = a_tandem()
    told = hears_itself(scenario)
    first, second = meetings_in(scenario)[:2]
    for step in (
        moving(first, first.date + DAY),
        moving(first, first.date, replaces=2),
        moving(first, first.date + 2 * DAY, replaces=3),
        cancelling(second),
    ):
        scenario.given(step)
        told += hears_itself(scenario)
    return told, meetings_in(scenario)


def expected(meetings: list[Meeting]) -> dict[str, dt.datetime]:
    return {
        uid_of(each.id): dt.datetime.combine(each.date, dt.time(each.start // 60, each.start % 60), BERLIN)
        for each in meetings
        if each.status == "planned"
    }


@pytest.mark.proves("S10")
def test_requests_changes_and_cancellations_leave_the_right_calendar_in_whatever_order_they_come() -> None:
    told, meetings = a_lived_in_term()
    for seed in range(4):
        reader = SmallReader()
        texts = [event.icalendar for event in told] * 2
        random.Random(seed).shuffle(texts)
        for text in texts:
            reader.deliver(text)
        assert reader.shown() == expected(meetings)


def test_ical_js_understands_the_same_and_so_after_writing_it_again(tmp_path: Path) -> None:
    told, _ = a_lived_in_term()
    sent = [addressed(event.icalendar, ADDRESSES) for event in told]
    cancelled = written(INVITATION.but(method="CANCEL"))
    texts = [*(written(invitation) for invitation in invitations()), cancelled, *sent]
    found = read_by_ical_js(texts, tmp_path)
    for text, read in zip(texts, found, strict=True):
        assert read["once"] == read["again"]
        [theirs], ours = read["once"]["events"], the_event(text)
        assert read["once"]["method"] == Calendar.from_ical(text)["method"]
        attendees = ours["attendee"]
        assert theirs == {
            "uid": ours["uid"],
            "sequence": ours["sequence"],
            "summary": ours["summary"],
            "description": ours["description"],
            "organizer": ours["organizer"],
            "attendees": [str(each) for each in attendees],
            "status": ours["status"],
            "starts": ours["dtstart"].dt.timestamp(),
            "ends": ours["dtend"].dt.timestamp(),
            "wall": ours["dtstart"].dt.strftime("%Y-%m-%dT%H:%M:%S"),
            "zone": "Europe/Berlin",
            "alarms": ["-PT15M"] if ours["status"] == "CONFIRMED" else [],
        }
        assert Calendar.from_ical(text).to_ical().decode() == text or text in sent
    for invitation, read in zip(invitations(), found, strict=False):
        [theirs] = read["once"]["events"]
        assert (theirs["starts"], theirs["ends"]) == tuple(moment.timestamp() for moment in moments(invitation))


@pytest.mark.proves("S10")
def test_a_caldav_server_ends_with_the_right_calendar_and_finds_meetings_at_the_edges_of_summer_time(
    tmp_path: Path,
) -> None:
    told, meetings = a_lived_in_term()
    ever = (dt.datetime(2027, 1, 1, tzinfo=dt.UTC), dt.datetime(2028, 1, 1, tzinfo=dt.UTC))
    with radicale(tmp_path) as http:
        calendar = CalDav(http, "/somebody/meetings/")
        calendar.make()
        for event in told:
            calendar.deliver(addressed(event.icalendar, ADDRESSES))
        assert calendar.between(*ever) == expected(meetings)
        calendar.deliver(told[0].icalendar)
        assert calendar.between(*ever) == expected(meetings), "an old request changes nothing"
        edges = CalDav(http, "/somebody/edges/")
        edges.make()
        for invitation in invitations():
            edges.deliver(written(invitation))
        for invitation in invitations():
            begins, ends = moments(invitation)
            minute = dt.timedelta(minutes=1)
            assert uid_of(invitation.id) in edges.between(begins, begins + minute)
            assert uid_of(invitation.id) in edges.between(ends - minute, ends)
            assert uid_of(invitation.id) not in edges.between(begins - minute, begins)
            assert uid_of(invitation.id) not in edges.between(ends, ends + minute)
