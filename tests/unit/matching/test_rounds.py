"""One round after the other: what closes one, what opens the next, and that it counts the places rightly."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from services.matching.model import Proposal, Tandem
from services.matching.service import service
from services.matching.solution import Propose, Solved
from services.matching.to_solve import solving
from services.matching.view import VIEW, ProgrammeView
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.table import Job
from tests.support.reference import Scenario, given, said
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    Reading,
    a_round,
    approved,
    closed,
    ends,
    leaves,
    listed,
    mails,
    no,
    of_kind,
    people,
    programme,
    registered,
    round_of,
    status_of,
    tandems,
    two,
    yes,
)

DAY = dt.timedelta(days=1)
START = m.StartRound(programme_id="pilot")


def open_attentions(scenario: Scenario) -> list[str]:
    return [attention.what for attention in of_kind(scenario, Attention) if attention.status != "settled"]


def test_the_reserve_list_gives_no_hope_once_the_programme_has_ended() -> None:
    def texts(scenario: Scenario) -> set[str]:
        view = VIEW.build("pilot", {kind: of_kind(scenario, kind) for kind in VIEW.aggregates})
        assert isinstance(view, ProgrammeView)
        return {row.text.en for row in view.reserve}

    scenario = two()
    [one] = of_kind(scenario, Proposal)
    scenario.given(m.ApproveRound(round_id=round_of(scenario)), no(one, one.mentor), TODAY + DAY)
    assert listed(scenario) == {MENTORS[0], MENTEES[0]}
    before = texts(scenario)
    assert before
    assert all("priority on the reserve list is kept" in text for text in before)
    [after] = texts(scenario.given(programme(r.ProgrammeEnded, status="ended", closed_set=closed().closed_set)))
    assert after.startswith("The programme has ended, and no round comes any more.")


# The next round


@pytest.mark.proves("P3", "S15")
def test_the_day_after_somebody_declined_the_next_best_are_proposed_without_anybody_s_asking() -> None:
    scenario = approved()
    one = of_kind(scenario, Proposal)[0]
    scenario.when(no(one, one.mentor))
    assert m.RoundOpened not in {type(message) for message in scenario.told}
    scenario.when(TODAY + DAY)
    scenario.then_among(said(m.RoundOpened, number=2), said(m.RoundSolved, proposals=1), m.OfficeAttentionNeeded)
    next_ = scenario.one(m.PairProposed)
    assert (next_.mentor, next_.mentee) != (one.mentor, one.mentee)
    scenario.when(TODAY + 2 * DAY).then_nothing()


@pytest.mark.proves("P3")
def test_the_next_round_waits_until_the_open_one_is_over() -> None:
    scenario = approved()
    one, other = of_kind(scenario, Proposal)
    scenario.given(no(one, one.mentor), TODAY + DAY, no(other, other.mentee))
    scenario.when(TODAY + 2 * DAY).then_nothing()
    scenario.given(m.ApproveRound(round_id=round_of(scenario)))
    scenario.when(TODAY + 3 * DAY).then_among(said(m.RoundOpened, number=3), said(m.RoundSolved, status="proposed"))


@pytest.mark.proves("P3", "S6")
def test_what_the_office_rejects_is_made_up_for_after_the_round() -> None:
    scenario = a_round()
    scenario.given(m.RejectProposal(proposal_id=of_kind(scenario, Proposal)[0].id, reason="neighbours"))
    scenario.when(TODAY + DAY).then_nothing()
    scenario.given(m.ApproveRound(round_id=round_of(scenario)))
    scenario.when(TODAY + 2 * DAY).then_among(said(m.RoundOpened, number=2), m.PairProposed)


def test_a_round_that_finds_no_pair_is_the_last_until_the_office_asks() -> None:
    scenario = two()
    [one] = of_kind(scenario, Proposal)
    scenario.given(m.ApproveRound(round_id=round_of(scenario)), no(one, one.mentor))
    scenario.when(TODAY + DAY)
    scenario.then_among(said(m.RoundSolved, status="empty"), said(m.OfficeAttentionNeeded, what="round-empty"))
    scenario.when(TODAY + 2 * DAY).then_nothing()
    scenario.when(START).then_among(m.RoundOpened, said(m.OfficeAttentionNeeded, what="round-empty", status="settled"))


def test_a_round_that_the_office_starts_takes_the_place_that_fell_free() -> None:
    scenario = approved()
    one = of_kind(scenario, Proposal)[0]
    scenario.given(no(one, one.mentor)).when(START).then_among(said(m.RoundOpened, number=2), m.PairProposed)
    scenario.given(m.ApproveRound(round_id=round_of(scenario))).when(TODAY + DAY).then_nothing()


def test_after_a_tandem_s_end_the_office_is_asked_and_starts_the_round_itself() -> None:
    scenario = tandems()
    one = of_kind(scenario, Tandem)[0]
    scenario.when(ends(one, one.mentor)).then_among(said(m.OfficeAttentionNeeded, what="place-free"))
    scenario.when(TODAY + DAY).then_nothing()
    scenario.when(START).then_among(m.RoundOpened, said(m.OfficeAttentionNeeded, what="place-free", status="settled"))


# When a round is over


@pytest.mark.proves("S6")
def test_a_round_whose_pairs_were_decided_on_one_by_one_is_over() -> None:
    scenario = a_round()
    one, other = of_kind(scenario, Proposal)
    scenario.when(m.ApproveProposal(proposal_id=one.id))
    assert m.RoundClosed not in {type(message) for message in scenario.told}
    scenario.when(m.RejectProposal(proposal_id=other.id, reason="neighbours"))
    scenario.then_among(
        said(m.RoundClosed, status="closed"), said(m.OfficeAttentionNeeded, what="round-to-approve", status="settled")
    )
    assert open_attentions(scenario) == []
    scenario.when(m.ApproveRound(round_id=round_of(scenario))).then_refused("not_proposed")
    scenario.when(START).then_among(said(m.RoundOpened, number=2))


def test_a_round_whose_people_all_left_before_the_office_decided_is_over() -> None:
    scenario = two()
    scenario.when(leaves(MENTORS[0])).then_among(m.ProposalWithdrawn, said(m.RoundClosed, status="closed"))
    assert open_attentions(scenario) == []


def test_an_answer_to_an_approved_pair_does_not_close_the_round_that_still_waits() -> None:
    scenario = a_round()
    one, _ = of_kind(scenario, Proposal)
    scenario.given(m.ApproveProposal(proposal_id=one.id)).when(no(one, one.mentor))
    assert m.RoundClosed not in {type(message) for message in scenario.told}
    assert status_of(scenario) == "proposed"


@pytest.mark.proves("S15")
def test_a_round_without_a_pair_was_approved_by_nobody_and_the_office_hears_what_it_can_do() -> None:
    alone = given(service, programme(), registered(0, "mentor"), today=TODAY).when(closed((MENTORS[0],)))
    alone.then_among(said(m.RoundSolved, status="empty", proposals=0))
    asked = alone.one(m.OfficeAttentionNeeded)
    assert (asked.what, asked.answered_by) == (
        "round-empty",
        ("registration.change-places.v1", "matching.start-round.v1"),
    )
    alone.when(m.ApproveRound(round_id=round_of(alone))).then_refused("not_proposed")


@pytest.mark.proves("S15")
def test_the_office_s_days_begin_when_the_round_is_solved() -> None:
    late = given(service, programme(), *people()[:-1], closed(), TODAY + 5 * DAY, people()[-1], today=TODAY)
    late.later()
    assert late.one(m.OfficeAttentionNeeded).by == (TODAY + 12 * DAY).isoformat()


# Somebody left between solving and proposing


def by_hand() -> Scenario:
    """All six are known, and the round's solution comes from the test."""
    rows = tuple(
        replace(row, work=lambda inputs: ()) if isinstance(row, Job) and row.name == "solve" else row
        for row in service.rows
    )
    return given(replace(service, rows=rows), programme(), *people(), closed(), today=TODAY)


def pair(scenario: Scenario, number: int) -> Propose:
    parts = (m.ScorePart(part="site", points=50),)
    mentor, mentee = MENTORS[number], MENTEES[number]
    return Propose(round_id=round_of(scenario), mentor=mentor, mentee=mentee, score=50, parts=parts, reasons=())


def all_(scenario: Scenario, pairs: int) -> Solved:
    return Solved(round_id=round_of(scenario), proposals=pairs, unmatched=4, lowest_score=50, sum_of_scores=50 * pairs)


@pytest.mark.proves("P5", "S15")
def test_whose_partner_left_before_the_proposal_waits_and_is_told() -> None:
    scenario = by_hand()
    scenario.given(pair(scenario, 0), leaves(MENTORS[1])).when(pair(scenario, 1))
    scenario.then(said(m.ReserveListed, participant_id=MENTEES[1]), said(m.PersonAddressed, to=MENTEES[1]))
    assert scenario.one(m.ReserveListed).reason.code == "no_longer_free"
    scenario.when(all_(scenario, 2))
    scenario.then(said(m.RoundSolved, status="proposed", proposals=1, sum_of_scores=50), m.OfficeAttentionNeeded)
    scenario.given(m.ApproveRound(round_id=round_of(scenario)))
    scenario.when(TODAY + DAY).then_among(said(m.RoundOpened, number=2))


def test_a_round_of_which_no_pair_could_be_proposed_asks_the_office_to_approve_nothing() -> None:
    scenario = by_hand()
    scenario.given(leaves(MENTORS[0]), pair(scenario, 0)).when(all_(scenario, 1))
    scenario.then(
        said(m.RoundSolved, status="empty", lowest_score=None), said(m.OfficeAttentionNeeded, what="round-empty")
    )


def test_a_pair_that_comes_a_second_time_is_proposed_once() -> None:
    scenario = by_hand()
    scenario.given(pair(scenario, 0)).when(pair(scenario, 0)).then_nothing()


def test_the_office_may_decide_on_the_last_pair_before_all_was_handed_over() -> None:
    scenario = by_hand()
    scenario.given(pair(scenario, 0))
    scenario.given(m.ApproveProposal(proposal_id=of_kind(scenario, Proposal)[0].id))
    scenario.when(all_(scenario, 1)).then(said(m.RoundSolved, status="closed"))
    scenario.when(START).then_among(m.RoundOpened)


# Places


@pytest.mark.proves("P4")
def test_a_pair_that_accepts_while_a_round_is_read_holds_its_place() -> None:
    scenario = approved()
    one = of_kind(scenario, Proposal)[0]
    scenario.given(yes(one, one.mentor))
    read = asyncio.run(solving(round_of(scenario), Reading(scenario, yes(one, one.mentee))))
    assert len(of_kind(scenario, Tandem)) == 1
    assert read.inputs.places == len(read.inputs.previous) == 1, "the other pair's place, which it may keep"


@pytest.mark.proves("S15")
def test_who_waits_hears_nothing_of_a_round_that_had_no_place() -> None:
    scenario = tandems().when(START)
    scenario.then_among(said(m.RoundSolved, status="empty", unmatched=2))
    assert m.PersonAddressed not in {type(message) for message in scenario.told}


@pytest.mark.proves("P5")
def test_who_is_left_out_again_is_told_again_and_keeps_their_place_in_line() -> None:
    scenario = two()
    [one] = of_kind(scenario, Proposal)
    scenario.given(m.ApproveRound(round_id=round_of(scenario)), no(one, one.mentor)).when(TODAY + DAY)
    assert listed(scenario) == {MENTORS[0], MENTEES[0]}
    for who in (MENTORS[0], MENTEES[0]):
        [mail] = mails(scenario, who)
        assert mail.topic == "reserve"
        scenario.then_among(said(m.ReserveListed, participant_id=who, since=TODAY))


# After the end


@pytest.mark.proves("S9")
@pytest.mark.parametrize("ended", [False, True], ids=["the day after the term", "as soon as it is said"])
def test_no_round_and_no_tandem_begins_after_the_programme(ended: bool) -> None:
    whole = closed().closed_set
    over = programme(r.ProgrammeEnded, status="ended", closed_set=whole) if ended else dt.date(2027, 7, 15)
    scenario = approved()
    one, other = of_kind(scenario, Proposal)
    scenario.given(yes(one, one.mentor), no(other, other.mentor), over)
    scenario.when(START).then_refused("programme_ended")
    if ended:
        scenario.when(yes(one, one.mentee)).then_refused("not_open")
        scenario.when(TODAY + DAY).then_nothing()
    assert of_kind(scenario, Tandem) == []


def test_nothing_is_approved_after_the_programme() -> None:
    scenario = a_round()
    scenario.given(programme(r.ProgrammeEnded, status="ended", closed_set=closed().closed_set))
    scenario.when(m.ApproveRound(round_id=round_of(scenario))).then_refused("programme_ended")
    one = of_kind(scenario, Proposal)[0]
    scenario.when(m.ApproveProposal(proposal_id=one.id)).then_refused("programme_ended")


def test_an_open_proposal_ends_by_its_deadline_after_the_programme_and_opens_no_round() -> None:
    scenario = approved(term={"starts": "2027-02-08", "ends": "2027-02-10"})
    scenario.when(TODAY + 9 * DAY).then_among(m.ProposalExpired)
    scenario.when(TODAY + 10 * DAY).then_nothing()


def test_a_programme_known_only_when_it_has_ended_opens_no_round() -> None:
    over = programme(r.ProgrammeEnded, status="ended", closed_set=closed().closed_set)
    given(service, *people()).when(over).then_nothing()


ENDED = programme(r.ProgrammeEnded, status="ended", closed_set=closed().closed_set)


@pytest.mark.proves("P3", "S9", "S19")
def test_a_round_that_is_open_when_its_programme_ends_is_over_and_everybody_hears_of_it() -> None:
    scenario = a_round()
    pairs = of_kind(scenario, Proposal)
    scenario.when(ENDED)
    scenario.then_among(
        said(m.RoundClosed, status="closed"),
        said(m.OfficeAttentionNeeded, what="round-to-approve", status="settled"),
        said(m.OfficeAttentionNeeded, what="round-ended", status="settled"),
        *(said(m.ProposalWithdrawn, proposal_id=one.id) for one in pairs),
    )
    for one in pairs:
        for who in (one.mentor, one.mentee):
            assert "has ended" in mails(scenario, who)[0].text.en
    assert open_attentions(scenario) == []
    scenario.when(ENDED).then_nothing()


def test_who_was_asked_is_told_that_nothing_came_of_it_when_the_programme_ends() -> None:
    scenario = approved()
    one = of_kind(scenario, Proposal)[0]
    scenario.given(yes(one, one.mentor)).when(ENDED)
    scenario.then_among(said(m.ProposalWithdrawn, proposal_id=one.id))
    assert {mail.topic for who in (one.mentor, one.mentee) for mail in mails(scenario, who)} == {"proposal-ended"}


def test_a_round_that_waits_for_its_set_ends_with_its_programme() -> None:
    scenario = given(service, programme(), *people()[:-1], closed(), today=TODAY)
    scenario.when(ENDED).then_among(said(m.RoundClosed, status="closed"))
    scenario.given(people()[-1]).later().then_nothing()
    assert scenario.reference.unfinished == []


def test_a_pair_that_was_being_proposed_when_the_programme_ended_is_let_go_of_too() -> None:
    scenario = by_hand()
    before = dict(scenario.reference.state)
    scenario.given(pair(scenario, 0))
    late = {s: a for s, a in scenario.reference.state.items() if before.get(s) != a}
    scenario.reference.state.clear()
    scenario.reference.state.update(before)
    scenario.given(ENDED)
    # Committed at the same moment as the end: it wrote nothing that the end wrote.
    assert not {s.split("/")[0] for s in late} & {"round", "board", "programme"}
    scenario.reference.state.update(late)
    scenario.when(all_(scenario, 1)).then_among(m.ProposalWithdrawn)
    scenario.when(pair(scenario, 1)).then_nothing()
