"""What a round knows of people: the whole input of the match, pure values."""

import datetime as dt
import hashlib
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.contracts.base import Text
from shared.contracts.matching import ScorePart
from shared.contracts.parts import MatchingRules, Profile, Reasoned, Side, TopicLevel


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Person(_Value):
    """One person who takes part in a round."""

    id: str = Field(min_length=1, description="participant id")
    role: Side
    profile: Profile
    position: str = Field(description="id of the person's post")
    reporting_line: tuple[str, ...] = Field(default=(), description="posts of the superiors, nearest first")
    capacity: int = Field(default=1, ge=0, description="free seats in this round; a mentee has at most one")
    since: dt.date | None = Field(default=None, description="waiting on the reserve list since (P5)")
    wishes: tuple[str, ...] = Field(default=(), description="ids, best first (P1)")
    vetoes: tuple[str, ...] = Field(default=(), description="ids, hard and secret (P1)")
    served: bool = Field(default=False, description="has a tandem already: every seat here is a further one")


class RoundInputs(_Value):
    """Everything that decides a round; equal inputs in any order give equal tandems."""

    people: tuple[Person, ...]
    rules: MatchingRules = MatchingRules()
    places: int = Field(ge=0, description="tandems that the programme still has room for")
    barred: tuple[tuple[str, str], ...] = Field(default=(), description="(mentor, mentee) not to be proposed again")
    pins: tuple[tuple[str, str], ...] = Field(default=(), description="(mentor, mentee) that the office fixed")
    previous: tuple[tuple[str, str], ...] = Field(
        default=(), description="(mentor, mentee) of open proposals, of which a re-match keeps as many as it can"
    )
    seed: str = Field(description="published seed that breaks ties")
    labels: dict[str, Text] = Field(default_factory=dict, description="topic id to its words")

    @model_validator(mode="after")
    def _named_once(self) -> "RoundInputs":
        if len({p.id for p in self.people}) != len(self.people):
            raise ValueError("a person is named twice")
        return self

    def side(self, side: Side) -> tuple[Person, ...]:
        """The people of one side with a free seat, in an order that follows from seed, side and id alone."""
        people = (p for p in self.people if p.role == side and p.capacity)
        return tuple(sorted(people, key=lambda p: (_lot(self.seed, side, p.id), p.id)))


class Pair(_Value):
    """Two people whom the round brings together."""

    mentor: str
    mentee: str
    score: int = Field(ge=0, le=1000, description="sum of the parts")
    parts: tuple[ScorePart, ...]
    reasons: tuple[Reasoned, ...]
    pinned: bool = Field(default=False, description="fixed by the office")

    @property
    def ids(self) -> tuple[str, str]:
        """Mentor and mentee."""
        return self.mentor, self.mentee


class Unmatched(_Value):
    """A person of whom no seat was filled, and why; never says anything of a veto."""

    id: str
    reason: Reasoned


class Solution(_Value):
    """The outcome of a round, pairs in the order of their ids."""

    pairs: tuple[Pair, ...]
    unmatched: tuple[Unmatched, ...]
    lowest_score: int | None = Field(description="of the pairs that are not pinned; None without any")
    sum_of_scores: int
    gap: int = Field(default=0, description="points that the sum might be higher at most; 0: proven to be the best")


def _lot(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()


def levels(topics: Iterable[TopicLevel]) -> dict[str, int]:
    """The level of each topic; of a topic named twice, the higher one."""
    found: dict[str, int] = {}
    for topic in topics:
        found[topic.topic_id] = max(topic.level, found.get(topic.topic_id, 0))
    return found
