"""Two small services for tests of the engine: a library lends books, a ledger follows it.

They have one row of each kind: commands that refuse, a fact that waits for its cause, a due date, a set that closes
while people join, a job that hands pieces, and a reader that settles a race.
"""

import datetime as dt
import types
from collections.abc import Generator
from types import ModuleType
from typing import Literal

from pydantic import BaseModel, Field

from shared.contracts import base
from shared.contracts.base import Command, Event, Reason, Text
from shared.contracts.parts import NOBODY
from shared.contracts.registration import ClosedSet
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.closed_set import Guard, closed_set, guard_of, guards_of, missing_buckets
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Get, Internal, Outcome, Start, Wait, refuse
from shared.runtime.table import Again, Ask, Concerns, Copies, Due, Fact, Job, Piece, Publishes, Reader, Service


def owned(owner: str) -> ModuleType:
    """A contracts module with the contracts that every owner has."""
    module = ModuleType(owner)
    for kind, name, extra in (
        (base.CommandRejected, "command-rejected", {}),
        (base.PersonAddressed, "person-addressed", {}),
        (base.OfficeAttentionNeeded, "office-attention-needed", {}),
        (base.DayHandled, "day-handled", {}),
        (base.AuditSealed, "audit-sealed", {}),
        (base.ReplayQuarantined, "replay-quarantined", {"senders": ("ops",)}),
        (base.QuarantineReplayed, "quarantine-replayed", {}),
        (base.EditQuarantined, "edit-quarantined", {"senders": ("office",)}),
        (base.QuarantineEdited, "quarantine-edited", {}),
        (base.DiscardQuarantined, "discard-quarantined", {"senders": ("ops", "office")}),
        (base.QuarantineDiscarded, "quarantine-discarded", {}),
        (base.QuarantineRead, "quarantine-read", {}),
        (base.NoteUnrouted, "note-unrouted", {"senders": ("office",)}),
        (base.UnroutedNoted, "unrouted-noted", {}),
        (base.SayStateAgain, "say-state-again", {"senders": ("ops", "service")}),
        (base.StateSaidAgain, "state-said-again", {}),
        (base.ShowPerson, "show-person", {"senders": ("service",), "private": True}),
        (base.PersonShown, "person-shown", {}),
        (base.PeopleErased, "people-erased", {}),
        (base.RetentionCarriedOut, "retention-carried-out", {}),
    ):
        keywords = {"name": f"{owner}.{name}.v1", **extra}
        setattr(module, kind.__name__, types.new_class(kind.__name__, (kind,), keywords))
    return module


library = owned("library")
ledger = owned("ledger")
SayStateAgain = library.SayStateAgain
"""Where a reader finds its owner's command: beside the events that it reads, as in a language's own module."""


# The library's language


class Join(Command, name="library.join.v1", senders=("person",)):
    """Become a member of a club, while it is open."""

    club: str
    member: str


class Close(Command, name="library.close.v1", senders=("office",)):
    """Close a club: nobody joins any more."""

    club: str


class Lend(Command, name="library.lend.v1", senders=("person",)):
    """Lend the one copy of a book to a member."""

    book: str
    member: str
    back_by: dt.date


class Return(Command, name="library.return.v1", senders=("person",)):
    """Bring a book back."""

    book: str
    member: str


class Joined(Event, name="library.joined.v1", about="member/{member}"):
    """Somebody joined a club."""

    member: str
    club: str


class Closed(Event, name="library.closed.v1", about="club/{club}"):
    """A club closed, and this is who was in it."""

    club: str
    members: ClosedSet


class Counting(Event, name="library.counting.v1", about="club/{club}", stateful=False):
    """The members of a club are being counted."""

    club: str
    done: int


class BookState(Event, about="book/{book}"):
    """Where a book is."""

    book: str
    holder: str | None
    lent: int = Field(description="how often it was lent")


class Lent(BookState, name="library.lent.v1"):
    """A book was lent."""


class Returned(BookState, name="library.returned.v1"):
    """A book came back."""


class Reminded(BookState, name="library.reminded.v1"):
    """A book should have come back."""


for _contract in (Join, Close, Lend, Return, Joined, Closed, Counting, Lent, Returned, Reminded):
    setattr(library, _contract.__name__, _contract)


# The library


class Member(Aggregate, kind="member"):
    """A member of a club."""

    club: str


class Club(Aggregate, kind="club"):
    """A club, open or closed."""

    status: Literal["open", "closing", "closed"] = "open"
    members: ClosedSet | None = None


class Book(Aggregate, kind="book"):
    """A book with one copy."""

    holder: str | None = None
    lent: int = 0


class Counted(Internal):
    """The members of a closed club."""

    club: str
    members: ClosedSet


class CountedSoFar(Internal):
    """So many members are counted."""

    club: str
    done: int


class Members(BaseModel):
    """What the count works on."""

    club: str
    members: tuple[str, ...]


def _no(code: str) -> Decision:
    return refuse(Reason(field="", code=code, message=Text(de=code, en=code)))


def joining(message: Join, get: Get) -> tuple[Guard, Member | None]:
    """The guard of this lane, and the member."""
    return guard_of(get, message.club), get(Member, message.member)


def join(message: Join, state: tuple[Guard, Member | None], context: Context) -> Outcome:
    """Join while the club is open."""
    guard, member = state
    if guard.closed:
        return _no("closed")
    if member is not None:
        return _no("member")
    joined = Member(id=message.member, programme=message.club, club=message.club)
    return Decision(state=(guard, joined), messages=(Joined(member=message.member, club=message.club),))


def closing(message: Close, get: Get) -> tuple[Club | None, tuple[Guard, ...]]:
    """The club and all its guards."""
    return get(Club, message.club), guards_of(get, message.club)


def close(message: Close, state: tuple[Club | None, tuple[Guard, ...]], context: Context) -> Outcome:
    """Close every lane, then count."""
    club, guards = state
    if club is not None and club.status != "open":
        return _no("closed")
    closed = Club(id=message.club, programme=message.club, status="closing")
    shut = tuple(guard.but(closed=True) for guard in guards)
    return Decision(state=(closed, *shut), jobs=(Start("count", message.club),))


async def members_of(ref: str, read: Reader) -> Members:
    """Everybody in the club."""
    return Members(club=ref, members=tuple(m.id for m in await read.find(Member, ref)))


def count(inputs: Members) -> Generator[CountedSoFar, None, tuple[Counted, ...]]:
    """Count the members of a club; tells it before and after."""
    yield CountedSoFar(club=inputs.club, done=0)
    yield CountedSoFar(club=inputs.club, done=len(inputs.members))
    return (Counted(club=inputs.club, members=closed_set(inputs.members)),)


def club_of(message: Counted | CountedSoFar, get: Get) -> Club | None:
    """The club."""
    return get(Club, message.club)


def say_closed(message: Counted, club: Club | None, context: Context) -> Outcome:
    """Say whom the closing closed."""
    if club is None or club.status != "closing":
        return NOTHING
    closed = club.but(status="closed", members=message.members)
    return Decision(state=(closed,), messages=(Closed(club=message.club, members=message.members),))


def say_counting(message: CountedSoFar, club: Club | None, context: Context) -> Outcome:
    """Say how far the count has come."""
    return Decision(messages=(Counting(club=message.club, done=message.done),))


def book_and_member(message: Lend | Return, get: Get) -> tuple[Book | None, Member | None]:
    """The book and who asks for it."""
    return get(Book, message.book), get(Member, message.member)


def lend(message: Lend, state: tuple[Book | None, Member | None], context: Context) -> Outcome:
    """Lend to members only; who asks before joining waits."""
    book, member = state
    if member is None:
        return Wait(f"member/{message.member}")
    book = book or Book(id=message.book)
    if book.holder is not None:
        return _no("lent")
    lent = book.but(holder=message.member, lent=book.lent + 1, due=message.back_by)
    return Decision(state=(lent,), messages=(Lent(book=lent.id, holder=lent.holder, lent=lent.lent),))


def bring_back(message: Return, state: tuple[Book | None, Member | None], context: Context) -> Outcome:
    """Take a book back from who has it."""
    book, _ = state
    if book is None or book.holder != message.member:
        return _no("not_lent")
    back = book.but(holder=None, due=None)
    return Decision(state=(back,), messages=(Returned(book=back.id, holder=None, lent=back.lent),))


def remind(message: DueReached, book: Book | None, context: Context) -> Outcome:
    """Say that a book should have come back."""
    if book is None or book.holder is None:
        return NOTHING
    return Decision(state=(book.but(due=None),), messages=(Reminded(book=book.id, holder=book.holder, lent=book.lent),))


def say_book(book: Book) -> BookState:
    """Where a book is."""
    kind = Lent if book.holder else Returned
    return kind(book=book.id, holder=book.holder, lent=book.lent)


def brought_back(book: Book, people: frozenset[str]) -> Book:
    """The book of somebody who is gone."""
    return book.but(holder=None, due=None)


LIBRARY = Service(
    name="library",
    contracts=library,
    rows=(
        Ask(Join, joining, join, says=(Joined,)),
        Ask(Close, closing, close, starts=("count",)),
        Job("count", members_of, count, hands=(CountedSoFar, Counted), discardable=True),
        Piece(CountedSoFar, club_of, say_counting, says=(Counting,)),
        Piece(Counted, club_of, say_closed, says=(Closed,)),
        Ask(Lend, book_and_member, lend, says=(Lent,)),
        Ask(Return, book_and_member, bring_back, says=(Returned,)),
        Due(Book, remind, says=(Reminded,)),
    ),
    publishes=(
        Publishes(Member, lambda member: Joined(member=member.id, club=member.club)),
        Publishes(Club, lambda club: Closed(club=club.id, members=club.members) if club.members else None),
        Publishes(Book, say_book),
    ),
    concerns=(
        Concerns(Member, lambda member: {member.id}),
        Concerns(Book, lambda book: {book.holder} - {None}, brought_back, everywhere=True),
    ),
)


# The ledger


class Line(Aggregate, kind="line"):
    """What the ledger knows of a book."""

    holder: str | None = None
    lent: int = 0
    seen: Seen = Seen()


class Known(Aggregate, kind="known"):
    """A member as the ledger knows them."""

    club: str
    seen: Seen = Seen()


class Audit(Aggregate, kind="audit"):
    """A closed club with its members, once all are known."""

    members: int


class Whole(Internal):
    """Every member of a closed club is known."""

    club: str
    members: int


class Gathered(BaseModel):
    """What the audit compares."""

    club: str
    known: tuple[str, ...]
    closed: ClosedSet | None


class Announced(Aggregate, kind="announced"):
    """A closing that the ledger heard of."""

    members: ClosedSet


class Audited(Event, name="ledger.audited.v1", about="audit/{club}"):
    """The ledger knows everybody of a closed club."""

    club: str
    members: int


ledger.Audited = Audited  # type: ignore[attr-defined]


def line_of(message: BookState, get: Get) -> Line | None:
    """The ledger's line for a book."""
    return get(Line, message.book)


def note(message: BookState, line: Line | None, context: Context) -> Outcome:
    """Newest state wins."""
    line = line or Line(id=message.book)
    if not line.seen < context.seen:
        return NOTHING
    return Decision(state=(line.but(holder=message.holder, lent=message.lent, seen=context.seen),))


def known_member(message: Joined, get: Get) -> Known | None:
    """The member, if known."""
    return get(Known, message.member)


def know(message: Joined, known: Known | None, context: Context) -> Outcome:
    """Remember a member; newest state wins."""
    if known is not None and not known.seen < context.seen:
        return NOTHING
    known = Known(id=message.member, programme=message.club, club=message.club, seen=context.seen)
    return Decision(state=(known,))


def announced(message: Closed, get: Get) -> Announced | None:
    """The closing, if known."""
    return get(Announced, message.club)


def audit(message: Closed, before: Announced | None, context: Context) -> Outcome:
    """Start comparing with what is known."""
    if before is not None:
        return NOTHING
    return Decision(
        state=(Announced(id=message.club, programme=message.club, members=message.members),),
        jobs=(Start("gather", message.club),),
    )


async def gathered(ref: str, read: Reader) -> Gathered:
    """The closing and everybody known."""
    closing_ = await read.get(Announced, ref)
    known = tuple(k.id for k in await read.find(Known, ref))
    return Gathered(club=ref, known=known, closed=closing_.members if closing_ else None)


def gather(inputs: Gathered) -> tuple[Whole, ...] | Again:
    """Whole, or try again later."""
    if inputs.closed is None or missing_buckets(inputs.closed, inputs.known):
        return Again()
    return (Whole(club=inputs.club, members=len(inputs.known)),)


def audit_of(message: Whole, get: Get) -> Audit | None:
    """The audit, if made."""
    return get(Audit, message.club)


def say_audited(message: Whole, before: Audit | None, context: Context) -> Outcome:
    """Say that everybody is known."""
    if before is not None:
        return NOTHING
    return Decision(
        state=(Audit(id=message.club, programme=message.club, members=message.members),),
        messages=(Audited(club=message.club, members=message.members),),
    )


LEDGER = Service(
    name="ledger",
    contracts=ledger,
    rows=(
        Fact(Lent, line_of, note),
        Fact(Returned, line_of, note),
        Fact(Reminded, line_of, note),
        Fact(Joined, known_member, know),
        Fact(Closed, announced, audit, starts=("gather",)),
        Job("gather", gathered, gather, hands=(Whole,)),
        Piece(Whole, audit_of, say_audited, says=(Audited,)),
    ),
    publishes=(Publishes(Audit, lambda audit: Audited(club=audit.id, members=audit.members)),),
    copies=(Copies(Line, Lent), Copies(Known, Joined)),
    concerns=(
        Concerns(Known, lambda known: {known.id}),
        Concerns(
            Line,
            lambda line: {line.holder} - {None},
            lambda line, people: line.but(holder=NOBODY),
            everywhere=True,
        ),
    ),
)
