"""What the machine gives to compiled code: how many cores, and for which kind of processor to compile."""

import os
from collections.abc import Mapping
from pathlib import Path

LEVELS: dict[str, tuple[str, ...]] = {
    "x86-64-v4": ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"),
    "x86-64-v3": ("avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"),
}
"""Kinds of processor, the best first, each with what it has more than the next (x86-64 psABI, "micro-architecture
levels"). Code for a level runs on every processor of that level, so an image may bring it along."""

CGROUP = Path("/sys/fs/cgroup")


def levels(features: Mapping[str, bool]) -> tuple[str, ...]:
    """The levels that a processor with these features can run, the best first; none if it is of another kind."""
    names = tuple(LEVELS)
    return tuple(
        level
        for at, level in enumerate(names)
        if all(features.get(feature, False) for each in names[at:] for feature in LEVELS[each])
    )


def cores(group: Path = CGROUP, given: int | None = None) -> int:
    """The cores that this process may use: those of its affinity (`given`), or fewer by its container's limit.

    A limit of one and a half cores counts as two.
    """
    count = len(os.sched_getaffinity(0)) if given is None else given
    quota, period = _limit(group)
    return max(1, min(count, -(-quota // period))) if quota > 0 and period > 0 else count


def _limit(group: Path) -> tuple[int, int]:
    """Microseconds of processor time within a period, and the period, of cgroup v2 or v1; 0 for no limit."""
    for names in (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):
        try:
            words = " ".join((group / name).read_text(encoding="ascii") for name in names).split()
        except OSError:
            continue
        quota, period = words
        return (0, 0) if quota == "max" else (int(quota), int(period))
    return 0, 0


def main() -> None:
    """Print the levels of this processor, or its name where it is of another kind, for who compiles ahead."""
    import llvmlite.binding

    print(*(levels(llvmlite.binding.get_host_cpu_features()) or (llvmlite.binding.get_host_cpu_name(),)))  # noqa: T201
