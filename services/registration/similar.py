"""Which topics of the catalogue may mean the same as a proposed one, by how alike their labels are. Pure.

Runs in the process of heavy jobs: only registration's image has rapidfuzz, but every image reads every table.
"""

from itertools import product

from services.registration.suggesting import Catalogue, Suggested
from shared.contracts.registration import SimilarTopic
from shared.runtime.alike import LEAST, score

MOST = 5
"""Topics that are suggested for a proposal."""


def suggest(inputs: Catalogue) -> tuple[Suggested, ...]:
    """The topics nearest to what is proposed, by their best labels; for a merged one, the topic where it ends."""
    best: dict[str, int] = {}
    for known in inputs.known:
        near = max((score(a, b) for a, b in product(inputs.proposed, known.labels)), default=0)
        if near >= LEAST:
            best[known.ends_at] = max(near, best.get(known.ends_at, 0))
    ranked = sorted(best, key=lambda id: (-best[id], id))[:MOST]
    similar = tuple(
        SimilarTopic(topic_id=id, score=best[id], label=topic.label, retired=topic.retired)
        for id in ranked
        if (topic := inputs.offered.get(id)) is not None
    )
    return (Suggested(proposal_id=inputs.proposal_id, similar=similar),)
