"""The proof of a round stays in matching's own database: read back it proves the round, and it is told to nobody."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from services.matching import proof, solving
from services.matching.assignment import Assignment, assign
from services.matching.forgetting import Forget
from services.matching.model import KeptPart, KeptProof, Proposal, Round
from services.matching.optimum.problem import NOBODY
from services.matching.optimum.saved import Saved
from services.matching.people import RoundInputs
from services.matching.proof import ProofHead, ProofPart
from services.matching.proof_kept import KeepProof, KeepProofPart, kept_proof
from services.matching.proving import as_inputs, check, claim_of
from services.matching.service import service
from services.matching.table import ScoreTable, score_table
from services.matching.to_solve import solving as reading
from services.matching.view import VIEW
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.runtime import asyncapi
from shared.runtime.table import Job
from shared.runtime.telling import finished
from tests.support.reference import Scenario, given
from tests.unit.matching.people import (
    MENTORS,
    TODAY,
    Reading,
    a_round,
    approved,
    closed,
    no,
    of_kind,
    people,
    programme,
    round_of,
    tandems,
)

Kept = tuple[ProofHead, tuple[ProofPart, ...]]
PARTS = 4
"""Of three mentors and three mentees, two to a part."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[RoundInputs]:
    """What rounds are solved of, the newest last; a part of a proof speaks of two people at most."""
    monkeypatch.setattr(proof, "PEOPLE", 2)
    found: list[RoundInputs] = []

    def noted(inputs: RoundInputs, table: ScoreTable, saved: Saved | None) -> Assignment:
        found.append(inputs)
        begun.append([] if saved is None else sorted(pairs_of(saved, table)))
        return assign(inputs, table, saved)

    monkeypatch.setattr(solving, "assign", noted)
    begun.clear()
    return found


begun: list[list[tuple[str, str]]] = []
"""With which pairs each solution was begun, the newest last."""


def pairs_of(saved: Saved, table: ScoreTable) -> list[tuple[str, str]]:
    """(mentor, mentee), by their ids."""
    return [(table.mentors[at].id, table.mentees[row].id) for row, at in enumerate(saved.mentor_of) if at != NOBODY]


def kept(scenario: Scenario, offer: m.OfferName = "fewest_changes") -> Kept | None:
    return asyncio.run(kept_proof("pilot", offer, Reading(scenario)))


def proven(scenario: Scenario, inputs: RoundInputs, offer: m.OfferName = "fewest_changes") -> tuple[int, int]:
    """So many people are in the parts, and so many tandems they prove to be the best of the round."""
    found = kept(scenario, offer)
    assert found is not None
    claim = claim_of(*found)
    again = as_inputs(claim, inputs.people, inputs.rules, inputs.labels)
    check(claim, again, score_table(again), tuple(claim.pairs))
    return len(claim.mentors) + len(claim.mentees), len(claim.pairs)


@pytest.mark.proves("S6")
def test_what_is_kept_of_a_round_proves_its_pairs_against_its_people(asked: list[RoundInputs]) -> None:
    scenario = a_round()
    assert proven(scenario, asked[-1]) == (6, 2)
    assert len(of_kind(scenario, KeptPart)) == PARTS
    assert kept(scenario, "full_order") is None, "it was no re-match"


def test_a_round_with_fewer_people_takes_the_place_of_the_one_before_and_what_is_left_of_that_is_forgotten(
    asked: list[RoundInputs],
) -> None:
    scenario = tandems()
    scenario.given(programme(r.ProgrammeChanged, status="closed", places=3, closed_set=closed().closed_set))
    scenario.when(m.StartRound(programme_id="pilot")).then_among(m.PairProposed)
    assert proven(scenario, asked[-1]) == (2, 1)
    assert len(of_kind(scenario, KeptProof)) == 1
    assert {kept.round for kept in (*of_kind(scenario, KeptProof), *of_kind(scenario, KeptPart))} == {
        max(of_kind(scenario, Round), key=lambda r: r.number).id
    }


def test_a_proof_is_forgotten_when_the_programme_ends(asked: list[RoundInputs]) -> None:
    scenario = a_round()
    assert of_kind(scenario, KeptPart) != []
    scenario.given(programme(r.ProgrammeEnded, status="ended", closed_set=closed().closed_set))
    assert of_kind(scenario, KeptProof) == []
    assert of_kind(scenario, KeptPart) == []


def test_what_a_later_round_has_put_in_its_place_is_not_forgotten_with_an_earlier_one(
    asked: list[RoundInputs],
) -> None:
    scenario = a_round()
    for kept_ in (*of_kind(scenario, KeptProof), *of_kind(scenario, KeptPart)):
        scenario.when(Forget(kind=kept_.kind, id=kept_.id, round_id=MENTORS[0])).then_nothing()
    assert proven(scenario, asked[-1]) == (6, 2)


def test_a_re_match_keeps_the_proof_of_each_of_its_solutions(asked: list[RoundInputs]) -> None:
    scenario = approved()
    one, *_ = of_kind(scenario, Proposal)
    scenario.given(no(one, one.mentor)).when(TODAY + dt.timedelta(days=1))
    fewest, full = asked[-2:]
    assert (len(fewest.previous), full.previous) == (1, ())
    assert proven(scenario, fewest) == (6, 2)
    assert proven(scenario, full, "full_order") == (6, 2)


def test_a_round_begins_with_the_pairs_of_the_one_before(asked: list[RoundInputs]) -> None:
    scenario = approved()
    proposed = sorted((p.mentor, p.mentee) for p in of_kind(scenario, Proposal))
    assert begun == [[]], "nothing was before the first round"
    one, *_ = of_kind(scenario, Proposal)
    scenario.given(no(one, one.mentor)).when(TODAY + dt.timedelta(days=1))
    assert begun[1:] == [proposed, proposed]


def by_hand() -> tuple[Scenario, list[KeepProof | KeepProofPart]]:
    """A round that is being solved, and what its solver hands over to be kept."""
    rows = tuple(
        replace(row, work=lambda inputs: ()) if isinstance(row, Job) and row.name == "solve" else row
        for row in service.rows
    )
    scenario = given(replace(service, rows=rows), programme(), *people(), closed(), today=TODAY)
    work = asyncio.run(reading(round_of(scenario), Reading(scenario)))
    result = finished(solving.solve_round(work), lambda piece: None)
    assert isinstance(result, tuple)
    return scenario, [piece for piece in result if isinstance(piece, KeepProof | KeepProofPart)]


def test_what_is_not_yet_there_as_a_whole_is_not_read_and_nobody_is_told_of_it(asked: list[RoundInputs]) -> None:
    scenario, pieces = by_hand()
    assert len(pieces) == 1 + PARTS
    for piece in pieces:
        assert kept(scenario) is None
        scenario.when(piece).then_nothing()
    assert proven(scenario, asked[-1]) == (6, 2)
    other = {
        subject: a.but(round=MENTORS[0])
        for subject, a in scenario.reference.state.items()
        if isinstance(a, KeptPart) and (a.part.side, a.part.start) == ("mentee", 2)
    }
    assert len(other) == 1
    scenario.reference.state.update(other)
    assert kept(scenario) is None, "one part is of another round"


def test_a_part_that_comes_when_its_round_is_over_changes_nothing(asked: list[RoundInputs]) -> None:
    scenario, pieces = by_hand()
    scenario.given(programme(r.ProgrammeEnded, status="ended", closed_set=closed().closed_set))
    for piece in pieces:
        scenario.when(piece).then_nothing()
    assert of_kind(scenario, KeptProof) == []
    assert of_kind(scenario, KeptPart) == []


@pytest.mark.proves("P1")
def test_a_kept_proof_is_in_no_view_and_the_record_of_processing_says_why_it_is_kept() -> None:
    assert set(VIEW.aggregates).isdisjoint([KeptProof, KeptPart])
    rows = [row for row in asyncapi.data_map([service]) if "KeepProofPart" in row["message"]]
    assert {row["field"].removeprefix("part.") for row in rows} == ProofPart.model_fields.keys() - {"side", "start"}
    assert {row["readers"] for row in rows} == {"matching alone: prices may hang on vetoes"}
