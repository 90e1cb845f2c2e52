"""Whether a text, or a message that a service keeps, names people: to erase them, or to show them what is kept."""

import json
from collections.abc import Collection
from functools import partial
from typing import Any, Literal

from shared.contracts.parts import NOBODY
from shared.runtime.batch import Identity
from shared.runtime.ids import keyed_id
from shared.runtime.item import Item
from shared.runtime.tombstones import UUID

OF_THINGS = frozenset(
    (
        "employment_id",
        "forwards_to",
        "gathering_id",
        "goal_id",
        "into",
        "introduction_id",
        "meeting_id",
        "position",
        "programme_id",
        "proposal_id",
        "question_id",
        "round_id",
        "story_id",
        "survey_id",
        "tandem_id",
        "topic_id",
    )
)
"""Fields of messages in which an id is a thing's, or of the person's own post."""
OF_OTHERS = frozenset(("superiors", "superior", "reporting_line", "releaser_mail"))
"""Fields of messages that lead to others by something else than a participant's id."""


def stands_in(people: Collection[str], what: Any) -> bool:
    """Whether the id of one of these people stands in a text, or in JSON."""
    said = what if isinstance(what, str) else json.dumps(what, ensure_ascii=False)
    return any(who in said.lower() for who in people)


def names(
    who: Identity, item: Item, people: Collection[str], programmes: Collection[str], *, about: bool = False
) -> Literal["by-id", "otherwise"] | None:
    """How a kept message, which may be no valid one, names one of these people of these programmes, if it does.

    Otherwise: by what an id follows from (`Service.named_otherwise`), which tombstones do not find. `about`: only whom
    it is about counts so, not whose superior or line manager somebody is.
    """
    if stands_in(people, item.text):
        return "by-id"
    if who.service.named_otherwise is None or "piece" in item.stored:
        return None
    try:
        read = json.loads(item.raw)
    except (ValueError, RecursionError):
        return None
    data = read.get("data") if isinstance(read, dict) else None
    if not isinstance(data, dict):
        return None
    if about:
        data = {name: value for name, value in data.items() if name not in OF_OTHERS}
    named = who.service.named_otherwise(data, programmes, partial(keyed_id, who.key))
    return None if set(named).isdisjoint(people) else "otherwise"


def may_name_others(data: Any, people: Collection[str]) -> bool:
    """Whether a message's data may name anybody but these people: whatever might be a person's id counts as one."""
    match data:
        case dict():
            return any(_leads_to_others(name, value, people) for name, value in data.items())
        case list():
            return any(may_name_others(value, people) for value in data)
        case str():
            return any(id.lower() not in (NOBODY, *people) for id in UUID.findall(data))
    return False


def _leads_to_others(name: str, value: Any, people: Collection[str]) -> bool:
    if name in OF_OTHERS:
        return bool(value)
    if name in OF_THINGS and isinstance(value, str):
        return False
    return may_name_others(name, people) or may_name_others(value, people)
