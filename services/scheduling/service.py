"""Scheduling starts the days, sets the kick-off, plans the tandems' meetings and keeps what they agree on."""

from services.scheduling import days
from services.scheduling.agreements import decisions as agreement
from services.scheduling.agreements.loaders import agreement_due, agreement_of, agreement_offered, agreement_shown
from services.scheduling.agreements.model import Agreement
from services.scheduling.calendars import decisions as calendars
from services.scheduling.calendars.jobs import CalendarRead, give_up, taken, to_read
from services.scheduling.calendars.loaders import absences_of, calendar_of, read_calendar_of
from services.scheduling.concerns import CONCERNS
from services.scheduling.gatherings import decisions as gatherings
from services.scheduling.gatherings import guests
from services.scheduling.gatherings.jobs import (
    CallOff,
    GatheringFound,
    InviteGuest,
    RemindGuest,
    call_off,
    calling_off,
    dates_inputs,
    invite_late,
    late_inputs,
    remind,
    reminding,
)
from services.scheduling.gatherings.loaders import (
    attending,
    cancelling_gathering,
    gathering_due,
    gathering_of,
    guest_of,
    joining,
    planning_gathering,
)
from services.scheduling.gatherings.model import Gathering, KickOff
from services.scheduling.invitations import answering
from services.scheduling.invitations import decisions as inviting
from services.scheduling.invitations.loaders import answering as answered
from services.scheduling.invitations.loaders import inviting as invited
from services.scheduling.loaders import (
    accepting,
    adding,
    attention_of,
    changing,
    days_of,
    delegate_due,
    meeting_due,
    meeting_of,
    naming,
    pair_due,
    pair_of,
    planning,
    programme_of,
    taken_from,
)
from services.scheduling.loaders import (
    replanning as planned_again,
)
from services.scheduling.meetings import acceptance, delegates, outcomes, plans, replanning, signs
from services.scheduling.meetings import decisions as meetings
from services.scheduling.model import Delegate, Meeting, Pair, Participant, Programme
from services.scheduling.places import decisions as places
from services.scheduling.places.jobs import GivePlace, give_places, placings
from services.scheduling.places.loaders import no_state
from services.scheduling.places.loaders import placing as placed
from services.scheduling.planning.jobs import (
    ClearMeeting,
    GiveUp,
    PlanMeeting,
    Planned,
    SeveralTaken,
    TimeTaken,
    clear,
    clearing,
    instead_inputs,
    plan_inputs,
)
from services.scheduling.published import PUBLISHES
from services.scheduling.purposes import KEEPS
from services.scheduling.resting import decisions as resting
from services.scheduling.resting.jobs import ClearInRest, RestTandem, clear_rest, in_rest, rest, touched
from services.scheduling.resting.loaders import resting as resting_tandem
from services.scheduling.view import VIEW
from shared.contracts import calendar, matching, registration
from shared.contracts import scheduling as s
from shared.runtime.table import Ask, Copies, Due, Fact, Job, Piece, Service

TANDEMS = ("plan", "rest", "clear")
SIGNS = (s.OfficeAttentionNeeded, s.TandemNeedsAttention)
AGREEING = (s.AgreementProposed, s.AgreementRecorded, s.PersonAddressed)
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
            joining,
            days.know_participant,
            says=(s.PersonAddressed, s.InvitationWritten),
            starts=("rest", "time-taken", "fill"),
        ),
        Fact(
            registration.ParticipantChanged,
            joining,
            days.know_participant,
            says=(s.PersonAddressed, s.InvitationWritten),
            starts=("rest", "time-taken", "fill"),
        ),
        Fact(
            registration.ParticipantWithdrew,
            joining,
            days.know_participant,
            says=(s.PersonAddressed, s.InvitationWritten),
            starts=("rest", "time-taken", "fill"),
        ),
        Fact(matching.TandemFormed, pair_of, days.know_tandem, starts=TANDEMS, says=SIGNS),
        Fact(matching.TandemEnded, pair_of, days.know_tandem, starts=TANDEMS, says=SIGNS),
        Fact(matching.TandemCompleted, pair_of, days.know_tandem, starts=TANDEMS, says=SIGNS),
        # the kick-off, and any other gathering
        Ask(
            s.PlanKickOff,
            planning_gathering,
            gatherings.plan_kick_off,
            says=(s.OfficeAttentionNeeded,),
            starts=("gathering-dates",),
        ),
        Ask(
            s.PlanGathering,
            planning_gathering,
            gatherings.plan_gathering,
            says=(s.OfficeAttentionNeeded,),
            starts=("gathering-dates",),
        ),
        Job(
            "gathering-dates",
            dates_inputs,
            "services.scheduling.gatherings.dates:choose_dates",
            hands=(GatheringFound, InviteGuest),
        ),
        Piece(
            GatheringFound,
            gathering_of,
            gatherings.dates_found,
            says=(
                s.KickOffScheduled,
                s.KickOffImpossible,
                s.GatheringScheduled,
                s.GatheringImpossible,
                s.OfficeAttentionNeeded,
            ),
        ),
        Piece(
            InviteGuest,
            guest_of,
            guests.invite,
            says=(s.PersonAddressed, s.InvitationWritten),
            starts=("late-guests",),
        ),
        Due(
            KickOff,
            gatherings.date_reached,
            load=gathering_due,
            says=(s.KickOffHeld,),
            starts=("late-guests", "remind-guests", "call-off"),
        ),
        Due(
            Gathering,
            gatherings.date_reached,
            load=gathering_due,
            says=(s.GatheringHeld,),
            starts=("late-guests", "remind-guests", "call-off"),
        ),
        Job("late-guests", late_inputs, invite_late, hands=(InviteGuest,)),
        Job("remind-guests", reminding, remind, hands=(RemindGuest,)),
        Piece(RemindGuest, guest_of, guests.remind, says=(s.PersonAddressed,)),
        Ask(
            s.CancelGathering,
            cancelling_gathering,
            gatherings.cancel_gathering,
            says=(s.KickOffCancelled, s.GatheringCancelled, s.OfficeAttentionNeeded),
            starts=("call-off",),
        ),
        Job("call-off", calling_off, call_off, hands=(CallOff,)),
        Piece(CallOff, guest_of, guests.call_off, says=(s.PersonAddressed, s.InvitationWritten)),
        Ask(
            s.RecordAttendance,
            attending,
            guests.record_attendance,
            says=(s.AttendanceRecorded, s.GatheringAttended),
        ),
        # a tandem's plan
        Job("plan", plan_inputs, "services.scheduling.planning.work:make_plan", hands=(PlanMeeting, Planned)),
        Job("instead", instead_inputs, "services.scheduling.planning.work:find_instead", hands=(PlanMeeting, Planned)),
        Piece(
            PlanMeeting, planning, plans.plan_meeting, says=(s.MeetingScheduled, s.PersonAddressed), starts=("instead",)
        ),
        Piece(Planned, planning, plans.say_plan, says=(s.PlanMade, s.PersonAddressed, s.OfficeAttentionNeeded)),
        Job("clear", clearing, clear, hands=(ClearMeeting,)),
        Piece(ClearMeeting, meeting_of, plans.clear_meeting, says=(s.MeetingCancelled,)),
        Piece(
            TimeTaken, taken_from, plans.time_taken, says=(s.MeetingCancelled, s.PersonAddressed), starts=("instead",)
        ),
        Piece(SeveralTaken, planning, plans.several_taken, says=(s.PersonAddressed,), starts=("plan-missing",)),
        # planned again: on request, or where meetings are missing and time became free
        Ask(
            s.PlanAgain,
            planned_again,
            replanning.plan_again,
            starts=("plan-whole", "plan-missing"),
        ),
        Job(
            "plan-whole",
            instead_inputs,
            "services.scheduling.planning.work:plan_whole",
            hands=(GiveUp, PlanMeeting, Planned),
        ),
        Piece(GiveUp, meeting_of, plans.give_up, says=(s.MeetingCancelled,)),
        Job(
            "plan-missing",
            instead_inputs,
            "services.scheduling.planning.work:plan_missing",
            hands=(PlanMeeting, Planned),
        ),
        Job("fill", instead_inputs, "services.scheduling.planning.work:fill", hands=(PlanMeeting, Planned)),
        # when people are busy or away, and which meetings lose their time by it
        Fact(
            calendar.BusyTimesPublished,
            calendar_of,
            calendars.know_busy_times,
            says=(s.BusyTimesRefused,),
            starts=("read-calendar", "time-taken", "fill"),
        ),
        Job("read-calendar", to_read, "services.scheduling.calendars.reading:read_calendar", hands=(CalendarRead,)),
        Piece(
            CalendarRead,
            read_calendar_of,
            calendars.calendar_read,
            says=(s.BusyTimesRefused,),
            starts=("time-taken", "fill"),
        ),
        Ask(
            s.RecordAbsences,
            absences_of,
            calendars.record_absences,
            says=(s.AbsencesRecorded,),
            starts=("time-taken", "fill"),
        ),
        Job("time-taken", taken, give_up, hands=(TimeTaken, SeveralTaken)),
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
        Job("plan-again", instead_inputs, "services.scheduling.planning.work:plan_again", hands=(PlanMeeting, Planned)),
        Due(Pair, signs.day_reached, load=pair_due, says=SIGNS),
        Ask(s.SettleAttention, attention_of, signs.settle_attention, says=SIGNS),
        # what the tandem does with its meetings, and who may for one of them
        Ask(s.NameDelegate, naming, delegates.name_delegate, says=(s.DelegateNamed,)),
        Due(Delegate, delegates.last_day_over, load=delegate_due, says=(s.DelegateNamed, s.PersonAddressed)),
        Ask(
            s.AcceptMeetings,
            accepting,
            acceptance.accept,
            says=(s.MeetingAccepted, s.PersonAddressed),
            starts=("places",),
        ),
        Ask(s.AddMeeting, adding, meetings.add, says=(s.MeetingScheduled, s.PersonAddressed), starts=("places",)),
        Ask(s.MoveMeeting, changing, meetings.move, says=(s.MeetingMoved, s.PersonAddressed), starts=("places",)),
        Ask(
            s.CancelMeeting,
            changing,
            meetings.cancel,
            says=(s.MeetingCancelled, s.PersonAddressed, *SIGNS),
            starts=("instead",),
        ),
        # where they are
        Fact(s.DayStarted, no_state, places.look_each_day, starts=("places",)),
        Job("places", placings, give_places, hands=(GivePlace,)),
        Piece(GivePlace, placed, places.give_place, says=(s.MeetingPlaced, s.PersonAddressed), starts=("places",)),
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
        # what the tandem agrees on
        Fact(s.PlanMade, agreement_offered, agreement.offer, says=(s.AgreementProposed, s.PersonAddressed)),
        Ask(s.RecordAgreement, agreement_of, agreement.record_agreement, says=AGREEING),
        Ask(s.EditAgreement, agreement_of, agreement.edit, says=AGREEING),
        Ask(s.ConfirmAgreement, agreement_of, agreement.confirm, says=(s.AgreementProposed, s.AgreementRecorded)),
        Ask(s.FollowUpGoals, agreement_of, agreement.follow_up, says=(s.AgreementProposed, s.AgreementRecorded)),
        Ask(s.ShowAgreement, agreement_shown, agreement.show, says=(s.AgreementShown,)),
        Due(Agreement, agreement.unconfirmed, load=agreement_due, says=(s.PersonAddressed,)),
        # what stands in calendars, and what people answer from there
        Fact(s.MeetingScheduled, invited, inviting.invite, says=(s.InvitationWritten,)),
        Fact(s.MeetingMoved, invited, inviting.invite, says=(s.InvitationWritten,)),
        Fact(s.MeetingPlaced, invited, inviting.invite, says=(s.InvitationWritten,)),
        Fact(s.MeetingCancelled, invited, inviting.invite, says=(s.InvitationWritten,)),
        Fact(
            calendar.ReplyReceived,
            answered,
            answering.answer,
            says=(s.MeetingAccepted, s.MeetingMoved, s.MeetingCancelled, s.PersonAddressed, *SIGNS),
            starts=("instead", "places"),
        ),
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
