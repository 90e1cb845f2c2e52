"""The day of who runs a command that has no engine, and so no clock of one."""

import datetime as dt


def today() -> dt.date:
    """The day by the clock and the zone of this machine."""
    return dt.datetime.now().astimezone().date()
