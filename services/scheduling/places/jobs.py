"""Work on places: which meetings of the next days get which room, or are held by video."""

import datetime as dt
from collections.abc import Iterable

from pydantic import BaseModel

from services.scheduling.model import DAY, Meeting, Pair, Participant, Programme
from services.scheduling.places.rooms import Booking, rooms_for
from shared.contracts.parts import WorkingTime
from shared.contracts.scheduling import MeetingPlace
from shared.runtime.decision import Internal, Start
from shared.runtime.table import Reader

AHEAD = 3
"""Days before a meeting on which it gets a place: the day before both are reminded of it first."""
EVERY = "*"
"""What the job works on each day: every programme. No programme is called so."""


class GivePlace(Internal):
    """A place for a meeting, at the time and with the place that the job saw."""

    meeting_id: str
    date: dt.date
    start: int
    place: MeetingPlace
    before: MeetingPlace | None = None


class Placing(BaseModel):
    """The meetings of a programme's next days that are planned, and where they can be."""

    today: dt.date
    rooms: tuple[str, ...]
    video_link: str
    meetings: tuple[Meeting, ...]
    by_video: tuple[str, ...] = ()
    """Of the meetings those at whose time one of the two works at home, by id."""


class Placings(BaseModel):
    """One or more programmes."""

    programmes: tuple[Placing, ...]


def gives_places(programme: Programme) -> bool:
    """Whether a programme, under the rules of a day, gives its meetings places."""
    return bool(programme.rules.rooms or programme.rules.video_link)


def gets_a_place(meeting: Meeting, today: dt.date) -> bool:
    """Whether it is time: it was accepted; or it is tomorrow and still open, and the two may meet all the same."""
    if meeting.status != "planned" or not today <= meeting.date <= today + AHEAD * DAY:
        return False
    return meeting.acceptance != "open" or meeting.date <= today + DAY


def late(meetings: Iterable[Meeting], programme: Programme, today: dt.date) -> tuple[Start, ...]:
    """The job once more, where meetings have their times only now that others have their places."""
    late = any(meeting.place is None and gets_a_place(meeting, today) for meeting in meetings)
    return (Start("places", programme.id),) if late and gives_places(programme) else ()


async def placings(ref: str, read: Reader) -> Placings:
    """The next days of the programme `ref`, or of all of them."""
    found = await read.find(Programme, None) if ref == EVERY else [await read.get(Programme, ref)]
    programmes = [programme.on(read.today) for programme in found if programme is not None]
    return Placings(programmes=tuple([await _placing(p, read) for p in programmes if gives_places(p)]))


async def _placing(programme: Programme, read: Reader) -> Placing:
    """Tandems know when they meet; where, the meetings."""
    last = read.today + AHEAD * DAY
    pairs = await read.find(Pair, programme.id)
    slots = [slot for pair in pairs for slot in pair.slots if read.today <= slot.date <= last]
    found = await read.all(Meeting, [slot.meeting for slot in slots if slot.status == "planned"])
    meetings = sorted((m for m in found if m is not None), key=lambda m: (m.date, m.id))
    people = await read.all(Participant, list(dict.fromkeys(who for meeting in meetings for who in meeting.people)))
    weeks = {person.id: person.working_times for person in people if person is not None}
    return Placing(
        today=read.today,
        rooms=programme.rules.rooms,
        video_link=programme.rules.video_link,
        meetings=tuple(meetings),
        by_video=tuple(m.id for m in meetings if any(_at_home(m, weeks.get(who, ())) for who in m.people)),
    )


def _at_home(meeting: Meeting, week: tuple[WorkingTime, ...]) -> bool:
    """Whether somebody works at home at some minute of a meeting."""
    begins, ends, day = meeting.start, meeting.start + meeting.minutes, meeting.date.weekday()
    return any(time.at_home and time.weekday == day and time.start < ends and begins < time.end for time in week)


def give_places(inputs: Placings) -> tuple[GivePlace, ...]:
    """One piece for each meeting that gets a place, or another one."""
    return tuple(piece for programme in inputs.programmes for piece in _given(programme))


def _given(programme: Placing) -> list[GivePlace]:
    days: dict[dt.date, list[Meeting]] = {}
    for meeting in programme.meetings:
        days.setdefault(meeting.date, []).append(meeting)
    return [piece for meetings in days.values() for piece in _of_a_day(programme, meetings)]


def _of_a_day(programme: Placing, meetings: list[Meeting]) -> list[GivePlace]:
    """Who has a place keeps it, but for a room that the programme has no more.

    A room is of no use to a meeting of which one works at home: it is held by video, or gets no place.
    """
    kept: dict[str, list[Booking]] = {}
    wanted: list[Meeting] = []
    for meeting in meetings:
        place = meeting.place
        if place is not None and place.room in programme.rooms:
            kept.setdefault(place.room or "", []).append(_booking(meeting))
        elif gets_a_place(meeting, programme.today) and (place is None or place.room is not None):
            wanted.append(meeting)
    in_rooms = [_booking(meeting) for meeting in wanted if meeting.id not in programme.by_video]
    found = rooms_for(in_rooms, programme.rooms, kept)
    places = ((m, _place(found.get(m.id), programme.video_link, m.id)) for m in wanted)
    return [
        GivePlace(meeting_id=m.id, date=m.date, start=m.start, place=place, before=m.place)
        for m, place in places
        if place is not None
    ]


def _booking(meeting: Meeting) -> Booking:
    return Booking(meeting.id, meeting.start, meeting.start + meeting.minutes)


def _place(room: str | None, video_link: str, meeting: str) -> MeetingPlace | None:
    if room is not None:
        return MeetingPlace(room=room)
    return MeetingPlace(link=video_link.replace("{meeting_id}", meeting)) if video_link else None
