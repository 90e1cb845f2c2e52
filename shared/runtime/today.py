"""The day of who runs a command that has no engine, and so no clock of one."""

import datetime as dt


def today(zone: dt.tzinfo | None = None) -> dt.date:
    """The day by the clock of this machine, in its own zone or another."""
    return dt.datetime.now().astimezone(zone).date()
