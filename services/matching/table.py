"""The scores of a whole round as one table: what pair.py says of one pair, said of every pair (S4, S7).

People become numbers here, in steps linear in the people; the pairs are table_rows.py's.
"""

from collections import Counter
from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from services.matching.optimum.compiled import Flags, Keys, Numbers, Values
from services.matching.pair import FULL, HIGHEST_LEVEL, Span, site_points, spans, week_of, whole, wishes_of
from services.matching.people import Person, RoundInputs, levels
from services.matching.table_rows import DAY, SHIFT, Apart, Kinds, Limits, People, fill
from shared.contracts.parts import MatchingRules

Levels = dict[str, int]
Kind = tuple[tuple[str, ...], tuple[Span, ...]]
"""Languages and working week, as far as a rule asks for them."""

ANY_DISTANCE = -1000
"""Below every distance between two grades."""
WORD = 64


@dataclass(frozen=True)
class ScoreTable:
    """Every pair of a round. Rows are mentees, columns mentors, both in the order of the round's seed."""

    mentors: tuple[Person, ...]
    mentees: tuple[Person, ...]
    scores: Values
    """Shape (mentees, mentors): the published score, 1 to 1000, where the hard rules allow the pair, else -1."""
    closed: tuple[Numbers, Numbers]
    """(rows, columns), sorted, of the pairs that a veto or an earlier no closes, allowed or not; secret."""
    wishes: tuple[Numbers, Numbers, Numbers]
    """(rows, columns, points), sorted, of the pairs with wish points, allowed or not; secret."""


def score_table(inputs: RoundInputs) -> ScoreTable:
    """Score every mentee with every mentor of a round; the same to the byte with any number of threads.

    Beside the table it takes two bytes for each person and topic, and else what is linear in the people.
    """
    mentees, mentors, rules = inputs.side("mentee"), inputs.side("mentor"), inputs.rules
    scores = np.empty((len(mentees), len(mentors)), np.int16)
    if scores.size:
        rows, columns, kinds = _people(mentees, mentors, rules)
        limits = Limits(
            rules.minimum_score,
            rules.seniority_distance or ANY_DISTANCE,
            rules.shared_language,
            rules.common_minutes,
            site_points(rules),
        )
        order = np.argsort(rows.kind, kind="stable")
        fill(scores, order, rows, columns, kinds, _apart(mentees, mentors, rules), limits)
    return ScoreTable(mentors, mentees, scores, _closed(mentees, mentors, inputs.barred), _wishes(mentees, mentors))


def _people(mentees: Sequence[Person], mentors: Sequence[Person], rules: MatchingRules) -> tuple[People, People, Kinds]:
    offers, needs = _topics(mentees)
    helps, wishes = _topics(mentors)
    # Of a topic that only one side names, no pair gets points.
    helped, learned = _common(helps, needs), _common(offers, wishes)
    sites: dict[str, int] = {}
    kinds: dict[Kind, int] = {}
    rows = People(
        *_posts(mentees, rules, sites, kinds),
        *_scale(needs, rules.weight_mentee, rules),
        _levels(offers, learned),
        _levels(needs, helped),
    )
    columns = People(
        *_posts(mentors, rules, sites, kinds),
        *_scale(wishes, rules.weight_mentor, rules),
        _levels(helps, helped).T.copy(),
        _levels(wishes, learned).T.copy(),
    )
    return rows, columns, _kinds(kinds)


def _topics(people: Sequence[Person]) -> tuple[list[Levels], list[Levels]]:
    return [levels(p.profile.strengths) for p in people], [levels(p.profile.concerns) for p in people]


def _common(strengths: Iterable[Levels], concerns: Iterable[Levels]) -> dict[str, int]:
    """A place of each topic that helpers are strong in and learners are concerned with."""
    topics = set().union(*strengths) & set().union(*concerns)
    return {topic: place for place, topic in enumerate(sorted(topics))}


def _levels(people: Sequence[Levels], topics: dict[str, int]) -> NDArray[np.int8]:
    """Shape (people, topics)."""
    cells = [(i, topics[t], level) for i, found in enumerate(people) for t, level in found.items() if t in topics]
    row, column, level = np.array(cells, np.int64).reshape(-1, 3).T
    table = np.zeros((len(people), len(topics)), np.int8)
    table[row, column] = level
    return table


def _posts(
    people: Sequence[Person], rules: MatchingRules, sites: dict[str, int], kinds: dict[Kind, int]
) -> tuple[Numbers, Numbers, Numbers]:
    """The grade, the site and the kind of each; sites and kinds get numbers as they come."""
    found = [
        (p.profile.grade, sites.setdefault(p.profile.site, len(sites)), kinds.setdefault(_kind(p, rules), len(kinds)))
        for p in people
    ]
    grade, site, kind = np.array(found, np.int32).T.copy()
    return grade, site, kind


def _scale(concerns: Iterable[Levels], weight: int, rules: MatchingRules) -> tuple[Flags, Keys]:
    """Who is silent, and what a reached point of each is worth."""
    most = HIGHEST_LEVEL * np.array([sum(c.values()) for c in concerns], np.int64)
    whole_of = whole(rules) * most
    # Who names nothing must not lose by it: that side's weight goes to the other.
    worth = [FULL * w << SHIFT for w in (weight, rules.weight_mentee + rules.weight_mentor)]
    return most == 0, np.array([np.where(whole_of, -(-w // np.maximum(whole_of, 1)), 0) for w in worth], np.int64)


def _kind(person: Person, rules: MatchingRules) -> Kind:
    return (
        person.profile.languages if rules.shared_language else (),
        week_of(person.profile) if rules.common_minutes else (),
    )


def _kinds(kinds: Iterable[Kind]) -> Kinds:
    places: dict[str, int] = {}
    bits = [{places.setdefault(language, len(places)) for language in languages} for languages, _ in kinds]
    words = np.zeros((len(bits), len(places) // WORD + 1), np.uint64)
    for i, found in enumerate(bits):
        for place in found:
            words[i, place // WORD] |= np.uint64(1 << place % WORD)
    weeks = [spans(week) for _, week in kinds]
    times = [(day * DAY + start, day * DAY + end) for week in weeks for day, start, end in week]
    start, end = np.array(times, np.int32).reshape(-1, 2).T.copy()
    return Kinds(words, _starts(weeks), start, end)


def _apart(mentees: Sequence[Person], mentors: Sequence[Person], rules: MatchingRules) -> Apart:
    columns: dict[tuple[str, str], list[int]] = {}
    for j, mentor in enumerate(mentors):
        for key in _keys(mentor, rules, "post", "line"):
            columns.setdefault(key, []).append(j)
    place = {key: n for n, key in enumerate(columns)}
    keys = [[place[key] for key in _keys(mentee, rules, "line", "post") if key in place] for mentee in mentees]
    return Apart(_starts(keys), _flat(keys), _starts(columns.values()), _flat(columns.values()))


def _keys(person: Person, rules: MatchingRules, own: str, above: str) -> list[tuple[str, str]]:
    """What keeps two people apart if they have it in common; one's post meets the posts above the other."""
    line = person.reporting_line
    keys = [(own, person.position), *((above, post) for post in line)]
    keys += [("superior", post) for post in line[: rules.reporting_levels]]
    if rules.different_department:
        keys.append(("department", person.profile.department))
    return keys


def _starts(lists: Iterable[Sized]) -> Numbers:
    """Where each list begins when they stand one after the other, and the end of all."""
    return np.cumsum([0, *map(len, lists)], dtype=np.int32)


def _flat(lists: Iterable[Iterable[int]]) -> Numbers:
    return np.fromiter(chain.from_iterable(lists), np.int32)


def _closed(
    mentees: Sequence[Person], mentors: Sequence[Person], barred: Iterable[tuple[str, str]]
) -> tuple[Numbers, Numbers]:
    vetoes = [(p.id, v) for p in mentors for v in p.vetoes] + [(v, p.id) for p in mentees for v in p.vetoes]
    row, column = _places(mentees), _places(mentors)
    pairs = {(row[n], column[m]) for m, n in (*barred, *vetoes) if m in column and n in row}
    rows, columns = np.array(sorted(pairs), np.int32).reshape(-1, 2).T.copy()
    return rows, columns


def _wishes(mentees: Sequence[Person], mentors: Sequence[Person]) -> tuple[Numbers, Numbers, Numbers]:
    row, column = _places(mentees), _places(mentors)
    found: Counter[tuple[int, int]] = Counter()
    for i, mentee in enumerate(mentees):
        found.update({(i, column[id]): points for id, points in wishes_of(mentee).items() if id in column})
    for j, mentor in enumerate(mentors):
        found.update({(row[id], j): points for id, points in wishes_of(mentor).items() if id in row})
    cells = np.array([(i, j, points) for (i, j), points in sorted(found.items())], np.int32)
    rows, columns, points = cells.reshape(-1, 3).T.copy()
    return rows, columns, points


def _places(people: Sequence[Person]) -> dict[str, int]:
    return {p.id: place for place, p in enumerate(people)}
