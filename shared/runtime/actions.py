"""The record of first aid: who read, replaced, gave up or handed back a stuck message, when and why.

Each service keeps its own, in a collection of its own, and the office reads it (`GET /quarantine/actions`). Who and why
are forgotten when the year after has ended; that it happened stays.
"""

import datetime as dt
import re
from typing import Any, Literal, get_args

from pydantic import Field

from shared.contracts.base import Role, personal
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome

OPAQUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
"""The characters of an opaque id of a person: those of no mail address, and of no name with a blank."""
TWO_WORDS = re.compile(r"[A-Za-z]{2,}[._][A-Za-z]{2,}")
"""What login names are made of. Not with a hyphen: groups of a UUID may be all letters."""
ROLES = frozenset(get_args(Role))

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


def is_opaque(actor: str) -> bool:
    """Whether who acts or reads is named by an id with a digit and without two words, or by a role.

    It keeps out what names look like (`Erika.Mustermann`), and cannot tell a name with a number from an id.
    """
    if actor in ROLES:
        return True
    named = not any(character.isdecimal() for character in actor) or TWO_WORDS.search(actor) is not None
    return OPAQUE.fullmatch(actor) is not None and not named


def last_day(today: dt.date, at: dt.datetime) -> dt.date:
    """The day on which who and why are forgotten: when the year after has ended."""
    year = (at.date() if today == dt.date.min else today).year  # no day has started yet: the sender's own
    return dt.date(year + 2, 1, 1)


def forget(message: DueReached, action: Action | None, context: Context) -> Outcome:
    """Forget who and why."""
    if action is None:
        return NOTHING
    return Decision(state=(action.but(actor=None, why=None, due=None),))
