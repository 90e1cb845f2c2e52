"""What matching has published of each aggregate, as it is said again whenever a reader asks."""

from services.matching.broken_rules import TandemRule
from services.matching.model import Pin, Proposal, Reserve, Round, Tandem
from shared.contracts import matching as m
from shared.runtime.table import Publishes

ROUNDS: dict[str, type[m.RoundState]] = {
    "gathering": m.RoundOpened,
    "wishing": m.WishesInvited,
    "solving": m.RoundOpened,
    "proposed": m.RoundSolved,
    "empty": m.RoundSolved,
    "approved": m.RoundApproved,
    "closed": m.RoundClosed,
}
PROPOSALS: dict[str, type[m.ProposalState]] = {
    "proposed": m.PairProposed,
    # Also when one of the two has said yes: `ProposalAccepted` told that somebody did, and nobody is told who.
    "approved": m.ProposalApproved,
    "accepted": m.ProposalAccepted,
    "declined": m.ProposalDeclined,
    "expired": m.ProposalExpired,
    "withdrawn": m.ProposalWithdrawn,
}
TANDEMS: dict[str, type[m.TandemState]] = {
    "running": m.TandemFormed,
    "ended": m.TandemEnded,
    "completed": m.TandemCompleted,
}
PINS: dict[str, type[m.PinState]] = {
    "pinned": m.PairPinned,
    "unpinned": m.PinEnded,
    "proposed": m.PinEnded,
    "lapsed": m.PinEnded,
}
RESERVES: dict[str, type[m.ReserveState]] = {"waiting": m.ReserveListed, "left": m.ReserveLeft}

PUBLISHES = (
    Publishes(Round, lambda round_: ROUNDS[round_.status](**round_.published())),
    Publishes(Proposal, lambda proposal: PROPOSALS[proposal.status](**proposal.published())),
    Publishes(Pin, lambda pin: PINS[pin.status](**pin.published())),
    Publishes(Tandem, lambda tandem: TANDEMS[tandem.status](**tandem.published())),
    Publishes(TandemRule, lambda rule: m.TandemBreaksRule(**rule.published())),
    Publishes(Reserve, lambda reserve: RESERVES[reserve.status](**reserve.published())),
)
