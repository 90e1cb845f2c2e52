"""After the end: the archive's offer, the day of each purpose, the archived programme."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st

from services.registration.checks import rules_reasons
from services.registration.retention import CountedRecords
from services.registration.service import service
from shared.contracts import evaluation, matching, scheduling
from shared.contracts import registration as r
from shared.contracts.base import Contract, RetentionCarriedOut
from shared.contracts.parts import Purpose, Rules
from shared.contracts.registration import RETAINING
from shared.contracts.scheduling import DayStarted
from shared.runtime import discovery
from shared.runtime.decision import DueReached
from shared.runtime.retention import PURPOSES
from tests.support.reference import Scenario, given, said
from tests.unit.registration.test_drafts import wave
from tests.unit.registration.test_registration import TODAY, mentee, mentor, opening, topic

DAY = dt.timedelta(days=1)
LAST = dt.date(2027, 7, 14)
PEOPLE, TANDEMS, ANSWERS = (LAST + days * DAY for days in (90, 180, 120))
UNTIL = PEOPLE - 2 * DAY
OFFERED = UNTIL - 30 * DAY


def retention(**changes: Any) -> Rules:
    return Rules.model_validate({"retention": {"people_days": 90, "tandems_days": 180, "answers_days": 120, **changes}})


def an_ended_programme(**changes: Any) -> Scenario:
    people = [topic(), opening(rules=retention(**changes)), mentor(), mentee()]
    return given(service, *people, dt.date(2027, 2, 7), dt.date(2027, 2, 15), LAST + DAY, today=TODAY)


CARRIED_OUT: tuple[type[RetentionCarriedOut], ...] = (
    evaluation.RetentionCarriedOut,
    matching.RetentionCarriedOut,
    r.RetentionCarriedOut,
    scheduling.RetentionCarriedOut,
)


def carried_out(*purposes: Purpose, by: Sequence[type[RetentionCarriedOut]] = CARRIED_OUT) -> list[Contract]:
    return [kind(programme_id="pilot", purposes=purposes, service=kind.owner) for kind in by]


def answer(*, taken: bool = True) -> r.RecordArchiveDecision:
    return r.RecordArchiveDecision(programme_id="pilot", taken=taken)


def test_the_data_of_each_purpose_is_due_on_its_day_and_then_the_programme_is_archived() -> None:
    scenario = an_ended_programme()
    scenario.when(PEOPLE - DAY).then_nothing()
    scenario.when(PEOPLE).then(said(r.RetentionDue, gone=("people",), status="ended"))
    scenario.when(*carried_out("people")).then_nothing()
    scenario.when(PEOPLE + DAY).then_nothing()
    scenario.when(ANSWERS).then(said(r.RetentionDue, gone=("people", "answers")))
    scenario.when(*carried_out("people", "answers")).then_nothing()
    scenario.when(TANDEMS).then(said(r.RetentionDue, gone=PURPOSES))
    scenario.when(*carried_out(*PURPOSES)).then_nothing()
    scenario.when(TANDEMS + DAY).then(said(r.ProgrammeArchived, status="archived"))
    scenario.when(TANDEMS + 2 * DAY).then_nothing()


def test_purposes_of_one_day_are_due_together() -> None:
    scenario = an_ended_programme(tandems_days=90, answers_days=90)
    scenario.when(PEOPLE).then(said(r.RetentionDue, gone=PURPOSES)).given(*carried_out(*PURPOSES))
    scenario.when(PEOPLE + DAY).then(r.ProgrammeArchived)


def test_days_that_were_not_handed_out_are_made_up_for() -> None:
    scenario = an_ended_programme()
    scenario.when(TANDEMS + 5 * DAY).then(said(r.RetentionDue, gone=("people", "tandems", "answers")))
    scenario.when(DueReached(subject="programme/pilot", date=TANDEMS)).then_nothing()
    scenario.given(*carried_out(*PURPOSES))
    scenario.when(TANDEMS + 6 * DAY).then(r.ProgrammeArchived)


def test_the_archive_is_offered_kinds_and_counts_before_anything_goes() -> None:
    scenario = an_ended_programme(archive_offer=True)
    scenario.when(OFFERED - DAY).then_nothing()
    scenario.when(OFFERED).then(
        said(r.ArchiveOffered, until=UNTIL, taken=None),
        said(r.OfficeAttentionNeeded, what="archive-offer", by=UNTIL.isoformat()),
    )
    offered = scenario.one(r.ArchiveOffered)
    counts = {(each.service, each.kind): each.count for each in offered.what}
    assert counts["registration", "participants"] == counts["registration", "contacts"] == 2
    assert counts["scheduling", "meetings"] is None
    assert {each.purpose: each.goes_on for each in offered.what} == {
        "people": PEOPLE,
        "tandems": TANDEMS,
        "answers": ANSWERS,
    }
    scenario.when(OFFERED + DAY).then_nothing()


def until_archived(**changes: Any) -> Scenario:
    scenario = an_ended_programme(**changes)
    gone: dict[dt.date, tuple[Purpose, ...]] = {
        PEOPLE: ("people",),
        ANSWERS: ("people", "answers"),
        TANDEMS: PURPOSES,
    }
    days = (OFFERED, *gone) if changes.get("archive_offer") else tuple(gone)
    for day in days:
        scenario.given(day, *(carried_out(*gone[day]) if day in gone else ()))
    return scenario.given(TANDEMS + DAY)


@pytest.mark.proves("S19")
def test_the_office_records_the_archive_s_answer_and_no_longer_waits_for_it() -> None:
    scenario = an_ended_programme(archive_offer=True).given(OFFERED).when(answer())
    scenario.then(said(r.ArchiveDecided, taken=True), said(r.OfficeAttentionNeeded, status="settled"))
    scenario.when(answer(taken=False)).then(said(r.ArchiveDecided, taken=False))
    scenario.when(UNTIL + DAY).then_nothing()
    scenario.when(PEOPLE).then(said(r.RetentionDue, gone=("people",)))


def test_without_an_answer_the_deputy_hears_of_it_and_the_data_goes_on_its_day_all_the_same() -> None:
    scenario = an_ended_programme(archive_offer=True).given(OFFERED)
    scenario.when(PEOPLE).then_among(
        said(r.OfficeAttentionNeeded, what="archive-offer", status="reminded"),
        said(r.RetentionDue, gone=("people",)),
    )
    scenario.when(answer()).then(r.ArchiveDecided, said(r.OfficeAttentionNeeded, status="settled"))


def test_the_archive_has_its_days_also_where_the_offer_comes_late() -> None:
    late = PEOPLE + 10 * DAY
    scenario = an_ended_programme(archive_offer=True)
    scenario.when(late).then(said(r.ArchiveOffered, until=late + 30 * DAY), r.OfficeAttentionNeeded)
    scenario.when(late + 31 * DAY).then_nothing()
    scenario.when(late + 32 * DAY).then_among(said(r.RetentionDue, gone=("people", "answers")))


def test_an_answer_without_an_offer_or_after_the_last_day_is_refused() -> None:
    given(service).when(answer()).then_refused("unknown_programme")
    an_ended_programme().when(answer()).then_refused("not_offered")
    over = until_archived(archive_offer=True)
    over.when(answer()).then_refused("archived")


def test_what_the_archive_has_not_answered_when_nothing_is_left_nobody_waits_for_any_more() -> None:
    scenario = an_ended_programme(archive_offer=True).given(OFFERED)
    for day, gone in ((PEOPLE, ("people",)), (ANSWERS, ("people", "answers")), (TANDEMS, PURPOSES)):
        scenario.given(day, *carried_out(*gone))
    scenario.when(TANDEMS + DAY)
    scenario.then(r.ProgrammeArchived, said(r.OfficeAttentionNeeded, what="archive-offer", status="settled"))


def test_an_offer_is_made_once_and_only_where_the_rule_asks_for_one() -> None:
    counted = CountedRecords(programme_id="pilot", participants=2, contacts=2)
    an_ended_programme(archive_offer=True).given(OFFERED).when(counted).then_nothing()
    an_ended_programme().when(counted).then_nothing()
    given(service).when(counted).then_nothing()


def test_an_archived_programme_takes_no_command_but_can_be_copied() -> None:
    scenario = until_archived()
    scenario.when(r.ChangePlaces(programme_id="pilot", places=8, replaces=9)).then_refused("ended")
    scenario.when(r.ChangeRules(programme_id="pilot", rules=Rules(), replaces=9)).then_refused("ended")
    scenario.when(mentor("P-9")).then_refused("registration_closed")
    scenario.when(r.CloseRegistration(programme_id="pilot")).then_refused("already_closed")
    scenario.when(r.OpenDraft(programme_id="pilot", replaces=9)).then_refused("not_a_draft")
    dates = {"term": {"starts": "2028-09-01", "ends": "2029-01-31"}, "registration_closes": "2028-08-15"}
    scenario.when(wave(**dates)).then(said(r.ProgrammeDrafted, places=7))


# Carrying it out


def test_until_every_service_has_carried_it_out_all_are_asked_again_each_day_and_nothing_is_archived() -> None:
    scenario = an_ended_programme(tandems_days=90, answers_days=90).given(PEOPLE)
    scenario.given(*carried_out(*PURPOSES, by=CARRIED_OUT[:3]))
    for day in (1, 2):
        scenario.when(PEOPLE + day * DAY).then(said(r.RetentionDue, gone=PURPOSES))
    scenario.when(*carried_out(*PURPOSES, by=CARRIED_OUT[3:])).then_nothing()
    scenario.when(PEOPLE + 3 * DAY).then(r.ProgrammeArchived)


@pytest.mark.proves("S19")
def test_on_the_third_day_the_office_is_told_who_has_not_deleted_and_hears_when_it_is_done() -> None:
    scenario = an_ended_programme().given(PEOPLE, *carried_out("people", by=CARRIED_OUT[:2]))
    scenario.given(PEOPLE + DAY, PEOPLE + 2 * DAY).when(PEOPLE + 3 * DAY)
    told = scenario.one(r.OfficeAttentionNeeded)
    assert told.what == "retention-open"
    assert "registration, scheduling" in told.text.en
    assert told.answered_by == ("registration.replay-quarantined.v1", "scheduling.replay-quarantined.v1")
    scenario.when(PEOPLE + 4 * DAY).then(r.RetentionDue)
    scenario.when(*carried_out("people", by=CARRIED_OUT[2:])).then(said(r.OfficeAttentionNeeded, status="settled"))
    scenario.when(PEOPLE + 5 * DAY).then_nothing()


def test_a_service_that_has_carried_out_less_than_is_gone_by_now_is_asked_again() -> None:
    scenario = an_ended_programme().given(PEOPLE, ANSWERS)
    scenario.when(*carried_out("people")).then_nothing()
    scenario.when(ANSWERS + DAY).then(said(r.RetentionDue, gone=("people", "answers")))
    scenario.when(*carried_out("people", "answers")).then_nothing()
    scenario.when(ANSWERS + 2 * DAY).then_nothing()


def test_a_confirmation_that_nobody_asked_for_says_nothing() -> None:
    given(service).when(*carried_out("people")).then_nothing()
    an_ended_programme().when(*carried_out("people")).then_nothing()
    until_archived().when(*carried_out(*PURPOSES)).then_nothing()


def test_the_services_that_must_carry_it_out_are_all_there_are() -> None:
    assert discovery.service_names() == RETAINING
    assert tuple(kind.owner for kind in CARRIED_OUT) == RETAINING


def test_a_programme_that_ended_before_there_was_retention_gets_its_day_with_a_month() -> None:
    scenario = an_ended_programme()
    forgotten = scenario.reference.state["programme/pilot"].but(due=None)
    scenario.reference.state[forgotten.subject] = forgotten
    first = PEOPLE.replace(day=1) + 31 * DAY
    month = first.replace(day=1)
    scenario.when(PEOPLE).then_nothing()
    scenario.when(DayStarted(date=month - DAY)).when(month - DAY).then_nothing()
    scenario.when(DayStarted(date=month)).when(month).then(said(r.RetentionDue, gone=("people",)))


RETENTION = st.fixed_dictionaries(
    {
        "people_days": st.integers(21, 60),
        "tandems_days": st.integers(21, 60),
        "answers_days": st.integers(21, 60),
        "archive_offer": st.booleans(),
        "offer_days": st.integers(1, 30),
    }
)


@holds_for(RETENTION, st.sets(st.integers(0, 70)))
def test_whichever_days_are_handed_out_nothing_goes_early_and_everything_goes_once(
    rules: dict[str, Any], skipped: set[int]
) -> None:
    document = retention(**rules)
    if rules_reasons(document):
        return
    scenario = an_ended_programme(**rules)
    days = [count for count in range(1, 130) if count not in skipped]
    gone: dict[str, int] = {}
    offered, archived = None, []
    for count in days:
        scenario.when(LAST + count * DAY)
        for message in scenario.told:
            if isinstance(message, r.ArchiveOffered):
                offered = message
            if isinstance(message, r.RetentionDue):
                new = set(message.gone) - set(gone)
                assert new, "said once"
                gone |= dict.fromkeys(new, count)
                scenario.given(*carried_out(*message.gone))
            if isinstance(message, r.ProgrammeArchived):
                archived.append(count)
    assert set(gone) == {"people", "tandems", "answers"}
    assert len(archived) == 1
    for purpose, count in gone.items():
        assert count >= rules[f"{purpose}_days"]
        if rules["archive_offer"]:
            assert offered is not None
            assert LAST + count * DAY >= offered.until + 2 * DAY
    assert archived[0] > max(gone.values())
