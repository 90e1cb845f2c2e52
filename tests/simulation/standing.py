"""Where somebody stands in a programme once everything has settled: exactly one state, and who owns what comes next.

The states are those of docs/waiting.md. Each is recognised by itself, from what registration and matching keep; nothing
here hangs on an order, so somebody in two of them, or in none, is seen.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.runtime.adapters.memory import MemoryDatabase

State = Mapping[str, Any]


@dataclass(frozen=True)
class Kept:
    """What a service keeps, by kind and id."""

    kinds: Mapping[str, Mapping[str, State]]

    @classmethod
    def of(cls, database: MemoryDatabase) -> "Kept":
        """All that is stored."""
        kinds: dict[str, dict[str, State]] = {}
        for record in database.records.values():
            if record.state is not None:
                kinds.setdefault(record.kind, {})[record.subject.partition("/")[2]] = record.state
        return cls(kinds)

    def all(self, kind: str) -> Mapping[str, State]:
        """All of a kind by id."""
        return self.kinds.get(kind, {})

    def get(self, kind: str, id: str | None) -> State:
        """One of a kind; empty if there is none."""
        return self.all(kind).get(id or "", {})


@dataclass(frozen=True)
class Standing:
    """Somebody in one programme, with all that either service keeps of them."""

    id: str
    registration: Kept
    matching: Kept
    today: str

    @property
    def person(self) -> State:
        """As registration has them."""
        return self.registration.get("participant", self.id)

    @property
    def programme(self) -> State:
        """Their programme at registration."""
        return self.registration.get("programme", self.person.get("programme"))

    @property
    def seat(self) -> State:
        """What they hold in matching."""
        return self.matching.get("seat", self.id)

    @property
    def erasure(self) -> State:
        """The erasure that is under way for them."""
        of = (
            e for e in self.registration.all("erasure").values() if self.id in {p["participant"] for p in e["people"]}
        )
        return next((e for e in of if e["status"] == "requested"), {})

    @property
    def release(self) -> State:
        """What their line manager was asked, if the programme has that rule."""
        found = self.registration.get("release", self.id)
        return found if found.get("status") == "asked" else {}

    @property
    def takes_part(self) -> bool:
        """Whether they are registered, nobody has to say yes to that first, and nobody erases them."""
        return self.person.get("status") == "registered" and not self.erasure and not self.release

    @property
    def pauses(self) -> bool:
        """Whether they pause today."""
        since, until = self.person.get("paused_since"), self.person.get("paused_until") or "9999"
        return since is not None and since <= self.today <= until

    @property
    def gathered(self) -> bool:
        """Whether registration has closed, so that matching looks for somebody."""
        return self.programme.get("status") in ("closed", "running")

    @property
    def proposals(self) -> list[State]:
        """Open proposals that name them."""
        return [p for p in self.matching.all("proposal").values() if self._in(p) and p["status"] in OPEN]

    @property
    def tandems(self) -> list[State]:
        """Running tandems that name them."""
        return [t for t in self.matching.all("tandem").values() if self._in(t) and t["status"] == "running"]

    @property
    def listed(self) -> bool:
        """Whether they stand on the reserve list."""
        return self.matching.get("reserve", self.id).get("status") == "waiting"

    @property
    def round(self) -> State:
        """The round of their programme that has not come to its pairs yet."""
        board = self.matching.get("board", self.person.get("programme"))
        open_ = self.matching.get("round", board.get("open"))
        return open_ if open_.get("status") in ("gathering", "wishing", "solving") else {}

    @property
    def over(self) -> bool:
        """Whether their programme is over, or closed when its term was: no round begins, and its next day ends it."""
        status, term = self.programme.get("status"), self.programme.get("term", {})
        late = status == "closed" and self.today > term["ends"] and not (self.round or self.proposals or self.tandems)
        return status in ("ended", "archived") or (late and not self.listed)

    def _in(self, pair: State) -> bool:
        return self.id in (pair["mentor"], pair["mentee"])

    # Who owns what comes next

    def asks(self, *about: str) -> bool:
        """Whether the office was told of one of these and has not answered: it has a date, or the deputy has it."""
        told = (*self.registration.all("attention").values(), *self.matching.all("attention").values())
        return any(
            set(about) & set(a["whom"]) and (a["status"] == "reminded" or (a["status"] == "open" and a["due"]))
            for a in told
        )

    def dated(self, *states: State) -> bool:
        """Whether something is kept and each of it has a day."""
        return bool(states) and all(state.get("due") for state in states)


OPEN = ("proposed", "approved")


@dataclass(frozen=True)
class Stands:
    """One state: how it is known, and whether somebody owns it by a date (None: it is final)."""

    known: Callable[[Standing], bool]
    owned: Callable[[Standing], bool] | None


def _asked_of_all(it: Standing) -> bool:
    return all(
        p["due"] if p["status"] == "approved" else it.asks(f"round/{p['round']}") or it.round.get("id") == p["round"]
        for p in it.proposals
    )


def _matched(it: Standing) -> bool:
    return it.takes_part and it.gathered and not it.pauses


STATES: dict[str, Stands] = {
    "erased": Stands(lambda it: not it.person, None),
    "is being erased": Stands(lambda it: bool(it.erasure), lambda it: it.dated(it.erasure)),
    "withdrawn": Stands(lambda it: it.person.get("status") == "withdrawn" and not it.erasure, None),
    "release asked": Stands(
        lambda it: it.person.get("status") == "registered" and bool(it.release),
        lambda it: it.dated(it.release) or it.asks(f"participant/{it.id}", f"release/{it.id}"),
    ),
    "registered before the close": Stands(
        lambda it: it.takes_part and not it.gathered and it.programme.get("status") in ("open", "closing"),
        lambda it: it.dated(it.programme),
    ),
    "pauses": Stands(
        lambda it: it.takes_part and it.gathered and it.pauses,
        lambda it: it.dated(it.person) or it.asks(f"participant/{it.id}"),
    ),
    "held back": Stands(
        lambda it: _matched(it) and it.listed and not it.person["admitted"], lambda it: it.dated(it.programme)
    ),
    "waits for the round": Stands(
        lambda it: _matched(it) and bool(it.round) and not (it.listed or it.proposals or it.tandems),
        lambda it: it.dated(it.round) or it.asks(f"round/{it.round['id']}"),
    ),
    "has a proposal": Stands(
        # Who is asked keeps their place in line until the tandem begins.
        lambda it: _matched(it) and bool(it.proposals) and not it.tandems,
        _asked_of_all,
    ),
    "has a tandem": Stands(
        lambda it: _matched(it) and bool(it.tandems) and not it.listed, lambda it: it.dated(*it.tandems)
    ),
    "waits on the reserve list": Stands(
        lambda it: _matched(it) and it.listed and it.person["admitted"] and not (it.proposals or it.tandems),
        lambda it: it.dated(it.programme),
    ),
    "the programme is over": Stands(
        lambda it: it.takes_part and it.over and not (it.gathered and it.pauses),
        lambda it: it.dated(it.programme) or it.programme["status"] == "archived",
    ),
}
"""Every state by its name in docs/waiting.md."""


def standings(registration: MemoryDatabase, matching: MemoryDatabase, ever: Iterator[str]) -> list[Standing]:
    """Everybody who ever was registered, as they stand now."""
    mine, theirs = Kept.of(registration), Kept.of(matching)
    today = mine.get("_today", "today").get("date", "")
    return [Standing(id, mine, theirs, today) for id in ever]


def stands_in(it: Standing) -> list[str]:
    """The states in which somebody is: there must be just one."""
    return [name for name, state in STATES.items() if state.known(it)]


def nowhere_or_twice(all_: list[Standing]) -> list[str]:
    """Who is in no state or in two, and who waits without an owner or a date."""
    wrong = []
    for it in all_:
        found = stands_in(it)
        if len(found) != 1:
            wrong.append(f"{it.id} is in {found or 'no state'}")
            continue
        owned = STATES[found[0]].owned
        if owned is not None and not owned(it):
            wrong.append(f"{it.id}: {found[0]}, and nobody has a date for it")
    return wrong
