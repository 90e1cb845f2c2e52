"""Before the first round there are days for wishes and vetoes, and everybody is told of them (P1)."""

import datetime as dt

import pytest

from services.matching.gathering import Invite
from services.matching.model import Proposal
from services.matching.service import service
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.parts import Deadlines, Rules
from tests.support.reference import By, Scenario, given, said
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    a_round,
    closed,
    leaves,
    mails,
    of_kind,
    people,
    programme,
    round_of,
    status_of,
)

DAY = dt.timedelta(days=1)
LAST = TODAY + 3 * DAY
RULES = Rules(deadlines=Deadlines(wish_days=3))


def window() -> Scenario:
    """The closed set is whole, and people have three days."""
    return given(service, programme(rules=RULES), *people(), today=TODAY).when(closed(rules=RULES))


def names(who: str, *, wishes: tuple[str, ...] = (), vetoes: tuple[str, ...] = ()) -> By:
    return By(m.NameWishes(participant_id=who, wishes=wishes, vetoes=vetoes), actor=who, sender="person")


@pytest.mark.proves("P1", "P3")
def test_when_the_set_is_whole_everybody_is_told_until_when_they_may_name_wishes() -> None:
    scenario = window().then_among(said(m.WishesInvited, status="gathering", wish_by=LAST))
    assert m.RoundSolved not in {type(message) for message in scenario.told}
    for who in (*MENTORS, *MENTEES):
        [mail] = mails(scenario, who)
        assert mail.topic == "wishes"
        assert "10 February 2027" in mail.text.en
        assert "10. Februar 2027" in mail.text.de


@pytest.mark.proves("P1")
def test_what_is_named_until_the_last_day_is_over_counts() -> None:
    plain = a_round()
    pairs = {(p.mentor, p.mentee) for p in of_kind(plain, Proposal)}
    scenario = window()
    scenario.when(LAST + DAY).then_nothing()
    for mentor, mentee in pairs:
        scenario.given(names(mentor, vetoes=(mentee,)))
    scenario.when(LAST + 2 * DAY).then_among(
        said(m.WishesClosed, status="solving"), said(m.RoundSolved, status="proposed"), m.OfficeAttentionNeeded
    )
    assert not pairs & {(p.mentor, p.mentee) for p in of_kind(scenario, Proposal)}
    scenario.when(LAST + 3 * DAY).then_nothing()


def test_a_programme_may_do_without_these_days() -> None:
    scenario = a_round()
    assert status_of(scenario) == "proposed"
    assert "wishes" not in {mail.topic for who in MENTORS for mail in mails(scenario, who)}


def test_a_further_round_asks_nobody_for_wishes_again() -> None:
    scenario = window().given(LAST + 2 * DAY)
    for proposal in of_kind(scenario, Proposal):
        scenario.given(m.RejectProposal(proposal_id=proposal.id, reason="neighbours"))
    scenario.when(LAST + 3 * DAY).then_among(said(m.RoundOpened, number=2), said(m.RoundSolved, number=2))
    assert m.WishesInvited not in {type(message) for message in scenario.told}


@pytest.mark.proves("S6")
def test_the_office_may_end_these_days_early() -> None:
    scenario = window()
    end = m.EndWishing(round_id=round_of(scenario))
    scenario.when(end).then_among(said(m.WishesClosed, status="solving"), m.RoundSolved)
    scenario.when(end).then_refused("not_wishing")
    scenario.when(m.EndWishing(round_id=MENTORS[0])).then_refused("unknown_round")
    scenario.when(LAST + 2 * DAY).then_nothing()
    waiting = given(service, programme(rules=RULES), *people()[:-1], closed(rules=RULES), today=TODAY)
    waiting.when(m.EndWishing(round_id=round_of(waiting))).then_refused("not_wishing")


def test_who_left_or_comes_to_hear_of_it_too_late_is_not_invited() -> None:
    scenario = window()
    late = Invite(round_id=round_of(scenario), participant_id=MENTORS[0])
    scenario.given(leaves(MENTORS[0])).when(late).then_nothing()
    scenario.given(m.EndWishing(round_id=round_of(scenario)))
    scenario.when(Invite(round_id=round_of(scenario), participant_id=MENTORS[1])).then_nothing()


def test_a_round_that_waits_for_wishes_ends_with_its_programme() -> None:
    scenario = window()
    over = programme(r.ProgrammeEnded, status="ended", rules=RULES, closed_set=closed().closed_set)
    scenario.when(over).then_among(said(m.RoundClosed, status="closed"))
    scenario.when(LAST + 2 * DAY).then_nothing()
    scenario.when(m.EndWishing(round_id=round_of(scenario))).then_refused("programme_ended")
