"""The reserve list as registration knows it, and who waits from one programme to the next (P5)."""

import datetime as dt
from typing import Literal

from shared.contracts.parts import Side
from shared.runtime.aggregate import Aggregate, Seen

ALL_WAITING = "waiting"
"""What stands for the programme of who waits for one, so that a job finds them."""
YEARS = 2
"""Years for which somebody may be asked again after their programme's last day: 24 months at most."""


class ReservePlace(Aggregate, kind="reserve-place"):
    """Somebody's place on matching's reserve list; newest state wins."""

    role: Side
    status: Literal["waiting", "left"]
    since: dt.date
    seen: Seen = Seen()


class Waiting(Aggregate, kind="waiting"):
    """Somebody who found no partner, whose programme has ended, and who agreed to be asked again.

    `person` is who they are over all programmes. Name, address and profile stay where they are: with `participant`.
    """

    programme: str | None = ALL_WAITING
    person: str
    role: Side
    participant: str
    since: dt.date
    until: dt.date


def last_day(ends: dt.date) -> dt.date:
    """The last day on which somebody may be asked again whose programme ended on a day."""
    try:
        return ends.replace(year=ends.year + YEARS)
    except ValueError:
        return dt.date(ends.year + YEARS, 2, 28)
