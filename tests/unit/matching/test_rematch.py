"""A re-match: what nobody has said yes to may change, the office chooses, and until then nothing changes for people."""

import datetime as dt
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from services.matching import solving
from services.matching.approving import Refilled, Refilling, refill
from services.matching.assignment import Assignment
from services.matching.left_out import left_out
from services.matching.model import Board, Change, Proposal, Round, Seat, Tandem
from services.matching.people import Pair, RoundInputs, Solution
from services.matching.service import service
from services.matching.solution import Propose
from services.matching.table import ScoreTable, score_table
from services.matching.view import VIEW
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.base import Contract
from shared.contracts.parts import TopicLevel
from shared.runtime.table import Job
from tests.support.reference import By, Scenario, given, said
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    approved,
    closed,
    leaves,
    listed,
    mails,
    no,
    of_kind,
    person,
    programme,
    registered,
    round_of,
    status_of,
    tandems,
    two,
    yes,
)

DAY = dt.timedelta(days=1)
Pairs = Sequence[tuple[str, str]]


def choose(scenario: Scenario, offer: m.OfferName = "fewest_changes") -> m.ApproveRound:
    return m.ApproveRound(round_id=round_of(scenario), offer=offer)


def keep_all(scenario: Scenario) -> m.DeclineRound:
    return m.DeclineRound(round_id=round_of(scenario), reason="all may stay as it is")


def newest(scenario: Scenario) -> Round:
    found: Round = max(of_kind(scenario, Round), key=lambda round_: round_.number)
    return found


def open_pairs(scenario: Scenario) -> set[tuple[str, str]]:
    return {(p.mentor, p.mentee) for p in of_kind(scenario, Proposal) if p.is_open}


def letters(scenario: Scenario) -> dict[str, list[str]]:
    """What each person was told last."""
    people_ = {message.to for message in scenario.told if isinstance(message, m.PersonAddressed)}
    return {who: [mail.topic for mail in mails(scenario, who)] for who in people_}


@pytest.fixture
def rematch(monkeypatch: pytest.MonkeyPatch) -> "Rematch":
    """One of two open pairs declined; the next day a re-match whose offers the test knows."""
    return Rematch(monkeypatch)


class Rematch:
    """`one` was declined, `other` is open; nobody has said yes to it. The third mentor and mentee are free."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, places: int = 2) -> None:
        self.scenario = approved(places=places)
        self.one, self.other, *_ = of_kind(self.scenario, Proposal)
        self.mentor = next(id for id in MENTORS if id not in (self.one.mentor, self.other.mentor))
        self.mentee = next(id for id in MENTEES if id not in (self.one.mentee, self.other.mentee))
        self.asked: list[RoundInputs] = []
        self._patch = monkeypatch
        self.scenario.given(no(self.one, self.one.mentor))

    @property
    def kept(self) -> Pairs:
        """The open pair stays, and the two who are free meet."""
        return ((self.other.mentor, self.other.mentee), (self.mentor, self.mentee))

    @property
    def crossed(self) -> Pairs:
        """The two of the open pair meet the two who are free."""
        return ((self.other.mentor, self.mentee), (self.mentor, self.other.mentee))

    def solve(self, fewest: Pairs, full: Pairs, day: dt.date = TODAY + DAY) -> Scenario:
        """The next round, with solutions that the test gives."""

        def explain(inputs: RoundInputs, table: ScoreTable, found: Assignment) -> Solution:
            self.asked.append(inputs)
            pairs = tuple(
                Pair(mentor=a, mentee=b, score=50 + n, parts=(m.ScorePart(part="site", points=50 + n),), reasons=())
                for n, (a, b) in enumerate(fewest if inputs.previous else full)
            )
            scores = [pair.score for pair in pairs]
            left = left_out(inputs, table, [(pair.mentor, pair.mentee) for pair in pairs])
            return Solution(pairs=pairs, unmatched=left, lowest_score=min(scores), sum_of_scores=sum(scores))

        with self._patch.context() as patch:
            patch.setattr(solving, "explain", explain)
            return self.scenario.when(day)


@pytest.mark.proves("P3", "S6")
def test_a_rematch_is_solved_with_and_without_the_open_proposals_and_their_people_are_free_for_it(
    rematch: Rematch,
) -> None:
    rematch.solve(rematch.kept, rematch.crossed)
    fewest, full = rematch.asked
    assert fewest.previous == ((rematch.other.mentor, rematch.other.mentee),)
    assert full.previous == ()
    assert fewest.places == 2
    assert {p.id: p.capacity for p in fewest.people} == dict.fromkeys((*MENTORS, *MENTEES), 1)
    assert not any(p.served for p in fewest.people)
    assert {p.since for p in fewest.people} == {TODAY}, "whom a round proposed stands in line like whom it left out"


@pytest.mark.proves("P3", "S6", "S20")
def test_the_office_sees_both_offers_with_what_they_would_change_and_nothing_changes_before_it_chooses(
    rematch: Rematch,
) -> None:
    scenario = rematch.solve(rematch.kept, rematch.crossed)
    solved = scenario.one(m.RoundSolved)
    assert [(o.offer, o.kept, o.ended, o.new) for o in solved.offers] == [
        ("fewest_changes", 1, 0, 1),
        ("full_order", 0, 1, 2),
    ]
    assert scenario.one(m.OfficeAttentionNeeded).answered_by == (
        "matching.approve-round.v1",
        "matching.decline-round.v1",
    )
    assert not {m.PairProposed, m.ProposalWithdrawn} & {type(x) for x in scenario.told}
    assert letters(scenario).keys() == {rematch.one.mentor, rematch.one.mentee}, "whom neither offer brings anybody"
    assert open_pairs(scenario) == {(rematch.other.mentor, rematch.other.mentee)}
    view = VIEW.build("pilot", {kind: of_kind(scenario, kind) for kind in VIEW.aggregates}).model_dump()
    rows = {(row["offer"], row["change"], row["mentor"], row["mentee"]) for row in view["changes"]}
    assert rows == {
        ("fewest_changes", "new", rematch.mentor, rematch.mentee),
        ("full_order", "ended", rematch.other.mentor, rematch.other.mentee),
        *(("full_order", "new", mentor, mentee) for mentor, mentee in rematch.crossed),
    }
    [ended] = [row for row in view["changes"] if row["change"] == "ended"]
    assert ended["proposal_id"] == rematch.other.id
    part = {"part": "site", "points": 51, "text": {"de": "derselbe Standort", "en": "the same site"}}
    assert [row["parts"] for row in view["changes"] if row["offer"] == "fewest_changes"] == [(part,)]


@pytest.mark.proves("P3")
def test_the_offer_with_the_fewest_changes_leaves_what_is_open_and_asks_the_new_pairs(rematch: Rematch) -> None:
    scenario = rematch.solve(rematch.kept, rematch.crossed)
    scenario.when(choose(scenario)).then_among(
        said(m.RoundApproved, offer="fewest_changes", proposals=1),
        said(m.PairProposed, mentor=rematch.mentor, mentee=rematch.mentee),
        said(m.ProposalApproved, mentor=rematch.mentor, mentee=rematch.mentee),
    )
    assert m.ProposalWithdrawn not in {type(x) for x in scenario.told}
    assert open_pairs(scenario) == set(rematch.kept)
    assert mails(scenario, rematch.other.mentor) == []
    scenario.when(choose(scenario)).then_refused("not_proposed")
    scenario.when(TODAY + 2 * DAY).then_nothing()


@pytest.mark.proves("P3")
def test_the_office_sees_whether_what_it_approved_of_a_rematch_is_still_being_carried_out(rematch: Rematch) -> None:
    scenario = rematch.solve(rematch.kept, rematch.crossed)

    def under_way(board: Sequence[Board]) -> bool:
        found = {kind: of_kind(scenario, kind) for kind in VIEW.aggregates} | {Board: list(board)}
        shown: bool = VIEW.build("pilot", found).model_dump()["rounds"][-1]["under_way"]
        return shown

    [taken] = of_kind(scenario, Board)
    assert not under_way([taken]), "it waits for the office"
    scenario.when(choose(scenario))
    assert under_way([taken])
    assert not under_way(of_kind(scenario, Board))


@pytest.mark.proves("P3", "P9")
def test_the_full_order_ends_what_falls_away_in_neutral_words_and_asks_the_new_pairs(rematch: Rematch) -> None:
    scenario = rematch.solve(rematch.kept, rematch.crossed)
    scenario.when(choose(scenario, "full_order"))
    scenario.then_among(
        said(m.ProposalWithdrawn, proposal_id=rematch.other.id), said(m.RoundApproved, offer="full_order")
    )
    for mentor, mentee in rematch.crossed:
        scenario.then_among(said(m.ProposalApproved, mentor=mentor, mentee=mentee))
    assert open_pairs(scenario) == set(rematch.crossed)
    for who in (rematch.other.mentor, rematch.other.mentee):
        assert [mail.topic for mail in mails(scenario, who)] == ["proposal-ended", "proposal"]
    barred = {seat.id: seat.barred for seat in of_kind(scenario, Seat)}
    assert rematch.other.mentee not in barred[rematch.other.mentor], "nobody said no: they may be proposed again"
    scenario.when(TODAY + 2 * DAY).then_nothing()


@pytest.mark.proves("S6")
def test_the_office_may_leave_all_as_it_is_and_says_why(rematch: Rematch) -> None:
    scenario = rematch.solve(rematch.kept, rematch.crossed)
    scenario.when(keep_all(scenario)).then_among(
        said(m.RoundClosed, status="closed"), said(m.OfficeAttentionNeeded, what="round-to-approve", status="settled")
    )
    kept = newest(scenario).unchanged
    assert kept is not None
    assert (kept.reason, kept.on) == ("all may stay as it is", TODAY + DAY)
    assert "may stay" not in "".join(x.model_dump_json() for x in scenario.told)
    assert open_pairs(scenario) == {(rematch.other.mentor, rematch.other.mentee)}
    scenario.when(keep_all(scenario)).then_refused("not_proposed")
    scenario.when(m.DeclineRound(round_id=MENTORS[0], reason="no such round")).then_refused("unknown_round")
    scenario.when(m.StartRound(programme_id="pilot")).then_among(m.RoundOpened)


@pytest.mark.proves("S6")
def test_the_figures_of_a_round_are_of_the_new_pairs_of_the_offer_that_the_office_approved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def figures(offer: m.OfferName) -> list[tuple[int, int, int | None, int]]:
        rematch = Rematch(monkeypatch, places=3)
        rematch.scenario.given(registered(3, "mentor"))
        third = next(p for p in of_kind(rematch.scenario, Proposal) if p.id not in (rematch.one.id, rematch.other.id))
        stays, other = ((p.mentor, p.mentee) for p in (third, rematch.other))
        free = rematch.one.mentor, rematch.one.mentee
        # The test's scores are 50, 51, 52 in this order.
        scenario = rematch.solve([stays, other, free], [stays, (other[0], free[1])])
        solved = scenario.one(m.RoundSolved)
        approved_ = scenario.when(choose(scenario, offer)).one(m.RoundApproved)
        return [(x.proposals, x.unmatched, x.lowest_score, x.sum_of_scores) for x in (solved, approved_)]

    assert figures("fewest_changes") == [(1, 1, 52, 52), (1, 1, 52, 52)]
    assert figures("full_order") == [(1, 1, 52, 52), (1, 3, 51, 51)]


@pytest.mark.proves("S6")
def test_the_office_may_choose_the_full_order_where_the_other_offer_brings_nothing_new(rematch: Rematch) -> None:
    scenario = rematch.solve([(rematch.other.mentor, rematch.other.mentee)], rematch.crossed)
    scenario.then_among(
        said(m.RoundSolved, status="proposed", proposals=0), said(m.OfficeAttentionNeeded, what="round-to-approve")
    )
    scenario.when(choose(scenario, "full_order"))
    assert open_pairs(scenario) == set(rematch.crossed)


@pytest.mark.proves("P3", "P5")
@pytest.mark.parametrize("decide", [choose, keep_all])
def test_who_found_somebody_only_in_the_offer_that_the_office_did_not_choose_waits_and_is_told_once(
    rematch: Rematch, decide: Callable[[Scenario], Contract]
) -> None:
    scenario = rematch.solve([(rematch.other.mentor, rematch.other.mentee)], rematch.crossed)
    assert letters(scenario) == {rematch.one.mentor: ["reserve"], rematch.one.mentee: ["reserve"]}, "found by neither"
    scenario.when(decide(scenario))
    assert letters(scenario) == {rematch.mentor: ["reserve"], rematch.mentee: ["reserve"]}
    assert {rematch.mentor, rematch.mentee} <= listed(scenario)
    assert "the office decided otherwise" in mails(scenario, rematch.mentor)[0].text.en
    scenario.when(decide(scenario)).then_refused("not_proposed")
    scenario.when(TODAY + 2 * DAY).then_nothing()


@pytest.mark.proves("P3", "P5")
def test_whose_proposal_the_approved_offer_ended_hears_of_that_alone(rematch: Rematch) -> None:
    scenario = rematch.solve(rematch.kept, [(rematch.other.mentor, rematch.mentee)])
    scenario.when(choose(scenario, "full_order"))
    assert letters(scenario) == {
        rematch.other.mentor: ["proposal-ended", "proposal"],
        rematch.other.mentee: ["proposal-ended"],
        rematch.mentee: ["proposal"],
        rematch.mentor: ["reserve"],
    }


def test_where_both_offers_bring_the_same_and_end_nothing_the_new_pairs_are_proposed_as_in_any_round(
    rematch: Rematch,
) -> None:
    scenario = rematch.solve(rematch.kept, rematch.kept)
    scenario.then_among(
        said(m.PairProposed, mentor=rematch.mentor, mentee=rematch.mentee),
        said(m.RoundSolved, proposals=1, offers=(), lowest_score=51, sum_of_scores=51),
    )
    scenario.when(keep_all(scenario)).then_refused("no_offers")
    scenario.when(choose(scenario, "full_order")).then_refused("no_offers")
    scenario.when(choose(scenario)).then_among(said(m.ProposalApproved, mentor=rematch.mentor))


# What was answered is fixed


@pytest.mark.proves("P1", "P3")
def test_what_somebody_has_said_yes_to_is_changed_by_neither_offer_and_nobody_reads_that_it_is(
    rematch: Rematch,
) -> None:
    rematch.scenario.given(yes(rematch.other, rematch.other.mentee))
    rematch.solve([], [(rematch.mentor, rematch.mentee)])
    [inputs] = rematch.asked
    assert (inputs.previous, inputs.places) == ((), 1)
    assert not {rematch.other.mentor, rematch.other.mentee} & {p.id for p in inputs.people}


@pytest.mark.proves("P9")
def test_no_offer_tells_whether_somebody_has_said_yes_to_what_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(*, answered: bool) -> tuple[str, str]:
        rematch = Rematch(monkeypatch, places=3)
        scenario, one, other = rematch.scenario, rematch.one, rematch.other
        third = next(p for p in of_kind(scenario, Proposal) if p.id not in (one.id, other.id))
        stays = () if answered else ((third.mentor, third.mentee),)
        if answered:
            scenario.given(yes(third, third.mentee))
        rematch.solve(((other.mentor, other.mentee), *stays), ((other.mentor, one.mentee), *stays))
        offers = [offer.model_dump(include={"offer", "kept", "ended", "new"}) for offer in newest(scenario).offers]
        view = VIEW.build("pilot", {kind: of_kind(scenario, kind) for kind in VIEW.aggregates})
        return str(offers), view.model_dump_json(include={"changes", "proposals"})

    assert told(answered=True) == told(answered=False)
    assert "'kept': 2" in told(answered=True)[0]


@pytest.mark.proves("P1", "P9")
@pytest.mark.parametrize("offers", [True, False])
def test_a_round_says_the_same_whoever_has_said_yes_to_what_stays_or_vetoed_it(
    monkeypatch: pytest.MonkeyPatch, *, offers: bool
) -> None:
    def told(at: int = 0, says: Callable[[Proposal], By] | None = None) -> list[Contract]:
        scenario = approved(places=6)
        asked: list[Proposal] = sorted(of_kind(scenario, Proposal), key=lambda p: p.mentor)
        scores = {p.id: 300 + 100 * n for n, p in enumerate(asked)}
        for p in asked:
            scenario.reference.state[p.subject] = p.but(score=scores[p.id])
        if says is not None:
            scenario.given(says(asked[at]))
        new = [(person(3, "mentor"), person(3, "mentee")), (person(4, "mentor"), person(3, "mentee"))]
        scenario.given(registered(3, "mentor"), registered(4, "mentor"), registered(3, "mentee"))
        # Two who fit only a mentor who is asked already.
        only = (TopicLevel(topic_id="topic-0", level=5),)
        scenario.given(*(registered(n, "mentee", concerns=only) for n in (4, 5)))

        def explain(inputs: RoundInputs, table: ScoreTable, found: Assignment) -> Solution:
            free = {p.id for p in inputs.people}
            stay = [(p.mentor, p.mentee, 900) for p in asked if {p.mentor, p.mentee} <= free]
            brought = new[1] if offers and not inputs.previous else new[0]
            pairs = tuple(
                Pair(mentor=a, mentee=b, score=score, parts=(), reasons=()) for a, b, score in (*stay, (*brought, 350))
            )
            total = sum(pair.score for pair in pairs)
            left = left_out(inputs, table, [(pair.mentor, pair.mentee) for pair in pairs])
            return Solution(pairs=pairs, unmatched=left, lowest_score=350, sum_of_scores=total)

        with monkeypatch.context() as patch:
            patch.setattr(solving, "explain", explain)
            scenario.when(m.StartRound(programme_id="pilot"))
        return list(scenario.told)

    said_of_none = told()
    solved = next(x for x in said_of_none if isinstance(x, m.RoundSolved))
    assert (solved.proposals, solved.lowest_score, solved.sum_of_scores) == (1, 350, 350), "of what is new"
    figures = [(o.kept, o.ended, o.new, o.lowest_score, o.sum_of_scores) for o in solved.offers]
    assert figures == ([(3, 0, 1, 300, 1550)] * 2 if offers else [])
    [last] = [x for x in said_of_none if isinstance(x, m.RoundProgressed) and x.step == "proposing"]
    assert (last.done, last.of, last.bound) == (1, 6, 1550)
    assert {m.TopicGapFound, m.ReserveListed} <= {type(x) for x in said_of_none}
    for at in range(3):
        assert told(at, lambda p: yes(p, p.mentee)) == said_of_none
        assert told(at, veto) == said_of_none


@pytest.mark.proves("P9")
def test_a_mentor_with_a_further_seat_is_not_left_out_whether_their_open_proposal_has_a_yes_or_not() -> None:
    def unmatched(*, answered: bool) -> int:
        scenario = given(service, programme(places=3), registered(0, "mentor", capacity=2), registered(0, "mentee"))
        scenario.given(closed((MENTORS[0], MENTEES[0]), places=3))
        scenario.given(m.ApproveRound(round_id=round_of(scenario)))
        [proposal] = of_kind(scenario, Proposal)
        if answered:
            scenario.given(yes(proposal, proposal.mentee))
        scenario.when(m.StartRound(programme_id="pilot"))
        return scenario.one(m.RoundSolved).unmatched

    assert unmatched(answered=True) == unmatched(answered=False) == 0


@pytest.mark.proves("S14")
def test_where_somebody_rests_or_has_answered_one_table_of_scores_is_held_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenario = approved()
    one = of_kind(scenario, Proposal)[0]
    scenario.given(yes(one, one.mentee))
    made: list[weakref.ref[ScoreTable]] = []
    held: list[int] = []

    def noted(inputs: RoundInputs) -> ScoreTable:
        held.append(sum(table() is not None for table in made))
        table = score_table(inputs)
        made.append(weakref.ref(table))
        return table

    monkeypatch.setattr(solving, "score_table", noted)
    scenario.when(m.StartRound(programme_id="pilot")).then_among(m.RoundSolved)
    assert held == [0, 0]


# A veto stays secret


def veto(proposal: Proposal) -> By:
    """The mentor of a proposal will not be matched with its mentee."""
    wishes = m.NameWishes(participant_id=proposal.mentor, wishes=(), vetoes=(proposal.mentee,))
    return By(wishes, actor=proposal.mentor, sender="person")


@pytest.mark.proves("P1")
def test_a_round_says_the_same_whether_or_not_one_of_an_open_proposal_has_vetoed_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def told(*, vetoed: bool) -> list[Contract]:
        rematch = Rematch(monkeypatch)
        if vetoed:
            rematch.scenario.given(veto(rematch.other))
        rematch.scenario.when(TODAY + DAY)
        assert (rematch.other.mentor, rematch.other.mentee) in open_pairs(rematch.scenario)
        return list(rematch.scenario.told)

    assert told(vetoed=True) == told(vetoed=False)


@pytest.mark.proves("P1")
def test_no_topic_is_said_to_lack_mentors_because_one_of_an_open_proposal_has_vetoed_the_other() -> None:
    def told(*, vetoed: bool) -> list[Contract]:
        scenario = two()
        scenario.given(m.ApproveRound(round_id=round_of(scenario)))
        [proposal] = of_kind(scenario, Proposal)
        if vetoed:
            scenario.given(veto(proposal))
        scenario.when(m.StartRound(programme_id="pilot"))
        return list(scenario.told)

    assert told(vetoed=True) == told(vetoed=False)


@pytest.mark.proves("P1")
def test_a_vetoed_open_proposal_gives_neither_its_people_nor_its_place_to_a_rematch(rematch: Rematch) -> None:
    rematch.scenario.given(veto(rematch.other))
    scenario = rematch.solve([], [(rematch.mentor, rematch.mentee)])
    [inputs] = rematch.asked
    assert (inputs.previous, inputs.places) == ((), 1)
    assert not {rematch.other.mentor, rematch.other.mentee} & {p.id for p in inputs.people}
    scenario.when(no(rematch.other, rematch.other.mentor)).then_among(said(m.ProposalDeclined))


@pytest.mark.proves("P1")
def test_a_vetoed_open_proposal_that_the_rules_close_as_well_falls_away_as_without_the_veto(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def told(*, vetoed: bool) -> list[Contract]:
        rematch = Rematch(monkeypatch)
        number = MENTEES.index(rematch.other.mentee)
        rematch.scenario.given(registered(number, "mentee", r.ParticipantChanged, languages=("fr",)))
        if vetoed:
            rematch.scenario.given(veto(rematch.other))
        rematch.scenario.when(TODAY + DAY)
        assert [offer.ended for offer in newest(rematch.scenario).offers] == [1, 1]
        return list(rematch.scenario.told)

    assert told(vetoed=True) == told(vetoed=False)


@pytest.mark.proves("P3", "P4")
@pytest.mark.parametrize("offer", ["fewest_changes", "full_order"])
def test_a_yes_that_came_before_the_office_s_choice_is_respected(rematch: Rematch, offer: m.OfferName) -> None:
    scenario = rematch.solve(rematch.crossed, rematch.crossed)
    scenario.given(yes(rematch.other, rematch.other.mentee))
    scenario.when(choose(scenario, offer))
    assert m.ProposalWithdrawn not in {type(x) for x in scenario.told}
    assert open_pairs(scenario) == {(rematch.other.mentor, rematch.other.mentee)}
    scenario.when(yes(rematch.other, rematch.other.mentor)).then_among(m.TandemFormed)
    [board] = of_kind(scenario, Board)
    assert board.open is None
    scenario.when(TODAY + 2 * DAY).then_among(said(m.RoundOpened, number=3))


@pytest.mark.proves("P4")
def test_a_place_that_a_yes_keeps_is_not_given_to_another_pair(rematch: Rematch) -> None:
    """The offer ends the open pair and brings two others; with the open pair there are three for two places."""
    free = (rematch.one.mentor, rematch.mentor), (rematch.one.mentee, rematch.mentee)
    pairs = [(free[0][0], free[1][1]), (free[0][1], free[1][0])]
    scenario = rematch.solve(pairs, pairs)
    scenario.given(yes(rematch.other, rematch.other.mentee)).when(choose(scenario))
    assert len(open_pairs(scenario)) == 2
    assert open_pairs(scenario) == {(rematch.other.mentor, rematch.other.mentee), pairs[1]}
    told = letters(scenario)
    assert {id: told[id] for id in pairs[0]} == {id: ["reserve"] for id in pairs[0]}, "they were to meet, and did not"
    assert set(pairs[0]) <= listed(scenario)


def test_who_leaves_before_the_office_s_choice_is_proposed_to_nobody(rematch: Rematch) -> None:
    scenario = rematch.solve(rematch.kept, rematch.crossed)
    scenario.given(leaves(rematch.mentor)).when(choose(scenario))
    assert m.PairProposed not in {type(x) for x in scenario.told}
    assert open_pairs(scenario) == {(rematch.other.mentor, rematch.other.mentee)}
    assert rematch.mentee in listed(scenario)
    scenario.when(TODAY + 2 * DAY).then_among(said(m.RoundOpened, number=3))


def test_a_pair_that_was_declined_before_the_office_s_choice_is_made_up_for_the_day_after(rematch: Rematch) -> None:
    scenario = rematch.solve(rematch.kept, rematch.crossed)
    scenario.given(no(rematch.other, rematch.other.mentee)).when(choose(scenario))
    scenario.then_among(said(m.ProposalApproved, mentor=rematch.mentor, mentee=rematch.mentee))
    scenario.when(TODAY + 2 * DAY).then_among(said(m.RoundOpened, number=3))


def test_a_rematch_that_waits_for_the_office_ends_with_its_programme(rematch: Rematch) -> None:
    scenario = rematch.solve(rematch.kept, rematch.crossed)
    scenario.when(programme(r.ProgrammeEnded, status="ended", closed_set=closed().closed_set))
    scenario.then_among(said(m.RoundClosed, status="closed"), said(m.ProposalWithdrawn, proposal_id=rematch.other.id))
    assert status_of(scenario) == "closed"
    scenario.when(choose(scenario)).then_refused("programme_ended")


@pytest.mark.parametrize("decided", ["approved", "declined", "over"])
def test_what_the_offers_would_have_changed_is_forgotten_when_the_round_is_decided(
    rematch: Rematch, decided: str
) -> None:
    scenario = rematch.solve(rematch.kept, rematch.crossed)
    assert of_kind(scenario, Change) != []
    ended = programme(r.ProgrammeEnded, status="ended", closed_set=closed().closed_set)
    answers = {"approved": choose(scenario, "full_order"), "declined": keep_all(scenario), "over": ended}
    scenario.given(answers[decided])
    assert of_kind(scenario, Change) == []


def test_a_round_without_an_open_proposal_is_as_any() -> None:
    scenario = tandems()
    scenario.given(programme(r.ProgrammeChanged, status="closed", places=3, closed_set=closed().closed_set))
    scenario.when(m.StartRound(programme_id="pilot")).then_among(m.PairProposed, said(m.RoundSolved, offers=()))
    assert of_kind(scenario, Change) == []
    assert len(of_kind(scenario, Tandem)) == 2


def test_the_pairs_that_still_fit_are_the_office_s_own_first_then_the_best() -> None:
    def pair(mentor: str, mentee: str, score: int, *, pinned: bool = False) -> Propose:
        return Propose(round_id="r", mentor=mentor, mentee=mentee, score=score, parts=(), reasons=(), pinned=pinned)

    low, high, fixed, taken = pair("a", "x", 10), pair("b", "y", 90), pair("c", "z", 5, pinned=True), pair("d", "v", 99)
    seats = dict.fromkeys("axbyczd", 1)
    room = Refilling(round_id="r", pairs=(low, high, fixed, taken), places=2, seats=seats)
    *fit, done = refill(room)
    assert (fit, done.complete) == ([fixed, high], False)  # type: ignore[union-attr]
    *fit, done = refill(room.model_copy(update={"places": 9, "pairs": (low, high)}))
    assert (fit, done.complete) == ([high, low], True)  # type: ignore[union-attr]


def test_a_pair_that_was_being_proposed_when_the_programme_ended_is_let_go_of(rematch: Rematch) -> None:
    scenario = rematch.solve(rematch.kept, rematch.crossed)
    rows = tuple(
        replace(row, work=lambda inputs: ()) if isinstance(row, Job) and row.name == "refill" else row
        for row in scenario.reference.service.rows
    )
    scenario.reference.service = replace(scenario.reference.service, rows=rows)
    scenario.given(choose(scenario))
    before = dict(scenario.reference.state)
    pair = Propose(
        round_id=round_of(scenario), mentor=rematch.mentor, mentee=rematch.mentee, score=50, parts=(), reasons=()
    )
    scenario.given(pair)
    late = {s: a for s, a in scenario.reference.state.items() if before.get(s) != a}
    scenario.reference.state.clear()
    scenario.reference.state.update(before)
    scenario.given(programme(r.ProgrammeEnded, status="ended", closed_set=closed().closed_set))
    scenario.reference.state.update(late)
    assert open_pairs(scenario) == {(rematch.mentor, rematch.mentee)}
    scenario.when(Refilled(round_id=round_of(scenario), complete=True)).then_among(m.ProposalWithdrawn)
    assert open_pairs(scenario) == set()
