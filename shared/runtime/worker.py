"""Runs a job's pure work: light work here, heavy work in a process of its own, which alone loads the heavy libraries.

As a program (`python -m shared.runtime.worker`) it is that process: one JSON line in (`work`, `inputs`); out come any
number of lines that tell how far the work is (`told`), and at last one answer (`pieces`, `again`, or `error`). It stays
warm for the next job and ends when it has been idle for a while.
"""

import asyncio
import contextlib
import importlib
import inspect
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import BaseModel

from shared.runtime.ports import Piece, Pieces, WorkFailed
from shared.runtime.table import Again, Job, Work
from shared.runtime.telling import finished, piece_of

LINE_LIMIT = 1 << 30
"""The longest line that is read, in bytes: a job's whole input or result."""
TOLD = b'{"told":'
"""How a line begins that tells something on the way."""


def done(work: Work, inputs: BaseModel, tell: Callable[[Piece], None]) -> Pieces:
    """Do the work here: its result as the engine stores it; what it yields on the way is told at once."""
    result = finished(work(inputs), lambda piece: tell(piece_of(piece)))
    again = isinstance(result, Again)
    pieces = result.pieces if isinstance(result, Again) else result
    return Pieces(tuple(piece_of(piece) for piece in pieces), again)


@dataclass
class ProcessWorker:
    """One heavy job at a time, in a child process that this one starts when it is first needed.

    `beat_seconds` is how often the lease is renewed meanwhile; `idle_seconds` how long the child stays for the next.
    """

    beat_seconds: float = 4.0
    idle_seconds: float = 20.0
    _child: asyncio.subprocess.Process | None = field(default=None, init=False)
    _left: list[asyncio.subprocess.Process] = field(default_factory=list, init=False)
    _idle: asyncio.TimerHandle | None = field(default=None, init=False)

    async def run(
        self, job: Job, inputs: BaseModel, beat: Callable[[], Awaitable[None]], tell: Callable[[Piece], None]
    ) -> Pieces:
        """Do the work and keep the lease; `tell` what the work yields.

        Raises WorkFailed, and what `beat` or `tell` raises (the child is then ended).
        """
        if callable(job.work):
            try:
                return done(job.work, inputs, tell)
            except Exception as error:
                raise WorkFailed(f"{type(error).__name__} in {job.name}") from error
        task = asyncio.ensure_future(self._ask(job.work, inputs, tell))
        try:
            while not (await asyncio.wait({task}, timeout=self.beat_seconds))[0]:
                await beat()
            return task.result()
        except BaseException:
            task.cancel()
            if not isinstance(sys.exception(), WorkFailed):
                await self.close()
            raise

    async def _ask(self, work: str, inputs: BaseModel, tell: Callable[[Piece], None]) -> Pieces:
        child = await self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            # Two lines: the second one may be very long, and is read into its model without a step between.
            child.stdin.write(f"{work}\n{inputs.model_dump_json()}\n".encode())
            await child.stdin.drain()
            while (answer := await child.stdout.readline()).startswith(TOLD):
                tell(tuple(json.loads(answer)["told"]))
        except (ConnectionError, ValueError) as error:
            answer = b""
            reason = type(error).__name__
        else:
            reason = "it ended"
        if not answer:
            self._left.append(child)
            self._child = None
            raise WorkFailed(f"the process of {work} broke off ({reason})")
        result = json.loads(answer)
        if "error" in result:
            raise WorkFailed(f"{result['error']} in {work}")
        self._idle = asyncio.get_running_loop().call_later(self.idle_seconds, self._end)
        return Pieces(tuple((name, data) for name, data in result["pieces"]), result["again"])

    async def _started(self) -> asyncio.subprocess.Process:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if self._child is None or self._child.returncode is not None:
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "shared.runtime.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=LINE_LIMIT,
                # Long arithmetic must not take the processor from the service.
                preexec_fn=_be_nice,
            )
        return self._child

    def _end(self) -> None:
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()
            self._left = [*(child for child in self._left if child.returncode is None), self._child]
            self._child = None

    async def close(self) -> None:
        """End the child; what it was working on is taken up again by whoever gets the lease."""
        children = [*self._left, *([self._child] if self._child is not None else [])]
        self._left, self._child = [], None
        for child in children:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
            await child.wait()
            # asyncio closes it a little after the process has ended, which a loop that ends now would never see.
            child._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001


def _be_nice() -> None:
    os.nice(5)


def load_work(name: str) -> tuple[Work, type[BaseModel]]:
    """The function behind `package.module:function`, and the model of its inputs."""
    module, function = name.split(":")
    work = getattr(importlib.import_module(module), function)
    inputs = next(iter(inspect.signature(work, eval_str=True).parameters.values())).annotation
    return cast(Work, work), cast(type[BaseModel], inputs)


def answer(name: str, line: bytes, say: Callable[[dict[str, Any]], None]) -> dict[str, Any]:  # JSON
    """Do the work of this name; an error is named by its type alone, since its text may hold personal data."""
    try:
        work, model = load_work(name)
        pieces = done(work, model.model_validate_json(line), lambda piece: say({"told": piece}))
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the answer
        return {"error": type(error).__name__}
    return {"pieces": pieces.pieces, "again": pieces.again}


def main() -> None:
    """Answer lines until there are no more; nothing but answers goes to standard output."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(line: dict[str, Any]) -> None:  # JSON
        answers.write(json.dumps(line, ensure_ascii=False) + "\n")
        answers.flush()

    lines = sys.stdin.buffer
    while name := lines.readline():
        say(answer(name.decode().rstrip("\n"), lines.readline(), say))


if __name__ == "__main__":
    main()
