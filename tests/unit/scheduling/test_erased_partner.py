"""Erasing somebody from scheduling: their tandem's meetings stay for the partner; what both agreed on goes."""

import pytest

from services.scheduling.agreements.model import Agreement
from services.scheduling.model import Delegate, Meeting, Pair
from shared.contracts import matching as m
from shared.contracts import scheduling as s
from shared.contracts.parts import NOBODY
from shared.runtime.decision import Start
from tests.support.erased import erase, left_in
from tests.support.reference import By, Scenario, said
from tests.unit.scheduling.people import (
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    TANDEM,
    a_tandem,
    by_mentor,
    meetings_in,
    next_planned,
    pair_in,
    tandem,
)

AGREED = s.RecordAgreement(
    tandem_id=TANDEM, participant_id=MENTOR, rules=("what is said here stays here",), goals=("a podcast",)
)
ENDED = FORMED + 20 * DAY


def a_tandem_that_agreed() -> Scenario:
    scenario = a_tandem().given(by_mentor(AGREED))
    return scenario.given(by_mentor(s.NameDelegate(participant_id=MENTOR, delegate="secretary-1")))


@pytest.mark.parametrize("who", [MENTOR, MENTEE])
@pytest.mark.parametrize("ended", [True, False])
def test_nothing_names_who_was_erased(who: str, *, ended: bool) -> None:
    scenario = a_tandem_that_agreed()
    if ended:
        scenario.given(tandem(m.TandemEnded, ENDED))
    assert left_in(scenario, who)
    erase(scenario, who)
    assert left_in(scenario, who, "a podcast", "stays here") == []


def test_what_was_agreed_goes_also_where_an_earlier_release_did_not_record_whose_it_is() -> None:
    scenario = a_tandem_that_agreed()
    agreement = scenario.reference.state[f"agreement/{TANDEM}"]
    assert isinstance(agreement, Agreement)
    assert agreement.people == (MENTOR, MENTEE)
    scenario.reference.state[agreement.subject] = agreement.but(people=())
    erase(scenario, MENTOR)
    assert left_in(scenario, "a podcast") == []


def test_meetings_stay_for_the_partner_and_are_said_again_without_who_was_erased() -> None:
    scenario = a_tandem_that_agreed()
    before = meetings_in(scenario)
    told = erase(scenario, MENTOR)
    unnamed = [message for message in told if isinstance(message, s.MeetingScheduled)]
    assert len(unnamed) == len(before)
    assert {(event.mentor, event.mentee) for event in unnamed} == {(NOBODY, MENTEE)}
    kept = meetings_in(scenario)
    assert [(a.date, a.start, a.status) for a in kept] == [(b.date, b.start, b.status) for b in before]
    assert {a.said - b.said for a, b in zip(kept, before, strict=True)} == {1}


def test_the_end_of_their_tandem_is_taken_over_when_it_comes_after_the_erasure() -> None:
    """Matching was down meanwhile: it says the end with who was erased already left out."""
    scenario = a_tandem_that_agreed()
    erase(scenario, MENTOR)
    event = tandem(m.TandemEnded, ENDED).model_copy(update={"mentor": NOBODY})
    scenario.when(event)
    assert pair_in(scenario).status == "ended"
    assert all(meeting.status == "cancelled" for meeting in meetings_in(scenario) if meeting.date > ENDED)
    assert f"diary/{NOBODY}" not in scenario.reference.state
    scenario.when(event).then_nothing()


def test_nobody_is_written_to_in_the_place_of_who_was_erased() -> None:
    scenario = a_tandem_that_agreed()
    erase(scenario, MENTOR)
    meeting = next_planned(scenario)
    command = s.CancelMeeting(meeting_id=meeting.id, participant_id=MENTEE)
    scenario.when(_by_mentee(command)).then_among(said(s.PersonAddressed, to=MENTEE))
    assert NOBODY not in {message.to for message in scenario.told if isinstance(message, s.PersonAddressed)}


def _by_mentee(message: s.CancelMeeting) -> By:
    return By(message, actor=MENTEE, sender="person")


def test_a_plan_for_a_tandem_without_one_of_its_people_is_not_waited_for() -> None:
    scenario = a_tandem_that_agreed()
    erase(scenario, MENTOR)
    scenario.reference.jobs.append(Start("plan", TANDEM))
    scenario.later().then_nothing()
    assert scenario.reference.unfinished == []


def test_somebody_s_delegate_goes_with_them_and_a_delegate_who_is_erased_is_nobody_s_any_more() -> None:
    scenario = a_tandem_that_agreed()
    scenario.given(_names(MENTEE))
    erase(scenario, MENTEE)
    [left] = [a for a in scenario.reference.state.values() if isinstance(a, Delegate)]
    assert (left.id, left.delegate) == (MENTOR, None)
    assert isinstance(pair_in(scenario), Pair)
    assert all(isinstance(meeting, Meeting) for meeting in meetings_in(scenario))


def _names(delegate: str) -> By:
    return by_mentor(s.NameDelegate(participant_id=MENTOR, delegate=delegate))
