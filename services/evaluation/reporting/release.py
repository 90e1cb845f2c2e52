"""What is told of each item, after what earlier reports told. Pure.

What was told once is stored with the report and only repeated. Who was behind it is not stored: an answer says how many
reports had been said when it came, which tells a first report's people from those who came later, and no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.evaluation.protection import Portion, Rule, protect
from services.evaluation.protection.item import Group
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
    return Portion(kept.group, frozenset(people), kept.answers, kept.before, kept.change, kept.pairs, kept.agreeing)


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
