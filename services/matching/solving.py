"""The round's work: solves it, and turns the solution into pieces. Imported by the jobs' own process only."""

from services.matching.assignment import solve
from services.matching.jobs import LeaveOut, Progress, Propose, Solved, Solving


def solve_round(inputs: Solving) -> tuple[Progress | Propose | LeaveOut | Solved, ...]:
    """Solve a round: progress, one piece a pair, one a person left out, and the summary."""
    solution = solve(inputs.inputs)
    pairs = [Propose(round_id=inputs.round_id, **dict(pair)) for pair in solution.pairs]
    waiting = {person.id for person in inputs.inputs.people if person.since is not None}
    left = [
        LeaveOut(round_id=inputs.round_id, participant_id=u.id, reason=u.reason)
        for u in solution.unmatched
        # A round without a place left nobody out: who waits already hears nothing new.
        if inputs.inputs.places or u.id not in waiting
    ]
    done = Solved(
        round_id=inputs.round_id,
        proposals=len(pairs),
        unmatched=len(solution.unmatched),
        lowest_score=solution.lowest_score,
        sum_of_scores=solution.sum_of_scores,
    )
    return (Progress(round_id=inputs.round_id, done=len(pairs), of=inputs.inputs.places), *pairs, *left, done)
