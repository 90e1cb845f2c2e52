"""Registration opens programmes, keeps the topic catalogue, and registers people; names and addresses stay here."""

from services.registration import my_data as d
from services.registration import participants as p
from services.registration import programmes as o
from services.registration import topic_proposals as tp
from services.registration import topics as t
from services.registration.jobs import BucketSaid, Counted, Member, bucket_members, count, members_of, say_bucket
from services.registration.load_my_data import Taken, asking, collected, request_of
from services.registration.load_people import changing_profile, leaving, participant_of, registering
from services.registration.load_programmes import closing, programme_due, programme_of
from services.registration.load_topics import (
    accepting,
    answering,
    declining,
    merging,
    proposing,
    suggested,
    topic_of,
)
from services.registration.model import Programme
from services.registration.model.my_data import DataRequest
from services.registration.my_data_page import MY_DATA
from services.registration.published import PUBLISHES
from services.registration.suggesting import Suggested, catalogue
from services.registration.view import VIEW
from shared.contracts import evaluation, matching, scheduling
from shared.contracts import registration as r
from shared.runtime.decision import Get
from shared.runtime.table import Ask, Due, Fact, Job, Piece, Service

SHOWN = (evaluation.PersonShown, matching.PersonShown, r.PersonShown, scheduling.PersonShown)
"""What each service answers where it was asked what it holds on somebody."""


def nothing(message: BucketSaid, get: Get) -> None:
    """The answer needs no state."""


service = Service(
    name="registration",
    contracts=r,
    rows=(
        # programmes
        Ask(r.OpenProgramme, programme_of, o.open_programme, says=(r.ProgrammeOpened,)),
        Ask(r.ChangePlaces, programme_of, o.change_places, says=(r.ProgrammeChanged,)),
        Ask(r.CloseRegistration, closing, o.close_registration, says=(r.ProgrammeChanged,), starts=("count",)),
        Due(
            Programme,
            o.date_reached,
            load=programme_due,
            says=(r.ProgrammeChanged, r.ProgrammeEnded),
            starts=("count",),
        ),
        Job("count", members_of, count, hands=(Counted,)),
        Piece(Counted, programme_of, o.say_closed, says=(r.RegistrationClosed,)),
        # the topic catalogue
        Ask(r.AddTopic, topic_of, t.add_topic, says=(r.TopicListed,)),
        Ask(r.MergeTopics, merging, t.merge_topics, says=(r.TopicListed,)),
        Ask(r.RetireTopic, topic_of, t.retire_topic, says=(r.TopicListed,)),
        Ask(r.RestoreTopic, topic_of, t.restore_topic, says=(r.TopicListed,)),
        # what people propose for it
        Ask(
            r.ProposeTopic, proposing, tp.propose_topic, says=(r.TopicProposed, r.PersonAddressed), starts=("similar",)
        ),
        Job("similar", catalogue, "services.registration.similar:suggest", hands=(Suggested,)),
        Piece(Suggested, suggested, tp.say_proposed, says=(r.TopicProposed, r.OfficeAttentionNeeded)),
        Ask(
            r.AcceptTopic,
            accepting,
            tp.accept_topic,
            says=(r.TopicListed, r.TopicProposed, r.OfficeAttentionNeeded, r.PersonAddressed),
        ),
        Ask(
            r.MergeTopicProposal,
            answering,
            tp.merge_proposal,
            says=(r.TopicProposed, r.OfficeAttentionNeeded, r.PersonAddressed),
        ),
        Ask(
            r.DeclineTopic,
            declining,
            tp.decline_topic,
            says=(r.TopicProposed, r.OfficeAttentionNeeded, r.PersonAddressed),
        ),
        # people
        Ask(
            r.RegisterMentor,
            registering,
            p.register_mentor,
            says=(r.ParticipantRegistered, r.ContactRecorded, r.PersonAddressed),
        ),
        Ask(
            r.RegisterMentee,
            registering,
            p.register_mentee,
            says=(r.ParticipantRegistered, r.ContactRecorded, r.PersonAddressed),
        ),
        Ask(r.ChangeProfile, changing_profile, p.change_profile, says=(r.ParticipantChanged,)),
        Ask(r.ChangeConsents, participant_of, p.change_consents, says=(r.ParticipantChanged,)),
        Ask(r.Withdraw, leaving, p.withdraw, says=(r.ParticipantWithdrew, r.PersonAddressed)),
        # what is held on somebody, shown to them
        Ask(r.ShowMyData, asking, d.show_my_data, says=(r.MyDataAsked, *d.ASKED.values())),
        *(Fact(shown, request_of, d.take_part) for shown in SHOWN),
        Due(DataRequest, d.date_reached, load=collected, says=tuple(d.ASKED.values())),
        Piece(Taken, collected, d.taken),
        # saying again what a reader missed
        Ask(r.SayAgain, programme_of, o.say_again, starts=("say-bucket",)),
        Job("say-bucket", bucket_members, say_bucket, hands=(Member, BucketSaid), discardable=True),
        Piece(Member, participant_of, p.say_member, says=(r.ParticipantChanged, r.ParticipantWithdrew)),
        Piece(BucketSaid, nothing, o.bucket_said, says=(r.SaidAgain,)),
    ),
    view=VIEW,
    handouts=(MY_DATA,),
    publishes=PUBLISHES,
)
