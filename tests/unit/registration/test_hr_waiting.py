"""Who has left the employer waits for no other programme, whichever comes first (P5, P10)."""

import pytest

from services.registration.model import Employment
from services.registration.service import service
from shared.contracts import hr
from shared.contracts import registration as r
from shared.contracts.parts import Consents
from tests.support.interrupted import Interrupted
from tests.support.reference import By, Scenario, given, said
from tests.unit.registration.test_hr import changed, differs, ended
from tests.unit.registration.test_joining import BOTH, SECOND
from tests.unit.registration.test_profiles import allowing, by
from tests.unit.registration.test_registration import MENTOR, TODAY, an_open_programme, mentee, opening, topic
from tests.unit.registration.test_waiting import (
    CLOSED,
    DAY,
    OVER,
    STARTS,
    WILLING,
    kept,
    listed,
    opening_next,
    to_the_end,
    waited,
)
from tests.unit.runtime.engine_in_memory import Replica


def asked(scenario: Scenario) -> list[str]:
    """Who is asked to join the next programme."""
    scenario.when(opening_next())
    return [m.to for m in scenario.told if isinstance(m, r.PersonAddressed) and m.topic == "asked-again"]


@pytest.mark.proves("P5", "P10")
def test_who_leaves_the_employer_waits_no_more_is_told_so_and_is_not_asked_again() -> None:
    scenario = waited().when(ended(OVER - DAY))
    scenario.then(said(r.PersonAddressed, to=MENTOR, topic="place-over"))
    assert "24" not in scenario.one(r.PersonAddressed).text.en
    assert kept(scenario) == []
    scenario.when(ended(OVER - DAY)).then_nothing()
    assert asked(scenario) == []
    assert asked(waited()) == [MENTOR]


def test_the_nightly_file_ends_the_wait_too() -> None:
    scenario = waited()
    asked_of = hr.WhoTakesPart(keys=("P-9", "P-1"))
    assert scenario.answer("who-takes-part", asked_of).places == (1,)
    assert differs(scenario, department="B") == ()
    assert differs(scenario, last_day=OVER - DAY) == ("last_day",)
    scenario.given(ended(OVER - DAY))
    assert differs(scenario, last_day=OVER - DAY) == ()
    assert scenario.answer("who-takes-part", asked_of).places == (1,), "they may come again when HR says otherwise"
    assert differs(scenario) == ("last_day",)


def test_the_wait_ends_on_the_day_after_the_last_one_unless_that_is_taken_back() -> None:
    last = OVER + 3 * DAY
    scenario = waited().when(ended(last)).then_nothing()
    scenario.when(last).then_nothing()
    scenario.when(last + DAY).then(said(r.PersonAddressed, topic="place-over"))
    assert kept(scenario) == []
    back = waited().given(ended(last)).when(changed()).then_nothing()
    back.when(last + DAY).then_nothing()
    assert len(kept(back)) == 1


def test_the_place_in_either_role_goes() -> None:
    mentee_too = By(mentee("P-1", consents=Consents(reserve=True)), sender="person")
    scenario = given(service, topic(), opening(rules=BOTH), WILLING, mentee_too, today=TODAY)
    scenario.given(CLOSED, listed(), listed(id=SECOND, role="mentee"), STARTS, OVER)
    assert len(kept(scenario)) == 2
    scenario.when(ended(OVER - DAY)).then(r.PersonAddressed, r.PersonAddressed)
    assert kept(scenario) == []


@pytest.mark.proves("P5", "P10")
def test_whose_last_day_is_over_before_the_place_is_kept_is_kept_none() -> None:
    listed_late = an_open_programme().given(WILLING, CLOSED, STARTS, OVER, ended(OVER - DAY)).when(listed())
    assert kept(listed_late) == []
    agreed_late = waited().given(ended(OVER - DAY)).when(by(allowing(reserve=True)))
    assert kept(agreed_late) == []
    same_day = an_open_programme().given(WILLING, CLOSED, listed(), STARTS, ended(OVER - DAY), OVER)
    assert kept(same_day) == []


def test_of_who_waits_nothing_but_an_end_is_kept() -> None:
    scenario = waited().given(changed(department="B"))
    assert not [a for a in scenario.reference.state.values() if isinstance(a, Employment)]
    nobody = an_open_programme().given(*to_the_end())
    before = dict(nobody.reference.state)
    assert nobody.when(ended(OVER)).then_nothing().reference.state == before


@pytest.mark.proves("P5", "P10")
async def test_whose_place_is_kept_at_the_moment_of_their_leaving_is_kept_none() -> None:
    """Each decision alone would be right: one finds nobody who waits, the other nobody whose last day is over."""
    one = Replica(service)
    await one.play(TODAY, topic(), opening(), WILLING)
    for day in (CLOSED, CLOSED + 2 * DAY, STARTS, OVER):
        await one.play(day)
    assert one.aggregates()["programme/pilot"]["status"] == "ended"
    [id] = [s.removeprefix("participant/") for s in one.aggregates() if s.startswith("participant/")]
    other = one.beside()

    async def happens() -> None:
        other.send(listed(id=id), sequence=1, epoch=1)
        await other.settle()

    store = Interrupted(one.database, "employment", happens)
    one.engine.store = store
    await one.play(ended(OVER - DAY))
    assert store.happens is None, "the race did not happen"
    assert one.seen["conflict", "again"] == 1, "both cannot have been committed"
    assert not [subject for subject in one.aggregates() if subject.startswith("waiting/")]
