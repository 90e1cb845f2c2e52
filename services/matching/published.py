"""What matching has published of each aggregate, as it is said again whenever a reader asks."""

from services.matching.model import Proposal, Reserve, Round, Tandem
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
    # Whether one of the two has said yes is nobody's business, here as everywhere.
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
RESERVES: dict[str, type[m.ReserveState]] = {"waiting": m.ReserveListed, "left": m.ReserveLeft}

PUBLISHES = (
    Publishes(Round, lambda round_: ROUNDS[round_.status](**round_.published())),
    Publishes(Proposal, lambda proposal: PROPOSALS[proposal.status](**proposal.published())),
    Publishes(Tandem, lambda tandem: TANDEMS[tandem.status](**tandem.published())),
    Publishes(Reserve, lambda reserve: RESERVES[reserve.status](**reserve.published())),
)
