"""The table of a round against the definition of a pair."""

import numpy as np
from hypothesis import given, settings

from services.matching.pair import judge, wish_points
from services.matching.people import RoundInputs
from services.matching.table import ScoreTable, score_table
from tests.support.round_people import rounds


def said_of_each(inputs: RoundInputs, table: ScoreTable) -> list[list[int]]:
    """The scores of a table as the definition of a pair has them."""
    judged = [[judge(mentor, mentee, inputs.rules) for mentor in table.mentors] for mentee in table.mentees]
    return [[-1 if of.broken else of.score for of in row] for row in judged]


@settings(max_examples=100, deadline=None)
@given(rounds(6))
def test_a_table_says_what_the_definition_says_of_each_pair(inputs: RoundInputs) -> None:
    table = score_table(inputs)
    assert table.scores.tolist() == said_of_each(inputs, table)
    wishes = {(i, j): points for i, j, points in zip(*(a.tolist() for a in table.wishes), strict=True)}
    assert wishes == {
        (i, j): wish_points(mentor, mentee)
        for i, mentee in enumerate(table.mentees)
        for j, mentor in enumerate(table.mentors)
        if wish_points(mentor, mentee)
    }
    assert np.array_equal(table.scores.shape, (len(table.mentees), len(table.mentors)))
