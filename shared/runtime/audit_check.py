"""Checking an audit: every link and every seal, that heads only grow, and that it begins where it may.

Pure, and sparing with what it believes: it is given what a service shows (`GET /audit`, `GET /audit/seals`), which
whoever has rights in the database may have changed in any way. What day it is and how long links are kept it is told by
whoever checks (`Known`), never by what is checked: else two forged seals would say that everything else is too old.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.runtime.audit import Head, hash_of
from shared.runtime.seals import oldest_kept

Sealed = tuple[int, str]
"""A head's number and hash."""


class BrokenError(Exception):
    """An audit does not hold; one line that names the chain and number, or the seal."""


@dataclass(frozen=True, slots=True)
class Known:
    """What whoever checks knows without the database.

    `today` is by the deployment's days, `years` how many full years it keeps links (`TANDEM_AUDIT_YEARS`), `outside`
    are seals kept elsewhere, date to hash.
    """

    today: dt.date
    years: int
    outside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """What an audit that holds consists of; `oldest` is the time of its oldest link, empty where there is none.

    `outside` is the date of the newest seal that was also kept outside, empty where none was: what is newer is only
    known to fit together. `notes` are what looks odd and may be right.
    """

    links: int
    entries: int
    seals: int
    oldest: str
    outside: str = ""
    notes: tuple[str, ...] = ()


class _Shown(BaseModel):
    """What is read as it is shown, to the letter."""

    model_config = ConfigDict(strict=True, extra="forbid")

    number: int
    before: str
    hash: str


class _Link(_Shown):
    chain: str
    at: str
    entries: list[dict[str, Any]]


class _Seal(_Shown):
    service: str
    date: Annotated[dt.date, Field(strict=False)]
    years: Annotated[int, Field(ge=1)]
    heads: list[Head]


S = TypeVar("S", bound=_Shown)


def _read(kind: type[S], name: str, shown: Mapping[str, Any]) -> S:
    """A link or a seal whose hash is that of its content. Raises BrokenError."""
    if shown.get("hash") != hash_of(shown):
        raise BrokenError(f"{name}: its hash is not that of its content")
    try:
        return kind.model_validate(shown)
    except ValidationError:
        raise BrokenError(f"{name}: it has not the shape that it should have") from None


@dataclass
class Check:
    """Checks one service's audit: first its seals, then each link in the order shown (`take`), then what is missing.

    Raises BrokenError at the first thing that does not hold.
    """

    service: str
    seals: Sequence[Mapping[str, Any]]
    known: Known
    entries: int = 0
    links: int = 0
    oldest: str = ""
    _walks: dict[str, Sealed] = field(default_factory=dict, init=False)
    _begins: dict[str, Sealed] = field(default_factory=dict, init=False)
    _expected: dict[str, dict[int, tuple[str, str]]] = field(default_factory=lambda: defaultdict(dict), init=False)
    _met: set[tuple[str, int]] = field(default_factory=set, init=False)
    _shortened: bool = field(default=False, init=False)
    _outside: str = field(default="", init=False)
    _notes: tuple[str, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        read = [_read(_Seal, f"seal of {shown.get('date')!s:.10}", shown) for shown in self.seals]
        self._shortened = bool(read) and any(read[0].date < oldest for oldest in self._oldest(read))
        before: _Seal | None = None
        heads: dict[str, Sealed] = {}
        for seal in read:
            name = f"seal of {seal.date}"
            now = {head.chain: (head.number, head.hash) for head in seal.heads}
            self._follows(name, seal, before)
            if before is None:
                self._begins = now
            for chain, head in heads.items():
                self._grown(name, chain, head, now.get(chain))
            for chain, (number, hash) in now.items():
                self._expected[chain].setdefault(number, (hash, name))
            heads, before = now, seal
        self._agree_with_outside({seal.date.isoformat(): seal for seal in read})
        self._notes = tuple(self._otherwise(read))

    def _oldest(self, seals: "Sequence[_Seal]") -> Iterator[dt.date]:
        """The first days that may have been kept: by the setting today, and by that of each seal kept outside."""
        yield oldest_kept(self.known.today, self.known.years)
        for seal in seals:
            if self.known.outside.get(seal.date.isoformat()) == seal.hash:
                yield oldest_kept(seal.date, seal.years)

    def _otherwise(self, seals: "Sequence[_Seal]") -> Iterator[str]:
        """Where the seals begin to say other years than the setting."""
        said = self.known.years
        for seal in seals:
            if seal.years not in (said, self.known.years):
                yield f"from the seal of {seal.date} on it says {seal.years} years; the setting is {self.known.years}"
            said = seal.years

    def _follows(self, name: str, seal: "_Seal", before: "_Seal | None") -> None:
        if seal.service != self.service:
            raise BrokenError(f"{name}: it is another service's")
        if seal.date > self.known.today:
            raise BrokenError(f"{name}: that day has not come; today is {self.known.today}")
        if before is None:
            self._first(name, seal)
            return
        if seal.number != before.number + 1 or seal.before != before.hash:
            raise BrokenError(f"{name}: it does not follow the seal of {before.date}")
        if seal.date <= before.date:
            raise BrokenError(f"{name}: it is not later than the seal before it")

    def _first(self, name: str, seal: "_Seal") -> None:
        """The first seal shown is the first of all, or what is before it was to be dropped and is counted."""
        if seal.number == 1:
            if seal.before != "":
                raise BrokenError(f"{name}: a first seal follows none")
        elif not self._shortened:
            raise BrokenError(f"{name}: the seals before it are missing")
        older = [date for date in self.known.outside if date < seal.date.isoformat()]
        if seal.number <= len(older):
            raise BrokenError(f"{name}: it is number {seal.number}, and {len(older)} before it were kept outside")

    def _grown(self, name: str, chain: str, before: Sealed, now: Sealed | None) -> None:
        if now is None:
            if not self._shortened or before != self._begins.get(chain):
                raise BrokenError(f"{name}: chain {chain}, sealed up to link {before[0]}, is missing")
        elif now[0] < before[0] or (now[0] == before[0] and now != before):
            raise BrokenError(f"{name}: chain {chain} goes back behind link {before[0]}")

    def _agree_with_outside(self, seals: "Mapping[str, _Seal]") -> None:
        """Each seal kept outside is there, unless it is older than where the audit may begin."""
        first = min(seals, default="")
        for date, hash in sorted(self.known.outside.items()):
            if date not in seals and not (self._shortened and date < first):
                raise BrokenError(f"seal of {date}: it was kept outside, and the database has it no more")
            if date in seals and seals[date].hash != hash:
                raise BrokenError(f"seal of {date}: the one kept outside is another")
        self._outside = max(seals.keys() & self.known.outside.keys(), default="")

    def take(self, shown: Mapping[str, Any]) -> None:
        """Check the next link."""
        name = f"chain {shown.get('chain')!s:.80}, link {shown.get('number')!s:.20}"
        link = _read(_Link, name, shown)
        walk = self._walks.get(link.chain)
        if walk is None:
            self._begin(name, link)
        elif link.number != walk[0] + 1:
            raise BrokenError(f"{name}: the link before it is missing")
        elif link.before != walk[1]:
            raise BrokenError(f"{name}: it does not follow link {walk[0]}")
        self._walks[link.chain] = (link.number, link.hash)
        sealed = self._expected.get(link.chain, {}).get(link.number)
        if sealed is not None:
            if sealed[0] != link.hash:
                raise BrokenError(f"{name}: the {sealed[1]} has another")
            self._met.add((link.chain, link.number))
        self.links += 1
        self.entries += len(link.entries)
        self.oldest = min(self.oldest or link.at, link.at)

    def _begin(self, name: str, link: "_Link") -> None:
        """A chain begins at 1, or behind where the kept audit begins."""
        if link.number == 1:
            if link.before != "":
                raise BrokenError(f"{name}: a first link follows none")
            return
        begins = self._begins.get(link.chain)
        if not self._shortened or begins is None or link.number > begins[0] + 1:
            raise BrokenError(f"{name}: the links before it are missing")
        if link.number == begins[0] + 1 and link.before != begins[1]:
            raise BrokenError(f"{name}: it does not follow link {begins[0]}, at which the audit begins")

    def end(self) -> Figures:
        """What the audit consists of, once every link was taken."""
        for chain, sealed in sorted(self._expected.items()):
            for number, (hash, name) in sorted(sealed.items()):
                dropped = self._shortened and self._begins.get(chain) == (number, hash)
                if (chain, number) not in self._met and not dropped:
                    raise BrokenError(f"chain {chain}, link {number}: the {name} has it, and it is missing")
        return Figures(self.links, self.entries, len(self.seals), self.oldest, self._outside, self._notes)


def checked(
    service: str,
    seals: Sequence[Mapping[str, Any]],
    links: Iterable[Mapping[str, Any]],
    known: Known,
) -> Figures:
    """Check a whole audit. Raises BrokenError."""
    check = Check(service, seals, known)
    for link in links:
        check.take(link)
    return check.end()
