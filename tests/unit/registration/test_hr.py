"""HR's facts reach whom they concern, in every programme, and nobody else (P10)."""

import datetime as dt
import itertools
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from services.registration.hr_jobs import MoveMember
from services.registration.model import Employment, Participant, Reorganisation
from services.registration.service import service
from shared.contracts import hr
from shared.contracts import registration as r
from shared.contracts.parts import Term, WorkingTime
from shared.runtime.decision import DueReached
from shared.runtime.ids import keyed_id
from tests.support.reference import KEY, By, Scenario, given, said
from tests.unit.registration.test_registration import (
    MENTOR,
    OTHER,
    TODAY,
    an_open_programme,
    mentee,
    mentor,
    opening,
    profile,
    topic,
)
from tests.unit.runtime.engine_in_memory import Replica

IN_THE_SECOND = keyed_id(KEY, "participant", "second", "P-1")
DAY = dt.timedelta(days=1)


def changed(key: str = "P-1", **facts: Any) -> hr.EmploymentChanged:
    return hr.EmploymentChanged(employment_id=f"e-{key}", personnel_key=key, **facts)


def ended(last_day: dt.date, key: str = "P-1") -> hr.EmploymentEnded:
    return hr.EmploymentEnded(employment_id=f"e-{key}", personnel_key=key, last_day=last_day)


def moved(id: str = "1", old: str = "A/A-1", new: str = "B/B-7") -> hr.UnitMoved:
    one, other = old.split("/"), new.split("/")
    return hr.UnitMoved(
        reorganisation_id=id,
        from_department=one[0],
        from_unit=tuple(one[1:]),
        to_department=other[0],
        to_unit=tuple(other[1:]),
    )


def in_two_programmes() -> Scenario:
    """One person, a mentor in the pilot and a mentee in the second programme."""
    second = mentee("P-1", programme_id="second")
    return given(service, topic(), opening(), opening(programme_id="second"), mentor(), second, today=TODAY)


def mentor_of(scenario: Scenario, id: str = MENTOR) -> Participant:
    found = scenario.reference.state[f"participant/{id}"]
    assert isinstance(found, Participant)
    return found


def employment_of(scenario: Scenario) -> Employment:
    [found] = [a for a in scenario.reference.state.values() if isinstance(a, Employment)]
    return found


def leave(id: str = MENTOR) -> By:
    return By(r.Withdraw(participant_id=id), actor=id, sender="person")


@pytest.mark.proves("P10")
def test_what_hr_knows_replaces_what_the_profile_says_and_the_person_is_told_which_fields() -> None:
    week = (WorkingTime(weekday=1, start=480, end=720),)
    facts = changed(department="B", unit=("B-1", "B-1-2"), grade=11, site="Ost", working_times=week, superiors=("x",))
    scenario = an_open_programme().given(mentor()).when(facts)
    scenario.then(r.ParticipantChanged, r.PersonAddressed)
    event = scenario.one(r.ParticipantChanged)
    new = event.profile
    assert (new.department, new.unit, new.grade, new.site) == ("B", ("B-1", "B-1-2"), 11, "Ost")
    assert new.working_times == week
    assert new.strengths == profile().strengths
    assert event.reporting_line == (keyed_id(KEY, "position", "x"),)
    told = scenario.one(r.PersonAddressed)
    assert (told.to, told.topic) == (MENTOR, "hr-changed")
    assert "Referat, Organisationseinheit, Stufe der Stelle, Standort, Arbeitszeiten, Vorgesetzte" in told.text.de
    assert "department, unit, grade of the post, site, working times, superiors" in told.text.en


def test_hr_that_says_the_same_hours_and_nothing_of_home_leaves_what_somebody_works_at_home() -> None:
    home = WorkingTime(weekday=1, start=720, end=960, at_home=True)
    week = (WorkingTime(weekday=1, start=480, end=720), home)
    scenario = an_open_programme().given(mentor(profile=profile(working_times=week)))
    scenario.when(changed(working_times=(WorkingTime(weekday=1, start=480, end=960),))).then_nothing()
    whole = WorkingTime(weekday=1, start=480, end=960, at_home=True)
    changed_by_hr = scenario.when(changed(working_times=(whole,))).one(r.ParticipantChanged)
    assert changed_by_hr.profile.working_times == (whole,)


def test_what_hr_does_not_know_stays() -> None:
    scenario = an_open_programme().given(mentor()).when(changed(grade=11))
    event = scenario.one(r.ParticipantChanged)
    assert event.profile == profile(grade=11)
    assert event.reporting_line == (keyed_id(KEY, "position", "head"),)
    assert "grade of the post." in scenario.one(r.PersonAddressed).text.en


def test_only_real_changes_become_events() -> None:
    same = profile()
    facts = changed(department=same.department, unit=same.unit, grade=same.grade, site=same.site, superiors=("head",))
    an_open_programme().given(mentor()).when(facts).then_nothing()
    an_open_programme().given(mentor()).when(changed()).then_nothing()


def test_the_same_fact_again_and_older_news_change_nothing() -> None:
    scenario = an_open_programme().given(mentor()).when(By(changed(grade=12), sequence=5))
    scenario.again().then_nothing()
    scenario.when(By(changed(grade=12), sequence=5)).then_nothing()
    scenario.when(By(changed(grade=11), sequence=4)).then_nothing()
    scenario.when(By(ended(TODAY - DAY), sequence=3)).then_nothing()
    assert mentor_of(scenario).profile.grade == 12


@pytest.mark.proves("P10")
def test_of_who_does_not_take_part_nothing_is_said_and_nothing_is_kept() -> None:
    scenario = an_open_programme().given(mentor())
    before = dict(scenario.reference.state)
    scenario.when(changed("somebody", department="B", superiors=("P-1",)), ended(TODAY, "somebody")).then_nothing()
    assert scenario.reference.state == before
    left = an_open_programme().given(mentor(), leave())
    before = dict(left.reference.state)
    left.when(changed(grade=11)).then_nothing()
    assert left.reference.state == before


async def test_of_who_does_not_take_part_the_engine_keeps_the_id_of_the_message_alone() -> None:
    replica = Replica(service)
    await replica.play(TODAY, topic(), opening(), mentor())
    fact = changed("key-of-nobody", department="department-of-nobody", superiors=("superior-of-nobody",))
    await replica.play(fact, ended(TODAY, "key-of-nobody"))
    kept = f"{replica.database!r} {replica.logged}"
    assert "of-nobody" not in kept.replace("e-key-of-nobody", "")
    assert "hr-" in kept, "the ids of what was heard are known"


@pytest.mark.proves("P10")
def test_every_programme_that_is_not_over_hears_of_it_whether_registration_is_open_or_not() -> None:
    scenario = in_two_programmes().given(r.CloseRegistration(programme_id="pilot"), dt.date(2027, 2, 15))
    scenario.when(changed(department="B"))
    events = [event for event in scenario.told if isinstance(event, r.ParticipantChanged)]
    assert {(event.participant_id, event.profile.department) for event in events} == {
        (MENTOR, "B"),
        (IN_THE_SECOND, "B"),
    }
    over = an_open_programme().given(mentor(), dt.date(2027, 2, 7), dt.date(2027, 2, 15), dt.date(2027, 7, 15))
    over.when(changed(department="B")).then_nothing()


def test_who_has_left_one_of_two_programmes_is_changed_in_the_other_alone() -> None:
    in_two_programmes().given(leave()).when(changed(department="B")).then(
        said(r.ParticipantChanged, participant_id=IN_THE_SECOND), said(r.PersonAddressed, to=IN_THE_SECOND)
    )


def test_nobody_is_their_own_superior_whatever_hr_says() -> None:
    scenario = an_open_programme().given(mentor()).when(changed(superiors=("P-1", "boss")))
    assert scenario.one(r.ParticipantChanged).reporting_line == (keyed_id(KEY, "position", "boss"),)


@pytest.mark.proves("P9", "P10")
def test_who_leaves_the_employer_leaves_every_programme_the_day_after_in_neutral_words() -> None:
    last = TODAY + 3 * DAY
    scenario = in_two_programmes().when(ended(last)).then_nothing()
    scenario.when(last).then_nothing()
    scenario.when(last + DAY)
    scenario.then(
        said(r.ParticipantWithdrew, participant_id=MENTOR, status="withdrawn"),
        said(r.PersonAddressed, to=MENTOR, topic="withdrew"),
        said(r.ParticipantWithdrew, participant_id=IN_THE_SECOND, status="withdrawn"),
        said(r.PersonAddressed, to=IN_THE_SECOND, topic="withdrew"),
    )
    for message in scenario.told:
        text = message.model_dump_json().lower()
        assert not any(word in text for word in ("employ", "beschäftig", "last_day", "personal", last.isoformat()))
    scenario.when(last + 2 * DAY).then_nothing()


def test_who_pauses_leaves_like_anybody_and_nothing_waits_for_the_office() -> None:
    pause = By(r.PauseParticipation(participant_id=MENTOR), actor=MENTOR, sender="person")
    scenario = an_open_programme().given(mentor(), pause).when(ended(TODAY - DAY))
    left = scenario.one(r.ParticipantWithdrew)
    assert (left.status, left.paused_since) == ("withdrawn", None)
    in_a_year = [TODAY + months * 30 * DAY for months in range(1, 13)]
    told = [m for day in in_a_year for m in scenario.when(day).told]
    assert not [m for m in told if isinstance(m, r.OfficeAttentionNeeded) and MENTOR in str(m.whom)]


def test_an_end_that_is_past_already_takes_effect_at_once() -> None:
    scenario = an_open_programme().given(mentor()).when(ended(TODAY - DAY))
    scenario.then(said(r.ParticipantWithdrew, participant_id=MENTOR), said(r.PersonAddressed, topic="withdrew"))
    scenario.when(ended(TODAY - DAY)).then_nothing()


def differs(scenario: Scenario, **row: Any) -> tuple[str, ...]:
    """The fields of which registration says that a row of the nightly file differs."""
    asked = hr.WhatDiffers(rows=(hr.EmploymentRow(employment_id="e-P-1", personnel_key="P-1", **row),))
    [difference] = scenario.answer("what-differs", asked).rows
    return tuple(difference.fields)


@pytest.mark.proves("P10")
def test_who_has_a_contract_for_a_time_is_followed_like_anybody_and_leaves_on_its_day() -> None:
    last = TODAY + 3 * DAY
    scenario = an_open_programme().given(mentor()).when(changed(department="B", last_day=last))
    scenario.then(said(r.ParticipantChanged, participant_id=MENTOR), said(r.PersonAddressed, topic="hr-changed"))
    assert mentor_of(scenario).profile.department == "B"
    scenario.when(changed(department="B", last_day=last)).then_nothing()
    scenario.when(last).then_nothing()
    scenario.when(last + DAY).then(r.ParticipantWithdrew, r.PersonAddressed)
    back = an_open_programme().given(mentor(), ended(last)).when(changed(last_day=last + DAY)).then_nothing()
    back.when(last + DAY).then_nothing()
    back.given(changed()).when(last + 2 * DAY).then_nothing()
    over = an_open_programme().given(mentor()).when(changed(department="B", last_day=TODAY - DAY))
    over.then(r.ParticipantWithdrew, r.PersonAddressed)


@pytest.mark.proves("P10")
def test_a_row_with_a_last_day_differs_in_whatever_else_is_new_too() -> None:
    last = TODAY + 300 * DAY
    scenario = an_open_programme().given(mentor())
    assert differs(scenario, department="B", last_day=last) == ("department", "last_day")
    scenario.given(changed(department="B", last_day=last))
    assert differs(scenario, department="B", last_day=last) == ()
    row = hr.EmploymentRow(employment_id="e-P-1", personnel_key="P-1", department="B", last_day=last)
    assert row.event(TODAY) == changed(department="B", last_day=last)
    assert row.event(last) == changed(department="B", last_day=last)
    assert row.event(last + DAY) == ended(last)


@pytest.mark.proves("P10")
def test_who_comes_again_after_their_last_day_is_refused_until_hr_corrects_it() -> None:
    last = TODAY - DAY
    scenario = an_open_programme().given(mentor(), ended(last))
    scenario.when(mentor()).then_refused("employment_ended")
    [reason] = scenario.one(r.CommandRejected).reasons
    assert reason.field == "personnel_key"
    assert "corrects it" in reason.message.en
    assert differs(scenario, last_day=last) == (), "the file says nothing new"
    assert scenario.answer("who-takes-part", hr.WhoTakesPart(keys=("P-1",))).places == (0,)
    assert differs(scenario) == ("last_day",), "by the file HR can say that they are back"
    scenario.when(changed()).then_nothing()
    scenario.when(mentor()).then_among(said(r.ParticipantRegistered, status="registered"))


@pytest.mark.parametrize("never", [dt.date.max, TODAY.replace(year=TODAY.year + 60)])
def test_an_end_that_no_career_reaches_means_that_the_employment_goes_on(never: dt.date) -> None:
    scenario = an_open_programme().given(mentor(), ended(TODAY + DAY)).when(ended(never)).then_nothing()
    assert employment_of(scenario).last_day is None
    assert differs(scenario, last_day=never) == ()
    scenario.when(TODAY + 2 * DAY).then_nothing()


@pytest.mark.proves("P10")
def test_an_end_is_taken_back_before_its_day_and_may_be_moved() -> None:
    last = TODAY + 3 * DAY
    scenario = an_open_programme().given(mentor(), ended(last)).when(changed()).then_nothing()
    scenario.when(last + DAY).then_nothing()
    later = an_open_programme().given(mentor(), ended(last), ended(last + 2 * DAY))
    later.when(last + DAY).then_nothing()
    later.when(last + 3 * DAY).then_among(r.ParticipantWithdrew)


def test_a_day_that_is_handed_out_late_ends_nothing_before_its_time() -> None:
    scenario = an_open_programme().given(mentor(), ended(TODAY + 9 * DAY))
    subject = f"employment/{keyed_id(KEY, 'position', 'P-1')}"
    scenario.when(DueReached(subject=subject, date=TODAY)).then_nothing()
    scenario.when(DueReached(subject="employment/of-nobody", date=TODAY)).then_nothing()
    scenario.when(TODAY + 10 * DAY).then_among(r.ParticipantWithdrew)


def test_who_joins_another_programme_before_their_last_day_leaves_that_one_too() -> None:
    last = TODAY + 3 * DAY
    scenario = given(service, topic(), opening(), opening(programme_id="second"), mentor(), ended(last), today=TODAY)
    scenario.given(mentee("P-1", programme_id="second")).when(last + DAY)
    left = {event.participant_id for event in scenario.told if isinstance(event, r.ParticipantWithdrew)}
    assert left == {MENTOR, IN_THE_SECOND}


def test_who_registers_after_hr_spoke_of_them_is_as_they_say() -> None:
    scenario = an_open_programme().given(changed(department="B"), ended(TODAY)).given(mentor())
    assert mentor_of(scenario).profile.department == "A"
    scenario.when(TODAY + DAY).then_nothing()


def test_closing_counts_who_left_the_employer_like_anybody_who_withdrew() -> None:
    scenario = an_open_programme().given(mentor(), mentee(), ended(TODAY - DAY))
    scenario.when(r.CloseRegistration(programme_id="pilot"))
    closed = scenario.one(r.RegistrationClosed).closed_set
    assert closed is not None
    assert closed.count == 2


@pytest.mark.proves("P10")
async def test_who_is_registered_at_the_moment_of_their_leaving_leaves_that_programme_too() -> None:
    """Two replicas: each decision alone would be right, and somebody who left would be in the second programme."""
    one = Replica(service)
    await one.play(TODAY, topic(), opening(), opening(programme_id="second"), mentor())
    other = one.beside()
    one.send(ended(TODAY - DAY), sequence=1, epoch=1)
    store, commit = one.engine.store, one.engine.store.commit
    registered: list[bool] = []

    async def after_the_other(change: Any) -> None:
        if not registered and any(record.kind == "employment" for record in change.writes):
            other.send(mentee("P-1", programme_id="second"))
            registered.append(bool(await other.engine.intake()))
        await commit(change)

    store.commit = after_the_other  # type: ignore[method-assign]
    await one.settle()
    assert registered, "the race did not happen"
    assert one.seen["conflict", "again"] == 1, "both cannot have been committed"
    people = [state for subject, state in one.aggregates().items() if subject.startswith("participant/")]
    assert [person["status"] for person in people] == ["withdrawn", "withdrawn"]


# Reorganisations


@pytest.mark.proves("P10")
def test_a_unit_that_moves_takes_everybody_below_it_along_in_every_programme() -> None:
    below = mentor("P-3", profile=profile(unit=("A-1", "A-1-4")))
    beside = mentor("P-4", profile=profile(unit=("A-2",)))
    scenario = in_two_programmes().given(below, beside).when(moved(new="B/B-7/B-7-1"))
    events = {e.participant_id: e.profile for e in scenario.told if isinstance(e, r.ParticipantChanged)}
    third = keyed_id(KEY, "participant", "pilot", "P-3")
    assert {id: (p.department, p.unit) for id, p in events.items()} == {
        MENTOR: ("B", ("B-7", "B-7-1")),
        IN_THE_SECOND: ("B", ("B-7", "B-7-1")),
        third: ("B", ("B-7", "B-7-1", "A-1-4")),
    }
    told = [e for e in scenario.told if isinstance(e, r.PersonAddressed)]
    assert {message.to for message in told} == set(events)
    assert all("department, unit." in message.text.en for message in told)


def test_a_whole_department_gets_a_new_name() -> None:
    scenario = an_open_programme().given(mentor(), mentee()).when(moved(old="A", new="Z"))
    events = [event for event in scenario.told if isinstance(event, r.ParticipantChanged)]
    assert {(e.participant_id, e.profile.department, e.profile.unit) for e in events} == {
        (MENTOR, "Z", ("A-1",)),
        (OTHER, "Z", ("A-1",)),
    }
    assert all("changed in your profile: department. " in m.text.en for m in scenario.told if hasattr(m, "text"))


def test_a_reorganisation_said_again_moves_nobody_a_second_time() -> None:
    """Also where the new place lies inside the old one, so that the path would fit again."""
    deeper = moved(old="A", new="A/new")
    scenario = an_open_programme().given(mentor()).when(deeper)
    assert scenario.one(r.ParticipantChanged).profile.unit == ("new", "A-1")
    scenario.again().then_nothing()
    scenario.when(deeper).then_nothing()
    scenario.when(By(moved(old="A", new="C"), sequence=1)).then_nothing()


def test_who_moved_away_before_is_not_moved_and_old_pieces_find_nothing() -> None:
    scenario = an_open_programme().given(mentor(), changed(department="C", unit=()))
    scenario.when(moved()).then_nothing()
    scenario.when(MoveMember(reorganisation_id="1", participant_id=MENTOR)).then_nothing()
    scenario.when(MoveMember(reorganisation_id="unknown", participant_id=MENTOR)).then_nothing()
    scenario.when(MoveMember(reorganisation_id="1", participant_id=OTHER)).then_nothing()


def test_who_left_and_programmes_that_are_over_are_not_reorganised() -> None:
    an_open_programme().given(mentor(), leave()).when(moved()).then_nothing()
    term = Term(starts=dt.date(2027, 2, 15), ends=dt.date(2027, 7, 14))
    over = given(service, topic(), opening(term=term), mentor(), today=TODAY)
    over.given(dt.date(2027, 2, 7), dt.date(2027, 2, 15), dt.date(2027, 7, 15)).when(moved()).then_nothing()


def test_a_path_that_grows_too_long_for_a_profile_loses_its_innermost_units() -> None:
    deep = tuple(str(level) for level in range(8))
    scenario = an_open_programme().given(mentor(profile=profile(unit=deep)))
    scenario.when(moved(old="A", new="B/new"))
    assert scenario.one(r.ParticipantChanged).profile.unit == ("new", *deep[:-1])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_facts_of_a_person_end_the_same_in_any_order(order: tuple[int, ...]) -> None:
    facts = [By(changed(department="B", grade=11), sequence=1), By(ended(TODAY + DAY), sequence=2)]
    facts.append(By(changed(department="C", grade=12), sequence=3))
    scenario = an_open_programme().given(mentor(), *(facts[i] for i in order))
    assert (mentor_of(scenario).profile.department, mentor_of(scenario).profile.grade) == ("C", 12)
    scenario.when(TODAY + 2 * DAY).then_nothing()


@pytest.mark.parametrize(
    "fact",
    [
        changed(department="C", unit=("C-1",)),
        changed(department="B", unit=("B-7",)),
        changed(grade=12, site="Ost"),
        ended(TODAY - DAY),
    ],
)
def test_a_fact_of_a_person_and_a_reorganisation_end_the_same_in_either_order(
    fact: hr.EmploymentChanged | hr.EmploymentEnded,
) -> None:
    one = an_open_programme().given(mentor(), fact, moved())
    other = an_open_programme().given(mentor(), moved(), fact)
    ends = [mentor_of(scenario).model_dump(exclude={"said"}) for scenario in (one, other)]
    if ends[0]["status"] == "withdrawn":
        # Who has left before is not moved along any more.
        assert [end["profile"]["department"] for end in ends] == ["A", "B"]
        ends = [end | {"profile": None} for end in ends]
    assert ends[0] == ends[1]


NAMES = st.sampled_from(["A", "B", "C"])
PATHS = st.lists(NAMES, max_size=8).map(tuple)


@examples(NAMES, PATHS, NAMES, PATHS, NAMES, PATHS)
def test_a_move_keeps_what_lies_below_the_unit_and_concerns_nobody_else(
    department: str, unit: tuple[str, ...], old: str, old_unit: tuple[str, ...], new: str, new_unit: tuple[str, ...]
) -> None:
    move = Reorganisation(id="1", from_department=old, from_unit=old_unit, to_department=new, to_unit=new_unit)
    place = move.place(department, unit)
    inside = department == old and unit[: len(old_unit)] == old_unit
    assert (place is not None) == inside
    if place is not None:
        below = unit[len(old_unit) :]
        assert place == (new, (*new_unit, *below)[:8])


def test_an_employment_keeps_the_last_day_and_the_post_without_anybody_s_key() -> None:
    scenario = an_open_programme().given(mentor(), changed(department="B", superiors=("boss",)), ended(TODAY + DAY))
    [kept] = [a for a in scenario.reference.state.values() if isinstance(a, Employment)]
    assert set(kept.model_dump(exclude_none=True)) == {"id", "due", "seen", "last_day", "post"}
    line = (keyed_id(KEY, "position", "boss"),)
    assert kept.post.model_dump(exclude_none=True) == {"department": "B", "reporting_line": line}
    everything = "".join(a.model_dump_json() for a in scenario.reference.state.values())
    assert "boss" not in everything
