"""That a line manager is asked to release somebody's time."""

import datetime as dt
from typing import Literal

from shared.contracts.base import Office, Text
from shared.runtime.aggregate import Aggregate


class Release(Aggregate, kind="release"):
    """What a participant's release stands at; the address of who is asked goes when it is decided.

    `title` and `office` are the programme's as it was asked, so that the same words are said again.
    """

    status: Literal["asked", "granted", "refused", "over"] = "asked"
    answer_by: dt.date
    releaser_mail: str | None
    title: Text
    office: Office
    rules_version: int = 1

    def settled(self, status: Literal["granted", "refused", "over"]) -> "Release":
        """The same, with nobody to be asked any more."""
        return self.but(status=status, releaser_mail=None, due=None)
