"""Calendars that invitations are delivered to: a small reader of our own, and Radicale, a CalDAV server."""

import contextlib
import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from icalendar import Calendar

from shared.local.ports import Ports

START_LIMIT = 20.0
"""Seconds that the server may take until it answers."""
DAV = {"d": "DAV:", "c": "urn:ietf:params:xml:ns:caldav"}
QUERY = """<?xml version="1.0"?>
<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
  <d:prop><c:calendar-data/></d:prop>
  <c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">
    <c:time-range start="{start:%Y%m%dT%H%M%SZ}" end="{end:%Y%m%dT%H%M%SZ}"/>
  </c:comp-filter></c:comp-filter></c:filter>
</c:calendar-query>"""


def the_event(text: str) -> Any:
    """The one event of a message; its types are a union of everything that iCalendar knows."""
    [event] = Calendar.from_ical(text).walk("VEVENT")
    return event


@dataclass
class SmallReader:
    """Takes messages in any order, by RFC 5546: of one UID the highest SEQUENCE wins, and DTSTAMP between two."""

    newest: dict[str, tuple[tuple[int, dt.datetime], str, Any]] = field(default_factory=dict)

    def deliver(self, text: str) -> None:
        """Take a message."""
        calendar: Any = Calendar.from_ical(text)
        [event] = calendar.walk("VEVENT")
        method = str(calendar["method"])
        uid, order = str(event["uid"]), (int(event["sequence"]), event["dtstamp"].dt)
        if uid not in self.newest or self.newest[uid][0] <= order:
            self.newest[uid] = order, method, event

    def shown(self) -> dict[str, dt.datetime]:
        """The beginnings of what stands in the calendar, by UID."""
        return {uid: event["dtstart"].dt for uid, (_, method, event) in self.newest.items() if method == "REQUEST"}


@dataclass
class CalDav:
    """One person's calendar on a CalDAV server: a mail program's REQUEST is a PUT there, its CANCEL a DELETE."""

    http: httpx.Client
    path: str

    def make(self) -> None:
        """Make the calendar."""
        self.http.request("MKCALENDAR", self.path).raise_for_status()

    def deliver(self, text: str) -> None:
        """Take a message that is newer than what the server has."""
        event = the_event(text)
        where = f"{self.path}{event['uid']}.ics"
        known = self.http.get(where)
        if known.status_code == httpx.codes.OK and the_event(known.text)["sequence"] > event["sequence"]:
            return
        calendar: Any = Calendar.from_ical(text)
        if calendar.pop("method") == "CANCEL":
            gone = self.http.delete(where)
            assert gone.status_code in (httpx.codes.OK, httpx.codes.NO_CONTENT, httpx.codes.NOT_FOUND), gone.text
            return
        headers = {"Content-Type": "text/calendar; charset=utf-8"}
        self.http.put(where, content=calendar.to_ical(), headers=headers).raise_for_status()

    def between(self, start: dt.datetime, end: dt.datetime) -> dict[str, dt.datetime]:
        """The beginnings of what the server itself finds between two moments in UTC, by UID."""
        query = QUERY.format(start=start, end=end)
        headers = {"Depth": "1", "Content-Type": "application/xml"}
        answer = self.http.request("REPORT", self.path, content=query, headers=headers)
        answer.raise_for_status()
        found = ET.fromstring(answer.text).iterfind(".//c:calendar-data", DAV)  # noqa: S314
        events = [the_event(each.text or "") for each in found]
        return {str(event["uid"]): event["dtstart"].dt for event in events}


@contextlib.contextmanager
def radicale(folder: Path) -> Iterator[httpx.Client]:
    """A Radicale server of its own, on a free port, with its data in a folder; skips where it is not installed."""
    pytest.importorskip("radicale")
    ports = Ports()
    place = f"127.0.0.1:{ports.take()}"
    options = {
        "server-hosts": place,
        "auth-type": "none",
        "storage-filesystem-folder": str(folder / "data"),
        "logging-level": "warning",
    }
    command = [sys.executable, "-m", "radicale", "--config", "", *(f"--{k}={v}" for k, v in options.items())]
    environment = {**os.environ, "HOME": str(folder)}
    log = folder / "log"
    with log.open("w") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            with httpx.Client(base_url=f"http://{place}", auth=("somebody", "x"), timeout=10) as http:
                _wait(http, server, log)
                yield http
        finally:
            server.terminate()
            server.wait(10)
            ports.release()


def _wait(http: httpx.Client, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        with contextlib.suppress(httpx.TransportError):
            http.get("/")
            return
        time.sleep(0.05)
    raise AssertionError(f"Radicale did not answer within {START_LIMIT:g} seconds: {log.read_text()}")
