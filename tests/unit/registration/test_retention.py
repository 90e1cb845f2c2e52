"""After the end: the archive's offer, the day of each purpose, the archived programme."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st

from services.registration.checks import rules_reasons
from services.registration.retention import CountedRecords
from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.parts import Rules
from shared.runtime.decision import DueReached
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


def answer(*, taken: bool = True) -> r.RecordArchiveDecision:
    return r.RecordArchiveDecision(programme_id="pilot", taken=taken)


def test_the_data_of_each_purpose_is_due_on_its_day_and_then_the_programme_is_archived() -> None:
    scenario = an_ended_programme()
    scenario.when(PEOPLE - DAY).then_nothing()
    scenario.when(PEOPLE).then(said(r.RetentionDue, gone=("people",), status="ended"))
    scenario.when(PEOPLE + DAY).then_nothing()
    scenario.when(ANSWERS).then(said(r.RetentionDue, gone=("people", "answers")))
    scenario.when(TANDEMS).then(said(r.RetentionDue, gone=("people", "tandems", "answers")))
    scenario.when(TANDEMS + DAY).then(said(r.ProgrammeArchived, status="archived"))
    scenario.when(TANDEMS + 2 * DAY).then_nothing()


def test_purposes_of_one_day_are_due_together() -> None:
    scenario = an_ended_programme(tandems_days=90, answers_days=90)
    scenario.when(PEOPLE).then(said(r.RetentionDue, gone=("people", "tandems", "answers")))
    scenario.when(PEOPLE + DAY).then(r.ProgrammeArchived)


def test_days_that_were_not_handed_out_are_made_up_for() -> None:
    scenario = an_ended_programme()
    scenario.when(TANDEMS + 5 * DAY).then(said(r.RetentionDue, gone=("people", "tandems", "answers")))
    scenario.when(DueReached(subject="programme/pilot", date=TANDEMS)).then_nothing()
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
    over = an_ended_programme(archive_offer=True).given(OFFERED, PEOPLE, ANSWERS, TANDEMS, TANDEMS + DAY)
    over.when(answer()).then_refused("archived")


def test_an_offer_is_made_once_and_only_where_the_rule_asks_for_one() -> None:
    counted = CountedRecords(programme_id="pilot", participants=2, contacts=2)
    an_ended_programme(archive_offer=True).given(OFFERED).when(counted).then_nothing()
    an_ended_programme().when(counted).then_nothing()
    given(service).when(counted).then_nothing()


def test_an_archived_programme_takes_no_command_but_can_be_copied() -> None:
    scenario = an_ended_programme().given(PEOPLE, ANSWERS, TANDEMS, TANDEMS + DAY)
    scenario.when(r.ChangePlaces(programme_id="pilot", places=8, replaces=9)).then_refused("ended")
    scenario.when(r.ChangeRules(programme_id="pilot", rules=Rules(), replaces=9)).then_refused("ended")
    scenario.when(mentor("P-9")).then_refused("registration_closed")
    scenario.when(r.CloseRegistration(programme_id="pilot")).then_refused("already_closed")
    scenario.when(r.OpenDraft(programme_id="pilot", replaces=9)).then_refused("not_a_draft")
    dates = {"term": {"starts": "2028-09-01", "ends": "2029-01-31"}, "registration_closes": "2028-08-15"}
    scenario.when(wave(**dates)).then(said(r.ProgrammeDrafted, places=7))


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
