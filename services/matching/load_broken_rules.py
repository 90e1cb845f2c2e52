"""Which state hangs on the hard rules that a pair may break by now."""

from typing import NamedTuple

from services.matching.broken_rules import TandemRule
from services.matching.ids import attention_id, tandem_id
from services.matching.load_proposals import ProposalOf, proposal_of
from services.matching.model import Candidate, Programme, Proposal, Seat, Tandem
from shared.contracts import matching as m
from shared.contracts.registration import ParticipantState
from shared.runtime.attention import Attention
from shared.runtime.decision import Get

WHAT = "tandem-breaks-rule"


class RuleOf(NamedTuple):
    """What is known of a pair and the rules, and the exception that was raised of it."""

    rule: TandemRule | None
    attention: Attention | None


class Rejecting(NamedTuple):
    """A proposal, and what is known of it and the rules."""

    of: ProposalOf
    rule: TandemRule | None


class PairOf(NamedTuple):
    """Somebody's tandem or open proposal, with the other of the two."""

    id: str
    pair: Tandem | Proposal
    partner: Candidate
    known: RuleOf


class Pairs(NamedTuple):
    """Somebody as matching knows them, with everybody whom they are paired with."""

    candidate: Candidate | None
    programme: Programme | None
    pairs: tuple[PairOf, ...] = ()


def pairs_of(message: ParticipantState, get: Get) -> Pairs:
    """A handful: nobody has more than three seats."""
    candidate, seat = get(Candidate, message.participant_id), get(Seat, message.participant_id)
    if seat is None or seat.empty:
        return Pairs(candidate, None)
    tandems = [t for t in get.all(Tandem, seat.tandems) if t is not None and t.status == "running"]
    proposals = [p for p in get.all(Proposal, seat.proposals) if p is not None and p.is_open]
    named: dict[str, Tandem | Proposal] = {t.id: t for t in tandems}
    named |= {tandem_id(p.id): p for p in proposals}
    others = [pair.mentee if pair.mentor == message.participant_id else pair.mentor for pair in named.values()]
    partners = get.all(Candidate, others)
    found = tuple(
        PairOf(id, pair, partner, _known(id, get))
        for (id, pair), partner in zip(named.items(), partners, strict=True)
        if partner is not None
    )
    return Pairs(candidate, get(Programme, message.programme_id), found)


def rule_of(
    message: m.KeepTandem | m.TandemState | m.ProposalState,
    get: Get,
) -> RuleOf:
    """What is known of a tandem, or of the one that a proposal might have become."""
    return _known(tandem_id(message.proposal_id) if isinstance(message, m.ProposalState) else message.tandem_id, get)


def rejecting(message: m.RejectProposal, get: Get) -> Rejecting:
    """The proposal with both people, and whether it was reported."""
    return Rejecting(proposal_of(message, get), get(TandemRule, tandem_id(message.proposal_id)))


def _known(id: str, get: Get) -> RuleOf:
    return RuleOf(get(TandemRule, id), get(Attention, attention_id(WHAT, id)))
