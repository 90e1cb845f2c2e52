"""Suggestions and how they are accepted: by the two, by who may for one of them, or by silence."""

import datetime as dt
from collections.abc import Sequence

from services.scheduling.availability.presence import Presence
from services.scheduling.loaders import AcceptState
from services.scheduling.meetings.delegates import not_yours
from services.scheduling.model import DAY, REMINDED, Acceptance, Meeting, Pair, Programme
from services.scheduling.places.jobs import late
from services.scheduling.say import at, both, listed, words
from shared.contracts import scheduling as s
from shared.contracts.base import Contract, Reason, Text
from shared.contracts.parts import NOBODY
from shared.runtime.decision import Context, Decision, Outcome, reason, refuse


def held_on(pair: Pair, date: dt.date, programme: Programme) -> dt.date | None:
    """The day on which it is decided whether a meeting was held: the next but one after the days for objecting.

    None while the tandem rests without an end.
    """
    return pair.later(date, programme.rules.held_after_days + 2)


def answer_by(meeting: Meeting, pair: Pair, programme: Programme, there: Sequence[Presence] = ()) -> dt.date | None:
    """The last day to answer a suggestion before silence accepts it; None: its days are not over before the meeting.

    So nobody is bound by a time that they had no days to refuse; nor is the tandem while it rests without an end. Days
    of rest are not counted, nor holidays (`Pair.closed`), nor days on which one who has not answered yet is absent.
    Without `there` nobody is: it is the earliest such day, and the one that both may be told of, since the other one's
    absences are theirs.
    """
    if meeting.suggested_on is None:
        return None
    asked = [one for one, who in zip(there, meeting.people, strict=False) if who not in meeting.accepted_by]
    days = programme.rules.silence_accepts_days
    last = pair.working_day(meeting.suggested_on, days, lambda day: any(one.is_absent(day) for one in asked))
    after = pair.later(last, 2) if last is not None else None
    return last if after is not None and after <= meeting.date else None


def silence_on(meeting: Meeting, pair: Pair, programme: Programme, there: Sequence[Presence] = ()) -> dt.date | None:
    """The day on which silence accepts a suggestion; None: never, or it was answered, or the tandem has ended."""
    waits = meeting.acceptance == "open" and meeting.by_silence and pair.status == "running"
    last = answer_by(meeting, pair, programme, there) if waits else None
    day = pair.later(last, 2) if last is not None else None
    return None if day is None or pair.rests_on(day) else day


def after_silence(
    meeting: Meeting, pair: Pair, programme: Programme, day: dt.date, there: Sequence[Presence]
) -> Meeting:
    """A meeting as it stands on a day, also where silence has accepted it and its waking was not handled yet."""
    accepts_on = silence_on(meeting, pair, programme, there)
    return meeting if accepts_on is None or day < accepts_on else meeting.but(acceptance="assumed")


def wakes_on(
    meeting: Meeting, pair: Pair, programme: Programme, today: dt.date, there: Sequence[Presence] = ()
) -> dt.date | None:
    """The next day after today on which something is to be done about a planned meeting; None while it rests.

    Without `there` it may wake before silence accepts it, and then sees until when somebody is absent.
    """
    days = [meeting.date - days * DAY for days in REMINDED]
    days = [day for day in days if day > today]
    at_least = today + DAY
    for day in (silence_on(meeting, pair, programme, there), held_on(pair, meeting.date, programme)):
        days += [max(day, at_least)] if day is not None else []
    return min(days, default=None)


def waking(
    meeting: Meeting, pair: Pair, programme: Programme, today: dt.date, there: Sequence[Presence] = ()
) -> Meeting:
    """A planned meeting with the day on which it wakes next."""
    return meeting.but(due=wakes_on(meeting, pair, programme, today, there))


def still_waking(meeting: Meeting, pair: Pair, programme: Programme, today: dt.date) -> Meeting:
    """The same, where its time has not changed: what is due today is handed out already, and must be found due."""
    due_today = meeting.due is not None and meeting.due <= today
    return meeting if due_today else waking(meeting, pair, programme, today)


def suggested(
    pair: Pair,
    programme: Programme,
    id: str,
    date: dt.date,
    start: int,
    minutes: int,
    today: dt.date,
    by: str | None = None,
    *,
    by_silence: bool = True,
) -> Meeting:
    """A new suggestion; who suggests it (or for whom a delegate does) has accepted it, the other has not."""
    meeting = Meeting(
        id=id,
        programme=pair.programme,
        tandem=pair.id,
        mentor=pair.mentor,
        mentee=pair.mentee,
        date=date,
        start=start,
        minutes=minutes,
        acceptance="open",
        accepted_by=(by,) if by is not None else (),
        by_one=by is not None,
        by_silence=by_silence,
        suggested_on=today,
        timed=1,
        rules_version=programme.rules_version,
        said=1,
    )
    return waking(meeting, pair, programme, today)


def suggestion_told(
    topic: str, meeting: Meeting, pair: Pair, programme: Programme, context: Context
) -> list[s.PersonAddressed]:
    """Words for both about a suggested time, the same for who suggested it: no event says who that was.

    They are the same whether the other is there at the time or not, and name the day that would be the last if nobody
    were absent: else who suggests times could read the other's calendar from the letters.
    """
    until = answer_by(meeting, pair, programme)
    if until is not None:
        asked = words("answer-if-free" if meeting.by_one else "answer-until", until=until)
    else:
        soon = "answer-needed" if meeting.by_one else "answer-needed-by-both"
        asked = words("answer-when-back" if _waits_for_return(pair) else soon)
    return both(programme, meeting.people, topic, answer=asked, delegate=by_delegate(context), **at(meeting))


def other_is_free(pair: Pair, who: str, there: Sequence[Presence], date: dt.date, start: int, minutes: int) -> bool:
    """Whether the one of the two who does not suggest a time works then, and is neither busy nor absent.

    Their calendar, absences and week are only read: each of them that takes time writes the tandem, as this does, so of
    two at one moment one is decided again, and takes the time of a meeting that is there by then.
    """
    others = [one for one, whose in zip(there, pair.people, strict=True) if whose != who]
    return date not in pair.closed and all(one.is_free(date, start, minutes) for one in others)


def _waits_for_return(pair: Pair) -> bool:
    """Whether nobody knows yet when the days for an answer are over: the tandem rests without an end."""
    return any(rest.last is None for rest in pair.rests)


def by_delegate(context: Context) -> Text | str:
    """What both are told where a delegate acts, without whose it is; else nothing."""
    return words("by-delegate") if context.sender == "delegate" else ""


def accept(message: s.AcceptMeetings, state: AcceptState, context: Context) -> Outcome:
    """Accept suggestions at the times that somebody saw, all of them or none.

    The tandem is written with them: two who accept at the same moment do not both find the other's answer missing.
    """
    pair, programme, meetings, delegate = state
    if pair is None or programme is None:
        return refuse(reason("tandem_id", "unknown_tandem", words("unknown-tandem")))
    found = not_yours(pair, message.participant_id, context, delegate)
    if found:
        return refuse(*found)
    if pair.status != "running":
        return refuse(reason("tandem_id", "ended", words("ended")))
    for number, (time, meeting) in enumerate(zip(message.times, meetings, strict=True)):
        found += _not_acceptable(f"times.{number}", time, meeting, pair, context.today)
    if found:
        return refuse(*found)
    programme = programme.on(context.today)
    written: dict[str, Meeting] = {}
    newly: list[Meeting] = []
    agreed: list[Meeting] = []
    for meeting in meetings:
        if meeting is None or meeting.id in written:
            continue
        accepted = _accepted(meeting, message.participant_id)
        newly += [accepted] if message.participant_id not in meeting.accepted_by else []
        agreed += [accepted] if accepted.acceptance != meeting.acceptance else []
        written[meeting.id] = still_waking(accepted, pair, programme, context.today)
        pair = pair.with_slot(accepted)
    return Decision(
        state=(pair, *written.values()),
        messages=(
            *(s.MeetingAccepted(**each.published()) for each in written.values()),
            *_told(newly, agreed, pair, programme, context),
        ),
        jobs=late(agreed, programme, context.today),
    )


def _not_acceptable(
    field: str, time: s.MeetingTime, meeting: Meeting | None, pair: Pair, today: dt.date
) -> list[Reason]:
    if meeting is None or meeting.tandem != pair.id:
        return [reason(f"{field}.meeting_id", "unknown_meeting", words("unknown-meeting"))]
    if meeting.status != "planned":
        status = words(f"status-{meeting.status}")
        return [reason(f"{field}.meeting_id", "not_planned", words("not-planned", status=status))]
    if (time.date, time.start) != (meeting.date, meeting.start):
        return [reason(f"{field}.date", "another_time", words("another-time", **at(meeting)))]
    if meeting.date < today:
        return [reason(f"{field}.date", "over", words("accept-over"))]
    return []


def _accepted(meeting: Meeting, who: str) -> Meeting:
    accepted_by = tuple(sorted({*meeting.accepted_by, who}))  # in whatever order they come
    everybody = {*meeting.people} - {NOBODY} <= {*accepted_by}
    acceptance: Acceptance = "given" if everybody else meeting.acceptance
    return meeting.next(accepted_by=accepted_by, acceptance=acceptance)


def _told(
    newly: list[Meeting], agreed: list[Meeting], pair: Pair, programme: Programme, context: Context
) -> list[Contract]:
    """Both hear which times both have accepted by now, and that a delegate answered."""
    if agreed:
        topic, about = "agreed", agreed
    elif newly and context.sender == "delegate":
        topic, about = "accepted-by-delegate", newly
    else:
        return []
    return [*both(programme, pair.people, topic, meetings=listed(about), delegate=by_delegate(context))]
