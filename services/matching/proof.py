"""A round's proof as it leaves the process: one head, and parts of a bounded number of people.

A part is a line of a file and a document of a database alike. All numbers are those of the certificate
(optimum/certificate.py); people are named by the order that follows from the seed. Prices may hang on vetoes, so who
may not know those may not read this.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.contracts.base import personal
from shared.contracts.parts import MatchingRules, Side

FORMAT = 1
PEOPLE = 500
"""At most so many in a part."""
NUMBERS = 20_000
"""About so many at most in a part, where everybody has very many prices."""
MOST = (1 << 31) - 1

Number = Annotated[int, Field(ge=-MOST, le=MOST)]
Numbers = tuple[Number, ...]
PROOF = {
    "purpose": "showing that a round's pairs are the best; where the next round's search begins",
    "readers": "matching alone: prices may hang on vetoes",
    "keep": "until a later proof takes its place, or the programme ends",
}
PricedLevel = Literal["class", "kept", "lowest", "sum"]
"""A class of people who wait, open proposals, lowest score, sum."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Prices(_Value):
    """One level that is proven by prices: what staying out is worth, and the unit."""

    level: PricedLevel
    out: Number
    scale: Annotated[int, Field(ge=1, le=MOST)]


class ProofHead(_Value):
    """What a proof says of the whole round."""

    tandem_proof: Literal[1] = Field(description="version of the format")
    seed: str
    places: int = Field(ge=0)
    rules: MatchingRules
    most: bool = Field(description="whether a cover proves that there are no more tandems; else the places do")
    prices: tuple[Prices, ...]
    ended_early: bool = Field(
        default=False, description="whether the search for the highest sum was; then its prices only bound it"
    )
    begun: bool = Field(default=False, description="whether the search began at an earlier proof: ties hang on it")
    mentors: int = Field(ge=0, description="how many are in the parts")
    mentees: int = Field(ge=0)


class ProofPart(_Value):
    """What a proof says of some people of one side, in their order; places and prices as in the certificate.

    `prices`: of mentees one row a level, their profits; of mentors two rows a level, for first and further seats.
    Mentors are named by their number in the whole order, -1 is nobody. The last four fields are of mentees.
    """

    side: Side
    start: int = Field(ge=0, description="the number of the first of them")
    ids: tuple[str, ...] = personal("participants", **PROOF)
    place: Numbers = personal("where each stands in the order of the blocks", **PROOF)
    prices: tuple[Numbers, ...] = personal("what a tandem of theirs is worth to the round, level by level", **PROOF)
    mentor: Numbers = personal("the mentor of each", default=(), **PROOF)
    pinned: Numbers = personal("which of them the office paired, by their number in the part", default=(), **PROOF)
    previous: Numbers = personal("mentor of the open proposal; empty if no one here has one", default=(), **PROOF)
    forbidden: tuple[tuple[Number, Number], ...] = personal(
        "(number in the part, mentor) who must not meet; vetoes are not among them", default=(), **PROOF
    )

    @model_validator(mode="after")
    def _as_long(self) -> "ProofPart":
        lists = [self.place, *self.prices]
        lists += [self.mentor] if self.side == "mentee" else []
        lists += [self.previous] if self.previous else []
        if any(len(each) != len(self.ids) for each in lists):
            raise ValueError("its lists are not equally long")
        return self


class NotWholeError(Exception):
    """Parts are missing, or do not fit the head; says which."""


def people_in_a_part(levels: int) -> int:
    """How many people a part holds where so many levels have prices."""
    return max(1, min(PEOPLE, NUMBERS // (2 * levels + 4)))


def side_of(head: ProofHead, parts: Sequence[ProofPart], side: Side) -> Iterator[ProofPart]:
    """The parts of one side in order. Raises NotWholeError at the end if some are missing or doubled."""
    count, rows = (head.mentees, 1) if side == "mentee" else (head.mentors, 2)
    expected = 0
    for part in sorted((part for part in parts if part.side == side), key=lambda part: part.start):
        if part.start != expected:
            break
        if len(part.prices) != rows * len(head.prices):
            raise NotWholeError(f"the {side}s from {part.start} on have other levels than the head")
        expected += len(part.ids)
        yield part
    if expected != count or sum(len(part.ids) for part in parts if part.side == side) != count:
        raise NotWholeError(f"it should speak of {count} {side}s, and the first {expected} are there")
