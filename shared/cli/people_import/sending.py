"""The commands of an import, sent as the office: many on the way at once, never more than a window holds."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from shared.cli.people_import.plan import ANSWERS, Plan, Step
from shared.client import Client, ClientError, NotConfirmed
from shared.contracts import registration as r
from shared.contracts.base import Reason
from shared.runtime.envelope import Envelope

OFFICE = "office"
WINDOW = 200
"""Rows on the way at once: as many as a batch of the service's or two, so that it never waits for us."""
PATIENCE = 60.0
"""Seconds within which an answer is expected."""
REPLACED = "replaced"
"""The code of a refusal because somebody else was faster."""
UNCLEAR = frozenset(("already_registered", REPLACED))
"""Why a command is refused that had its effect before, or that somebody else was faster than."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row that was sent: taken, refused with reasons, or not answered.

    `steps` is how many of its commands were taken: some, of a row that was taken by half.
    """

    row: int
    taken: bool
    reasons: tuple[Reason, ...] = ()
    steps: int = 0

    @property
    def unclear(self) -> bool:
        """Whether only registration can say how the row stands now."""
        return not self.taken and (not self.reasons or any(reason.code in UNCLEAR for reason in self.reasons))


@dataclass
class Sender:
    """Sends plans and says what became of each; after `stop` nothing new is sent, and what is on the way is awaited.

    `actor` is the opaque id of who imports. The commands are the office's all the same: it alone may send them for
    others, and no decision takes who acts for the office for the person.
    """

    url: str = field(repr=False)
    actor: str | None = None
    told: Callable[[int], None] = field(default=lambda count: None)
    window: int = WINDOW
    patience: float = PATIENCE
    outcomes: list[Outcome] = field(default_factory=list)
    failed: ClientError | None = None
    _stopped: bool = False
    _answers: dict[str, asyncio.Future[Envelope]] = field(default_factory=dict)

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True

    async def send(self, plans: Sequence[Plan]) -> None:
        """Send what the plans hold; `outcomes` grows row by row, `failed` is why no more could be sent.

        Raises ClientError where the broker cannot be reached at all.
        """
        keys = {kind.name for kind in ANSWERS.values()} | {r.CommandRejected.name}
        async with Client(self.url, OFFICE, keys=keys, heard=self._hear) as client:
            waiting = iter(plans)
            await asyncio.gather(*(self._work(client, waiting) for _ in range(min(self.window, len(plans)))))

    async def _work(self, client: Client, waiting: Iterator[Plan]) -> None:
        for plan in waiting:
            if self._stopped:
                return
            try:
                self.outcomes.append(await self._row(client, plan))
            except ClientError as error:
                self._fail(error)
                return
            self.told(len(self.outcomes))

    async def _row(self, client: Client, plan: Plan) -> Outcome:
        """Send a row's commands, one after the other: what its second one says, the first may hang on.

        Raises ClientError where sending is in vain and nothing of the row was taken.
        """
        for taken, step in enumerate(plan.steps):
            try:
                answer = await self._ask(client, step)
            except ClientError as error:
                if not taken:
                    raise
                self._fail(error)
                answer = None
            if answer is None:
                return Outcome(plan.row, taken=False, steps=taken)
            if answer.name == r.CommandRejected.name:
                reasons = r.CommandRejected.model_validate(answer.data).reasons
                return Outcome(plan.row, taken=False, reasons=reasons, steps=taken)
        return Outcome(plan.row, taken=True, steps=len(plan.steps))

    def _fail(self, error: ClientError) -> None:
        self.failed = self.failed or error
        self.stop()

    async def _ask(self, client: Client, step: Step) -> Envelope | None:
        """The answer to a command, None where none came in time. Raises ClientError where sending it is in vain."""
        answered = self._answers[step.id] = asyncio.get_running_loop().create_future()
        try:
            with contextlib.suppress(NotConfirmed, TimeoutError):
                await client.send(client.wrap(step.command, id=step.id, actor=self.actor), limit=self.patience)
                return await asyncio.wait_for(answered, self.patience)
        finally:
            del self._answers[step.id]
        return None

    def _hear(self, event: Envelope) -> None:
        answered = self._answers.get(event.correlation)
        # What follows from a command may send others, and their refusals bear the same correlation id.
        of_another = event.name == r.CommandRejected.name and event.data.get("command_id") != event.correlation
        if answered is not None and not answered.done() and not of_another:
            answered.set_result(event)
