"""Decisions about proposals: approving, accepting, declining, and every other end."""

import datetime as dt
from typing import Literal

from services.matching.approving import ApprovePair, MakeRoom
from services.matching.board import OVER, decided, fell_free
from services.matching.ids import tandem_id
from services.matching.introduction import introduced
from services.matching.leaving import EndWithProgramme, LetGoProposal, Relieve
from services.matching.load_broken_rules import Rejecting
from services.matching.load_proposals import ProposalOf
from services.matching.model import Programme, Proposal, Rejection, Tandem
from services.matching.pausing import days_paused, people_of, stands_still
from services.matching.reserve import gone, outlook, seat_of, waits, waits_and_hears, waits_no_more
from services.matching.say import DAY, addressed, partner, reasoned, words
from services.matching.topics import ends, labels, resolved
from shared.contracts import matching as m
from shared.contracts.base import Contract, Text
from shared.contracts.parts import Side
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start, reason, refuse

UNKNOWN = reason("proposal_id", "unknown_proposal", words("unknown-proposal"))
EVENTS = {"declined": m.ProposalDeclined, "expired": m.ProposalExpired, "withdrawn": m.ProposalWithdrawn}


def approve_proposal(message: m.ApproveProposal, state: ProposalOf, context: Context) -> Outcome:
    """Approve one pair; one of somebody who has left meanwhile ends instead, before anybody is asked."""
    proposal, programme = state.proposal, state.programme
    if proposal is None or programme is None:
        return refuse(UNKNOWN)
    if programme.over(context.today):
        return refuse(OVER)
    if proposal.status != "proposed":
        return refuse(reason("proposal_id", "not_proposed", words("not-proposed")))
    if gone(state.mentor, state.mentee):
        return _end(state, "withdrawn", context.today)
    programme = programme.on(context.today)
    proposal = proposal.but(rules_version=programme.rules_version)
    answer_by = context.today + programme.deadlines.answer_days * DAY
    approved = _approve(proposal, programme, state, answer_by, context.today)
    written, said = decided(state, state.board)
    return Decision(state=(*approved.state, *written), messages=(*approved.messages, *said))


def approve_pair(message: ApprovePair, state: ProposalOf, context: Context) -> Outcome:
    """Approve one pair of a round that the office approved; one of somebody who has left meanwhile ends instead."""
    proposal, programme, round_ = state.proposal, state.programme, state.round
    if proposal is None or programme is None or round_ is None or proposal.status != "proposed":
        return NOTHING
    if gone(state.mentor, state.mentee):
        return _end(state, "withdrawn", context.today)
    asked = proposal.but(rules_version=round_.rules_version)
    return _approve(asked, programme, state, round_.answer_by or context.today, context.today)


def _approve(
    proposal: Proposal, programme: Programme, state: ProposalOf, answer_by: dt.date, today: dt.date
) -> Decision:
    """Ask both: by when, why these two (P3), and what the other is; who it is they learn when both have accepted."""
    # A deadline names its last day and ends when the next but one starts.
    days = days_paused(people_of(state), today)
    approved = proposal.but(status="approved", answer_by=answer_by, due=answer_by + 2 * DAY, days_paused=days)
    why = " ".join(r.text.de for r in proposal.reasons), " ".join(r.text.en for r in proposal.reasons)
    reasons = Text(de=why[0], en=why[1]) if all(why) else words("reasons")
    leads, known = ends(state.topics), labels(state.topics)
    mails = [
        addressed(
            programme,
            who,
            "proposal",
            by=answer_by,
            why=reasons,
            other=introduced(resolved(other.candidate, leads), known),
        )
        for who, other in ((proposal.mentor, state.mentee), (proposal.mentee, state.mentor))
        if other.candidate is not None
    ]
    # The candidates are written too: who leaves at this moment conflicts with this.
    return Decision(state=(approved, *people_of(state)), messages=(m.ProposalApproved(**approved.published()), *mails))


def accept(message: m.AcceptProposal, state: ProposalOf, context: Context) -> Outcome:
    """A person says yes; when both have, the tandem begins. Nobody else learns which of the two it was."""
    proposal, programme = state.proposal, state.programme
    refused = _refused(message, state, context)
    if refused is not None or proposal is None or programme is None:
        return refused or refuse(UNKNOWN)
    if programme.over(context.today):
        return refuse(OVER)
    both = (state.mentor, state.mentee)
    people = [someone.candidate for someone in both if someone.candidate is not None]
    if any(person.status == "withdrawn" for person in people):
        return _end(state, "withdrawn", context.today)
    if _full(state):
        return _end(state, "withdrawn", context.today, bar=False)
    accepted_by = tuple(sorted({*proposal.accepted_by, _side(proposal, message.participant_id)}))
    if len(accepted_by) == 1:
        waiting = proposal.but(accepted_by=accepted_by)
        # The two are written, unchanged: who leaves, or is promised elsewhere, at this moment conflicts with this.
        held = (each for someone in both for each in (someone.candidate, someone.seat) if each is not None)
        return Decision(state=(waiting, *held), messages=(m.ProposalAccepted(**waiting.published()),))
    accepted = proposal.but(accepted_by=accepted_by, status="accepted", due=None)
    tandem = Tandem(
        id=tandem_id(proposal.id),
        programme=proposal.programme,
        mentor=proposal.mentor,
        mentee=proposal.mentee,
        score=proposal.score,
        reasons=proposal.reasons,
        formed_on=context.today,
        ends_on=programme.term.ends,
        due=programme.term.ends + DAY,
    )
    # The candidates are written too: who leaves at this moment conflicts with this.
    written: list[Aggregate] = [accepted, tandem, *people]
    said: list[Contract] = [m.ProposalAccepted(**accepted.published()), m.TandemFormed(**tandem.published())]
    for someone in (state.mentor, state.mentee):
        if someone.seat is not None:
            # The proposal's seat becomes the tandem's, in one decision: nobody can be promised twice (P4).
            others = tuple(p for p in someone.seat.proposals if p != proposal.id)
            written.append(someone.seat.but(proposals=others, tandems=(*someone.seat.tandems, tandem.id)))
        more, told = waits_no_more(someone)
        written += more
        said += told
    said += [
        addressed(programme, who, "formed", until=tandem.ends_on, partner=partner(other))
        for who, other in ((tandem.mentor, tandem.mentee), (tandem.mentee, tandem.mentor))
    ]
    # Somebody may hold more open proposals than they have seats left: they lowered their capacity meanwhile.
    jobs = tuple(
        Start("relieve", s.seat.id) for s in (state.mentor, state.mentee) if s.seat and len(s.seat.proposals) > 1
    )
    return Decision(state=tuple(written), messages=tuple(said), jobs=jobs)


def _full(state: ProposalOf) -> bool:
    """Whether one of the two has as many tandems as they take."""
    return any(
        someone.candidate is not None
        and someone.seat is not None
        and len(someone.seat.tandems) >= someone.candidate.capacity
        for someone in (state.mentor, state.mentee)
    )


def relieve(message: Relieve, state: ProposalOf, context: Context) -> Outcome:
    """An open proposal of somebody who has as many tandems as they take ends by itself (P4); nobody said no to it."""
    if state.proposal is None or not state.proposal.is_open or not _full(state):
        return NOTHING
    return _end(state, "withdrawn", context.today, bar=False)


def _side(proposal: Proposal, participant: str) -> Side:
    return "mentor" if participant == proposal.mentor else "mentee"


def _refused(message: m.AcceptProposal | m.DeclineProposal, state: ProposalOf, context: Context) -> Decision | None:
    proposal = state.proposal
    if proposal is None:
        return refuse(UNKNOWN)
    found = []
    if message.participant_id not in (proposal.mentor, proposal.mentee) or context.actor != message.participant_id:
        found.append(reason("participant_id", "not_yours", words("not-yours")))
    if proposal.status != "approved":
        found.append(reason("proposal_id", "not_open", words("not-open")))
    return refuse(*found) if found else None


def decline(message: m.DeclineProposal, state: ProposalOf, context: Context) -> Outcome:
    """A person says no; nobody learns who, and no reason is asked."""
    return _refused(message, state, context) or _end(state, "declined", context.today)


def reject(message: m.RejectProposal, state: Rejecting, context: Context) -> Outcome:
    """The office says no before the people are asked, or while the pair breaks a rule by now; its reason stays here."""
    of, rule = state
    if of.proposal is None:
        return refuse(UNKNOWN)
    reported = of.proposal.status == "approved" and rule is not None and rule.status == "open"
    if of.proposal.status != "proposed" and not reported:
        return refuse(reason("proposal_id", "not_proposed", words("not-proposed")))
    return _end(of, "withdrawn", context.today, Rejection(reason=message.reason, on=context.today))


def expire(message: DueReached, state: ProposalOf, context: Context) -> Outcome:
    """An answer did not come in time: everybody is told, and the place is free (P3); a pause makes it later (P6)."""
    proposal, programme = state.proposal, state.programme
    if proposal is None or programme is None or proposal.status != "approved" or proposal.due is None:
        return NOTHING
    if message.date < proposal.due:
        # A day handed out late, after the last day was moved.
        return Decision(state=(proposal,))
    still = stands_still(proposal, programme, state, message.date)
    return still or _end(state, "expired", proposal.due)


def end_with_programme(message: EndWithProgramme, state: ProposalOf, context: Context) -> Outcome:
    """The programme has ended before anything came of it."""
    if state.proposal is None or not state.proposal.is_open:
        return NOTHING
    return _end(state, "withdrawn", context.today, why="programme_over")


def make_room(message: MakeRoom, state: ProposalOf, context: Context) -> Outcome:
    """The office approved a re-match without this pair; if somebody has said yes meanwhile, it stays.

    It frees no place: the re-match fills it. The two may be proposed to each other again.
    """
    if state.proposal is None or not state.proposal.may_change:
        return NOTHING
    return _end(state, "withdrawn", context.today, bar=False, refill=False)


def let_go(message: LetGoProposal, state: ProposalOf, context: Context) -> Outcome:
    """One of the two left the programme; if their leaving was taken back meanwhile, nothing ends."""
    if state.proposal is None or not state.proposal.is_open or not gone(state.mentor, state.mentee):
        return NOTHING
    return _end(state, "withdrawn", context.today)


def _end(
    state: ProposalOf,
    status: Literal["declined", "expired", "withdrawn"],
    on: dt.date,
    rejection: Rejection | None = None,
    why: str = "proposal_ended",
    *,
    bar: bool = True,
    refill: bool = True,
) -> Decision:
    """End a proposal without a tandem: both are free again and hear of it.

    `bar`: they are not proposed to each other again. `refill`: the next round fills the place.
    """
    proposal, programme = state.proposal, state.programme
    if proposal is None or programme is None:
        return NOTHING
    asked = proposal.status == "approved"
    ended = proposal.but(status=status, accepted_by=(), rejection=rejection, due=None)
    written: list[Aggregate] = [ended]
    said: list[Contract] = [EVENTS[status](**ended.published())]
    because = reasoned(why)
    for someone, who, other in (
        (state.mentor, proposal.mentor, proposal.mentee),
        (state.mentee, proposal.mentee, proposal.mentor),
    ):
        seat = seat_of(someone, who, proposal.programme)
        seat = seat.without(proposal.id, other) if bar else seat.released(proposal.id)
        if asked:
            more, told = waits(someone, seat, on, because)
            if someone.candidate is not None and someone.candidate.status == "registered":
                told.append(addressed(programme, who, "proposal-ended", outlook=outlook(seat)))
        else:
            # They never heard of the proposal: to them a round left them out.
            more, told = waits_and_hears(someone, seat, programme, on, because, on)
        written += [seat, *more]
        said += told
    if not refill:
        return Decision(state=tuple(written), messages=tuple(said))
    board = fell_free(programme, state.board, on)
    more, told = ([board] if board else [], []) if asked else decided(state, board)
    return Decision(state=(*written, *more), messages=(*said, *told))
