"""A programme before it opens, and a new wave of an earlier one."""

import datetime as dt
from typing import Any

import pytest

from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.parts import Criteria, Criterion, Deadlines, MatchingRules, Rules, SchedulingRules, Term
from shared.runtime.criteria_seal import seal_of
from tests.support.reference import Scenario, given, said
from tests.unit.registration.test_registration import OFFICE, TODAY, mentor, opening, topic

DAY = dt.timedelta(days=1)
CLOSES = dt.date(2027, 2, 5)
OPENS = dt.date(2027, 1, 20)
REMINDED = CLOSES - 7 * DAY
QUICK = Rules(deadlines=Deadlines(answer_days=3))
STRICT = Criteria(duration=Criterion(keep_at_least=80, change_at_least=50))
SECOND: dict[str, Any] = {
    "programme_id": "second",
    "copies": "pilot",
    "term": Term(starts=dt.date(2027, 9, 1), ends=dt.date(2028, 1, 31)),
    "registration_closes": dt.date(2027, 8, 15),
}


def drafting(**changes: Any) -> r.DraftProgramme:
    fields: dict[str, Any] = {
        "programme_id": "pilot",
        "title": Text(de="Pilot", en="Pilot"),
        "places": 7,
        "term": Term(starts=dt.date(2027, 2, 15), ends=dt.date(2027, 7, 14)),
        "registration_closes": CLOSES,
        "office": OFFICE,
        "privacy_notice": "1",
    }
    return r.DraftProgramme.model_validate(fields | changes)


def wave(**changes: Any) -> r.DraftProgramme:
    return r.DraftProgramme.model_validate(SECOND | changes)


def a_draft(**changes: Any) -> Scenario:
    return given(service, topic(), drafting(**changes), today=TODAY)


def open_draft(replaces: int = 1) -> r.OpenDraft:
    return r.OpenDraft(programme_id="pilot", replaces=replaces)


def test_a_draft_takes_nobody_and_its_criteria_are_not_sealed() -> None:
    scenario = given(service, topic(), today=TODAY).when(drafting(criteria=STRICT))
    scenario.then(said(r.ProgrammeDrafted, status="draft", criteria=STRICT, opens=None))
    assert "seal" not in scenario.told[0].model_dump_json()
    scenario.when(mentor()).then_refused("not_open_yet")
    scenario.when(r.CloseRegistration(programme_id="pilot")).then_refused("not_open_yet")
    late = r.ExtendRegistration(programme_id="pilot", closes=CLOSES + DAY, replaces=1)
    scenario.when(late).then_refused("not_open_yet")


def test_a_draft_that_is_opened_seals_its_criteria_and_takes_people() -> None:
    scenario = a_draft(criteria=STRICT).when(open_draft())
    scenario.then(said(r.ProgrammeOpened, status="open", criteria_seal=seal_of(STRICT)))
    scenario.when(mentor()).then_among(r.ParticipantRegistered)
    scenario.when(open_draft(2)).then_refused("not_a_draft")
    given(service).when(open_draft()).then_refused("unknown_programme")
    a_draft().when(open_draft(5)).then_refused("replaced")


def test_a_draft_opens_by_itself_on_its_day_and_not_before() -> None:
    scenario = a_draft(opens=OPENS)
    scenario.when(OPENS - DAY).then_nothing()
    scenario.when(OPENS).then(said(r.ProgrammeOpened, status="open", criteria_seal=seal_of(Criteria())))
    scenario.when(OPENS + DAY).then_nothing()


def test_a_draft_whose_day_comes_too_late_waits_for_the_office_in_its_sight() -> None:
    scenario = a_draft(opens=OPENS)
    scenario.when(CLOSES + DAY).then(said(r.OfficeAttentionNeeded, what="draft-waits", status="open"))
    scenario.when(CLOSES + 2 * DAY).then(said(r.OfficeAttentionNeeded, status="reminded"))


def test_opening_the_programme_opens_its_draft_and_keeps_the_rules_that_were_prepared() -> None:
    scenario = a_draft(rules=QUICK, criteria=STRICT, opens=OPENS).when(opening(places=9))
    opened = scenario.one(r.ProgrammeOpened)
    assert (opened.places, opened.rules, opened.criteria_seal) == (9, QUICK, seal_of(STRICT))
    scenario.when(OPENS).then_nothing()
    written_out = r.OpenProgramme.model_validate(opening().model_dump())
    assert a_draft(rules=QUICK).when(written_out).one(r.ProgrammeOpened).rules == QUICK
    slow = Rules(deadlines=Deadlines(answer_days=14))
    assert a_draft(rules=QUICK).when(opening(rules=slow)).one(r.ProgrammeOpened).rules == slow


def test_a_draft_without_a_day_is_pointed_out_before_its_registration_should_close() -> None:
    scenario = a_draft()
    scenario.when(REMINDED - DAY).then_nothing()
    scenario.when(REMINDED).then(said(r.OfficeAttentionNeeded, what="draft-waits", by=CLOSES.isoformat()))
    scenario.when(REMINDED + DAY).then_nothing()
    scenario.when(open_draft()).then(r.ProgrammeOpened, said(r.OfficeAttentionNeeded, status="settled"))


def test_a_draft_that_is_discarded_is_gone_and_its_id_free() -> None:
    scenario = a_draft(opens=OPENS).given(REMINDED - 10 * DAY)
    discard = r.DiscardDraft(programme_id="pilot", replaces=1)
    scenario.when(discard).then(said(r.ProgrammeDiscarded, status="discarded"))
    scenario.when(discard).then_refused("unknown_programme")
    scenario.when(OPENS).then_nothing()
    scenario.when(mentor()).then_refused("unknown_programme")
    scenario.when(wave()).then_refused("unknown_programme")
    scenario.when(drafting()).then(r.ProgrammeDrafted)
    scenario.when(open_draft(3)).then(r.ProgrammeOpened)
    scenario.when(r.DiscardDraft(programme_id="pilot", replaces=4)).then_refused("not_a_draft")
    at_once = a_draft().given(discard).when(opening())
    at_once.then(said(r.ProgrammeOpened, status="open", rules=Rules()))


def test_everything_of_a_draft_can_be_changed_by_who_saw_it() -> None:
    change = r.ChangeProgramme(
        programme_id="pilot",
        replaces=1,
        title=Text(de="Neu", en="New"),
        term=Term(starts=dt.date(2027, 3, 1), ends=dt.date(2027, 7, 31)),
        registration_closes=dt.date(2027, 2, 20),
        opens=OPENS,
        criteria=STRICT,
        privacy_notice="2",
    )
    scenario = a_draft().when(change)
    drafted = scenario.one(r.ProgrammeDrafted)
    assert (drafted.title.en, drafted.criteria, drafted.opens, drafted.places) == ("New", STRICT, OPENS, 7)
    scenario.when(change).then_refused("replaced")
    by_hand = r.ChangeProgramme(programme_id="pilot", replaces=2, by_hand=True)
    scenario.when(by_hand).then(said(r.ProgrammeDrafted, opens=None))
    scenario.when(OPENS).then_nothing()
    scenario.when(r.ChangeRules(programme_id="pilot", rules=QUICK, replaces=3)).then(
        said(r.ProgrammeDrafted, rules=QUICK, rules_version=1, coming=None)
    )
    scenario.when(r.ChangePlaces(programme_id="pilot", places=3, replaces=4)).then(said(r.ProgrammeDrafted, places=3))


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"opens": TODAY}, ["past"]),
        ({"opens": CLOSES + DAY}, ["after_close"]),
        ({"registration_closes": dt.date(2027, 2, 15)}, ["after_start"]),
        ({"title": None}, ["missing"]),
        ({"office": None, "places": None, "privacy_notice": None}, ["missing"] * 3),
        ({"copies": "never"}, ["unknown_programme"]),
        ({"rules": Rules(matching=MatchingRules(weight_mentee=0, weight_mentor=0, weight_site=0))}, ["no_weight"]),
    ],
)
def test_a_faulty_draft_is_refused_with_its_reasons(changes: dict[str, Any], codes: list[str]) -> None:
    given(service, today=TODAY).when(drafting(**changes)).then_refused(*codes)


def test_a_draft_is_not_made_of_what_there_is_already() -> None:
    a_draft().when(drafting()).then_refused("taken")
    given(service, opening(), today=TODAY).when(drafting()).then_refused("taken")
    given(service, today=TODAY).when(drafting()).again().then_nothing()


@pytest.mark.proves("S14")
def test_a_new_wave_copies_what_it_does_not_name() -> None:
    pilot = given(service, opening(rules=QUICK, criteria=STRICT, places=9), today=TODAY)
    drafted = pilot.when(wave()).one(r.ProgrammeDrafted)
    assert (drafted.rules, drafted.criteria, drafted.places, drafted.office) == (QUICK, STRICT, 9, OFFICE)
    assert (drafted.privacy_notice, drafted.rules_version) == ("1", 1)
    named = given(service, opening(rules=QUICK), today=TODAY).when(wave(rules=Rules(), places=100))
    assert (named.one(r.ProgrammeDrafted).rules, named.one(r.ProgrammeDrafted).places) == (Rules(), 100)


def test_a_new_wave_copies_the_newest_rules_also_before_they_hold() -> None:
    rules = Rules(scheduling=SchedulingRules(meetings_per_month=2))
    pilot = given(service, opening(), r.ChangeRules(programme_id="pilot", rules=rules, replaces=1), today=TODAY)
    assert pilot.when(wave()).one(r.ProgrammeDrafted).rules == rules
