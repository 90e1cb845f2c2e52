"""What is measured of ours, in a process of its own: `python -m tests.bench.matching.measure KIND JSON`."""

import statistics
from dataclasses import replace
from pathlib import Path

import numpy as np

from services.matching.optimum.compiled import Numbers
from services.matching.optimum.levels import ENDLESS, best
from services.matching.optimum.problem import NOBODY, Problem
from services.matching.optimum.saved import Saved
from services.matching.optimum.verify import verify
from services.matching.optimum.warm import warm
from tests.bench.matching.made import changed, gone, keep, kept, made, plain
from tests.bench.matching.timed import Said, tell, timed


def table(family: str, mentors: int, mentees: int, folder: str) -> Said:
    """Make a round and keep it in a folder."""
    warm()
    found = made(family, mentors, mentees)
    keep(found.problem, Path(folder))
    return {"scoring": found.scoring, "reading": found.reading}


def ours(folder: str, levels: str, runs: int) -> Said:
    """Our solver on a table; `levels`: 15, 145, or 1245 with seats, wishes and waiting as the population has them."""
    problem = kept(Path(folder))
    if levels != "1245":
        problem = plain(problem.scores, lowest_first="4" in levels)
    warm()
    return _solved(problem, runs)[0]


def family(family: str, mentors: int, mentees: int, most: int) -> Said:
    """The whole way from people to certificate; `most`: the effort for the highest sum, in pairs."""
    warm()
    found = made(family, mentors, mentees)
    return {"reading": found.reading, "scoring": found.scoring, **_solved(found.problem, 1, most=most)[0]}


def rematch(folder: str, withdrawals: int) -> Said:
    """Somebody with a tandem leaves, mentors and mentees in turn: as few changes as possible, and everything anew.

    Each from the saved state, and from the scores alone.
    """
    problem = kept(Path(folder))
    warm()
    solved = best(problem)
    before, total = solved.mentor_of, solved.certificate.sum
    assert total is not None
    paired = np.flatnonzero(before != NOBODY)
    lot = np.random.default_rng(1).permutation(paired)[:withdrawals].tolist()
    found = []
    for number, row in enumerate(lot):
        mentor = int(before[row])
        back = gone(problem, mentee=row) if number % 2 else gone(problem, mentor=mentor)
        still = np.where(before == mentor, NOBODY, before) if number % 2 == 0 else before.copy()
        still[row] = NOBODY
        held = np.flatnonzero(still != NOBODY)
        saved = Saved(still, int(problem.scores[held, still[held]].min()), total)
        one: Said = {}
        for way, round_, state in (
            ("few-saved", replace(problem, previous=still), saved),
            ("few", replace(problem, previous=still), None),
            ("anew-saved", problem, saved),
            ("anew", problem, None),
        ):
            said, pairs = _solved(round_, 1, state)
            one[way] = {**said, "changes": changed(still, pairs)}
        for way in ("few", "anew"):
            assert _reached(one[way]) == _reached(one[f"{way}-saved"]), f"{way}: a saved state changes what is reached"
        found.append(one)
        back()
    return {"withdrawals": found}


def _reached(said: Said) -> tuple[int, ...]:
    return said["tandems"], said["lowest"], said["points"]


def _solved(problem: Problem, runs: int, saved: Saved | None = None, most: int = ENDLESS) -> tuple[Said, Numbers]:
    """Solve and check; the mentor of each mentee beside it."""
    seconds, found = timed(lambda: best(problem, saved, most), runs)
    checks, proven = timed(lambda: verify(problem, found.mentor_of, found.certificate), runs)
    rows = np.flatnonzero(found.mentor_of != NOBODY)
    scores = problem.scores[rows, found.mentor_of[rows]].astype(np.int64)
    said: Said = {
        "seconds": seconds,
        "check": statistics.median(checks),
        "tandems": len(rows),
        "total": int(scores.sum()),
        "points": proven.scores + proven.wish_points,
        "gap": proven.gap,
        "lowest": int(scores.min(initial=1000)),
    }
    return said, found.mentor_of


if __name__ == "__main__":
    tell({"table": table, "ours": ours, "family": family, "rematch": rematch})
