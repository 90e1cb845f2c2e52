"""What the page says in words: the figures, the rules, the order that "best" means, and who is left and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.matching.people import RoundInputs, Solution
from shared.contracts.base import Text
from shared.contracts.parts import MatchingRules, Side
from shared.pages.render import number
from shared.runtime.words import Words

words = Words("services.matching.tool.page")

REASONS_SHOWN = 40
IDS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some people have no tandem, and what would change it."""

    text: Text
    count: int
    ids: tuple[str, ...]
    """The first ones."""


@dataclass(frozen=True, slots=True)
class Left:
    """The people of one side without a tandem."""

    role: Side
    count: int
    reasons: tuple[Reason, ...]
    """The most frequent first."""
    more: int
    """People whose reasons are left out, as they are rare and many."""


def order_of_best(inputs: RoundInputs) -> tuple[Text, ...]:
    """What "best" means, the first first; the levels are in docs/matching-score.md."""
    levels = ["tandems", "served"]
    if inputs.previous:
        levels.append("unchanged")
    if inputs.rules.lowest_first:
        levels.append("lowest")
    found = [words(f"level-{level}") for level in (*levels, "sum")]
    return (*found, words("level-seed", seed=inputs.seed))


def rules_in_force(rules: MatchingRules, places: int | None) -> tuple[Text, ...]:
    """The hard rules that are on, the weights, and the limit of places if there is one."""
    hard = {
        "department": rules.different_department,
        "levels": rules.reporting_levels,
        "language": rules.shared_language,
        "minutes": rules.common_minutes,
        "distance": rules.seniority_distance,
        "score": rules.minimum_score,
    }
    found = [words("rule-line")] + [_rule(name, value) for name, value in hard.items() if value]
    weights = words("weights", mentee=rules.weight_mentee, mentor=rules.weight_mentor, site=rules.weight_site)
    limit = () if places is None else (_rule("places", places),)
    return (*found, *limit, weights)


def _rule(name: str, value: int) -> Text:
    one = f"rule-{name}-one"
    return words(one if value == 1 and one in words else f"rule-{name}", value=number(value))


def left(inputs: RoundInputs, solution: Solution) -> tuple[Left, ...]:
    """Who has no tandem, mentees first, by reason."""
    roles = {person.id: person.role for person in inputs.people}
    by_side: dict[Side, dict[Text, list[str]]] = {"mentee": {}, "mentor": {}}
    for each in solution.unmatched:
        by_side[roles[each.id]].setdefault(each.reason.text, []).append(each.id)
    return tuple(_left(role, reasons) for role, reasons in by_side.items() if reasons)


def _left(role: Side, reasons: dict[Text, list[str]]) -> Left:
    ordered = sorted(reasons.items(), key=lambda entry: (-len(entry[1]), entry[0].de))
    shown = tuple(Reason(text, len(ids), tuple(ids[:IDS_SHOWN])) for text, ids in ordered[:REASONS_SHOWN])
    return Left(role, _sum(reasons.values()), shown, _sum(ids for _, ids in ordered[REASONS_SHOWN:]))


def _sum(groups: Iterable[Sequence[str]]) -> int:
    return sum(map(len, groups))
