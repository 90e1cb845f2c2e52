"""What may be shown of answers, so that nobody's own answer can be told. Pure.

Three rules, and what each shuts:

- no figure for fewer people than the floor (five, or what the programme set);
- if one side has fewer, neither side is shown: the other side could be subtracted from all;
- a later report shows either the same people as the one before, or at least a floor more in every group that it
  shows, and never a group that the first did not show: else two reports could be subtracted from each other.

Answers cannot be linked to people, so people are counted from below: where one person may have answered a
questionnaire up to k times (pulses), n answers come from at least n / k people.
"""

from collections.abc import Mapping, Sequence

from services.evaluation.jobs import Given
from shared.contracts.evaluation import Answer, Figure

Shown = dict[str, list[int]]
"""Values by group: `all`, and `mentor` and `mentee` where both may be shown. Empty: nothing may be shown."""


def people_behind(answers: int, per_person: int = 1) -> int:
    """How many people are behind so many answers at least, if each gave at most `per_person`."""
    return -(-answers // per_person)


def groups(given: Sequence[Given], item: str, floor: int, per_person: int = 1) -> Shown:
    """The values of an item that may be shown, by group."""
    values = {"all": [g.answers[item] for g in given if item in g.answers]}
    sides = {side: [g.answers[item] for g in given if item in g.answers and g.side == side] for side in SIDES}
    if people_behind(len(values["all"]), per_person) < floor:
        return {}
    if all(people_behind(len(side), per_person) >= floor for side in sides.values()):
        values |= sides
    return values


SIDES = ("mentor", "mentee")


def block_of(figure: Figure) -> str:
    """The questionnaire that a figure comes from: the first part of its key, `final.mentor.too-often`."""
    return figure.key.split(".")[0]


def _people(figures: Sequence[Figure]) -> dict[str, int]:
    return {f.key.split(".")[1]: f.people for f in figures if f.people is not None}


def may_follow(before: Mapping[str, int], now: Mapping[str, int], floor: int) -> bool:
    """Whether figures of `now` people may be shown after figures of `before` people (by group)."""
    growth = [now.get(group, 0) - people for group, people in before.items()]
    return all(more >= floor for more in growth)


def settled(before: Answer | None, now: Answer, floor: int) -> Answer:
    """What a new report may say on a question, given what the one before said.

    Block by block (a questionnaire each) it repeats the earlier figures, unless the new ones may follow them. The
    answer itself hangs on the final questionnaire only, and is repeated with it.
    """
    if before is None:
        return now
    figures: list[Figure] = []
    for block in dict.fromkeys(block_of(f) for f in (*before.figures, *now.figures)):
        old = [f for f in before.figures if block_of(f) == block]
        new = [f for f in now.figures if block_of(f) == block]
        was = _people(old)
        if not was:
            figures += new
        elif may_follow(was, _people(new), floor):
            figures += [f for f in new if f.key.split(".")[1] in was]
        else:
            figures += old
            if block == "final":
                now = before
    return now.model_copy(update={"figures": tuple(figures)})
