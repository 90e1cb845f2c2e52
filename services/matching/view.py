"""What the office may read of matching: no wish, no veto, no side that declined."""

import datetime as dt
from typing import Any

from pydantic import BaseModel

from services.matching.model import Change, Pin, Proposal, Reserve, Round, Tandem
from shared.contracts.matching import Offer
from shared.contracts.parts import Reasoned
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.table import View


class RoundRow(BaseModel):
    """A round."""

    round_id: str
    number: int
    status: str
    wish_by: dt.date | None = None
    proposals: int
    unmatched: int
    lowest_score: int | None
    sum_of_scores: int
    offers: tuple[Offer, ...] = ()
    offer: str | None = None


class ChangeRow(BaseModel):
    """A pair that an offer of a re-match would bring (new) or end, while the office has not chosen."""

    round_id: str
    offer: str
    change: str
    mentor: str
    mentee: str
    score: int
    reasons: tuple[Reasoned, ...]


class ProposalRow(BaseModel):
    """A proposal with its reasons; for whom it waits, and until when."""

    proposal_id: str
    mentor: str
    mentee: str
    score: int
    status: str
    waits_for: str
    until: str
    reasons: tuple[Reasoned, ...]
    pinned: bool = False


class PinRow(BaseModel):
    """A pair that the office fixed for the next round."""

    mentor: str
    mentee: str
    status: str


class TandemRow(BaseModel):
    """A tandem."""

    tandem_id: str
    mentor: str
    mentee: str
    score: int
    status: str
    formed_on: str
    ends_on: str


class ReserveRow(BaseModel):
    """Somebody on the reserve list."""

    participant_id: str
    role: str
    since: str
    reason: str


class AttentionRow(BaseModel):
    """What waits for the office."""

    what: str
    whom: str
    by: str
    status: str
    answered_by: str


class ProgrammeView(BaseModel):
    """Where a programme's matching stands."""

    programme_id: str
    rounds: tuple[RoundRow, ...]
    changes: tuple[ChangeRow, ...]
    proposals: tuple[ProposalRow, ...]
    tandems: tuple[TandemRow, ...]
    pins: tuple[PinRow, ...]
    reserve: tuple[ReserveRow, ...]
    attention: tuple[AttentionRow, ...]


def programme_view(programme_id: str, found: dict[type[Aggregate], list[Any]]) -> ProgrammeView:
    """Build the view from a programme's aggregates."""
    rounds = sorted(found[Round], key=lambda r: r.number)
    undecided = {r.id for r in rounds if r.status == "proposed"}
    attentions: list[Attention] = [a for a in found[Attention] if a.status != "settled"]
    waiting: list[Reserve] = [r for r in found[Reserve] if r.status == "waiting"]
    return ProgrammeView(
        programme_id=programme_id,
        rounds=tuple(RoundRow(**r.published()) for r in rounds),
        changes=tuple(
            ChangeRow(
                round_id=c.round,
                offer=c.offer,
                change=c.change,
                mentor=c.mentor,
                mentee=c.mentee,
                score=c.score,
                reasons=c.reasons,
            )
            for c in found[Change]
            if c.round in undecided
        ),
        proposals=tuple(_proposal(p) for p in found[Proposal]),
        tandems=tuple(_tandem(t) for t in found[Tandem]),
        pins=tuple(PinRow(mentor=p.mentor, mentee=p.mentee, status=p.status) for p in found[Pin]),
        reserve=tuple(
            ReserveRow(participant_id=r.id, role=r.role, since=str(r.since), reason=r.reason.code) for r in waiting
        ),
        attention=tuple(
            AttentionRow(
                what=a.what, whom=", ".join(a.whom), by=str(a.by), status=a.status, answered_by=", ".join(a.answered_by)
            )
            for a in attentions
        ),
    )


def _proposal(p: Proposal) -> ProposalRow:
    # Who of the two has answered stays between them until both have: the office sees that the people are asked.
    waits_for = {"proposed": "office", "approved": "both"}.get(p.status, "")
    return ProposalRow(
        proposal_id=p.id,
        mentor=p.mentor,
        mentee=p.mentee,
        score=p.score,
        status=p.status,
        waits_for=waits_for,
        until=str(p.answer_by) if p.answer_by and p.is_open else "",
        reasons=p.reasons,
        pinned=p.pinned,
    )


def _tandem(t: Tandem) -> TandemRow:
    return TandemRow(
        tandem_id=t.id,
        mentor=t.mentor,
        mentee=t.mentee,
        score=t.score,
        status=t.status,
        formed_on=str(t.formed_on),
        ends_on=str(t.ends_on),
    )


VIEW = View(aggregates=(Round, Change, Proposal, Pin, Tandem, Reserve, Attention), build=programme_view)
