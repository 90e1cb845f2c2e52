"""How much of a report the office's own items may need: it is one message, and the broker takes none over 1 MiB. Pure.

Not a number of items: one with ten choices in long words needs a hundred times as much as one with stars.
"""

from collections.abc import Iterable

from services.evaluation.protection import Answers, Portion, Rule, Told
from services.evaluation.protection.item import GROUPS, SIDES
from services.evaluation.reporting.distributions import distributions
from services.evaluation.reporting.gathering import Gathered, scale_of
from shared.contracts import evaluation as e
from shared.contracts.base import Part, Text

ROOM = 500_000
"""Bytes for all own items of a programme: half of what the broker takes; the software's own items and all else in a
report need less than the other half (`test_own_room.py` fills it)."""
MANY = 99_999
"""People in each class, at most: a city's."""
RATING, RESPONSE = 700, 300
"""Bytes of a share of stars, and of how many answered, beside the words of theirs."""


def room_of(questionnaire: str, title: Text, items: Iterable[e.Item]) -> int:
    """Bytes that a questionnaire may need in a report at most: both sides and all, on the whole scale or in three."""
    about = _bytes(title)
    return len(GROUPS) * (RESPONSE + about) + sum(_item(questionnaire, title, item) for item in items)


def _item(questionnaire: str, title: Text, item: e.Item) -> int:
    rating = RATING + 2 * (_bytes(title) + _bytes(item.text)) if item.scale == "stars" else 0
    return rating + max(_told(questionnaire, title, item, full=full) for full in (True, False))


def _told(questionnaire: str, title: Text, item: e.Item, *, full: bool) -> int:
    scale = scale_of(item)
    classes = scale.classes(full=full)
    told = Told(classes * MANY, (MANY,) * classes)
    gathered = Gathered(
        questionnaire=questionnaire,
        version=1,
        title=title,
        item=item,
        answers=Answers(scale, {}, {}),
        asked=None,
        since={},
    )
    portions = [Portion(side, frozenset(), told) for side in SIDES]
    return sum(map(_bytes, distributions(gathered, portions, Rule())))


def _bytes(part: Part) -> int:
    return len(part.model_dump_json(exclude_none=True).encode())
