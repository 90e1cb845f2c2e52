"""What the office may read of matching: no wish, no veto, no side that declined."""

import datetime as dt
from typing import Any

from pydantic import BaseModel

from services.matching.broken_rules import TandemRule
from services.matching.explanation import in_words
from services.matching.model import Board, Candidate, Change, Pin, Programme, Proposal, Reserve, Round, Tandem
from services.matching.say import words
from services.matching.tandem_signs import TandemSigns
from shared.contracts.base import Text
from shared.contracts.matching import Offer, ScorePart
from shared.contracts.parts import Reasoned
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention, AttentionRow, for_the_office
from shared.runtime.table import View


class PartRow(BaseModel):
    """One part of a score, in words."""

    part: str
    points: int
    text: Text


class RoundRow(BaseModel):
    """A round; `under_way`: what the office approved of a re-match is still being carried out."""

    round_id: str
    number: int
    status: str
    wish_by: dt.date | None = None
    proposals: int
    unmatched: int
    lowest_score: int | None
    sum_of_scores: int
    gap: int = 0
    offers: tuple[Offer, ...] = ()
    offer: str | None = None
    under_way: bool = False


class ChangeRow(BaseModel):
    """A pair that an offer of a re-match would bring (new) or end, while the office has not chosen.

    `proposal_id` of the open proposal that it would end.
    """

    round_id: str
    offer: str
    change: str
    mentor: str
    mentee: str
    score: int
    parts: tuple[PartRow, ...]
    reasons: tuple[Reasoned, ...]
    pinned: bool = False
    proposal_id: str | None = None


class ProposalRow(BaseModel):
    """A proposal with its reasons; for whom it waits, and until when."""

    proposal_id: str
    mentor: str
    mentee: str
    score: int
    status: str
    waits_for: str
    until: str
    parts: tuple[PartRow, ...]
    reasons: tuple[Reasoned, ...]
    pinned: bool = False


class PinRow(BaseModel):
    """A pair that the office fixed for the next round (pinned), or that a round could not keep (lapsed).

    What became of one that was proposed says its proposal, which is marked; one that was unpinned is none.
    """

    mentor: str
    mentee: str
    status: str


class TandemRow(BaseModel):
    """A tandem; `breaks` are codes of rules that it breaks by now, on which nobody has decided.

    `signs`: the rules by which it needs attention, as scheduling sees it.
    """

    tandem_id: str
    mentor: str
    mentee: str
    score: int
    status: str
    formed_on: str
    ends_on: str
    breaks: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()


class ReserveRow(BaseModel):
    """Somebody on the reserve list; who pauses keeps their place there.

    `text`: why they wait, and what may change it; once the programme has ended, that no round comes any more.
    """

    participant_id: str
    role: str
    since: str
    paused: bool
    reason: str
    text: Text


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
    taken = {board.open for board in found[Board]}
    pausing = {c.id for c in found[Candidate] if c.paused_since is not None}
    breaks = {rule.id: rule.broken for rule in found[TandemRule]}
    signs = {known.id: known.rules for known in found[TandemSigns]}
    over = any(programme.status == "ended" for programme in found[Programme])
    waiting: list[Reserve] = [r for r in found[Reserve] if r.status == "waiting"]
    return ProgrammeView(
        programme_id=programme_id,
        rounds=tuple(RoundRow(**r.published(), under_way=r.status == "approved" and r.id in taken) for r in rounds),
        changes=tuple(
            ChangeRow(
                round_id=c.round,
                offer=c.offer,
                change=c.change,
                mentor=c.mentor,
                mentee=c.mentee,
                score=c.score,
                parts=_parts(c.parts),
                reasons=c.reasons,
                pinned=c.pinned,
                proposal_id=c.proposal,
            )
            for c in found[Change]
            if c.round in undecided
        ),
        proposals=tuple(_proposal(p) for p in found[Proposal]),
        tandems=tuple(_tandem(t, breaks.get(t.id, ()), signs.get(t.id, ())) for t in found[Tandem]),
        pins=tuple(
            PinRow(mentor=p.mentor, mentee=p.mentee, status=p.status)
            for p in found[Pin]
            if p.status in ("pinned", "lapsed")
        ),
        reserve=tuple(
            ReserveRow(
                participant_id=r.id,
                role=r.role,
                since=str(r.since),
                paused=r.id in pausing,
                reason=r.reason.code,
                text=words("reserve-over") if over else r.reason.text,
            )
            for r in waiting
        ),
        attention=for_the_office(found[Attention]),
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
        parts=_parts(p.parts),
        reasons=p.reasons,
        pinned=p.pinned,
    )


def _parts(parts: tuple[ScorePart, ...]) -> tuple[PartRow, ...]:
    return tuple(PartRow(part=p.part, points=p.points, text=in_words(p)) for p in parts)


def _tandem(t: Tandem, breaks: tuple[str, ...], signs: tuple[str, ...]) -> TandemRow:
    return TandemRow(
        tandem_id=t.id,
        mentor=t.mentor,
        mentee=t.mentee,
        score=t.score,
        status=t.status,
        formed_on=str(t.formed_on),
        ends_on=str(t.ends_on),
        breaks=breaks,
        signs=signs,
    )


SHOWN = (Programme, Board, Candidate, Round, Change, Proposal, Pin, Tandem, TandemRule, TandemSigns, Reserve, Attention)

VIEW = View(aggregates=SHOWN, build=programme_view)
