"""The round's work: solves it, and turns the solution into pieces. Imported by the jobs' own process only."""

from collections.abc import Iterable

from services.matching.assignment import solve
from services.matching.explanation import why_unmatched
from services.matching.jobs import LapsePin, LeaveOut, Progress, Propose, Solved, Solving
from services.matching.pair import judge
from services.matching.people import Person, Solution, Unmatched


def solve_round(inputs: Solving) -> tuple[Progress | Propose | LapsePin | LeaveOut | Solved, ...]:
    """Solve a round: progress, one piece a pair, one a person left out, and the summary."""
    solution = solve(inputs.inputs)
    pairs = [Propose(round_id=inputs.round_id, **dict(pair)) for pair in solution.pairs]
    waiting = {person.id for person in (*inputs.inputs.people, *inputs.resting) if person.since is not None}
    unmatched = _unmatched(inputs, solution)
    left = [
        LeaveOut(round_id=inputs.round_id, participant_id=u.id, reason=u.reason)
        for u in unmatched
        # A round without a place left nobody out: who waits already hears nothing new.
        if inputs.inputs.places or u.id not in waiting
    ]
    done = Solved(
        round_id=inputs.round_id,
        proposals=len(pairs),
        unmatched=len(unmatched),
        lowest_score=solution.lowest_score,
        sum_of_scores=solution.sum_of_scores,
    )
    begun = Progress(round_id=inputs.round_id, done=len(pairs), of=inputs.inputs.places)
    return (begun, *pairs, *_lapsed(inputs, solution), *left, done)


def _lapsed(work: Solving, solution: Solution) -> list[LapsePin]:
    """The office's pins that could not be kept although there was a place; why is not said: it may be a veto."""
    kept = {(pair.mentor, pair.mentee) for pair in solution.pairs if pair.pinned}
    if len(kept) >= work.inputs.places:
        return []
    return [
        LapsePin(programme_id=work.programme_id, mentor=mentor, mentee=mentee)
        for mentor, mentee in work.inputs.pins
        if (mentor, mentee) not in kept
    ]


def _unmatched(work: Solving, solution: Solution) -> list[Unmatched]:
    """Who found nobody, with who rests among them, and of each what would be said if nobody rested.

    Else a reader of the reserve list knew who rests, and so who ended a tandem (P9).
    """
    inputs, resting = work.inputs, work.resting
    full = len(solution.pairs) >= inputs.places
    everybody = (*inputs.people, *resting)

    def partners(one: Person, others: Iterable[Person]) -> bool:
        sides = ((one, other) if one.role == "mentor" else (other, one) for other in others if other.role != one.role)
        return any(not judge(*pair, inputs.rules).broken for pair in sides)

    of = {person.id: person for person in inputs.people}
    found = [
        Unmatched(id=u.id, reason=why_unmatched(partners=True, full=full))
        if u.reason == why_unmatched(partners=False, full=full) and partners(of[u.id], resting)
        else u
        for u in solution.unmatched
    ]
    found += [Unmatched(id=p.id, reason=why_unmatched(partners=partners(p, everybody), full=full)) for p in resting]
    return sorted(found, key=lambda u: u.id)
