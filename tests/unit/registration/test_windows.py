"""The window of a registration: extended, reminded of, changed; and what stands once it is open."""

import datetime as dt
from typing import Any

import pytest

from services.registration.service import service
from services.registration.signs import Registered
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.parts import Criteria, Term
from tests.support.reference import By, given, said
from tests.unit.registration.test_registration import MENTOR, TODAY, an_open_programme, mentee, mentor, opening

DAY = dt.timedelta(days=1)
CLOSES = dt.date(2027, 2, 5)
REMINDED = CLOSES - 7 * DAY
CLOSED = CLOSES + 2 * DAY


def extend(days: int = 3, replaces: int = 1) -> r.ExtendRegistration:
    return r.ExtendRegistration(programme_id="pilot", closes=CLOSES + days * DAY, replaces=replaces)


def close() -> r.CloseRegistration:
    return r.CloseRegistration(programme_id="pilot")


def change(replaces: int = 1, **changes: Any) -> r.ChangeProgramme:
    return r.ChangeProgramme.model_validate({"programme_id": "pilot", "replaces": replaces, **changes})


def test_an_extended_registration_closes_on_its_new_day() -> None:
    scenario = an_open_programme().when(extend())
    scenario.then(said(r.ProgrammeChanged, status="open", registration_closes=CLOSES + 3 * DAY))
    scenario.given(REMINDED + 3 * DAY).when(CLOSED).then_nothing()
    scenario.when(mentor()).then_among(r.ParticipantRegistered)
    scenario.when(CLOSED + 3 * DAY).then_among(r.RegistrationClosed)


def test_registration_is_extended_also_while_what_was_sent_in_time_still_counts() -> None:
    scenario = an_open_programme().given(CLOSES + DAY).when(extend())
    scenario.then(r.ProgrammeChanged)
    scenario.when(CLOSED).then_nothing()


@pytest.mark.parametrize(("days", "code"), [(0, "not_later"), (-1, "not_later"), (10, "after_start")])
def test_registration_is_extended_to_a_later_day_before_the_term(days: int, code: str) -> None:
    an_open_programme().when(extend(days)).then_refused(code)


def test_registration_is_not_extended_on_an_old_view_nor_once_it_closes() -> None:
    an_open_programme().given(extend()).when(extend(4)).then_refused("replaced")
    an_open_programme().when(extend()).again().then_nothing()
    an_open_programme().given(close()).when(extend(replaces=3)).then_refused("already_closed")
    given(service).when(extend()).then_refused("unknown_programme")


def test_an_extension_and_a_close_at_one_moment_come_in_some_order() -> None:
    first = an_open_programme().given(close()).when(extend())
    first.then_refused("replaced")
    second = an_open_programme().given(extend()).when(close())
    second.then(said(r.ProgrammeChanged, registration_closes=CLOSES + 3 * DAY), r.RegistrationClosed)


@pytest.mark.proves("S15", "S19")
def test_the_office_is_reminded_with_figures_before_registration_closes() -> None:
    leave = By(r.Withdraw(participant_id=MENTOR), actor=MENTOR, sender="person")
    scenario = an_open_programme().given(mentor(), leave, mentor("P-3"), mentee(), mentee("P-4"))
    scenario.when(REMINDED - DAY).then_nothing()
    scenario.when(REMINDED)
    told = scenario.one(r.OfficeAttentionNeeded)
    assert (told.what, told.by, told.status) == ("registration-closes-soon", CLOSES.isoformat(), "open")
    assert "1 mentors and 2 mentees" in told.text.en
    assert told.answered_by == (r.ExtendRegistration.name, r.CloseRegistration.name)
    assert not [id for id in (MENTOR, "P-3") if id in told.model_dump_json()]
    scenario.when(REMINDED + DAY).then_nothing()


def test_the_reminder_is_settled_by_the_close_before_it_goes_to_the_deputy() -> None:
    settled = said(r.OfficeAttentionNeeded, status="settled")
    an_open_programme().given(REMINDED).when(close()).then(r.ProgrammeChanged, settled, r.RegistrationClosed)
    by_date = an_open_programme().given(REMINDED, CLOSES, CLOSES + DAY)
    by_date.when(CLOSED).then(r.ProgrammeChanged, settled, r.RegistrationClosed)
    by_date.when(CLOSED + DAY).then_nothing()


def test_an_extension_settles_the_reminder_and_the_new_day_has_one_of_its_own() -> None:
    scenario = an_open_programme().given(REMINDED).when(extend(9))
    scenario.then(r.ProgrammeChanged, said(r.OfficeAttentionNeeded, status="settled"))
    scenario.when(REMINDED + 9 * DAY).then(said(r.OfficeAttentionNeeded, status="open"))


def test_nobody_is_reminded_of_a_day_that_was_so_near_when_it_was_named() -> None:
    scenario = given(service, opening(registration_closes=TODAY + 7 * DAY), today=TODAY)
    for days in range(1, 9):
        scenario.when(TODAY + days * DAY).then_nothing()


def test_a_count_that_comes_after_the_close_or_an_extension_reminds_nobody() -> None:
    late = Registered(programme_id="pilot", closes=CLOSES, mentors=1, mentees=1)
    an_open_programme().given(close()).when(late).then_nothing()
    an_open_programme().given(extend()).when(late).then_nothing()
    an_open_programme().given(REMINDED).when(late).then_nothing()
    given(service).when(late).then_nothing()


# Changing an open programme


def test_title_office_and_places_change_as_long_as_the_term_lasts() -> None:
    title = Text(de="Neu", en="New")
    scenario = an_open_programme().when(change(title=title, places=9))
    scenario.then(said(r.ProgrammeChanged, title=title, places=9, registration_closes=CLOSES))
    scenario.given(CLOSED, dt.date(2027, 2, 15))
    scenario.when(change(5, places=10)).then(said(r.ProgrammeChanged, status="running", places=10))
    scenario.given(dt.date(2027, 7, 15)).when(change(7, places=11)).then_refused("ended")
    given(service).when(change()).then_refused("unknown_programme")
    an_open_programme().when(change(2, places=1)).then_refused("replaced")


def test_the_term_moves_until_registration_closes_and_stays_within_its_bounds() -> None:
    later = Term(starts=dt.date(2027, 3, 1), ends=dt.date(2027, 7, 31))
    an_open_programme().when(change(term=later)).then(said(r.ProgrammeChanged, term=later))
    an_open_programme().given(CLOSES + DAY).when(change(term=later)).then(r.ProgrammeChanged)
    early = Term(starts=CLOSES, ends=dt.date(2027, 7, 14))
    an_open_programme().when(change(term=early)).then_refused("after_start")
    an_open_programme().given(close()).when(change(3, term=later)).then_refused("planned_by")


@pytest.mark.proves("P14")
def test_the_sealed_criteria_and_what_people_read_stand_once_the_programme_is_open() -> None:
    an_open_programme().when(change(criteria=Criteria())).then_refused("sealed")
    fixed = change(privacy_notice="2", registration_closes=CLOSES + DAY, opens=TODAY + DAY)
    an_open_programme().when(fixed).then_refused("opened_already", "opened_already", "by_extension")
