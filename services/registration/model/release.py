"""That a line manager is asked to release somebody's time."""

import datetime as dt
import unicodedata
from collections.abc import Callable
from typing import Literal

from shared.contracts.base import Office, Text
from shared.runtime.aggregate import Aggregate
from shared.runtime.days import BEFORE_TIME


class Release(Aggregate, kind="release"):
    """What a participant's release stands at; the address of who is asked goes when it is decided.

    `title` and `office` are the programme's as it was asked, so that the same words are said again; `releaser` is what
    erasing finds the address by (`address_id`).
    """

    status: Literal["asked", "granted", "refused", "over"] = "asked"
    answer_by: dt.date
    releaser_mail: str | None
    releaser: str | None = None
    title: Text
    office: Office
    rules_version: int = 1

    def settled(self, status: Literal["granted", "refused", "over"]) -> "Release":
        """The same, with nobody to be asked any more."""
        return self.but(status=status, releaser_mail=None, releaser=None, due=None)

    def without(self, people: frozenset[str]) -> "Release | None":
        """The release without who was erased; None where it is theirs.

        Where nobody is left to be asked, it is due with the next day that starts (`release.nobody_answered`), unless
        the office looks after it already.
        """
        if self.id in people:
            return None
        return self.but(releaser_mail=None, releaser=None, due=BEFORE_TIME if self.due is not None else None)


def address_id(mail: str, keyed: Callable[..., str]) -> str:
    """What a mail address is known by once it is gone, however it was written: a keyed digest."""
    return keyed("address", unicodedata.normalize("NFC", mail.strip()).casefold())
