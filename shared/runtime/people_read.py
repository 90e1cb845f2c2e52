"""That somebody read people's names or words over HTTP: the row of every service by which the audit says so."""

from shared.runtime.decision import NOTHING, Context, Decision, Get, Internal
from shared.runtime.table import Piece


class PeopleRead(Internal):
    """Somebody read people's names or words; a deed is all that comes of it.

    `who` is an opaque id, or the role; `what` names the page, `on` the subjects that it is about.
    """

    role: str
    who: str
    what: str
    on: tuple[str, ...] = ()


def _nothing(message: PeopleRead, get: Get) -> None:
    return None


def _read(message: PeopleRead, state: None, context: Context) -> Decision:
    return NOTHING


def people_read_rows() -> tuple[Piece, ...]:
    """The row that every service has; who reads is no participant, so that no erasing keeps it from being recorded."""
    return (Piece(PeopleRead, _nothing, _read, for_others=True),)
