"""What counts as keep and as change is sealed before any data, and a later change is seen as one (P14)."""

import datetime as dt
from typing import Any

import pytest

from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.parts import Criteria, CriteriaVersion, Criterion
from shared.runtime.criteria_seal import seal_of
from tests.support.reference import Scenario, given, said
from tests.unit.registration.test_drafts import drafting, wave
from tests.unit.registration.test_registration import TODAY, an_open_programme, opening, topic

DAY = dt.timedelta(days=1)
USUAL = Criterion(keep_at_least=60, change_at_least=50)
PLAIN = Criteria(duration=USUAL, frequency=USUAL, rules=USUAL, rollout=USUAL)
"""As an earlier release had them by default, without reasons."""
DEFAULT = Criteria()
STRICT = Criteria(rules=Criterion(keep_at_least=80, change_at_least=50))
BOTH = Criteria(
    rules=Criterion(keep_at_least=30, change_at_least=30), rollout=Criterion(keep_at_least=50, change_at_least=49)
)
WHY = Text(de="Der Personalrat bittet darum.", en="The staff council asks for it.")
OVER = dt.date(2027, 7, 15)


def change(criteria: Criteria = STRICT, replaces: int = 1, **others: Any) -> r.ChangeCriteria:
    fields: dict[str, Any] = {"programme_id": "pilot", "criteria": criteria, "reason": WHY, "replaces": replaces}
    return r.ChangeCriteria(**fields | others)


def first(criteria: Criteria = DEFAULT) -> CriteriaVersion:
    return CriteriaVersion(holds_from=TODAY, criteria=criteria, seal=seal_of(criteria))


def changed(criteria: Criteria, since: dt.date = TODAY + DAY) -> CriteriaVersion:
    return CriteriaVersion(holds_from=since, criteria=criteria, seal=seal_of(criteria), reason=WHY)


def opened(criteria: Criteria) -> Scenario:
    return given(service, topic(), opening(criteria=criteria), today=TODAY)


@pytest.mark.proves("P14")
def test_a_programme_opens_with_one_threshold_a_question_and_says_why_by_the_same_number() -> None:
    event = given(service, today=TODAY).when(opening()).one(r.ProgrammeOpened)
    for _, criterion in event.criteria:
        assert (criterion.keep_at_least, criterion.change_at_least) == (67, 33)
        assert criterion.reason is not None
        assert "mehr als 33 %" in criterion.reason.de
        assert "ore than 33 %" in criterion.reason.en
    assert len({criterion.reason for _, criterion in event.criteria}) == 4, "each question has a reason of its own"
    assert event.criteria_history == (first(),)


def test_criteria_without_reasons_have_the_seal_that_an_earlier_release_gave_them() -> None:
    """SHA-256 as release 1 made it of 60 and 50 for all four."""
    assert seal_of(PLAIN) == "21dcc9af924f19c0bbc70df32cbf43668078374c7430879930683a741598f813"
    with_reason = PLAIN.model_copy(update={"rules": USUAL.model_copy(update={"reason": WHY})})
    assert seal_of(with_reason) != seal_of(PLAIN)


@pytest.mark.proves("P14")
def test_criteria_by_which_the_same_answers_mean_both_are_refused_wherever_they_are_named() -> None:
    wrong = ("criteria_overlap", "criteria_overlap")
    refused = given(service, today=TODAY).when(opening(criteria=BOTH)).then_refused(*wrong).one(r.CommandRejected)
    assert [reason.field for reason in refused.reasons] == [
        "criteria.rules.change_at_least",
        "criteria.rollout.change_at_least",
    ]
    given(service, today=TODAY).when(drafting(criteria=BOTH)).then_refused(*wrong)
    an_open_programme().when(change(BOTH)).then_refused(*wrong)
    given(service, drafting(), today=TODAY).when(
        r.ChangeProgramme(programme_id="pilot", criteria=BOTH, replaces=1)
    ).then_refused(*wrong)


@pytest.mark.proves("P14")
@pytest.mark.parametrize(("keep", "change_at"), [(100, 40), (60, 100)])
def test_a_share_that_is_never_surely_reached_is_refused_wherever_it_is_named(keep: int, change_at: int) -> None:
    never = Criteria(rules=Criterion(keep_at_least=keep, change_at_least=change_at))
    refused = given(service, today=TODAY).when(opening(criteria=never)).then_refused("criteria_never")
    [reason] = refused.one(r.CommandRejected).reasons
    assert reason.field == f"criteria.rules.{'keep' if keep == 100 else 'change'}_at_least"
    assert reason.message.en.endswith("Name 99 % at most.")
    given(service, today=TODAY).when(drafting(criteria=never)).then_refused("criteria_never")
    an_open_programme().when(change(never)).then_refused("criteria_never")
    most = Criteria(rules=Criterion(keep_at_least=99, change_at_least=99))
    given(service, today=TODAY).when(opening(criteria=most)).then_among(said(r.ProgrammeOpened, criteria=most))


def test_criteria_that_an_earlier_release_sealed_stand_in_the_way_of_nothing() -> None:
    scenario = an_open_programme()
    programme = scenario.reference.state["programme/pilot"]
    scenario.reference.state[programme.subject] = programme.but(criteria=BOTH, criteria_history=())
    scenario.when(r.ChangeProgramme(programme_id="pilot", places=9, replaces=1)).then(r.ProgrammeChanged)


@pytest.mark.proves("P14")
def test_a_change_holds_from_the_next_day_and_what_was_sealed_stays_beside_it() -> None:
    scenario = an_open_programme().when(change())
    scenario.then(
        said(
            r.ProgrammeChanged,
            criteria=Criteria(),
            criteria_seal=seal_of(Criteria()),
            criteria_history=(first(), changed(STRICT)),
        )
    )
    scenario.again().then_nothing()
    scenario.when(change()).then_refused("replaced")
    later = scenario.given(TODAY + DAY).when(change(PLAIN, replaces=2)).one(r.ProgrammeChanged)
    assert later.criteria_history == (first(), changed(STRICT), changed(PLAIN, TODAY + 2 * DAY))
    closed = scenario.when(r.CloseRegistration(programme_id="pilot")).one(r.RegistrationClosed)
    assert closed.criteria_history == later.criteria_history


def test_a_change_needs_a_programme_that_is_open_and_is_one() -> None:
    given(service, today=TODAY).when(change()).then_refused("unknown_programme")
    given(service, drafting(), today=TODAY).when(change()).then_refused("not_open_yet")
    an_open_programme().when(change(Criteria())).then_refused("same_criteria")
    an_open_programme().when(change(replaces=7)).then_refused("replaced")
    scenario = an_open_programme().given(dt.date(2027, 2, 7), dt.date(2027, 2, 15))
    scenario.when(change(replaces=4)).then(said(r.ProgrammeChanged, status="running"))
    scenario.given(OVER).when(change(PLAIN, replaces=6)).then_refused("ended")


def test_criteria_change_nine_times_at_most() -> None:
    scenario = an_open_programme()
    for number in range(1, 10):
        scenario.when(change(STRICT if number % 2 else PLAIN, number)).then(r.ProgrammeChanged)
    scenario.when(change(PLAIN, 10)).then_refused("too_many_changes")


def test_of_a_programme_that_an_earlier_release_opened_the_sealed_criteria_are_the_first() -> None:
    scenario = opened(PLAIN)
    programme = scenario.reference.state["programme/pilot"]
    scenario.reference.state[programme.subject] = programme.but(criteria_history=())
    scenario.when(change()).then(said(r.ProgrammeChanged, criteria_history=(first(PLAIN), changed(STRICT))))


def test_a_new_wave_copies_the_criteria_as_they_were_changed_last() -> None:
    scenario = an_open_programme().given(change())
    scenario.when(wave()).then(said(r.ProgrammeDrafted, criteria=STRICT, criteria_history=()))
    scenario.when(r.OpenDraft(programme_id=wave().programme_id, replaces=1))
    scenario.then(said(r.ProgrammeOpened, criteria_seal=seal_of(STRICT), criteria_history=(first(STRICT),)))
