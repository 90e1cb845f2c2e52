"""What evaluation remembers of a certificate until it was fetched."""

import datetime as dt

from shared.contracts.parts import Side
from shared.runtime.aggregate import Aggregate


class Certificate(Aggregate, kind="certificate"):
    """A certificate that lies ready: one a person and tandem, the newest.

    `token` is a keyed digest of the newest token, which is kept nowhere; `taken_by` who fetched it. `last_day` is None
    while the tandem goes on.
    """

    participant: str
    role: Side
    first_day: dt.date
    last_day: dt.date | None
    topics: tuple[str, ...] = ()
    token: str
    fetch_until: dt.date
    taken_by: str | None = None
