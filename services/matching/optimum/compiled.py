"""Numba's compiler, typed: functions compiled once to machine code and kept beside their source."""

from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Values = NDArray[np.int16]
Numbers = NDArray[np.int32]
Keys = NDArray[np.int64]
Flags = NDArray[np.bool_]

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile for the types of the first call; integers only, so the result never depends on threads or machine."""
    return cast(F, njit(cache=True, nogil=True)(function))


def compiled_in_threads(function: F) -> F:
    """The same, with `prange` over threads."""
    return cast(F, njit(cache=True, nogil=True, parallel=True)(function))
