"""Every level of rounds of medium size against HiGHS, a solver of another kind that shares nothing with ours."""

import datetime as dt
import random
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, vstack

from services.matching.assignment import solve
from services.matching.people import Person, RoundInputs
from shared.contracts.parts import MatchingRules
from tests.support.round_people import a_person, plain_open, plain_score, plain_wishes

DAYS = (dt.date(2026, 1, 1), dt.date(2026, 2, 1))
Ids = tuple[str, str]
Row = NDArray[np.float64]


class Programme:
    """A round as an integer programme: a variable for each allowed pair, and one for each mentor served anew."""

    def __init__(self, inputs: RoundInputs) -> None:
        mentors, mentees = ([p for p in inputs.people if p.role == side] for side in ("mentor", "mentee"))
        self.pairs = [(a, b) for a in mentors for b in mentees if plain_open(a, b, inputs)]
        self.scores = np.array([plain_score(a, b, inputs.rules) for a, b in self.pairs])
        self.mentors = mentors
        self._at_most: list[tuple[Row, float]] = [(self.row(lambda _a, _b: 1), inputs.places)]
        for one in (*mentors, *mentees):
            room = one.capacity if one.role == "mentor" else 1
            self._at_most.append((self.row(lambda a, b, one=one: one in (a, b)), room))
        for number, one in enumerate(mentors):
            served = -self.row(lambda a, _b, one=one: one is a)
            served[len(self.pairs) + number] = 1
            self._at_most.append((served, 0))
        self._anew = np.array([0.0 if one.served else 1.0 for one in mentors])

    def row(self, of_pair: object, of_mentor: object = None) -> Row:
        """Coefficients from what a pair, and a mentor who is served anew, count."""
        first = [float(of_pair(a, b)) for a, b in self.pairs]  # type: ignore[operator]
        second = [float(of_mentor(one)) if of_mentor else 0.0 for one in self.mentors]  # type: ignore[operator]
        return np.array(first + second)

    def highest(self, worth: Row, floors: Sequence[tuple[Row, int]], least: int = 0) -> int | None:
        """The most of `worth` where each floor is kept and no pair has a lower score; None if that cannot be."""
        rows = [*(row for row, _ in self._at_most), *(-row for row, _ in floors)]
        limits = [*(limit for _, limit in self._at_most), *(-floor for _, floor in floors)]
        upper = np.concatenate([(self.scores >= least).astype(float), self._anew])
        constraint = LinearConstraint(vstack([coo_array(row[None, :]) for row in rows]).tocsc(), ub=limits)
        found = milp(-worth, constraints=constraint, bounds=Bounds(0, upper), integrality=np.ones(len(worth)))
        return round(-found.fun) if found.success else None


def levels(inputs: RoundInputs) -> list[int]:
    """The best of each level, the first level first: tandems, people, each day, kept, lowest score, sum."""
    programme = Programme(inputs)
    previous = set(inputs.previous)
    rows = [programme.row(lambda _a, _b: 1), programme.row(lambda _a, _b: 1, lambda _a: 1)]
    rows += [programme.row(lambda _a, b, day=day: b.since == day, lambda a, day=day: a.since == day) for day in DAYS]
    rows += [programme.row(lambda a, b: (a.id, b.id) in previous)]
    floors: list[tuple[Row, int]] = []
    for row in rows:
        best = programme.highest(row, floors)
        assert best is not None
        floors.append((row, best))
    possible = sorted({0, *programme.scores.tolist()})
    low, high = 0, len(possible)
    while high - low > 1:
        middle = (low + high) // 2
        feasible = programme.highest(np.zeros_like(rows[0]), floors, possible[middle]) is not None
        low, high = (middle, high) if feasible else (low, middle)
    lowest = possible[low] if floors[0][1] else 0
    points = programme.row(lambda a, b: plain_score(a, b, inputs.rules) + plain_wishes(a, b))
    total = programme.highest(points, floors, lowest if inputs.rules.lowest_first else 0)
    assert total is not None
    return [*(best for _, best in floors), lowest if inputs.rules.lowest_first else 0, total]


def reached(inputs: RoundInputs, pairs: Sequence[tuple[Person, Person]]) -> list[int]:
    """The same of some pairs."""
    anew = {a.id: a for a, _ in pairs if not a.served}.values()
    scores = [plain_score(a, b, inputs.rules) for a, b in pairs]
    people = [*anew, *(b for _, b in pairs)]
    return [
        len(pairs),
        len(people),
        *(sum(p.since == day for p in people) for day in DAYS),
        sum((a.id, b.id) in inputs.previous for a, b in pairs),
        min(scores, default=0) if inputs.rules.lowest_first else 0,
        sum(scores) + sum(plain_wishes(a, b) for a, b in pairs),
    ]


def a_round(number: int) -> RoundInputs:
    """A round of 30 to 45 people a side; its number says what limits it."""
    rng = random.Random(number)
    sizes = {"mentor": rng.randint(30, 40), "mentee": rng.randint(35, 45)}
    topics = [f"t{i}" for i in range(7)]
    people = [
        a_person(
            f"{role}{i}",
            role,
            department=f"D{rng.randrange(4)}",
            grade=rng.randint(6, 10) if role == "mentor" else rng.randint(9, 12),
            strengths={t: rng.randint(1, 5) for t in rng.sample(topics, 2)},
            concerns={t: rng.randint(1, 5) for t in rng.sample(topics, 2)},
            capacity=rng.choice((1, 1, 2, 3)) if role == "mentor" else 1,
            since=rng.choice((None, None, *DAYS)),
            wishes=(f"{other}{rng.randrange(sizes[other])}",),
            vetoes=(f"{other}{rng.randrange(sizes[other])}",),
            served=role == "mentor" and rng.random() < 0.2,
        )
        for role, other in (("mentor", "mentee"), ("mentee", "mentor"))
        for i in range(sizes[role])
    ]
    inputs = RoundInputs(
        people=tuple(people),
        rules=MatchingRules(lowest_first=number % 4 != 3),
        places=rng.choice((100, 6, 14, 25)),
        seed=str(number),
        barred=tuple((f"mentor{rng.randrange(30)}", f"mentee{rng.randrange(35)}") for _ in range(20)),
    )
    if number % 2:
        return inputs
    # A re-match: the pairs of a round with other people away, of which some may not be any more.
    before = solve(inputs.model_copy(update={"people": inputs.people[3:-3], "barred": (), "seed": "before"}))
    return inputs.model_copy(update={"previous": tuple((pair.mentor, pair.mentee) for pair in before.pairs)})


@pytest.mark.proves("S7", "P5")
@pytest.mark.parametrize("number", range(7))
def test_an_integer_programme_reaches_no_more_in_any_level(number: int) -> None:
    inputs = a_round(number)
    people = {person.id: person for person in inputs.people}
    found = [(people[pair.mentor], people[pair.mentee]) for pair in solve(inputs).pairs]
    assert reached(inputs, found) == levels(inputs)
