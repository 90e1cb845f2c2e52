"""Decisions about plans: their meetings, another time for one, and how a plan came out."""

from services.scheduling.availability.presence import all_work
from services.scheduling.availability.wall_time import minute_of, within
from services.scheduling.loaders import MeetingState, PlanState, TakenState, planned_meeting_id
from services.scheduling.meetings.acceptance import still_waking, suggested, suggestion_told
from services.scheduling.meetings.replanning import lacks
from services.scheduling.model import DAY, Pair, Plan, Slot
from services.scheduling.planning.jobs import (
    ClearMeeting,
    GiveUp,
    Instead,
    PlanMeeting,
    Planned,
    SeveralTaken,
    TimeTaken,
    is_time_left,
)
from services.scheduling.say import at, attention, both, listed, needs_office, settle, words
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Start


def plan_meeting(message: PlanMeeting, state: PlanState, context: Context) -> Outcome:
    """Suggest one meeting of the plan, unless the tandem has ended meanwhile; look again if its time was taken since.

    A plan is made of what its job read. Since then the tandem may have added a meeting on this day, or another tandem
    of one of the two, planned by another replica, or a calendar or a new week may have taken this time. So it is
    checked again here, and the other tandems are written unchanged: of two that take the same time at the same moment
    one finds the other's version changed, and decides again; a calendar and a profile write the person's tandems
    (`calendars/`), and so does an invitation to a gathering (`guests.invite`). A tandem formed meanwhile is not seen
    here, but it sees this one: its diaries were written before its plan began.
    """
    pair, programme = state.pair, state.programme
    if pair is None or programme is None or state.meeting is not None:
        return NOTHING
    if pair.status != "running" and message.date > pair.ends_on:
        return NOTHING
    if pair.rests_on(message.date):
        # One of the two pauses since the job read them; what is missing then is planned when they are back.
        return Decision(state=(pair,))
    own = any(slot.date == message.date and slot.status != "cancelled" for slot in pair.slots)
    if message.most is not None and (own or len(_standing(pair)) >= message.most):
        # Another job has planned what was missing since this one read the tandem.
        return Decision(state=(pair,))
    begins = minute_of(message.date, message.start)
    busy = within([(begins, begins + message.minutes)], state.away)
    taken = busy or not all_work(state.people, message.date, message.start, message.minutes)
    if own or taken or any(other.meets_at(message.date, message.start, message.minutes) for other in state.others):
        again = Instead(pair.id, message.date - DAY, message.key)
        return Decision(state=(pair, *state.others), jobs=(Start("instead", again.text()),))
    programme = programme.on(context.today)
    pair = pair.but(closed=message.closed or pair.closed)
    id = planned_meeting_id(message)
    meeting = suggested(pair, programme, id, message.date, message.start, message.minutes, context.today)
    mails = suggestion_told("new-meeting", meeting, pair, programme, context) if message.instead else []
    return Decision(
        state=(pair.with_slot(meeting), meeting, *state.others),
        messages=(s.MeetingScheduled(**meeting.published()), *mails),
    )


def _standing(pair: Pair) -> list[Slot]:
    """The meetings that count for a plan: all that are not cancelled."""
    return [slot for slot in pair.slots if slot.status != "cancelled"]


def say_plan(message: Planned, state: PlanState, context: Context) -> Outcome:
    """Say how a plan came out: one mail for all meetings; the office hears of a plan that falls short."""
    pair, programme, signs, *_ = state
    if pair is None or programme is None:
        return NOTHING
    repaired = message.again or message.anew is not None
    # Several repairs may be under way at a time: each has read less than stands by now.
    found = len(_standing(pair)) if repaired else message.found
    problem = None if message.anew is not None and found >= message.wanted else message.problem
    plan = Plan(
        id=pair.id,
        programme=programme.id,
        wanted=message.wanted,
        planned=found,
        largest_gap_days=message.largest_gap_days,
        problem=problem,
        rules_version=message.rules_version,
        late_days=message.late_days,
        together=message.together,
        proved=message.proved,
        levels=message.levels,
        bound=message.bound,
        fewest_missing=message.fewest_missing,
    )
    said: list[Contract] = [s.PlanMade(**plan.published())]
    if pair.status != "running":
        # Its end was handled: a sign raised now would be settled by nothing, and there is nothing left to tell.
        return Decision(state=(pair, plan), messages=tuple(said))
    pair = pair.but(closed=message.closed or pair.closed)
    planned = [slot for slot in pair.slots if slot.status == "planned"]
    if planned and not message.again and message.anew != 0:
        until = pair.working_day(context.today, programme.on(context.today).rules.silence_accepts_days)
        asked = words("answer-when-back")
        if until is not None:
            silent = pair.later(until, 2) or until
            near = words("plan-answer-needed", day=silent) if planned[0].date < silent else ""
            asked = words("plan-answer-until", until=until, near=near)
        topic = "planned" if message.anew is None else "planned-anew"
        said += both(programme, pair.people, topic, meetings=listed(planned), answer=asked)
    if message.problem and message.again:
        said += both(programme, pair.people, "none-left")
    elif message.since is not None and not planned:
        # That it goes on promised them the next meetings.
        said += both(programme, pair.people, "plan-stays-short")
    short = [sign for sign in signs if sign.what == "plan-short" and sign.status != "settled"]
    if found >= message.wanted:
        settled, settlings = settle(short)
        return Decision(state=(pair, plan, *settled), messages=(*said, *settlings))
    if not problem or (repaired and short):
        return Decision(state=(pair, plan), messages=tuple(said))
    if message.anew is not None:
        said += both(programme, pair.people, "plan-stays-short")
    since = message.since or (context.today if repaired else None)
    sign = attention(programme.on(context.today), "plan-short", pair, since or pair.formed_on, since or "plan")
    said.append(needs_office(sign))
    kept = pair.but(signs=tuple(dict.fromkeys((*pair.signs, sign.id))))
    return Decision(state=(kept, plan, sign), messages=tuple(said))


def give_up(message: GiveUp, state: MeetingState, context: Context) -> Outcome:
    """Cancel a meeting that a new plan of all that is to come does without; the list of the new plan tells it."""
    meeting, pair, *_ = state
    if meeting is None or pair is None:
        return NOTHING
    moved = (meeting.date, meeting.start) != (message.date, message.start)
    if meeting.status != "planned" or pair.status != "running" or moved or meeting.date <= context.today:
        return Decision(state=(meeting, pair))
    cancelled = meeting.next(status="cancelled", due=None)
    event = s.MeetingCancelled(**cancelled.published())
    return Decision(state=(pair.without_slot(cancelled.id), cancelled), messages=(event,))


def several_taken(message: SeveralTaken, state: PlanState, context: Context) -> Outcome:
    """Tell the two once of all meetings that a calendar took, and plan as many anew."""
    pair, programme, *_ = state
    if pair is None or programme is None or pair.status != "running":
        return NOTHING
    stand = {slot.meeting for slot in pair.slots}
    lost = [meeting for meeting in message.meetings if meeting.meeting_id not in stand]
    if not lost:
        return Decision(state=(pair,))
    again = Instead(pair.id, context.today, context.derive("plan", pair.id))
    sought = is_time_left(pair, context.today) and lacks(pair, programme.on(context.today), context.today)
    told = {"meetings": listed(lost), "others": words("others-are-sought") if sought else ""}
    return Decision(
        state=(pair,),
        messages=tuple(both(programme, pair.people, "times-taken", **told)),
        jobs=(Start("plan-missing", again.text()),),
    )


def clear_meeting(message: ClearMeeting, state: MeetingState, context: Context) -> Outcome:
    """Cancel what was planned after a tandem's end; what was before waits for its days, though the tandem rested."""
    meeting, pair, programme, *_ = state
    if meeting is None or pair is None or programme is None or meeting.status != "planned":
        return NOTHING
    if meeting.date <= pair.ends_on:
        return Decision(state=(pair, still_waking(meeting, pair, programme.on(context.today), context.today)))
    cancelled = meeting.next(status="cancelled", due=None)
    return Decision(
        state=(pair.with_slot(cancelled), cancelled), messages=(s.MeetingCancelled(**cancelled.published()),)
    )


def time_taken(message: TimeTaken, state: TakenState, context: Context) -> Outcome:
    """Replace a planned meeting at a time that one of the two has no more; nobody cancelled, so it is no failure.

    Whether a calendar, an absence or a new week took it is told nobody. One that has moved since that was found stays,
    as does one of today: it may have been held before the calendar said so. The meeting is written unchanged there, so
    that a move at this moment does not pass unseen.
    """
    meeting, pair, programme, away, people = state
    if meeting is None or pair is None or programme is None:
        return NOTHING
    moved = (meeting.date, meeting.start) != (message.date, message.start)
    if meeting.status != "planned" or pair.status != "running" or moved or meeting.date <= context.today:
        return Decision(state=(meeting, pair))
    begins = minute_of(meeting.date, meeting.start)
    busy = within([(begins, begins + meeting.minutes)], away)
    outside = message.by_week and not all_work(people, meeting.date, meeting.start, meeting.minutes)
    if not busy and not outside:
        # The calendar, or the week, was put right meanwhile.
        return Decision(state=(meeting, pair))
    cancelled = meeting.next(status="cancelled", due=None)
    if message.several:
        event = s.MeetingCancelled(**cancelled.published())
        return Decision(state=(pair.without_slot(cancelled.id), cancelled), messages=(event,))
    instead = Instead(pair.id, context.today + DAY, f"instead of {cancelled.id}")
    jobs = (Start("instead", instead.text()),) if is_time_left(pair, context.today) else ()
    told = {"another": words("another-is-sought") if jobs else "", **at(cancelled)}
    return Decision(
        state=(pair.without_slot(cancelled.id), cancelled),
        messages=(
            s.MeetingCancelled(**cancelled.published()),
            *both(programme, cancelled.people, "time-taken", **told),
        ),
        jobs=jobs,
    )
