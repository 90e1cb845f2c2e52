"""Deleting what a programme was kept for when its time is over: the rows that every service has for it.

Registration says in a programme's state which purposes are over (`gone`). The first row that hears of it remembers it,
which no late message undoes: what would bring back an aggregate of that programme and purpose is not decided
(`comes_back`). Then a job lets go of everything, piece by piece, as the service declares (`Keeps`), and says
`RetentionCarriedOut` when nothing is left. Told again, it does so again, which is harmless. Its work: `clearing.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self, get_args

from shared.contracts import base
from shared.contracts.base import Event
from shared.contracts.parts import Purpose
from shared.contracts.registration import ProgrammeArchived, ProgrammeEnded, RetentionDue
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.decision import NOTHING, Context, Decision, Get, Internal, Outcome, Start, Wait
from shared.runtime.erasing import says_of
from shared.runtime.known import Known
from shared.runtime.say_again import published_by
from shared.runtime.table import RETAIN_JOB, Fact, Going, Keeps, Piece, Service
from shared.runtime.tombstones import COUNTER, Gone, Tombstones

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
SAID_IN = (RetentionDue, ProgrammeEnded, ProgrammeArchived)
"""The events that say which purposes of a programme are over, also when they are said again."""


class LetGo(Internal):
    """An aggregate that is kept for a purpose whose time is over."""

    programme_id: str
    subject: str


class Cleared(Internal):
    """Nothing of a programme is kept for these purposes any more."""

    programme_id: str
    purposes: tuple[Purpose, ...]


class Over(NamedTuple):
    """What the job works on: a programme, and the purposes whose time is over."""

    programme: str
    purposes: tuple[Purpose, ...]

    def text(self) -> str:
        """As a job's reference."""
        return f"{self.programme}|{','.join(self.purposes)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From a job's reference."""
        programme, _, purposes = text.rpartition("|")
        named = purposes.split(",")
        return cls(programme, tuple(purpose for purpose in PURPOSES if purpose in named))


class Remembered(NamedTuple):
    """What is remembered of a programme, and the counter that moves with it."""

    gone: Gone | None
    counter: Tombstones | None


class Letting(NamedTuple):
    """An aggregate with what becomes of it, and the purposes of its programme whose time is over."""

    keeps: Keeps
    going: Going | None
    gone: Gone | None


def forget(programme: str) -> Start:
    """Start letting go of a programme's people again: what still needed some of them has ended."""
    return Start(RETAIN_JOB, Over(programme, ("people",)).text())


def is_over(purpose: str, gone: frozenset[Purpose]) -> bool:
    """Whether nothing is kept for a purpose any more."""
    if purpose == "any":
        return bool(gone)
    return purpose in gone or (purpose == "all" and gone.issuperset(PURPOSES))


def keeps_of(service: Service) -> tuple[Keeps, ...]:
    """What a service declares, and what the office was told of by it.

    An exception goes with the last purpose. What it is about may go before: then nobody could answer it any more, and
    it is settled in the same sweep, so it comes last.
    """
    return (*service.keeps, Keeps(Attention, "any", _exceptions(service.keeps))) if service.keeps else ()


def _exceptions(keeps: Sequence[Keeps]) -> Callable[[Attention, Get], Going]:
    """What becomes of the exceptions of a service that keeps these."""
    kinds = {each.aggregate.kind: each for each in keeps}

    def unanswerable(attention: Attention, over: frozenset[Purpose], get: Get) -> bool:
        named = (subject.partition("/") for subject in attention.whom)
        kept = ((kinds[kind], id) for kind, _, id in named if kind in kinds)
        return any(is_over(each.purpose, over) and get(each.aggregate, id) is None for each, id in kept)

    def goes(attention: Attention, get: Get) -> Going:
        """One that is still open is settled first, so that no reader goes on waiting for it."""
        gone = get(Gone, attention.programme or "")
        over = frozenset(gone.purposes) if gone is not None else frozenset[Purpose]()
        if attention.whom == (f"programme/{attention.programme}",):
            return ()
        if attention.status != "settled" and (over.issuperset(PURPOSES) or unanswerable(attention, over, get)):
            return ((attention, attention.settled()),)
        return ((attention, None),) if over.issuperset(PURPOSES) else ()

    return goes


def begin(message: RetentionDue | ProgrammeEnded | ProgrammeArchived, state: Remembered, context: Context) -> Decision:
    """Remember which purposes are over, and let go of what is kept for them."""
    before = frozenset(state.gone.purposes) if state.gone else frozenset[Purpose]()
    over = before | set(message.gone)
    if not message.gone:
        return NOTHING
    purposes = tuple(purpose for purpose in PURPOSES if purpose in over)
    start = Start(RETAIN_JOB, Over(message.programme_id, purposes).text())
    if over == before:
        return Decision(jobs=(start,))
    counter = state.counter or Tombstones(id=COUNTER.partition("/")[2])
    gone = Gone(id=message.programme_id, purposes=purposes)
    return Decision(state=(gone, counter.but(count=counter.count + 1)), jobs=(start,))


def _remembered(message: RetentionDue | ProgrammeEnded | ProgrammeArchived, get: Get) -> Remembered:
    return Remembered(get(Gone, message.programme_id), get(Tombstones, COUNTER.partition("/")[2]))


def _nothing(message: object, get: Get) -> None:
    return None


def retention_rows(service: Service) -> tuple[Fact | Piece, ...]:
    """The rows of a service that keeps something of programmes."""
    kept = {keeps.aggregate.kind: keeps for keeps in keeps_of(service)}
    published = {each.aggregate.kind: each for each in published_by(service)}
    carried_out = service.common(base.RetentionCarriedOut)
    if not kept:
        return ()

    def letting(message: LetGo, get: Get) -> Letting | None:
        kind, _, id = message.subject.partition("/")
        aggregate: Aggregate | None = get(kept[kind].aggregate, id)
        if aggregate is None:
            return None
        return Letting(kept[kind], kept[kind].goes(aggregate, get), get(Gone, message.programme_id))

    def let_go(message: LetGo, state: Letting | None, context: Context) -> Decision:
        if state is None or state.gone is None or not is_over(state.keeps.purpose, frozenset(state.gone.purposes)):
            return NOTHING
        becomes = {before.subject: (before, after) for before, after in state.going or ()}.values()
        left = [after for _, after in becomes if after is not None]
        said = [published[each.kind].say(each) for each in left if each.kind in published]
        return Decision(
            state=tuple(left),
            deletes=tuple(before for before, after in becomes if after is None),
            messages=tuple(event for event in said if event is not None),
        )

    def say_cleared(message: Cleared, state: None, context: Context) -> Decision:
        said = carried_out(programme_id=message.programme_id, purposes=message.purposes, service=service.name)
        return Decision(messages=(said,))

    says: tuple[type[Event], ...] = says_of(service, set(published))
    return (
        *(Fact(event, _remembered, begin, starts=(RETAIN_JOB,)) for event in SAID_IN),
        Piece(LetGo, letting, let_go, says=says, for_others=True),
        Piece(Cleared, _nothing, say_cleared, says=(carried_out,)),
    )


# What comes too late


def purposes_of(service: Service) -> dict[str, str]:
    """For which purpose each kind of aggregate is kept. Exceptions for the office are raised also after the end."""
    return {keeps.aggregate.kind: keeps.purpose for keeps in service.keeps}


def comes_back(
    service: Service,
    gone: Mapping[str, frozenset[Purpose]],
    becomes: Mapping[str, Aggregate | None],
    known: Mapping[str, Known],
) -> bool:
    """Whether a decision would make something anew that is kept no more.

    A batch that read what is remembered before a purpose was over may be committed after it; the job begins only when
    every such batch has ended (`Limits.settling`), and finds what it wrote.
    """
    kept_for = purposes_of(service)
    return any(
        aggregate is not None
        and is_over(kept_for.get(aggregate.kind, ""), gone.get(aggregate.programme or "", frozenset()))
        and not known[subject].exists
        for subject, aggregate in becomes.items()
    )


def never_comes(service: Service, gone: Mapping[str, frozenset[Purpose]], message: Any, wait: Outcome) -> bool:
    """Whether a message of a programme waits for something of it that is kept no more."""
    over = gone.get(getattr(message, "programme_id", None) or "", frozenset())
    if not isinstance(wait, Wait) or not over:
        return False
    return is_over(purposes_of(service).get(wait.subject.partition("/")[0], ""), over)
