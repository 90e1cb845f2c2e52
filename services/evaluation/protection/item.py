"""Everything that is told of one item: its people in portions that share nobody, and figures made of what each told.

What two portions tell hangs on different people's answers; and what is made of things told tells no more than they
do. So whatever is shown of an item is safe if each portion is. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from services.evaluation.protection.admission import Base, People, Withheld, admit, portions
from services.evaluation.protection.agreement import Tandems, agreeing
from services.evaluation.protection.rule import Rule, Told, tell, together
from services.evaluation.protection.scales import FULL_FROM, Scale

Side = Literal["mentor", "mentee"]
Group = Literal["all", "mentor", "mentee"]
Kind = Literal["answers", "before", "change"]
SIDES: tuple[Side, ...] = ("mentor", "mentee")
GROUPS: tuple[Group, ...] = ("all", *SIDES)
CHANGES = 3
"""Less than before, the same, more."""


@dataclass(frozen=True)
class Answers:
    """What people answered to one item, one value a person, by pseudonym.

    `sides`: of everybody who answered. `before`: what these or others answered to the same item in the baseline.
    `tandems`: of who forms a tandem with somebody its name; somebody of several is given one of them. `apart`: both
    sides are told apart only if so many people of each answered.
    """

    scale: Scale
    values: Mapping[str, int]
    sides: Mapping[str, Side]
    before: Mapping[str, int] = field(default_factory=dict)
    tandems: Mapping[str, str] = field(default_factory=dict)
    apart: int = 0

    @cached_property
    def groups(self) -> Mapping[Group, People]:
        """Who answered: all, and of each side."""
        mentors = frozenset(person for person in self.values if self.sides[person] == "mentor")
        everybody = frozenset(self.values)
        return {"all": everybody, "mentor": mentors, "mentee": everybody - mentors}


@dataclass(frozen=True)
class Portion:
    """People of whom the same is told, and what is told of them. It is kept, and only repeated later.

    `before` and `change` are told of people alone who answered the baseline as well; `pairs` and
    `agreeing` stand with the mentees whom a report is the first to tell of: their tandems with its mentors, and how
    many of these agree. `people` is never published.
    """

    group: Group
    people: People
    answers: Told
    before: Told | None = None
    change: Told | None = None
    pairs: int | None = None
    agreeing: Told | None = None


@dataclass(frozen=True)
class Figure:
    """One figure of a group: what is told, in the classes of the whole scale or in three; or why nothing is."""

    kind: Kind
    group: Group
    told: Told | None
    withheld: Withheld | None


def protect(answers: Answers, released: Sequence[Portion], rule: Rule) -> tuple[Portion, ...]:
    """What is told of an item, after what was released of it: the same portions, and new ones if there may be any.

    Which portions there are hangs on who answered alone, never on what.
    """
    new_ones: list[Portion] = []
    for group, new in _new(answers, released, rule).items():
        known = [portion for portion in released if portion.group == group]
        told = [Base("released", portion.people) for portion in known]
        everybody = new.union(*(portion.people for portion in known))
        paired = (new & answers.before.keys()).union(*(portion.people for portion in known if portion.before))
        bases = [Base("answers", everybody), Base("change", paired)]
        if "change" in admit(bases, told, rule).admitted:
            parts = portions([new, new & paired])
        else:
            paired, parts = frozenset(), [new]
        new_ones += [_portion(group, part, part <= paired, answers, rule) for part in parts]
    return (*released, *_with_tandems(new_ones, answers, rule))


def portion_of(group: Group, people: People, answers: Answers, rule: Rule) -> Portion:
    """What is told of people, enough by the rule, who all answered, and of whom nothing else is told."""
    return Portion(group, people, _told(people, answers.values, answers.scale, rule))


def figures(found: Sequence[Portion], answers: Answers, rule: Rule) -> tuple[Figure, ...]:
    """The figures of an item: what all portions of a group told together, and why the others are withheld."""
    kinds: tuple[Kind, ...] = ("answers", "before", "change") if answers.before else ("answers",)
    return tuple(
        _figure(kind, group, [portion for portion in found if portion.group == group], answers, rule)
        for group in GROUPS
        for kind in kinds
    )


def tandems_that_agree(found: Sequence[Portion]) -> Told | None:
    """How many tandems agree at most, as told of (agree, differ), in three classes; None: nothing is told of it."""
    told = [portion.agreeing for portion in found if portion.agreeing]
    return together(told) if told else None


def whole_tandems(found: Sequence[Portion]) -> int | None:
    """Of how many tandems both answered; None: it is not told, or only of a part of the people."""
    return found[1].pairs if [portion.group for portion in found] == list(SIDES) else None


def _with_tandems(new: Sequence[Portion], answers: Answers, rule: Rule) -> Sequence[Portion]:
    """The same, with what is told of the tandems between two sides."""
    if [portion.group for portion in new] != list(SIDES):
        return new
    mentors, mentees = new
    of_mentor = {answers.tandems[who]: who for who in mentors.people & answers.tandems.keys()}
    both = [(of_mentor[name], who) for who in mentees.people if (name := answers.tandems.get(who)) in of_mentor]
    if min(len(portion.people) for portion in new) - len(both) < rule.insiders:
        # If nobody answered whose partner was silent, each of the silent would know that their partner was, too.
        return new
    return mentors, replace(mentees, pairs=len(both), agreeing=_agreeing(new, both, answers, rule))


def _agreeing(new: Sequence[Portion], both: Sequence[tuple[str, str]], answers: Answers, rule: Rule) -> Told | None:
    """How many of the tandems agree, if both sides' counts are told, and nothing else of these people."""
    if 2 * len(both) < FULL_FROM or any(portion.before or not portion.answers.exact for portion in new):
        return None
    agree = sum(_rough(answers, mentor) == _rough(answers, mentee) for mentor, mentee in both)
    rough = [portion.answers.coarser(answers.scale.coarse) for portion in new]
    counts = [tuple(map(told.least, range(len(told.counts)))) for told in rough]
    return agreeing(Tandems(counts[0], counts[1], len(both)), agree, rule.insiders)


def _rough(answers: Answers, who: str) -> int:
    return answers.scale.place(answers.values[who], full=False)


def _new(answers: Answers, released: Sequence[Portion], rule: Rule) -> dict[Group, People]:
    """The people that are told of for the first time: of both sides if both are large enough, else of all.

    What was told of once stays as it was. Later something new is told of every group or of none: else the figures of
    two reports would differ by a few people.
    """
    old = frozenset[str]().union(*(portion.people for portion in released))
    groups: tuple[Group, ...] = tuple(group for group in GROUPS if any(p.group == group for p in released))
    if not groups:
        sides = [len(answers.groups[side]) for side in SIDES]
        groups = SIDES if all(rule.enough(people) and people >= answers.apart for people in sides) else ("all",)
    new = {group: answers.groups[group] - old for group in groups}
    return new if all(rule.enough(len(people)) for people in new.values()) else {}


def _portion(group: Group, people: People, paired: bool, answers: Answers, rule: Rule) -> Portion:
    portion = portion_of(group, people, answers, rule)
    if not paired:
        return portion
    now = portion.answers
    before = _told(people, answers.before, answers.scale, rule)
    change = None
    if now.exact and before.exact:
        # That depends on nothing but what is told beside it, so that its absence tells nothing.
        place = _places(len(people), answers.scale)
        moved = {who: _moved(place[answers.before[who]], place[answers.values[who]]) for who in people}
        change = tell(moved, CHANGES, rule.of_change())
    return replace(portion, before=before, change=change)


def _told(people: People, values: Mapping[str, int], scale: Scale, rule: Rule) -> Told:
    full = len(people) >= FULL_FROM
    place = _places(len(people), scale)
    placed = {who: place[values[who]] for who in people}
    told = tell(placed, scale.classes(full=full), rule, scale.coarse if full else None)
    if told is None:
        raise ValueError("a portion is large enough")
    return told


def _places(people: int, scale: Scale) -> dict[int, int]:
    """The class of each value, on the whole scale if enough people answered."""
    return {value: scale.place(value, full=people >= FULL_FROM) for value in scale.values}


def _moved(before: int, now: int) -> int:
    return 1 + (now > before) - (now < before)


def _figure(kind: Kind, group: Group, own: Sequence[Portion], answers: Answers, rule: Rule) -> Figure:
    told = [one for portion in own if (one := getattr(portion, kind)) is not None]
    if told:
        return Figure(kind, group, told[0] if len(told) == 1 else _summed(told, kind, answers.scale), None)
    people = answers.groups[group]
    enough = rule.enough(len(people if kind == "answers" else people & answers.before.keys()))
    return Figure(kind, group, None, "derivable" if enough else "too-few")


def _summed(told: Sequence[Told], kind: Kind, scale: Scale) -> Told:
    if kind != "change" and len({len(one.counts) for one in told}) > 1:
        told = [one.coarser(scale.coarse) for one in told]
    return together(told)
