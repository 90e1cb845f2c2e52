"""Which state a person's calendar and absences concern."""

from typing import NamedTuple

from services.scheduling.availability.model import Absences, BusyTimes, UnreadCalendar
from services.scheduling.availability.wall_time import Span
from services.scheduling.calendars.jobs import CalendarRead
from services.scheduling.gatherings.loaders import gathering_times
from services.scheduling.model import Diary, Pair, Participant, Programme
from shared.contracts import scheduling as s
from shared.contracts.calendar import BusyTimesPublished
from shared.runtime.decision import Get


class CalendarState(NamedTuple):
    """A person with their busy times, their absences and their running tandems; what of a calendar is still unread.

    `gatherings` are the times of those to which they are invited.
    """

    person: Participant | None
    times: BusyTimes | None
    absences: Absences | None
    pairs: tuple[Pair, ...]
    unread: UnreadCalendar | None = None
    programme: Programme | None = None
    gatherings: tuple[Span, ...] = ()


def calendar_of(message: BusyTimesPublished, get: Get) -> CalendarState:
    """The person of whom a calendar speaks."""
    return _of(message.participant_id, get)


def read_calendar_of(message: CalendarRead, get: Get) -> CalendarState:
    """The calendar that was read, and its person; nobody where it has gone meanwhile."""
    unread = get(UnreadCalendar, message.calendar_id)
    if unread is None:
        return CalendarState(None, None, None, ())
    return _of(unread.person, get)._replace(unread=unread)


def absences_of(message: s.RecordAbsences, get: Get) -> CalendarState:
    """The person who is away."""
    return _of(message.participant_id, get)


def _of(who: str, get: Get) -> CalendarState:
    get.ahead((Participant, who), (BusyTimes, who), (Absences, who), (Diary, who))
    diary = get(Diary, who)
    found = get.all(Pair, diary.tandems) if diary is not None and diary.tandems else ()
    pairs = tuple(pair for pair in found if pair is not None)
    person = get(Participant, who)
    programme = get(Programme, person.programme) if person is not None and person.programme is not None else None
    gatherings = gathering_times(programme.id, (who,), get) if programme is not None else ()
    return CalendarState(person, get(BusyTimes, who), get(Absences, who), pairs, None, programme, gatherings)
