"""What the judge of a history knows of erasing: who has a tombstone, and which pieces the search hands over."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.runtime.aggregate import Aggregate
from shared.runtime.erasing import Erasure, NothingLeft, TakeOut, concerns_of
from shared.runtime.journal import mark
from shared.runtime.ports import Change
from shared.runtime.table import Service
from tests.simulation.messages import WrongError, keyed

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LAST_CALLS = ("forget", "holds")
"""What the search asks a store last, which is rarely while faults happen by chance."""
LATELY = 3
"""So many times the tombstones, or the programmes, may have changed between a batch's reading and its commit."""


@dataclass
class Graves:
    """Whose tombstones a service has: `known` is each state that they had, the newest last."""

    known: list[frozenset[str]] = field(default_factory=lambda: [frozenset()])

    def look(self, change: Change) -> None:
        """Take over the tombstones of a committed change."""
        new = {r.subject.partition("/")[2] for r in change.writes if r.kind == "_tombstone"}
        if new:
            self.known.append(self.known[-1] | new)

    @property
    def lately(self) -> list[frozenset[str]]:
        """What a batch that is committed now may have read, the newest first."""
        return self.known[: -LATELY - 1 : -1]


def named(text: str, graves: frozenset[str]) -> bool:
    """Whether a message names somebody who has one of these tombstones."""
    return bool(graves) and any(keyed("tombstone", id) in graves for id in UUID.findall(text))


def piece_of(
    service: Service, rest: str, state: Mapping[str, Aggregate], records: Mapping[str, dict[str, Any]]
) -> tuple[str, TakeOut | NothingLeft] | None:
    """The erasing job and what it hands over under this id; None if that is no erasing job's.

    Of an aggregate it names whomever of its people it holds; one that holds nobody any more is left alone. Raises
    WrongError where a service says that nothing is left although an aggregate still names one of them.
    """
    job, _, number = rest.removeprefix("erased.").partition(".")
    record = records.get(f"_job/{job}", {})
    if record.get("job") != "_erase":
        return None
    erasure = Erasure.parse(record["ref"])
    holds = {
        subject: tuple(sorted(erasure.ids.intersection(concerns.people(aggregate))))
        for subject, aggregate in state.items()
        for concerns in concerns_of(service)
        if concerns.aggregate.kind == aggregate.kind
    }
    if rest.startswith("erased."):
        if left := sorted(subject for subject, people in holds.items() if people):
            raise WrongError(f"{service.name}: {erasure.id} is said to be done, and {left} still name them")
        return job, NothingLeft(erasure_id=erasure.id)
    wanted = int(number.partition(".")[2])
    subject = next((subject for subject in holds if mark(subject) == wanted), "")
    return job, TakeOut(subject=subject or "gone/gone", people=holds.get(subject, ()))


def text_of(data: dict[str, Any], correlation: str) -> str:
    """Where a piece may name somebody."""
    return json.dumps([data, correlation], ensure_ascii=False)
