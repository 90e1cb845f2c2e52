"""What is told of each item, after what earlier reports told. Pure.

What was told once is stored with the report and only repeated. Who was behind it is not stored: an answer says how many
reports had been said when it came, which tells a first report's people from those who came later, and no more.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from services.evaluation.protection import Portion, Rule, protect, protect_together
from services.evaluation.protection.item import SIDES, Group
from services.evaluation.reporting.gathering import Gathered
from services.evaluation.reporting.released import Released


@dataclass(frozen=True)
class Item:
    """An item with what is told of it, and as it is kept."""

    gathered: Gathered
    portions: tuple[Portion, ...]
    kept: tuple[Released, ...]

    @property
    def silent(self) -> int | None:
        """How many of those who had been asked when it was told had not answered it; None: that is not known."""
        asked: dict[Group, int] = {}
        for kept in self.kept:
            if kept.asked is None:
                return None
            asked[kept.group] = max(kept.asked, asked.get(kept.group, 0))
        return max(sum(asked.values()) - sum(portion.answers.people for portion in self.portions), 0)


def release_all(found: Sequence[Gathered], earlier: Sequence[Released], report: int, rule: Rule) -> list[Item]:
    """What is told of every item in a report, in order: of the office's own together, of the others each by itself."""
    others = [release(gathered, earlier, report, rule) for gathered in found if not gathered.own]
    own = release_together([gathered for gathered in found if gathered.own], others, earlier, report, rule)
    items = {item.gathered.key: item for item in (*others, *own)}
    return [items[gathered.key] for gathered in found]


def _tells_the_other_side(own: Gathered, other: Item, rule: Rule) -> bool:
    """Whether something asked of one side alone could be subtracted from what is told of all, down to a few people.

    From who answered alone. It may be the same question in other words; what it asks is not looked at.
    """
    sides = [side for side in SIDES if own.answers.groups[side]]
    if len(sides) != 1 or all(portion.group != "all" for portion in other.portions):
        return False
    [missing] = set(SIDES) - set(sides)
    return 0 < len(other.gathered.answers.groups[missing]) < rule.least


def release_together(
    own: Sequence[Gathered], others: Sequence[Item], earlier: Sequence[Released], report: int, rule: Rule
) -> list[Item]:
    """What is told of the office's own items: all of them once, in one report, since any two may ask the same.

    `others`: what is told of the software's items beside them.
    """
    kept: dict[tuple[str, str], list[Released]] = defaultdict(list)
    for each in earlier:
        kept[each.questionnaire, each.item].append(each)
    before = [kept[gathered.questionnaire, gathered.item.id] for gathered in own]
    if any(before):
        # Anything more could be subtracted from it. Of whom it was told is not known, and not needed to repeat it.
        return [
            Item(gathered, tuple(_repeated(each, frozenset()) for each in told), tuple(told))
            for gathered, told in zip(own, before, strict=True)
        ]
    together = protect_together([each.answers for each in own], rule)
    return [
        Item(gathered, portions, tuple(_kept(portion, gathered, report) for portion in portions))
        if not any(_tells_the_other_side(gathered, other, rule) for other in others)
        else Item(gathered, (), ())
        for gathered, portions in zip(own, together, strict=True)
    ]


def release(gathered: Gathered, earlier: Sequence[Released], report: int, rule: Rule) -> Item:
    """What is told of an item in a report: what was told in earlier ones, and more if there may be any."""
    own = [kept for kept in earlier if (kept.questionnaire, kept.item) == (gathered.questionnaire, gathered.item.id)]
    known = [_portion(kept, own, gathered) for kept in own]
    found = protect(gathered.answers, known, rule)
    new = (_kept(portion, gathered, report) for portion in found[len(known) :])
    return Item(gathered, found, (*own, *new))


def _portion(kept: Released, own: Sequence[Released], gathered: Gathered) -> Portion:
    """The portion with its people, as they are known from when their answers came."""
    last = max((other.report for other in own if other.report < kept.report), default=0)
    group = gathered.answers.groups[kept.group]
    people = {person for person in group if last <= gathered.since[person] < kept.report}
    if any(other.paired for other in own if (other.report, other.group) == (kept.report, kept.group)):
        paired = {who for who in people if gathered.before_since.get(who, kept.report) < kept.report}
        people = paired if kept.paired else people - paired
    return _repeated(kept, frozenset(people))


def _repeated(kept: Released, people: frozenset[str]) -> Portion:
    return Portion(kept.group, people, kept.answers, kept.before, kept.change, kept.pairs, kept.agreeing)


def _kept(portion: Portion, gathered: Gathered, report: int) -> Released:
    return Released(
        questionnaire=gathered.questionnaire,
        item=gathered.item.id,
        group=portion.group,
        report=report,
        asked=None if gathered.asked is None else gathered.asked[portion.group],
        paired=portion.before is not None,
        answers=portion.answers,
        before=portion.before,
        change=portion.change,
        pairs=portion.pairs,
        agreeing=portion.agreeing,
    )
