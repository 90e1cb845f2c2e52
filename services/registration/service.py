"""Registration opens programmes, keeps the topic catalogue, and registers people; names and addresses stay here."""

from services.registration import (
    admitting,
    contacts,
    drafts,
    late,
    my_data,
    participants,
    pausing,
    programmes,
    release,
    taking_up,
    told,
    topic_proposals,
    topics,
    waiting,
    waiting_jobs,
)
from services.registration import erasing as erasure
from services.registration.admitting import in_line
from services.registration.asking import answer_question, ask_office, not_answered
from services.registration.carrying_out import carried_out
from services.registration.concerns import CONCERNS, named_by_key
from services.registration.dates import date_reached
from services.registration.hr import employment_changed, employment_ended, employment_over, move_member, unit_moved
from services.registration.hr_jobs import MoveMember, members_of_unit, move_members
from services.registration.hr_questions import HR_QUESTIONS
from services.registration.jobs import BucketSaid, Counted, Member, bucket_members, count, say_bucket
from services.registration.leaving import withdraw
from services.registration.line import Admit, HeldBack, admit, room_in
from services.registration.load_asking import answering_question, asking_office, question_due
from services.registration.load_contacts import contact_of
from services.registration.load_erasing import confirming, erasing, erasure_due
from services.registration.load_hr import employed, employment_due, moving, reorganised
from services.registration.load_leaving import leaving
from services.registration.load_my_data import Taken, asking, collected, request_of
from services.registration.load_pausing import pause_due, pause_of
from services.registration.load_people import changing_profile, consenting, participant_of, registering
from services.registration.load_programmes import changing, closing, drafting, programme_due, programme_of
from services.registration.load_release import release_due, releasing
from services.registration.load_retention import carrying_out
from services.registration.load_topics import (
    accepting,
    adding,
    answering,
    declining,
    merging,
    proposing,
    suggested,
    topic_of,
)
from services.registration.load_waiting import asked, placed, rejoining, waiting_due
from services.registration.model import (
    Employment,
    Erasure,
    Participant,
    Programme,
    Question,
    Release,
    ReservePlace,
    Waiting,
)
from services.registration.model.my_data import DataRequest
from services.registration.my_data_page import MY_DATA
from services.registration.published import PUBLISHES
from services.registration.purposes import KEEPS
from services.registration.questions import QUESTIONS
from services.registration.recount import Recounted, recount, recounted, recounting, say_recounted
from services.registration.retention import (
    CountedRecords,
    count_records,
    offer,
    offering,
    record_archive_decision,
    records,
)
from services.registration.signs import Registered, closes_soon, count_registered, counting, registered_of
from services.registration.suggesting import Suggested, catalogue
from services.registration.view import VIEW
from shared.contracts import evaluation, hr, matching, scheduling
from shared.contracts import registration as r
from shared.runtime.decision import Get
from shared.runtime.table import RETAIN_JOB, Ask, Copies, Due, Fact, Job, Piece, Service

SHOWN = (evaluation.PersonShown, matching.PersonShown, r.PersonShown, scheduling.PersonShown)
"""What each service answers where it was asked what it holds on somebody."""
ERASED = (evaluation.PeopleErased, matching.PeopleErased, r.PeopleErased, scheduling.PeopleErased)
"""What each service says when it holds nothing more of somebody."""
CARRIED_OUT = tuple(owner.RetentionCarriedOut for owner in (evaluation, matching, r, scheduling))
"""What each service says when it keeps nothing of a programme for purposes whose time is over."""

COMES = (
    r.ParticipantRegistered,
    r.ContactRecorded,
    r.ReleaseAsked,
    r.PersonAddressed,
    r.OfficeAttentionNeeded,
)
"""What is said when somebody comes to a programme, by whichever way."""
LEAVES = (r.ParticipantWithdrew, r.ReleaseSettled, r.PersonAddressed, r.OfficeAttentionNeeded)
"""What is said when somebody leaves it."""
ENDS_WAITING = (RETAIN_JOB,)
"""What starts when somebody waits for a new programme no more: what was kept for that alone goes."""


def nothing(message: BucketSaid, get: Get) -> None:
    """The answer needs no state."""


PAUSES = (r.ParticipantChanged, r.PersonAddressed, r.OfficeAttentionNeeded)

service = Service(
    name="registration",
    contracts=r,
    rows=(
        # programmes
        Ask(r.DraftProgramme, drafting, drafts.draft_programme, says=(r.ProgrammeDrafted,)),
        Ask(
            r.OpenDraft,
            changing,
            drafts.open_draft,
            says=(r.ProgrammeOpened, r.OfficeAttentionNeeded),
            starts=("ask-again",),
        ),
        Ask(r.DiscardDraft, changing, drafts.discard_draft, says=(r.ProgrammeDiscarded, r.OfficeAttentionNeeded)),
        Ask(
            r.OpenProgramme,
            changing,
            programmes.open_programme,
            says=(r.ProgrammeOpened, r.OfficeAttentionNeeded),
            starts=("ask-again",),
        ),
        Ask(
            r.ChangeProgramme,
            changing,
            programmes.change_programme,
            says=(r.ProgrammeDrafted, r.ProgrammeChanged, r.OfficeAttentionNeeded),
        ),
        Ask(r.ChangePlaces, programme_of, programmes.change_places, says=(r.ProgrammeDrafted, r.ProgrammeChanged)),
        Ask(r.ChangeCriteria, programme_of, programmes.change_criteria, says=(r.ProgrammeChanged,)),
        Ask(
            r.ChangeRules,
            programme_of,
            programmes.change_rules,
            says=(r.ProgrammeDrafted, r.ProgrammeChanged),
            starts=("admit",),
        ),
        Ask(
            r.ExtendRegistration,
            changing,
            programmes.extend_registration,
            says=(r.ProgrammeChanged, r.OfficeAttentionNeeded),
        ),
        Ask(
            r.CloseRegistration,
            closing,
            programmes.close_registration,
            says=(r.ProgrammeChanged, r.OfficeAttentionNeeded),
            starts=("count",),
        ),
        Due(
            Programme,
            date_reached,
            load=programme_due,
            says=(
                r.ProgrammeOpened,
                r.ProgrammeChanged,
                r.ProgrammeEnded,
                r.RetentionDue,
                r.ProgrammeArchived,
                r.OfficeAttentionNeeded,
            ),
            starts=("count-registered", "count", "admit", "offer", "ask-again", "tell", "keep-waiting"),
        ),
        Job("count-registered", counting, count_registered, hands=(Registered,)),
        Piece(Registered, registered_of, closes_soon, says=(r.OfficeAttentionNeeded,)),
        # whom the registration closed, and who of them finds room
        Job("count", room_in, count, hands=(HeldBack, Counted)),
        Piece(
            HeldBack,
            in_line,
            admitting.hold_back,
            says=(r.ParticipantChanged, r.ParticipantWithdrew, r.PersonAddressed),
        ),
        Piece(Counted, programme_of, programmes.say_closed, says=(r.RegistrationClosed,), starts=("admit", "tell")),
        Job("tell", told.audience, told.pieces, hands=(told.Tell,)),
        Piece(
            told.Tell,
            told.told,
            told.tell,
            says=(r.PersonAddressed, r.ReleaseSettled, r.OfficeAttentionNeeded),
        ),
        Job("admit", room_in, admit, hands=(Admit,)),
        Piece(Admit, in_line, admitting.admit, says=(r.ParticipantChanged, r.PersonAddressed)),
        # after the end
        Fact(scheduling.DayStarted, taking_up.nothing, taking_up.look_for_forgotten, starts=("take-up",)),
        Job("take-up", taking_up.without_a_day, taking_up.take_all_up, hands=(taking_up.TakeUp,)),
        Piece(taking_up.TakeUp, taking_up.programme_taken_up, taking_up.take_up),
        *(Fact(said, carrying_out, carried_out, says=(r.OfficeAttentionNeeded,)) for said in CARRIED_OUT),
        Job("offer", records, count_records, hands=(CountedRecords,)),
        Piece(CountedRecords, offering, offer, says=(r.ArchiveOffered, r.OfficeAttentionNeeded)),
        Ask(
            r.RecordArchiveDecision,
            offering,
            record_archive_decision,
            says=(r.ArchiveDecided, r.OfficeAttentionNeeded),
        ),
        # the topic catalogue
        Ask(r.AddTopic, adding, topics.add_topic, says=(r.TopicListed,)),
        Ask(r.MergeTopics, merging, topics.merge_topics, says=(r.TopicListed,)),
        Ask(r.RetireTopic, topic_of, topics.retire_topic, says=(r.TopicListed,)),
        Ask(r.RestoreTopic, topic_of, topics.restore_topic, says=(r.TopicListed,)),
        # what people propose for it
        Ask(r.ProposeTopic, proposing, topic_proposals.propose_topic, says=(r.TopicProposed,), starts=("similar",)),
        Job("similar", catalogue, "services.registration.similar:suggest", hands=(Suggested,)),
        Piece(
            Suggested,
            suggested,
            topic_proposals.say_proposed,
            says=(r.TopicProposed, r.OfficeAttentionNeeded, r.PersonAddressed),
        ),
        Ask(
            r.AcceptTopic,
            accepting,
            topic_proposals.accept_topic,
            says=(r.TopicListed, r.TopicProposed, r.OfficeAttentionNeeded, r.PersonAddressed),
        ),
        Ask(
            r.MergeTopicProposal,
            answering,
            topic_proposals.merge_proposal,
            says=(r.TopicProposed, r.OfficeAttentionNeeded, r.PersonAddressed),
        ),
        Ask(
            r.DeclineTopic,
            declining,
            topic_proposals.decline_topic,
            says=(r.TopicProposed, r.OfficeAttentionNeeded, r.PersonAddressed),
        ),
        # people
        Ask(
            r.RegisterMentor,
            registering,
            participants.register_mentor,
            says=COMES,
            starts=ENDS_WAITING,
        ),
        Ask(
            r.RegisterMentee,
            registering,
            participants.register_mentee,
            says=COMES,
            starts=ENDS_WAITING,
        ),
        Ask(
            r.ChangeProfile,
            changing_profile,
            participants.change_profile,
            says=(r.ParticipantChanged, r.PersonAddressed),
        ),
        Ask(
            r.ChangeConsents,
            consenting,
            participants.change_consents,
            says=(r.ParticipantChanged, r.PersonAddressed),
            starts=ENDS_WAITING,
        ),
        Ask(r.ChangeContact, contact_of, contacts.change_contact, says=(r.ContactRecorded, r.PersonAddressed)),
        Ask(r.ChangeAboutMe, contact_of, contacts.change_about_me, says=(r.ContactRecorded, r.PersonAddressed)),
        Ask(r.Withdraw, leaving, withdraw, says=LEAVES, starts=("admit", *ENDS_WAITING)),
        Ask(r.AdmitLate, registering, late.admit_late, says=COMES, starts=ENDS_WAITING),
        # the line manager releases the time
        Ask(r.GrantRelease, releasing, release.grant_release, says=(r.ParticipantChanged, *LEAVES)),
        Ask(r.RefuseRelease, releasing, release.refuse_release, says=LEAVES, starts=("admit", *ENDS_WAITING)),
        Due(
            Release,
            release.nobody_answered,
            load=release_due,
            says=(r.ReleaseSettled, r.PersonAddressed, r.OfficeAttentionNeeded),
        ),
        # what is held on somebody, shown to them
        Ask(r.ShowMyData, asking, my_data.show_my_data, says=(r.MyDataAsked, *my_data.ASKED.values())),
        *(Fact(shown, request_of, my_data.take_part) for shown in SHOWN),
        Due(DataRequest, my_data.date_reached, load=collected, says=tuple(my_data.ASKED.values())),
        Piece(Taken, collected, my_data.taken),
        # who waits from one programme to the next
        Fact(matching.ReserveListed, placed, waiting.know_place, says=(r.PersonAddressed,), starts=ENDS_WAITING),
        Fact(matching.ReserveLeft, placed, waiting.know_place, says=(r.PersonAddressed,), starts=ENDS_WAITING),
        Job("keep-waiting", waiting_jobs.took_part, waiting_jobs.keep_all, hands=(waiting_jobs.KeepWaiting,)),
        Piece(waiting_jobs.KeepWaiting, placed, waiting.keep_waiting, says=(r.PersonAddressed,), starts=ENDS_WAITING),
        Job("ask-again", waiting_jobs.in_line, waiting_jobs.ask_all, hands=(waiting_jobs.AskAgain,)),
        Piece(waiting_jobs.AskAgain, asked, waiting.ask_again, says=(r.PersonAddressed,)),
        Ask(
            r.JoinAgain,
            rejoining,
            waiting.join_again,
            says=COMES,
            starts=ENDS_WAITING,
        ),
        Due(Waiting, waiting.waited_long_enough, load=waiting_due, says=(r.PersonAddressed,), starts=ENDS_WAITING),
        # questions to the office
        Ask(
            r.AskOffice,
            asking_office,
            ask_office,
            says=(r.QuestionAsked, r.PersonAddressed, r.OfficeAttentionNeeded),
        ),
        Ask(
            r.AnswerQuestion,
            answering_question,
            answer_question,
            says=(r.QuestionAnswered, r.PersonAddressed, r.OfficeAttentionNeeded),
        ),
        Due(
            Question,
            not_answered,
            load=question_due,
            says=(r.QuestionDelayed, r.PersonAddressed, r.OfficeAttentionNeeded),
        ),
        # what HR knows of people and units
        Fact(
            hr.EmploymentChanged,
            employed,
            employment_changed,
            says=(r.ParticipantChanged, *LEAVES),
            starts=("admit", *ENDS_WAITING),
        ),
        Fact(
            hr.EmploymentEnded,
            employed,
            employment_ended,
            says=LEAVES,
            starts=("admit", *ENDS_WAITING),
        ),
        Due(
            Employment,
            employment_over,
            load=employment_due,
            says=LEAVES,
            starts=("admit", *ENDS_WAITING),
        ),
        Fact(hr.UnitMoved, reorganised, unit_moved, starts=("move-unit",)),
        Job("move-unit", members_of_unit, move_members, hands=(MoveMember,)),
        Piece(MoveMember, moving, move_member, says=(r.ParticipantChanged, r.PersonAddressed)),
        # pausing
        Ask(r.PauseParticipation, pause_of, pausing.pause, says=PAUSES),
        Ask(r.ResumeParticipation, pause_of, pausing.resume, says=PAUSES),
        Due(Participant, pausing.date_reached, load=pause_due, says=PAUSES),
        # erasing somebody in every service
        Ask(
            r.ErasePerson,
            erasing,
            erasure.erase_person,
            says=(r.ErasureRequested, *LEAVES),
            starts=("admit", *ENDS_WAITING),
        ),
        Due(Erasure, erasure.date_reached, load=erasure_due, says=(r.ErasureOrdered, r.OfficeAttentionNeeded)),
        *(Fact(said, confirming, erasure.confirm, says=(r.PersonErased, r.OfficeAttentionNeeded)) for said in ERASED),
        Job("recount", recounting, recount, hands=(Recounted,)),
        Piece(
            Recounted,
            recounted,
            say_recounted,
            says=(r.ProgrammeChanged, r.ProgrammeEnded, r.ProgrammeArchived),
        ),
        # saying again what a reader missed
        Ask(r.SayAgain, programme_of, programmes.say_again, starts=("say-bucket",)),
        Job("say-bucket", bucket_members, say_bucket, hands=(Member, BucketSaid), discardable=True),
        Piece(Member, participant_of, participants.say_member, says=(r.ParticipantChanged, r.ParticipantWithdrew)),
        Piece(BucketSaid, nothing, programmes.bucket_said, says=(r.SaidAgain,)),
    ),
    view=VIEW,
    questions=(*HR_QUESTIONS, *QUESTIONS),
    handouts=(MY_DATA,),
    publishes=PUBLISHES,
    copies=(Copies(ReservePlace, matching.ReserveListed),),
    concerns=CONCERNS,
    keeps=KEEPS,
    named_otherwise=named_by_key,
)
