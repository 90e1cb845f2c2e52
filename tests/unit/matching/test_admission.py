"""Who found no room in a programme with a limit is matched with nobody until they move up."""

import datetime as dt
from typing import Any

import pytest

from services.matching.model import Proposal, Reserve
from services.matching.service import service
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.runtime.closed_set import closed_set
from tests.support.reference import Scenario, given, said
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    closed,
    leaves,
    listed,
    of_kind,
    people,
    programme,
    registered,
    round_of,
    status_of,
)

DAY = dt.timedelta(days=1)
OUT = MENTORS[0]


def held_back(**changes: Any) -> r.ParticipantState:
    """The first mentor found no room; with `admitted=True` they have moved up."""
    return registered(0, "mentor", r.ParticipantChanged).model_copy(update={"admitted": False, "line": 1, **changes})


def a_closing(*facts: r.ParticipantState) -> Scenario:
    """Registration has closed and held back one mentor; which facts of people matching knows by then."""
    known = given(service, programme(places=3), *facts, today=TODAY)
    return known.when(closed(held_back=closed_set([OUT]), places=3))


def paired(scenario: Scenario) -> set[str]:
    return {id for p in of_kind(scenario, Proposal) for id in (p.mentor, p.mentee)}


def test_who_found_no_room_is_proposed_to_nobody() -> None:
    scenario = a_closing(*people(), held_back())
    assert paired(scenario) & set(MENTORS) == {MENTORS[1], MENTORS[2]}
    assert len(paired(scenario)) == 4


def test_the_round_waits_until_everybody_who_found_no_room_is_known() -> None:
    """Else the first mentor, known as registered only, would be matched before their being held back came."""
    scenario = a_closing(*people())
    assert status_of(scenario) == "gathering"
    assert m.PairProposed not in {type(message) for message in scenario.told}
    scenario.given(held_back()).later()
    assert status_of(scenario) == "proposed"
    assert OUT not in paired(scenario)


def test_the_missing_are_asked_for_again() -> None:
    scenario = a_closing(*people()).later()
    assert {message.programme_id for message in scenario.told if isinstance(message, r.SayAgain)} == {"pilot"}


def test_who_has_moved_up_before_the_set_was_compared_is_matched() -> None:
    scenario = a_closing(*people(), held_back(admitted=True))
    assert OUT in paired(scenario)


@pytest.mark.proves("P5")
def test_who_found_no_room_stands_on_the_reserve_list_and_keeps_their_place_when_they_move_up() -> None:
    scenario = given(service, programme(places=3), *people(), today=TODAY).when(held_back())
    scenario.then(said(m.ReserveListed, participant_id=OUT, since=TODAY))
    assert scenario.one(m.ReserveListed).reason.code == "no_room"
    scenario.when(held_back()).then_nothing()
    scenario.given(TODAY + DAY).when(held_back(admitted=True)).then(said(m.ReserveListed, since=TODAY))
    assert scenario.one(m.ReserveListed).reason.code == "moved_up"
    assert [reserve.since for reserve in of_kind(scenario, Reserve)] == [TODAY]


def test_who_moves_up_is_looked_for_in_the_next_round() -> None:
    scenario = a_closing(*people(), held_back())
    scenario.given(m.ApproveRound(round_id=round_of(scenario)), leaves(MENTORS[1]), held_back(admitted=True))
    scenario.when(TODAY + DAY)
    assert OUT in paired(scenario)


def test_who_found_no_room_and_leaves_is_off_the_list() -> None:
    gone = held_back(status="withdrawn")
    withdrew = r.ParticipantWithdrew.model_validate(gone.model_dump())
    scenario = a_closing(*people(), held_back()).when(withdrew)
    scenario.then(said(m.ReserveLeft, participant_id=OUT))
    assert OUT not in listed(scenario)


def test_nobody_is_pinned_for_whom_there_is_no_room() -> None:
    pin = m.PinPair(programme_id="pilot", mentor=OUT, mentee=MENTEES[0])
    scenario = given(service, programme(), *people(), held_back(), today=TODAY)
    scenario.when(pin).then_refused("in_line")
    scenario.given(held_back(admitted=True)).when(pin).then(m.PairPinned)


@pytest.mark.proves("P5")
def test_who_is_released_and_finds_no_room_stands_in_line_whichever_word_of_it_comes() -> None:
    """Registration says both in two events; the newer one alone may come, and tells all."""
    asked = registered(0, "mentor").model_copy(update={"released": False})
    scenario = a_closing(*[fact for fact in people() if fact.participant_id != OUT], asked)
    scenario.when(held_back(released=True)).then(said(m.ReserveListed, participant_id=OUT, status="waiting"))
    assert OUT in listed(scenario)
