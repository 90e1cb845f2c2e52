"""House rule: a command that comes a second time stays quiet. Every `Ask` row of scheduling and evaluation is here."""

from collections.abc import Callable

import pytest

from services.evaluation.service import service as evaluation
from services.scheduling.service import service as scheduling
from shared.contracts import evaluation as e
from shared.contracts import scheduling as s
from shared.contracts.base import Command, PersonAddressed
from shared.runtime.table import Ask
from tests.support.reference import By, Scenario
from tests.unit.evaluation import stories
from tests.unit.evaluation import test_certificates as certificates
from tests.unit.evaluation import test_my_extras as mine
from tests.unit.evaluation import test_shared_topics as shared
from tests.unit.evaluation.people import CLOSED, REPORTS, an_asked_programme, answers
from tests.unit.evaluation.test_comments import ids, releasing, written
from tests.unit.evaluation.test_own_questionnaires import adding, in_tandems
from tests.unit.scheduling.people import (
    DAY,
    ENDS,
    MENTEE,
    MENTOR,
    TANDEM,
    a_programme,
    a_tandem,
    accepting,
    by_mentor,
    cancelling,
    meetings_in,
    moving,
    next_planned,
    objecting,
    reporting,
)
from tests.unit.scheduling.test_agreement import agreed, an_offer, confirming, editing, following, showing
from tests.unit.scheduling.test_gatherings import gathering
from tests.unit.scheduling.test_kick_off import MONDAY, planning, scheduled
from tests.unit.scheduling.test_signs import settling, silent_tandem

Example = tuple[Scenario, By]


def on_its_day() -> Scenario:
    scenario = a_tandem()
    return scenario.given(meetings_in(scenario)[0].date)


def about_a_meeting(command: Callable[..., By], scenario: Scenario) -> Example:
    return scenario, command(next_planned(scenario))


def a_move() -> Example:
    scenario = a_tandem()
    first = next_planned(scenario)
    return scenario, moving(first, first.date + DAY)


def topics() -> Example:
    scenario = on_its_day()
    id = next_planned(scenario).id
    return scenario, by_mentor(s.RecordTopics(meeting_id=id, participant_id=MENTOR, topics=("apps",)))


def a_release() -> Example:
    scenario = written().given(CLOSED, REPORTS)
    return scenario, By(releasing(ids(scenario)))


def an_answer() -> Example:
    scenario = silent_tandem()
    return scenario, By(settling(scenario))


EXAMPLES: dict[type[Command], Callable[[], Example]] = {
    s.StartDay: lambda: (a_tandem(), By(s.StartDay(date=ENDS))),
    s.PlanKickOff: lambda: (a_programme(), By(planning())),
    s.RecordAttendance: lambda: (
        scheduled().given(MONDAY),
        By(s.RecordAttendance(programme_id="pilot", participant_id=MENTOR)),
    ),
    s.SettleAttention: an_answer,
    s.NameDelegate: lambda: (a_programme(), By(s.NameDelegate(participant_id=MENTEE, delegate="x"), actor=MENTEE)),
    s.RecordAbsences: lambda: (
        a_tandem(),
        by_mentor(s.RecordAbsences(participant_id=MENTOR, absences=(s.Absence(first=ENDS, last=ENDS),))),
    ),
    s.AddMeeting: lambda: (
        a_tandem(),
        by_mentor(s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=ENDS, start=600)),
    ),
    s.PlanAgain: lambda: (a_tandem(), By(s.PlanAgain(tandem_id=TANDEM, whole=True), sender="office")),
    s.MoveMeeting: a_move,
    s.CancelMeeting: lambda: about_a_meeting(cancelling, a_tandem()),
    s.AcceptMeetings: lambda: about_a_meeting(accepting, a_tandem()),
    s.ReportMeeting: lambda: about_a_meeting(reporting, on_its_day()),
    s.ReportNotHeld: lambda: about_a_meeting(objecting, on_its_day()),
    s.RecordTopics: topics,
    s.PlanGathering: lambda: (a_programme(), By(gathering())),
    s.CancelGathering: lambda: (scheduled(), By(s.CancelGathering(programme_id="pilot"))),
    s.EditAgreement: lambda: (an_offer(), editing()),
    s.ConfirmAgreement: lambda: (an_offer(), confirming(MENTEE)),
    s.FollowUpGoals: lambda: following(agreed(), "reached"),
    s.ShowAgreement: lambda: (an_offer(), showing(MENTOR)),
    s.RecordAgreement: lambda: (
        a_tandem(),
        by_mentor(s.RecordAgreement(tandem_id=TANDEM, participant_id=MENTOR, rules=("r",), goals=("g",))),
    ),
    e.AddQuestionnaire: lambda: (in_tandems(), By(adding())),
    e.SubmitAnswers: lambda: (an_asked_programme(1), answers("mentor 1", length=0)),
    e.ShowMyExtras: lambda: (shared.asked(), mine.showing("mentor 1")),
    e.AgreeToIntroduction: lambda: (shared.asked(), shared.agreeing("mentor 1")),
    e.ReleaseStory: lambda: (stories.a_tandem(), stories.writing()),
    e.ConfirmStory: lambda: (stories.written(), stories.confirming()),
    e.TakeBackStory: lambda: (stories.published(), stories.taking_back()),
    e.PublishStory: lambda: (stories.submitted(), stories.publishing()),
    e.ReturnStory: lambda: (stories.submitted(), stories.returning()),
    e.ShowStory: lambda: (stories.written(), stories.showing()),
    e.RequestCertificate: lambda: (certificates.a_tandem(), certificates.requesting()),
    e.ReleaseComments: a_release,
    e.RequestReport: lambda: (an_asked_programme(1), By(e.RequestReport(programme_id="pilot"))),
}

ROWS = [row.on for service in (scheduling, evaluation) for row in service.rows if isinstance(row, Ask)]


@pytest.mark.parametrize("command", ROWS, ids=lambda command: command.name)
def test_the_same_message_a_second_time_says_and_changes_nothing(command: type[Command]) -> None:
    scenario, by = EXAMPLES[command]()
    scenario.when(by)
    assert scenario.told
    assert not hasattr(scenario.told[0], "reasons"), "the example is refused"
    after = dict(scenario.reference.state)
    scenario.again().then_nothing()
    assert scenario.reference.state == after


@pytest.mark.parametrize("command", ROWS, ids=lambda command: command.name)
def test_the_same_wish_in_a_second_message_has_no_second_effect(command: type[Command]) -> None:
    """Somebody clicks twice: it is answered again or refused, nothing is made anew, and nobody gets a second mail."""
    scenario, by = EXAMPLES[command]()
    scenario.given(by)
    subjects = set(scenario.reference.state)
    scenario.when(by)
    assert scenario.told, "every command is answered"
    assert set(scenario.reference.state) == subjects
    assert not [message for message in scenario.told if isinstance(message, PersonAddressed)]
