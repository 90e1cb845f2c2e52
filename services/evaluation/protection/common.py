"""Items of which any two may ask the same in other words: all of them are told of the same people. Pure.

Whoever words the questions and chooses whom to ask could ask one thing twice, once of all and once of one side, and
subtract. No comparison of words sees that. So people are put into portions once for all items together, and each item
is told of whole portions alone: whatever is subtracted, what is left is a portion that is told anyway.
"""

from collections.abc import Iterator, Sequence

from services.evaluation.protection.admission import People
from services.evaluation.protection.item import SIDES, Answers, Group, Portion, portion_of
from services.evaluation.protection.rule import Rule
from services.evaluation.protection.scales import FULL_FROM


def protect_together(items: Sequence[Answers], rule: Rule) -> list[tuple[Portion, ...]]:
    """What is told of each of several items, once; who answered which of them alone decides of whom.

    Sides are told apart for all items or for none. What tandems have in common is not told.
    """
    found: list[list[Portion]] = [[] for _ in items]
    for group in _groups(items, rule):
        for people, which in in_common([answers.groups[group] for answers in items], rule):
            for place in which:
                found[place].append(portion_of(group, people, items[place], rule))
    return [tuple(each) for each in found]


def _groups(items: Sequence[Answers], rule: Rule) -> tuple[Group, ...]:
    sizes = [len(frozenset[str]().union(*(answers.groups[side] for answers in items))) for side in SIDES]
    return SIDES if all(map(rule.enough, sizes)) else ("all",)


def in_common(answered: Sequence[People], rule: Rule) -> Iterator[tuple[People, tuple[int, ...]]]:
    """People who share nobody, each time with the items that all of them answered: as many answers as can be found.

    `answered`: who answered each item. Each time items are taken one by one, the one first that most of those have
    answered who answered all before it; where most answers are told, these people are a portion: theirs, and those that
    may still be told of the others. Then the same for the others, if they are so many that the sum of all is not told
    more roughly for it. That is not the best of all ways, which would take too long to find; an item that few have
    answered may be told of nobody.
    """
    places = {who: place for place, who in enumerate(sorted(frozenset[str]().union(*answered)))}
    # Sets of people as the bits of a number: of a city's thousands they are compared in no time.
    masks = [sum(1 << places[who] for who in people) for people in answered]
    left, least = (1 << len(places)) - 1, rule.least
    while found := _most_answers(masks, left, least, max(rule.least, FULL_FROM)):
        taken, items = found
        yield frozenset(who for who, place in places.items() if taken >> place & 1), items
        left, least = left & ~taken, max(rule.least, FULL_FROM)


def _most_answers(masks: Sequence[int], left: int, least: int, later: int) -> tuple[int, tuple[int, ...]] | None:
    """At least so many of the people who are left, and the items; `later`: as many at least in the next portions."""
    best, most = None, 0
    open_, taken = list(range(len(masks))), left
    items: list[int] = []
    while open_:
        following = max(open_, key=lambda place: ((taken & masks[place]).bit_count(), -place))
        taken &= masks[following]
        if taken.bit_count() < least:
            break
        open_.remove(following)
        items.append(following)
        others = ((left & ~taken & mask).bit_count() for mask in masks)
        answers = taken.bit_count() * len(items) + sum(people for people in others if people >= later)
        if answers > most:
            best, most = (taken, tuple(sorted(items))), answers
    return best
