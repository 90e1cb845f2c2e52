"""Which topics of a catalogue somebody may have meant."""

from collections.abc import Mapping

from shared.contracts.base import Text

ALIKE = 72.0
"""Of 100: two spellings of one word or order of words lie above, two words about one matter below."""
MOST = 3


def near_topics(label: str, catalogue: Mapping[str, Text]) -> list[Text]:
    """The labels that are most like this one in either language, the nearest first, at most three."""
    from rapidfuzz import fuzz, utils

    found: dict[str, float] = {}
    for id, text in catalogue.items():
        spellings = {text.de, text.en, id.replace("-", " ")}
        found[id] = max(fuzz.WRatio(label, each, processor=utils.default_process) for each in spellings)
    best = sorted((id for id in found if found[id] >= ALIKE), key=lambda id: (-found[id], id))
    return [catalogue[id] for id in best[:MOST]]
