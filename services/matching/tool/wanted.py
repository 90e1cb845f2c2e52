"""What the office wants of a round beside the rules: fixed pairs, forbidden pairs, an earlier result."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from services.matching.explanation import rule_in_words
from services.matching.pair import judge
from services.matching.people import Person
from services.matching.tool.earlier import read_earlier
from shared.contracts.parts import MatchingRules
from shared.runtime.given_file import check_texts
from shared.runtime.wrong_use import WrongUseError

Ids = tuple[str, str]
"""(mentor, mentee)."""


class Pin(NamedTuple):
    """A pair that the office fixes."""

    mentor: str
    mentee: str
    reason: str
    """Why, where a hard rule speaks against it; else may be empty."""

    @property
    def ids(self) -> Ids:
        """The pair."""
        return self.mentor, self.mentee


def previous_pairs(path: Path, people: Iterable[Person]) -> tuple[Ids, ...]:
    """The pairs of an earlier `--json` output, without those of which somebody is gone; each mentee's last one.

    Raises WrongUseError.
    """
    roles = {person.id: person.role for person in people}
    mentor_of = {
        pair.mentee: pair.mentor
        for pair in read_earlier(path).pairs
        if (roles.get(pair.mentor), roles.get(pair.mentee)) == ("mentor", "mentee")
    }
    return tuple((mentor, mentee) for mentee, mentor in mentor_of.items())


def fixed_pairs(
    pinned: Sequence[str], forbidden: Sequence[str], people: Mapping[str, Person]
) -> tuple[tuple[Pin, ...], tuple[Ids, ...]]:
    """The pairs of `--pin mentor:mentee=reason` and of `--forbid mentor:mentee`.

    Raises WrongUseError with a line for each fault.
    """
    check_texts(*(("--pin", text) for text in pinned), *(("--forbid", text) for text in forbidden))
    faults: list[str] = []
    pins: list[Pin] = []
    for text in pinned:
        pair, _, reason = text.partition("=")
        if ids := _ids("--pin", pair, people, faults):
            pins.append(Pin(*ids, reason.strip()))
    barred = {ids for text in forbidden if (ids := _ids("--forbid", text, people, faults))}
    seats = Counter(id for pin in pins for id in pin.ids)
    faults += [
        f"--pin: {id} is pinned {count} times and has room for {people[id].capacity}; leave one out"
        for id, count in seats.items()
        if count > people[id].capacity
    ]
    faults += [
        f"--pin {pin.mentor}:{pin.mentee}: the pair is forbidden as well; leave one out"
        for pin in pins
        if pin.ids in barred
    ]
    if faults:
        raise WrongUseError(*faults)
    return tuple(pins), tuple(sorted(barred))


def _ids(option: str, text: str, people: Mapping[str, Person], faults: list[str]) -> Ids | None:
    mentor, colon, mentee = (part.strip() for part in text.partition(":"))
    if not (mentor and colon and mentee):
        faults.append(f"{option} {text}: write it as mentor:mentee, by their ids")
        return None
    roles = [people[id].role if id in people else None for id in (mentor, mentee)]
    if roles == ["mentee", "mentor"]:
        faults.append(f"{option} {text}: name the mentor first, {mentee}:{mentor}")
        return None
    missing = [
        f"{option} {text}: there is no {side} {id} in the list"
        for side, id, role in zip(("mentor", "mentee"), (mentor, mentee), roles, strict=True)
        if role != side
    ]
    faults += missing
    return None if missing else (mentor, mentee)


def check_pins(pins: Sequence[Pin], people: Mapping[str, Person], rules: MatchingRules) -> None:
    """Refuse a pin below the lowest score, and one against a hard rule that gives no reason. Raises WrongUseError.

    A vetoed pair is refused as one of score 0 is, before anything else is looked at: which of the two it is, nobody
    can tell from this.
    """
    faults = []
    for pin in pins:
        mentor, mentee = people[pin.mentor], people[pin.mentee]
        judged = judge(mentor, mentee, rules)
        score = 0 if mentee.id in mentor.vetoes or mentor.id in mentee.vetoes else judged.score
        pair = f"--pin {pin.mentor}:{pin.mentee}"
        if score < rules.minimum_score:
            faults.append(f"{pair}: the two have too few points (minimum_score) to be pinned; leave it out")
        elif judged.broken and not pin.reason:
            rules_broken = ", ".join(rule_in_words(rule).en for rule in judged.broken)
            faults.append(f"{pair} breaks a rule ({rules_broken}); say why, as {pin.mentor}:{pin.mentee}=reason")
    if faults:
        raise WrongUseError(*faults)
