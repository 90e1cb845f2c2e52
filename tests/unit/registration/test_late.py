"""Who comes after the close: by the office alone, as a candidate for the next round, in no closed set."""

import datetime as dt
from typing import Any

import pytest

from shared.contracts import registration as r
from shared.contracts.parts import Consents
from shared.runtime.closed_set import closed_set
from shared.runtime.decision import Start
from shared.runtime.ids import keyed_id
from tests.support.reference import KEY, By, Scenario, said
from tests.unit.registration.test_profiles import CLOSING, LEAVING
from tests.unit.registration.test_registration import MENTOR, an_open_programme, mentor, profile

LATE = keyed_id(KEY, "participant", "pilot", "P-9")


def admitting(key: str = "P-9", **changes: Any) -> r.AdmitLate:
    fields = mentor(key).model_dump() | {"role": "mentor"} | changes
    return r.AdmitLate.model_validate(fields)


def after_the_close() -> Scenario:
    return an_open_programme().given(mentor(), CLOSING)


@pytest.mark.proves("S19")
def test_the_office_admits_somebody_after_the_close_who_is_in_no_closed_set() -> None:
    scenario = after_the_close().when(admitting())
    scenario.then(
        said(r.ParticipantRegistered, participant_id=LATE, late=True),
        said(r.ContactRecorded, participant_id=LATE),
        said(r.PersonAddressed, topic="admitted-late"),
    )
    closed = scenario.reference.state["programme/pilot"]
    assert closed.model_dump()["closed_set"] == closed_set([MENTOR]).model_dump()
    scenario.again().then_nothing()
    scenario.when(admitting()).then_refused("already_registered")
    assert r.AdmitLate.senders == {"office"}


def test_who_left_is_admitted_again_under_the_id_that_the_closed_set_has() -> None:
    scenario = an_open_programme().given(mentor(), LEAVING, CLOSING).when(admitting("P-1"))
    scenario.then_among(said(r.ParticipantRegistered, participant_id=MENTOR, late=False, status="registered"))


def test_who_was_admitted_late_and_left_and_comes_again_is_late_still() -> None:
    leaving = By(r.Withdraw(participant_id=LATE), actor=LATE, sender="person")
    scenario = after_the_close().given(admitting(), leaving).when(admitting())
    scenario.then_among(said(r.ParticipantRegistered, participant_id=LATE, late=True))


def test_nobody_comes_late_while_registration_is_open_or_being_counted_or_when_all_is_over() -> None:
    an_open_programme().when(admitting()).then_refused("still_open")
    an_open_programme().when(admitting(programme_id="other")).then_refused("unknown_programme")
    over = after_the_close().given(dt.date(2027, 2, 15), dt.date(2027, 7, 15))
    over.when(admitting()).then_refused("ended")
    counting = an_open_programme()
    state = counting.reference.state
    state["programme/pilot"] = state["programme/pilot"].but(status="closing", due=None)
    counting.when(admitting()).then_refused("closing")


def test_a_faulty_late_registration_is_refused_with_every_reason() -> None:
    wrong = admitting(privacy_notice="0", profile=profile(strengths=()), consents=Consents(stories=True))
    after_the_close().when(wrong).then_refused("other_privacy_notice", "none_named", "only_the_person")
    other = admitting("P-1", role="mentee", profile=profile(concerns=profile().strengths))
    an_open_programme().given(mentor(), LEAVING, CLOSING).when(other).then_refused("other_role")


def test_a_late_joiner_hears_of_the_end_like_everybody() -> None:
    scenario = after_the_close().given(admitting(), dt.date(2027, 2, 15)).when(dt.date(2027, 7, 15))
    assert LATE in {told.to for told in scenario.told if isinstance(told, r.PersonAddressed)}


def test_an_erasure_counts_the_closed_set_again_without_who_came_late() -> None:
    scenario = an_open_programme().given(mentor(), mentor("P-2"), CLOSING, admitting())
    del scenario.reference.state[f"participant/{MENTOR}"]
    other = keyed_id(KEY, "participant", "pilot", "P-2")
    scenario.reference.jobs.append(Start("recount", "pilot"))
    assert [message.closed_set for message in scenario.later().told if isinstance(message, r.ProgrammeChanged)] == [
        closed_set([other])
    ]
