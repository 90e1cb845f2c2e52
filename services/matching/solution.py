"""What the solver hands over of a round, piece by piece."""

from typing import Literal

from services.matching.model import Figures
from services.matching.people import Pair
from shared.contracts.matching import Offer, OfferName
from shared.contracts.parts import Reasoned
from shared.runtime.decision import Internal


class Progress(Internal):
    """How far a round has come, as in `RoundProgressed`."""

    round_id: str
    step: Literal["solving", "proposing"]
    done: int
    of: int
    stage: str | None = None
    bound: int | None = None
    gap: float | None = None


class Propose(Pair, Internal):
    """A pair of the solution."""

    round_id: str
    rules_version: int = 1


class OfferNew(Pair, Internal):
    """A pair that an offer would bring."""

    round_id: str
    rules_version: int = 1
    offer: OfferName


class OfferEnd(Internal):
    """An open proposal that an offer would end."""

    round_id: str
    offer: OfferName
    proposal_id: str


class LapsePin(Internal):
    """A pair that the office fixed, and that a round could not keep."""

    programme_id: str
    mentor: str
    mentee: str


class FindGap(Internal):
    """A topic that more mentors would serve more mentees for."""

    round_id: str
    topic_id: str
    more_mentors: int
    more_tandems: int
    demand: int
    supply: int


class LeaveOut(Internal):
    """Somebody who found no partner in this round."""

    round_id: str
    participant_id: str
    reason: Reasoned


class Solved(Figures, Internal):
    """Everything of a solution was handed over; `full`: the figures of the full order, where there are two offers."""

    round_id: str
    rules_version: int = 1
    offers: tuple[Offer, ...] = ()
    full: Figures | None = None
