"""Other solvers on the same table, in a process of their own: `python -m tests.bench.matching.peers KIND JSON`.

Nothing of ours is imported here, so that a peak of memory is theirs.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.bench.matching.timed import Said, tell, timed

Scores = NDArray[np.int16]
BLOCK = 1024
"""Rows that are looked at in one go."""


def whole_matrix(scores: Scores) -> NDArray[np.float64]:
    """The matrix for an assignment with as many tandems as possible first: each counts more than all scores."""
    return np.where(scores > 0, scores + 1001.0 * min(scores.shape), 0.0)


def scipy_assignment(matrix: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """SciPy's dense solver (Jonker, Volgenant, by shortest augmenting paths): (rows, columns)."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(matrix, maximize=True)
    return rows, columns


def reached(scores: Scores, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> tuple[int, int]:
    """What pairs are worth; one that is not allowed is none."""
    found = scores[rows, columns].astype(np.int64)
    return int((found > 0).sum()), int(found[found > 0].sum())


def candidates(scores: Scores, each: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rows, columns) of the best so many allowed pairs of each person, of both sides, no pair twice."""
    keys = [_best_of_rows(scores, each, 1, scores.shape[1]), _best_of_rows(scores.T, each, scores.shape[1], 1)]
    rows, columns = np.divmod(np.unique(np.concatenate(keys)), scores.shape[1])
    return rows, columns


def _best_of_rows(scores: Scores, each: int, column_step: int, row_step: int) -> NDArray[np.int64]:
    """Keys, row · `row_step` + column · `column_step`."""
    found = []
    for begin in range(0, scores.shape[0], BLOCK):
        block = np.ascontiguousarray(scores[begin : begin + BLOCK])
        if each < block.shape[1]:
            columns = np.argpartition(block, -each, axis=1)[:, -each:]
        else:
            columns = np.broadcast_to(np.arange(block.shape[1]), block.shape)
        allowed = np.take_along_axis(block, columns, axis=1) > 0
        rows = np.broadcast_to(np.arange(begin, begin + len(block))[:, None], columns.shape)
        found.append((rows * row_step + columns * column_step)[allowed])
    return np.concatenate(found)


def flow(scores: Scores, each: int) -> tuple[int, int]:
    """OR-Tools' min-cost flow on each person's best candidates: most tandems, then the highest sum, of those alone."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    mentees, mentors = scores.shape
    rows, columns = candidates(scores, each)
    source, sink = mentees + mentors, mentees + mentors + 1
    tails = np.concatenate([rows, np.full(mentees, source), mentees + np.arange(mentors)])
    heads = np.concatenate([mentees + columns, np.arange(mentees), np.full(mentors, sink)])
    costs = np.concatenate([-scores[rows, columns].astype(np.int64), np.zeros(mentees + mentors, np.int64)])
    network = SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), np.ones(len(tails), np.int64), costs
    )
    network.set_nodes_supplies(np.array([source, sink], np.int32), np.array([mentees, -mentees], np.int64))
    status = network.solve_max_flow_with_min_cost()
    assert status == network.OPTIMAL, status
    used = network.flows(arcs)[: len(rows)] > 0
    return reached(scores, rows[used], columns[used])


def scipy(folder: str, runs: int) -> Said:
    """SciPy's assignment on the matrix that is ready for it."""
    scores = np.load(Path(folder, "scores.npy"))
    matrix = whole_matrix(scores)
    seconds, (rows, columns) = timed(lambda: scipy_assignment(matrix), runs)
    tandems, total = reached(scores, rows, columns)
    return {"seconds": seconds, "tandems": tandems, "total": total}


def best_candidates(folder: str, runs: int, each: int) -> Said:
    """OR-Tools' min-cost flow, finding the candidates included."""
    scores = np.load(Path(folder, "scores.npy"))
    seconds, (tandems, total) = timed(lambda: flow(scores, each), runs)
    return {"seconds": seconds, "tandems": tandems, "total": total}


if __name__ == "__main__":
    tell({"scipy": scipy, "flow": best_candidates})
