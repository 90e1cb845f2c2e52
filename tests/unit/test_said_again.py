"""What is said again is what was said last; here of what the simulation's programmes do not come to."""

from typing import TypeVar

from services.evaluation.shared_topics.decisions import said_of
from services.registration import published
from services.registration.model import Programme
from services.registration.service import service as registration
from services.scheduling.gatherings.model import Gathering, Guest, KickOff
from services.scheduling.published import gathering as said_gathering
from services.scheduling.published import guest, kick_off
from shared.contracts import evaluation as e
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Event
from shared.runtime.retention import PURPOSES
from shared.runtime.say_again import published_by
from tests.support.reference import By, Scenario, given
from tests.unit.evaluation import stories
from tests.unit.evaluation import test_shared_topics as shared
from tests.unit.evaluation.people import REPORTS, an_asked_programme
from tests.unit.evaluation.test_own_questionnaires import adding, in_tandems
from tests.unit.registration import test_drafts as drafts
from tests.unit.registration import test_retention as kept
from tests.unit.registration import test_topic_proposals as proposals
from tests.unit.registration.test_registration import TODAY
from tests.unit.registration.test_topic_catalogue import a_catalogue, merge
from tests.unit.scheduling.people import DAY, MENTEE, MENTOR, a_programme, by_mentor
from tests.unit.scheduling.test_agreement import an_offer, confirming, editing
from tests.unit.scheduling.test_gatherings import FIRST, gathering
from tests.unit.scheduling.test_kick_off import MONDAY, planning

E = TypeVar("E", bound=Event)


def said_and_said_again(scenario: Scenario, kind: type[E]) -> E:
    """The event that was just said, which must be what its aggregate is said again with."""
    event = scenario.one(kind)
    state, service = scenario.reference.state[event.subject], scenario.reference.service
    [published] = [each for each in published_by(service) if each.aggregate.kind == state.kind]
    again = published.say(published.aggregate.from_stored(state.subject, state.to_store()))
    assert again == event
    return event


def test_a_kick_off_is_said_again_as_it_stands_and_not_while_its_day_is_being_looked_for() -> None:
    scenario = a_programme().when(planning())
    said_and_said_again(scenario, s.KickOffScheduled)
    said_and_said_again(scenario.when(MONDAY + DAY), s.KickOffHeld)
    impossible = a_programme().when(planning(minutes=600))
    said_and_said_again(impossible, s.KickOffImpossible)
    sought = impossible.reference.state["kick-off/pilot"].but(status="sought")
    assert isinstance(sought, KickOff)
    assert kick_off(sought) is None


def test_a_cancelled_kick_off_and_any_other_gathering_are_said_again_as_they_stand() -> None:
    cancel = s.CancelGathering(programme_id="pilot")
    said_and_said_again(a_programme().given(planning()).when(cancel), s.KickOffCancelled)
    scenario = a_programme().when(gathering())
    id = said_and_said_again(scenario, s.GatheringScheduled).gathering_id
    scenario.given(FIRST)
    came = s.RecordAttendance(programme_id="pilot", participant_id=MENTOR, gathering_id=id)
    said_and_said_again(scenario.when(came), s.GatheringAttended)
    invited = scenario.reference.state[f"guest/{Guest.id_of(f'gathering/{id}', MENTEE)}"]
    assert isinstance(invited, Guest)
    assert guest(invited) is None, "whom it is sent to stays here"
    said_and_said_again(scenario.when(FIRST + DAY), s.GatheringHeld)
    weekend = a_programme().when(gathering(earliest=FIRST + 5 * DAY, latest=FIRST + 6 * DAY))
    said_and_said_again(weekend, s.GatheringImpossible)
    gone = s.CancelGathering(programme_id="pilot", gathering_id=weekend.one(s.GatheringImpossible).gathering_id)
    said_and_said_again(weekend.when(gone), s.GatheringCancelled)
    sought = weekend.reference.state[f"gathering/{gone.gathering_id}"].but(status="sought")
    assert isinstance(sought, Gathering)
    assert said_gathering(sought) is None


def test_what_a_tandem_agreed_on_is_said_again_as_figures() -> None:
    scenario = an_offer().when(editing())
    said_and_said_again(scenario, s.AgreementProposed)
    said_and_said_again(scenario.when(confirming(MENTEE, 2)), s.AgreementRecorded)


def test_who_came_and_whether_somebody_has_a_delegate_is_said_again() -> None:
    scenario = a_programme().given(planning(), MONDAY)
    came = s.RecordAttendance(programme_id="pilot", participant_id=MENTOR)
    said_and_said_again(scenario.when(came), s.AttendanceRecorded)
    for delegate in ("secretary-17", None):
        naming = by_mentor(s.NameDelegate(participant_id=MENTOR, delegate=delegate))
        assert said_and_said_again(scenario.when(naming), s.DelegateNamed).named == bool(delegate)
    other = By(s.NameDelegate(participant_id=MENTEE, delegate="x"), actor=MENTEE)
    said_and_said_again(scenario.when(other), s.DelegateNamed)


def test_a_questionnaire_is_said_again_with_all_its_items() -> None:
    scenario = in_tandems().when(adding())
    assert said_and_said_again(scenario, e.QuestionnairePublished).own


def test_a_report_is_said_again_to_the_last_figure() -> None:
    scenario = an_asked_programme().given(REPORTS - DAY)
    first = said_and_said_again(scenario.when(e.RequestReport(programme_id="pilot")), e.ReportPublished)
    last = said_and_said_again(scenario.when(REPORTS), e.ReportPublished)
    assert (first.version, last.version) == (1, 2)


def test_a_story_in_the_feed_and_one_that_has_left_it_are_said_again_and_one_that_never_stood_there_is_not() -> None:
    told = stories.submitted().when(stories.publishing())
    said_and_said_again(told, e.StoryPublished)
    said_and_said_again(told.when(stories.returning()), e.StoryWithdrawn)
    assert stories.story_in(stories.submitted()).published() is None


def test_two_tandems_that_were_introduced_are_said_again_and_what_came_to_nothing_is_not() -> None:
    said_and_said_again(shared.agreed().when(shared.FOUND + DAY), e.TopicShared)
    assert [said_of(each) for each in shared.open_introductions(shared.asked())] == [None]


def test_a_topic_is_said_again_as_it_stands_merged_or_retired() -> None:
    scenario = a_catalogue("a", "b", "c")
    assert said_and_said_again(scenario.when(merge("a", "b")), r.TopicListed).forwards_to == "b"
    assert said_and_said_again(scenario.when(r.RetireTopic(topic_id="c")), r.TopicListed).retired


def test_a_proposed_topic_is_said_again_as_the_office_left_it() -> None:
    scenario, id = proposals.proposed()
    said_and_said_again(scenario, r.TopicProposed)
    decline = r.DeclineTopic(proposal_id=id, reason=proposals.WHY)
    assert said_and_said_again(scenario.when(decline), r.TopicProposed).status == "declined"


def test_a_programme_before_and_after_its_time_and_the_archive_s_offer_are_said_again() -> None:
    said_and_said_again(given(registration, today=TODAY).when(drafts.drafting()), r.ProgrammeDrafted)
    discard = r.DiscardDraft(programme_id="pilot", replaces=1)
    said_and_said_again(drafts.a_draft().when(discard), r.ProgrammeDiscarded)
    offered = kept.an_ended_programme(archive_offer=True).when(kept.OFFERED)
    said_and_said_again(offered, r.ArchiveOffered)
    said_and_said_again(offered.when(kept.answer()), r.ArchiveDecided)
    done = kept.carried_out(*PURPOSES)
    archived = kept.an_ended_programme().given(kept.TANDEMS, *done).when(kept.TANDEMS + DAY)
    said_and_said_again(archived, r.ProgrammeArchived)


def test_which_purposes_are_over_is_said_again_with_the_programme_s_end() -> None:
    """Who missed `retention-due` reads the same in the state that is said again."""
    due = kept.an_ended_programme().when(kept.PEOPLE).one(r.RetentionDue)
    again = kept.an_ended_programme().given(kept.PEOPLE).reference.state["programme/pilot"]
    assert isinstance(again, Programme)
    assert published.programme(again) == r.ProgrammeEnded(**dict(due))
