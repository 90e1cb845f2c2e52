"""Mentors who are not there yet: what "one more mentor for this topic" means (docs/matching-score.md)."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import count
from statistics import median_low
from typing import TypeVar

from services.matching.optimum.compiled import Values
from services.matching.people import Person, RoundInputs, levels
from services.matching.table import score_table
from shared.contracts.parts import Profile, TopicLevel

MIDDLE_LEVEL = 3
"""Of a topic's strength where nobody has any."""
MOST_LANGUAGES = 6
"""As many as a profile names."""

T = TypeVar("T", bound=Hashable)


def newcomers(inputs: RoundInputs, topics: Sequence[str]) -> tuple[Person, ...]:
    """One mentor more for each of `topics`, each time the median of the round's mentors with that topic alone.

    Nobody where the round has no mentor. A topic named twice gives two people.
    """
    mentors = [p for p in inputs.people if p.role == "mentor"]
    if not mentors:
        return ()
    profiles = [p.profile for p in mentors]
    strengths = [levels(p.strengths) for p in profiles]
    every_level = [level for each in strengths for level in each.values()]
    # Made of what others entered: it is not validated, so that no entry of theirs can stop a round.
    usual = Profile.model_construct(
        department=_department(inputs),
        unit=(),
        grade=median_low([p.grade for p in profiles]),
        # Of their own: points for a site in common would make every topic look wanted.
        site=next(_unused({p.profile.site for p in inputs.people})),
        languages=_languages(profiles),
        working_times=_most_usual(tuple(sorted(p.working_times, key=str)) for p in profiles),
        strengths=(),
        concerns=(),
        capacity=median_low([p.capacity for p in profiles]),
    )
    ids = _unused({name for p in inputs.people for name in (p.id, p.position, *p.reporting_line)})
    found = []
    for topic, id in zip(topics, ids, strict=False):
        of_topic = [each[topic] for each in strengths if topic in each]
        level = median_low(of_topic or every_level or [MIDDLE_LEVEL])
        profile = usual.model_copy(update={"strengths": (TopicLevel.model_construct(topic_id=topic, level=level),)})
        found.append(Person(id=id, role="mentor", profile=profile, position=id, capacity=usual.capacity))
    return tuple(found)


def scores_of(inputs: RoundInputs, new: Sequence[Person]) -> Values:
    """The newcomers' scores by the rules, shape (mentees, newcomers), mentees in the order of the round's table."""
    mentees = (p for p in inputs.people if p.role == "mentee")
    table = score_table(inputs.model_copy(update={"people": (*mentees, *new), "barred": ()}))
    place = {p.id: j for j, p in enumerate(table.mentors)}
    return table.scores[:, [place[p.id] for p in new]]


def _department(inputs: RoundInputs) -> str:
    """Of the departments that mentors come from, the one with the fewest mentees."""
    mentors, mentees = (
        Counter(p.profile.department for p in inputs.people if p.role == role) for role in ("mentor", "mentee")
    )
    return min(mentors, key=lambda name: (mentees[name], -mentors[name], name))


def _languages(profiles: Sequence[Profile]) -> tuple[str, ...]:
    """What at least half of them speak, or what most do; the most usual ones, of equal ones the first."""
    speakers = Counter(language for p in profiles for language in set(p.languages))
    usual = sorted(speakers, key=lambda language: (-speakers[language], language))
    half = [language for language in usual if 2 * speakers[language] >= len(profiles)]
    return tuple(sorted(half[:MOST_LANGUAGES] or usual[:1]))


def _unused(names: set[str]) -> Iterator[str]:
    """Names that are none of `names`, each another."""
    return (name for name in map(str, count()) if name not in names)


def _most_usual(values: Iterable[T]) -> T:
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], str(value)))
