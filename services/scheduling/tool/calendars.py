"""Calendars of a folder: a file for each person, `<id>.ics` or `<id>.ifb`, of which only the busy times are taken."""

from collections.abc import Callable, Collection
from pathlib import Path

from services.scheduling.availability import tandem as planner
from services.scheduling.availability.wall_time import Span, by_day, joined, minute_of, within
from services.scheduling.calendars.events import busy_events
from services.scheduling.calendars.free_busy import periods_of
from services.scheduling.model import DAY
from services.scheduling.tool.asked import Asked
from shared.contracts.calendar_text import NotKept, reduced
from shared.runtime.given_file import read_bytes
from shared.runtime.wrong_use import WrongUseError

ENDINGS = (".ics", ".ifb")
NAMED = 5
"""Files that are named where very many are of nobody."""

FAULTS = {
    "not_a_calendar": "it is no iCalendar text; export it anew, as iCalendar or free/busy",
    "not_understood": "it holds a time or a rule that cannot be read; export it anew, or as free/busy",
    "too_large": "it is larger than 1 MiB; export fewer months, or free/busy",
    "too_many_events": "it has more than 2,000 events; export fewer months, or free/busy",
    "too_many_periods": "it has more than 10,000 busy periods; export fewer months",
    "too_many_repeats": "an event in it repeats too often; export it as free/busy",
    "end_before_start": "a time in it ends before it starts; correct that in the calendar",
    "unknown_zone": "it names a time zone that nobody knows; export it anew, or as free/busy",
}
"""What is wrong with a calendar, by the reader's code, and what to do."""


def calendars_of(
    folder: Path, people: Collection[str], asked: Asked, note: Callable[[str], None]
) -> dict[str, tuple[planner.Busy, ...]]:
    """When these people are busy in the days of a plan, by their calendars; who has no file is left out.

    `note` is told of files that are nobody's. Raises WrongUseError with a line for each file that cannot be read.
    """
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    except OSError as error:
        raise WrongUseError(f"--busy {folder} cannot be read ({error.strerror}); name a folder of calendars") from None
    found: dict[str, tuple[planner.Busy, ...]] = {}
    faults: list[str] = []
    others: list[str] = []
    for path in files:
        if path.stem not in people:
            others.append(path.name)
        elif path.stem in found:
            faults.append(f"{path}: there is another calendar of {path.stem}; leave one out")
        else:
            try:
                found[path.stem] = _busy(read_bytes(path), asked)
            except NotKept as error:
                found[path.stem] = ()
                faults.append(f"{path}: {FAULTS.get(error.code, FAULTS['not_understood'])}")
    if faults:
        raise WrongUseError(*faults)
    if others:
        are = "is" if len(others) == 1 else "are"
        named = ", ".join(others[:NAMED]) + (", …" if len(others) > NAMED else "")
        note(f"{folder}: {len(others)} of its calendars {are} of nobody in this plan: {named}")
    return found


def _busy(content: bytes, asked: Asked) -> tuple[planner.Busy, ...]:
    """Read as the service reads them. Raises NotKept."""
    window = Span(minute_of(asked.first), minute_of(asked.last + DAY))
    text = reduced(content.decode("utf-8", errors="replace"))
    try:
        # Periods first: of one that ends before it starts the library says only that it cannot be read.
        spans = (*periods_of(text, window), *busy_events(text, window))
    except NotKept:
        raise
    except Exception:  # noqa: BLE001 - whatever a library makes of somebody's calendar, it is that file's fault
        raise NotKept("not_understood") from None
    inside = within(joined(spans), (window,))
    return tuple(planner.Busy(date, start, end - start) for span in inside for date, start, end in by_day(span))
