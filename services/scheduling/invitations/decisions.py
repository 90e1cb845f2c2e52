"""Decisions about invitations: each meeting that is planned, moved, placed or cancelled is said as calendars read it.

Scheduling hears its own word of a meeting for that: whatever changes a meeting, and however, ends in an event, and this
is one reader of it. The meeting's events stay small, and only who sends mail reads invitations.
"""

import datetime as dt

from services.scheduling.gatherings.model import Guest, When
from services.scheduling.invitations.loaders import InvitingState
from services.scheduling.invitations.model import Invitation
from services.scheduling.model import ZONE, Programme
from services.scheduling.say import words
from shared.contracts import scheduling as s
from shared.contracts.base import Office, Text
from shared.contracts.parts import NOBODY
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Wait

RESTORED = 1000
"""Changes of one meeting or gathering between two restores that calendars may have seen, at the very most."""


def invite(message: s.MeetingState, state: InvitingState, context: Context) -> Outcome:
    """Write the invitation anew where what calendars see of the meeting has changed; newest state wins.

    `sequence` is counted here and not taken from the meeting's events: it may grow only with what people have to answer
    anew. After a restore it goes on above everything that calendars can have seen, since they pass over a lower one.
    Of a cancelled meeting that no calendar knows nothing is said, nor of one that is over. The length that somebody
    reports of a meeting is none that calendars hear of: it took place.
    """
    before, programme = state
    if before is not None and not before.seen < context.seen:
        return NOTHING
    if programme is None:
        return Wait(f"programme/{message.programme_id}")
    people = tuple(who for who in (message.mentor, message.mentee) if who != NOBODY)
    if not people or (before is None and message.date < context.today):
        return NOTHING
    same_time = before is not None and (before.date, before.start) == (message.date, message.start)
    least = max(0, RESTORED * (context.seen.epoch - 1))
    cancelled = message.status == "cancelled"
    office = programme.office
    kind = "invitation-cancelled-text" if cancelled else "invitation-text"
    sequence = least if before is None else max(least, before.sequence + 1)
    timed = sequence
    if before is not None and same_time and before.method == "REQUEST" and before.timed is not None:
        timed = before.timed
    after = Invitation(
        id=message.meeting_id,
        programme=message.programme_id,
        tandem=message.tandem_id,
        people=people,
        method="CANCEL" if cancelled else "REQUEST",
        sequence=sequence,
        timed=timed,
        stamp=context.time,
        date=message.date,
        start=message.start,
        minutes=before.minutes if before is not None and same_time else message.minutes,
        zone=message.zone,
        title=words("invitation-title", title=programme.title),
        description=words(kind, title=programme.title, office=office.name, phone=office.phone),
        place=message.place,
        office=_organiser(office, before.office.mail if before is not None else None),
        seen=context.seen,
    )
    if before is None and not after.was_said:
        return Decision(state=(after,))
    if before is not None and _stays(before, after, context.today):
        return Decision(state=(before.but(people=people, seen=context.seen),))
    return Decision(state=(after,), messages=(said(after),))


def _organiser(office: Office, first_mail: str | None) -> Office:
    """The office under the address that invited first: a change by another is a stranger's (RFC 5546, 2.1.4)."""
    return office if first_mail is None else office.model_copy(update={"mail": first_mail})


def _stays(before: Invitation, after: Invitation, today: dt.date) -> bool:
    """Whether calendars need not hear of a change: none that is seen, or of who comes to what is over or cancelled."""
    if before.method == after.method == "CANCEL":
        return True
    same_people = before.people == after.people
    return _looks(before.but(people=after.people)) == _looks(after) and (same_people or after.date < today)


def to_gathering(
    guest: Guest,
    programme: Programme,
    what: Text,
    when: When,
    minutes: int,
    context: Context,
    place: str | None,
    *,
    cancelled: bool = False,
) -> Invitation:
    """Somebody's own invitation to a gathering, or its end: nobody reads in it who else comes.

    `sequence` follows from how often the gathering was planned and they withdrew: each time there is one invitation,
    and at most one end. After a restore, which may have forgotten some of them, it goes on above all of them.
    """
    office = programme.office
    kind = "invitation-cancelled-gathering-text" if cancelled else "invitation-gathering-text"
    return Invitation(
        id=guest.id,
        programme=guest.programme,
        people=(guest.participant,),
        method="CANCEL" if cancelled else "REQUEST",
        sequence=RESTORED * (context.epoch - 1) + 2 * (guest.planned + guest.left) + cancelled,
        # A piece of a job has no time of its own.
        stamp=dt.datetime.combine(context.today, dt.time(), dt.UTC),
        date=when.date,
        start=when.start,
        minutes=minutes,
        zone=ZONE,
        title=words("invitation-gathering-title", title=programme.title, what=what),
        description=words(kind, what=what, office=office.name, phone=office.phone),
        place=s.MeetingPlace(room=place) if place is not None else None,
        office=_organiser(office, guest.office_mail),
    )


def _looks(invitation: Invitation) -> tuple[object, ...]:
    """What somebody sees of it and has to answer."""
    i = invitation
    return i.people, i.method, i.date, i.start, i.minutes, i.zone, i.place


def said_again(invitation: Invitation) -> s.InvitationWritten | None:
    """The event of an invitation, if ever there was one."""
    return said(invitation) if invitation.was_said else None


def said(invitation: Invitation) -> s.InvitationWritten:
    """The event that says it; the same again whenever it is asked for."""
    from services.scheduling.invitations.writing import written  # its library is in scheduling's image alone

    return s.InvitationWritten(
        invitation_id=invitation.id,
        programme_id=invitation.programme or "",
        people=invitation.invited,
        method=invitation.method,
        sequence=invitation.sequence,
        icalendar=written(invitation),
    )


def without(invitation: Invitation, people: frozenset[str]) -> Invitation | None:
    """An invitation for who is left, in nobody's place for who is not; None if nobody is.

    A partner's calendar is told when the meeting's own event says the same (`invite`), and only if it is still to come.
    """
    left = tuple(NOBODY if who in people else who for who in invitation.people)
    return invitation.but(people=left) if set(left) != {NOBODY} else None
