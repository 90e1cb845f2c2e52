"""`./tandem simulate`: many seeds, or one again."""

import argparse
import hashlib
import sys
import time
from collections import Counter

from tests.simulation.checker import check
from tests.simulation.lives import LivesWorld
from tests.simulation.lives_promises import kept
from tests.simulation.messages import WrongError
from tests.simulation.pilot import PilotWorld
from tests.simulation.world import StuckError, World

OPTIONS: dict[type[World], str] = {PilotWorld: " --pilot", LivesWorld: " --lives"}
"""How a kind of world is asked for."""


def trace(world: World) -> str:
    """A digest of everything that was committed and published: equal for equal seeds."""
    hashed = hashlib.sha256()
    for name in sorted(world.databases):
        for change in world.databases[name].history:
            hashed.update(repr(change).encode())
    for passed in world.broker.passed:
        hashed.update(repr(passed).encode())
    return hashed.hexdigest()


def failure(seed: int, kind: type[World] = World) -> tuple[str | None, World]:
    """What went wrong under a seed, with the command that replays it."""
    world = kind(seed)
    try:
        world.run()
        check(world)
        if isinstance(world, LivesWorld):
            kept(world)
    except (StuckError, WrongError) as error:
        option = OPTIONS.get(kind, "")
        return f"{type(error).__name__}: {error}\nreplay it with: ./tandem simulate --seed {seed}{option}", world
    return None, world


def main() -> int:
    """Run the seeds; exit code 1 if one failed."""
    parser = argparse.ArgumentParser(prog="tandem simulate")
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--seed", type=int)
    kinds = parser.add_mutually_exclusive_group()
    for world_, option in OPTIONS.items():
        kinds.add_argument(option.strip(), action="store_const", dest="kind", const=world_, default=World)
    given = parser.parse_args()
    seeds = [given.seed] if given.seed is not None else range(given.seeds)
    begun, handled, steps, seen, failed = time.monotonic(), 0, 0, Counter[str](), 0
    for seed in seeds:
        wrong, world = failure(seed, given.kind)
        handled += world.handled
        steps += world.scheduler.steps
        seen += world.faults.seen
        if wrong:
            failed += 1
            print(f"seed {seed}: {wrong}", file=sys.stderr)  # noqa: T201
    seconds = time.monotonic() - begun
    text = (
        f"{len(seeds)} seeds, {failed} failed; {handled} messages handled, {steps} steps, {sum(seen.values())} faults"
    )
    print(f"{text}, {seconds:.1f} s")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
