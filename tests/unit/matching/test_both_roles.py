"""Who is mentor and mentee in one programme is matched with others, never with themselves."""

import pytest

from services.matching.assignment import pins_of, solve
from services.matching.model import Proposal
from services.matching.pair import judge
from services.matching.people import Person, RoundInputs
from services.matching.service import service
from services.matching.table import score_table
from shared.contracts import matching as m
from shared.contracts.parts import MatchingRules, Side
from tests.support.reference import given
from tests.support.round_people import a_person
from tests.unit.matching.people import MENTEES, MENTORS, TODAY, closed, of_kind, programme, registered

OFF = MatchingRules(
    different_department=False, reporting_levels=0, shared_language=False, common_minutes=0, seniority_distance=0
)
"""Every rule that can be switched off is."""


def both(id: str, role: Side, position: str = "one post", **profile: object) -> Person:
    return a_person(id, role, position=position, reporting_line=(), **profile)


def test_one_person_is_never_their_own_tandem_whatever_is_switched_off() -> None:
    judged = judge(both("m", "mentor"), both("n", "mentee"), OFF)
    assert judged.broken == ("same_person",)
    assert judge(both("m", "mentor"), both("n", "mentee", position="another"), OFF).broken == ()


def test_a_round_pairs_both_roles_of_a_person_with_others_and_no_pin_goes_round_it() -> None:
    people = (both("m", "mentor"), both("n", "mentee"), both("x", "mentor", "x"), both("y", "mentee", "y"))
    inputs = RoundInputs(people=people, rules=OFF, places=9, pins=(("m", "n"),), seed="s")
    assert pins_of(inputs, score_table(inputs)) == ()
    assert {pair.ids for pair in solve(inputs).pairs} == {("m", "y"), ("x", "n")}
    alone = inputs.model_copy(update={"people": people[:2]})
    assert solve(alone).pairs == ()


@pytest.mark.parametrize("reason", ["", "they know each other well"])
def test_the_office_cannot_fix_somebody_with_themselves(reason: str) -> None:
    mentor, mentee = registered(0, "mentor"), registered(0, "mentee")
    same = mentee.model_copy(update={"position": mentor.position})
    scenario = given(service, programme(), mentor, same, today=TODAY)
    scenario.when(m.PinPair(programme_id="pilot", mentor=MENTORS[0], mentee=MENTEES[0], reason=reason))
    scenario.then_refused("same_person")


def test_who_is_alone_with_themselves_waits() -> None:
    mentor, mentee = registered(0, "mentor"), registered(0, "mentee")
    same = mentee.model_copy(update={"position": mentor.position})
    scenario = given(service, programme(), mentor, same, today=TODAY).when(closed((MENTORS[0], MENTEES[0])))
    assert of_kind(scenario, Proposal) == []
    assert {listed.participant_id for listed in scenario.told if isinstance(listed, m.ReserveListed)} == {
        MENTORS[0],
        MENTEES[0],
    }
