"""A saved state is a head start and no more: one that leads astray is left aside."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from services.matching import assignment
from services.matching.assignment import assign
from services.matching.optimum.certificate import Dual
from services.matching.optimum.levels import Best, best
from services.matching.optimum.problem import NOBODY, Problem
from services.matching.optimum.saved import Saved
from services.matching.people import RoundInputs
from services.matching.proving import FAR, claim_of, proof_of, saved_of
from services.matching.table import score_table
from services.matching.tool.reading import Given, people_of
from services.matching.tool.sample import population, written
from services.matching.tool.statement import Statement, lines

Tandem = Callable[..., tuple[int, str, str]]


@pytest.fixture
def inputs() -> RoundInputs:
    content = "".join(written(population(30, 25, 4))).encode()
    return RoundInputs(people=people_of(Given("sample", content)).people, places=30, seed="1")


def test_where_a_saved_state_leads_astray_the_round_is_solved_without_it(
    inputs: RoundInputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = score_table(inputs)
    plain = assign(inputs, table)

    def astray(problem: Problem, saved: Saved | None, most: int) -> Best:
        if saved is not None:
            raise ArithmeticError("prices too high to count with")
        return best(problem, saved, most)

    monkeypatch.setattr(assignment, "best", astray)
    zero = np.zeros(len(table.mentors), np.int32)
    saved = Saved(
        np.full(len(table.mentees), NOBODY, np.int32),
        None,
        Dual(np.zeros(len(table.mentees), np.int32), zero, zero, 0),
    )
    again = assign(inputs, table, saved)
    assert (again.mentor_of == plain.mentor_of).all()
    assert not again.begun


def test_prices_that_no_round_comes_to_are_no_state_to_begin_at(inputs: RoundInputs) -> None:
    table = score_table(inputs)
    found = assign(inputs, table)
    head, parts = proof_of(inputs, table, found)
    claim = claim_of(head, tuple(parts))
    assert saved_of(claim, table) is not None
    assert claim.certificate.sum is not None
    claim.certificate.sum.first[0] = FAR + 1
    assert saved_of(claim, table) is None


def test_a_proof_says_that_ties_hang_on_an_earlier_one(inputs: RoundInputs) -> None:
    table = score_table(inputs)
    first = assign(inputs, table)
    head, parts = proof_of(inputs, table, first)
    claim = claim_of(head, tuple(parts))
    assert not claim.begun
    second = assign(inputs, table, saved_of(claim, table))
    head, parts = proof_of(inputs, table, second)
    claim = claim_of(head, tuple(parts))
    assert claim.begun
    said = {line.level: line.text.en for line in lines(Statement(inputs, second.proven, begun=claim.begun))}
    assert "It and the earlier proof at which the search began decide" in said["seed"]


def test_a_proof_with_wild_prices_begins_a_match_all_the_same(tmp_path: Path, tandem: Tandem) -> None:
    people, proof = tmp_path / "people.json", tmp_path / "proof.json"
    people.write_text("".join(written(population(30, 25, 4))), encoding="utf-8")
    assert tandem("match", people, "--json", "--certificate", proof)[0] == 0
    text = proof.read_text(encoding="utf-8")
    assert '"prices":[[' in text
    proof.write_text(text.replace('"prices":[[', '"prices":[[2147483647,').replace('"place":[', '"place":[1,'))
    code, _, err = tandem("match", people, "--json", "--start", proof)
    assert code in (0, 2), err
    assert "Traceback" not in err
