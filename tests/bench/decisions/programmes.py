"""Made-up programmes: what people truly want, and what comes in of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LIMIT = 0.33
"""The criterion's threshold: 33 % for a change, 67 % for keeping."""
THIRD = 1 / 3
CONTENT = 1
"""Index of who is content; 0 and 2 want one change or the other."""
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Truth:
    """What people want of one question: shares of (one change, content, the other)."""

    shares: tuple[float, float, float]

    @property
    def right(self) -> tuple[str, ...]:
        """Answers that are right: `keep`, `0`, `2`, `both`; none where neither keeping nor one change has its share."""
        one, _, other = self.shares
        if round(one + other, 9) < LIMIT:
            return ("keep",)
        over = [name for name, share in (("0", one), ("2", other)) if round(share, 9) > LIMIT]
        return (*over, "both") if len(over) == 2 else tuple(over)


def wanting(share: float, direction: int) -> Truth:
    """So many want one change, eight in a hundred the other."""
    shares = [0.08, 1 - share - 0.08, 0.08]
    shares[direction] = share
    return Truth((shares[0], shares[1], shares[2]))


GOOD = Truth(((THIRD - 0.18) / 2, 1 - THIRD + 0.18, (THIRD - 0.18) / 2))
"""18 points below a third want any change."""
FEW, MANY = wanting(THIRD + 0.22, 0), wanting(THIRD + 0.22, 2)
"""22 points above a third want the same change."""
ONE_WAY = Truth((LIMIT, 1 - LIMIT, 0.0))
BOTH_WAYS = Truth((LIMIT, 1 - 2 * LIMIT, LIMIT))
SPLIT = Truth((LIMIT / 2, 1 - LIMIT, LIMIT / 2))


@dataclass(frozen=True)
class Programme:
    """A name, and the truth of the four questions in order. `limit`: truths lie at the criterion's threshold itself."""

    name: str
    truths: tuple[Truth, Truth, Truth, Truth]
    limit: bool = False


PROGRAMMES = (
    Programme("all well", (GOOD, GOOD, GOOD, GOOD)),
    Programme("meetings too long", (MANY, GOOD, GOOD, GOOD)),
    Programme("too rare", (GOOD, FEW, GOOD, GOOD)),
    Programme("too often", (GOOD, MANY, GOOD, GOOD)),
    Programme("no rules", (GOOD, GOOD, FEW, GOOD)),
    Programme("all to change", (MANY, FEW, FEW, MANY)),
    Programme("all at t, one way", (ONE_WAY,) * 4, limit=True),
    Programme("all at t, both ways", (BOTH_WAYS,) * 4, limit=True),
    Programme("all at t, split", (SPLIT,) * 4, limit=True),
    Programme("two well, two at t", (GOOD, GOOD, ONE_WAY, ONE_WAY), limit=True),
    Programme("three well, one at t", (GOOD, GOOD, GOOD, ONE_WAY), limit=True),
)


@dataclass(frozen=True)
class Cell:
    """What a simulated programme is like. `correlation`: of the two answers of a tandem.

    `unhappy`: who wants a change answers by so much less often. `kind`: so many say "just right", whatever they want.
    """

    tandems: int
    response: float
    correlation: float
    unhappy: float = 1.0
    kind: float = 0.0


@dataclass(frozen=True)
class Answers:
    """Answers of many programmes to their questions; axes: programme, question, and of counts side and class.

    `pairs`: tandems of which both answered, by programme; `agreeing`: of these, whose answers are alike.
    """

    counts: Numbers
    pairs: Numbers
    agreeing: Numbers


def answered(cell: Cell, truths: tuple[Truth, ...], programmes: int, random: np.random.Generator) -> Answers:
    """Let so many programmes answer: each person answers all questions or none."""
    shape = (programmes, len(truths), cell.tandems)
    limits = np.cumsum([truth.shares for truth in truths], axis=1)[:, :2]
    mentors, mentees = (_drawn(limits, shape, random) for _ in range(2))
    # That the second of a tandem wants what the first does, with a probability, gives just that correlation.
    mentees = np.where(random.random(shape) < cell.correlation, mentors, mentees)
    if cell.unhappy < 1:
        # Who is unhappy with the first question is it as a person: their silence shows in all.
        chances = [np.where(side[:, 0] == CONTENT, 1.0, cell.unhappy) * cell.response for side in (mentors, mentees)]
    else:
        chances = [np.full((programmes, cell.tandems), cell.response)] * 2
    if cell.kind:
        mentors, mentees = (
            np.where(random.random((programmes, 1, cell.tandems)) < cell.kind, CONTENT, side)
            for side in (mentors, mentees)
        )
    here = [random.random((programmes, cell.tandems)) < chance for chance in chances]
    both = here[0] & here[1]
    counts = np.stack(
        [
            np.stack([((side == wish) & present[:, None]).sum(axis=2) for wish in range(3)], axis=-1)
            for side, present in zip((mentors, mentees), here, strict=True)
        ],
        axis=2,
    )
    return Answers(counts, both.sum(axis=1), ((mentors == mentees) & both[:, None]).sum(axis=2))


def _drawn(limits: NDArray[np.float64], shape: tuple[int, int, int], random: np.random.Generator) -> Numbers:
    drawn = random.random(shape)
    return (drawn >= limits[:, 0, None]).astype(np.int64) + (drawn >= limits[:, 1, None])
