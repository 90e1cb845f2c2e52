"""A table that contradicts itself is refused at start, with the row and the remedy."""

from typing import Any

import pytest

from shared.contracts.base import Command
from shared.runtime.decision import NOTHING, Internal, Outcome
from shared.runtime.table import Ask, Due, Fact, Job, Row, Service, TableError
from tests.support.shop import Book, Join, Joined, Lend, Lent, ledger, library


class Nobody(Command, name="library.nobody.v1"):
    """A command that nobody may send."""


class Untold(Command, name="library.untold.v1", senders=("person",), unlinkable=True):
    """A command of which nobody says to which programme it belongs."""


class Stray(Internal):
    """A piece without a row."""


def load(message: Any, get: Any) -> None:
    return None


def decide(message: Any, state: Any, context: Any) -> Outcome:
    return NOTHING


def too_short(message: Any, state: Any) -> Outcome:
    return NOTHING


def shorter(message: Any) -> None:
    return None


async def inputs(ref: str, read: Any) -> None:
    return None


def work(inputs: Any) -> tuple[Internal, ...]:
    return ()


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((Ask(Join, load, decide), Ask(Join, load, decide)), "Join stands in the table twice; remove one"),
        ((Due(Book, decide), Due(Book, decide)), r"Due\(Book\) stands in the table twice"),
        ((Ask(Join, load, too_short),), "too_short takes 2 parameters, not 3"),  # type: ignore[arg-type]
        ((Fact(Lent, shorter, decide),), "takes 1 parameters, not 2"),  # type: ignore[arg-type]
        ((Ask(Nobody, load, decide),), "names nobody who may send it"),
        ((Ask(Untold, load, decide),), "must name the programme of each unlinkable command: Untold"),
        ((Ask(Join, load, decide, says=(ledger.Audited,)),), "a service says its own events"),
        ((Ask(Join, load, decide, starts=("count",)),), "starts the job 'count', which has no Job row"),
        ((Job("count", inputs, work, hands=(Stray,)),), "hands Stray, which has no Piece row"),
        ((Job("count", inputs, decide),), "takes 3 parameters, not 1"),  # type: ignore[arg-type]
        ((Job("count", inputs, work, discardable=True),), "is discardable, but no command starts it again"),
    ],
)
def test_a_contradictory_table_is_refused(rows: tuple[Row, ...], says: str) -> None:
    with pytest.raises(TableError, match=says):
        Service(name="library", contracts=library, rows=rows)


def test_a_command_is_answered_by_its_owner_only() -> None:
    with pytest.raises(TableError, match="the command belongs to library"):
        Service(name="ledger", contracts=ledger, rows=(Ask(Lend, load, decide),))


def test_a_language_without_the_contracts_of_every_owner_is_refused() -> None:
    with pytest.raises(TableError, match="its contracts lack their own CommandRejected"):
        Service(name="ledger", contracts=library, rows=())


def test_one_message_may_concern_several_states() -> None:
    def other(message: Any, get: Any) -> None:
        return None

    assert (
        len(
            Service(
                name="ledger", contracts=ledger, rows=(Fact(Joined, load, decide), Fact(Joined, other, decide))
            ).rows
        )
        == 2
    )
