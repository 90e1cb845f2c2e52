"""Why each person without a tandem has none, of a whole round at once.

Computed from the published scores, the profiles and the tandems alone: a closed pair looks like one of score 0, whose
topics do not fit, and no wish is looked at (P1).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from services.matching.explanation import Found, why_unmatched
from services.matching.pair import judge
from services.matching.people import Person, RoundInputs, Unmatched, levels
from services.matching.shut import shut
from services.matching.table import ScoreTable
from shared.contracts.parts import MatchingRules

NEAREST = 5
"""People whose topics fit best that are looked at."""
CHUNK = 256
"""People whom the others' topics are compared with at a time."""

Fit = NDArray[np.float32]


def left_out(inputs: RoundInputs, table: ScoreTable, pairs: Collection[tuple[str, str]]) -> tuple[Unmatched, ...]:
    """Everybody in none of `pairs`, (mentor, mentee) with the fixed ones, and the reason; in the order of the ids."""
    matched = {id for pair in pairs for id in pair}
    full = len(pairs) >= inputs.places
    with shut(table):
        most = [table.scores.max(axis=axis, initial=-1) for axis in (1, 0)]
    found: list[Unmatched] = []
    for side, others, best in ((table.mentees, table.mentors, most[0]), (table.mentors, table.mentees, most[1])):
        possible = best > 0
        nobody: list[int] = []
        for at, person in enumerate(side):
            if person.id in matched:
                continue
            if possible[at]:
                reason = why_unmatched(person, Found(partners=True, full=full), inputs.labels)
                found.append(Unmatched(id=person.id, reason=reason))
            else:
                nobody.append(at)
        for at, nearest in _nearest(side, others, nobody, inputs.rules, _closed(table, side is table.mentees)):
            person = side[at]
            excluded = Counter(code for other in nearest for code in _broken(person, others[other], inputs.rules))
            by = tuple(sorted(excluded.items(), key=lambda rule: (-rule[1], rule[0])))
            reason = why_unmatched(
                person, Found(partners=False, full=full, nearest=len(nearest), excluded_by=by), inputs.labels
            )
            found.append(Unmatched(id=person.id, reason=reason))
    return tuple(sorted(found, key=lambda unmatched: unmatched.id))


def _broken(one: Person, other: Person, rules: MatchingRules) -> tuple[str, ...]:
    mentor, mentee = (one, other) if one.role == "mentor" else (other, one)
    return judge(mentor, mentee, rules).broken


def _closed(table: ScoreTable, of_mentees: bool) -> dict[int, list[int]]:
    """With whom of the other side nobody may be seen to fit."""
    rows, columns = table.closed if of_mentees else table.closed[::-1]
    found: dict[int, list[int]] = {}
    for at, other in zip(rows.tolist(), columns.tolist(), strict=True):
        found.setdefault(at, []).append(other)
    return found


def _nearest(
    side: Sequence[Person],
    others: Sequence[Person],
    whom: Sequence[int],
    rules: MatchingRules,
    closed: dict[int, list[int]],
) -> Iterator[tuple[int, list[int]]]:
    """Of each person, up to NEAREST others whose topics fit best in both directions, weighted as in the score."""
    if not whom:
        return
    asked = [side[at] for at in whom]
    own, other = rules.weight_mentee, rules.weight_mentor
    if asked[0].role == "mentor":
        own, other = other, own
    topics = {t: i for i, t in enumerate(sorted({t for p in asked for t in _topics(p)}))}
    has, wants = _levels(asked, topics, "strengths"), _levels(asked, topics, "concerns")
    offer, want = _levels(others, topics, "strengths"), _levels(others, topics, "concerns")
    worth, worth_back = _worth(asked), _worth(others)
    # Who names no concern gives that weight to the other, as in the score.
    weight, weight_back = own + other * (worth_back == 0), other + own * (worth == 0)
    for start in range(0, len(whom), CHUNK):
        chunk = slice(start, start + CHUNK)
        # Sums of whole numbers are the same in any order; what follows is done pair by pair.
        fit = wants[chunk] @ offer.T * worth[chunk, None] * weight
        fit += has[chunk] @ want.T * worth_back * weight_back[chunk, None]
        for at, row in zip(whom[chunk], fit, strict=True):
            row[closed.get(at, [])] = 0
            yield at, _best(row)


def _best(fit: Fit) -> list[int]:
    """The NEAREST highest above 0, the highest first, of equal ones the first."""
    if len(fit) > NEAREST:
        least = np.partition(fit, len(fit) - NEAREST)[len(fit) - NEAREST]
        near = np.nonzero((fit >= least) & (fit > 0))[0]
    else:
        near = np.nonzero(fit > 0)[0]
    return [int(at) for at in near[np.argsort(-fit[near], kind="stable")][:NEAREST]]


def _topics(person: Person) -> set[str]:
    return {t.topic_id for t in (*person.profile.strengths, *person.profile.concerns)}


def _levels(people: Sequence[Person], topics: dict[str, int], what: Literal["strengths", "concerns"]) -> Fit:
    table = np.zeros((len(people), len(topics)), np.float32)
    for at, person in enumerate(people):
        for topic, level in levels(getattr(person.profile, what)).items():
            if topic in topics:
                table[at, topics[topic]] = level
    return table


def _worth(people: Sequence[Person]) -> Fit:
    """What a point for each one's concerns is worth; 0 where there are none."""
    most = np.array([sum(levels(p.profile.concerns).values()) for p in people], np.float32)
    return np.where(most > 0, 1 / np.maximum(most, 1), 0).astype(np.float32)
