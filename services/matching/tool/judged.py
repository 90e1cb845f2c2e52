"""A round's scores as the tool reads them; the one place that knows who computes them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.people import Person, RoundInputs
from services.matching.scoring import score_all
from shared.contracts.parts import MatchingRules

_OFF = {
    "different_department": False,
    "reporting_levels": 0,
    "shared_language": False,
    "common_minutes": 0,
    "seniority_distance": 0,
    "minimum_score": 1,
}
"""Every rule that can be switched off, off."""


class ScoreTable(NamedTuple):
    """Every pair of a round. Rows are mentees, columns mentors."""

    mentors: tuple[Person, ...]
    mentees: tuple[Person, ...]
    scores: NDArray[np.int16]
    """Shape (mentees, mentors): the published score, 1 to 1000, where the hard rules allow the pair, else -1."""
    closed: tuple[NDArray[np.int32], NDArray[np.int32]]
    """(rows, columns) of the pairs that a veto or an earlier no closes; secret."""


def score_table(inputs: RoundInputs) -> ScoreTable:
    """The scores of every pair of a round."""
    scores = score_all(inputs)
    rows, columns = np.nonzero(scores.closed.T)
    table = np.ascontiguousarray(np.where(scores.allowed, scores.total, -1).T.astype(np.int16))
    return ScoreTable(scores.mentors, scores.mentees, table, (rows.astype(np.int32), columns.astype(np.int32)))


class Judgement(NamedTuple):
    """What the rules say of a pair; vetoes, earlier answers and wishes never enter."""

    score: int
    broken: tuple[str, ...]
    """The rules that keep the two apart, by name; `reporting_line` for one line of superiors."""


def judge(mentor: Person, mentee: Person, rules: MatchingRules) -> Judgement:
    """Score a pair and say which hard rules it breaks."""
    people = tuple(person.model_copy(update={"capacity": 1}) for person in (mentor, mentee))

    def allowed(**switched: object) -> bool:
        alone = rules.model_copy(update={**_OFF, **switched})
        scores = score_all(RoundInputs(people=people, places=1, seed="", rules=alone))
        # Of score 0 nothing is allowed: the rules alone are asked for here.
        return bool(scores.allowed[0, 0])

    scored = score_all(RoundInputs(people=people, places=1, seed="", rules=rules))
    score = int(scored.total[0, 0])
    if score < rules.minimum_score:
        return Judgement(score, ("minimum_score",))
    broken = [] if allowed() else ["reporting_line"]
    if not broken:
        broken = [name for name in _OFF if name != "minimum_score" and not allowed(**{name: getattr(rules, name)})]
    return Judgement(score, tuple(broken))
