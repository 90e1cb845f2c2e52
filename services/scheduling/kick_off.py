"""Decisions about the kick-off and the tandems' agreements."""

from services.scheduling.delegates import not_yours
from services.scheduling.jobs import Invite, KickOffFound, kick_off_ref
from services.scheduling.loaders import AgreementState, KickOffState
from services.scheduling.model import DAY, Agreement, Attendance, KickOff, Participant
from services.scheduling.say import addressed, clock, kick_off_impossible, needs_office, settle, words
from shared.contracts import scheduling as s
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start, reason, refuse


def plan_kick_off(message: s.PlanKickOff, state: KickOffState, context: Context) -> Outcome:
    """Look for the day on which most can come (S5)."""
    found = []
    if state.programme is None:
        found.append(reason("programme_id", "unknown_programme", words("unknown-programme")))
    if state.kick_off is not None and state.kick_off.status == "sought":
        found.append(reason("programme_id", "being_planned", words("being-planned")))
    elif state.kick_off is not None and state.kick_off.status != "impossible":
        found.append(reason("programme_id", "already_planned", words("already-planned", date=state.kick_off.date)))
    if message.latest < message.earliest:
        found.append(reason("latest", "before_earliest", words("before-earliest")))
    if message.earliest <= context.today:
        found.append(reason("earliest", "past", words("past", date=context.today)))
    if (message.latest - message.earliest).days > 60:
        found.append(reason("latest", "too_far", words("too-far")))
    programme = state.programme
    if programme is not None and (message.latest > programme.registration_closes or not programme.registering):
        # The match begins when registration closes, and the workshop comes before it.
        found.append(reason("latest", "after_registration", words("after-registration")))
    if found:
        return refuse(*found)
    settled, said = settle([state.sign] if state.sign is not None else [])
    sought = KickOff(
        id=message.programme_id,
        programme=message.programme_id,
        status="sought",
        date=None,
        start=None,
        minutes=message.minutes,
        invited=0,
        can_come=0,
    )
    ref = kick_off_ref(message.programme_id, message.earliest, message.latest, message.minutes)
    return Decision(state=(sought, *settled), messages=tuple(said), jobs=(Start("kick-off", ref),))


def say_kick_off(message: KickOffFound, state: KickOffState, context: Context) -> Outcome:
    """Say the kick-off's day, or that there is none: then the office is told, and may offer other days."""
    programme = state.programme
    if state.kick_off is None or state.kick_off.status != "sought" or programme is None:
        return NOTHING
    kick_off = KickOff(
        id=message.programme_id,
        programme=message.programme_id,
        status="scheduled" if message.date else "impossible",
        date=message.date,
        start=message.start,
        minutes=message.minutes,
        invited=message.invited,
        can_come=message.can_come,
        due=message.date - DAY if message.date else None,
    )
    if message.date:
        return Decision(state=(kick_off,), messages=(s.KickOffScheduled(**kick_off.published()),))
    sign = kick_off_impossible(programme.on(context.today), kick_off, context.today, context.id)
    return Decision(
        state=(kick_off.but(sign=sign.id), sign),
        messages=(s.KickOffImpossible(**kick_off.published()), needs_office(sign)),
    )


def invitation(participant: Participant, state: KickOffState, context: Context) -> Decision | None:
    """Invite one person, once; None if there is nothing to invite them to, or no more."""
    kick_off, programme = state.kick_off, state.programme
    if kick_off is None or programme is None or kick_off.date is None or kick_off.start is None:
        return None
    if participant.pauses(context.today):
        # Who is back before it is invited then.
        return None
    if participant.status != "registered" or participant.invited or context.today > kick_off.date:
        return None
    params = {"date": kick_off.date, "start": clock(kick_off.start), "minutes": kick_off.minutes}
    return Decision(
        state=(participant.but(invited=True),),
        messages=(addressed(programme, participant.id, "kick-off", **params),),
    )


def invite(message: Invite, state: KickOffState, context: Context) -> Outcome:
    """Invite one of those who were registered as the day was set, or who were found not to be invited."""
    return (invitation(state.participant, state, context) if state.participant is not None else None) or NOTHING


def date_reached(message: DueReached, kick_off: KickOff | None, context: Context) -> Outcome:
    """The day before, look once more who was not invited (`days.know_participant`); the day after, it was held."""
    if kick_off is None or kick_off.status != "scheduled" or kick_off.date is None:
        return NOTHING
    if message.date <= kick_off.date:
        return Decision(state=(kick_off.but(due=kick_off.date + DAY),), jobs=(Start("latecomers", kick_off.id),))
    held = kick_off.but(status="held", due=None)
    return Decision(state=(held,), messages=(s.KickOffHeld(**held.published()),))


def record_attendance(message: s.RecordAttendance, state: KickOffState, context: Context) -> Outcome:
    """Record that somebody came."""
    found = []
    kick_off = state.kick_off
    if kick_off is None or kick_off.date is None:
        found.append(reason("programme_id", "no_kick_off", words("no-kick-off")))
    elif context.today < kick_off.date:
        found.append(reason("programme_id", "not_yet", words("not-yet", date=kick_off.date)))
    if state.participant is None or state.participant.programme != message.programme_id:
        found.append(reason("participant_id", "unknown_participant", words("unknown-participant")))
    if found or kick_off is None or kick_off.date is None:
        return refuse(*found)
    attendance = Attendance(id=message.participant_id, programme=message.programme_id, date=kick_off.date)
    event = s.AttendanceRecorded(
        programme_id=message.programme_id, participant_id=message.participant_id, date=kick_off.date
    )
    return Decision(state=(attendance,), messages=(event,))


def record_agreement(message: s.RecordAgreement, state: AgreementState, context: Context) -> Outcome:
    """Record a tandem's rules and goals (S11); a later agreement replaces an earlier one."""
    pair = state.pair
    if pair is None:
        return refuse(reason("tandem_id", "unknown_tandem", words("unknown-tandem")))
    found = not_yours(pair, message.participant_id, context)
    if pair.status != "running":
        found.append(reason("tandem_id", "ended", words("ended")))
    if found:
        return refuse(*found)
    before = state.agreement
    same = before is not None and (before.rules, before.goals) == (message.rules, message.goals)
    agreement = Agreement(
        id=pair.id,
        programme=pair.programme,
        people=pair.people,
        rules=message.rules,
        goals=message.goals,
        date=before.date if before is not None and same else context.today,
    )
    event = s.AgreementRecorded(
        tandem_id=pair.id,
        programme_id=pair.programme or "",
        rules=len(message.rules),
        goals=len(message.goals),
        date=agreement.date,
    )
    return Decision(state=(agreement, pair.but(agreed=True)), messages=(event,))
