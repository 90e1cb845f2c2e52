"""From a solved round to the proof that leaves the process, and back to what it proves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.matching.assignment import Assignment, as_problem, pins_of
from services.matching.optimum.certificate import Certificate, Dual
from services.matching.optimum.compiled import Numbers
from services.matching.optimum.problem import NOBODY
from services.matching.optimum.proven import Proven
from services.matching.optimum.saved import Saved
from services.matching.optimum.verify import RefusedError, verify
from services.matching.people import Person, RoundInputs
from services.matching.proof import (
    FORMAT,
    NotWholeError,
    PricedLevel,
    Prices,
    ProofHead,
    ProofPart,
    people_in_a_part,
    side_of,
)
from services.matching.shut import shut
from services.matching.table import ScoreTable
from shared.contracts.base import Text
from shared.contracts.parts import MatchingRules

FAR = 1 << 24
"""Prices beyond are none that a round comes to."""
Ids = tuple[str, str]
"""(mentor, mentee)."""


@dataclass(frozen=True)
class Claim:
    """What a proof says that it proves, and what it takes for given. Pairs are (mentor, mentee), by their ids."""

    seed: str
    places: int
    rules: MatchingRules
    mentors: tuple[str, ...]
    """In the order of the proof."""
    mentees: tuple[str, ...]
    pairs: frozenset[Ids]
    pins: tuple[Ids, ...]
    previous: tuple[Ids, ...]
    forbidden: tuple[Ids, ...]
    certificate: Certificate
    begun: bool
    """Whether the search began at an earlier proof."""


def proof_of(inputs: RoundInputs, table: ScoreTable, found: Assignment) -> tuple[ProofHead, Iterator[ProofPart]]:
    """The proof of a round: its head, and its parts one after the other."""
    levels = _levels(found.certificate)
    head = ProofHead(
        tandem_proof=FORMAT,
        seed=inputs.seed,
        places=inputs.places,
        rules=inputs.rules,
        most=found.certificate.most,
        prices=tuple(Prices(level=level, out=dual.out, scale=dual.scale) for level, dual in levels),
        ended_early=found.certificate.ended_early,
        begun=found.begun,
        mentors=len(table.mentors),
        mentees=len(table.mentees),
    )
    return head, _parts(inputs, table, found, [dual for _, dual in levels])


def _levels(certificate: Certificate) -> list[tuple[PricedLevel, Dual]]:
    named: tuple[tuple[PricedLevel, Dual | None], ...] = (
        ("kept", certificate.kept),
        ("lowest", certificate.lowest),
        ("sum", certificate.sum),
    )
    return [*(("class", dual) for dual in certificate.by_class), *((name, dual) for name, dual in named if dual)]


def _parts(inputs: RoundInputs, table: ScoreTable, found: Assignment, duals: list[Dual]) -> Iterator[ProofPart]:
    row, column = ({p.id: at for at, p in enumerate(side)} for side in (table.mentees, table.mentors))
    forbidden: dict[int, list[int]] = {}
    for mentor, mentee in sorted(set(inputs.barred)):
        if mentor in column and mentee in row:
            forbidden.setdefault(row[mentee], []).append(column[mentor])
    previous = {row[mentee]: column[mentor] for mentor, mentee in inputs.previous if mentor in column and mentee in row}
    pinned = {pin for pin, _ in found.pinned}
    many = people_in_a_part(len(duals))
    for start in range(0, len(table.mentees), many):
        some = slice(start, start + many)
        rows = range(start, min(start + many, len(table.mentees)))
        yield ProofPart(
            side="mentee",
            start=start,
            ids=_ids(table.mentees[some]),
            place=found.certificate.mentee_place[some].tolist(),
            prices=tuple(dual.profits[some].tolist() for dual in duals),
            mentor=found.mentor_of[some].tolist(),
            pinned=tuple(at - start for at in rows if at in pinned),
            previous=tuple(previous.get(at, NOBODY) for at in rows) if previous.keys() & set(rows) else (),
            forbidden=tuple((at - start, mentor) for at in rows for mentor in forbidden.get(at, ())),
        )
    for start in range(0, len(table.mentors), many):
        some = slice(start, start + many)
        yield ProofPart(
            side="mentor",
            start=start,
            ids=_ids(table.mentors[some]),
            place=found.certificate.mentor_place[some].tolist(),
            prices=tuple(price[some].tolist() for dual in duals for price in (dual.first, dual.further)),
        )


def _ids(people: Sequence[Person]) -> tuple[str, ...]:
    return tuple(person.id for person in people)


def claim_of(head: ProofHead, parts: Sequence[ProofPart]) -> Claim:
    """What a proof says. Raises NotWholeError."""
    of_mentees, of_mentors = (list(side_of(head, parts, side)) for side in ("mentee", "mentor"))
    mentors = tuple(id for part in of_mentors for id in part.ids)
    mentees = tuple(id for part in of_mentees for id in part.ids)

    def pair(part: ProofPart, at: int, mentor: int) -> Ids:
        if not (0 <= at < len(part.ids) and 0 <= mentor < len(mentors)):
            raise NotWholeError(f"the mentees from {part.start} on name somebody whom it does not speak of")
        return mentors[mentor], part.ids[at]

    def pairs(field: str) -> Iterator[Ids]:
        for part in of_mentees:
            yield from (pair(part, at, mentor) for at, mentor in enumerate(getattr(part, field)) if mentor != NOBODY)

    pinned = [(part, at) for part in of_mentees for at in part.pinned]
    return Claim(
        seed=head.seed,
        places=head.places,
        rules=head.rules,
        mentors=mentors,
        mentees=mentees,
        pairs=frozenset(pairs("mentor")),
        pins=tuple(pair(part, at, part.mentor[at] if 0 <= at < len(part.ids) else NOBODY) for part, at in pinned),
        previous=tuple(pairs("previous")),
        forbidden=tuple(pair(part, *each) for part in of_mentees for each in part.forbidden),
        certificate=_certificate(head, of_mentees, of_mentors),
        begun=head.begun,
    )


def _certificate(head: ProofHead, of_mentees: list[ProofPart], of_mentors: list[ProofPart]) -> Certificate:
    def joined(parts: list[ProofPart], row: int | None) -> Numbers:
        return np.array([n for part in parts for n in (part.place if row is None else part.prices[row])], np.int32)

    def dual(at: int, each: Prices) -> Dual:
        first, further = joined(of_mentors, 2 * at), joined(of_mentors, 2 * at + 1)
        return Dual(joined(of_mentees, at), first, further, each.out, each.scale)

    duals = [(each.level, dual(at, each)) for at, each in enumerate(head.prices)]
    one = dict(duals)
    return Certificate(
        mentee_place=joined(of_mentees, None),
        mentor_place=joined(of_mentors, None),
        most=head.most,
        by_class=tuple(dual for level, dual in duals if level == "class"),
        kept=one.get("kept"),
        lowest=one.get("lowest"),
        sum=one.get("sum"),
        ended_early=head.ended_early,
    )


def saved_of(claim: Claim, table: ScoreTable) -> Saved | None:
    """What a proof of before leaves for a round to begin with; None if it had no pair, or wild prices."""
    dual = claim.certificate.sum
    if dual is None or max(abs(dual.out), *(int(np.abs(p).max(initial=0)) for p in (dual.first, dual.further))) > FAR:
        return None
    row, column = ({p.id: at for at, p in enumerate(side)} for side in (table.mentees, table.mentors))
    mentor_of = np.full(len(row), NOBODY, np.int32)
    for mentor, mentee in claim.pairs:
        if mentor in column and mentee in row:
            mentor_of[row[mentee]] = column[mentor]
    of_mentor = [column.get(id, NOBODY) for id in claim.mentors]
    known = np.array([at != NOBODY for at in of_mentor], np.bool_)
    first, further = np.zeros(len(column), np.int32), np.zeros(len(column), np.int32)
    for price, before in ((first, dual.first), (further, dual.further)):
        price[np.array(of_mentor, np.int64)[known]] = before[known]
    held = np.flatnonzero(mentor_of != NOBODY)
    scores = table.scores[held, mentor_of[held]]
    lowest = int(scores.min()) if len(held) and scores.min() > 0 else None
    return Saved(mentor_of, lowest, replace(dual, first=first, further=further))


def as_inputs(
    claim: Claim, people: tuple[Person, ...], rules: MatchingRules, labels: Mapping[str, Text]
) -> RoundInputs:
    """The round that a proof speaks of, made of people, rules and words of topics from elsewhere."""
    return RoundInputs(
        people=people,
        rules=rules,
        places=claim.places,
        barred=claim.forbidden,
        pins=claim.pins,
        previous=claim.previous,
        seed=claim.seed,
        labels=dict(labels),
    )


def check(claim: Claim, inputs: RoundInputs, table: ScoreTable, pairs: Sequence[Ids]) -> Proven:
    """Check that these pairs are the best of a round; returns the figures of those that are not pinned.

    `inputs` and `table`: the round, from people and rules that do not come out of the proof. The table is changed
    meanwhile, and afterwards as before. Raises RefusedError.
    """
    if claim.certificate.ended_early and inputs.rules.effort is None:
        raise RefusedError("sum", "the proof says that the search was ended early, and the rules limit no effort")
    for side, ours, theirs in (("mentor", table.mentors, claim.mentors), ("mentee", table.mentees, claim.mentees)):
        _same_people(side, _ids(ours), theirs)
    row, column = ({id: at for at, id in enumerate(ids)} for ids in (claim.mentees, claim.mentors))
    mentor_of = np.full(len(row), NOBODY, np.int32)
    for mentor, mentee in pairs:
        if mentor not in column or mentee not in row:
            raise RefusedError("pairs", f"{mentor}:{mentee} are not a mentor and a mentee of this round")
        if mentor_of[row[mentee]] != NOBODY:
            raise RefusedError("pairs", f"{mentee} is in two of them")
        mentor_of[row[mentee]] = column[mentor]
    if other := claim.pairs.symmetric_difference(pairs):
        mentor, mentee = min(other)
        only = "the result" if (mentor, mentee) not in claim.pairs else "the proof"
        raise RefusedError("pairs", f"{mentor}:{mentee} is in {only} alone")
    pins = pins_of(inputs, table)
    if len(pins) != len(inputs.pins):
        held = {(claim.mentors[column], claim.mentees[row]) for row, column in pins}
        mentor, mentee = min(pin for pin in inputs.pins if pin not in held)
        raise RefusedError("pins", f"{mentor}:{mentee} cannot be fixed")
    rows = [row for row, _ in pins]
    mentor_of[rows] = NOBODY
    with shut(table, rows):
        return verify(as_problem(inputs, table, pins), mentor_of, claim.certificate)


def _same_people(side: str, ours: Sequence[str], theirs: Sequence[str]) -> None:
    if tuple(ours) == tuple(theirs):
        return
    if other := set(ours) ^ set(theirs):
        who = min(other)
        where = "not in the proof" if who in set(ours) else "in the proof, and does not take part"
        raise RefusedError("people", f"the {side} {who} is {where}")
    raise RefusedError("people", f"the {side}s are not in the order of the seed")


__all__ = ["Claim", "as_inputs", "check", "claim_of", "proof_of", "saved_of"]
