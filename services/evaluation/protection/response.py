"""How many of whom answered at all: told so that nobody is known to have been silent. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from services.evaluation.protection.item import SIDES, Group, Side
from services.evaluation.protection.rule import Rule


@dataclass(frozen=True)
class Response:
    """Of so many people who were asked so many answered."""

    asked: int
    answered: int


def response(asked: Mapping[str, Side], answered: Collection[str], rule: Rule) -> dict[Group, Response]:
    """How many answered a questionnaire: of both sides if enough of each did, else of all if enough did.

    Where all did, everybody is known to have answered, which harms nobody. Where enough did, more of them are left than
    insiders know of, so whoever else it is may have answered. It is told once, when nobody can answer any more: of two
    reports the second would tell of the few who were asked in between whether they did.
    """
    found: dict[Group, Response] = {}
    for side in SIDES:
        own = [who for who in asked if asked[who] == side]
        found[side] = Response(len(own), sum(who in answered for who in own))
    if all(rule.enough(one.answered) for one in found.values()):
        return found
    every = Response(len(asked), sum(one.answered for one in found.values()))
    return {"all": every} if rule.enough(every.answered) else {}
