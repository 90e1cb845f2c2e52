"""Who found no partner waits for the next programme, with their consent and for 24 months at most (P5)."""

import datetime as dt
import itertools
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.registration.model import Waiting, last_day
from services.registration.service import service
from services.registration.waiting_jobs import AskAgain
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.parts import Consents, Reasoned, Side, Term
from shared.runtime.ids import keyed_id
from tests.support.reference import KEY, By, Scenario, given, said
from tests.unit.registration.test_joining import BOTH, SECOND
from tests.unit.registration.test_profiles import LEAVING, allowing, by
from tests.unit.registration.test_registration import (
    MENTOR,
    TODAY,
    an_open_programme,
    mentee,
    mentor,
    opening,
    profile,
    topic,
)

SINCE = dt.date(2027, 2, 8)
CLOSED, STARTS, OVER = dt.date(2027, 2, 7), dt.date(2027, 2, 15), dt.date(2027, 7, 15)
UNTIL = dt.date(2029, 7, 14)
DAY = dt.timedelta(days=1)
POSITION = keyed_id(KEY, "position", "P-1")
NEW = keyed_id(KEY, "participant", "next", POSITION, "mentor")
WILLING = By(mentor(consents=Consents(reserve=True)), sender="person")


def listed(
    kind: type[m.ReserveState] = m.ReserveListed, id: str = MENTOR, since: dt.date = SINCE, role: Side = "mentor"
) -> m.ReserveState:
    return kind(
        participant_id=id,
        programme_id="pilot",
        role=role,
        status="waiting" if kind is m.ReserveListed else "left",
        since=since,
        reason=Reasoned(code="no_place", text=Text(de="voll", en="full")),
    )


LEFT = listed(m.ReserveLeft)


def to_the_end(id: str = MENTOR) -> tuple[Any, ...]:
    """Somebody waits until the programme ends."""
    return CLOSED, listed(id=id), STARTS, OVER


def opening_next(**changes: Any) -> r.OpenProgramme:
    fields: dict[str, Any] = {
        "programme_id": "next",
        "title": Text(de="Welle 2", en="Wave 2"),
        "term": Term(starts=dt.date(2027, 10, 1), ends=dt.date(2028, 2, 28)),
        "registration_closes": dt.date(2027, 9, 15),
    }
    return opening(**fields | changes)


def joining(actor: str = MENTOR, **changes: Any) -> By:
    fields = {"participant_id": MENTOR, "programme_id": "next", "voluntary": True, "privacy_notice": "1"}
    return By(r.JoinAgain.model_validate(fields | changes), actor=actor, sender="person")


def waited(registration: Any = WILLING) -> Scenario:
    """Somebody waited in a programme that has ended."""
    return an_open_programme().given(registration, *to_the_end())


def kept(scenario: Scenario) -> list[Waiting]:
    return [a for a in scenario.reference.state.values() if isinstance(a, Waiting)]


@pytest.mark.proves("P5")
def test_who_waits_as_the_programme_ends_and_agreed_keeps_the_place_and_is_told_until_when() -> None:
    scenario = an_open_programme().given(WILLING, CLOSED, listed(), STARTS).when(OVER)
    scenario.then_among(said(r.PersonAddressed, to=MENTOR, topic="place-kept"))
    [waiting] = kept(scenario)
    assert (waiting.participant, waiting.person, waiting.since, waiting.until) == (MENTOR, POSITION, SINCE, UNTIL)
    texts = [told.text.en for told in scenario.told if isinstance(told, r.PersonAddressed)]
    assert [text for text in texts if "14 July 2029" in text]


@pytest.mark.parametrize(
    ("registration", "before"),
    [(mentor(), ()), (WILLING, (LEAVING,)), (WILLING, (LEFT,))],
    ids=["no consent", "left the programme", "found a partner"],
)
def test_whose_consent_or_wait_is_missing_is_not_kept(registration: Any, before: tuple[Any, ...]) -> None:
    scenario = an_open_programme().given(registration, CLOSED, listed(), *before, STARTS, OVER)
    assert kept(scenario) == []


def test_the_four_conditions_meet_in_any_order() -> None:
    ends = (CLOSED, STARTS, OVER)
    consent = by(allowing(reserve=True))
    for order in itertools.permutations(("end", "listed", "consent")):
        scenario = an_open_programme().given(mentor())
        steps: dict[str, tuple[Any, ...]] = {"end": ends, "listed": (listed(),), "consent": (consent,)}
        for name in order:
            assert kept(scenario) == []
            scenario.given(*steps[name])
        assert [w.since for w in kept(scenario)] == [SINCE], order


def test_a_consent_that_is_taken_back_a_partner_or_leaving_ends_the_wait() -> None:
    assert kept(waited().given(by(allowing()))) == []
    assert kept(waited().given(LEFT)) == []
    assert kept(waited().given(LEAVING)) == []
    assert kept(waited().given(by(allowing(reserve=True, stories=True)))) != []


def test_an_older_place_is_passed_over_and_a_place_of_nobody_keeps_nobody() -> None:
    scenario = waited().when(By(listed(m.ReserveLeft), sequence=1)).then_nothing()
    assert kept(scenario) != []
    stranger = an_open_programme().given(listed(id=keyed_id(KEY, "x")))
    stranger.given(CLOSED, STARTS, OVER)
    assert kept(stranger) == []


@pytest.mark.proves("P5")
def test_a_new_programme_asks_who_waits_and_says_by_when() -> None:
    scenario = waited().when(opening_next())
    scenario.then(r.ProgrammeOpened, said(r.PersonAddressed, to=MENTOR, programme_id="next", topic="asked-again"))
    assert "15 September 2027" in scenario.one(r.PersonAddressed).text.en
    an_open_programme().given(mentor(), *to_the_end()).when(opening_next()).then(r.ProgrammeOpened)


def test_who_is_in_the_new_programme_already_is_not_asked() -> None:
    scenario = an_open_programme().given(WILLING, CLOSED, listed(), STARTS, opening_next())
    scenario.given(mentor(programme_id="next"), OVER)
    asked = [w.id for w in kept(scenario)]
    scenario.when(*(AskAgain(waiting_id=id, programme_id="next") for id in asked)).then_nothing()
    scenario.when(AskAgain(waiting_id="nobody", programme_id="next")).then_nothing()


@pytest.mark.proves("P5")
def test_who_says_yes_is_registered_with_their_last_profile_and_keeps_their_place_in_line() -> None:
    scenario = waited().given(opening_next()).when(joining())
    scenario.then(
        said(
            r.ParticipantRegistered,
            participant_id=NEW,
            programme_id="next",
            waiting_since=SINCE,
            profile=profile(),
            position=POSITION,
            registered_on=OVER,
            consents=Consents(),
        ),
        said(r.ContactRecorded, participant_id=NEW, mail="mentor-1@example.org"),
        said(r.PersonAddressed, to=NEW, topic="joined-again"),
    )
    assert kept(scenario) == []
    scenario.again().then_nothing()
    scenario.when(joining()).then_refused("not_waiting")
    scenario.when(mentor(programme_id="next")).then_refused("already_registered")


BY_FORM = keyed_id(KEY, "participant", "next", "P-1")


@pytest.mark.proves("P5")
@pytest.mark.parametrize(
    "registration",
    [By(mentor(programme_id="next"), sender="person"), By(mentor(programme_id="next"), sender="office")],
    ids=["by form", "from a spreadsheet"],
)
def test_who_waits_and_registers_otherwise_keeps_their_place_in_line_as_well(registration: By) -> None:
    scenario = waited().given(opening_next()).when(registration)
    scenario.then_among(said(r.ParticipantRegistered, participant_id=BY_FORM, waiting_since=SINCE))
    assert kept(scenario) == []
    scenario.again().then_nothing()
    leaving = By(r.Withdraw(participant_id=BY_FORM), actor=BY_FORM, sender="person")
    scenario.given(leaving).when(mentor(programme_id="next"))
    scenario.then_among(said(r.ParticipantRegistered, participant_id=BY_FORM, waiting_since=None))


@pytest.mark.proves("P5")
def test_who_waits_and_is_admitted_late_keeps_their_place_in_line_as_well() -> None:
    late = r.AdmitLate.model_validate(mentor(programme_id="next").model_dump() | {"role": "mentor"})
    scenario = waited().given(opening_next(), r.CloseRegistration(programme_id="next")).when(late)
    scenario.then_among(said(r.ParticipantRegistered, participant_id=BY_FORM, late=True, waiting_since=SINCE))
    assert kept(scenario) == []


def test_who_comes_in_the_other_role_waits_on_in_theirs() -> None:
    scenario = waited().given(opening_next()).when(mentee("P-1", programme_id="next"))
    scenario.then_among(said(r.ParticipantRegistered, participant_id=BY_FORM, waiting_since=None))
    assert [waiting.role for waiting in kept(scenario)] == ["mentor"]


def test_a_registration_that_is_refused_leaves_the_place() -> None:
    scenario = waited().given(opening_next()).when(mentor(programme_id="next", privacy_notice="0"))
    scenario.then_refused("other_privacy_notice")
    assert kept(scenario) != []


def test_who_stands_on_the_reserve_list_no_more_hears_once_that_they_are_not_asked_again() -> None:
    scenario = waited().when(LEFT).then(said(r.PersonAddressed, to=MENTOR, topic="place-over"))
    told = scenario.one(r.PersonAddressed).text
    assert "no longer on the reserve list" in told.en
    assert "24" not in told.en
    scenario.when(LEFT).then_nothing()
    an_open_programme().given(WILLING, CLOSED, listed()).when(LEFT).then_nothing()


def test_who_still_waits_after_the_second_programme_keeps_the_day_of_the_first() -> None:
    again = joining(consents=Consents(reserve=True))
    scenario = waited().given(opening_next(), again)
    later = listed(id=NEW, since=dt.date(2027, 9, 20)).model_copy(update={"programme_id": "next"})
    scenario.given(dt.date(2027, 9, 17), later, dt.date(2027, 10, 1), dt.date(2028, 2, 29))
    assert [(w.participant, w.since, w.until) for w in kept(scenario)] == [(NEW, SINCE, dt.date(2030, 2, 28))]


@pytest.mark.parametrize(
    ("steps", "command", "code"),
    [
        ((), joining(actor=NEW), "not_yours"),
        ((), joining(programme_id="other"), "unknown_programme"),
        ((), joining(privacy_notice="0"), "other_privacy_notice"),
        ((by(allowing()),), joining(), "not_waiting"),
        ((mentee("P-1", programme_id="next"),), joining(), "already_registered"),
        ((mentor(programme_id="next"),), joining(), "not_waiting"),
        ((r.CloseRegistration(programme_id="next"),), joining(), "registration_closed"),
    ],
)
def test_a_yes_that_cannot_be_is_refused_with_its_reason(steps: tuple[Any, ...], command: By, code: str) -> None:
    waited().given(opening_next(), *steps).when(command).then_refused(code)


def test_a_last_profile_that_no_longer_fits_is_refused_and_the_place_is_kept() -> None:
    scenario = waited().given(opening_next())
    del scenario.reference.state["topic/apps"]
    scenario.when(joining()).then_refused("unknown_topic")
    assert kept(scenario) != []


def test_after_24_months_the_place_goes_on_its_day_and_the_person_is_told() -> None:
    scenario = waited().when(UNTIL)
    assert kept(scenario) != []
    scenario.when(UNTIL + DAY).then_among(said(r.PersonAddressed, to=MENTOR, topic="place-over"))
    assert kept(scenario) == []
    assert scenario.reference.retained == ["pilot|people"], "what was kept for the place alone goes with it"
    scenario.when(UNTIL + 2 * DAY)
    assert [told for told in scenario.told if isinstance(told, r.PersonAddressed)] == []


@for_all(st.dates(dt.date(2020, 1, 1), dt.date(2060, 1, 1)))
def test_nobody_is_asked_later_than_24_months_after_the_end(ends: dt.date) -> None:
    last = last_day(ends)
    assert (last.year, last.month) == (ends.year + 2, ends.month)
    assert last.day in (ends.day, 28)


def test_where_both_roles_wait_each_is_kept() -> None:
    scenario = given(service, topic(), opening(rules=BOTH), today=TODAY)
    scenario.given(WILLING, By(mentee("P-1", consents=Consents(reserve=True)), sender="person"), CLOSED, listed())
    scenario.given(listed(id=SECOND, role="mentee"), STARTS, OVER)
    assert {(w.role, w.participant) for w in kept(scenario)} == {("mentor", MENTOR), ("mentee", SECOND)}


def test_what_is_kept_holds_no_name_no_address_and_no_profile() -> None:
    [waiting] = kept(waited())
    text = waiting.model_dump_json()
    assert not [word for word in ("Mentor 1", "@", "apps", "Mitte") if word in text]
