"""Profiles, what people write about themselves, and consents: changed by whom they belong to, until the end."""

import datetime as dt

import pytest

from services.registration.checks import words
from services.registration.load_people import Changing
from services.registration.load_topics import Named
from services.registration.model import Contact, Participant, Programme, Topic
from services.registration.participants import change_profile
from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.base import Command
from shared.contracts.parts import Consents
from shared.runtime.closed_set import Guard
from shared.runtime.decision import Context, Decision
from tests.support.reference import By, Scenario, said
from tests.unit.registration.test_registration import MENTOR, OTHER, TODAY, an_open_programme, mentor, profile

LEAVING = By(r.Withdraw(participant_id=MENTOR), actor=MENTOR, sender="person")
CLOSING = r.CloseRegistration(programme_id="pilot")
NOON = dt.datetime(2027, 1, 11, 12, tzinfo=dt.UTC)
UNTIL_THE_END = (dt.date(2027, 2, 7), dt.date(2027, 2, 15), dt.date(2027, 7, 15))


def registered() -> Scenario:
    return an_open_programme().given(mentor())


def by(command: Command, actor: str = MENTOR) -> By:
    return By(command, actor=actor, sender="person")


def a_new_profile(replaces: int = 1, **changes: object) -> r.ChangeProfile:
    return r.ChangeProfile(participant_id=MENTOR, profile=profile(**{"grade": 11} | changes), replaces=replaces)


def writing(text: str = "I like to explain.") -> r.ChangeAboutMe:
    return r.ChangeAboutMe(participant_id=MENTOR, about_me=text)


def allowing(**consents: bool) -> r.ChangeConsents:
    return r.ChangeConsents(participant_id=MENTOR, consents=Consents(**consents))


def test_a_profile_is_replaced_by_whom_it_belongs_to_who_is_told() -> None:
    scenario = registered().when(by(a_new_profile()))
    scenario.then(r.ParticipantChanged, said(r.PersonAddressed, to=MENTOR, topic="profile-changed"))
    scenario.when(by(a_new_profile())).then_refused("replaced")
    registered().when(by(a_new_profile(), OTHER)).then_refused("not_yours")
    registered().when(By(a_new_profile(), sender="office")).then_among(r.ParticipantChanged)


@pytest.mark.proves("S5")
def test_a_profile_is_completed_after_the_close_and_while_the_programme_runs() -> None:
    scenario = registered().given(CLOSING).when(by(a_new_profile()))
    scenario.then(
        said(r.ParticipantChanged, status="registered"), said(r.PersonAddressed, topic="profile-changed-later")
    )
    scenario.given(dt.date(2027, 2, 15)).when(by(a_new_profile(2, grade=12))).then_among(r.ParticipantChanged)


def test_a_profile_stands_when_the_programme_has_ended_and_when_the_person_has_left() -> None:
    registered().given(*UNTIL_THE_END).when(by(a_new_profile())).then_refused("ended")
    registered().given(LEAVING).when(by(a_new_profile())).then_refused("withdrawn", "replaced")
    an_open_programme().when(by(a_new_profile())).then_refused("unknown_participant")
    registered().when(by(a_new_profile(strengths=()))).then_refused("none_named")


def test_the_same_profile_again_brings_no_second_mail() -> None:
    registered().given(by(a_new_profile())).when(by(a_new_profile(2))).then(r.ParticipantChanged)


@pytest.mark.parametrize("closed", [False, True])
def test_a_profile_is_fenced_against_the_close_and_needs_no_fence_after_it(closed: bool) -> None:
    state = registered().reference.state
    programme, participant = state["programme/pilot"], state[f"participant/{MENTOR}"]
    assert isinstance(programme, Programme)
    assert isinstance(participant, Participant)
    known = state["topic/apps"]
    assert isinstance(known, Topic)
    guard = Guard(id="pilot.0", programme="pilot", closed=closed)
    context = Context(id="x", time=NOON, today=TODAY, actor=MENTOR, sender="person")
    outcome = change_profile(
        a_new_profile(), Changing(programme, guard, participant, Named({}, {"apps": known})), context
    )
    assert isinstance(outcome, Decision)
    assert (guard in outcome.state) != closed


def test_what_somebody_writes_about_themselves_is_replaced_and_in_no_event() -> None:
    scenario = registered().when(by(writing()))
    scenario.then(r.ContactRecorded, said(r.PersonAddressed, topic="about-me-changed"))
    assert "explain" not in "".join(message.model_dump_json() for message in scenario.told)
    kept = scenario.reference.state[f"contact/{MENTOR}"]
    assert isinstance(kept, Contact)
    assert (kept.about_me, kept.mail) == ("I like to explain.", "mentor-1@example.org")
    scenario.when(by(writing())).then(r.ContactRecorded)
    scenario.when(by(writing(""))).then(r.ContactRecorded, r.PersonAddressed)


def test_nobody_writes_about_somebody_else_or_when_it_is_over() -> None:
    registered().when(by(writing(), OTHER)).then_refused("not_yours")
    registered().given(LEAVING).when(by(writing())).then_refused("withdrawn")
    registered().given(*UNTIL_THE_END).when(by(writing())).then_refused("ended")
    an_open_programme().when(by(writing())).then_refused("unknown_participant")


def test_consents_are_given_and_taken_back_and_the_person_reads_what_they_allow() -> None:
    scenario = registered().when(by(allowing(stories=True)))
    assert scenario.one(r.ParticipantChanged).consents.stories
    assert words("allows-stories").en in scenario.one(r.PersonAddressed).text.en
    scenario.when(by(allowing(stories=True))).then(r.ParticipantChanged)
    scenario.when(by(allowing()))
    assert not scenario.one(r.ParticipantChanged).consents.stories
    assert words("allows-nothing").de in scenario.one(r.PersonAddressed).text.de
    scenario.when(by(allowing(stories=True), OTHER)).then_refused("not_yours")
    an_open_programme().when(by(allowing())).then_refused("unknown_participant")


@pytest.mark.parametrize("consent", Consents.model_fields)
def test_every_consent_has_words(consent: str) -> None:
    assert f"allows-{consent}" in words


@pytest.mark.parametrize("command", [a_new_profile(), writing(), allowing(stories=True)], ids=lambda c: c.name)
def test_a_change_that_comes_twice_is_said_once(command: Command) -> None:
    scenario = registered().when(by(command))
    assert scenario.told
    assert scenario.reference.service is service
    scenario.again().then_nothing()
