"""A round's proof in matching's own database: kept part by part in place of the round before, and read as a whole.

It is in no event and no view: prices may hang on vetoes (P1). Ids follow from the programme, not from the round, so
that nothing grows from round to round; what is left of a round with more people is forgotten (`forgetting.py`).
"""

from pydantic import ValidationError

from services.matching.model import KeptPart, KeptProof, Round
from services.matching.proof import NotWholeError, ProofHead, ProofPart, side_of
from shared.contracts.matching import OfferName
from shared.runtime.decision import NOTHING, Context, Decision, Get, Internal, Outcome
from shared.runtime.ids import derived_id
from shared.runtime.table import Reader


class KeepProof(Internal):
    """What the proof of a solution says of the whole round."""

    round_id: str
    offer: OfferName
    head: ProofHead


class KeepProofPart(Internal):
    """What the proof of a solution says of some people."""

    round_id: str
    offer: OfferName
    part: ProofPart


def proof_id(programme_id: str, offer: OfferName) -> str:
    """The id of the newest proof of a programme; a round that is no re-match has one, of `fewest_changes`."""
    return derived_id("proof", programme_id, offer)


def proven(message: KeepProof | KeepProofPart, get: Get) -> Round | None:
    """The round."""
    return get(Round, message.round_id)


def keep_proof(message: KeepProof, round_: Round | None, context: Context) -> Outcome:
    """Keep the head of a proof in place of the round before; late, when its round is over, it is let go."""
    if round_ is None or round_.programme is None or round_.status != "solving":
        return NOTHING
    id = proof_id(round_.programme, message.offer)
    kept = KeptProof(id=id, programme=round_.programme, round=round_.id, offer=message.offer, head=message.head)
    # The round is written, unchanged: a programme that ends at this moment closes it, and then nothing of it is kept.
    return Decision(state=(kept, round_))


def keep_part(message: KeepProofPart, round_: Round | None, context: Context) -> Outcome:
    """Keep a part of a proof, as its head."""
    if round_ is None or round_.programme is None or round_.status != "solving":
        return NOTHING
    part = message.part
    id = derived_id("proof-part", round_.programme, message.offer, part.side, part.start)
    kept = KeptPart(id=id, programme=round_.programme, round=round_.id, offer=message.offer, part=part)
    return Decision(state=(kept, round_))


async def kept_proof(
    programme_id: str, offer: OfferName, read: Reader
) -> tuple[ProofHead, tuple[ProofPart, ...]] | None:
    """The newest proof of a programme; None unless head and all parts are of one round, and of this release."""
    try:
        kept = await read.get(KeptProof, proof_id(programme_id, offer))
        found = await read.find(KeptPart, programme_id)
    except ValidationError:
        return None
    if kept is None:
        return None
    parts = tuple(each.part for each in found if each.offer == offer and each.round == kept.round)
    try:
        whole = [part for side in ("mentor", "mentee") for part in side_of(kept.head, parts, side)]
    except NotWholeError:
        return None
    return kept.head, tuple(whole)
