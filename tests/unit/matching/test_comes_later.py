"""Who may be matched only after the first round has begun: admitted late, released, back (P5, S15)."""

import datetime as dt

import pytest

from services.matching.gathering import gather, gathering
from services.matching.model import Board
from services.matching.service import service
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.parts import Deadlines, Rules
from shared.runtime.closed_set import missing_buckets
from tests.support.reference import Said, Scenario, given, said
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    Reading,
    closed,
    leaves,
    listed,
    mails,
    of_kind,
    people,
    programme,
    registered,
    round_of,
    two,
)
from tests.unit.matching.test_races import race, waiting

DAY = dt.timedelta(days=1)
WISHING = Rules(deadlines=Deadlines(wish_days=3))


def late(number: int = 1) -> r.ParticipantState:
    return registered(number, "mentor").model_copy(update={"late": True})


def asked(number: int, kind: type[r.ParticipantState] = r.ParticipantRegistered) -> r.ParticipantState:
    """Somebody whose line manager has not released the time yet."""
    return registered(number, "mentor", kind).model_copy(update={"released": False})


def released(number: int) -> r.ParticipantState:
    return registered(number, "mentor", r.ParticipantChanged)


def asked_for_wishes(who: str, rules: Rules) -> tuple[Said, ...]:
    """What somebody hears who comes while a round waits for wishes."""
    return (said(m.PersonAddressed, to=who, topic="wishes"),) if rules is WISHING else ()


def one_waits() -> Scenario:
    """A mentee found nobody in the first round: the only mentor is not released."""
    return given(service, programme(), asked(0), registered(0, "mentee"), closed((MENTORS[0], MENTEES[0])), today=TODAY)


@pytest.mark.proves("S15")
def test_who_is_not_released_is_in_no_round_and_not_on_the_reserve_list() -> None:
    scenario = one_waits()
    assert listed(scenario) == {MENTEES[0]}
    assert not [message for message, _ in scenario.reference.said if isinstance(message, m.PairProposed)]


@pytest.mark.proves("P5", "S15")
def test_who_is_released_after_a_round_waits_in_line_and_the_next_one_begins_by_itself() -> None:
    scenario = one_waits().when(released(0))
    scenario.then(said(m.ReserveListed, participant_id=MENTORS[0], since=TODAY))
    scenario.when(TODAY + DAY).then_among(said(m.PairProposed, mentor=MENTORS[0], mentee=MENTEES[0]))


@pytest.mark.proves("P5")
def test_who_is_admitted_late_waits_in_line_and_the_next_round_begins_by_itself() -> None:
    scenario = two(languages=("en",)).when(late())
    scenario.then(said(m.ReserveListed, participant_id=MENTORS[1], since=TODAY))
    scenario.when(TODAY + DAY).then_among(said(m.PairProposed, mentor=MENTORS[1], mentee=MENTEES[0]))
    scenario.when(late()).then_nothing()


async def test_who_is_admitted_late_does_not_keep_the_closed_set_from_being_whole() -> None:
    scenario = given(service, programme(), *people(), closed(), today=TODAY)
    scenario.given(registered(9, "mentor").model_copy(update={"late": True}))
    read = await gathering(round_of(scenario), Reading(scenario))
    assert set(read.known) == {*MENTORS, *MENTEES}
    assert read.closed is not None
    assert missing_buckets(read.closed, read.known) == ()
    assert gather(read)


@pytest.mark.parametrize("rules", [WISHING, Rules(deadlines=Deadlines(wish_days=0))], ids=["wishing", "gathering"])
def test_who_comes_before_the_first_round_is_solved_has_no_place_before_the_others(rules: Rules) -> None:
    members = (MENTORS[0], MENTEES[0]) if rules is WISHING else (*MENTORS, *MENTEES)
    scenario = given(service, programme(rules=rules), asked(0), registered(0, "mentee"), today=TODAY)
    scenario.given(closed(members, rules=rules)).when(released(0))
    scenario.then(*asked_for_wishes(MENTORS[0], rules))
    scenario.when(late(2)).then(*asked_for_wishes(MENTORS[2], rules))
    assert listed(scenario) == set()
    assert [board.due for board in of_kind(scenario, Board)] == [None]


def test_who_is_not_released_is_not_asked_for_wishes_and_cannot_be_fixed() -> None:
    scenario = given(service, programme(rules=WISHING), asked(0), registered(0, "mentee"), today=TODAY)
    scenario.when(closed((MENTORS[0], MENTEES[0]), rules=WISHING))
    assert mails(scenario, MENTORS[0]) == []
    assert mails(scenario, MENTEES[0]) != []
    pin = m.PinPair(programme_id="pilot", mentor=MENTORS[0], mentee=MENTEES[0])
    given(service, programme(), asked(0), registered(0, "mentee"), today=TODAY).when(pin).then_refused("not_released")


def test_after_the_end_nobody_is_listed_any_more() -> None:
    scenario = one_waits().given(programme(r.ProgrammeEnded, status="ended", closed_set=closed().closed_set))
    scenario.when(released(0)).then_nothing()


async def test_who_is_released_while_the_next_round_opens_is_found_by_it_or_by_another() -> None:
    """The board is written by both, so one of the two is decided again and sees the other."""
    members = (MENTORS[0], MENTEES[0])
    before = (TODAY, programme(), asked(0), registered(0, "mentee"), closed(members))
    replica = await race(before, m.StartRound(programme_id="pilot"), released(0), "board")
    assert MENTORS[0] in waiting(replica) or any(
        a["mentor"] == MENTORS[0] for s, a in replica.aggregates().items() if s.startswith("proposal/")
    )


def test_who_leaves_before_the_release_is_let_go_of() -> None:
    scenario = one_waits().given(leaves(MENTORS[0]))
    scenario.when(asked(0, r.ParticipantChanged)).then_nothing()
    assert MENTORS[0] not in listed(scenario)
