"""What scheduling has published of each aggregate, as it is said again whenever a reader asks."""

from services.scheduling.model import Agreement, Attendance, Days, Delegate, KickOff, Meeting, Pair, Plan
from services.scheduling.model_calendars import Absences
from services.scheduling.signs import needs_attention
from shared.contracts import scheduling as s
from shared.runtime.table import Publishes

KICK_OFFS: dict[str, type[s.KickOffState]] = {
    "scheduled": s.KickOffScheduled,
    "held": s.KickOffHeld,
    "impossible": s.KickOffImpossible,
}
MEETINGS: dict[str, type[s.MeetingFields]] = {
    "planned": s.MeetingScheduled,
    "cancelled": s.MeetingCancelled,
    "held": s.MeetingHeld,
    "missed": s.MeetingMissed,
    "unknown": s.MeetingUnknown,
}


def kick_off(kick_off: KickOff) -> s.KickOffState | None:
    """The kick-off, unless its day is just being looked for."""
    kind = KICK_OFFS.get(kick_off.status)
    return kind(**kick_off.published()) if kind else None


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


def agreement(agreement: Agreement) -> s.AgreementRecorded:
    """That a tandem has agreed; the words stay with it."""
    return s.AgreementRecorded(
        tandem_id=agreement.id,
        programme_id=agreement.programme or "",
        rules=len(agreement.rules),
        goals=len(agreement.goals),
        date=agreement.date,
    )


def absences(absences: Absences) -> s.AbsencesRecorded:
    """On which days a person is away."""
    return s.AbsencesRecorded(**absences.published())


PUBLISHES = (
    Publishes(Days, lambda days: s.DayStarted(date=days.date)),
    Publishes(KickOff, kick_off),
    Publishes(Attendance, attendance),
    Publishes(Delegate, delegate),
    Publishes(Absences, absences),
    Publishes(Meeting, lambda meeting: MEETINGS[meeting.status](**meeting.published())),
    Publishes(Pair, needs_attention),
    Publishes(Plan, plan),
    Publishes(Agreement, agreement),
)
