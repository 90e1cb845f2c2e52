from collections import Counter

import pytest

from shared.runtime.ports import Deliveries, Store
from tests.simulation import faults
from tests.simulation.__main__ import failure, trace
from tests.simulation.broken import BROKEN
from tests.simulation.checker import check
from tests.simulation.erased import LAST_CALLS
from tests.simulation.messages import WrongError
from tests.simulation.pilot import PilotWorld, broken_promises
from tests.simulation.pilot_meetings import happened
from tests.simulation.world import StuckError, World
from tests.support.shop import Counting

CHUNK = 250
LIVED = (
    "meeting-held: confirmed",
    "meeting-held: assumed",
    "meeting-unknown",
    "meeting-missed",
    "meeting-accepted: given",
    "meeting-accepted: assumed",
    "meeting-moved",
    "invitation-written: CANCEL",
    "told: reminder",
    "told: reply-without-effect",
    "delegate-named",
    *(f"by a calendar: meeting-{done}" for done in ("accepted", "moved", "cancelled")),
    *(f"by a delegate: {done}" for done in ("meeting-accepted", "meeting-cancelled", "command-rejected")),
)
"""What of meetings must happen in the four tables' worlds: each way in which one ends, and each way to answer."""
RARE = (
    "unknown commit applied",
    "unknown commit not applied",
    "unknown commit applied later",
    "applied later, and it counted",
    "applied later, and it was refused",
    "a lease expired while its worker went on",
    "refused",
    "unconfirmed, and it arrived",
    "connection lost",
    "connection lost while publishing",
    "done, and the answer was lost",
    "blocked for longer than a claim",
)


@pytest.mark.parametrize("chunk", [*range(4), *(pytest.param(n, marks=pytest.mark.long) for n in range(4, 8))])
def test_every_promise_holds_under_two_thousand_seeds(chunk: int) -> None:
    wrong = [found for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK) if (found := failure(seed)[0])]
    assert wrong == [], wrong[0]


@pytest.mark.parametrize("first", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(30, 600, 30))])
def test_every_promise_holds_for_the_four_services_tables(first: int) -> None:
    said: Counter[str] = Counter()
    lived: Counter[str] = Counter()
    for seed in range(first, first + 30):
        wrong, world = failure(seed, PilotWorld)
        assert wrong is None, wrong
        assert isinstance(world, PilotWorld)
        assert broken_promises(world) == [], f"seed {seed}"
        said += Counter(key for _, key, _, _ in world.broker.passed)
        lived += happened(world)
    for name in (
        "matching.tandem-formed",
        "scheduling.tandem-needs-attention",
        "evaluation.survey-opened",
        "matching.tandem-ended",
        "matching.round-closed",
    ):
        assert said[f"{name}.v1"], f"never said: {name}"
    assert not [name for name in LIVED if not lived[name]], "never happened"


@pytest.mark.parametrize("name", ["no inbox", "no outbox", "no version guard", "no attempt token"])
def test_a_broken_engine_is_caught_by_the_four_services_tables(name: str) -> None:
    for seed in range(40):
        world = PilotWorld(seed, store=BROKEN[name].store)
        try:
            world.run()
            check(world)
        except (WrongError, StuckError):
            return
    pytest.fail(f"an engine with {name} passed 40 seeds")


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_engine_is_caught(name: str) -> None:
    for seed in range(1000):
        world = BROKEN[name].world(seed)
        try:
            world.run()
            check(world)
        except (WrongError, StuckError):
            return
    pytest.fail(f"an engine with {name} passed 1000 seeds")


def test_a_crash_before_and_after_every_call_of_a_port_and_every_rare_path_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(faults, "CRASH", 0.02)
    calls = {name for port in (Store, Deliveries) for name in vars(port) if not name.startswith("_")}
    calls -= {"counts", "healthy", "trace", "census", "oldest", "forget_links", *LAST_CALLS}
    calls |= {"work"}
    wanted = {f"crash {moment} {name}" for moment in ("before", "after") for name in calls} | {*RARE, Counting.name}
    seen: Counter[str] = Counter()
    for seed in range(10_000, 11_500):
        wrong, world = failure(seed)
        assert wrong is None, wrong
        seen += world.faults.seen
        seen += Counter(key for _, key, _, _ in world.broker.passed)
        if wanted <= set(seen):
            return
    pytest.fail(f"never reached: {sorted(wanted - set(seen))}")


def test_a_message_that_kills_its_process_ends_in_quarantine_alone() -> None:
    reached = 0
    for seed in range(100):
        world = World(seed)
        world.run()
        check(world)
        for record in world.databases["library"].records.values():
            reason = (record.state or {}).get("reason", "")
            reached += record.kind == "_kept" and "killed_its_process" in reason
    assert reached > 5


def test_the_same_seed_gives_the_same_run() -> None:
    worlds = [World(7), World(7), World(8)]
    for world in worlds:
        world.run()
    traces = [trace(world) for world in worlds]
    assert traces[0] == traces[1] != traces[2]
