"""Supply and demand of each topic, and what one, two, three more mentors for it would bring: solved, not guessed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.matching.assignment import pins_of
from services.matching.newcomers import newcomers, scores_of
from services.matching.outcomes import filled, problem_of, with_more
from services.matching.people import Person, RoundInputs, levels
from services.matching.table import ScoreTable

MOST_TOPICS = 60
"""Topics that are solved for, here and in whatif.py: a file may name a topic a person."""


class TopicGap(BaseModel):
    """How one topic stands in a round; of nobody in particular."""

    model_config = ConfigDict(frozen=True)

    topic_id: str
    demand: int = Field(description="mentees with this concern")
    supply: int = Field(description="free seats of mentors with this strength")
    demand_weight: int = Field(description="sum of the concern's importance")
    supply_weight: int = Field(description="sum over the free seats of the strength's level")
    more_tandems: tuple[int, ...] = Field(
        description="tandems that one, two, three more mentors of the median profile would bring; empty: not solved"
    )

    @property
    def more_mentors(self) -> int:
        """The fewest further mentors that bring as many tandems as three of them; 0 where none does."""
        most = max(self.more_tandems, default=0)
        return self.more_tandems.index(most) + 1 if most else 0


def gaps(inputs: RoundInputs, table: ScoreTable) -> tuple[TopicGap, ...]:
    """Every topic that a mentee is concerned with: what brings most tandems first, then what lacks most, then by id.

    Only the MOST_TOPICS that most mentees have are solved for. Fixed pairs are left out on both sides. Vetoes shut
    pairs as in the round, and look like pairs of score 0.
    """
    fixed = _fixed_seats(inputs, table)
    demand, importance = _by_topic(table.mentees, fixed, "concerns")
    supply, level = _by_topic(table.mentors, fixed, "strengths")
    more = more_tandems(inputs, table, most_wanted(demand))
    found = [
        TopicGap(
            topic_id=topic,
            demand=demand[topic],
            supply=supply[topic],
            demand_weight=importance[topic],
            supply_weight=level[topic],
            more_tandems=more.get(topic, ()),
        )
        for topic in demand
    ]
    return tuple(sorted(found, key=lambda g: (-max(g.more_tandems, default=0), g.supply - g.demand, g.topic_id)))


def demand_of(inputs: RoundInputs, table: ScoreTable) -> Mapping[str, int]:
    """Mentees of each topic that they are concerned with; those of fixed pairs are left out."""
    return _by_topic(table.mentees, _fixed_seats(inputs, table), "concerns")[0]


def most_wanted(demand: Mapping[str, int]) -> list[str]:
    """The MOST_TOPICS that most mentees have, of equal ones the first by id."""
    return sorted(demand, key=lambda topic: (-demand[topic], topic))[:MOST_TOPICS]


def more_tandems(inputs: RoundInputs, table: ScoreTable, topics: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Of each topic, how many tandems further mentors would bring; nothing in a round without mentors."""
    new = newcomers(inputs, topics)
    scores = scores_of(inputs, new)
    with problem_of(inputs, table) as (problem, fixed):
        base = filled(problem.scores, 1, problem.seats)
    scores[fixed.mentees] = -1
    now = min(problem.places, base.most)
    found = {}
    for column, (topic, mentor) in enumerate(zip(topics, new, strict=False)):
        more = with_more(base, scores[:, column] > 0, mentor.capacity)
        found[topic] = tuple(min(problem.places, base.most + gained) - now for gained in more)
    return found


def _fixed_seats(inputs: RoundInputs, table: ScoreTable) -> Counter[str]:
    pins = pins_of(inputs, table)
    return Counter(table.mentees[row].id for row, _ in pins) + Counter(table.mentors[at].id for _, at in pins)


def _by_topic(
    people: Sequence[Person], fixed: Counter[str], what: Literal["strengths", "concerns"]
) -> tuple[Counter[str], Counter[str]]:
    """Free seats of each topic, and the same times its level."""
    seats: Counter[str] = Counter()
    weighted: Counter[str] = Counter()
    for person in people:
        free = max(0, person.capacity - fixed[person.id])
        if free:
            for topic, level in levels(getattr(person.profile, what)).items():
                seats[topic] += free
                weighted[topic] += free * level
    return seats, weighted
