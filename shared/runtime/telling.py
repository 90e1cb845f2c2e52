"""What work tells while it is at work: how far it has come. Said at most once, by whoever holds the lease.

Work that tells is a generator: it yields pieces on the way, and returns its result. Nothing waits for what it yields;
only the newest is kept until the lease is next renewed, and a replica that dies takes it along.
"""

from collections.abc import Callable, Generator
from typing import Any

from shared.runtime.decision import Internal
from shared.runtime.ports import Piece
from shared.runtime.table import Result


def piece_of(piece: Internal) -> Piece:
    """A piece as a job stores it."""
    return type(piece).__name__, piece.model_dump(mode="json")


def finished(work: Generator[Internal, None, Result] | Result, tell: Callable[[Internal], None]) -> Result:
    """What the work returns in the end; what it yields on the way is told."""
    if not isinstance(work, Generator):
        return work
    while True:
        try:
            on_the_way = next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        tell(on_the_way)


def with_told(state: dict[str, Any], piece: Piece) -> dict[str, Any]:
    """A job's state with what it tells next. Its number goes on whoever has the lease, so nothing is said twice."""
    return {**state, "told": {"number": state.get("told", {"number": 0})["number"] + 1, "piece": list(piece)}}


def told_id(job: str, state: dict[str, Any]) -> str:
    """The id of what a job has told last."""
    return f"told.{job}.{state['told']['number']}"
