"""What matching holds of people, and what is left of it without them.

What a partner or a figure still needs stays without the person; what tells of their topics, or was said in confidence,
goes. Of somebody who left, nothing is open any more (`candidates.let_go_of_erased`).
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from services.matching.broken_rules import TandemRule
from services.matching.model import (
    Board,
    Candidate,
    Change,
    KeptPart,
    KeptProof,
    Pin,
    Programme,
    Proposal,
    Rejection,
    Reserve,
    Round,
    Seat,
    Tandem,
    Topic,
    Wishes,
)
from services.matching.tandem_signs import TandemSigns
from shared.contracts.parts import NOBODY
from shared.runtime.table import Concerns, all_of_it, nothing_shown

P = TypeVar("P", Proposal, Tandem, Change, Pin)
People = frozenset[str]


def _both(pair: Proposal | Tandem | Change | Pin | TandemRule) -> set[str]:
    return {pair.mentor, pair.mentee}


def _unnamed(pair: P, people: People, **changes: Any) -> P:
    mentor, mentee = (NOBODY if who in people else who for who in (pair.mentor, pair.mentee))
    return pair.but(mentor=mentor, mentee=mentee, **changes)


def proposal_without(proposal: Proposal, people: People) -> Proposal:
    """How a proposal ended, as a round's figures need it; not why these two, and no word of the office."""
    rejection = Rejection(reason="", on=proposal.rejection.on) if proposal.rejection else None
    over: dict[str, Any] = {"status": "withdrawn", "due": None} if proposal.is_open else {}
    return _unnamed(proposal, people, parts=(), reasons=(), accepted_by=(), rejection=rejection, **over)


def tandem_without(tandem: Tandem, people: People) -> Tandem:
    """How long a tandem lasted, as the partner and the report need it."""
    over: dict[str, Any] = {"status": "ended", "due": None} if tandem.status == "running" else {}
    return _unnamed(tandem, people, reasons=(), **over)


def change_without(change: Change, people: People) -> Change:
    """What an offer would change, as the partner is still told by it."""
    return _unnamed(change, people, parts=(), reasons=())


def seat_without(seat: Seat, people: People) -> Seat | None:
    """Others' seats, that do not name them."""
    if seat.id in people:
        return None
    barred, pins = (tuple(id for id in ids if id not in people) for ids in (seat.barred, seat.pins))
    return seat.but(barred=barred, pins=pins)


def wishes_without(wishes: Wishes, people: People) -> Wishes | None:
    """Others' wishes and vetoes, that do not name them."""
    if wishes.id in people:
        return None
    wished, vetoed = (tuple(id for id in ids if id not in people) for ids in (wishes.wishes, wishes.vetoes))
    return wishes.but(wishes=wished, vetoes=vetoed)


def _own_wishes(wishes: Wishes, people: People) -> Mapping[str, Any] | None:
    return all_of_it(wishes, people) if wishes.id in people else None


def _own_rest(seat: Seat, people: People) -> Mapping[str, Any] | None:
    return {"resting": seat.resting, "back_on": seat.back_on} if seat.id in people else None


def _once_asked(proposal: Proposal, people: People) -> Mapping[str, Any] | None:
    """A proposal as those know it who were asked: who the other is only once both have said yes."""
    if proposal.status == "proposed" or proposal.answer_by is None:
        return None
    shown = {"status": proposal.status, "answer_by": proposal.answer_by}
    return shown | {"partner": sorted(_both(proposal) - people)} if proposal.status == "accepted" else shown


CONCERNS = (
    Concerns(Candidate, lambda candidate: {candidate.id}),
    Concerns(Seat, lambda seat: {seat.id, *seat.barred, *seat.pins}, seat_without, shows=_own_rest),
    Concerns(Proposal, _both, proposal_without, shows=_once_asked),
    Concerns(Tandem, _both, tandem_without),
    # A pin, and what was decided on a broken rule, hold the office's reason for just these two.
    Concerns(Pin, _both, shows=nothing_shown),
    Concerns(Change, _both, change_without, shows=nothing_shown),
    Concerns(TandemRule, _both, shows=nothing_shown),
    # Of a proof that lacks a part nobody makes anything any more; the next round brings a new one.
    Concerns(KeptPart, lambda kept: set(kept.part.ids), shows=nothing_shown),
    Concerns(Reserve, lambda reserve: {reserve.id}),
    Concerns(Wishes, lambda wishes: {wishes.id, *wishes.wishes, *wishes.vetoes}, wishes_without, shows=_own_wishes),
)
IMPERSONAL = (Programme, Topic, Board, Round, KeptProof, TandemSigns)
"""What names nobody."""
