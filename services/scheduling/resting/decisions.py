"""Decisions about a tandem's rest while one of the two pauses (P6): both are told once, and in the same words."""

import datetime as dt

from services.scheduling.availability.rests import Rest, rest_of
from services.scheduling.loaders import MeetingState
from services.scheduling.meetings.acceptance import still_waking
from services.scheduling.meetings.signs import looked_at_on
from services.scheduling.model import DAY, Meeting, Pair, Participant, Programme
from services.scheduling.planning.jobs import NOTICE, Instead, is_time_left
from services.scheduling.resting.jobs import ClearInRest, RestTandem, in_rest_ref
from services.scheduling.resting.loaders import RestState
from services.scheduling.say import both, words
from shared.contracts import scheduling as s
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Start


def may_pause(participant: Participant | None) -> bool:
    """Whether somebody may pause, as far as is known."""
    return participant is None or participant.paused_since is not None


def pauses_otherwise(before: Participant | None, after: Participant) -> bool:
    """Whether somebody's pause began, changed or is over, or their leaving in the middle of a rest was taken back."""
    if before is None:
        return after.paused_since is not None
    if before.status == "withdrawn":
        return after.status != before.status
    return (before.paused_since, before.paused_until) != (after.paused_since, after.paused_until)


def rest_tandem(message: RestTandem, state: RestState, context: Context) -> Outcome:
    """Let a tandem rest while one of the two pauses, and go on when neither does any more.

    The people are only read: whose pause changes at this moment has a piece of their own that comes after it.
    """
    pair, programme, people, _ = state
    if pair is None or programme is None:
        return NOTHING
    programme = programme.on(context.today)
    if any(person is not None and person.status == "withdrawn" for person in people):
        # The tandem's end is on its way: nobody shall hear that it goes on.
        return Decision(state=(pair,))
    now = rest_of(people, context.today)
    if pair.status != "running" or (now is None and not pair.resting):
        return Decision(state=(pair,))
    earlier, before = (pair.rests[:-1], pair.rests[-1]) if pair.resting else (pair.rests, None)
    if now is None:
        return _goes_on(state, pair, programme, context)
    begun = before.first if before is not None else max([now.first, *(r.last + DAY for r in earlier if r.last)])
    rest = Rest(first=begun, last=now.last)
    if rest == before:
        return Decision(state=(pair,))
    rests = pair.but(rests=(*earlier, rest), resting=True)
    # A meeting of the first day may have been held before the pause began: it stays, and somebody may object later.
    # Of a rest that is moved only the days that join it are cleared: the two may have agreed on meetings in the others.
    new_after = rest.first if before is None else before.last
    # What is missing is planned from `NOTICE` after the day on which it goes on.
    last = pair.ends_on - NOTICE
    if rest.last is None:
        then = words("sought-if-it-goes-on", last=last) if context.today < last else ""
        mails = both(programme, pair.people, "tandem-rests", then=then)
    else:
        then = words("sought-after-rest") if rest.last < last else ""
        mails = both(programme, pair.people, "tandem-rests-until", until=rest.last, then=then)
    return Decision(
        state=(rests.but(due=looked_at_on(rests, programme)), *_woken(state, rests, programme, context.today)),
        messages=tuple(mails),
        jobs=(Start("clear-rest", in_rest_ref(pair.id, new_after)),) if new_after is not None else (),
    )


def _goes_on(state: RestState, pair: Pair, programme: Programme, context: Context) -> Decision:
    """Neither pauses any more: what is missing in the rest of the term is planned anew."""
    before, yesterday = pair.rests[-1], context.today - DAY
    last = min(before.last or yesterday, yesterday)
    over = (Rest(first=before.first, last=last),) if last >= before.first else ()
    going = pair.but(rests=(*pair.rests[:-1], *over), resting=False)
    again = Instead(pair.id, context.today, context.derive("plan", context.today))
    left = is_time_left(going, context.today)
    return Decision(
        state=(going.but(due=looked_at_on(going, programme)), *_woken(state, going, programme, context.today)),
        messages=tuple(both(programme, pair.people, "tandem-goes-on", then=words("next-are-told") if left else "")),
        jobs=(Start("plan-again", again.text()),),
    )


def _woken(state: RestState, pair: Pair, programme: Programme, today: dt.date) -> list[Meeting]:
    """The planned meetings whose next day is another one by the rest.

    Once it is over the days to answer begin anew, as the letter says that names the meetings to come: those that were
    left before the rest might be over before it comes.
    """
    waiting = [meeting for meeting in state.meetings if meeting.status == "planned"]
    anew = [m.but(suggested_on=today) if _asked_anew(m, pair, today) else m for m in waiting]
    woken = [still_waking(meeting, pair, programme, today) for meeting in anew]
    return [meeting for meeting, before in zip(woken, waiting, strict=True) if meeting != before]


def _asked_anew(meeting: Meeting, pair: Pair, today: dt.date) -> bool:
    """Whether a suggestion from before a rest that is over now still waits for an answer."""
    waits = meeting.acceptance == "open" and meeting.date > today
    return waits and not pair.resting and meeting.suggested_on is not None


def clear_in_rest(message: ClearInRest, state: MeetingState, context: Context) -> Outcome:
    """Cancel what was planned for a day on which its tandem rests; both heard of the rest, and it is no failure."""
    meeting, pair, *_ = state
    if meeting is None or pair is None or meeting.status != "planned":
        return NOTHING
    if not pair.rests_on(meeting.date):
        # The rest is over already.
        return Decision(state=(pair,))
    cancelled = meeting.next(status="cancelled", due=None)
    event = s.MeetingCancelled(**cancelled.published())
    return Decision(state=(pair.without_slot(meeting.id), cancelled), messages=(event,))
