import datetime as dt
import itertools

import pytest

from services.matching.model import Proposal, Round, Seat, Tandem, Wishes
from services.matching.service import service
from services.matching.view import VIEW
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.parts import Profile
from shared.runtime.aggregate import Aggregate
from shared.runtime.ids import derived_id
from tests.support.reference import By, given, said
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    a_round,
    approved,
    closed,
    no,
    of_kind,
    people,
    programme,
    registered,
    round_of,
    tandems,
    yes,
)


@pytest.mark.proves("S6", "S15")
def test_a_closed_registration_opens_a_round_that_proposes_and_asks_the_office() -> None:
    scenario = given(service, programme(), *people(), today=TODAY).when(closed())
    scenario.then_among(m.RoundOpened, m.PairProposed, said(m.RoundSolved, proposals=2), m.OfficeAttentionNeeded)
    assert {(p.mentor, p.mentee) for p in of_kind(scenario, Proposal)} < set(zip(MENTORS, MENTEES, strict=True))


@pytest.mark.proves("S15")
def test_a_round_says_that_it_is_being_solved_and_that_its_solution_is_proven() -> None:
    scenario = given(service, programme(), *people(), today=TODAY).when(closed())
    best = scenario.one(m.RoundSolved).sum_of_scores
    progressed = [message for message in scenario.told if isinstance(message, m.RoundProgressed)]
    assert [(said.step, said.stage, said.bound, said.gap) for said in progressed] == [
        ("solving", "scoring", None, None),
        ("solving", "scoring", None, None),
        ("solving", "solving", None, None),
        ("solving", "explaining", best, 0),
        ("proposing", "proven", best, 0),
    ]


@pytest.mark.proves("P5")
def test_who_found_no_partner_stands_on_the_reserve_list_with_the_reason_and_is_told() -> None:
    scenario = given(service, programme(), *people(), today=TODAY).when(closed())
    listed = [message for message in scenario.told if isinstance(message, m.ReserveListed)]
    assert [reserve.reason.code for reserve in listed] == ["no_place", "no_place"]
    assert len([1 for message in scenario.told if isinstance(message, m.PersonAddressed)]) == 2


@pytest.mark.proves("S6")
def test_a_topic_that_lacks_mentors_is_told_with_what_more_of_them_would_bring() -> None:
    facts = [registered(0, "mentor"), *(registered(n, "mentee") for n in range(3))]
    scenario = given(service, programme(places=9), *facts, today=TODAY)
    scenario.when(closed((MENTORS[0], *MENTEES), places=9))
    scenario.then_among(
        said(m.TopicGapFound, topic_id="all", more_mentors=2, more_tandems=2, demand=3, supply=1),
        said(m.TopicGapFound, topic_id="topic-2", more_mentors=1, more_tandems=1, demand=1, supply=0),
    )


def test_no_topic_lacks_mentors_where_places_are_what_is_short() -> None:
    facts = [registered(0, "mentor"), *(registered(n, "mentee") for n in range(3))]
    scenario = given(service, programme(places=1), *facts, today=TODAY)
    scenario.when(closed((MENTORS[0], *MENTEES), places=1))
    assert m.TopicGapFound not in {type(message) for message in scenario.told}


@pytest.mark.proves("S14")
def test_the_round_waits_until_the_closed_set_is_whole() -> None:
    late = registered(2, "mentee")
    scenario = given(service, programme(), *people()[:-1], today=TODAY).when(closed())
    assert m.RoundSolved not in {type(message) for message in scenario.told}
    scenario.when(late).then_nothing()
    scenario.later().then_among(m.RoundProgressed, said(m.RoundSolved, status="proposed", proposals=2, unmatched=2))


def test_the_office_goes_on_without_who_never_arrives() -> None:
    scenario = given(service, programme(), *people()[:-1], today=TODAY).when(closed())
    go_on = m.ProceedWithout(round_id=round_of(scenario), reason="letter lost")
    scenario.when(go_on).then_among(m.RoundProgressed)
    a_round_done = a_round()
    a_round_done.when(m.ProceedWithout(round_id=round_of(a_round_done), reason="why not")).then_refused("not_gathering")


@pytest.mark.proves("P3", "S6")
def test_an_approved_round_asks_both_people_of_each_pair_with_a_deadline() -> None:
    scenario = a_round()
    scenario.when(m.ApproveRound(round_id=round_of(scenario)))
    scenario.then_among(m.RoundApproved, said(m.ProposalApproved, answer_by=TODAY + dt.timedelta(days=7)))
    assert len([1 for message in scenario.told if isinstance(message, m.PersonAddressed)]) == 4
    scenario.when(m.ApproveRound(round_id=round_of(scenario))).then_refused("not_proposed")
    scenario.when(m.ApproveRound(round_id=derived_id("none"))).then_refused("unknown_round")


def test_a_single_pair_is_approved_or_rejected_by_the_office() -> None:
    scenario = a_round()
    one, other = of_kind(scenario, Proposal)
    scenario.when(m.ApproveProposal(proposal_id=one.id)).then_among(m.ProposalApproved)
    scenario.when(m.ApproveProposal(proposal_id=one.id)).then_refused("not_proposed")
    scenario.when(m.RejectProposal(proposal_id=other.id, reason="they are neighbours")).then_among(m.ProposalWithdrawn)
    assert "neighbours" not in "".join(message.model_dump_json() for message in scenario.told)
    scenario.when(m.RejectProposal(proposal_id=one.id, reason="too late")).then_refused("not_proposed")


def test_two_acceptances_form_a_tandem_and_one_does_not() -> None:
    scenario = approved()
    proposal = of_kind(scenario, Proposal)[0]
    scenario.when(yes(proposal, proposal.mentor)).then(said(m.ProposalAccepted, status="approved"))
    scenario.when(yes(proposal, proposal.mentor)).then(said(m.ProposalAccepted, status="approved"))
    scenario.when(yes(proposal, proposal.mentee)).then_among(
        said(m.ProposalAccepted, status="accepted"), said(m.TandemFormed, formed_on=TODAY)
    )
    scenario.when(yes(proposal, proposal.mentee)).then_refused("not_open")


def test_only_whom_it_concerns_answers_a_proposal() -> None:
    scenario = approved()
    proposal = of_kind(scenario, Proposal)[0]
    stranger = next(id for id in MENTORS if id != proposal.mentor)
    scenario.when(yes(proposal, stranger)).then_refused("not_yours")
    pretending = By(yes(proposal, proposal.mentor).message, actor=stranger, sender="person")
    scenario.when(pretending).then_refused("not_yours")


@pytest.mark.proves("P4")
def test_nobody_is_promised_twice_even_in_two_rounds() -> None:
    scenario = tandems().given(programme(r.ProgrammeChanged, status="closed", places=5, closed_set=closed().closed_set))
    scenario.when(m.StartRound(programme_id="pilot"))
    for seat in of_kind(scenario, Seat):
        assert len(seat.proposals) + len(seat.tandems) <= 1
    taken = [p.mentor for p in of_kind(scenario, Proposal) if p.status in ("proposed", "approved", "accepted")]
    assert len(taken) == len(set(taken))


@pytest.mark.proves("P3")
def test_who_declines_is_never_said_and_both_are_free_again() -> None:
    scenario = approved()
    proposal = of_kind(scenario, Proposal)[0]
    scenario.given(yes(proposal, proposal.mentor)).when(no(proposal, proposal.mentee))
    scenario.then_among(m.ProposalDeclined, said(m.ReserveListed, participant_id=proposal.mentor))
    assert all(proposal.id not in seat.proposals for seat in of_kind(scenario, Seat))
    scenario.when(no(proposal, proposal.mentee)).then_refused("not_open")


@pytest.mark.proves("P9")
def test_no_event_and_no_view_tells_which_of_the_two_has_answered() -> None:
    def told(first: str) -> tuple[list[str], str]:
        scenario = approved()
        proposal = of_kind(scenario, Proposal)[0]
        scenario.when(yes(proposal, getattr(proposal, first)))
        found: dict[type[Aggregate], list[Aggregate]] = {kind: of_kind(scenario, kind) for kind in VIEW.aggregates}
        return [message.model_dump_json() for message in scenario.told], VIEW.build("pilot", found).model_dump_json()

    assert told("mentor") == told("mentee")


@pytest.mark.proves("P3", "S15")
def test_a_proposal_expires_when_the_next_but_one_day_after_its_last_starts() -> None:
    scenario = approved()
    scenario.when(TODAY + dt.timedelta(days=8)).then_nothing()
    scenario.when(TODAY + dt.timedelta(days=9)).then_among(m.ProposalExpired, m.ReserveListed, m.PersonAddressed)
    scenario.when(TODAY + dt.timedelta(days=10))
    assert m.ProposalExpired not in {type(message) for message in scenario.told}


@pytest.mark.proves("P9", "S16")
def test_a_tandem_ends_without_a_reason_and_both_wait_for_another() -> None:
    scenario = tandems()
    tandem = of_kind(scenario, Tandem)[0]
    end = m.EndTandem(tandem_id=tandem.id)
    scenario.when(By(end, actor=tandem.mentee, sender="person"))
    scenario.then_among(said(m.TandemEnded, ends_on=TODAY), said(m.ReserveListed, participant_id=tandem.mentor))
    assert "reason" not in scenario.one(m.TandemEnded).model_dump(exclude={"reasons"})
    scenario.when(By(end, actor=tandem.mentee, sender="person")).then_refused("ended")
    stranger = By(m.EndTandem(tandem_id=of_kind(scenario, Tandem)[1].id), actor=tandem.mentor, sender="person")
    scenario.when(stranger).then_refused("not_yours")


@pytest.mark.proves("S16")
def test_after_an_end_the_same_two_are_not_proposed_again() -> None:
    scenario = tandems()
    tandem = of_kind(scenario, Tandem)[0]
    scenario.given(By(m.EndTandem(tandem_id=tandem.id), actor=tandem.mentor, sender="person"))
    scenario.when(m.StartRound(programme_id="pilot"))
    pairs = {(p.mentor, p.mentee) for p in scenario.told if isinstance(p, m.PairProposed)}
    assert pairs
    assert (tandem.mentor, tandem.mentee) not in pairs
    scenario.when(m.StartRound(programme_id="pilot")).then_refused("round_open")


def test_a_round_is_not_started_before_registration_has_closed() -> None:
    given(service, programme()).when(m.StartRound(programme_id="pilot")).then_refused("registration_open")
    given(service).when(m.StartRound(programme_id="pilot")).then_refused("unknown_programme")


def test_who_leaves_the_programme_leaves_their_tandem() -> None:
    scenario = tandems()
    tandem = of_kind(scenario, Tandem)[0]
    number = MENTORS.index(tandem.mentor)
    scenario.when(registered(number, "mentor", r.ParticipantWithdrew))
    scenario.then_among(said(m.TandemEnded, tandem_id=tandem.id), said(m.ReserveListed, participant_id=tandem.mentee))
    assert not [1 for message in scenario.told if getattr(message, "to", "") == tandem.mentor]


def test_a_tandem_that_runs_to_the_term_is_completed_the_day_after() -> None:
    scenario = tandems()
    scenario.when(dt.date(2027, 7, 14)).then_nothing()
    scenario.when(dt.date(2027, 7, 15)).then_among(said(m.TandemCompleted, status="completed"))
    scenario.when(dt.date(2027, 7, 16)).then_nothing()


@pytest.mark.proves("P1")
def test_a_veto_is_hard_and_in_no_event() -> None:
    wishes = m.NameWishes(participant_id=MENTORS[0], vetoes=(MENTEES[0],), wishes=(MENTEES[1],))
    scenario = given(service, programme(), *people(), today=TODAY)
    scenario.when(By(wishes, actor=MENTORS[0])).then(said(m.WishesNamed, wishes=1, vetoes=1))
    scenario.when(closed())
    assert (MENTORS[0], MENTEES[0]) not in {(p.mentor, p.mentee) for p in of_kind(scenario, Proposal)}
    assert "veto" not in "".join(message.model_dump_json() for message in scenario.told)
    assert of_kind(scenario, Wishes)


def test_wishes_are_the_person_s_own_and_make_sense() -> None:
    scenario = given(service, programme(), *people())
    wishes = m.NameWishes(participant_id=MENTORS[0], wishes=(MENTEES[0],))
    scenario.when(By(wishes, actor=MENTORS[1])).then_refused("not_yours")
    both = m.NameWishes(participant_id=MENTORS[0], wishes=(MENTEES[0],), vetoes=(MENTEES[0],))
    scenario.when(By(both, actor=MENTORS[0])).then_refused("wished_and_vetoed")
    myself = m.NameWishes(participant_id=MENTORS[0], vetoes=(MENTORS[0],))
    scenario.when(By(myself, actor=MENTORS[0])).then_refused("oneself")
    unknown = m.NameWishes(participant_id=derived_id("nobody"))
    scenario.when(By(unknown, actor=derived_id("nobody"))).then_refused("unknown_participant")


def test_wishes_may_name_who_registers_later_and_the_answer_tells_nothing_of_them() -> None:
    scenario = given(service, programme(), registered(0, "mentor"))
    for named in (MENTEES[0], derived_id("nobody")):
        wishes = m.NameWishes(participant_id=MENTORS[0], wishes=(named,))
        scenario.when(By(wishes, actor=MENTORS[0])).then(said(m.WishesNamed, wishes=1, vetoes=0))


@pytest.mark.proves("P2")
def test_a_profile_knows_no_birth_date_and_no_gender() -> None:
    fields = {*Profile.model_fields, *r.RegisterMentor.model_fields}
    assert not fields & {"birth_date", "age", "gender", "sex", "nationality"}


def test_facts_in_any_order_lead_to_the_same_round() -> None:
    facts = [*people(), programme(), closed()]
    ends = []
    for order in itertools.islice(itertools.permutations(facts[4:]), 24):
        scenario = given(service, *facts[:4], today=TODAY)
        for fact in order:
            sequence = 2 if isinstance(fact, r.RegistrationClosed) else 1
            scenario.given(By(fact, sequence=sequence))
        scenario.later()
        # How often the set was compared is the one thing that hangs on the order.
        state = scenario.reference.state.values()
        ends.append({a.subject: a.but(incomplete=0) if isinstance(a, Round) else a for a in state})
    assert any(isinstance(aggregate, Proposal) for aggregate in ends[0].values())
    assert all(end == ends[0] for end in ends)
