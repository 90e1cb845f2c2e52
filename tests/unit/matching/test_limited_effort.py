"""Where the rules limit the effort: the result says how far from the best it may be, and begins another that is."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.matching import assignment
from services.matching.optimum import highest_sum
from services.matching.people import Person, RoundInputs
from services.matching.solution import OfferNew, Progress, Propose, Solved
from services.matching.solving import solve_round
from services.matching.to_solve import Solving
from services.matching.tool.sample import population, written
from shared.contracts.parts import MatchingRules, Profile, Side, TopicLevel, WorkingTime
from shared.runtime.telling import finished

Tandem = Callable[..., tuple[int, str, str]]
PEOPLE = 1000
"""On either side of a family whose highest sum takes long."""


@dataclass
class Ended:
    """A match that ended early, in a folder."""

    people: Path
    rules: Path
    result: Path
    proof: Path
    page: Path


@pytest.fixture
def ended(tmp_path: Path, tandem: Tandem) -> Ended:
    files = Ended(
        *(tmp_path / name for name in ("people.json", "rules.json", "result.json", "proof.json", "page.html"))
    )
    files.people.write_text("".join(written(population(PEOPLE, PEOPLE, 1, "shifted"))), encoding="utf-8")
    files.rules.write_text('{"matching": {"effort": 1}}', encoding="utf-8")
    options = ("--rules", files.rules, "--certificate", files.proof, "--html", files.page)
    code, out, err = tandem("match", files.people, "--json", *options)
    assert code == 0, err
    files.result.write_text(out, encoding="utf-8")
    return files


def test_a_result_says_how_far_its_sum_may_be_and_its_proof_begins_one_that_is_the_best(
    ended: Ended, tandem: Tandem, tmp_path: Path
) -> None:
    first: dict[str, Any] = json.loads(ended.result.read_text(encoding="utf-8"))
    assert first["optimal"] is False
    assert 0 < first["gap"] < 0.001 * first["total_score"]
    assert f"Höher sein könnte sie höchstens um {first['gap']}." in ended.page.read_text(encoding="utf-8")
    _, out, _ = tandem("match", ended.people, "--json", "--start", ended.proof)
    best = json.loads(out)
    assert (best["optimal"], best["gap"]) == (True, 0)
    assert (best["tandems"], best["lowest_score"]) == (first["tandems"], first["lowest_score"])
    assert first["total_score"] <= best["total_score"] <= first["total_score"] + first["gap"]


def test_verify_says_the_gap_and_refuses_who_hides_it(ended: Ended, tandem: Tandem) -> None:
    files = (ended.people, ended.result, ended.proof, "--rules", ended.rules)
    result = json.loads(ended.result.read_text(encoding="utf-8"))
    code, out, _ = tandem("verify", *files)
    assert code == 3, "bounded, not proven"
    assert f"at most {result['gap']} more might be possible" in out
    code, out, _ = tandem("verify", *files, "--json")
    said = json.loads(out)
    assert (code, said["proven"], said["figures"]["gap"]) == (3, False, result["gap"])
    assert {line["level"]: line["proven"] for line in said["levels"]}["sum"] is False
    ended.result.write_text(json.dumps({**result, "optimal": True}), encoding="utf-8")
    code, _, err = tandem("verify", *files)
    assert (code, err) == (1, "tandem: not proven: optimal: it is false, not true\n")
    ended.result.write_text(json.dumps({**result, "gap": result["gap"] - 1}), encoding="utf-8")
    code, _, err = tandem("verify", *files)
    assert (code, err) == (1, f"tandem: not proven: gap: it is {result['gap']}, not {result['gap'] - 1}\n")
    for gap in ({}, {"gap": None}):
        ended.result.write_text(json.dumps({k: v for k, v in result.items() if k != "gap"} | gap), encoding="utf-8")
        code, _, err = tandem("verify", *files)
        told = "none" if gap else "said"
        assert (code, err) == (1, f"tandem: not proven: gap: it is {result['gap']}, not {told}\n")
    ended.result.write_text(json.dumps(result), encoding="utf-8")
    head, *parts = ended.proof.read_text(encoding="utf-8").splitlines()
    ended.proof.write_text("\n".join([head.replace('"ended_early":true', '"ended_early":false'), *parts]))
    code, _, err = tandem("verify", *files)
    assert code == 1
    assert err.startswith("tandem: not proven: sum: the prices allow ")


def test_a_proof_that_was_ended_early_is_refused_where_the_rules_limit_nothing(ended: Ended, tandem: Tandem) -> None:
    head, *parts = ended.proof.read_text(encoding="utf-8").splitlines()
    claim = json.loads(head)
    claim["rules"]["effort"] = None
    ended.proof.write_text("\n".join([json.dumps(claim), *parts]), encoding="utf-8")
    code, _, err = tandem("verify", ended.people, ended.result, ended.proof)
    assert code == 1
    assert (
        err
        == "tandem: not proven: sum: the proof says that the search was ended early, and the rules limit no effort\n"
    )


def person(side: Side, number: int) -> Person:
    """Somebody with levels of five topics that follow from side and number."""
    random = np.random.default_rng([side == "mentor", number])
    topics = tuple(TopicLevel(topic_id=str(topic), level=int(random.integers(1, 6))) for topic in range(5))
    mentor = side == "mentor"
    profile = Profile(
        department=f"{side}-{number}",
        unit=(),
        site="",
        grade=9 if mentor else 15,
        languages=("de",),
        working_times=(WorkingTime(weekday=0, start=540, end=960),),
        strengths=topics if mentor else (),
        concerns=() if mentor else topics,
    )
    return Person(id=f"{side}-{number}", role=side, profile=profile, position=f"{side}-{number}")


def test_a_round_tells_the_gap_with_its_progress_and_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    # A small round is over before a million pairs are looked at, and mostly after the auction.
    monkeypatch.setattr(assignment, "MILLION", -1)
    monkeypatch.setattr(highest_sum, "auction", lambda *_: 0)
    rules = MatchingRules(effort=1, lowest_first=False)
    sides: tuple[Side, ...] = ("mentor", "mentee")
    inputs = RoundInputs(
        people=tuple(person(side, number) for side in sides for number in range(12)), rules=rules, places=12, seed="1"
    )
    told: list[object] = []
    pieces = finished(solve_round(Solving(round_id="r", inputs=inputs)), told.append)
    assert isinstance(pieces, tuple)
    done = pieces[-1]
    assert isinstance(done, Solved)
    assert done.proposals == sum(isinstance(piece, Propose | OfferNew) for piece in pieces) == 12
    assert done.gap > 0
    stages = {piece.stage: piece for piece in (*told, *pieces) if isinstance(piece, Progress)}
    assert list(stages) == ["scoring", "solving", "explaining", "ended"]
    last = stages["ended"]
    assert last.bound == done.sum_of_scores + done.gap
    assert last.gap == pytest.approx(done.gap / last.bound)
