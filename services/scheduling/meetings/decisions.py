"""Decisions about meetings still to come: the tandem, or who may for one of the two, adds, moves and cancels them."""

import datetime as dt
from typing import NamedTuple

from services.scheduling.availability.wall_time import MINUTES, is_to_come, minute_of, odd_minutes, within
from services.scheduling.loaders import MeetingState, PairState
from services.scheduling.meetings.acceptance import (
    after_silence,
    by_delegate,
    other_is_free,
    suggested,
    suggestion_told,
    waking,
)
from services.scheduling.meetings.delegates import not_yours
from services.scheduling.meetings.signs import failed
from services.scheduling.model import DAY, MOST_MEETINGS, Meeting, Pair
from services.scheduling.places.jobs import late
from services.scheduling.planning.jobs import Instead, is_time_left
from services.scheduling.say import at, both, words
from shared.contracts import scheduling as s
from shared.contracts.base import Reason
from shared.runtime.decision import Context, Decision, Outcome, Start, reason, refuse

UNKNOWN = reason("meeting_id", "unknown_meeting", words("unknown-meeting"))


class _Time(NamedTuple):
    """The time that somebody suggests, in minutes after midnight."""

    date: dt.date
    start: int
    minutes: int


def _time_reasons(pair: Pair, state: PairState | MeetingState, time: _Time, own: str, context: Context) -> list[Reason]:
    """What is wrong with a time; one at which one of the two is invited to a gathering is not free.

    Who is being invited at this moment: `guests.invite` writes the tandem as well, so one of the two is decided again.
    """
    found = []
    date, start, minutes = time
    begins = minute_of(date, start)
    if not is_to_come(date, context.today):
        found.append(reason("date", "past", words("past", date=context.today)))
    if date > pair.ends_on:
        found.append(reason("date", "after_term", words("after-term", date=pair.ends_on)))
    if any(slot.date == date and slot.status == "planned" and slot.meeting != own for slot in pair.slots):
        found.append(reason("date", "another_meeting", words("another-meeting")))
    taken = within([(begins, begins + minutes)], state.invited)
    if taken or any(other.meets_at(date, start, minutes) for other in state.others):
        found.append(reason("start", "not_free", words("not-free")))
    if start + minutes > MINUTES:
        found.append(reason("start", "past_midnight", words("past-midnight")))
    if any(start < ends and begins < start + minutes for begins, ends in odd_minutes(date)):
        found.append(reason("start", "clocks_change", words("clocks-change")))
    return found


def add(message: s.AddMeeting, state: PairState, context: Context) -> Outcome:
    """Suggest one more meeting, which who says so has accepted.

    The other tandems of both are written unchanged, here and where a meeting is moved: two that take the same time of
    somebody at the same moment must not both find it free (`plans.plan_meeting`).
    """
    pair, programme, _, others, delegate, *_ = state
    if pair is None or programme is None:
        return refuse(reason("tandem_id", "unknown_tandem", words("unknown-tandem")))
    found = not_yours(pair, message.participant_id, context, delegate)
    if pair.status != "running":
        found.append(reason("tandem_id", "ended", words("ended")))
    if sum(slot.status != "cancelled" for slot in pair.slots) >= MOST_MEETINGS:
        found.append(reason("tandem_id", "too_many_meetings", words("too-many-meetings", most=MOST_MEETINGS)))
    time = _Time(message.date, message.start, message.minutes)
    found += _time_reasons(pair, state, time, "", context)
    if found:
        return refuse(*found)
    programme = programme.on(context.today)
    who = message.participant_id
    id = context.derive("meeting")
    free = other_is_free(pair, who, state.there, *time)
    meeting = suggested(pair, programme, id, *time, context.today, who, by_silence=free)
    mails = suggestion_told("new-meeting", meeting, pair, programme, context)
    return Decision(
        state=(pair.with_slot(meeting), meeting, *others),
        messages=(s.MeetingScheduled(**meeting.published()), *mails),
        jobs=late([meeting], programme, context.today),
    )


def move(message: s.MoveMeeting, state: MeetingState, context: Context) -> Outcome:
    """Suggest another time for a planned meeting, if the sender saw the one that it has; it counts as their yes."""
    meeting, pair, programme, _, others, delegate, *_ = state
    if meeting is None or pair is None or programme is None:
        return refuse(UNKNOWN)
    found = not_yours(pair, message.participant_id, context, delegate) + _still_planned(meeting)
    if not found and (message.date, message.start) == (meeting.date, meeting.start):
        return _again(meeting, s.MeetingMoved)
    if not (meeting.timed or meeting.said) <= message.replaces <= meeting.said:
        found.append(reason("replaces", "replaced", words("replaced", sequence=meeting.said)))
    if _is_over(meeting, context.today):
        found.append(reason("meeting_id", "over", words("over")))
    time = _Time(message.date, message.start, meeting.minutes)
    found += _time_reasons(pair, state, time, meeting.id, context)
    if found:
        return refuse(*found)
    programme = programme.on(context.today)
    before = after_silence(meeting, pair, programme, context.today, state.there)
    moved = meeting.next(
        date=message.date,
        start=message.start,
        acceptance="open",
        accepted_by=(message.participant_id,),
        by_one=True,
        by_silence=other_is_free(pair, message.participant_id, state.there, *time),
        agreed_before=meeting.agreed_before or before.acceptance != "open",
        suggested_on=context.today,
        timed=meeting.said + 1,
        rules_version=programme.rules_version,
        place=None,
    )
    moved = waking(moved, pair, programme, context.today)
    mails = suggestion_told("moved", moved, pair, programme, context)
    return Decision(
        state=(pair.with_slot(moved), moved, *others),
        messages=(s.MeetingMoved(**moved.published()), *mails),
        jobs=late([moved], programme, context.today),
    )


def _again(meeting: Meeting, kind: type[s.MeetingState]) -> Decision:
    """Answer a command whose effect is there already."""
    again = meeting.next()
    return Decision(state=(again,), messages=(kind(**again.published()),))


def _still_planned(meeting: Meeting) -> list[Reason]:
    if meeting.status == "planned":
        return []
    return [reason("meeting_id", "not_planned", words("not-planned", status=words(f"status-{meeting.status}")))]


def _is_over(meeting: Meeting, today: dt.date) -> bool:
    """Whether it can only be said what became of it: its day is past, or somebody said that it took place."""
    return today > meeting.date or meeting.confirmed


def cancel(message: s.CancelMeeting, state: MeetingState, context: Context) -> Outcome:
    """Cancel a planned meeting; another time is sought at once, and a second agreed one in a row is a sign (P8)."""
    meeting, pair, programme, signs, _, delegate, *_ = state
    if meeting is None or pair is None or programme is None:
        return refuse(UNKNOWN)
    found = not_yours(pair, message.participant_id, context, delegate)
    if not found and meeting.status == "cancelled":
        return _again(meeting, s.MeetingCancelled)
    found += _still_planned(meeting)
    if _is_over(meeting, context.today):
        found.append(reason("meeting_id", "over", words("over")))
    if found:
        return refuse(*found)
    ruled = programme.on(context.today)
    cancelled = after_silence(meeting, pair, ruled, context.today, state.there).next(status="cancelled", due=None)
    written, said = failed(pair, cancelled, ruled, signs, context.today)
    instead = Instead(pair.id, context.today + DAY, f"instead of {cancelled.id}")
    jobs = (Start("instead", instead.text()),) if is_time_left(pair, context.today) else ()
    another = words("another-is-sought") if jobs else ""
    told = {"delegate": by_delegate(context), "another": another, **at(cancelled)}
    mails = both(programme, cancelled.people, "cancelled", **told)
    return Decision(
        state=(cancelled, *written),
        messages=(s.MeetingCancelled(**cancelled.published()), *said, *mails),
        jobs=jobs,
    )
