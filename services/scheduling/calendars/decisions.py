"""Decisions about calendars and absences: what is known of a person's time, and which meetings lose theirs by it.

A plan's job reads calendars, and its pieces come later: `plans.plan_meeting` reads them once more. So that a meeting
that is being written at this moment does not pass unseen (write skew), each decision that takes time which was free
writes the person's tandems unchanged, and the person, whom a tandem that is just being formed writes as well
(`days.know_tandem`). Where no time is taken no meeting can lose its own: most publications write no tandem.
"""

import datetime as dt
from collections.abc import Iterable

from services.scheduling.availability.model import Absences, BusyTimes, UnreadCalendar, absences_of
from services.scheduling.availability.wall_time import (
    MINUTES,
    Span,
    joined,
    minute_of,
    span_of,
    within,
    without,
)
from services.scheduling.calendars.free_busy import has_events, periods_of
from services.scheduling.calendars.jobs import CalendarRead, taken_ref
from services.scheduling.calendars.loaders import CalendarState
from services.scheduling.meetings.replanning import filling
from services.scheduling.model import DAY, Participant, Slot
from services.scheduling.planning.jobs import NOTICE
from services.scheduling.say import words
from shared.contracts import scheduling as s
from shared.contracts.base import Reason
from shared.contracts.calendar import BusyTimesPublished
from shared.contracts.calendar_text import MOST_PERIODS, Fault, NotKept
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.days import BEFORE_TIME, far_ahead
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Start, Wait, reason, refuse

LONGEST_WINDOW = 400
"""Days of a window, and days ahead of which anything is kept."""
MOST_WINDOWS = 400
"""Windows of which one person's calendar may have spoken."""
FARTHEST = 2
"""Years ahead of which somebody may say that they are away."""


def know_busy_times(message: BusyTimesPublished, state: CalendarState, context: Context) -> Outcome:
    """Take over when somebody is busy within a window; of each minute the newest word stands.

    A calendar with events is read by a job. Of who withdrew nothing is kept.
    """
    person = state.person
    if person is None:
        return Wait(f"participant/{message.participant_id}")
    if person.status != "registered":
        return NOTHING
    try:
        window = _window(message, context.today)
        parts = _open(state, person, window, context.seen, context.today)
        if not parts:
            return NOTHING
        if message.fault is not None:
            return Decision(messages=(_refused(person, message.fault),))
        if message.icalendar is not None and has_events(message.icalendar):
            unread = UnreadCalendar(
                id=context.derive("calendar", person.id),
                programme=person.programme,
                person=person.id,
                text=message.icalendar,
                window=window,
                seen=context.seen,
            )
            return Decision(state=(unread,), jobs=(Start("read-calendar", unread.id),))
        return _known(state, person, parts, context.seen, tuple(_spans(message, window)), context)
    except NotKept as error:
        return Decision(messages=(_refused(person, error.code, error.field),))
    except OverflowError:  # a time before the first or after the last of all years
        return Decision(messages=(_refused(person, "not_understood"),))


def calendar_read(message: CalendarRead, state: CalendarState, context: Context) -> Outcome:
    """Take over what a job read of a calendar, unless a newer word has come meanwhile; its text goes."""
    unread, person = state.unread, state.person
    if unread is None:
        return NOTHING
    gone = Decision(deletes=(unread,))
    if person is None or person.status != "registered":
        return gone
    if message.fault is not None:
        return Decision(deletes=(unread,), messages=(_refused(person, message.fault),))
    parts = _open(state, person, unread.window, unread.seen, context.today)
    if not parts:
        return gone
    try:
        known = _known(state, person, parts, unread.seen, tuple(Span(*span) for span in message.busy), context)
    except NotKept as error:
        return Decision(deletes=(unread,), messages=(_refused(person, error.code, error.field),))
    return Decision(state=known.state, jobs=known.jobs, deletes=(unread,))


def record_absences(message: s.RecordAbsences, state: CalendarState, context: Context) -> Outcome:
    """Take down when somebody is away; only that person says so."""
    person = state.person
    if context.actor != message.participant_id:
        # Alone: whether somebody takes part is nobody else's business.
        return refuse(reason("participant_id", "not_yours", words("only-own-absences")))
    if person is None:
        return refuse(reason("participant_id", "unknown_participant", words("unknown-participant")))
    if person.status != "registered":
        return refuse(reason("participant_id", "withdrawn", words("withdrew-no-absences")))
    wrong = [found for number, each in enumerate(message.absences) for found in _wrong(number, each, context.today)]
    if wrong:
        return refuse(*wrong)
    spans = joined(
        (minute_of(each.first), minute_of(each.last + DAY)) for each in message.absences if each.last >= context.today
    )
    absences = Absences(
        id=person.id,
        programme=person.programme,
        absences=absences_of(spans),
        lately=state.absences.over(context.today) if state.absences is not None else (),
    )
    written, jobs = _lost(state, person, spans, context.today)
    before = state.absences.busy if state.absences is not None else ()
    jobs += _filled(state, without(before, joined((*spans, *(state.times.busy if state.times else ())))), context)
    return Decision(state=(absences, *written), messages=(s.AbsencesRecorded(**absences.published()),), jobs=jobs)


def _wrong(number: int, absence: s.Absence, today: dt.date) -> list[Reason]:
    field = f"absences.{number}.last"
    if absence.last < absence.first:
        return [reason(field, "end_before_start", words("absence-end-before-start"))]
    if far_ahead(absence.last, today, FARTHEST):
        return [reason(field, "too_far", words("absence-too-far", years=FARTHEST))]
    return []


def _window(message: BusyTimesPublished, today: dt.date) -> Span:
    window = span_of(message.window_from, message.window_until)
    if window.ends <= window.begins:
        raise NotKept("end_before_start", "window_until")
    if window.ends - window.begins > LONGEST_WINDOW * MINUTES:
        raise NotKept("window_too_long", "window_until")
    if today > BEFORE_TIME and window.ends > minute_of(today + (LONGEST_WINDOW + 1) * DAY):
        raise NotKept("too_far_ahead", "window_until")
    return window


def _open(state: CalendarState, person: Participant, window: Span, seen: Seen, today: dt.date) -> tuple[Span, ...]:
    """The parts of a window that are not over, and on which no newer word was heard."""
    times = state.times or BusyTimes(id=person.id)
    return without(times.open_to(window, seen), [(0, minute_of(today))])


def _spans(message: BusyTimesPublished, window: Span) -> Iterable[Span]:
    if message.icalendar is not None:
        yield from periods_of(message.icalendar, window)
    for number, each in enumerate(message.intervals or ()):
        span = span_of(each.start, each.end)
        if _is_before(each.end, each.start) or span.ends < span.begins:
            raise NotKept("end_before_start", f"intervals.{number}.end")
        if each.busy:
            yield span


def _is_before(end: dt.date, start: dt.date) -> bool:
    """By the clock that never is put back, where both have an offset."""
    if isinstance(end, dt.datetime) and isinstance(start, dt.datetime):
        return end < start
    return False


def _known(
    state: CalendarState,
    person: Participant,
    parts: tuple[Span, ...],
    seen: Seen,
    spans: tuple[Span, ...],
    context: Context,
) -> Decision:
    before = state.times or BusyTimes(id=person.id, programme=person.programme)
    own = (*(_span(slot) for slot in _planned(state)), *state.gatherings)
    busy = without_own(spans, own, before.busy)
    after = before.overlaid(parts, seen, busy).since(context.today)
    if len(after.busy) > MOST_PERIODS:
        raise NotKept("too_many_periods")
    if len(after.covered) > MOST_WINDOWS:
        raise NotKept("too_many_windows")
    written, jobs = _lost(state, person, after.busy, context.today)
    taken = joined((*after.busy, *(state.absences.busy if state.absences else ())))
    jobs += _filled(state, without(before.busy, taken), context)
    return Decision(state=(after, *written), jobs=jobs)


def without_own(spans: Iterable[Span], own: Iterable[Span], before: tuple[Span, ...]) -> tuple[Span, ...]:
    """Busy spans without the person's own planned meetings and gatherings, which stand in their calendar as well.

    A span that is just a meeting's time is the meeting. One that holds more may be meetings and what lies next to them,
    put together: so it is where what is left without them was known before; else their time is taken.
    """
    mine = set(own)
    rest = joined(span for span in spans if span not in mine)
    for span in rest:
        inside = [one for one in mine if span.begins <= one.begins and one.ends <= span.ends]
        if inside and not without(without([span], inside), before):
            rest = without(rest, inside)
    return rest


def _planned(state: CalendarState) -> list[Slot]:
    return [slot for pair in state.pairs for slot in pair.slots if slot.status == "planned"]


def _span(slot: Slot) -> Span:
    begins = minute_of(slot.date, slot.start)
    return Span(begins, begins + slot.minutes)


def _lost(
    state: CalendarState, person: Participant, busy: tuple[Span, ...], today: dt.date
) -> tuple[tuple[Aggregate, ...], tuple[Start, ...]]:
    """What is written unchanged, and the work on meetings that lie in a time that was free until now.

    A meeting at a time that was taken already stays: the two have put it there themselves.
    """
    known = (*(state.times.busy if state.times else ()), *(state.absences.busy if state.absences else ()))
    new = without(busy, known)
    if not new:
        return (), ()
    lost = [slot for slot in _planned(state) if slot.date > today and within([_span(slot)], new)]
    jobs = (Start("time-taken", taken_ref(lost)),) if lost else ()
    return (person, *state.pairs), jobs


def _filled(state: CalendarState, free: tuple[Span, ...], context: Context) -> tuple[Start, ...]:
    """The work on tandems that lack meetings, where somebody has time again on a day that can still be planned."""
    if state.programme is None or not without(free, [(0, minute_of(context.today + NOTICE))]):
        return ()
    return filling(state.pairs, state.programme.on(context.today), context)


def _refused(person: Participant, code: Fault, field: str | None = None) -> s.BusyTimesRefused:
    return s.BusyTimesRefused(
        participant_id=person.id,
        programme_id=person.programme or "",
        code=code,
        field=field,
        message=words(f"busy-{code.replace('_', '-')}"),
    )
