"""What became of a meeting: held, as somebody confirmed or may be assumed; missed; or unknown.

A meeting is held if somebody says so or names its topics (confirmed), or if somebody had accepted its time and nobody
says otherwise within the days for objecting (assumed, P11). That silence accepted it is no reason to believe in it, nor
is that somebody suggested it: who suggests a time has not answered, and would alone make meetings of nobody. Who says
that it did not take place is believed at once; where the two contradict each other it is unknown, and no side is told
from the other. Each may say otherwise until the days are over. Then nobody objects any more, but of a meeting that
nobody denied somebody may still say that it took place.
"""

import datetime as dt
from typing import NamedTuple

from services.scheduling.loaders import MeetingState
from services.scheduling.meetings.acceptance import after_silence, held_on, waking
from services.scheduling.meetings.decisions import UNKNOWN
from services.scheduling.meetings.delegates import not_yours
from services.scheduling.meetings.signs import failed, held
from services.scheduling.model import REMINDED, Meeting, Pair, Programme, Status
from services.scheduling.say import at, both, where, words
from shared.contracts import scheduling as s
from shared.contracts.base import Contract, Reason
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse


class _Word(NamedTuple):
    """What somebody says of a meeting, and how they are answered when it took place."""

    meeting_id: str
    participant: str
    took_place: bool
    minutes: int | None = None
    topics: tuple[str, ...] = ()
    answer: type[s.MeetingState] = s.MeetingReported


def report(message: s.ReportMeeting, state: MeetingState, context: Context) -> Outcome:
    """Take down whether a meeting took place, how long it was and what it was about (P11, S12)."""
    word = _Word(message.meeting_id, message.participant_id, message.took_place, message.minutes, message.topics)
    return _say(word, state, context)


def report_not_held(message: s.ReportNotHeld, state: MeetingState, context: Context) -> Outcome:
    """Take down that a meeting did not take place (P11)."""
    return _say(_Word(message.meeting_id, message.participant_id, took_place=False), state, context)


def record_topics(message: s.RecordTopics, state: MeetingState, context: Context) -> Outcome:
    """Take down what a meeting was about, and so that it took place; the tandem is free to choose (S12)."""
    word = _Word(
        message.meeting_id, message.participant_id, took_place=True, topics=message.topics, answer=s.TopicsRecorded
    )
    return _say(word, state, context)


def _say(word: _Word, state: MeetingState, context: Context) -> Outcome:
    meeting, pair, programme, *_ = state
    if meeting is None or pair is None or programme is None:
        return refuse(UNKNOWN)
    found = not_yours(pair, word.participant, context)
    if found:
        return refuse(*found)
    programme = programme.on(context.today)
    counts_on = held_on(pair, meeting.date, programme)
    over = counts_on is not None and context.today >= counts_on
    if not word.took_place and word.participant in meeting.denied_by:
        return _again(meeting)
    if over and meeting.status == "planned":
        meeting = after_silence(meeting, pair, programme, context.today, state.there)
    found = _unsayable(word, meeting, context.today, over=over)
    if found:
        return refuse(*found)
    said = _with(word, meeting)
    if said.status == "held":
        return Decision(state=(said, pair.with_slot(said)), messages=(word.answer(**said.published()),))
    if word.took_place and over and not _is_expected(meeting):
        # Its days are over, and nobody had said anything: whether its day was handled already makes no difference.
        return _held(said, pair, programme, state, context.today)
    return _standing(word, meeting, said, state, programme, context.today)


def _again(meeting: Meeting) -> Decision:
    """Answer a command whose effect is there already."""
    again = meeting.next()
    kind = s.MeetingUnknown if meeting.status == "unknown" else s.MeetingMissed
    return Decision(state=(again,), messages=(kind(**again.published()),))


def _is_expected(meeting: Meeting) -> bool:
    """Whether it will be held when its day is handled."""
    return meeting.status == "planned" and meeting.counts


def _unsayable(word: _Word, meeting: Meeting, today: dt.date, *, over: bool) -> list[Reason]:
    """Why somebody cannot say this of a meeting."""
    found = []
    if not word.took_place and (word.topics or word.minutes is not None):
        found.append(reason("took_place", "contradicts", words("report-contradicts")))
    if meeting.status == "cancelled":
        return [*found, _is(meeting.status)]
    if today < meeting.date:
        found.append(reason("meeting_id", "not_yet", words("not-yet", date=meeting.date)))
    if over and not word.took_place:
        # Its day has come; which of the two is handled first must not matter.
        handled = "held" if meeting.counts else "unknown"
        found.append(_is(handled if meeting.status == "planned" else meeting.status))
    if over and word.took_place and meeting.denied_by:
        found.append(_is(meeting.status))
    return found


def _is(status: str) -> Reason:
    return reason("meeting_id", "not_planned", words("not-planned", status=words(f"status-{status}")))


def _with(word: _Word, meeting: Meeting) -> Meeting:
    """The meeting with somebody's word in the place of their earlier one."""
    confirmed = [who for who in meeting.confirmed_by if who != word.participant]
    denied = [who for who in meeting.denied_by if who != word.participant]
    (confirmed if word.took_place else denied).append(word.participant)
    return meeting.next(
        confirmed_by=tuple(sorted(confirmed)),
        denied_by=tuple(sorted(denied)),
        topics=word.topics or meeting.topics,
        minutes=word.minutes or meeting.minutes,
        known="confirmed" if meeting.status == "held" else None,
    )


def _standing(
    word: _Word, before: Meeting, said: Meeting, state: MeetingState, programme: Programme, today: dt.date
) -> Decision:
    """How a meeting stands until its days for objecting are over, by what the two say of it."""
    pair = state.pair
    assert pair is not None
    if not said.denied_by:
        waits = said.but(status="planned")
        if before.status != "planned":
            waits = waking(waits, pair, programme, today)
        return Decision(state=(pair.with_slot(waits), waits), messages=(word.answer(**waits.published()),))
    status: Status = "unknown" if said.confirmed_by else "missed"
    # What did not take place was about nothing.
    topics = said.topics if status == "unknown" else ()
    stands = said.but(status=status, topics=topics, rules_version=programme.rules_version, due=None)
    event = s.MeetingUnknown if stands.status == "unknown" else s.MeetingMissed
    written: list[Aggregate] = [pair.with_slot(stands)]
    told: list[Contract] = []
    if before.status == "planned":
        written, told = failed(pair, stands, programme, state.signs, today)
    return Decision(state=(stands, *written), messages=(event(**stands.published()), *told))


def date_reached(message: DueReached, state: MeetingState, context: Context) -> Outcome:
    """Let silence accept, remind both, and say what became of the meeting when the days for objecting are over (P11).

    While the tandem rests nobody is reminded and nothing counts (P6); without an end to the rest the meeting has no
    date to wake on, and gets one when the rest is over (`resting.rest_tandem`).
    """
    meeting, pair, programme, signs, *_ = state
    if meeting is None or pair is None or programme is None:
        return NOTHING
    if meeting.status != "planned":
        return Decision(state=(meeting.but(due=None),))
    if meeting.due is None or message.date < meeting.due:
        return Decision(state=(meeting,))
    programme = programme.on(context.today)
    answered = after_silence(meeting, pair, programme, message.date, state.there)
    counts_on = held_on(pair, meeting.date, programme)
    if counts_on is not None and message.date >= counts_on:
        if answered.counts and not answered.waits_in_vain:
            return _held(answered.next(), pair, programme, state, message.date)
        unknown = answered.next(status="unknown", rules_version=programme.rules_version, due=None)
        written, said = failed(pair, unknown, programme, signs, message.date)
        return Decision(state=(unknown, *written), messages=(s.MeetingUnknown(**unknown.published()), *said))
    woken = meeting
    messages: list[Contract] = []
    if answered != meeting:
        woken = answered.next()
        messages.append(s.MeetingAccepted(**woken.published()))
    if (meeting.date - message.date).days in REMINDED and meeting.date <= pair.ends_on:
        waits = words("reminder-open") if woken.acceptance == "open" else ""
        told = {"place": where(meeting, programme), "open": waits, **at(meeting)}
        messages += [] if pair.rests_on(message.date) else both(programme, meeting.people, "reminder", **told)
    # The pair is written too: neither must pass the tandem's end, its rest or an answer at this moment, a write skew.
    woken = waking(woken, pair, programme, message.date, state.there)
    return Decision(state=(woken, pair.with_slot(woken)), messages=tuple(messages))


def _held(meeting: Meeting, pair: Pair, programme: Programme, state: MeetingState, today: dt.date) -> Decision:
    """The meeting counts as held, and so do no longer the signs that are over by it."""
    kept = meeting.but(
        status="held",
        number=pair.number_of(meeting.id),
        known="confirmed" if meeting.confirmed else "assumed",
        rules_version=programme.rules_version,
        due=None,
    )
    written, said = held(pair, kept, programme, state.signs, today)
    return Decision(state=(kept, *written), messages=(s.MeetingHeld(**kept.published()), *said))
