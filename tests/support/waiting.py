"""Waiting for a condition, with a limit: what every test on real servers does instead of sleeping."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any


async def until(
    condition: Callable[[], Any], what: str = "the condition", limit: float = 20.0, pause: float = 0.1
) -> Any:
    """What a condition, or a coroutine of one, says once it is true. Fails after `limit` seconds."""
    end = time.monotonic() + limit
    while True:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < end, f"{what}: not within {limit:g} s"
        await asyncio.sleep(pause)
