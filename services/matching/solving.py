"""The round's work: solves it, and turns the solution into pieces. Imported by the jobs' own process only."""

from collections.abc import Generator, Iterable

from services.matching.assignment import assign, explain
from services.matching.gaps import gaps
from services.matching.holding import Held
from services.matching.left_out import left_out
from services.matching.model import Figures
from services.matching.optimum.saved import Saved
from services.matching.people import Pair, RoundInputs, Solution, Unmatched
from services.matching.proof import NotWholeError
from services.matching.proof_kept import KeepProof, KeepProofPart
from services.matching.proving import claim_of, proof_of, saved_of
from services.matching.say import reasoned
from services.matching.solution import FindGap, LapsePin, LeaveOut, OfferEnd, OfferNew, Progress, Propose, Solved
from services.matching.table import ScoreTable, score_table
from services.matching.to_solve import Solving
from shared.contracts.matching import Offer, OfferName

Kept = list[KeepProof | KeepProofPart]
Pieces = tuple[
    Progress | Propose | OfferNew | OfferEnd | LapsePin | LeaveOut | FindGap | KeepProof | KeepProofPart | Solved, ...
]


STAGES = 3
"""Scoring, solving, explaining."""


def solve_round(work: Solving) -> Generator[Progress, None, Pieces]:
    """Solve a round: progress, one piece a pair, one a person left out, and the summary; yields each stage it begins.

    A re-match is solved twice: with as few open proposals changed as possible, and in the full order. Where both bring
    the same and end nothing there is nothing to choose, and the new pairs are proposed as in any round; else each pair
    that an offer would bring or end is a piece, and nothing changes for people before the office approves.
    """
    inputs = work.inputs
    solving = Progress(round_id=work.round_id, step="solving", done=0, of=STAGES, stage="scoring")
    yield solving
    table = score_table(inputs)
    yield solving.model_copy(update={"stage": "solving", "done": 1})
    saved = _begun(work, table)
    solution, proof = _solved(work, "fewest_changes", table, saved)
    full = solution
    if inputs.previous:
        full, more = _solved(work, "full_order", table, saved)
        proof += more
    offers: dict[OfferName, _Changes] = {
        "fewest_changes": _Changes(work, solution),
        "full_order": _Changes(work, full),
    }
    fewest = offers["fewest_changes"]
    new = fewest.new
    chosen = (
        any(changes.ended for changes in offers.values()) or len({changes.pairs for changes in offers.values()}) > 1
    )
    # A solution whose proof does not hold was refused; only a limit of effort leaves something between sum and bound.
    missing = max(solution.gap, full.gap)
    bound = fewest.sum_of_scores + missing
    gap = missing / bound if missing else 0.0
    proven = solving.model_copy(update={"stage": "explaining", "done": 2, "bound": bound, "gap": gap})
    yield proven
    found_nobody, seen = solution.unmatched, _as_if_all_looked(work)
    if seen is not inputs:
        # One table at a time: a city's is by far the largest thing here.
        del table
        table = score_table(seen)
        stay = [held.pair for held in work.fixed if not held.pinned]
        found_nobody = left_out(seen, table, [*((pair.mentor, pair.mentee) for pair in solution.pairs), *stay])
    found_gaps = _gaps(work.round_id, seen, table)
    # Who has an open proposal is not left out, whether it is fixed or not, if they have a further seat.
    fixed = {id for held in work.fixed for id in held.pair}
    unmatched = [u for u in found_nobody if u.id not in fixed]
    stage = "ended" if missing else "proven"
    begun = proven.model_copy(
        update={"step": "proposing", "stage": stage, "done": len(new), "of": inputs.places + len(work.fixed)},
    )
    done = Solved(round_id=work.round_id, rules_version=work.rules_version, **dict(fewest.figures(len(unmatched))))
    if not chosen:
        under = work.rules_version
        pairs = [Propose(round_id=work.round_id, rules_version=under, **dict(pair)) for pair in new]
        left = [*_left(work, unmatched), *_pausing(work)]
        return (begun, *pairs, *_lapsed(work, solution), *left, *found_gaps, *proof, done)
    nowhere = {u.id for u in full.unmatched} | {person.id for person in work.resting}
    # Who would find somebody in one of the offers waits for the office's choice, and stands on the list meanwhile.
    left = _left(work, [u for u in unmatched if u.id in nowhere and u.id not in work.asked]) + _pausing(work)
    told = [piece for name, changes in offers.items() for piece in changes.pieces(name)]
    summaries = tuple(changes.summary(name) for name, changes in offers.items())
    everybody = {u.id for u in unmatched} | _people(solution) - fixed
    figures = offers["full_order"].figures(len(everybody - _people(full)))
    done = done.model_copy(update={"offers": summaries, "full": figures})
    return (begun, *told, *_lapsed(work, solution), *left, *found_gaps, *proof, done)


def _begun(work: Solving, table: ScoreTable) -> Saved | None:
    """Where the solver begins: at the last round's proof, if that is one."""
    try:
        return saved_of(claim_of(*work.before), table) if work.before else None
    except NotWholeError:
        return None


def _solved(work: Solving, offer: OfferName, table: ScoreTable, saved: Saved | None) -> tuple[Solution, Kept]:
    """One solution of the round, and what proves it."""
    inputs = work.inputs if offer == "fewest_changes" else work.inputs.model_copy(update={"previous": ()})
    found = assign(inputs, table, saved)
    head, parts = proof_of(inputs, table, found)
    id = work.round_id
    kept: Kept = [KeepProof(round_id=id, offer=offer, head=head)]
    kept += (KeepProofPart(round_id=id, offer=offer, part=part) for part in parts)
    return explain(inputs, table, found), kept


class _Changes:
    """What a solution would change of the open proposals."""

    def __init__(self, work: Solving, solution: Solution) -> None:
        self._round = work.round_id
        self._under = work.rules_version
        before = {held.pair: held for held in work.open}
        self.pairs = frozenset((pair.mentor, pair.mentee) for pair in solution.pairs)
        self.new: list[Pair] = [pair for pair in solution.pairs if (pair.mentor, pair.mentee) not in before]
        self.ended = [before[pair].proposal_id for pair in sorted(before) if pair not in self.pairs]
        stay = [*work.fixed, *(held for pair, held in before.items() if pair in self.pairs)]
        self._kept = len(stay)
        self._gap = solution.gap
        self._after: list[Pair | Held] = [*self.new, *stay]

    @property
    def sum_of_scores(self) -> int:
        """Of what is new and of everything open that stays, as it was proposed."""
        return sum(pair.score for pair in self._after)

    def figures(self, unmatched: int) -> Figures:
        """Of what is new."""
        return Figures(
            proposals=len(self.new),
            unmatched=unmatched,
            lowest_score=min((pair.score for pair in self.new if not pair.pinned), default=None),
            sum_of_scores=sum(pair.score for pair in self.new),
            gap=self._gap,
        )

    def pieces(self, name: OfferName) -> list[OfferNew | OfferEnd]:
        """One piece a change."""
        id = self._round
        ends = [OfferEnd(round_id=id, offer=name, proposal_id=proposal) for proposal in self.ended]
        under = self._under
        return [*ends, *(OfferNew(round_id=id, rules_version=under, offer=name, **dict(pair)) for pair in self.new)]

    def summary(self, name: OfferName) -> Offer:
        """The offer in figures. What is fixed counts like what is kept: nobody may read who has answered."""
        return Offer(
            offer=name,
            kept=self._kept,
            ended=len(self.ended),
            new=len(self.new),
            lowest_score=min((pair.score for pair in self._after if not pair.pinned), default=None),
            sum_of_scores=self.sum_of_scores,
            gap=self._gap,
        )


def _people(solution: Solution) -> set[str]:
    return {id for pair in solution.pairs for id in (pair.mentor, pair.mentee)}


def _left(work: Solving, unmatched: Iterable[Unmatched]) -> list[LeaveOut]:
    waiting = {person.id for person in (*work.inputs.people, *work.resting) if person.since is not None}
    places = work.inputs.places - len(work.inputs.previous)
    return [
        LeaveOut(round_id=work.round_id, participant_id=u.id, reason=u.reason)
        for u in unmatched
        # A round without a place left nobody out: who waits already hears nothing new.
        if places > 0 or u.id not in waiting
    ]


def _pausing(work: Solving) -> list[LeaveOut]:
    """Who pauses stands in line since the first round that they missed, as whom it left out does (P5, P6)."""
    why = reasoned("pauses")
    return [LeaveOut(round_id=work.round_id, participant_id=id, reason=why) for id in work.pausing]


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


def _as_if_all_looked(work: Solving) -> RoundInputs:
    """The round that tells who found nobody and which topics lack mentors: nobody rests or has answered.

    Else a reader of the reserve list, or of the topics, knew who rests, and so who ended a tandem (P9), or which open
    proposal stays because of a yes or a veto.
    """
    if not work.resting and not work.asking:
        return work.inputs
    people = {person.id: person for person in (*work.inputs.people, *work.resting, *work.asking)}
    stay = sum(not held.pinned for held in work.fixed)
    return work.inputs.model_copy(update={"people": tuple(people.values()), "places": work.inputs.places + stay})


def _gaps(round_id: str, inputs: RoundInputs, table: ScoreTable) -> list[FindGap]:
    return [
        FindGap(
            round_id=round_id,
            topic_id=gap.topic_id,
            more_mentors=gap.more_mentors,
            more_tandems=max(gap.more_tandems),
            demand=gap.demand,
            supply=gap.supply,
        )
        for gap in gaps(inputs, table)
        if gap.more_mentors
    ]
