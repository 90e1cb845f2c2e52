"""What an invitation tells a calendar, before it is written."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from shared.contracts.base import Office, Text

Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a calendar is told: `start` in minutes after midnight by the zone's clocks, `stamp` when it was said.

    `sequence` grows with every change, also with one that takes another back. `people` are who is invited, by
    participant_id; the office is the organiser. `answers`: whether an answer is wanted.
    """

    id: str
    sequence: int
    method: Method
    stamp: dt.datetime
    date: dt.date
    start: int
    minutes: int
    zone: str
    title: Text
    description: Text
    office: Office
    people: tuple[str, ...]
    place: str | None = None
    link: str | None = None
    answers: bool = True
