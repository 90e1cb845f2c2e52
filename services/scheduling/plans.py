"""Decisions about plans: their meetings, another time for one, and how a plan came out."""

from services.scheduling.jobs import ClearMeeting, PlanMeeting, Planned
from services.scheduling.loaders import MeetingState, PlanState, planned_meeting_id
from services.scheduling.model import DAY, Meeting, Plan
from services.scheduling.say import addressed, attention, clock, needs_office
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from shared.runtime.decision import NOTHING, Context, Decision, Outcome


def plan_meeting(message: PlanMeeting, state: PlanState, context: Context) -> Outcome:
    """Put one meeting into the plan, unless the tandem has ended meanwhile."""
    pair = state.pair
    if pair is None or state.meeting is not None or (pair.status != "running" and message.date > pair.ends_on):
        return NOTHING
    meeting = Meeting(
        id=planned_meeting_id(message),
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
    kept = pair.with_slot(meeting.id, meeting.date, "planned")
    mails = []
    if message.instead and state.programme is not None:
        mails = [addressed(state.programme, who, "new-meeting", **at(meeting)) for who in meeting.people]
    return Decision(state=(kept, meeting), messages=(s.MeetingScheduled(**meeting.published()), *mails))


def say_plan(message: Planned, state: PlanState, context: Context) -> Outcome:
    """Say how a plan came out: one mail for all meetings; the office hears of a plan that falls short."""
    pair, programme = state.pair, state.programme
    if pair is None or programme is None:
        return NOTHING
    plan = Plan(id=pair.id, programme=pair.programme, wanted=message.wanted, problem=message.problem)
    event = s.PlanMade(
        tandem_id=pair.id,
        programme_id=programme.id,
        wanted=message.wanted,
        planned=message.found,
        largest_gap_days=message.largest_gap_days,
        problem=message.problem,
    )
    said: list[Contract] = [event]
    planned = [slot for slot in pair.slots if slot.status == "planned"]
    if planned and not message.again:
        count, first = len(planned), planned[0].date
        said += [addressed(programme, who, "planned", count=count, first=first) for who in (pair.mentor, pair.mentee)]
    if message.problem and message.again:
        said += [addressed(programme, who, "none-left") for who in (pair.mentor, pair.mentee)]
    if not message.problem or message.again:
        return Decision(state=(pair, plan), messages=tuple(said))
    sign = attention(programme, "plan-short", pair, pair.formed_on, "plan", ("matching.end-tandem.v1",))
    said.append(needs_office(sign))
    return Decision(state=(pair.but(signs=(*pair.signs, sign.id)), plan, sign), messages=tuple(said))


def clear_meeting(message: ClearMeeting, state: MeetingState, context: Context) -> Outcome:
    """Cancel what was planned after a tandem's end."""
    meeting, pair, _, _ = state
    if meeting is None or pair is None or meeting.status != "planned":
        return NOTHING
    cancelled = meeting.next(status="cancelled", due=None)
    kept = pair.with_slot(meeting.id, meeting.date, "cancelled")
    return Decision(state=(kept, cancelled), messages=(s.MeetingCancelled(**cancelled.published()),))


def at(meeting: Meeting) -> dict[str, object]:
    """A meeting's time, for words."""
    return {"date": meeting.date, "start": clock(meeting.start), "minutes": meeting.minutes}
