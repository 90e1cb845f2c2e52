"""What registration says anew of somebody counts in the next round: a later profile, a second registration."""

import pytest

from services.matching.service import service
from shared.contracts import matching as m
from shared.contracts import registration as r
from tests.support.reference import given, said
from tests.unit.matching.people import MENTEES, MENTORS, TODAY, closed, programme, registered, two


@pytest.mark.proves("S5")
def test_the_next_round_is_solved_of_the_newest_profiles() -> None:
    scenario = two(languages=("en",))
    start = m.StartRound(programme_id="pilot")
    assert not [message for message, _ in scenario.reference.said if isinstance(message, m.PairProposed)]
    scenario.given(registered(0, "mentor", r.ParticipantChanged, languages=("de", "en")))
    scenario.when(start).then_among(said(m.PairProposed, mentor=MENTORS[0], mentee=MENTEES[0]))


def test_who_left_and_registered_again_before_the_close_has_waited_no_longer_than_others() -> None:
    gone = registered(0, "mentor", r.ParticipantWithdrew)
    scenario = given(service, programme(), registered(0, "mentor"), gone, today=TODAY)
    scenario.when(registered(0, "mentor")).then_nothing()
    scenario.given(registered(0, "mentee")).when(closed((MENTORS[0], MENTEES[0])))
    scenario.then_among(said(m.PairProposed, mentor=MENTORS[0], mentee=MENTEES[0]))
