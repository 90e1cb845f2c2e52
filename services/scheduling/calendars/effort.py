"""Bounds the processor time that reading one calendar may take, whatever a library makes of its text."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from shared.contracts.calendar_text import NotKept

MOST_SECONDS = 20.0
"""Processor time for one text: the largest that the limits allow takes a few seconds."""
AGAIN = 0.1
"""Seconds after which a library that has swallowed the first word hears it again."""


class _OutOfEffortError(BaseException):
    """The time is over. No `Exception`: a library that reads on after each of those must not read on after this."""


@contextmanager
def bounded(seconds: float = MOST_SECONDS) -> Iterator[None]:
    """Let what is done within take so much processor time of this process at most.

    Waiting is not counted, nor is other programs' work. Raises NotKept. Beside the main thread, where Python handles
    no signals, nothing is bounded; the jobs' own process has no other.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    over = False

    def out(number: int, frame: FrameType | None) -> None:
        if not over:
            raise _OutOfEffortError

    before = signal.signal(signal.SIGVTALRM, out)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, AGAIN)
    try:
        yield
    except _OutOfEffortError:
        over = True
        raise NotKept("too_many_repeats") from None
    finally:
        over = True
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
