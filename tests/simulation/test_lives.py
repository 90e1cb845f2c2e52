"""People's lives in two programmes under faults: nobody is lost, doubled, matched while gone, or waits unseen."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from shared.local.system import ROOT
from tests.simulation.__main__ import failure, trace
from tests.simulation.broken import BROKEN_LIVES
from tests.simulation.checker import check
from tests.simulation.erased import LAST_CALLS
from tests.simulation.faults import Faults
from tests.simulation.lives import LivesWorld
from tests.simulation.lives_promises import kept, rare
from tests.simulation.messages import WrongError
from tests.simulation.scheduler import Crash
from tests.simulation.standing import STATES
from tests.simulation.world import StuckError

SEEDS = 12
RARE = {
    "pauses while proposed",
    "withdraws while proposed",
    "employment ends while proposed",
    "is erased while proposed",
    "withdrew while registration closed",
    "registered while registration closed",
    "in two programmes",
    "mentor here and mentee there",
    "a tandem broke a rule",
    "held back",
    "release asked",
    "erased",
    "refused: registration_closed",
    "refused: already_registered",
    "refused: replaced",
    "ended: declined",
    "ended: withdrawn",
    "ended: ended",
    "question open",
    "question answered",
    "question of somebody erased",
    "refused: answered",
    "told: question-delayed",
    "told: contact-changed",
    "topic-proposal proposed",
    "topic-proposal accepted",
    "topic-proposal merged",
    "topic-proposal declined",
    "refused: decided",
    "told: place-kept",
    "told: asked-again",
    "told: joined-again",
    "refused: not_waiting",
    "the programme is over",
}
"""What must happen at least once within the default seeds."""
RARER = {
    "ended: expired",
    "pauses with somebody",
    "pauses while asked",
    "withdraws while asked",
    "employment ends while asked",
    "is erased while asked",
    "pauses while in a tandem",
    "withdraws while in a tandem",
    "employment ends while in a tandem",
    "is erased while in a tandem",
    "waits for the round",
    "refused: erased",
    "refused: other_role",
    "refused: taken",
    "refused: unknown_programme",
    "topic-proposal of somebody erased",
    "waiting for another programme",
    *STATES,
} - {"is being erased", "registered before the close"}
"""What must happen besides within the long ones."""


def _lived(first: int, runs: int) -> set[str]:
    happened: set[str] = set()
    for seed in range(first, first + runs):
        wrong, world = failure(seed, LivesWorld)
        assert wrong is None, wrong
        assert isinstance(world, LivesWorld)
        happened |= rare(world)
    return happened


@pytest.mark.proves("S1", "S15", "P1", "P5", "P6", "P10")
def test_every_life_ends_in_one_state_that_somebody_owns_and_every_rare_one_is_lived() -> None:
    assert _lived(0, SEEDS) >= RARE


@pytest.mark.long
@pytest.mark.parametrize("first", range(SEEDS, 1000, 100))
def test_so_do_a_thousand(first: int) -> None:
    assert _lived(first, 100) >= RARE | RARER


@pytest.mark.parametrize("name", BROKEN_LIVES)
def test_broken_tables_are_caught(name: str) -> None:
    for seed in range(SEEDS):
        world = LivesWorld(seed, services=BROKEN_LIVES[name])
        try:
            world.run()
            check(world)
            kept(world)
        except (WrongError, StuckError):
            return
    pytest.fail(f"{name} passed {SEEDS} seeds")


def test_the_search_for_who_is_erased_may_end_at_each_of_its_last_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    due = [f"{moment} {name}" for name in LAST_CALLS for moment in ("before", "after")]
    call = Faults.call

    async def crashing(self: Faults, name: str, do: Callable[[], Awaitable[Any]]) -> Any:
        def crash(moment: str) -> None:
            if f"{moment} {name}" in due:
                due.remove(f"{moment} {name}")
                raise Crash

        crash("before")
        result = await call(self, name, do)
        crash("after")
        return result

    monkeypatch.setattr(Faults, "call", crashing)
    for seed in range(SEEDS):
        wrong, _ = failure(seed, LivesWorld)
        assert wrong is None, wrong
        if not due:
            return
    pytest.fail(f"never reached: {due}")


def test_the_same_seed_gives_the_same_lives() -> None:
    worlds = [LivesWorld(1), LivesWorld(1)]
    for world in worlds:
        world.run()
    assert trace(worlds[0]) == trace(worlds[1])


@pytest.mark.proves("S15")
def test_the_page_names_the_states_in_which_somebody_stands() -> None:
    page = (ROOT / "docs" / "waiting.md").read_text(encoding="utf-8")
    table = page.partition("## Where somebody stands")[2]
    named = re.findall(r"^\| ([a-z][^|]*?) \|", table, re.MULTILINE)
    assert named == list(STATES)
