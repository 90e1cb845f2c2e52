"""Somebody pauses and takes part again: any time, without a reason, and never forgotten (P6)."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given as cases
from hypothesis import settings
from hypothesis import strategies as st

from services.registration.model import Participant
from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.base import Command
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached
from tests.support.reference import By, Scenario, given, said
from tests.unit.registration.test_registration import MENTOR, OTHER, TODAY, mentor, opening, topic

DAY = dt.timedelta(days=1)
SUBJECT = f"participant/{MENTOR}"


def registered(**changes: Any) -> Scenario:
    return given(service, topic(), opening(**changes), mentor(), today=TODAY)


def by(command: Command, actor: str = MENTOR) -> By:
    return By(command, actor=actor, sender="person")


def pause(until: dt.date | None = None, actor: str = MENTOR) -> By:
    return by(r.PauseParticipation(participant_id=MENTOR, until=until), actor)


def resume(actor: str = MENTOR) -> By:
    return by(r.ResumeParticipation(participant_id=MENTOR), actor)


def participant(scenario: Scenario) -> Participant:
    found = scenario.reference.state[SUBJECT]
    assert isinstance(found, Participant)
    return found


def signs(scenario: Scenario) -> list[str]:
    return [a.status for a in scenario.reference.state.values() if isinstance(a, Attention)]


@pytest.mark.proves("P6")
def test_who_pauses_until_a_day_takes_part_again_by_themselves_on_the_next() -> None:
    until = TODAY + 4 * DAY
    scenario = registered().when(pause(until))
    scenario.then(
        said(r.ParticipantChanged, paused_since=TODAY, paused_until=until, days_paused=0, status="registered"),
        said(r.PersonAddressed, to=MENTOR, topic="paused-until"),
    )
    scenario.when(until).then_nothing()
    scenario.when(until + DAY).then(
        said(r.ParticipantChanged, paused_since=None, paused_until=None, days_paused=5),
        said(r.PersonAddressed, topic="resumed"),
    )
    scenario.when(until + 2 * DAY).then_nothing()
    assert participant(scenario).due is None


@pytest.mark.proves("P6")
def test_a_pause_without_an_end_ends_when_the_person_says_so() -> None:
    scenario = registered().when(pause())
    scenario.then(
        said(r.ParticipantChanged, paused_since=TODAY, paused_until=None), said(r.PersonAddressed, topic="paused")
    )
    scenario.given(TODAY + 3 * DAY).when(resume())
    scenario.then(said(r.ParticipantChanged, paused_since=None, days_paused=3), r.PersonAddressed)


def test_who_comes_back_on_the_day_on_which_they_paused_has_paused_no_day() -> None:
    registered().given(pause()).when(resume()).then(said(r.ParticipantChanged, days_paused=0), r.PersonAddressed)


def test_days_of_several_pauses_add_up() -> None:
    scenario = registered().given(pause(TODAY), TODAY + DAY, pause(TODAY + 2 * DAY), TODAY + 3 * DAY)
    assert participant(scenario).days_paused == 3


@pytest.mark.proves("P6")
def test_pausing_again_moves_the_end_and_the_first_day_stays() -> None:
    scenario = registered().given(pause(TODAY + 9 * DAY), TODAY + DAY).when(pause(TODAY + 2 * DAY))
    scenario.then(
        said(r.ParticipantChanged, paused_since=TODAY, paused_until=TODAY + 2 * DAY),
        said(r.PersonAddressed, topic="paused-until"),
    )
    scenario.when(TODAY + 3 * DAY).then(said(r.ParticipantChanged, days_paused=3), r.PersonAddressed)


def test_the_same_pause_again_is_said_again_without_a_second_letter() -> None:
    scenario = registered().given(pause()).when(pause()).then(said(r.ParticipantChanged, paused_since=TODAY))
    scenario.given(resume()).when(resume()).then(said(r.ParticipantChanged, paused_since=None, days_paused=0))


@pytest.mark.proves("P6")
def test_pausing_is_possible_before_and_after_registration_has_closed() -> None:
    closed = registered().given(r.CloseRegistration(programme_id="pilot"))
    closed.when(pause()).then(r.ParticipantChanged, r.PersonAddressed)
    closed.when(resume()).then(r.ParticipantChanged, r.PersonAddressed)
    assert sum(1 for p in closed.reference.state.values() if isinstance(p, Participant)) == 1


def test_what_cannot_be_is_refused_with_every_reason() -> None:
    yesterday = TODAY - DAY
    registered().when(pause(yesterday)).then_refused("past")
    registered().when(pause(TODAY + 3 * 366 * DAY)).then_refused("too_far")
    registered().when(pause(dt.date.max)).then_refused("too_far")
    registered().when(pause(TODAY + 2 * 365 * DAY)).then(r.ParticipantChanged, r.PersonAddressed)
    registered().when(pause(yesterday, actor=OTHER)).then_refused("not_yours", "past")
    registered().when(resume(actor=OTHER)).then_refused("not_yours")
    nobody = given(service, topic(), opening(), today=TODAY)
    nobody.when(pause()).then_refused("unknown_participant")
    nobody.when(resume()).then_refused("unknown_participant")


@pytest.mark.proves("P6", "S19")
def test_the_office_pauses_somebody_who_cannot_do_it_themselves() -> None:
    office = By(r.PauseParticipation(participant_id=MENTOR), sender="office")
    registered().when(office).then(r.ParticipantChanged, said(r.PersonAddressed, to=MENTOR))


def test_who_left_pauses_no_more_and_their_pause_ends_with_their_leaving() -> None:
    scenario = registered().given(pause(TODAY + 9 * DAY), TODAY + 2 * DAY).when(by(r.Withdraw(participant_id=MENTOR)))
    scenario.then(said(r.ParticipantWithdrew, paused_since=None, paused_until=None, days_paused=2), r.PersonAddressed)
    scenario.when(pause()).then_refused("withdrawn")
    scenario.when(resume()).then_refused("withdrawn")
    scenario.when(TODAY + 10 * DAY).then_nothing()


@pytest.mark.proves("P6", "S15")
def test_a_pause_without_an_end_is_asked_about_and_then_the_office_is_told() -> None:
    scenario = registered(term={"starts": dt.date(2027, 6, 1), "ends": dt.date(2027, 11, 20)}).given(pause())
    scenario.given(dt.date(2027, 2, 7)).when(TODAY + 89 * DAY).then_nothing()
    scenario.when(TODAY + 90 * DAY).then(said(r.PersonAddressed, to=MENTOR, topic="pause-asked"))
    scenario.given(TODAY + 119 * DAY).when(TODAY + 120 * DAY)
    scenario.then(said(r.OfficeAttentionNeeded, what="pause-long", whom=(SUBJECT,), status="open"))
    scenario.when(resume()).then(
        r.ParticipantChanged, r.PersonAddressed, said(r.OfficeAttentionNeeded, status="settled")
    )
    assert signs(scenario) == ["settled"]


def asked_office() -> Scenario:
    return registered().given(pause(), TODAY + 90 * DAY, TODAY + 120 * DAY)


def test_pausing_again_answers_what_was_asked_and_it_is_asked_again_later() -> None:
    scenario = asked_office().when(pause())
    scenario.then_among(said(r.OfficeAttentionNeeded, status="settled"), said(r.PersonAddressed, topic="paused"))
    assert participant(scenario).due == TODAY + 210 * DAY
    named = asked_office().when(pause(TODAY + 130 * DAY))
    named.then_among(said(r.OfficeAttentionNeeded, status="settled"), said(r.PersonAddressed, topic="paused-until"))
    assert participant(named).due == TODAY + 131 * DAY


def test_leaving_settles_what_the_office_was_told_of_the_pause() -> None:
    asked_office().when(by(r.Withdraw(participant_id=MENTOR))).then_among(
        said(r.OfficeAttentionNeeded, status="settled")
    )


def test_nobody_is_asked_about_a_pause_once_the_programme_has_ended() -> None:
    end = dt.date(2027, 7, 15)
    scenario = registered().given(dt.date(2027, 2, 7), dt.date(2027, 2, 15), end - 30 * DAY, pause(), end)
    scenario.when(end + 61 * DAY).then_nothing()
    assert participant(scenario).due is None


def test_a_day_that_is_handed_out_late_ends_no_pause_that_was_moved() -> None:
    scenario = registered().given(pause(TODAY + 3 * DAY), TODAY + DAY, pause(TODAY + 9 * DAY))
    scenario.when(DueReached(subject=SUBJECT, date=TODAY + 4 * DAY)).then_nothing()
    assert participant(scenario).due == TODAY + 10 * DAY
    given(service).when(DueReached(subject=SUBJECT, date=TODAY)).then_nothing()


def test_whose_pause_was_over_yesterday_begins_a_new_one() -> None:
    """The day has started, and the row that ends the pause has not been handed out yet."""
    scenario = registered().given(pause(TODAY + DAY))
    scenario.reference.today = TODAY + 5 * DAY
    scenario.when(pause()).then(
        said(r.ParticipantChanged, paused_since=TODAY + 5 * DAY, paused_until=None, days_paused=2), r.PersonAddressed
    )


STEPS = st.lists(
    st.one_of(
        st.just("resume"), st.none(), st.integers(min_value=0, max_value=6), st.just("again"), st.just("withdraw")
    ),
    max_size=12,
)


@pytest.mark.proves("P6")
@settings(deadline=None)
@cases(STEPS)
def test_days_paused_are_the_days_on_which_somebody_paused_however_they_come(steps: list[int | str | None]) -> None:
    """A day counts if the person pauses when it is over; each day is counted once."""
    scenario, day, counted = registered(), TODAY, 0
    for step in steps:
        if step == "withdraw":
            scenario.given(by(r.Withdraw(participant_id=MENTOR)))
        elif step == "resume":
            scenario.given(resume())
        elif step == "again":
            scenario.when(pause(TODAY - DAY))
        else:
            scenario.given(pause(None if step is None else day + int(step) * DAY))
        counted += participant(scenario).pauses(day)
        day += DAY
        scenario.given(day)
    scenario.given(resume())
    assert participant(scenario).days_paused == counted
    assert participant(scenario).paused_since is None
