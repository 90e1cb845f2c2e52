"""Decisions about who comes to a gathering: each person is invited to one date, reminded of it, and may be recorded."""

from services.scheduling.availability.busy import busy_in
from services.scheduling.availability.tandem import Busy
from services.scheduling.availability.wall_time import Span, minute_of, within
from services.scheduling.gatherings.jobs import Asked, CallOff, InviteGuest, RemindGuest, comes
from services.scheduling.gatherings.loaders import AttendingState, GuestState, JoiningState
from services.scheduling.gatherings.model import AnyGathering, Attendance, Guest, KickOff, When
from services.scheduling.invitations import decisions as inviting
from services.scheduling.invitations.model import Invitation
from services.scheduling.model import Pair, Participant, Programme
from services.scheduling.published import guest as said_of
from services.scheduling.say import addressed, clock, words
from shared.contracts import scheduling as s
from shared.contracts.base import Contract, Text
from shared.runtime.aggregate import Aggregate
from shared.runtime.days import BEFORE_TIME
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Start, Wait, reason, refuse
from shared.runtime.words import with_weekday


def invite(message: InviteGuest, state: GuestState, context: Context) -> Outcome:
    """Invite one person to their date, or tell them that none suits; once for each planning of the gathering.

    The job has seen that they meet nobody at that time, and are at no other gathering. A meeting may have been planned
    there since, or may just be planned by another replica, which sees no invitation. So their tandems are written
    unchanged, as whoever plans a meeting writes them, and the person, as whoever hears of a new tandem does
    (`days.know_tandem`) or invites them to another gathering: of two at one moment one is decided again, and sees the
    other (`plans.plan_meeting`).
    """
    gathering, programme, participant, guest, pairs, elsewhere = state
    if gathering is None or programme is None or participant is None or gathering.planned != message.planned:
        return NOTHING
    if gathering.status == "sought":
        # Another replica has not written its dates yet.
        return Wait(gathering.subject)
    when = gathering.dates[message.number] if message.number is not None else None
    known = guest is not None and guest.invited_to(gathering)
    if guest is not None and known and (guest.date is not None or when is None):
        return NOTHING
    if gathering.status != "scheduled" or not comes(participant, context.today):
        # Who is back from a pause is found by the next look.
        return NOTHING
    if when is not None and context.today > when.date:
        return NOTHING
    beside = (participant, *pairs)
    if when is not None and _is_elsewhere(when, gathering.minutes, pairs, elsewhere):
        return Decision(state=beside, jobs=(Start("late-guests", gathering.subject),))
    written, said = invitation(gathering, programme, participant, guest, when, context)
    # The gathering is only read: written, it would be a hot document. One that is cancelled at this moment is called
    # off a second time the next day, for who was invited after the first had read (`gatherings.date_reached`).
    return Decision(state=(*written, *(beside if when is not None else ())), messages=tuple(said))


def _is_elsewhere(when: When, minutes: int, pairs: tuple[Pair, ...], elsewhere: tuple[Span, ...]) -> bool:
    begins = minute_of(when.date, when.start)
    taken = within([(begins, begins + minutes)], elsewhere)
    return bool(taken) or any(pair.meets_at(when.date, when.start, minutes) for pair in pairs)


def invitation(
    gathering: AnyGathering,
    programme: Programme,
    participant: Participant,
    guest: Guest | None,
    when: When | None,
    context: Context,
) -> tuple[list[Aggregate], list[Contract]]:
    """Somebody's part in a gathering with their date, the words that tell it, and the invitation for their calendar."""
    asked = Guest(
        id=Guest.id_of(gathering.subject, participant.id),
        programme=gathering.programme,
        gathering=gathering.subject,
        participant=participant.id,
        planned=gathering.planned,
        asked_on=context.today,
        date=when.date if when is not None else None,
        start=when.start if when is not None else None,
        came_on=guest.came_on if guest is not None else None,
        office_mail=(guest.office_mail if guest is not None else None) or (programme.office.mail if when else None),
        left=guest.left if guest is not None else 0,
    )
    if when is None:
        mail = _said(gathering, programme, participant.id, "gathering-none")
        gone = _earlier_date_gone(gathering, programme, asked, guest, context)
        return ([asked], [mail]) if gone is None else ([asked, gone], [mail, inviting.said(gone)])
    topic = "kick-off" if isinstance(gathering, KickOff) else "gathering"
    what, minutes = _what(gathering), gathering.minutes
    entry = inviting.to_gathering(asked, programme, what, when, minutes, context, gathering.place)
    mail = _said(gathering, programme, participant.id, topic, when)
    return [asked, entry], [mail, inviting.said(entry)]


def _earlier_date_gone(
    gathering: AnyGathering, programme: Programme, asked: Guest, guest: Guest | None, context: Context
) -> Invitation | None:
    """The end of an invitation that an earlier planning left in somebody's calendar: it is called off by nobody else.

    That planning's `call_off` may come after this one's invitations, and leaves alone who is asked anew.
    """
    if guest is None or guest.date is None or guest.start is None or context.today > guest.date:
        return None
    when = When(date=guest.date, start=guest.start)
    what, minutes = _what(gathering), gathering.minutes
    return inviting.to_gathering(asked, programme, what, when, minutes, context, gathering.place, cancelled=True)


def _what(gathering: AnyGathering) -> Text:
    return words(f"gathering-{gathering.what}")


def _said(
    gathering: AnyGathering, programme: Programme, to: str, topic: str, when: When | None = None
) -> s.PersonAddressed:
    params: dict[str, object] = {"what": _what(gathering)}
    if when is not None:
        place = words("gathering-place", place=gathering.place) if gathering.place is not None else ""
        time = {"date": with_weekday(when.date), "start": clock(when.start), "minutes": gathering.minutes}
        params |= {"place": place, **time}
    return addressed(programme, to, topic, **params)


def invited_on_joining(
    participant: Participant, state: JoiningState, context: Context
) -> tuple[list[Aggregate], list[Contract]]:
    """Who registers or is back is invited at once to every gathering that has one date for all.

    Where seats are counted, or the date depends on who somebody is, the look of the next day invites them. The
    gatherings are only read (they would be hot documents): one whose dates are being set at this moment is missed here,
    and the person by its job; that look finds them (`gatherings.date_reached`).
    """
    written: list[Aggregate] = []
    told: list[Contract] = []
    programme = state.programme
    if programme is None or not comes(participant, context.today):
        return written, told
    meets = [
        Busy(slot.date, slot.start, slot.minutes)
        for pair in state.pairs
        for slot in pair.slots
        if slot.status == "planned"
    ]
    meets += [
        Busy(guest.date, guest.start, gathering.minutes)
        for gathering, guest in state.gatherings
        if guest is not None and guest.invited_to(gathering) and guest.date is not None and guest.start is not None
    ]
    for gathering, guest in state.gatherings:
        if not gathering.one_for_all or not gathering.is_for(participant.role) or not gathering.dates:
            continue
        known = guest is not None and guest.invited_to(gathering)
        if (known and guest is not None and guest.date is not None) or context.today > gathering.dates[0].date:
            continue
        if isinstance(gathering, KickOff) and gathering.planned == 1 and participant.invited:
            continue
        [only] = gathering.dates
        busy = (*busy_in(state.away, only.date, only.date), *meets)
        asked = Asked(id=participant.id, times=participant.working_times, busy=busy)
        when = only if asked.comes(only.date, only.start, gathering.minutes) else None
        if known and when is None:
            # They were told that they can come to none, and still cannot.
            continue
        invited, said = invitation(gathering, programme, participant, guest, when, context)
        written += invited
        told += said
        meets += [Busy(when.date, when.start, gathering.minutes)] if when is not None else []
    # As where a job invites (`invite`).
    return [*written, *(state.pairs if written else ())], told


def leaving(state: JoiningState, context: Context) -> tuple[list[Aggregate], list[Contract]]:
    """Take the gatherings to come out of the calendar of who withdrew; nobody writes to them."""
    written: list[Aggregate] = []
    told: list[Contract] = []
    for gathering, guest in state.gatherings:
        if state.programme is None or guest is None or not guest.invited_to(gathering):
            continue
        if guest.date is None or guest.start is None or context.today > guest.date:
            continue
        when = When(date=guest.date, start=guest.start)
        what, minutes = _what(gathering), gathering.minutes
        gone = inviting.to_gathering(
            guest, state.programme, what, when, minutes, context, gathering.place, cancelled=True
        )
        # No planning has the number 0: who is back is invited as if they never had been.
        written += [guest.but(planned=0, date=None, start=None, left=guest.left + 1), gone]
        told.append(inviting.said(gone))
    return written, told


def _part(state: GuestState) -> Guest | None:
    """Somebody's part in a gathering; also of whom an earlier release noted only that they are invited to the kick-off.

    That release knew one planning and one date.
    """
    gathering, _, participant, guest, *_ = state
    if guest is not None or participant is None or not participant.invited:
        return guest
    if not isinstance(gathering, KickOff) or gathering.planned != 1 or not gathering.dates:
        return None
    when = gathering.dates[0]
    return Guest(
        id=Guest.id_of(gathering.subject, participant.id),
        programme=gathering.programme,
        gathering=gathering.subject,
        participant=participant.id,
        planned=gathering.planned,
        asked_on=BEFORE_TIME,
        date=when.date,
        start=when.start,
    )


def remind(message: RemindGuest, state: GuestState, context: Context) -> Outcome:
    """Remind somebody of a gathering the day before."""
    gathering, programme, participant, *_ = state
    guest = _part(state)
    if gathering is None or programme is None or participant is None or guest is None or guest.start is None:
        return NOTHING
    stays = gathering.status == "scheduled" and guest.invited_to(gathering) and guest.date == message.date
    if not stays or not comes(participant, context.today):
        return NOTHING
    when = When(date=message.date, start=guest.start)
    return Decision(messages=(_said(gathering, programme, guest.participant, "gathering-reminder", when),))


def call_off(message: CallOff, state: GuestState, context: Context) -> Outcome:
    """Tell somebody that the date to which they were invited will not be; they have none then, so it is told once."""
    gathering, programme, participant, known, *_ = state
    guest = _part(state)
    if gathering is None or programme is None or participant is None or guest is None or guest.start is None:
        return NOTHING
    if guest.planned != message.planned or guest.date is None or participant.status != "registered":
        return NOTHING
    if context.today > guest.date:
        # That date was held; it was a later one that is cancelled.
        return NOTHING
    when = When(date=guest.date, start=guest.start)
    mail = _said(gathering, programme, guest.participant, "gathering-cancelled", when)
    if known is None:
        # The earlier release wrote no invitation: there is none to take back.
        return Decision(state=(guest.but(date=None, start=None),), messages=(mail,))
    what, minutes = _what(gathering), gathering.minutes
    gone = inviting.to_gathering(guest, programme, what, when, minutes, context, gathering.place, cancelled=True)
    return Decision(state=(guest.but(date=None, start=None), gone), messages=(mail, inviting.said(gone)))


def record_attendance(message: s.RecordAttendance, state: AttendingState, context: Context) -> Outcome:
    """Record that somebody came to a gathering, from its first day on; also who was invited to another date."""
    found = []
    gathering, participant, guest = state
    field = "programme_id" if message.gathering_id is None else "gathering_id"
    there = gathering is not None and gathering.programme == message.programme_id
    past = gathering.held_by(context.today) if gathering is not None else ()
    if gathering is None or not there or not (past or (gathering.dates and gathering.status != "cancelled")):
        code = "no_kick_off" if message.gathering_id is None else "unknown_gathering"
        found.append(reason(field, code, words(code.replace("_", "-"))))
    elif not past:
        found.append(reason(field, "not_yet", words("not-yet", date=gathering.dates[0].date)))
    if participant is None or participant.programme != message.programme_id:
        found.append(reason("participant_id", "unknown_participant", words("unknown-participant")))
    if found or gathering is None:
        return refuse(*found)
    mine = guest.date if guest is not None and guest.invited_to(gathering) else None
    date = mine if mine in past else past[-1]
    if isinstance(gathering, KickOff):
        attendance = Attendance(id=message.participant_id, programme=message.programme_id, date=date)
        came = s.AttendanceRecorded(programme_id=message.programme_id, participant_id=message.participant_id, date=date)
        return Decision(state=(attendance,), messages=(came,))
    known = guest or Guest(
        id=Guest.id_of(gathering.subject, message.participant_id),
        programme=message.programme_id,
        gathering=gathering.subject,
        participant=message.participant_id,
        planned=0,
        asked_on=context.today,
    )
    known = known.but(came_on=known.came_on or date)
    attended = said_of(known)
    return Decision(state=(known,), messages=(attended,) if attended is not None else ())
