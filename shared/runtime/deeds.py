"""Which messages are somebody's doing, and what the audit says of them."""

import datetime as dt
from collections.abc import Collection

from shared.runtime.audit import Deed
from shared.runtime.closed_set import Guard
from shared.runtime.item import Item
from shared.runtime.people_read import PeopleRead
from shared.runtime.replay import BodyRead

NOBODY = "nobody"
"""The role of a sender whom the broker knows and no row of ours names."""
READING = "read-quarantined"
"""What is read over HTTP has no command's name."""
Doer = tuple[str, str]
"""A role, and an opaque id: the actor's, or the broker's user where no actor is named."""


def doer_of(item: Item) -> Doer | None:
    """Who had a message done; None where it was nobody, or nobody's to know.

    Commands of people, office and ops are somebody's doing, those of services and the clock are not; of private ones
    (survey answers, wishes, vetoes) nothing outside may say that they were sent. Reading a body is the office's doing,
    reading names that of whoever had the token for it, as is fetching all that is held on oneself.
    """
    if item.private:
        return None
    if isinstance(item.message, BodyRead):
        return "office", item.message.actor
    if isinstance(item.message, PeopleRead):
        return item.message.role, item.message.who
    if item.sender == "service" or not item.known or item.stored.get("intake") != "commands":
        return None
    return item.sender or NOBODY, item.actor or item.stored.get("user") or NOBODY


def deed_of(
    item: Item, doer: Doer, now: dt.datetime, result: str, on: Collection[str], codes: Collection[str] = ()
) -> Deed:
    """What the audit is to say of a message that was decided at `now`.

    Guards of a set are left out of what was written: they are the replica's, not the person's.
    """
    role, who = doer
    what = item.type
    if isinstance(item.message, BodyRead):
        what = READING
    elif isinstance(item.message, PeopleRead):
        what, on = item.message.what, item.message.on
    return Deed(
        time=(item.received or now).isoformat(),
        role=role,
        who=who,
        what=what,
        on=tuple(subject for subject in on if not subject.startswith(f"{Guard.kind}/")),
        result="refused" if codes and result == "handled" else result,
        codes=tuple(codes),
    )
