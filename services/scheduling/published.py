"""What scheduling has published of each aggregate, as it is said again whenever a reader asks."""

from services.scheduling.agreements.model import Agreement
from services.scheduling.availability.model import Absences
from services.scheduling.gatherings.model import Attendance, Gathering, Guest, KickOff
from services.scheduling.invitations import decisions as inviting
from services.scheduling.invitations.model import Invitation
from services.scheduling.meetings.signs import needs_attention
from services.scheduling.model import Days, Delegate, Meeting, Plan, TandemSigns
from shared.contracts import scheduling as s
from shared.runtime.table import Publishes

KICK_OFFS: dict[str, type[s.KickOffFields]] = {
    "scheduled": s.KickOffScheduled,
    "held": s.KickOffHeld,
    "impossible": s.KickOffImpossible,
    "cancelled": s.KickOffCancelled,
}
GATHERINGS: dict[str, type[s.GatheringState]] = {
    "scheduled": s.GatheringScheduled,
    "held": s.GatheringHeld,
    "impossible": s.GatheringImpossible,
    "cancelled": s.GatheringCancelled,
}
MEETINGS: dict[str, type[s.MeetingFields]] = {
    "planned": s.MeetingScheduled,
    "cancelled": s.MeetingCancelled,
    "held": s.MeetingHeld,
    "missed": s.MeetingMissed,
    "unknown": s.MeetingUnknown,
}


def kick_off(kick_off: KickOff) -> s.KickOffFields | None:
    """The kick-off, unless its day is just being looked for."""
    kind = KICK_OFFS.get(kick_off.status)
    return kind(**kick_off.published()) if kind else None


def gathering(gathering: Gathering) -> s.GatheringState | None:
    """A gathering, unless its dates are just being looked for."""
    kind = GATHERINGS.get(gathering.status)
    return kind(**gathering.published()) if kind else None


def guest(guest: Guest) -> s.GatheringAttended | None:
    """That somebody came to a gathering; to which date they are invited only they are told."""
    if guest.came_on is None:
        return None
    return s.GatheringAttended(
        guest_id=guest.id,
        gathering_id=guest.gathering.partition("/")[2],
        programme_id=guest.programme or "",
        participant_id=guest.participant,
        date=guest.came_on,
    )


def attendance(attendance: Attendance) -> s.AttendanceRecorded:
    """Somebody came to the kick-off."""
    return s.AttendanceRecorded(
        programme_id=attendance.programme or "", participant_id=attendance.id, date=attendance.date
    )


def delegate(delegate: Delegate) -> s.DelegateNamed:
    """Whether a person has a delegate; who that is stays here."""
    return s.DelegateNamed(**delegate.published())


def plan(plan: Plan) -> s.PlanMade | None:
    """How a plan came out; one of a release that did not keep its figures is not said again."""
    return s.PlanMade(**plan.published()) if plan.planned is not None else None


def agreement(agreement: Agreement) -> s.AgreementState:
    """That a tandem has agreed, or that a version waits for it; the words stay with the tandem."""
    kind = s.AgreementRecorded if agreement.confirmed else s.AgreementProposed
    return kind(**agreement.published())


def absences(absences: Absences) -> s.AbsencesRecorded:
    """On which days a person is away."""
    return s.AbsencesRecorded(**absences.published())


PUBLISHES = (
    Publishes(Days, lambda days: s.DayStarted(date=days.date)),
    Publishes(KickOff, kick_off),
    Publishes(Attendance, attendance),
    Publishes(Gathering, gathering),
    Publishes(Guest, guest),
    Publishes(Delegate, delegate),
    Publishes(Absences, absences),
    Publishes(Meeting, lambda meeting: MEETINGS[meeting.status](**meeting.published())),
    Publishes(TandemSigns, needs_attention),
    Publishes(Invitation, inviting.said_again),
    Publishes(Plan, plan),
    Publishes(Agreement, agreement),
)
