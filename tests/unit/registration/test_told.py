"""Everybody who takes part is told what becomes of their programme."""

import datetime as dt

import pytest

from services.registration.told import Tell
from shared.contracts import registration as r
from tests.support.reference import said
from tests.unit.registration.test_profiles import CLOSING, LEAVING
from tests.unit.registration.test_registration import MENTOR, OTHER, an_open_programme, mentee, mentor


@pytest.mark.proves("S15")
def test_who_takes_part_is_told_that_registration_has_closed_and_what_comes_next() -> None:
    scenario = an_open_programme().given(mentor(), mentee()).when(CLOSING)
    told = [message for message in scenario.told if isinstance(message, r.PersonAddressed)]
    assert {(message.to, message.topic) for message in told} == {
        (MENTOR, "closed-to-registration"),
        (OTHER, "closed-to-registration"),
    }
    assert "15 February 2027" in told[0].text.en


def test_who_takes_part_is_told_that_the_programme_has_ended_and_who_has_left_is_not() -> None:
    scenario = an_open_programme().given(mentor(), mentee(), CLOSING, LEAVING, dt.date(2027, 2, 15))
    scenario.when(dt.date(2027, 7, 15))
    scenario.then(r.ProgrammeEnded, said(r.PersonAddressed, to=OTHER, topic="programme-over"))
    scenario.when(dt.date(2027, 7, 16)).then_nothing()


def test_who_leaves_while_all_are_told_hears_nothing_more() -> None:
    piece = Tell(participant_id=MENTOR, news="closed-to-registration")
    an_open_programme().given(mentor(), LEAVING).when(piece).then_nothing()
    an_open_programme().when(piece).then_nothing()
