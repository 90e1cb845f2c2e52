"""The record of first aid: who read, replaced, gave up or handed back a stuck message, when and why.

Each service keeps its own, in a collection of its own, and the office reads it (`GET /quarantine/actions`). Who and why
are forgotten when the year after has ended; that it happened stays.
"""

import datetime as dt
import re
from typing import Any, Literal

from pydantic import Field

from shared.contracts.base import personal
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome

OPAQUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
"""What an opaque id of a person looks like: no mail address, no name of two words."""

What = Literal["replayed", "read", "edited", "discarded", "unrouted-read", "unrouted-given-back", "unrouted-discarded"]


def _mark(description: str) -> Any:
    return personal(
        description,
        purpose="whoever read or changed a stuck message can be asked why (Art. 5(2) GDPR)",
        readers="office (`GET /quarantine/actions`)",
        keep="to the end of the year after",
        default=None,
    )


class Action(Aggregate, kind="_action"):
    """One thing that somebody did; `target` is the id as listed (* for many), `message` the message's own id."""

    what: What
    target: str
    message: str = ""
    type: str = ""
    at: dt.datetime
    actor: str | None = _mark("who: an opaque id of the sender's own system, or the role")
    why: str | None = _mark("why, in their own words")
    replaced_by: str | None = None
    count: int | None = None
    wanted: dict[str, str] = Field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """What whoever may read the record is shown."""
        return self.model_dump(mode="json", exclude={"programme", "due"}, exclude_none=True)


def last_day(today: dt.date, at: dt.datetime) -> dt.date:
    """The day on which who and why are forgotten: when the year after has ended."""
    year = (at.date() if today == dt.date.min else today).year  # no day has started yet: the sender's own
    return dt.date(year + 2, 1, 1)


def forget(message: DueReached, action: Action | None, context: Context) -> Outcome:
    """Forget who and why."""
    if action is None:
        return NOTHING
    return Decision(state=(action.but(actor=None, why=None, due=None),))
