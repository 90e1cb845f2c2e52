"""The tandems of one person that wait for a plan at one time are planned together; later ones around them (S10)."""

from collections.abc import Sequence
from functools import partial
from itertools import combinations
from typing import Any

import pytest

from services.scheduling.availability.tandem import Busy
from services.scheduling.model import Diary, Pair, Plan
from services.scheduling.optimum.stretch import Levels
from services.scheduling.optimum.together import together
from services.scheduling.planning.jobs import PlanInputs, PlanMeeting, Planned, plan_inputs
from services.scheduling.planning.work import make_plan
from services.scheduling.service import service
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.parts import WorkingTime
from shared.runtime.aggregate import Aggregate
from tests.support.reference import Scenario, _now, _Reader, given
from tests.unit.runtime.engine_in_memory import Replica
from tests.unit.scheduling.people import (
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    SECOND_MENTEE,
    SECOND_TANDEM,
    TANDEM,
    TODAY,
    WEEK,
    a_tandem,
    all_said,
    pauses,
    person,
    programme,
    second_tandem,
    tandem,
    two_tandems,
)

TWICE = tuple(WorkingTime(weekday=day, start=540, end=630) for day in (0, 3))
"""One meeting's time on two days a week: for two tandems hardly enough."""


def planned_of(inputs: PlanInputs) -> tuple[list[Busy], Planned]:
    made = make_plan(inputs)
    assert isinstance(made, tuple)
    *_, done = made
    assert isinstance(done, Planned)
    return [Busy(piece.date, piece.start, piece.minutes) for piece in made if isinstance(piece, PlanMeeting)], done


def levels(done: Planned) -> Levels:
    assert done.levels is not None
    return Levels(**dict(done.levels))


def asked(id: str, mentee: str, **changes: Any) -> PlanInputs:
    fields: dict[str, Any] = {"tandem_id": id, "people": (MENTOR, mentee), "first": FORMED, "mentor": TWICE}
    return PlanInputs.model_validate(fields | {"last": FORMED + 150 * DAY, "mentee": WEEK} | changes)


def at_one_time(times: Sequence[Busy]) -> bool:
    return any(
        one.date == other.date and one.start < other.start + other.minutes and other.start < one.start + one.minutes
        for one, other in combinations(times, 2)
    )


# The plans


@pytest.mark.proves("S10")
def test_the_job_of_each_comes_to_the_same_plans_and_hands_over_its_own() -> None:
    one, other = asked("a", MENTEE), asked("b", SECOND_MENTEE, first=FORMED + 3 * DAY)
    mine, done = planned_of(one.model_copy(update={"beside": (other,)}))
    yours, too = planned_of(other.model_copy(update={"beside": (one,)}))
    assert not at_one_time([*mine, *yours])
    assert (done.together, done.proved, done.bound) == (2, True, done.levels)
    assert (too.together, too.proved, too.levels) == (2, True, done.levels)


@pytest.mark.proves("S10")
def test_two_planned_together_are_better_off_than_planned_in_turn() -> None:
    one, other = asked("a", MENTEE), asked("b", SECOND_MENTEE)
    first, alone = planned_of(one)
    _, around = planned_of(other.model_copy(update={"busy": tuple(first)}))
    in_turn = Levels(*map(sum, zip(levels(alone), levels(around), strict=True)))
    _, together = planned_of(one.model_copy(update={"beside": (other,)}))
    assert levels(together) < in_turn


@pytest.mark.proves("S10")
def test_who_is_planned_around_half_of_a_joint_plan_attains_the_joint_plan() -> None:
    """So nothing is lost where one job had read the other tandem as waiting, and the other finds it planned."""
    one, other = asked("a", MENTEE), asked("b", SECOND_MENTEE)
    first, joint = planned_of(one.model_copy(update={"beside": (other,)}))
    half, _ = planned_of(one.model_copy(update={"taken": tuple(first), "mentor": ()}))
    assert half == []
    alone = planned_of(one.model_copy(update={"taken": tuple(first), "mentor": ()}))[1]
    _, around = planned_of(other.model_copy(update={"busy": tuple(first)}))
    assert Levels(*map(sum, zip(levels(alone), levels(around), strict=True))) == levels(joint)


def test_a_meeting_that_a_tandem_added_before_its_plan_stays_and_the_others_keep_away_to_the_minute() -> None:
    added = Busy(FORMED + 7 * DAY, 607, 45)
    one = asked("a", MENTEE, mentor=WEEK, taken=(added,))
    other = asked("b", SECOND_MENTEE, mentor=WEEK, busy=(added,))
    mine, done = planned_of(one.model_copy(update={"beside": (other,)}))
    yours, _ = planned_of(other.model_copy(update={"beside": (one,)}))
    assert added.date not in {time.date for time in mine}
    assert (done.found, done.wanted) == (len(mine) + 1, 15)
    assert not at_one_time([*mine, *yours, added])


def test_beyond_the_effort_it_is_said_that_nothing_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.scheduling.planning.work.together", partial(together, effort=0))
    _, done = planned_of(asked("a", MENTEE, beside=(asked("b", SECOND_MENTEE),)))
    assert (done.proved, done.together) == (False, 2)
    assert done.levels is not None
    assert done.bound is not None
    assert tuple(dict(done.bound).values()) < tuple(dict(done.levels).values())
    assert done.fewest_missing == done.bound.missing


def test_a_bound_that_is_known_of_the_number_alone_says_the_number_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.scheduling.planning.work.together", partial(together, effort=0))
    others = tuple(asked(f"b{n}", f"{n}", mentor=TWICE) for n in range(5))
    _, done = planned_of(asked("a", MENTEE, mentor=TWICE, beside=others))
    assert (done.proved, done.bound, done.together) == (False, None, 6)
    assert done.fewest_missing == levels(done).missing > 0


def test_how_late_the_first_meeting_is_is_said() -> None:
    away = tuple(Busy(FORMED + n * DAY, 0, 1440) for n in range(20))
    [first, *_], done = planned_of(asked("a", MENTEE, mentor=WEEK, busy=away))
    assert first.date == FORMED + 21 * DAY, "the first Monday after it"
    assert done.late_days == 7
    assert planned_of(asked("a", MENTEE, mentor=WEEK))[1].late_days == 0


# Whom a plan is made with


def read(state: Sequence[Aggregate], ref: str) -> PlanInputs:
    found = _now(plan_inputs(ref, _Reader({a.subject: a for a in state}, FORMED)))
    assert isinstance(found, PlanInputs)
    return found


def waiting(*more: r.ParticipantState) -> Scenario:
    """Two tandems of a mentor of whom registration has said nothing yet."""
    people = (person(MENTEE), person(SECOND_MENTEE), *more)
    return given(service, programme(), *people, FORMED, tandem(), second_tandem(), today=TODAY)


def test_beside_a_tandem_stand_the_others_of_both_people_that_wait_too() -> None:
    state = list(waiting().given(person(MENTOR)).reference.state.values())
    assert [each.tandem_id for each in read(state, TANDEM).beside] == [SECOND_TANDEM]
    assert [each.tandem_id for each in read(state, SECOND_TANDEM).beside] == [TANDEM]
    planned = Plan(id=SECOND_TANDEM, programme="pilot", wanted=15, planned=15)
    assert read([*state, planned], TANDEM).beside == ()


def test_who_rests_without_an_end_is_not_planned_beside_anybody() -> None:
    scenario = waiting(pauses(SECOND_MENTEE)).given(person(MENTOR))
    assert read(list(scenario.reference.state.values()), TANDEM).beside == ()


def test_tandems_that_lead_to_each_other_by_others_are_the_same_set_for_each_and_too_many_are_none() -> None:
    known = waiting().given(person(MENTOR)).reference.state
    pair = known[f"tandem/{TANDEM}"]
    assert isinstance(pair, Pair)

    def chain(length: int) -> list[Aggregate]:
        pairs = [pair.but(id=f"t{n}", mentor=f"p{n}", mentee=f"p{n + 1}") for n in range(length)]
        diaries = [
            Diary(id=f"p{n}", programme="pilot", tandems=tuple(f"t{m}" for m in (n - 1, n) if 0 <= m < length))
            for n in range(length + 1)
        ]
        people = [known[f"participant/{MENTOR}"].but(id=f"p{n}") for n in range(length + 1)]
        return [known["programme/pilot"], *pairs, *diaries, *people]

    three = chain(3)
    for ref in ("t0", "t1", "t2"):
        assert {each.tandem_id for each in read(three, ref).beside} == {"t0", "t1", "t2"} - {ref}
    assert all(not read(chain(7), f"t{n}").beside for n in range(7))


# In use


@pytest.mark.proves("S10")
def test_two_tandems_that_wait_for_the_same_mentor_get_plans_that_are_the_best_together() -> None:
    scenario = waiting().given(person(MENTOR, TWICE)).later()
    first, second = all_said(scenario, s.PlanMade)
    best = planned_of(read_before(scenario))[1]
    assert (first.together, first.proved, first.levels) == (2, True, best.levels)
    assert first.planned + second.planned == first.wanted + second.wanted - levels(best).missing
    assert max(gaps(scenario)) <= levels(best).largest_gap


def read_before(scenario: Scenario) -> PlanInputs:
    """What the first job read."""
    state = [a for a in scenario.reference.state.values() if not isinstance(a, Plan)]
    return read([a.but(slots=()) if isinstance(a, Pair) else a for a in state], TANDEM)


def gaps(scenario: Scenario) -> list[int]:
    return [plan.largest_gap_days or 0 for plan in all_said(scenario, s.PlanMade)]


@pytest.mark.proves("S10")
async def test_two_tandems_formed_in_the_same_round_get_plans_that_are_the_best_together() -> None:
    replica = Replica(service)
    await replica.play(programme(), person(MENTOR, TWICE), person(MENTEE), person(SECOND_MENTEE))
    for message in (tandem(), second_tandem()):
        replica.send(message, sequence=1, epoch=1)
    await replica.settle()
    made = [m["data"] for m in replica.take() if m["type"].endswith(s.PlanMade.name)]
    assert len(made) == 2
    assert max(plan["together"] for plan in made) == 2
    scenario = waiting().given(person(MENTOR, TWICE)).later()
    expected = all_said(scenario, s.PlanMade)
    assert sum(plan["planned"] for plan in made) == sum(plan.planned for plan in expected)
    assert all(plan["proved"] for plan in made)


def test_a_tandem_formed_later_is_planned_around_the_first() -> None:
    scenario = two_tandems()
    assert [plan.together for plan in all_said(scenario, s.PlanMade)] == [1, 1]


def test_what_a_plan_is_worth_is_said_again_as_it_was() -> None:
    scenario = a_tandem()
    [plan] = all_said(scenario, s.PlanMade)
    stored = scenario.reference.state[f"plan/{TANDEM}"]
    assert isinstance(stored, Plan)
    assert s.PlanMade.model_validate(stored.published()) == plan
    assert (plan.proved, plan.levels, plan.late_days, plan.fewest_missing) == (True, plan.bound, 0, 0)


def test_a_plan_of_an_earlier_release_says_that_nothing_is_known_of_its_proof() -> None:
    old = Plan(id=TANDEM, programme="pilot", wanted=15, planned=15)
    said_again = s.PlanMade.model_validate(old.published())
    assert (said_again.proved, said_again.levels, said_again.together) == (None, None, 1)
