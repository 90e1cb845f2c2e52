"""Compiled code is kept: found by content, wherever the sources lie, and never taken for what it is not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from services.matching.optimum.machine import LEVELS, cores, levels
from shared.local.system import ROOT

# A program that solves rounds unlike those of `warm`, and says what had to be compiled.
SOLVE = """
import numpy as np
from services.matching.optimum.compiled import KERNELS
from services.matching.optimum.levels import best
from services.matching.optimum.problem import NOT_WAITING, Problem
from services.matching.optimum.verify import verify
from services.matching.optimum.warm import warm
warm()
rng = np.random.default_rng(1)
for mentees, mentors, places in ((1, 1, 1), (40, 30, 12), (30, 90, 99)):
    scores = rng.integers(1, 1001, (mentees, mentors)).astype(np.int16)
    scores[rng.random(scores.shape) < 0.4] = -1
    mentor_class, mentee_class = (rng.choice([0, 1, NOT_WAITING], n).astype(np.int32) for n in (mentors, mentees))
    problem = Problem(scores, rng.integers(0, 3, mentors).astype(np.int32), places, mentor_class, mentee_class)
    solved = best(problem)
    verify(problem, solved.mentor_of, solved.certificate)
print(sum(sum(kernel.stats.cache_misses.values()) for kernel in KERNELS))
"""


def run(root: Path, text: str, cache: Path) -> str:
    """What a program prints that imports from `root`, without settings of the compiler from outside."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    env |= {"PYTHONPATH": str(root), "XDG_CACHE_HOME": str(cache), "PYTHONSAFEPATH": "1"}
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, env=env, cwd="/")
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def test_where_all_is_warm_a_new_process_compiles_nothing_and_writes_nothing_in_a_copy_either(tmp_path: Path) -> None:
    run(ROOT, "from services.matching.optimum.warm import warm; warm()", tmp_path / "cache")
    for folder in ("services", "shared"):
        shutil.copytree(ROOT / folder, tmp_path / "copy" / folder)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("kernels/*")}
    no_folder = tmp_path / "no-folder"
    no_folder.touch()
    for path in tmp_path.rglob("*.py"):
        os.utime(path, (1, 1))
    assert run(tmp_path / "copy", SOLVE, tmp_path / "cache" if (tmp_path / "cache").exists() else no_folder) == "0"
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("kernels/*")} == kept


@pytest.mark.long
def test_warm_knows_every_compiled_function(tmp_path: Path) -> None:
    """Of those that are called from Python; others are part of theirs."""
    text = (
        "from services.matching.optimum import warm, compiled, kept\n"
        "kept.folders = lambda source: iter(())\n"
        "warm.warm()\n"
        "print(*(k.py_func.__qualname__ for k in compiled.KERNELS if not k.signatures))"
    )
    assert run(ROOT, text, tmp_path) == ""


CALLED = """
from services.matching.optimum.compiled import compiled
NUMBER = 1
@compiled
def number():
    return NUMBER
"""
CALLS = """
from services.matching.optimum.compiled import KERNELS, compiled, when_compiling
from part.called import number
@compiled
def twice():
    return 2 * number()
told = []
with when_compiling(lambda: told.append("compiles")):
    found = twice()
print(found, *told)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with two compiled functions in two files, one of which calls the other."""
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "called.py").write_text(CALLED, encoding="utf-8")
    (tmp_path / "part" / "calls.py").write_text(CALLS, encoding="utf-8")
    return tmp_path


def calls(package: Path) -> str:
    """What a process prints that calls them."""
    text = f"import sys; sys.path.insert(0, {str(package)!r}); import part.calls"
    return run(ROOT, text, package / "cache")


def test_a_change_in_another_file_is_seen(package: Path) -> None:
    assert calls(package) == "2 compiles"
    assert calls(package) == "2"
    (package / "part" / "called.py").write_text(CALLED.replace("NUMBER = 1", "NUMBER = 4"), encoding="utf-8")
    assert calls(package) == "8 compiles"


def test_where_the_sources_cannot_be_written_the_users_own_cache_keeps_it(package: Path) -> None:
    (package / "part" / "__pycache__").touch()
    assert [calls(package), calls(package)] == ["2 compiles", "2"]
    assert list((package / "cache" / "tandem" / "kernels").iterdir())


def test_where_nothing_can_be_written_it_is_compiled_each_time(package: Path) -> None:
    (package / "part" / "__pycache__").touch()
    (package / "cache").touch()
    assert [calls(package), calls(package)] == ["2 compiles"] * 2


def test_what_is_broken_is_compiled_again(package: Path) -> None:
    assert calls(package) == "2 compiles"
    for path in package.rglob("kernels/*"):
        path.write_bytes(b"")
    assert [calls(package), calls(package)] == ["2 compiles", "2"]


def test_a_level_is_what_has_all_of_it_and_of_the_levels_below() -> None:
    v4, v3 = LEVELS
    older = dict.fromkeys(LEVELS[v3], True)
    newer = older | dict.fromkeys(LEVELS[v4], True)
    assert (levels({}), levels(older), levels(newer)) == ((), (v3,), (v4, v3))
    assert levels(newer | {"avx512vl": False}) == (v3,)
    assert levels(newer | {"avx2": False}) == ()


@pytest.mark.parametrize(
    ("limit", "given", "found"),
    [
        ({"cpu.max": "max 100000"}, 4, 4),
        ({"cpu.max": "100000 100000"}, 64, 1),
        ({"cpu.max": "150000 100000"}, 64, 2),
        ({"cpu.max": "50000 100000"}, 4, 1),
        ({"cpu.max": "800000 100000"}, 4, 4),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 4, 4),
        ({"cpu/cpu.cfs_quota_us": "200000", "cpu/cpu.cfs_period_us": "100000"}, 4, 2),
        ({}, 3, 3),
    ],
)
def test_no_more_cores_are_used_than_the_container_has(
    tmp_path: Path, limit: dict[str, str], given: int, found: int
) -> None:
    for name, text in limit.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text + "\n", encoding="ascii")
    assert cores(tmp_path, given) == found
