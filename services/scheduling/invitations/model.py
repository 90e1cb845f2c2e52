"""What scheduling remembers of an invitation: enough to write it again, to the byte."""

import datetime as dt
from typing import Literal

from shared.contracts.base import Office, Text
from shared.contracts.parts import NOBODY
from shared.contracts.scheduling import MeetingPlace
from shared.runtime.aggregate import Aggregate, Seen

Method = Literal["REQUEST", "CANCEL"]


class Invitation(Aggregate, kind="invitation"):
    """An invitation to a tandem's meeting, by the meeting's id, or of one person to a gathering, by their part in it.

    `people` are who is invited, with nobody in the place of who was erased; `sequence` counts as calendars do, `timed`
    is the one since which its time stands (None: this one; an earlier release did not count it). `start` is in minutes
    after midnight by the clocks of `zone`. `stamp` is when it was said so, in the words of that time, `office` the
    organiser under the address that invited first; `seen` is how far a meeting's own events were followed.
    """

    tandem: str | None = None
    people: tuple[str, ...]
    method: Method = "REQUEST"
    sequence: int = 0
    timed: int | None = None
    stamp: dt.datetime
    date: dt.date
    start: int
    minutes: int
    zone: str
    title: Text
    description: Text
    office: Office
    place: MeetingPlace | None = None
    seen: Seen = Seen()

    @property
    def was_said(self) -> bool:
        """Whether calendars heard of it: an end without a beginning is kept, and nobody is told."""
        return self.method == "REQUEST" or self.sequence > 0

    @property
    def invited(self) -> tuple[str, ...]:
        """Who is invited, without who was erased."""
        return tuple(who for who in self.people if who != NOBODY)

    @property
    def asks(self) -> bool:
        """Whether an answer is wanted: of a gathering none is."""
        return self.tandem is not None


MOST_TOLD = 20
"""Answers without effect of which is known that somebody was told; whoever gives as many others may hear it again."""


class AnswersTold(Aggregate, kind="answers-told"):
    """Of which of their answers somebody was told that it has no effect, the newest last; by the person's id.

    Keyed digests of what was answered to what, and why it has no effect: calendars send the same answer again.
    """

    answers: tuple[str, ...] = ()

    def having(self, answer: str) -> "AnswersTold":
        """With one more."""
        return self.but(answers=(*self.answers, answer)[-MOST_TOLD:])
