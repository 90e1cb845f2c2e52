"""The rules document: what contradicts itself is refused, and a change holds from the next day on."""

import datetime as dt
from typing import Any

import holidays
import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st

from services.registration.checks import STATES, rules_reasons
from services.registration.model import Programme
from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.parts import ComingRules, Criteria, Deadlines, RegistrationRules, Rules, Term
from tests.support.reference import By, Scenario, given, said
from tests.unit.registration.test_registration import MENTOR, OFFICE, TODAY, an_open_programme, mentee, mentor, opening

DAY = dt.timedelta(days=1)
QUICK = Rules(deadlines=Deadlines(answer_days=3))
SLOW = Rules(deadlines=Deadlines(answer_days=14))


def change(rules: Rules, replaces: int = 1) -> r.ChangeRules:
    return r.ChangeRules(programme_id="pilot", rules=rules, replaces=replaces)


def kept(scenario: Scenario) -> Programme:
    found = scenario.reference.state["programme/pilot"]
    assert isinstance(found, Programme)
    return found


def test_changed_rules_are_published_at_once_and_hold_from_the_next_day_on() -> None:
    scenario = an_open_programme().when(change(QUICK))
    coming = ComingRules(rules=QUICK, version=2, holds_from=TODAY + DAY)
    scenario.then(said(r.ProgrammeChanged, rules=Rules(), rules_version=1, coming=coming))
    assert kept(scenario).on(TODAY).rules == Rules()
    assert (kept(scenario).on(TODAY + DAY).rules, kept(scenario).on(TODAY + DAY).rules_version) == (QUICK, 2)
    scenario.when(TODAY + DAY).then(said(r.ProgrammeChanged, rules=QUICK, rules_version=2, coming=None))
    scenario.when(TODAY + 2 * DAY).then_nothing()


def test_a_change_while_one_is_coming_replaces_it_under_a_version_of_its_own() -> None:
    scenario = an_open_programme().given(change(QUICK)).when(change(SLOW, 2))
    assert scenario.one(r.ProgrammeChanged).coming == ComingRules(rules=SLOW, version=3, holds_from=TODAY + DAY)
    scenario.when(TODAY + DAY).then(said(r.ProgrammeChanged, rules=SLOW, rules_version=3))


def test_a_change_that_comes_before_the_day_reached_the_programme_finds_the_rules_of_that_day() -> None:
    scenario = an_open_programme().given(change(QUICK))
    scenario.reference.today = TODAY + DAY
    scenario.when(change(SLOW, 2)).then(said(r.ProgrammeChanged, rules=QUICK, rules_version=2))
    assert kept(scenario).coming == ComingRules(rules=SLOW, version=3, holds_from=TODAY + 2 * DAY)


def test_rules_that_come_to_hold_on_the_day_of_the_close_are_in_its_event() -> None:
    scenario = an_open_programme().given(dt.date(2027, 2, 6), change(QUICK))
    scenario.when(dt.date(2027, 2, 7)).then(
        said(r.ProgrammeChanged, status="closing", rules=QUICK, rules_version=2),
        said(r.RegistrationClosed, rules_version=2, coming=None),
    )


def test_registration_s_own_deadlines_are_those_of_the_day_also_before_the_day_reached_the_programme() -> None:
    quick = Rules(deadlines=Deadlines(office_days=2, pause_reminder_days=10, pause_answer_days=7))
    scenario = an_open_programme().given(mentor(), change(quick))
    scenario.reference.today = TODAY + DAY
    pause = r.PauseParticipation(participant_id=MENTOR, until=None)
    scenario.when(By(pause, actor=MENTOR, sender="person")).then_among(r.ParticipantChanged)
    label = r.ProposedLabel(de="Tabellen", en="Sheets")
    proposes = r.ProposeTopic(programme_id="pilot", participant_id=None, area="software", label=label)
    scenario.when(By(proposes, sender="office")).then_among(r.OfficeAttentionNeeded)
    assert scenario.one(r.OfficeAttentionNeeded).by == (TODAY + 3 * DAY).isoformat()
    scenario.given(TODAY + 10 * DAY).when(TODAY + 11 * DAY).then_among(said(r.PersonAddressed, topic="pause-asked"))
    scenario.when(TODAY + 18 * DAY).then_among(said(r.OfficeAttentionNeeded, what="pause-long", rules_version=2))


def test_whatever_waits_names_the_version_that_set_its_day() -> None:
    quick = Rules(registration=RegistrationRules(release_by_manager=True), deadlines=Deadlines(office_days=2))
    scenario = an_open_programme().given(mentor(), change(quick))
    scenario.reference.today = TODAY + DAY
    asks = r.AskOffice(programme_id="pilot", participant_id=MENTOR, question="May I come later?")
    scenario.when(By(asks, actor=MENTOR, sender="person")).then_among(
        said(r.QuestionAsked, rules_version=2), said(r.OfficeAttentionNeeded, what="question-open", rules_version=2)
    )
    label = r.ProposedLabel(de="Tabellen", en="Sheets")
    proposes = r.ProposeTopic(programme_id="pilot", participant_id=None, area="software", label=label)
    scenario.when(By(proposes, sender="office")).then_among(
        said(r.TopicProposed, rules_version=2), said(r.OfficeAttentionNeeded, what="topic-proposed", rules_version=2)
    )
    scenario.when(mentee(releaser_mail="manager@example.org")).then_among(said(r.ReleaseAsked, rules_version=2))


def test_somebody_s_place_names_the_version_that_gave_it() -> None:
    one_each = Rules(registration=RegistrationRules(mentors_at_most=1))
    scenario = an_open_programme().given(mentor(), change(one_each))
    scenario.when(mentor("P-2")).then_among(said(r.ParticipantRegistered, rules_version=1))
    scenario.reference.today = TODAY + DAY
    scenario.when(mentee("P-3")).then_among(said(r.ParticipantRegistered, rules_version=2))
    pause = By(r.PauseParticipation(participant_id=MENTOR, until=None), actor=MENTOR, sender="person")
    scenario.when(pause).then_among(said(r.ParticipantChanged, rules_version=2))
    scenario.given(By(r.ResumeParticipation(participant_id=MENTOR), actor=MENTOR, sender="person"))
    scenario.when(By(r.CloseRegistration(programme_id="pilot"), sender="office"))
    scenario.then_among(said(r.ParticipantChanged, admitted=False, line=1, rules_version=2))


def test_rules_are_not_changed_on_an_old_view_nor_after_the_end() -> None:
    an_open_programme().given(change(QUICK)).when(change(SLOW)).then_refused("replaced")
    given(service).when(change(QUICK)).then_refused("unknown_programme")
    an_open_programme().when(change(QUICK)).again().then_nothing()
    ended = an_open_programme().given(dt.date(2027, 2, 7), dt.date(2027, 2, 15), dt.date(2027, 7, 15))
    ended.when(change(QUICK, 5)).then_refused("ended")


def test_every_state_whose_holidays_scheduling_knows_may_be_named() -> None:
    municipal = {"Augsburg"}
    assert set(STATES) == set(holidays.country_holidays("DE").subdivisions) - municipal


def rules(**parts: Any) -> Rules:
    return Rules.model_validate(parts)


@pytest.mark.parametrize(
    ("document", "field", "code"),
    [
        (rules(matching={"weight_mentee": 0, "weight_mentor": 0, "weight_site": 0}), "rules.matching", "no_weight"),
        (rules(scheduling={"minutes": 120}), "rules.matching.common_minutes", "no_common_time"),
        (rules(scheduling={"state": "XX"}), "rules.scheduling.state", "unknown_state"),
        (rules(scheduling={"min_gap_days": 11}), "rules.scheduling.min_gap_days", "gap_too_long"),
        (
            rules(scheduling={"meetings_per_month": 1, "silent_after_days": 20}),
            "rules.scheduling.silent_after_days",
            "silent_too_soon",
        ),
        (rules(retention={"people_days": 20}), "rules.retention.people_days", "gone_before_report"),
        (
            rules(evaluation={"window_days": 60}, retention={"answers_days": 66}),
            "rules.retention.answers_days",
            "gone_before_report",
        ),
        (
            rules(retention={"archive_offer": True, "offer_days": 88}),
            "rules.retention.offer_days",
            "offer_too_long",
        ),
    ],
)
def test_rules_that_contradict_each_other_are_refused_by_field(document: Rules, field: str, code: str) -> None:
    [found] = rules_reasons(document)
    assert (found.field, found.code) == (field, code)
    an_open_programme().when(change(document)).then_refused(code)
    given(service, today=TODAY).when(opening(rules=document)).then_refused(code)


@pytest.mark.parametrize(
    "document",
    [
        Rules(),
        rules(matching={"common_minutes": 0}, scheduling={"minutes": 240}),
        rules(scheduling={"min_gap_days": 10}),
        rules(scheduling={"meetings_per_month": 1}),
        rules(evaluation={"window_days": 60}, retention={"answers_days": 67}),
        rules(retention={"archive_offer": True, "offer_days": 87}),
        rules(retention={"offer_days": 365}),
    ],
)
def test_rules_that_fit_together_are_taken(document: Rules) -> None:
    assert rules_reasons(document) == []


def test_every_fault_of_the_rules_is_named() -> None:
    document = rules(scheduling={"min_gap_days": 30, "minutes": 120}, retention={"people_days": 14})
    an_open_programme().when(change(document)).then_refused("no_common_time", "gap_too_long", "gone_before_report")


@holds_for(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([QUICK, SLOW, Rules()])), max_size=8))
def test_a_version_names_one_document_for_ever_whenever_changes_come(changes: list[tuple[int, Rules]]) -> None:
    scenario, day = given(service, opening(), today=TODAY), TODAY
    named: dict[int, Rules] = {1: Rules()}
    for days, document in changes:
        for _ in range(days):
            day += DAY
            scenario.given(day)
        scenario.when(change(document, kept(scenario).said))
        event = scenario.one(r.ProgrammeChanged)
        assert event.coming is not None
        assert event.coming.holds_from == day + DAY
        assert event.coming.version not in named
        named[event.coming.version] = document
        assert named[event.rules_version] == event.rules


@holds_for(st.integers(-3, 3), st.integers(-3, 3))
def test_two_readers_agree_whether_the_change_or_the_day_reached_them_first(when: int, asked: int) -> None:
    fields = Programme(
        id="pilot",
        title={"de": "P", "en": "P"},
        places=1,
        term=Term(starts=TODAY, ends=TODAY),
        registration_closes=TODAY,
        office=OFFICE,
        rules=Rules(),
        criteria=Criteria(),
        privacy_notice="1",
        coming=ComingRules(rules=QUICK, version=2, holds_from=TODAY + when * DAY),
    )
    on = TODAY + asked * DAY
    assert fields.on(on).on(on) == fields.on(on)
    assert (fields.on(on).rules_version == 2) == (asked >= when)
