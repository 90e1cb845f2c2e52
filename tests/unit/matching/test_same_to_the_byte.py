"""The same round from the same saved state is the same to the byte: in any order of people, on one thread or two."""

import json
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np
import pytest

from services.matching.tool.sample import population, written

Tandem = Callable[..., tuple[int, str, str]]


@pytest.mark.proves("S7")
@pytest.mark.parametrize("more", [("--places", "90"), ()], ids=["places limit", "places do not"])
def test_pairs_and_proof_hang_on_neither_order_nor_threads(
    tmp_path: Path, tandem: Tandem, more: tuple[str, ...]
) -> None:
    people, start, before = (tmp_path / name for name in ("people.json", "start.json", "before.json"))
    entries = list(population(140, 120, 5))
    people.write_text("".join(written(iter(entries))), encoding="utf-8")
    code, out, err = tandem("match", people, "--json", "--certificate", start, *more)
    assert code == 0, err
    before.write_text(out, encoding="utf-8")
    # Two have left since.
    left = [entry for number, entry in enumerate(entries) if number not in (3, 200)]
    found = set()
    threads = numba.get_num_threads()
    for number, count in enumerate((1, 2, 1, 2)):
        mixed = [left[at] for at in np.random.default_rng(number).permutation(len(left))]
        people.write_text("".join(written(iter(mixed))), encoding="utf-8")
        proof = tmp_path / f"proof-{number}.json"
        numba.set_num_threads(min(count, threads))
        try:
            code, out, err = tandem(
                "match", people, "--json", "--start", start, "--previous", before, "--certificate", proof, *more
            )
        finally:
            numba.set_num_threads(threads)
        assert code == 0, err
        result = json.loads(out)
        del result["seconds"], result["seconds_of"]
        found.add((json.dumps(result), proof.read_text(encoding="utf-8")))
    assert len(found) == 1
