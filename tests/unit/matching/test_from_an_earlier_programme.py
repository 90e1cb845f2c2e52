"""Who waited in an earlier programme goes before who registered for this one (P5)."""

import datetime as dt

import pytest

from services.matching.model import Reserve
from services.matching.service import service
from services.matching.to_solve import solving
from shared.contracts import matching as m
from tests.support.reference import given, said
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    Reading,
    closed,
    of_kind,
    programme,
    registered,
    round_of,
)

EARLIER = dt.date(2026, 9, 1)


@pytest.mark.proves("P5")
async def test_the_round_knows_since_when_somebody_has_waited() -> None:
    mentor = registered(0, "mentor").model_copy(update={"waiting_since": EARLIER})
    scenario = given(service, programme(), mentor, registered(0, "mentee"), today=TODAY)
    scenario.given(closed((MENTORS[0], MENTEES[0])))
    work = await solving(round_of(scenario), Reading(scenario))
    proposed = {person.id: person.since for person in (*work.inputs.people, *work.asking)}
    assert proposed[MENTORS[0]] == EARLIER


@pytest.mark.proves("P5")
def test_of_two_for_one_place_who_has_waited_since_an_earlier_programme_gets_it() -> None:
    """Two mentees like the only mentor equally; each of them in turn is the one who waited."""
    for first in (0, 1):
        people = [
            registered(0, "mentor"),
            *(registered(n, "mentee", concerns=registered(0, "mentee").profile.concerns) for n in (0, 1)),
        ]
        waited = people[1 + first].model_copy(update={"waiting_since": EARLIER})
        people[1 + first] = waited
        scenario = given(service, programme(places=1), *people, today=TODAY)
        scenario.when(closed((MENTORS[0], *MENTEES[:2]), places=1))
        scenario.then_among(said(m.PairProposed, mentor=MENTORS[0], mentee=MENTEES[first]))


def test_who_is_listed_for_the_first_time_is_listed_since_then_and_later_since_the_new_day() -> None:
    mentor = registered(0, "mentor", languages=("en",)).model_copy(update={"waiting_since": EARLIER})
    scenario = given(service, programme(), mentor, registered(0, "mentee"), today=TODAY)
    scenario.when(closed((MENTORS[0], MENTEES[0])))
    scenario.then_among(said(m.ReserveListed, participant_id=MENTORS[0], since=EARLIER))
    scenario.then_among(said(m.ReserveListed, participant_id=MENTEES[0], since=TODAY))
    assert {reserve.id: reserve.since for reserve in of_kind(scenario, Reserve)}[MENTORS[0]] == EARLIER
