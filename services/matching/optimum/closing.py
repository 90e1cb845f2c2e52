"""Closing pairs of a table in place: a closed pair is a negative number that remembers its score."""

from numba import prange

from services.matching.optimum.compiled import Numbers, Values, compiled_in_threads


@compiled_in_threads
def close(values: Values, row_place: Numbers, column_place: Numbers, lowest: int) -> None:
    """Close the pairs across blocks and below a score."""
    for i in prange(values.shape[0]):
        for j in range(values.shape[1]):
            value = values[i, j]
            if value >= 0 and (value < lowest or row_place[i] != column_place[j]):
                values[i, j] = ~value


@compiled_in_threads
def close_slack(values: Values, row: Numbers, column: Numbers, previous: Numbers, scale: int) -> None:
    """Close the pairs whose prices exceed what they are worth: `scale` for an open proposal, else nothing."""
    for i in prange(values.shape[0]):
        for j in range(values.shape[1]):
            if values[i, j] >= 0 and row[i] + column[j] > (scale if previous[i] == j else 0):
                values[i, j] = ~values[i, j]


@compiled_in_threads
def reopen(values: Values) -> None:
    """Put every closed pair back."""
    for i in prange(values.shape[0]):
        for j in range(values.shape[1]):
            if values[i, j] < -1:
                values[i, j] = ~values[i, j]


@compiled_in_threads
def double(values: Values) -> None:
    """Score in half points."""
    for i in prange(values.shape[0]):
        for j in range(values.shape[1]):
            if values[i, j] > 0:
                values[i, j] *= 2


@compiled_in_threads
def halve(values: Values) -> None:
    """Score in points again."""
    for i in prange(values.shape[0]):
        for j in range(values.shape[1]):
            if values[i, j] > 0:
                values[i, j] //= 2


__all__ = ["close", "close_slack", "double", "halve", "reopen"]
