"""A result checked by its proof: people and rules are read again, scores computed again, and no solver is asked."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from services.matching.optimum.verify import RefusedError
from services.matching.people import Person
from services.matching.proving import Claim, as_inputs, check
from services.matching.table import score_table
from services.matching.tool.earlier import Earlier, read_earlier
from services.matching.tool.proof_file import read_proof
from services.matching.tool.result_check import check_result
from services.matching.tool.round import nothing_collected, read_listed
from services.matching.tool.rules import read_rules
from services.matching.tool.stages import Stages, Tell
from services.matching.tool.statement import Brought, Statement, proven_as_json, proven_as_text, refused_as_json
from services.matching.tool.wanted import Ids, fixed_pairs, previous_pairs
from shared.contracts.parts import MatchingRules
from shared.runtime.given_file import check_inputs

REFUSED, BOUNDED = 1, 3
"""Exit codes: what is said is wrong; it is right, and says that the sum might be higher."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A check as somebody typed it."""

    people: Path
    result: Path
    proof: Path
    rules: Path | None = None
    places: int | None = None
    pins: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    previous: Path | None = None
    today: dt.date = dt.date.max


def verify_files(asked: Asked, tell: Tell, *, as_json: bool) -> int:
    """Check a result and print what is proven; the exit code. Raises WrongUseError for what cannot be read."""
    with nothing_collected():
        try:
            statement = verified(asked, Stages(tell))
        except RefusedError as refused:
            if as_json:
                typer.echo(refused_as_json(refused))
            typer.echo(f"tandem: not proven: {refused}", err=True)
            return REFUSED
    typer.echo(proven_as_json(statement) if as_json else proven_as_text(statement))
    return BOUNDED if statement.proven.gap else 0


def verified(asked: Asked, stages: Stages) -> Statement:
    """What is proven of a result. Raises RefusedError, or WrongUseError for what cannot be read."""
    try:
        stages.began("reading")
        check_inputs(asked.people, asked.result, asked.proof, asked.rules, asked.previous)
        listed = read_listed(asked.people, asked.today)
        rules = read_rules(asked.rules) if asked.rules else MatchingRules()
        result, claim = read_earlier(asked.result), read_proof(asked.proof)
        _same_round(claim, result, rules)
        compared = _same_wanted(claim, asked, listed.people)
        stages.began("scoring")
        inputs = as_inputs(claim, listed.people, rules, listed.labels)
        table = score_table(inputs)
        stages.began("checking")
        proven = check(claim, inputs, table, [(pair.mentor, pair.mentee) for pair in result.pairs])
        check_result(result, inputs, table, proven.gap_of_scores)
    finally:
        stages.total()
    return Statement(inputs, proven, compared, claim.begun)


def _same_round(claim: Claim, result: Earlier, rules: MatchingRules) -> None:
    """Refuse a proof by other rules than were given, or another seed than the result's."""
    for name, theirs in claim.rules:
        if theirs != (ours := getattr(rules, name)):
            raise RefusedError("rules", f"the proof has {name} {theirs}, the rules given have {ours}")
    if result.seed != claim.seed:
        raise RefusedError("seed", f"the proof has {claim.seed}, the result {result.seed or 'none'}")


def _same_wanted(claim: Claim, asked: Asked, people: Sequence[Person]) -> frozenset[Brought]:
    """Refuse a proof of another number of places or other pairs than were given; which of them were given.

    Raises RefusedError, and WrongUseError for pairs that cannot be understood.
    """
    if asked.places is not None and asked.places != claim.places:
        raise RefusedError("places", f"the proof has {claim.places}, not {asked.places}")
    pins, forbidden = fixed_pairs(asked.pins, asked.forbidden, {person.id: person for person in people})
    previous = None if asked.previous is None else previous_pairs(asked.previous, people)
    compared: set[Brought] = set() if asked.places is None else {"places"}
    pairs: tuple[tuple[Brought, Iterable[Ids] | None, Iterable[Ids]], ...] = (
        ("pins", [pin.ids for pin in pins] or None, claim.pins),
        ("forbidden", forbidden or None, claim.forbidden),
        ("previous", previous, claim.previous),
    )
    for what, ours, theirs in pairs:
        if ours is None:
            continue
        compared.add(what)
        if other := set(ours) ^ set(theirs):
            pair = min(other)
            had = "has {}, which is not given" if pair in set(theirs) else "does not have {}, which is given"
            raise RefusedError(what, f"the proof {had.format(':'.join(pair))}")
    return frozenset(compared)
