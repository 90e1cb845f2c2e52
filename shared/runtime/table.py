"""The table of a service: which message concerns which state, who decides, and what may be said.

    service = Service(name="matching", contracts=m, rows=(
        Fact(r.ParticipantRegistered, candidate_of, d.know),
        Ask(m.AcceptProposal, pair_and_people, d.accept, says=(m.ProposalAccepted, m.TandemFormed)),
        Due(Proposal, d.expire, says=(m.ProposalExpired,)),
        Job("solve-round", round_inputs, solve_round, hands=(ProposePair,)),
        Piece(ProposePair, people_of, d.propose, says=(m.PairProposed,)),
    ))

Everything else follows from it: queues and bindings, AsyncAPI, `tandem describe`, broker rights and compose's row.
"""

import datetime as dt
import inspect
from collections.abc import Awaitable, Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal, Protocol, TypeVar

from pydantic import BaseModel

from shared.contracts import base
from shared.contracts.base import Command, Contract, Event
from shared.contracts.parts import Purpose
from shared.runtime.actions import Action, forget
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Get, Ids, Internal, Outcome

# A row's functions are typed by its message; a table mixes them, so the table itself can only say Any.
Load = Callable[[Any, Get], Any]
Decide = Callable[[Any, Any, Context], Outcome]

A = TypeVar("A", bound=Aggregate)
C = TypeVar("C", bound=Contract)


class TableError(Exception):
    """A table contradicts itself; the message names the row and the remedy."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Answers a command. It may always say a rejection."""

    on: type[Command]
    load: Load
    decide: Decide
    says: tuple[type[Contract], ...] = ()
    starts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """Takes over what another service knows (or reacts to what this one said)."""

    on: type[Event]
    load: Load
    decide: Decide
    says: tuple[type[Contract], ...] = ()
    starts: tuple[str, ...] = ()


def _itself(aggregate: type[Aggregate]) -> Load:
    def load(message: DueReached, get: Get) -> Any:
        return get(aggregate, message.subject.removeprefix(f"{aggregate.kind}/"))

    return load


@dataclass(frozen=True, slots=True)
class Due:
    """Wakes an aggregate on its date. Without a loader the state is the aggregate itself."""

    aggregate: type[Aggregate]
    decide: Decide
    load: Load | None = None
    says: tuple[type[Contract], ...] = ()
    starts: tuple[str, ...] = ()

    @property
    def loader(self) -> Load:
        """The row's loader, or the one that loads just the aggregate."""
        return self.load or _itself(self.aggregate)


@dataclass(frozen=True, slots=True)
class Piece:
    """Handles one piece of a job's result.

    A piece that names somebody who was erased is dropped, unless it concerns others as well (`for_others`): then its
    row finds nobody of that id, and must not write of them.
    """

    on: type[Internal]
    load: Load
    decide: Decide
    says: tuple[type[Contract], ...] = ()
    starts: tuple[str, ...] = ()
    for_others: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """A job's answer that it cannot finish yet: try again later (the delay grows), after handing these pieces."""

    pieces: tuple[Internal, ...] = ()


class Reader(Protocol):
    """How a job's inputs and a view read many aggregates at once."""

    today: dt.date

    async def get(self, aggregate: type[A], id: str, /) -> A | None:
        """One aggregate, or None."""

    async def all(self, aggregate: type[A], ids: Sequence[str], /) -> list[A | None]:
        """Several aggregates by id, in order; None where there is none."""

    async def find(self, aggregate: type[A], programme: str | None, /) -> list[A]:
        """All aggregates of a kind in a programme (None: in any and in none), ordered by id."""


Inputs = Callable[[str, Reader], Awaitable[Any]]
Result = Sequence[Internal] | Again
Work = Callable[[Any], Generator[Internal, None, Result] | Result]


@dataclass(frozen=True, slots=True)
class Job:
    """Works long, outside any transaction, and hands its result over piece by piece.

    `inputs(ref, read)` reads what the reference names and returns a Pydantic model; `work(inputs)` is pure and returns
    pieces, each handled by its own `Piece` row, or `Again`. Where `work` is given as `"package.module:function"` the
    job is heavy: it runs in a process of its own, which alone imports that module.

    A generator tells by what it yields how far it has come: the newest piece is handled whenever the lease is renewed,
    and may be lost. So its row only says something, which nobody has to hear.

    `discardable` where a command starts the same work again: else what waits for the job would wait for ever.
    """

    name: str
    inputs: Inputs
    work: Work | str
    hands: tuple[type[Internal], ...] = ()
    discardable: bool = False

    @property
    def heavy(self) -> bool:
        """Whether the job runs in a process of its own."""
        return isinstance(self.work, str)


def shows_nobody(view: Any) -> bool:
    """Of a view that shows ids and figures alone, whether it shows people's names or words."""
    return False


@dataclass(frozen=True, slots=True)
class View:
    """What the office may read of a programme: `build(aggregates by kind) -> a JSON-able model`.

    `everywhere`: few aggregates that belong to no programme and are shown with each, such as the topic catalogue.
    `shows_people(model)`: whether this one shows people's names or words; then the audit says that it was read.
    """

    aggregates: tuple[type[Aggregate], ...]
    build: Callable[[str, dict[type[Aggregate], list[Any]]], BaseModel]
    everywhere: tuple[type[Aggregate], ...] = ()
    shows_people: Callable[[Any], bool] = shows_nobody


@dataclass(frozen=True, slots=True)
class Question:
    """What who holds a right may ask of many at once (`POST /questions/<name>`): reads only, kept and logged nowhere.

    `answer(asked, read, keyed)` returns a Pydantic model; `keyed` makes the same ids as `Context.keyed`. `readers` have
    a token of their own for it. `about_people`: whether the answer says anything of anybody; then the audit says that
    it was asked.
    """

    name: str
    asked: type[BaseModel]
    answer: Callable[[Any, Reader, Callable[..., str]], Awaitable[BaseModel]]
    readers: Literal["office", "hr"] = "office"
    about_people: bool = True


Language = Literal["de", "en"]
"""A language in which people are spoken to."""


class Written(Internal):
    """A document as it was made (base64); or what the machine `lacks` to make it, and how to mend that."""

    content: str = ""
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A document's form: its media type, and `work`, the `"package.module:function"` that makes it.

    The function takes what the document's `find` returns, and returns one `Written`. It runs in a process of its own,
    which alone imports that module.
    """

    kind: str
    work: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a programme for the office to read: `GET /programmes/<id>/<name>`, `….pdf` and the like.

    `find(programme, language, read)` returns the Pydantic model that it is made of, None where there is none yet;
    `forms` are its forms by ending, `""` for none. It holds nothing of anybody that was not published, so no audit
    says that it was read.
    """

    name: str
    find: Callable[[str, Language, Reader], Awaitable[BaseModel | None]]
    forms: Mapping[str, Form]


Door = Literal["ready", "collecting", "gone"]
"""How it stands with a document that goes out once, for who has its token and opens its address."""


@dataclass(frozen=True, slots=True)
class Handout:
    """A document that is given out once, to whoever has its token (`POST /<path>/<token>`, HTML or JSON).

    GET takes nothing: `door(how, accepted)` is the page that it shows to people, with a button that posts where the
    document is ready.

    `find(token, read, keyed)` is the document, None while it is not complete yet; it raises LookupError where there is
    none, or no more. `take(token, taker, keyed)` is the piece that marks it as taken by one taker, `taken(token, read,
    keyed)` who took it: of two who post at once, one gets it. `page(document, accepted)` is it for people to read.
    Both pages are in the language that the header Accept-Language names. `whose(document)` is the participant id under
    which the audit says that it went out.
    """

    path: str
    find: Callable[[str, Reader, Callable[..., str]], Awaitable[BaseModel | None]]
    take: Callable[[str, str, Callable[..., str]], Internal]
    taken: Callable[[str, Reader, Callable[..., str]], Awaitable[str | None]]
    page: Callable[[Any, str], str]
    door: Callable[[Door, str], str]
    whose: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A text that anybody may read, its media type, and the day on which what it tells last changed."""

    text: str
    kind: str
    changed_on: dt.date


@dataclass(frozen=True, slots=True)
class Open:
    """What anybody inside the network may read without a token (`GET /<path>`): only what was published for them.

    `write(rest, asked, read, address)` is the page, or None where there is none. A `path` that ends with / opens what
    follows it: `rest`. `asked` is the query; `address` is where people reach this service, empty where the deployment
    does not say it (`TANDEM_PUBLIC_URL`).
    """

    path: str
    write: Callable[[str, Mapping[str, str], Reader, str], Awaitable[OpenPage | None]]


@dataclass(frozen=True, slots=True)
class Publishes:
    """What the owner says of an aggregate whenever it is asked to say it again.

    `say(aggregate)` is the event that carries the published state as it is now, or None where nothing was published.
    """

    aggregate: type[Aggregate]
    say: Callable[[Any], Event | None]


@dataclass(frozen=True, slots=True)
class Copies:
    """An aggregate that is this service's copy of another owner's subject, one for one: newest state wins.

    It has the subject's id, and keeps in `seen` how far it has followed it. `of` is any of the events that bring it.
    """

    aggregate: type[Aggregate]
    of: type[Event]

    @property
    def name(self) -> str:
        """`owner.kind` of what is copied."""
        return f"{self.of.owner}.{self.of.about.split('/')[0]}"


def nothing_stays(aggregate: Any, people: frozenset[str]) -> None:
    """Of an aggregate that is only about its people nothing is left without them."""


HIDDEN = frozenset(("id", "programme", "due", "said", "seen"))
"""Fields that say nothing about a person."""


def nothing_shown(aggregate: Any, people: frozenset[str]) -> None:
    """What the office or others said in confidence of a person, or of a pair that they are told of elsewhere."""


def all_of_it(aggregate: Any, people: frozenset[str]) -> Mapping[str, Any]:
    """What a person is shown of an aggregate that speaks of nobody else."""
    fields: dict[str, Any] = aggregate.model_dump(mode="json", exclude={*HIDDEN, *aggregate.hidden})
    return fields


def nothing_else(aggregate: Any, get: Get) -> tuple[tuple[Aggregate, Aggregate | None], ...]:
    """Nothing else changes with an aggregate."""
    return ()


def nothing_along(aggregate: Any, get: Get) -> tuple[Aggregate, ...]:
    """Nothing else goes with an aggregate."""
    return ()


@dataclass(frozen=True, slots=True)
class Concerns:
    """That an aggregate holds something of people: what they may see of it, what is left when some are erased.

    `people(aggregate)` are the participant ids that it holds. `without(aggregate, people)` is the aggregate without
    these (where it needs somebody in their place: `NOBODY`), or None: it is deleted. `also(aggregate, get)` is what
    changes with it without naming anybody itself: each such aggregate, and what becomes of it; of the aggregate itself
    too, where what is left hangs on others. `along(aggregate, get)` are aggregates that name nobody and are deleted
    with it where nothing is left of it. `shows(aggregate, people)` is what one person, who is these participants, may
    see of it (JSON-able), or None: nothing that others told of themselves or of them in confidence.
    `leads_to(aggregate, ids)` is kind and id of what only the service's keys lead to from there, the first of which is
    shown with it; None where the key was destroyed: then `led_nowhere` is shown. All are pure.

    `starts` are jobs that count again what was counted, with the aggregate's programme as their reference.
    `everywhere`: its aggregates stand in no programme, or in one that does not tell whom they hold.
    """

    aggregate: type[Aggregate]
    people: Callable[[Any], Collection[str]]
    without: Callable[[Any, frozenset[str]], Aggregate | None] = nothing_stays
    shows: Callable[[Any, frozenset[str]], Mapping[str, Any] | None] = all_of_it
    leads_to: Callable[[Any, Ids], Collection[tuple[type[Aggregate], str]] | None] | None = None
    led_nowhere: Mapping[str, Any] = field(default_factory=dict)
    also: Callable[[Any, Get], tuple[tuple[Aggregate, Aggregate | None], ...]] = nothing_else
    along: Callable[[Any, Get], tuple[Aggregate, ...]] = nothing_along
    starts: tuple[str, ...] = ()
    everywhere: bool = False


Going = tuple[tuple[Aggregate, Aggregate | None], ...]
"""Aggregates that change together, and what becomes of each: None, it is deleted."""


def goes_wholly(aggregate: Aggregate, get: Get) -> Going:
    """Nothing is left of an aggregate, and nothing else changes with it."""
    return ((aggregate, None),)


@dataclass(frozen=True, slots=True)
class Keeps:
    """What a programme's aggregates are kept for: they go when the time of this purpose is over (`retention.py`).

    `goes(aggregate, get)` is what becomes of it, and of what changes with it: nothing (an empty tuple) where something
    else still needs it, which then starts the job `_retain` when it ends; None where it cannot go yet, so that the job
    looks again. It is pure. `all`: kept until no purpose is left; `any`: looked at as soon as one is over.
    """

    aggregate: type[Aggregate]
    purpose: Purpose | Literal["all", "any"]
    goes: Callable[[Any, Get], Going | None] = goes_wholly


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with what lies under a programme's key.

    `over`: nothing comes to it any more, and nobody is to be led to it. `closed`: of what has closed, how many there
    are, by name. `pieces`: what is to be done before that, each by its own `Piece` row.
    """

    over: bool
    closed: Mapping[str, int] = field(default_factory=dict)
    pieces: Sequence[Internal] = ()


@dataclass(frozen=True, slots=True)
class SealedIds:
    """That aggregates lie under ids of a key of each programme, which is destroyed when that is over (`unlinking.py`).

    `standing(id, read)` is looked at when a day starts. `holds` are the aggregates: when something has closed that had
    not, or was less, they are laid in the order of their ids, so that none tells when it came. `unlinkable` says of
    each command that is marked so to which programme it belongs, if that is known.
    """

    programme: type[Aggregate]
    standing: Callable[[str, Reader], Awaitable[Standing]]
    holds: tuple[type[Aggregate], ...]
    unlinkable: Mapping[type[Command], Callable[[Any, Get], str | None]]


Row = Ask | Fact | Due | Piece | Job
NamedOtherwise = Callable[[Mapping[str, Any], Collection[str], Callable[..., str]], Collection[str]]
"""(data as it came, programmes, keyed) → participant ids."""


@dataclass(frozen=True)
class Service:
    """One deployable: its name, the contracts it owns, its table and its view. Refuses a contradictory table.

    `publishes` says how each published aggregate is said again, `copies` which aggregates follow another owner's,
    `concerns` which aggregates hold something of people, and what is left without them, `keeps` for which purpose a
    programme's are kept. `named_otherwise` says whom a message's data names other than by id, of these programmes,
    where a kept one may. `sealed` says what lies under ids of a programme's own key.
    """

    name: str
    contracts: ModuleType
    rows: tuple[Row, ...]
    view: View | None = None
    questions: tuple[Question, ...] = ()
    handouts: tuple[Handout, ...] = ()
    documents: tuple[Document, ...] = ()
    open_pages: tuple[Open, ...] = ()
    publishes: tuple[Publishes, ...] = ()
    copies: tuple[Copies, ...] = ()
    concerns: tuple[Concerns, ...] = ()
    keeps: tuple[Keeps, ...] = ()
    named_otherwise: NamedOtherwise | None = None
    sealed: SealedIds | None = None

    def __post_init__(self) -> None:
        check(self)

    def common(self, kind: type[C]) -> type[C]:
        """The service's own version of a contract that every owner has (`CommandRejected`, `DayHandled`, …)."""
        own: type[C] = getattr(self.contracts, kind.__name__)
        return own

    def common_rejection(self, command_id: str, command: str, reasons: tuple[base.Reason, ...]) -> Contract:
        """The service's own rejection of a command."""
        return self.common(base.CommandRejected)(command_id=command_id, command=command, reasons=reasons)

    @property
    def routes(self) -> tuple[Ask | Fact, ...]:
        """The rows that take messages from the broker."""
        return tuple(row for row in self.rows if isinstance(row, Ask | Fact))

    @property
    def dues(self) -> dict[str, Due]:
        """Due rows by aggregate kind, with the runtime's own: remind the office, forget who gave first aid."""
        attention = Due(Attention, self._remind, says=(self.common(base.OfficeAttentionNeeded),))
        rows = (attention, Due(Action, forget), *self.rows)
        return {row.aggregate.kind: row for row in rows if isinstance(row, Due)}

    def _remind(self, message: DueReached, attention: Attention | None, context: Context) -> Outcome:
        if attention is None:
            return NOTHING
        if attention.status != "open":
            return Decision(state=(attention.but(due=None),))
        reminded = attention.but(status="reminded", due=None)
        said = self.common(base.OfficeAttentionNeeded).model_validate(reminded.said())
        return Decision(state=(reminded,), messages=(said,))

    @property
    def pieces(self) -> dict[str, Piece]:
        """Piece rows by the internal message's class name."""
        return {row.on.__name__: row for row in self.rows if isinstance(row, Piece)}

    @property
    def jobs(self) -> dict[str, Job]:
        """Job rows by name."""
        return {row.name: row for row in self.rows if isinstance(row, Job)}


COMMON = (
    base.CommandRejected,
    base.PersonAddressed,
    base.OfficeAttentionNeeded,
    base.DayHandled,
    base.AuditSealed,
    base.ReplayQuarantined,
    base.QuarantineReplayed,
    base.EditQuarantined,
    base.QuarantineEdited,
    base.DiscardQuarantined,
    base.QuarantineDiscarded,
    base.QuarantineRead,
    base.NoteUnrouted,
    base.UnroutedNoted,
    base.SayStateAgain,
    base.StateSaidAgain,
    base.ShowPerson,
    base.PersonShown,
    base.PeopleErased,
    base.RetentionCarriedOut,
)

RETAIN_JOB = "_retain"
"""Deletes what a programme's purposes need no more; its reference is `programme|purpose,purpose`."""


def check(service: Service) -> None:
    """Refuse a table that contradicts itself.

    Raises TableError for: the same message and loader twice, a function with the wrong number of parameters, a command
    of another owner, an own event type said by nobody who owns it, an unknown job, a piece without a row, a discardable
    job that no command starts, an unlinkable command whose programme nobody names, two documents of one name.
    """
    for kind in COMMON:
        own = getattr(service.contracts, kind.__name__, None)
        if own is None or own.owner != service.name:
            raise TableError(
                f"{service.name}: its contracts lack their own {kind.__name__}; subclass shared.contracts.base's"
            )
    jobs, pieces = service.jobs, service.pieces
    once: set[tuple[object, object]] = set()
    for row in service.rows:
        if isinstance(row, Job):
            _check_job(service, row, pieces)
            continue
        where = f"{service.name}: row {_title(row)}"
        on: type[object] = row.aggregate if isinstance(row, Due) else row.on
        load: Load | None = row.load
        if (on, load) in once:
            raise TableError(f"{where} stands in the table twice; remove one")
        once.add((on, load))
        if isinstance(row, Ask) and row.on.owner != service.name:
            raise TableError(f"{where}: the command belongs to {row.on.owner}; only its owner answers it")
        if isinstance(row, Ask) and not row.on.senders:
            raise TableError(f"{where}: the command names nobody who may send it; give it senders=(...)")
        _check_parameters(where, row.decide, 3)
        if load is not None:
            _check_parameters(where, load, 2)
        for said in row.says:
            if issubclass(said, Event) and said.owner != service.name:
                raise TableError(f"{where}: {said.name} belongs to {said.owner}; a service says its own events")
        for job in row.starts:
            if job not in jobs and not (job == RETAIN_JOB and service.keeps):
                raise TableError(f"{where} starts the job {job!r}, which has no Job row")
    unlinkable = {row.on for row in service.rows if isinstance(row, Ask) and row.on.unlinkable}
    if unlinkable != set(service.sealed.unlinkable if service.sealed else ()):
        names = ", ".join(sorted(on.__name__ for on in unlinkable)) or "none"
        raise TableError(f"{service.name}: sealed= must name the programme of each unlinkable command: {names}")
    documents = [document.name for document in service.documents]
    if len(documents) > len(set(documents)):
        raise TableError(f"{service.name}: a document stands in the table twice: {', '.join(documents)}; remove one")
    kept: set[type[Aggregate]] = set()
    for keeps in service.keeps:
        where = f"{service.name}: what {keeps.aggregate.__name__} is kept for"
        if keeps.aggregate in kept:
            raise TableError(f"{where} is said twice; remove one")
        kept.add(keeps.aggregate)
        _check_parameters(where, keeps.goes, 2)
    for published in service.publishes:
        _check_parameters(f"{service.name}: what it publishes of {published.aggregate.__name__}", published.say, 1)
    concerned: set[type[Aggregate]] = set()
    for concerns in service.concerns:
        where = f"{service.name}: what concerns people in {concerns.aggregate.__name__}"
        if concerns.aggregate in concerned:
            raise TableError(f"{where} is said twice; remove one")
        concerned.add(concerns.aggregate)
        _check_parameters(f"{where} (people)", concerns.people, 1)
        _check_parameters(f"{where} (without)", concerns.without, 2)
        _check_parameters(f"{where} (also)", concerns.also, 2)
        for job in concerns.starts:
            if job not in jobs:
                raise TableError(f"{where} starts the job {job!r}, which has no Job row")
    for copy in service.copies:
        where = f"{service.name}: the copy {copy.aggregate.__name__}"
        if "seen" not in copy.aggregate.model_fields:
            raise TableError(f"{where} does not keep how far it has followed; give it the field `seen: Seen = Seen()`")
        if copy.of.owner == service.name:
            raise TableError(f"{where} is of the service's own {copy.of.name}; a copy follows another owner")


def _title(row: Row) -> str:
    if isinstance(row, Job):
        return row.name
    if isinstance(row, Due):
        return f"Due({row.aggregate.__name__})"
    return row.on.__name__


def _check_job(service: Service, row: Job, pieces: dict[str, Piece]) -> None:
    _check_parameters(f"{service.name}: job {row.name}", row.inputs, 2)
    if callable(row.work):
        _check_parameters(f"{service.name}: job {row.name}", row.work, 1)
    for piece in row.hands:
        if piece.__name__ not in pieces:
            raise TableError(f"{service.name}: job {row.name} hands {piece.__name__}, which has no Piece row")
    if row.discardable and not any(isinstance(other, Ask) and row.name in other.starts for other in service.rows):
        raise TableError(f"{service.name}: job {row.name} is discardable, but no command starts it again")


def _check_parameters(where: str, function: Callable[..., object], count: int) -> None:
    parameters = inspect.signature(function).parameters.values()
    required = [
        p for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    if len(required) != count:
        raise TableError(f"{where}: {function.__name__} takes {len(required)} parameters, not {count}")
