"""Which hard rules a pair breaks by now, what of it the office knows, and what it has decided."""

from typing import Literal, Self

from services.matching.ids import tandem_id
from services.matching.model import Proposal, Rejection, Tandem
from shared.runtime.aggregate import Aggregate


class TandemRule(Aggregate, kind="tandem-rule"):
    """A tandem, or an open proposal under the id of the tandem that it may become, against the hard rules.

    `broken`: codes reported and not decided on; `kept`: codes that the office overrode, by a pin or by `KeepTandem`,
    whose reason is `decided`: in no event, in no view. Without one the pair keeps every rule, as far as was looked.
    """

    mentor: str
    mentee: str
    proposal: str | None = None
    broken: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    status: Literal["open", "kept", "settled"] = "settled"
    decided: Rejection | None = None

    @classmethod
    def overridden(cls, proposal: Proposal, broken: tuple[str, ...]) -> "TandemRule":
        """What the office knew when it fixed a pair that breaks rules."""
        return cls.of(tandem_id(proposal.id), proposal).but(kept=broken, status="kept")

    @classmethod
    def of(cls, id: str, pair: Tandem | Proposal) -> "TandemRule":
        """A pair of which nothing is known yet."""
        return cls(id=id, programme=pair.programme, mentor=pair.mentor, mentee=pair.mentee)

    def judged(self, broken: tuple[str, ...]) -> Self:
        """The same after a new judgement. A rule that is kept again is forgotten: broken anew, it is news."""
        kept = tuple(code for code in self.kept if code in broken)
        left = tuple(code for code in broken if code not in kept)
        return self.but(broken=left, kept=kept, status="open" if left else "kept" if kept else "settled")

    def settled(self) -> Self:
        """The same when nothing is to be decided any more."""
        return self.but(broken=(), kept=(), status="settled")

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        return {
            "tandem_id": self.id,
            "proposal_id": self.proposal,
            "programme_id": self.programme,
            "broken": self.broken,
            "status": self.status,
        }
