"""Erasing people from a service: what its aggregates say of whom they concern, and the rows that every service has.

`registration.erasure-ordered` starts a job. It buries: a tombstone for each id, by which whatever still travels is
dropped on arrival (`item.py`). When everything has ended that began before the tombstones, it searches all that the
service keeps and hands over one piece for each aggregate that names one of the people; the piece lets go of them as the
service declares (`Concerns`), and says what is left where that was published. It searches until nothing is found, and
says `PeopleErased`. The search is in `searching.py`.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from shared.contracts import base
from shared.contracts.base import Event
from shared.contracts.parts import NOBODY
from shared.contracts.registration import ErasureOrdered
from shared.runtime.actions import Action
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.decision import NOTHING, Context, Decision, Get, Internal, Start
from shared.runtime.say_again import published_by
from shared.runtime.table import Concerns, Fact, Job, Piece, Service, nothing_shown
from shared.runtime.tombstones import UUID

ERASE_JOB = "_erase"
TOLD = frozenset(("what", "text", "by", "status"))
"""Fields of what the office was told that are shown to whom it is about."""


class TakeOut(Internal):
    """An aggregate that names people who are erased."""

    subject: str
    people: tuple[str, ...]


class NothingLeft(Internal):
    """Nothing names the people of an erasure any more."""

    erasure_id: str


class Erasure(NamedTuple):
    """What the job works on: the order's id, and participant ids, each with its programme."""

    id: str
    people: tuple[tuple[str, str], ...]

    def text(self) -> str:
        """As a job's reference."""
        return "|".join((self.id, *(f"{programme}/{who}" for who, programme in self.people)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """From a job's reference."""
        id, *people = text.split("|")
        return cls(id, tuple((who, programme) for programme, _, who in (each.partition("/") for each in people)))

    @property
    def ids(self) -> frozenset[str]:
        """Whom it is about."""
        return frozenset(who for who, _ in self.people)

    @property
    def programmes(self) -> tuple[str, ...]:
        """Where they took part."""
        return tuple(sorted({programme for _, programme in self.people}))


def _mentioned(aggregate: Aggregate) -> frozenset[str]:
    return frozenset(UUID.findall(aggregate.model_dump_json()))


def _unnamed(aggregate: Any, people: frozenset[str]) -> Any:
    text = re.sub("|".join(map(re.escape, sorted(people))), NOBODY, aggregate.model_dump_json())
    return type(aggregate).model_validate_json(text)


def _settled(attention: Attention, people: frozenset[str]) -> Attention:
    """Nothing is left to be done for who is gone; what waits for somebody else besides goes on waiting."""
    left: Attention = _unnamed(attention, people)
    return left.settled() if left.whom and all(NOBODY in whom for whom in left.whom) else left


def _told_of(attention: Attention, people: frozenset[str]) -> Mapping[str, Any] | None:
    """What the office was told of somebody, and whether it still waits; not whom else it is about."""
    if people.isdisjoint(whom.removeprefix("participant/") for whom in attention.whom):
        return None
    return attention.model_dump(mode="json", include=set(TOLD))


def concerns_of(service: Service) -> tuple[Concerns, ...]:
    """What a service declares, and the two aggregates that the runtime keeps for every service."""
    return (
        *service.concerns,
        Concerns(Attention, _mentioned, _settled, shows=_told_of),
        Concerns(Action, _mentioned, _unnamed, shows=nothing_shown, everywhere=True),
    )


def start_erasing(message: ErasureOrdered, state: None, context: Context) -> Decision:
    """Start erasing; told again while it is under way, it is done twice, which is harmless."""
    people = tuple((person.participant_id, person.programme_id) for person in message.people)
    # What an address was noted by is searched and buried as an id of theirs.
    people += tuple((address, message.people[0].programme_id) for address in message.addresses)
    return Decision(jobs=(Start(ERASE_JOB, Erasure(message.erasure_id, people).text()),))


def _nothing(message: object, get: Get) -> None:
    return None


class Found(NamedTuple):
    """An aggregate, what changes with it, and what goes along where nothing is left of it."""

    aggregate: Aggregate
    also: tuple[tuple[Aggregate, Aggregate | None], ...]
    along: tuple[Aggregate, ...]


def erasing_rows(service: Service) -> tuple[Fact | Piece, ...]:
    """The rows that every service has to erase people."""
    concerned = {concerns.aggregate.kind: concerns for concerns in concerns_of(service)}
    published = {each.aggregate.kind: each for each in published_by(service)}
    erased_ = service.common(base.PeopleErased)

    def found(message: TakeOut, get: Get) -> Found | None:
        kind, _, id = message.subject.partition("/")
        concerns = concerned[kind]
        aggregate = get(concerns.aggregate, id)
        if aggregate is None:
            return None
        return Found(aggregate, concerns.also(aggregate, get), concerns.along(aggregate, get))

    def take_out(message: TakeOut, state: Found | None, context: Context) -> Decision:
        people = frozenset(message.people)
        if state is None:
            return NOTHING
        before, also, along = state
        concerns = concerned[before.kind]
        if people.isdisjoint(concerns.people(before)):
            return NOTHING
        left = concerns.without(before, people)
        if left is not None and not people.isdisjoint(concerns.people(left)):
            # Never found out otherwise: it would be searched for and found for ever.
            raise LookupError(f"without() leaves people in {before.kind}")
        all_of_them = ((before, left), *also, *((each, None) for each in along if left is None))
        becomes = {each.subject: (each, after) for each, after in all_of_them}.values()
        stays = tuple(after for _, after in becomes if after is not None)
        said = (published[after.kind].say(after) for after in stays if after.kind in published)
        return Decision(
            state=stays,
            deletes=tuple(gone for gone, after in becomes if after is None),
            messages=tuple(event for event in said if event is not None),
            jobs=tuple(Start(job, before.programme or "") for job in concerns.starts),
        )

    def say_erased(message: NothingLeft, state: None, context: Context) -> Decision:
        return Decision(messages=(erased_(erasure_id=message.erasure_id, service=service.name),))

    starts = tuple(sorted({job for concerns in concerned.values() for job in concerns.starts}))
    return (
        Fact(ErasureOrdered, _nothing, start_erasing, starts=(ERASE_JOB,)),
        Piece(
            TakeOut,
            found,
            take_out,
            says=says_of(service, concerned.keys() & published.keys()),
            starts=starts,
            for_others=True,
        ),
        Piece(NothingLeft, _nothing, say_erased, says=(erased_,)),
    )


def says_of(service: Service, kinds: set[str]) -> tuple[type[Event], ...]:
    """What the service's own rows say of aggregates of these kinds: one of it says what is left of one."""
    rows = (*service.rows, *service.dues.values())
    said = {kind for row in rows if not isinstance(row, Job) for kind in row.says if issubclass(kind, Event)}
    mine = {kind for kind in said if kind.stateful and kind.about.split("/")[0] in kinds}
    return tuple(sorted(mine, key=lambda kind: kind.name))
