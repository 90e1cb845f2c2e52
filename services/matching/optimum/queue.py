"""A binary heap of (distance, node), for compiled code."""

import numpy as np

from services.matching.optimum.compiled import Keys, compiled

NODE_BITS = 32
NODE = (1 << NODE_BITS) - 1


@compiled
def push(heap: Keys, size: int, distance: int, node: int) -> Keys:
    """Add a node as number `size`; returns the heap, which may have moved to grow."""
    if size == len(heap):
        wider = np.empty(2 * size, np.int64)
        # As a slice, its check of lengths alone would double what there is to compile.
        for at in range(size):
            wider[at] = heap[at]
        heap = wider
    key = (distance << NODE_BITS) | node
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if heap[above] <= key:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = key
    return heap


@compiled
def sink(heap: Keys, size: int) -> int:
    """Take out the nearest of `size` nodes; returns its key."""
    first = heap[0]
    key = heap[size - 1]
    last = size - 1
    at = 0
    while True:
        below = 2 * at + 1
        if below >= last:
            break
        if below + 1 < last and heap[below + 1] < heap[below]:
            below += 1
        if heap[below] >= key:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = key
    return int(first)
