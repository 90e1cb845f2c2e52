"""Any sequence of commands, answers, days and pauses, doubled and in any order, leaves one consistent plan (S10)."""

from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as cases
from hypothesis import strategies as st

from tests.support.reference import Scenario
from tests.unit.scheduling.invited import hears_itself
from tests.unit.scheduling.living import KINDS, Step, Watch, messages_of
from tests.unit.scheduling.people import DAY, afresh, two_tandems

STEPS = st.builds(
    Step,
    st.sampled_from(KINDS),
    st.integers(0, 5),
    st.integers(1, 9),
    st.booleans(),
    st.booleans(),
)
LIVES = st.lists(st.one_of(STEPS, STEPS, st.integers(1, 12)), min_size=4, max_size=24)


@cache
def begun() -> tuple[Scenario, dict[tuple[str, int], str]]:
    """Two tandems of one mentor with their plans, and what calendars have heard of them."""
    scenario = two_tandems()
    written = hears_itself(scenario)
    return scenario, {(each.invitation_id, each.sequence): each.icalendar for each in written}


@pytest.mark.proves("S10", "P6", "P8", "P11")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@cases(LIVES, st.randoms(use_true_random=False))
def test_whatever_people_do_there_is_one_plan_and_nobody_is_reminded_twice(life: list[Any], chance: Any) -> None:
    before, written = begun()
    watch = Watch(scenario := afresh(before))
    for each in life:
        if isinstance(each, int):
            for _ in range(each):
                watch.take(scenario.reference.today + DAY)
                watch.take(scenario.reference.today)
        else:
            messages = [x for x in messages_of(each, scenario, watch.seen) for _ in range(chance.choice((1, 1, 2)))]
            chance.shuffle(messages)
            for message in messages:
                watch.take(message)
                if chance.random() < 0.3:
                    scenario.again().then_nothing()
        watch.hear(chance)
    watch.hear(chance, all_=True)
    watch.calendars_are_right(chance, written)
