"""Evaluation asks both sides, keeps answers that cannot be traced to anybody, and reports four answers with figures."""

from services.evaluation import answers, asking, own_questionnaires, reports, surveys
from services.evaluation.concerns import CONCERNS
from services.evaluation.counting import decisions as counting
from services.evaluation.documents import DOCUMENTS
from services.evaluation.jobs import AskSomebody, Made, MoveAnswer, report_inputs
from services.evaluation.loaders import (
    adding,
    answering,
    asking_one,
    held_of,
    kicked_off,
    moving,
    pair_due,
    pair_of,
    participant_of,
    programme_of,
    questionnaire_due,
    reporting,
    survey_due,
)
from services.evaluation.model import Pair, Participant, Programme, Questionnaire, Survey
from services.evaluation.published import PUBLISHES
from services.evaluation.purposes import KEEPS
from services.evaluation.unlinking import SEALED
from services.evaluation.view import VIEW
from shared.contracts import evaluation as e
from shared.contracts import matching, registration, scheduling
from shared.runtime.table import Ask, Copies, Due, Fact, Job, Piece, Service

ASKS = (e.QuestionnairePublished,)
ASKED = (e.SurveyOpened, e.PersonAddressed)
MEETINGS = (
    scheduling.MeetingScheduled,
    scheduling.MeetingMoved,
    scheduling.MeetingAccepted,
    scheduling.MeetingCancelled,
    scheduling.MeetingHeld,
    scheduling.MeetingMissed,
    scheduling.MeetingReported,
    scheduling.MeetingUnknown,
    scheduling.TopicsRecorded,
)
OWNERS = (registration, matching, scheduling)

service = Service(
    name="evaluation",
    contracts=e,
    rows=(
        # what others know; the newest state wins
        Fact(registration.ProgrammeOpened, programme_of, surveys.know_programme, says=ASKS),
        Fact(registration.ProgrammeChanged, programme_of, surveys.know_programme, says=ASKS),
        Fact(registration.RegistrationClosed, programme_of, surveys.know_programme, says=ASKS),
        Fact(registration.ProgrammeEnded, programme_of, surveys.know_programme, says=ASKS),
        Fact(registration.RetentionDue, programme_of, surveys.know_programme, says=ASKS),
        Fact(registration.ProgrammeArchived, programme_of, surveys.know_programme, says=ASKS),
        Fact(registration.ParticipantRegistered, participant_of, surveys.know_participant),
        Fact(registration.ParticipantChanged, participant_of, surveys.know_participant),
        Fact(registration.ParticipantWithdrew, participant_of, surveys.know_participant),
        Fact(matching.TandemFormed, pair_of, surveys.know_tandem),
        Fact(matching.TandemEnded, pair_of, surveys.know_tandem),
        Fact(matching.TandemCompleted, pair_of, surveys.know_tandem),
        # questionnaires, and what is asked of many on one day
        Fact(scheduling.KickOffHeld, kicked_off, asking.kick_off_held, starts=("ask",)),
        Ask(
            e.AddQuestionnaire,
            adding,
            own_questionnaires.add_questionnaire,
            says=(e.QuestionnairePublished, e.OfficeAttentionNeeded),
        ),
        Due(
            Questionnaire,
            own_questionnaires.questionnaire_due,
            load=questionnaire_due,
            says=(e.OfficeAttentionNeeded,),
            starts=("ask",),
        ),
        Job("ask", asking.audience, asking.pieces, hands=(AskSomebody,)),
        Piece(AskSomebody, asking_one, asking.ask_somebody, says=ASKED),
        # surveys
        Fact(scheduling.MeetingHeld, held_of, surveys.hold, says=ASKED),
        Fact(scheduling.MeetingUnknown, held_of, surveys.hold, says=ASKED),
        Fact(scheduling.MeetingMissed, held_of, surveys.hold, says=ASKED),
        Fact(scheduling.MeetingReported, held_of, surveys.hold, says=ASKED),
        Fact(scheduling.TopicsRecorded, held_of, surveys.hold, says=ASKED),
        Due(Pair, surveys.tandem_due, load=pair_due, says=ASKED),
        Due(Survey, surveys.survey_due, load=survey_due, says=(e.SurveyClosed, *ASKED)),
        Ask(e.SubmitAnswers, answering, answers.submit, says=(e.AnswersTaken,)),
        Piece(MoveAnswer, moving, answers.move),
        # what is counted beside the answers
        *(Fact(event, counting.meeting_of, counting.count_meeting) for event in MEETINGS),
        Fact(scheduling.AgreementProposed, counting.goals_of, counting.count_goals),
        Fact(scheduling.AgreementRecorded, counting.goals_of, counting.count_goals),
        Fact(scheduling.TandemNeedsAttention, counting.signs_of, counting.count_signs),
        Fact(scheduling.KickOffHeld, counting.kick_off_of, counting.count_kick_off),
        *(Fact(owner.OfficeAttentionNeeded, counting.exception_of, counting.count_exception) for owner in OWNERS),
        # the report
        Ask(e.RequestReport, reporting, reports.request, starts=("report",)),
        Due(Programme, reports.programme_over, starts=("report",)),
        Job("report", report_inputs, "services.evaluation.report:make", hands=(Made,), discardable=True),
        Piece(Made, reporting, reports.publish, says=(e.ReportPublished,)),
    ),
    view=VIEW,
    documents=DOCUMENTS,
    publishes=PUBLISHES,
    concerns=CONCERNS,
    keeps=KEEPS,
    sealed=SEALED,
    copies=(
        Copies(Programme, registration.ProgrammeOpened),
        Copies(Participant, registration.ParticipantRegistered),
        Copies(Pair, matching.TandemFormed),
    ),
)
