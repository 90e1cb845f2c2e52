"""Which open proposals a re-match may end, and which stay in both of its offers."""

from collections.abc import Collection, Mapping

from pydantic import BaseModel

from services.matching.model import Candidate, Proposal, Wishes
from services.matching.pair import judge
from shared.contracts.parts import MatchingRules


class Held(BaseModel):
    """An open proposal: it holds two seats and a place."""

    proposal_id: str
    mentor: str
    mentee: str
    score: int
    pinned: bool

    @property
    def pair(self) -> tuple[str, str]:
        """(mentor, mentee)."""
        return self.mentor, self.mentee


def held(proposals: Collection[Proposal]) -> tuple[Held, ...]:
    """What a round knows of open proposals."""
    return tuple(
        Held(proposal_id=p.id, mentor=p.mentor, mentee=p.mentee, score=p.score, pinned=p.pinned) for p in proposals
    )


def may_end(
    proposal: Proposal, free: Mapping[str, Candidate], wishes: Mapping[str, Wishes], rules: MatchingRules
) -> bool:
    """Whether a re-match may end an open proposal; `free`: who takes part and looks for somebody.

    One that only a veto closes stays as it is: if it fell away in both offers, the office would read the veto (P1). Who
    named it may decline. One that the rules close as well falls away as it would without the veto.
    """
    mentor, mentee = free.get(proposal.mentor), free.get(proposal.mentee)
    if not proposal.may_change or mentor is None or mentee is None:
        return False
    pairs = ((mentor.id, mentee.id), (mentee.id, mentor.id))
    vetoed = any(other in wishes[one].vetoes for one, other in pairs if one in wishes)
    return not vetoed or bool(judge(mentor.person, mentee.person, rules).broken)
