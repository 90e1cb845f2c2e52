"""Evaluation asks both sides, keeps answers that cannot be traced to anybody, and reports four answers with figures.

It also introduces tandems that work on the same topic, tells the stories that they release, and certifies.
"""

from services.evaluation import answers, asking, comments, own_questionnaires, reports, surveys
from services.evaluation.certificates import decisions as certificates
from services.evaluation.certificates.model import Certificate
from services.evaluation.certificates.page import CERTIFICATES
from services.evaluation.concerns import CONCERNS
from services.evaluation.counting import decisions as counting
from services.evaluation.documents import DOCUMENTS
from services.evaluation.extras.decisions import extras_of, know_extras
from services.evaluation.extras.showing import mine, show_mine
from services.evaluation.jobs import AskSomebody, Made, MoveAnswer
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
from services.evaluation.reporting.inputs import report_inputs
from services.evaluation.shared_topics import decisions as topics
from services.evaluation.shared_topics.loaders import (
    Introduce,
    agreeing,
    formed,
    introduction_due,
    search_due,
    to_introduce,
    topic_of,
    worked_on,
)
from services.evaluation.shared_topics.model import Introduction, Topic, TopicSearch
from services.evaluation.shared_topics.search import search, search_inputs
from services.evaluation.stories import decisions as stories
from services.evaluation.stories import news
from services.evaluation.stories.feed import OPEN
from services.evaluation.stories.loaders import story_due, story_of, writing
from services.evaluation.stories.model import Story
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
OVER = (
    scheduling.MeetingHeld,
    scheduling.MeetingMissed,
    scheduling.MeetingReported,
    scheduling.MeetingUnknown,
    scheduling.TopicsRecorded,
)
"""What is said of a meeting from its day on, which may tell what it was about."""
OWNERS = (registration, matching, scheduling)
STORY_GONE = (e.StoryWithdrawn, e.OfficeAttentionNeeded, e.PersonAddressed)

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
        Ask(e.ReleaseComments, comments.commented, comments.release, says=(e.CommentsReleased,)),
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
        Job("report", report_inputs, "services.evaluation.reporting.make:make", hands=(Made,), discardable=True),
        Piece(Made, reporting, reports.publish, says=(e.ReportPublished,), starts=("report",)),
        # extras: what hangs on a consent goes with it
        Fact(registration.ParticipantRegistered, extras_of, know_extras, says=STORY_GONE),
        Fact(registration.ParticipantChanged, extras_of, know_extras, says=STORY_GONE),
        Fact(registration.ParticipantWithdrew, extras_of, know_extras, says=STORY_GONE),
        Ask(e.ShowMyExtras, mine, show_mine, says=(e.MyExtrasShown,)),
        # shared topics (S17)
        Fact(registration.TopicListed, topic_of, topics.know_topic),
        Fact(matching.TandemFormed, formed, topics.begin),
        *(Fact(event, worked_on, topics.worked) for event in OVER),
        Due(TopicSearch, topics.look, load=search_due, starts=("shared-topics",)),
        Job("shared-topics", search_inputs, search, hands=(Introduce,)),
        Piece(Introduce, to_introduce, topics.ask, says=(e.PersonAddressed,)),
        Ask(e.AgreeToIntroduction, agreeing, topics.agree, says=(e.IntroductionNoted,)),
        Due(Introduction, topics.introduce, load=introduction_due, says=(e.TopicShared, e.PersonAddressed)),
        # stories (S18)
        Ask(e.ReleaseStory, writing, stories.release, says=(e.StoryNoted,)),
        Ask(e.ConfirmStory, story_of, stories.confirm, says=(e.StoryNoted,)),
        Ask(e.TakeBackStory, story_of, stories.take_back, says=(e.StoryNoted,)),
        Ask(e.ShowStory, story_of, stories.show, says=(e.StoryShown,)),
        Ask(e.PublishStory, story_of, news.publish, says=(e.StoryPublished, *STORY_GONE[1:])),
        Ask(e.ReturnStory, story_of, news.give_back, says=STORY_GONE),
        Due(Story, news.story_day, load=story_due, says=STORY_GONE),
        # certificates
        Ask(e.RequestCertificate, certificates.certifying, certificates.request, says=(e.CertificateReady,)),
        Piece(certificates.Taken, certificates.certificate_of, certificates.taken),
        Due(Certificate, certificates.not_fetched),
    ),
    view=VIEW,
    documents=DOCUMENTS,
    handouts=(CERTIFICATES,),
    open_pages=OPEN,
    questions=comments.QUESTIONS,
    publishes=PUBLISHES,
    concerns=CONCERNS,
    keeps=KEEPS,
    sealed=SEALED,
    copies=(
        Copies(Programme, registration.ProgrammeOpened),
        Copies(Participant, registration.ParticipantRegistered),
        Copies(Pair, matching.TandemFormed),
        Copies(Topic, registration.TopicListed),
    ),
)
