"""What scheduling remembers of an invitation: enough to write it again, to the byte."""

import datetime as dt

from services.scheduling.invitations.writing import Method
from shared.contracts.base import Office, Text
from shared.runtime.aggregate import Aggregate, Seen


class Invitation(Aggregate, kind="invitation"):
    """An invitation by the id of its meeting; `people` are who is invited, `sequence` as calendars count changes.

    `stamp` is when its meeting's event said so, `title` and `office` are the programme's of that time, and `seen` is
    how far the meeting's own events were followed.
    """

    tandem: str
    people: tuple[str, ...]
    method: Method = "REQUEST"
    sequence: int = 0
    stamp: dt.datetime
    date: dt.date
    start: int
    minutes: int
    zone: str
    title: Text
    office: Office
    seen: Seen = Seen()
