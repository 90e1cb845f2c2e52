"""What the office was told of somebody: they are shown it, whether it is settled or not, and it is erased with them."""

import datetime as dt
from collections.abc import Callable

import pytest

from services.registration.my_data_page import words
from services.registration.service import service
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.erasing import concerns_of
from tests.support.erased import erase, left_in
from tests.support.reference import Scenario
from tests.unit.registration.test_asking import answering
from tests.unit.registration.test_asking import asking as question
from tests.unit.registration.test_asking import registered as two_people
from tests.unit.registration.test_pausing import pause, registered
from tests.unit.registration.test_registration import MENTOR, OTHER, TODAY, mentor
from tests.unit.registration.test_release import SILENT, asked, asking

DAY = dt.timedelta(days=1)
LONG = {"starts": dt.date(2027, 6, 1), "ends": dt.date(2027, 11, 20)}


def unasked() -> Scenario:
    return asking().given(mentor())


def silent() -> Scenario:
    return asked().given(SILENT)


def paused() -> Scenario:
    days = (TODAY + number * DAY for number in (27, 90, 119, 120))
    return registered(term=LONG).given(pause(), *days)


def asks() -> Scenario:
    return two_people().given(question())


def answered() -> Scenario:
    return asks().given(answering())


TOLD = [
    (unasked, "release-unasked", "open"),
    (silent, "release-silent", "open"),
    (paused, "pause-long", "open"),
    (asks, "question-open", "open"),
    (answered, "question-open", "settled"),
]


def told(scenario: Scenario) -> Attention:
    [found] = [each for each in scenario.reference.state.values() if isinstance(each, Attention)]
    return found


@pytest.mark.parametrize(("begin", "what", "status"), TOLD)
def test_they_are_shown_what_the_office_was_told_in_which_words_and_by_when(
    begin: Callable[[], Scenario], what: str, status: str
) -> None:
    attention = told(begin())
    [concerns] = [each for each in concerns_of(service) if each.aggregate is Attention]
    assert concerns.shows(attention, frozenset([MENTOR])) == {
        "what": what,
        "text": attention.text.model_dump(),
        "by": attention.by.isoformat(),
        "status": status,
    }
    assert f"value.what.{what}" in words
    assert concerns.shows(attention, frozenset([OTHER])) is None


@pytest.mark.parametrize(("begin", "what", "status"), TOLD)
def test_it_is_settled_and_names_nobody_when_they_are_erased(
    begin: Callable[[], Scenario], what: str, status: str
) -> None:
    scenario = begin()
    said = [message for message in erase(scenario, MENTOR) if isinstance(message, r.OfficeAttentionNeeded)]
    assert (told(scenario).what, told(scenario).status) == (what, "settled")
    assert left_in(scenario, MENTOR) == []
    assert said[-1].status == "settled"
    assert not [message for message in said if MENTOR in message.model_dump_json()]
