"""Numba's compiler, typed: functions compiled once to machine code and kept (kept.py)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import llvmlite.binding
import numpy as np
from numba import njit
from numba.core import config, event
from numpy.typing import NDArray

from services.matching.optimum.kept import Kept
from services.matching.optimum.machine import LEVELS, levels

Values = NDArray[np.int16]
Numbers = NDArray[np.int32]
Keys = NDArray[np.int64]
Flags = NDArray[np.bool_]

F = TypeVar("F", bound=Callable[..., object])

KERNELS: list[Any] = []
"""Numba's dispatcher of every compiled function."""


def _choose_processor(settings: Any) -> None:
    """Compile for the level of this processor, not for its make, so that the code runs on others of the level."""
    if settings.CPU_NAME is None:
        settings.CPU_NAME = next(iter(levels(llvmlite.binding.get_host_cpu_features())), None)
    if settings.CPU_NAME in LEVELS and settings.CPU_FEATURES is None:
        settings.CPU_FEATURES = ""


_choose_processor(config)


def compiled(function: F) -> F:
    """Compile for the types of the first call; integers only, so the result never depends on threads or machine."""
    return _kept(function, njit(nogil=True)(function))


def compiled_in_threads(function: F) -> F:
    """The same, with `prange` over threads. To be called from one thread of the process at a time."""
    return _kept(function, njit(nogil=True, parallel=True)(function))


def _kept(function: F, dispatcher: Any) -> F:
    dispatcher._cache = Kept(function)  # noqa: SLF001 - `cache=True` sets it to numba's own
    KERNELS.append(dispatcher)
    return cast(F, dispatcher)


class _Once(event.Listener):
    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell: Callable[[], None] | None = tell

    def on_start(self, event: object) -> None:
        tell, self._tell = self._tell, None
        if tell is not None:
            tell()

    def on_end(self, event: object) -> None:
        pass


@contextmanager
def when_compiling(tell: Callable[[], None]) -> Iterator[None]:
    """Meanwhile call `tell`, once, when something is first compiled and not just loaded: it takes a while."""
    with event.install_listener("numba:compile", _Once(tell)):
        yield
