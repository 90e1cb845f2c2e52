"""Which topics of a catalogue somebody may have meant."""

from collections.abc import Mapping

from shared.contracts.base import Text

MOST = 3


def near_topics(label: str, catalogue: Mapping[str, Text]) -> list[Text]:
    """The labels that are most like this one in either language, the nearest first, at most three."""
    from shared.runtime.alike import LEAST, score  # a library that only who asks for it needs

    found = {
        id: max(score(label, each) for each in {text.de, text.en, id.replace("-", " ")})
        for id, text in catalogue.items()
    }
    best = sorted((id for id in found if found[id] >= LEAST), key=lambda id: (-found[id], id))
    return [catalogue[id] for id in best[:MOST]]
