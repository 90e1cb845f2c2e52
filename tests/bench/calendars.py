"""How long reading calendars takes: `python -m tests.bench.calendars`.

Milliseconds of CPU, the median of several runs: what happens when a message comes in (reduced), when it is decided (by
hand for free/busy), and in the job (events). The library's own reader of free/busy stands beside ours.
"""

import datetime as dt
import statistics
import time
from collections.abc import Callable
from typing import Any

import icalendar

from services.scheduling.availability.wall_time import Span, minute_of
from services.scheduling.calendars.events import busy_events
from services.scheduling.calendars.free_busy import busy_periods
from shared.contracts.calendar_text import reduced

FIRST = dt.datetime(2027, 1, 4, 8, tzinfo=dt.UTC)
WINDOW = Span(minute_of(FIRST.date()), minute_of(FIRST.date() + dt.timedelta(days=365)))


def text_of(*lines: str) -> str:
    """A calendar around these lines."""
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//DE", *lines, "END:VCALENDAR", ""))


def periods(count: int) -> str:
    """So many busy periods, over a year."""
    step = dt.timedelta(minutes=365 * 1440 // count // 30 * 30 or 30)
    times = [(FIRST + n * step).strftime("%Y%m%dT%H%M%SZ") for n in range(count)]
    return text_of("BEGIN:VFREEBUSY", *(f"FREEBUSY;FBTYPE=BUSY:{at}/PT30M" for at in times), "END:VFREEBUSY")


def events(count: int, series: int, people: int = 5) -> str:
    """So many events as Outlook writes them, some of them weekly."""
    lines: list[str] = []
    for number in range(count):
        at = (FIRST + dt.timedelta(hours=4 * number)).strftime("%Y%m%dT%H%M%S")
        rule = ("RRULE:FREQ=WEEKLY",) if number < series else ()
        lines += (
            "BEGIN:VEVENT",
            f"UID:event {number}",
            "SUMMARY:A title that nobody keeps",
            "DESCRIPTION:" + "and a long text \\n" * 4 * people,
            "LOCATION:Room 1",
            *(f"ATTENDEE;CN=Mentee {n};RSVP=TRUE:mailto:mentee-{n}@example.org" for n in range(people)),
            f"DTSTART;TZID=Europe/Berlin:{at}",
            "DURATION:PT45M",
            *rule,
            "END:VEVENT",
        )
    return text_of(*lines)


def took(work: Callable[[], Any], runs: int = 7) -> float:
    """Milliseconds of CPU that it takes, the median of some runs."""
    found = []
    for _ in range(runs):
        begins = time.process_time()
        work()
        found.append(1000 * (time.process_time() - begins))
    return statistics.median(found)


def row(what: str, text: str, read: Callable[[str], Any]) -> None:
    """Print how long a text takes to be reduced and to be read."""
    left = reduced(text)
    took_reduced, took_read = took(lambda: reduced(text)), took(lambda: read(left))
    print(f"| {what} | {len(text) / 1024:.0f} | {took_reduced:.1f} | {took_read:.1f} |")  # noqa: T201 - a bench prints


def main() -> None:
    """Print the table."""
    print("| what | KiB | reduced, ms | read, ms |\n| --- | --- | --- | --- |")  # noqa: T201 - a bench prints
    for count in (100, 500, 10_000):
        row(f"{count} busy periods, by hand", periods(count), busy_periods)
    row("500 busy periods, icalendar alone", periods(500), icalendar.Calendar.from_ical)
    for count, series, people in ((100, 20, 5), (500, 50, 5), (2_000, 100, 1)):
        what = f"{count} events, {series} of them weekly"
        row(what, events(count, series, people), lambda text: busy_events(text, WINDOW))


if __name__ == "__main__":
    main()
