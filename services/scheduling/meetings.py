"""Decisions about meetings: the tandem moves and cancels; what is planned counts as held unless somebody objects."""

import datetime as dt

from services.scheduling.delegates import not_yours
from services.scheduling.jobs import Instead
from services.scheduling.loaders import MeetingState, PairState
from services.scheduling.model import DAY, Meeting, Pair
from services.scheduling.say import at, both, settle, words
from services.scheduling.signs import failed, held_on, silent_on
from shared.contracts import scheduling as s
from shared.contracts.base import Reason
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start, reason, refuse

UNKNOWN = reason("meeting_id", "unknown_meeting", words("unknown-meeting"))


def _time_reasons(
    pair: Pair, others: tuple[Pair, ...], date: dt.date, start: int, minutes: int, own: str, context: Context
) -> list[Reason]:
    found = []
    if date <= context.today:
        found.append(reason("date", "past", words("past", date=context.today)))
    if date > pair.ends_on:
        found.append(reason("date", "after_term", words("after-term", date=pair.ends_on)))
    if any(slot.date == date and slot.status == "planned" and slot.meeting != own for slot in pair.slots):
        found.append(reason("date", "another_meeting", words("another-meeting")))
    if any(other.meets_at(date, start, minutes) for other in others):
        found.append(reason("start", "not_free", words("not-free")))
    return found


def add(message: s.AddMeeting, state: PairState, context: Context) -> Outcome:
    """Add a meeting that the tandem agreed on itself.

    The other tandems of both are written unchanged, here and where a meeting is moved: two that take the same time of
    somebody at the same moment must not both find it free (`plans.plan_meeting`).
    """
    pair, programme, _, others = state
    if pair is None or programme is None:
        return refuse(reason("tandem_id", "unknown_tandem", words("unknown-tandem")))
    found = not_yours(pair, message.participant_id, context)
    if pair.status != "running":
        found.append(reason("tandem_id", "ended", words("ended")))
    found += _time_reasons(pair, others, message.date, message.start, message.minutes, "", context)
    if found:
        return refuse(*found)
    meeting = Meeting(
        id=context.derive("meeting"),
        programme=pair.programme,
        tandem=pair.id,
        mentor=pair.mentor,
        mentee=pair.mentee,
        date=message.date,
        start=message.start,
        minutes=message.minutes,
        due=message.date - DAY,
        said=1,
    )
    mails = both(programme, meeting.people, "new-meeting", **at(meeting))
    return Decision(
        state=(pair.with_slot(meeting), meeting, *others),
        messages=(s.MeetingScheduled(**meeting.published()), *mails),
    )


def move(message: s.MoveMeeting, state: MeetingState, context: Context) -> Outcome:
    """Move a planned meeting, if the sender saw its newest state."""
    meeting, pair, programme, _, others, delegate = state
    if meeting is None or pair is None or programme is None:
        return refuse(UNKNOWN)
    found = not_yours(pair, message.participant_id, context, delegate) + _still_planned(meeting)
    if not found and (message.date, message.start) == (meeting.date, meeting.start):
        return _again(meeting, s.MeetingMoved)
    if message.replaces != meeting.said:
        found.append(reason("replaces", "replaced", words("replaced", sequence=meeting.said)))
    found += _time_reasons(pair, others, message.date, message.start, meeting.minutes, meeting.id, context)
    if found:
        return refuse(*found)
    moved = meeting.next(date=message.date, start=message.start, due=message.date - DAY)
    mails = both(programme, moved.people, "moved", **at(moved))
    return Decision(
        state=(pair.with_slot(moved), moved, *others), messages=(s.MeetingMoved(**moved.published()), *mails)
    )


def _again(meeting: Meeting, kind: type[s.MeetingState]) -> Decision:
    """Answer a command whose effect is there already."""
    again = meeting.next()
    return Decision(state=(again,), messages=(kind(**again.published()),))


def _still_planned(meeting: Meeting) -> list[Reason]:
    if meeting.status == "planned":
        return []
    return [reason("meeting_id", "not_planned", words("not-planned", status=words(f"status-{meeting.status}")))]


def cancel(message: s.CancelMeeting, state: MeetingState, context: Context) -> Outcome:
    """Cancel a planned meeting; another time is sought at once, and a second one in a row is a sign (P8)."""
    meeting, pair, programme, signs, _, delegate = state
    if meeting is None or pair is None or programme is None:
        return refuse(UNKNOWN)
    found = not_yours(pair, message.participant_id, context, delegate)
    if not found and meeting.status == "cancelled":
        return _again(meeting, s.MeetingCancelled)
    found += _still_planned(meeting)
    if context.today > meeting.date:
        found.append(reason("meeting_id", "over", words("over")))
    if found:
        return refuse(*found)
    cancelled = meeting.next(status="cancelled", due=None)
    written, said = failed(pair, cancelled, programme.on(context.today), signs)
    mails = both(programme, cancelled.people, "cancelled", **at(cancelled))
    another = Instead(pair.id, cancelled.date, f"instead of {cancelled.id}")
    return Decision(
        state=(cancelled, *written),
        messages=(s.MeetingCancelled(**cancelled.published()), *said, *mails),
        jobs=(Start("instead", another.text()),),
    )


def report_not_held(message: s.ReportNotHeld, state: MeetingState, context: Context) -> Outcome:
    """Object that a planned meeting took place (P11)."""
    meeting, pair, programme, signs, *_ = state
    if meeting is None or pair is None or programme is None:
        return refuse(UNKNOWN)
    found = not_yours(pair, message.participant_id, context)
    if not found and meeting.status == "missed":
        return _again(meeting, s.MeetingMissed)
    found += _still_planned(meeting)
    if context.today < meeting.date:
        found.append(reason("meeting_id", "not_yet", words("not-yet", date=meeting.date)))
    counts_on = held_on(pair, meeting.date, programme.on(context.today))
    if meeting.status == "planned" and counts_on is not None and context.today >= counts_on:
        # Its day for counting as held has come; which of the two is handled first must not matter.
        found.append(reason("meeting_id", "not_planned", words("not-planned", status=words("status-held"))))
    if found:
        return refuse(*found)
    missed = meeting.next(status="missed", due=None)
    written, said = failed(pair, missed, programme.on(context.today), signs)
    return Decision(state=(missed, *written), messages=(s.MeetingMissed(**missed.published()), *said))


def date_reached(message: DueReached, state: MeetingState, context: Context) -> Outcome:
    """Remind both the day before; count the meeting as held when the days for objecting are over (P11).

    While the tandem rests nobody is reminded and nothing counts as held (P6); without an end to the rest the meeting
    has no date to wake on, and gets one when the rest is over (`resting.rest_tandem`).
    """
    meeting, pair, programme, signs, *_ = state
    if meeting is None or pair is None or programme is None:
        return NOTHING
    if meeting.status != "planned":
        return Decision(state=(meeting.but(due=None),))
    programme = programme.on(context.today)
    counts_on = held_on(pair, meeting.date, programme)
    if counts_on is None or message.date < counts_on:
        remind = message.date < meeting.date <= pair.ends_on and not pair.rests_on(message.date)
        mails = both(programme, meeting.people, "reminder", **at(meeting)) if remind else []
        # The pair is written unchanged: a reminder must not pass the tandem's end or rest, a write skew.
        return Decision(state=(meeting.but(due=counts_on), pair), messages=tuple(mails))
    held = meeting.next(status="held", number=pair.number_of(meeting.id), due=None)
    kept = pair.with_slot(held)
    over = ["tandem-silent"]
    if kept.failed_in_a_row < programme.rules.cancellations:
        over.append("meetings-failed")
    settled, said = settle(sign for sign in signs if sign.what in over)
    kept = kept.but(
        signs=tuple(sign.id for sign in signs if sign.what not in over),
        due=silent_on(kept, programme) if kept.status == "running" else None,
    )
    return Decision(state=(held, kept, *settled), messages=(s.MeetingHeld(**held.published()), *said))


def record_topics(message: s.RecordTopics, state: MeetingState, context: Context) -> Outcome:
    """Record what a meeting was about; the tandem is free to choose (S12)."""
    meeting, pair, *_ = state
    if meeting is None or pair is None:
        return refuse(UNKNOWN)
    found = not_yours(pair, message.participant_id, context)
    if meeting.status in ("cancelled", "missed"):
        status = words(f"status-{meeting.status}")
        found.append(reason("meeting_id", "not_held", words("not-planned", status=status)))
    if context.today < meeting.date:
        found.append(reason("meeting_id", "not_yet", words("not-yet", date=meeting.date)))
    if found:
        return refuse(*found)
    recorded = meeting.next(topics=message.topics)
    return Decision(state=(recorded,), messages=(s.TopicsRecorded(**recorded.published()),))
