"""A round's people as numbers, for the score table: one pass over the people, then arrays."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.matching.optimum.compiled import Flags, Keys, Numbers
from services.matching.pair import FULL, HIGHEST_LEVEL, Span, spans, week_of, whole
from services.matching.people import Person
from services.matching.table_rows import DAY, SHIFT, Apart, Kinds, People
from shared.contracts.parts import MatchingRules, TopicLevel

Kind = tuple[tuple[str, ...], tuple[Span, ...]]
"""Languages and working week, as far as a rule asks for them."""

WORD = 64
POST, ABOVE, SUPERIOR, DEPARTMENT, SELF = range(5)
"""What keeps two people apart if they have it in common."""
SORTS = 5


def as_numbers(
    mentees: Sequence[Person], mentors: Sequence[Person], rules: MatchingRules
) -> tuple[People, People, Kinds, Apart]:
    """What the rules ask of mentees (by person) and mentors (topics by topic), of their kinds and what parts them."""
    words = _Words()
    mentee, mentor = _gathered(mentees, rules, words), _gathered(mentors, rules, words)
    topics = len(words.topics)
    offered, needed = mentee.strengths.by_person(topics), mentee.concerns.by_person(topics)
    helped, wished = mentor.strengths.by_topic(topics), mentor.concerns.by_topic(topics)
    needs, wishes = needed.sum(axis=1, dtype=np.int64), wished.sum(axis=0, dtype=np.int64)
    rows = People(*mentee.posts(), *_scale(needs, rules.weight_mentee, rules), offered, needed)
    columns = People(*mentor.posts(), *_scale(wishes, rules.weight_mentor, rules), helped, wished)
    return rows, columns, _kinds(words.kinds), _apart(mentee, mentor, rules)


class _Numbering(dict[Hashable, int]):
    """Gives each new value the next number."""

    def __missing__(self, value: Hashable) -> int:
        self[value] = number = len(self)
        return number


@dataclass(frozen=True)
class _Words:
    """What people name, numbered as it comes."""

    topics: _Numbering = field(default_factory=_Numbering)
    sites: _Numbering = field(default_factory=_Numbering)
    kinds: dict[Kind, int] = field(default_factory=dict)
    posts: _Numbering = field(default_factory=_Numbering)
    departments: _Numbering = field(default_factory=_Numbering)


@dataclass(frozen=True)
class _Topics:
    """Topics of all people, one after the other."""

    count: list[int] = field(default_factory=list)
    topic: list[int] = field(default_factory=list)
    level: list[int] = field(default_factory=list)

    def add(self, named: Sequence[TopicLevel], topics: _Numbering) -> None:
        self.count.append(len(named))
        for entry in named:
            self.topic.append(topics[entry.topic_id])
            self.level.append(entry.level)

    def by_person(self, topics: int) -> NDArray[np.int8]:
        """Levels, shape (people, topics); of a topic named twice the higher one."""
        return self._levels(topics, 1, len(self.count) * topics).reshape(len(self.count), topics)

    def by_topic(self, topics: int) -> NDArray[np.int8]:
        """The same, shape (topics, people)."""
        people = len(self.count)
        return self._levels(1, people, topics * people).reshape(topics, people)

    def _levels(self, per_person: int, per_topic: int, size: int) -> NDArray[np.int8]:
        owner, topic = np.repeat(np.arange(len(self.count)), self.count), np.array(self.topic, np.int64)
        levels = np.zeros(size, np.int8)
        np.maximum.at(levels, owner * per_person + topic * per_topic, np.array(self.level, np.int8))
        return levels


@dataclass(frozen=True)
class _Side:
    """One side, a list entry a person but for `line`: of `above` posts each, nearest first."""

    grade: list[int] = field(default_factory=list)
    site: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    department: list[int] = field(default_factory=list)
    post: list[int] = field(default_factory=list)
    above: list[int] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    strengths: _Topics = field(default_factory=_Topics)
    concerns: _Topics = field(default_factory=_Topics)

    def posts(self) -> tuple[Numbers, Numbers, Numbers]:
        return np.array(self.grade, np.int32), np.array(self.site, np.int32), np.array(self.kind, np.int32)


def _gathered(people: Iterable[Person], rules: MatchingRules, words: _Words) -> _Side:
    # One pass: a person's values lie side by side in memory, and a second pass would wait for all of them again.
    side, kinds, posts = _Side(), words.kinds, words.posts
    for person in people:
        profile, line = person.profile, person.reporting_line
        side.grade.append(profile.grade)
        side.site.append(words.sites[profile.site])
        languages = profile.languages if rules.shared_language else ()
        kind = languages, week_of(profile) if rules.common_minutes else ()
        side.kind.append(kinds.setdefault(kind, len(kinds)))
        side.department.append(words.departments[profile.department])
        side.post.append(posts[person.position])
        side.above.append(len(line))
        side.line.extend([posts[post] for post in line])
        side.strengths.add(profile.strengths, words.topics)
        side.concerns.add(profile.concerns, words.topics)
    return side


def _scale(importance: Keys, weight: int, rules: MatchingRules) -> tuple[Flags, Keys]:
    """Who is silent, and what a reached point of each is worth; from the sum of each person's concerns."""
    most = HIGHEST_LEVEL * importance
    divisor = whole(rules) * most
    # Who names nothing must not lose by it: that side's weight goes to the other.
    worth = [FULL * w << SHIFT for w in (weight, rules.weight_mentee + rules.weight_mentor)]
    return most == 0, np.array([np.where(divisor, -(-w // np.maximum(divisor, 1)), 0) for w in worth], np.int64)


def _kinds(kinds: Iterable[Kind]) -> Kinds:
    languages = _Numbering()
    bits = [[languages[language] for language in spoken] for spoken, _ in kinds]
    words = np.zeros((len(bits), len(languages) // WORD + 1), np.uint64)
    for i, found in enumerate(bits):
        for bit in found:
            words[i, bit // WORD] |= np.uint64(1 << bit % WORD)
    weeks = [spans(week) for _, week in kinds]
    edges = [(day * DAY + start, day * DAY + end) for week in weeks for day, start, end in week]
    start, end = np.array(edges, np.int32).reshape(-1, 2).T.copy()
    return Kinds(words, _first([len(week) for week in weeks]), start, end)


def _apart(mentee: _Side, mentor: _Side, rules: MatchingRules) -> Apart:
    # One's own post meets the posts above the other.
    row, mentee_key = _keys(mentee, ABOVE, POST, rules)
    column, mentor_key = _keys(mentor, POST, ABOVE, rules)
    found, key = np.unique(mentor_key, return_inverse=True)
    known = np.isin(mentee_key, found)
    row, keys = row[known], np.searchsorted(found, mentee_key[known])
    return Apart(
        _first(np.bincount(row, minlength=len(mentee.post))),
        keys[np.argsort(row, kind="stable")].astype(np.int32),
        _first(np.bincount(key)),
        column[np.argsort(key, kind="stable")].astype(np.int32),
    )


def _keys(side: _Side, own: int, above: int, rules: MatchingRules) -> tuple[Keys, Keys]:
    """Owners, and what keeps them apart from whoever has the same."""
    everybody = np.arange(len(side.post))
    under, line = np.repeat(everybody, side.above), np.array(side.line, np.int64)
    near = np.arange(len(line)) - np.repeat(_first(side.above)[:-1], side.above) < rules.reporting_levels
    named = [
        (everybody, np.array(side.post, np.int64), own),
        (everybody, np.array(side.post, np.int64), SELF),
        (under, line, above),
        (under[near], line[near], SUPERIOR),
    ]
    if rules.different_department:
        named.append((everybody, np.array(side.department, np.int64), DEPARTMENT))
    return (
        np.concatenate([owner for owner, _, _ in named]),
        np.concatenate([number * SORTS + sort for _, number, sort in named]),
    )


def _first(counts: Sequence[int] | Keys) -> Numbers:
    """Where each group of so many begins when they stand one after the other, and the end of all."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
