"""Scheduling starts the days, sets the kick-off, plans the tandems' meetings and keeps what they agree on."""

from services.scheduling import (
    acceptance,
    calendar_facts,
    days,
    delegates,
    kick_off,
    meetings,
    outcomes,
    plans,
    resting,
    signs,
)
from services.scheduling.calendar_jobs import CalendarRead, give_up, taken, to_read
from services.scheduling.concerns import CONCERNS
from services.scheduling.jobs import (
    ClearMeeting,
    Invite,
    KickOffFound,
    PlanMeeting,
    Planned,
    TimeTaken,
    clear,
    clearing,
    instead_inputs,
    invite_latecomers,
    kick_off_inputs,
    latecomers,
    plan_inputs,
)
from services.scheduling.load_calendars import absences_of, calendar_of, read_calendar_of
from services.scheduling.load_rests import resting as resting_tandem
from services.scheduling.loaders import (
    accepting,
    adding,
    agreement_of,
    attending,
    attention_of,
    changing,
    days_of,
    delegate_due,
    kick_off_of,
    meeting_due,
    meeting_of,
    naming,
    pair_due,
    pair_of,
    planning,
    programme_of,
)
from services.scheduling.model import Delegate, KickOff, Meeting, Pair, Participant, Programme
from services.scheduling.published import PUBLISHES
from services.scheduling.purposes import KEEPS
from services.scheduling.rest_jobs import ClearInRest, RestTandem, clear_rest, in_rest, rest, touched
from services.scheduling.view import VIEW
from shared.contracts import calendar, matching, registration
from shared.contracts import scheduling as s
from shared.runtime.table import Ask, Copies, Due, Fact, Job, Piece, Service

TANDEMS = ("plan", "rest", "clear")
SIGNS = (s.OfficeAttentionNeeded, s.TandemNeedsAttention)
OUTCOMES = (s.MeetingHeld, s.MeetingMissed, s.MeetingUnknown, *SIGNS)

service = Service(
    name="scheduling",
    contracts=s,
    rows=(
        # time passes
        Ask(s.StartDay, days_of, days.start_day, says=(s.DayStarted,)),
        # what others know; the newest state wins
        Fact(registration.ProgrammeOpened, programme_of, days.know_programme),
        Fact(registration.ProgrammeChanged, programme_of, days.know_programme),
        Fact(registration.RegistrationClosed, programme_of, days.know_programme),
        Fact(registration.ProgrammeEnded, programme_of, days.know_programme),
        Fact(registration.RetentionDue, programme_of, days.know_programme),
        Fact(registration.ProgrammeArchived, programme_of, days.know_programme),
        Fact(
            registration.ParticipantRegistered,
            attending,
            days.know_participant,
            says=(s.PersonAddressed,),
            starts=("rest",),
        ),
        Fact(
            registration.ParticipantChanged,
            attending,
            days.know_participant,
            says=(s.PersonAddressed,),
            starts=("rest",),
        ),
        Fact(
            registration.ParticipantWithdrew,
            attending,
            days.know_participant,
            says=(s.PersonAddressed,),
            starts=("rest",),
        ),
        Fact(matching.TandemFormed, pair_of, days.know_tandem, starts=TANDEMS, says=SIGNS),
        Fact(matching.TandemEnded, pair_of, days.know_tandem, starts=TANDEMS, says=SIGNS),
        Fact(matching.TandemCompleted, pair_of, days.know_tandem, starts=TANDEMS, says=SIGNS),
        # the kick-off
        Ask(
            s.PlanKickOff,
            kick_off_of,
            kick_off.plan_kick_off,
            says=(s.OfficeAttentionNeeded,),
            starts=("kick-off",),
        ),
        Job("kick-off", kick_off_inputs, "services.scheduling.planning:choose_kick_off", hands=(KickOffFound, Invite)),
        Piece(
            KickOffFound,
            kick_off_of,
            kick_off.say_kick_off,
            says=(s.KickOffScheduled, s.KickOffImpossible, s.OfficeAttentionNeeded),
        ),
        Piece(Invite, attending, kick_off.invite, says=(s.PersonAddressed,)),
        Due(KickOff, kick_off.date_reached, says=(s.KickOffHeld,), starts=("latecomers",)),
        Job("latecomers", latecomers, invite_latecomers, hands=(Invite,)),
        Ask(s.RecordAttendance, attending, kick_off.record_attendance, says=(s.AttendanceRecorded,)),
        # a tandem's plan
        Job("plan", plan_inputs, "services.scheduling.planning:make_plan", hands=(PlanMeeting, Planned)),
        Job("instead", instead_inputs, "services.scheduling.planning:find_instead", hands=(PlanMeeting, Planned)),
        Piece(
            PlanMeeting, planning, plans.plan_meeting, says=(s.MeetingScheduled, s.PersonAddressed), starts=("instead",)
        ),
        Piece(Planned, planning, plans.say_plan, says=(s.PlanMade, s.PersonAddressed, s.OfficeAttentionNeeded)),
        Job("clear", clearing, clear, hands=(ClearMeeting,)),
        Piece(ClearMeeting, meeting_of, plans.clear_meeting, says=(s.MeetingCancelled,)),
        Piece(
            TimeTaken, meeting_of, plans.time_taken, says=(s.MeetingCancelled, s.PersonAddressed), starts=("instead",)
        ),
        # when people are busy or away, and which meetings lose their time by it
        Fact(
            calendar.BusyTimesPublished,
            calendar_of,
            calendar_facts.know_busy_times,
            says=(s.BusyTimesRefused,),
            starts=("read-calendar", "time-taken"),
        ),
        Job("read-calendar", to_read, "services.scheduling.calendars.reading:read_calendar", hands=(CalendarRead,)),
        Piece(
            CalendarRead,
            read_calendar_of,
            calendar_facts.calendar_read,
            says=(s.BusyTimesRefused,),
            starts=("time-taken",),
        ),
        Ask(
            s.RecordAbsences,
            absences_of,
            calendar_facts.record_absences,
            says=(s.AbsencesRecorded,),
            starts=("time-taken",),
        ),
        Job("time-taken", taken, give_up, hands=(TimeTaken,)),
        # a tandem rests while one of the two pauses
        Job("rest", touched, rest, hands=(RestTandem,)),
        Piece(
            RestTandem,
            resting_tandem,
            resting.rest_tandem,
            says=(s.PersonAddressed,),
            starts=("clear-rest", "plan-again"),
        ),
        Job("clear-rest", in_rest, clear_rest, hands=(ClearInRest,)),
        Piece(ClearInRest, meeting_of, resting.clear_in_rest, says=(s.MeetingCancelled,)),
        Job("plan-again", instead_inputs, "services.scheduling.planning:plan_again", hands=(PlanMeeting, Planned)),
        Due(Pair, signs.day_reached, load=pair_due, says=SIGNS),
        Ask(s.SettleAttention, attention_of, signs.settle_attention, says=SIGNS),
        # what the tandem does with its meetings, and who may for one of them
        Ask(s.NameDelegate, naming, delegates.name_delegate, says=(s.DelegateNamed,)),
        Due(Delegate, delegates.last_day_over, load=delegate_due, says=(s.DelegateNamed, s.PersonAddressed)),
        Ask(s.AcceptMeetings, accepting, acceptance.accept, says=(s.MeetingAccepted, s.PersonAddressed)),
        Ask(s.AddMeeting, adding, meetings.add, says=(s.MeetingScheduled, s.PersonAddressed)),
        Ask(s.MoveMeeting, changing, meetings.move, says=(s.MeetingMoved, s.PersonAddressed)),
        Ask(
            s.CancelMeeting,
            changing,
            meetings.cancel,
            says=(s.MeetingCancelled, s.PersonAddressed, *SIGNS),
            starts=("instead",),
        ),
        # what became of them
        Ask(s.ReportMeeting, meeting_of, outcomes.report, says=(s.MeetingReported, *OUTCOMES)),
        Ask(s.ReportNotHeld, meeting_of, outcomes.report_not_held, says=OUTCOMES),
        Ask(s.RecordTopics, meeting_of, outcomes.record_topics, says=(s.TopicsRecorded, *OUTCOMES)),
        Due(
            Meeting,
            outcomes.date_reached,
            load=meeting_due,
            says=(s.MeetingAccepted, s.PersonAddressed, *OUTCOMES),
        ),
        Ask(s.RecordAgreement, agreement_of, kick_off.record_agreement, says=(s.AgreementRecorded,)),
    ),
    view=VIEW,
    publishes=PUBLISHES,
    concerns=CONCERNS,
    keeps=KEEPS,
    copies=(
        Copies(Programme, registration.ProgrammeOpened),
        Copies(Participant, registration.ParticipantRegistered),
        Copies(Pair, matching.TandemFormed),
    ),
)
