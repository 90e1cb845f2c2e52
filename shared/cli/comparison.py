"""What owners and readers hold, compared: who is behind, who knows more than its owner, what an owner has forgotten.

Only ids and versions are asked for (`GET /holdings`, with the operators' token), and rows only where digests differ.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.cli.addresses import Addresses
from shared.cli.client import ClientError
from shared.cli.views import page_of

Version = tuple[int, int]

LIMIT = 60.0
"""Seconds that a service may take for a page of what it holds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One subject as somebody holds it: the programme that it belongs to, and its (epoch, sequence)."""

    programme: str | None
    version: Version
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One kind of subject in which a reader and its owner differ; ids by what is wrong with them.

    `behind`: the owner has a newer state, or one that the reader has not. `ahead`: the reader has a newer state in the
    owner's own epoch, so the owner was restored and its epoch not raised. `forgotten`: the owner does not have what the
    reader knows from an earlier epoch. `taken_back`: the reader knew a newer state than the restored owner says now.
    """

    owner: str
    reader: str
    kind: str
    behind: Mapping[str, str | None]
    ahead: Mapping[str, str | None]
    forgotten: Mapping[str, str | None]
    highest_epoch: int
    taken_back: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether there is a difference at all."""
        return bool(self.behind or self.ahead or self.forgotten or self.taken_back)


def compare(owner: str, reader: str, kind: str, epoch: int, has: dict[str, Row], knows: dict[str, Row]) -> Difference:
    """What differs between an owner under an epoch and what a reader knows of it."""
    behind: dict[str, str | None] = {}
    ahead: dict[str, str | None] = {}
    forgotten: dict[str, str | None] = {}
    for id in sorted(has.keys() | knows.keys()):
        own, known = has.get(id), knows.get(id)
        if own is not None and (known is None or known.version < own.version):
            behind[id] = own.programme
        elif known is not None and own is not None and known.version > own.version:
            ahead[id] = known.programme
        elif known is not None and own is None:
            (ahead if known.version[0] >= epoch else forgotten)[id] = known.programme
    highest = max((row.version[0] for row in knows.values()), default=epoch)
    back = {id: row.programme for id, row in knows.items() if row.taken_back}
    return Difference(owner, reader, kind, behind, ahead, forgotten, highest, back)


@dataclass
class Asker:
    """Asks the services what they hold. Who does not answer keeps nobody from seeing the others.

    `silent` says who could not be asked, and why; nobody is waited for twice.
    """

    addresses: Addresses
    silent: dict[str, str] = field(default_factory=dict)

    def get(self, service: str, path: str) -> Any:
        """A page of a service. Raises ClientError in one line."""
        if service in self.silent:
            raise ClientError(self.silent[service])
        try:
            return page_of(self.addresses, service, path, "TANDEM_OPS_TOKEN", LIMIT)
        except ClientError as error:
            self.silent[service] = str(error)
            raise

    def rows(self, service: str, name: str) -> dict[str, Row]:
        """Everything that a service holds under a name, by id. Raises ClientError."""
        found: dict[str, Row] = {}
        after = ""
        while True:
            page = self.get(service, f"/holdings/{name}/rows?{httpx.QueryParams(after=after)}")
            found |= {id: Row(programme, (epoch, number), back) for id, programme, epoch, number, back in page["rows"]}
            if page["after"] is None:
                return found
            after = page["after"]

    def differences(self) -> list[Difference]:
        """Where readers and owners that answer differ. A message under way looks like a difference: ask twice."""
        names: dict[str, Any] = {}
        for service in self.addresses.services:
            with contextlib.suppress(ClientError):
                names[service] = self.get(service, "/holdings")
        digests: dict[tuple[str, str], Any] = {}
        found = []
        for reader, held in names.items():
            for copy in held["copies"]:
                owner, kind = copy.split(".", 1)
                if owner in names:
                    with contextlib.suppress(ClientError):
                        found.append(self._difference(owner, reader, kind, names[owner]["epoch"], digests))
        return [difference for difference in found if difference is not None and difference.any]

    def _difference(
        self, owner: str, reader: str, kind: str, epoch: int, digests: dict[tuple[str, str], Any]
    ) -> Difference | None:
        copy = f"{owner}.{kind}"
        if (owner, kind) not in digests:
            digests[owner, kind] = self.get(owner, f"/holdings/{kind}")
        if self.get(reader, f"/holdings/{copy}") == digests[owner, kind]:
            return None  # an owner has nothing taken back, so a reader that has differs too
        return compare(owner, reader, kind, epoch, self.rows(owner, kind), self.rows(reader, copy))


def lasting(first: list[Difference], second: list[Difference]) -> list[Difference]:
    """What differed both times: not what was just under way."""

    def both(one: Mapping[str, str | None], other: Mapping[str, str | None]) -> dict[str, str | None]:
        return {id: other[id] for id in one.keys() & other.keys()}

    before = {(each.owner, each.reader, each.kind): each for each in first}
    found = []
    for now in second:
        then = before.get((now.owner, now.reader, now.kind))
        if then is None:
            continue
        left = Difference(
            now.owner,
            now.reader,
            now.kind,
            both(then.behind, now.behind),
            both(then.ahead, now.ahead),
            both(then.forgotten, now.forgotten),
            now.highest_epoch,
            both(then.taken_back, now.taken_back),
        )
        if left.any:
            found.append(left)
    return found
