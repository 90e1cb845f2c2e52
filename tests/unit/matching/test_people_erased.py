"""Erasing somebody from matching: what they held ends as if they had left, and nothing names them any more."""

import datetime as dt
from typing import Any

import pytest

from services.matching.concerns import CONCERNS
from services.matching.model import Change, KeptPart, Pin, Proposal, Reserve, Round, Seat, Tandem, Wishes
from services.matching.service import service
from services.matching.solution import Propose
from shared.contracts import matching as m
from shared.contracts.parts import NOBODY
from shared.runtime.ids import derived_id
from shared.runtime.table import Piece
from tests.support.erased import erase, left_in, ordered
from tests.support.reference import By, Scenario, given, said
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    a_round,
    approved,
    closed,
    leaves,
    listed,
    mails,
    no,
    of_kind,
    people,
    programme,
    round_of,
    tandems,
    two,
    yes,
)


def wishes(who: str, **named: Any) -> By:
    return By(m.NameWishes(participant_id=who, **named), actor=who, sender="person")


def a_rematch() -> Scenario:
    """Somebody declined; on the next day two offers lie before the office, which would change an open pair."""
    scenario = approved(places=3)
    proposal = of_kind(scenario, Proposal)[0]
    return scenario.given(no(proposal, proposal.mentor), TODAY + dt.timedelta(days=1))


@pytest.mark.parametrize("begin", [a_round, approved, tandems, a_rematch])
@pytest.mark.parametrize("who", [MENTORS[0], MENTEES[1]])
@pytest.mark.parametrize("left_before", [True, False])
def test_nothing_names_who_was_erased_wherever_they_stood(begin: Any, who: str, *, left_before: bool) -> None:
    scenario = begin()
    scenario.given(wishes(MENTEES[2], wishes=(MENTORS[0],), vetoes=(MENTEES[1],)), wishes(who, vetoes=(MENTORS[2],)))
    if left_before:
        scenario.given(leaves(who))
    assert left_in(scenario, who)
    erase(scenario, who)
    assert left_in(scenario, who) == []


def test_the_search_finds_them_where_one_kind_is_left_out() -> None:
    scenario = tandems()
    own = scenario.reference.service
    fewer = tuple(concerns for concerns in CONCERNS if concerns.aggregate is not Tandem)
    scenario.reference.service = type(own)(**{**vars(own), "concerns": fewer})
    tandem = of_kind(scenario, Tandem)[0]
    erase(scenario, tandem.mentor)
    assert left_in(scenario, tandem.mentor) == [tandem.subject]


def test_their_tandem_ends_in_order_and_stays_for_the_partner_without_them() -> None:
    scenario = tandems()
    tandem = of_kind(scenario, Tandem)[0]
    told = erase(scenario, tandem.mentor)
    ended, unnamed = [message for message in told if isinstance(message, m.TandemEnded)]
    assert (ended.mentor, ended.mentee, ended.status) == (tandem.mentor, tandem.mentee, "ended")
    assert (unnamed.mentor, unnamed.mentee, unnamed.reasons) == (NOBODY, tandem.mentee, ())
    assert [mail.topic for mail in mails(scenario, tandem.mentee)] == ["tandem-ended"]
    assert mails(scenario, tandem.mentor) == mails(scenario, NOBODY) == []
    assert tandem.mentee in listed(scenario)
    [seat] = [seat for seat in of_kind(scenario, Seat) if seat.id == tandem.mentee]
    assert (seat.tandems, seat.barred) == ((), ())


def test_who_left_in_order_before_is_let_go_of_only_once() -> None:
    scenario = tandems()
    tandem = of_kind(scenario, Tandem)[0]
    scenario.given(leaves(tandem.mentor))
    scenario.when(ordered(tandem.mentor)).then_nothing()
    told = erase(scenario, tandem.mentor)
    assert [message.mentor for message in told if isinstance(message, m.TandemEnded)] == [NOBODY]


def test_an_open_proposal_ends_and_the_partner_hears_of_it() -> None:
    scenario = approved()
    proposal = of_kind(scenario, Proposal)[0]
    scenario.given(yes(proposal, proposal.mentee))
    told = erase(scenario, proposal.mentor)
    assert [message.status for message in told if isinstance(message, m.ProposalWithdrawn)] == ["withdrawn"] * 2
    assert [mail.topic for mail in mails(scenario, proposal.mentee)] == ["proposal-ended"]
    [kept] = [p for p in of_kind(scenario, Proposal) if p.id == proposal.id]
    assert (kept.mentor, kept.mentee, kept.parts, kept.reasons) == (NOBODY, proposal.mentee, (), ())
    assert (kept.score, kept.round) == (proposal.score, proposal.round)


def test_what_the_office_said_of_a_pair_goes_and_that_it_decided_otherwise_stays() -> None:
    scenario = a_round()
    proposal = of_kind(scenario, Proposal)[0]
    scenario.given(m.RejectProposal(proposal_id=proposal.id, reason="they know each other"))
    erase(scenario, proposal.mentee)
    [kept] = [p for p in of_kind(scenario, Proposal) if p.id == proposal.id]
    assert kept.rejection is not None
    assert kept.rejection.reason == ""


def test_pins_and_places_on_the_reserve_list_go() -> None:
    scenario = given(service, programme(), *people(), today=TODAY)
    scenario.given(m.PinPair(programme_id="pilot", mentor=MENTORS[0], mentee=MENTEES[0]))
    erase(scenario, MENTORS[0])
    assert of_kind(scenario, Pin) == []
    assert [seat.pins for seat in of_kind(scenario, Seat) if seat.id == MENTEES[0]] == [()]
    waiting = tandems()
    [who, *_] = sorted(listed(waiting))
    told = erase(waiting, who)
    assert [message.participant_id for message in told if isinstance(message, m.ReserveLeft)] == [who]
    assert who not in {reserve.id for reserve in of_kind(waiting, Reserve)}


def test_others_wishes_stay_without_them() -> None:
    scenario = given(service, programme(), *people(), today=TODAY)
    scenario.given(wishes(MENTEES[0], wishes=(MENTORS[1], MENTORS[2]), vetoes=(MENTORS[0],)), wishes(MENTORS[1]))
    erase(scenario, MENTORS[1], MENTORS[0])
    [left] = of_kind(scenario, Wishes)
    assert (left.id, left.wishes, left.vetoes) == (MENTEES[0], (MENTORS[2],), ())


def test_the_part_of_a_proof_that_speaks_of_them_goes() -> None:
    scenario = a_round()
    assert any(MENTORS[0] in kept.part.ids for kept in of_kind(scenario, KeptPart))
    erase(scenario, MENTORS[0])
    assert not any(MENTORS[0] in kept.part.ids for kept in of_kind(scenario, KeptPart))


def test_an_offer_keeps_its_partner_so_that_they_are_told_and_nobody_else() -> None:
    scenario = a_rematch()
    changes = [c for c in of_kind(scenario, Change) if c.round == round_of(scenario)]
    assert changes, "the office has something to choose from"
    who = changes[0].mentor
    erase(scenario, who)
    [left] = [c for c in of_kind(scenario, Change) if c.id == changes[0].id]
    assert (left.mentor, left.mentee, left.parts, left.reasons) == (NOBODY, changes[0].mentee, (), ())
    round_ = round_of(scenario)
    scenario.when(m.DeclineRound(round_id=round_, reason="all may stay")).then_among(m.RoundClosed)
    assert left_in(scenario, who) == []
    assert f"seat/{NOBODY}" not in scenario.reference.state


def test_a_pair_that_is_proposed_after_one_of_them_was_erased_frees_the_other() -> None:
    scenario = two()
    [proposal] = of_kind(scenario, Proposal)
    scenario.reference.state.pop(proposal.subject)
    other = proposal.mentee
    seat = scenario.reference.state[f"seat/{other}"]
    scenario.reference.state[seat.subject] = seat.but(proposals=())
    erase(scenario, proposal.mentor)
    late = Propose(
        round_id=round_of(scenario),
        **proposal.model_dump(include={"mentor", "mentee", "score", "parts", "reasons", "pinned"}),
    )
    scenario.when(late).then_among(said(m.ReserveListed, participant_id=other))
    assert left_in(scenario, proposal.mentor) == []
    [round_] = of_kind(scenario, Round)
    assert round_.lapsed == (proposal.score,)


def test_a_pair_s_late_piece_is_handed_over_and_no_other_piece_of_who_was_erased_is() -> None:
    spared = {row.on.__name__ for row in service.rows if isinstance(row, Piece) and row.for_others}
    assert spared == {"Propose"}


def test_an_order_for_who_never_came_says_nothing() -> None:
    given(service, programme(), *people(), closed(), today=TODAY).when(ordered(derived_id("stranger"))).then_nothing()


def test_the_comparison_with_the_closed_set_comes_right_once_both_have_erased() -> None:
    members = (*MENTORS, *MENTEES)
    scenario = given(service, programme(), *people()[:-1], closed(members), today=TODAY)
    assert of_kind(scenario, Round)[0].status == "gathering", "somebody has not come"
    erase(scenario, MENTORS[0])
    scenario.later()
    assert of_kind(scenario, Round)[0].status == "gathering"
    left = [member for member in members if member != MENTORS[0]]
    scenario.given(closed(left), people()[-1])
    scenario.later()
    assert of_kind(scenario, Round)[0].status != "gathering"


# What somebody is shown of what concerns them


def shows(kind: type[Any], aggregate: Any, who: str) -> Any:
    [concerns] = [concerns for concerns in CONCERNS if concerns.aggregate is kind]
    return concerns.shows(aggregate, frozenset({who}))


def test_nobody_is_shown_what_others_wished_or_who_of_a_pair_said_yes() -> None:
    theirs = Wishes(id=MENTEES[0], vetoes=(MENTORS[0],))
    assert shows(Wishes, theirs, MENTORS[0]) is None
    assert shows(Wishes, theirs, MENTEES[0])["vetoes"] == [MENTORS[0]]
    seat = Seat(id=MENTEES[0], barred=(MENTORS[0],), resting=True)
    assert shows(Seat, seat, MENTORS[0]) is None
    assert shows(Seat, seat, MENTEES[0]) == {"resting": True, "back_on": None}
    scenario = approved()
    proposal = of_kind(scenario, Proposal)[0]
    scenario.given(yes(proposal, proposal.mentee))
    [half] = [p for p in of_kind(scenario, Proposal) if p.id == proposal.id]
    assert shows(Proposal, half, proposal.mentor) == {"status": "approved", "answer_by": proposal.answer_by}
    scenario.given(yes(proposal, proposal.mentor))
    [both] = [p for p in of_kind(scenario, Proposal) if p.id == proposal.id]
    assert shows(Proposal, both, proposal.mentor)["partner"] == [proposal.mentee]
    assert shows(Proposal, of_kind(a_round(), Proposal)[0], MENTORS[0]) is None
