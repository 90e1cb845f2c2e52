"""The journal: what became of messages, kept for some days, so that a trace can be told as a tree.

Ids, types, times and results only. What is private (survey answers, wishes, vetoes) has no entry at all: not even that
somebody sent it. A date that said nothing has none either: that somebody was reminded, or was not, may tell who acted.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

Said = tuple[str, str]
"""What a message led to: the id and type of a message, or of a job (`job:<name>`)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message, or job, that was worked on once. `received` is an ISO timestamp; `reason` is without personal data.

    `attempts` counts this one. A message that waited or failed has an entry for each time.
    """

    id: str
    type: str
    correlation: str
    result: str
    received: str
    causation: str = ""
    attempts: int = 1
    reason: str = ""
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Traced:
    """An entry as a store remembers it: who decided it and when, and whether the broker has all that it said."""

    entry: Entry
    replica: str
    decided: str
    published: bool


def mark(correlation: str) -> int:
    """What a correlation id is looked for by: a number is half the work of a text for an index."""
    return int.from_bytes(hashlib.sha256(correlation.encode()).digest()[:6])


def packed(entries: Sequence[Entry]) -> dict[str, Any]:  # a document of the database
    """Entries as a small document: each correlation id once, no names of fields, nothing empty at an end."""
    of = list(dict.fromkeys(entry.correlation for entry in entries))
    places = {correlation: number for number, correlation in enumerate(of)}
    return {
        "marks": sorted({mark(correlation) for correlation in of}),
        "of": of,
        "rows": [_row(entry, places[entry.correlation]) for entry in entries],
    }


def _row(entry: Entry, place: int) -> list[Any]:
    said = [text for each in entry.said for text in each]
    row = [entry.id, entry.type, place, entry.result, entry.received, entry.causation, said]
    return row if entry.attempts == 1 and not entry.reason else [*row, entry.attempts, entry.reason]


def unpacked(document: dict[str, Any], correlation: str) -> list[Entry]:
    """The entries of one correlation id in a document; none if its mark was another's too."""
    return [
        Entry(
            id=id,
            type=type,
            correlation=correlation,
            result=result,
            received=received,
            causation=causation,
            said=tuple(zip(said[::2], said[1::2], strict=True)),
            attempts=more[0] if more else 1,
            reason=more[1] if more else "",
        )
        for id, type, of, result, received, causation, said, *more in document["rows"]
        if document["of"][of] == correlation
    ]


def without(document: dict[str, Any], ids: Collection[str]) -> dict[str, Any]:
    """A document without the entries of each correlation id that holds one of these ids."""
    named = {number for number, of in enumerate(document["of"]) if any(id in of for id in ids)}
    of = ["" if number in named else each for number, each in enumerate(document["of"])]
    rows = [row for row in document["rows"] if row[2] not in named]
    marks = sorted({mark(each) for number, each in enumerate(of) if number not in named})
    return {**document, "marks": marks, "of": of, "rows": rows}
