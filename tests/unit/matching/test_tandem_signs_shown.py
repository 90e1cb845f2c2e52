"""Matching shows the office by which rules a tandem needs attention; it decides nothing by them (S16)."""

import datetime as dt

import pytest

from services.matching.model import Tandem
from services.matching.view import VIEW, programme_view
from shared.contracts import scheduling as s
from tests.support.reference import By, Scenario
from tests.unit.matching import people as p


def needing(tandem: str, *rules: str) -> s.TandemNeedsAttention:
    signs = [{"rule": rule, "since": dt.date(2027, 4, 1)} for rule in rules]
    status = "open" if rules else "settled"
    return s.TandemNeedsAttention.model_validate(
        {"tandem_id": tandem, "programme_id": "pilot", "status": status, "signs": signs}
    )


def shown(scenario: Scenario, tandem: str) -> tuple[str, ...]:
    state = scenario.reference.state.values()
    view = programme_view("pilot", {kind: [x for x in state if isinstance(x, kind)] for kind in VIEW.aggregates})
    return next(row.signs for row in view.tandems if row.tandem_id == tandem)


@pytest.mark.proves("S16", "S19")
def test_a_tandem_s_signs_stand_at_it_until_they_are_settled() -> None:
    scenario = p.tandems()
    tandem = p.of_kind(scenario, Tandem)[0].id
    assert shown(scenario, tandem) == ()
    scenario.when(needing(tandem, "behind-cadence", "tandem-silent")).then_nothing()
    assert shown(scenario, tandem) == ("behind-cadence", "tandem-silent")
    scenario.when(needing(tandem)).then_nothing()
    assert shown(scenario, tandem) == ()


def test_an_older_word_of_a_tandem_s_signs_changes_nothing() -> None:
    scenario = p.tandems()
    tandem = p.of_kind(scenario, Tandem)[0].id
    scenario.given(By(needing(tandem), sequence=2)).when(By(needing(tandem, "meetings-failed"), sequence=1))
    scenario.then_nothing()
    assert shown(scenario, tandem) == ()
