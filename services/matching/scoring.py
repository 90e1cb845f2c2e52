"""Scores and hard rules of every mentor with every mentee (S4, S7, P1, P7); the formula is in docs/matching-score.md.

All of it is exact integer arithmetic: products of small integers in float32 stay below 2²⁴.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from services.matching.people import Person, RoundInputs, levels
from shared.contracts.matching import ScorePart
from shared.contracts.parts import MatchingRules

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FULL = 1000
HIGHEST_LEVEL = 5
WISH_POINTS = (15, 12, 9, 6, 3)
"""What the first to the fifth wish adds; two first wishes that meet add 30."""


class Scores(NamedTuple):
    """Arrays of shape (mentors, mentees), in the order of the ids."""

    mentors: tuple[Person, ...]
    mentees: tuple[Person, ...]
    for_mentee: Ints
    for_mentor: Ints
    site: Ints
    total: Ints
    """0 to 1000, without wishes: this is published."""
    wishes: Ints
    """0 to 30, only for the sum that is made as high as possible; secret."""
    allowed: Bools
    """By the rules alone; what people may be told about."""
    closed: Bools
    """By a veto or an earlier no; secret."""

    def parts(self, mentor: int, mentee: int) -> tuple[ScorePart, ...]:
        """The published parts of one pair's score; their sum is the score."""
        return tuple(
            ScorePart(part=name, points=int(points[mentor, mentee]))
            for name, points in (
                ("mentor_for_mentee", self.for_mentee),
                ("mentee_for_mentor", self.for_mentor),
                ("site", self.site),
            )
        )


def score_all(inputs: RoundInputs) -> Scores:
    """Score every mentor with every mentee of a round and say which may meet."""
    mentors, mentees, rules = inputs.side("mentor"), inputs.side("mentee"), inputs.rules
    sites = _equal([p.profile.site for p in mentors], [p.profile.site for p in mentees])
    whole = rules.weight_mentee + rules.weight_mentor + rules.weight_site
    helped, wanted = _cover(mentors, mentees)
    learned, wished = (a.T for a in _cover(mentees, mentors))
    both = rules.weight_mentee + rules.weight_mentor
    # Who names nothing must not lose by it: that side's weight goes to the other.
    weight_mentee = np.where(wanted == 0, 0, np.where(wished == 0, both, rules.weight_mentee))
    weight_mentor = np.where(wished == 0, 0, np.where(wanted == 0, both, rules.weight_mentor))
    for_mentee = FULL * weight_mentee * helped // np.maximum(whole * wanted, 1)
    for_mentor = FULL * weight_mentor * learned // np.maximum(whole * wished, 1)
    site = FULL * rules.weight_site * sites // max(whole, 1)
    total = for_mentee + for_mentor + site
    return Scores(
        mentors,
        mentees,
        for_mentee,
        for_mentor,
        site,
        total,
        _wishes(mentors, mentees) + _wishes(mentees, mentors).T,
        _allowed(mentors, mentees, rules) & (total >= rules.minimum_score),
        _closed(mentors, mentees, inputs.barred),
    )


def _cover(helpers: Sequence[Person], learners: Sequence[Person]) -> tuple[Ints, Ints]:
    """Points that the helpers' strengths reach for the learners' concerns, and what could be reached at most."""
    strengths = [levels(p.profile.strengths) for p in helpers]
    concerns = [levels(p.profile.concerns) for p in learners]
    topics = {topic: i for i, topic in enumerate(sorted({t for c in concerns for t in c}))}
    reached = _incidence(strengths, topics) @ _incidence(concerns, topics).T
    most = HIGHEST_LEVEL * np.array([[sum(c.values()) for c in concerns]], dtype=np.int64)
    return reached.astype(np.int64), np.broadcast_to(most, reached.shape).astype(np.int64)


def _incidence(rows: Sequence[dict[str, int]], columns: dict[str, int]) -> NDArray[np.float32]:
    table = np.zeros((len(rows), len(columns)), dtype=np.float32)
    for i, row in enumerate(rows):
        for key, value in row.items():
            if key in columns:
                table[i, columns[key]] = value
    return table


def _allowed(mentors: Sequence[Person], mentees: Sequence[Person], rules: MatchingRules) -> Bools:
    """The hard rules of S7 except the lowest score."""
    allowed = ~_apart_forbidden(mentors, mentees, rules.reporting_levels)
    if rules.different_department:
        allowed &= ~_equal([p.profile.department for p in mentors], [p.profile.department for p in mentees])
    if rules.seniority_distance:
        mentor, mentee = (np.array([p.profile.grade for p in side], dtype=np.int64) for side in (mentors, mentees))
        allowed &= mentee[None, :] - mentor[:, None] >= rules.seniority_distance
    if rules.shared_language:
        allowed &= _share([p.profile.languages for p in mentors], [p.profile.languages for p in mentees])
    if rules.common_minutes:
        allowed &= _common_minutes(mentors, mentees) >= rules.common_minutes
    return allowed


def _apart_forbidden(mentors: Sequence[Person], mentees: Sequence[Person], depth: int) -> Bools:
    """Whether two people stand in one reporting line, at any depth, or have a superior in common up to `depth`."""
    in_line = _share([(p.position,) for p in mentors], [p.reporting_line for p in mentees])
    in_line |= _share([p.reporting_line for p in mentors], [(p.position,) for p in mentees])
    return in_line | _share([p.reporting_line[:depth] for p in mentors], [p.reporting_line[:depth] for p in mentees])


def _common_minutes(mentors: Sequence[Person], mentees: Sequence[Person]) -> Ints:
    """Minutes of common working time on the weekday that has most of them."""
    best = np.zeros((len(mentors), len(mentees)), dtype=np.int64)
    for weekday in range(7):
        spans = [
            [[(t.start, t.end) for t in p.profile.working_times if t.weekday == weekday] for p in side]
            for side in (mentors, mentees)
        ]
        edges = sorted({edge for side in spans for person in side for span in person for edge in span})
        lengths = np.diff(np.array(edges, dtype=np.float32))
        mentor, mentee = (_present(side, edges) for side in spans)
        if len(lengths):
            np.maximum(best, ((mentor * lengths) @ mentee.T).astype(np.int64), out=best)
    return best


def _present(people: Sequence[Sequence[tuple[int, int]]], edges: Sequence[int]) -> NDArray[np.float32]:
    """1 where a person works between two neighbouring edges of the day."""
    place = {edge: i for i, edge in enumerate(edges)}
    table = np.zeros((len(people), max(len(edges) - 1, 0)), dtype=np.float32)
    for i, spans in enumerate(people):
        for start, end in spans:
            table[i, place[start] : place[end]] = 1
    return table


def _equal(left: Sequence[str], right: Sequence[str]) -> Bools:
    return _share([(v,) for v in left], [(v,) for v in right])


def _share(left: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> Bools:
    """Whether two people have a value in common."""
    place: dict[str, int] = {}
    for values in (*left, *right):
        for value in values:
            place.setdefault(value, len(place))
    a, b = (_members(side, place) for side in (left, right))
    return np.asarray((a @ b.T).toarray() > 0, dtype=np.bool_)


def _members(rows: Sequence[Sequence[str]], place: dict[str, int]) -> "sparse.csr_array":
    cells = [(i, place[value]) for i, row in enumerate(rows) for value in row]
    at = np.array(cells, dtype=np.int64).reshape(-1, 2)
    return sparse.csr_array((np.ones(len(cells), dtype=np.int32), (at[:, 0], at[:, 1])), shape=(len(rows), len(place)))


def _wishes(wishing: Sequence[Person], others: Sequence[Person]) -> Ints:
    points = np.zeros((len(wishing), len(others)), dtype=np.int64)
    place = {p.id: i for i, p in enumerate(others)}
    for i, person in enumerate(wishing):
        for wish, worth in zip(dict.fromkeys(person.wishes), WISH_POINTS, strict=False):
            if wish in place:
                points[i, place[wish]] = worth
    return points


def _closed(mentors: Sequence[Person], mentees: Sequence[Person], barred: Iterable[tuple[str, str]]) -> Bools:
    row = {p.id: i for i, p in enumerate(mentors)}
    column = {p.id: i for i, p in enumerate(mentees)}
    closed = np.zeros((len(mentors), len(mentees)), dtype=np.bool_)
    vetoes = [(p.id, v) for p in mentors for v in p.vetoes] + [(v, p.id) for p in mentees for v in p.vetoes]
    for mentor, mentee in (*barred, *vetoes):
        if mentor in row and mentee in column:
            closed[row[mentor], column[mentee]] = True
    return closed


def waiting_days(people: Iterable[Person]) -> list[dt.date]:
    """The days since which anybody waits, longest first."""
    return sorted({p.since for p in people if p.since})
