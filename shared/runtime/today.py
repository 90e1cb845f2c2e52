"""The day and the time of who runs a command that has no engine, and so no clock of one."""

import datetime as dt


def today(zone: dt.tzinfo | None = None) -> dt.date:
    """The day by the clock of this machine, in its own zone or another."""
    return dt.datetime.now().astimezone(zone).date()


def now() -> dt.datetime:
    """The time by the clock of this machine, in UTC, to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
