"""How a batch is shared between commands and events."""

from shared.runtime.ports import Intake

EVENTS_SHARE = 4
"""Every fourth place of a batch is for events while both wait: a flood of commands must not starve them."""


def shares(commands: int, events: int, limit: int) -> tuple[tuple[Intake, int], ...]:
    """How many of those that wait come into a batch of `limit`, in this order: commands first, somebody waits for them.

    What one kind does not need goes to the other.
    """
    first = min(commands, limit - min(events, limit // EVENTS_SHARE))
    return (("commands", first), ("events", min(events, limit - first)))
