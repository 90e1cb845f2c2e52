"""From HR's file to events: who takes part is asked, what is new of them is published, the rest is dropped unread."""

import datetime as dt
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Protocol, TypeVar

from shared.cli.hr_import.report import Report
from shared.cli.hr_import.rows import Line, Refused, lines_of, row_of, sequence_of
from shared.contracts import hr
from shared.contracts.base import Part
from shared.runtime.envelope import Envelope, wrap

SOURCE = "/hr"
OLDER = "registration has heard something as new or newer of this person; bring a file with a later as_of"
TWICE = "this person stands in lines {lines} with different entries; keep the right one alone"
SHOWN = 5
"""So many of a person's lines are named."""

A = TypeVar("A", bound=Part)


class Asks(Protocol):
    """Asks registration one of HR's questions."""

    async def __call__(self, name: str, question: Part, answer: type[A], /) -> A:
        """The answer to a question."""


@dataclass(frozen=True)
class Found:
    """What a file comes to: the report, and the events that say what is new."""

    report: Report
    events: tuple[Envelope, ...]


class Row(NamedTuple):
    """What HR says of somebody who takes part, and every line that says so."""

    lines: tuple[Line, ...]
    row: hr.EmploymentRow


@dataclass(frozen=True)
class Import:
    """One file of a moment; `secret` keys the ids of events, so that the same file says the same once."""

    as_of: dt.datetime
    ask: Asks
    secret: bytes
    told: Callable[[int], None] = lambda rows: None

    async def compare(self, source: Iterable[bytes], *, dry_run: bool) -> Found:
        """Read a whole file and find what is new; nothing is published before all of it has been read.

        Raises what `ask` raises.
        """
        report = Report(as_of=self.as_of.isoformat(), dry_run=dry_run)
        known: dict[str, list[Line]] = {}
        rows = lines_of(source)
        while chunk := list(islice(rows, hr.CHUNK)):
            report.rows += len(chunk)
            report.refused += (row for row in chunk if isinstance(row, Refused))
            await self._look([row for row in chunk if isinstance(row, Line)], known, report)
            self.told(report.rows)
        # What two lines of one person say is known only now.
        read = iter([row for lines in known.values() for row in _read(lines, report)])
        events: list[Envelope] = []
        while some := tuple(islice(read, hr.CHUNK)):
            differ = hr.WhatDiffers(rows=tuple(row.row for row in some))
            differences = (await self.ask("what-differs", differ, hr.Differences)).rows
            for row, difference in zip(some, differences, strict=True):
                events += self._said(row, difference, report)
        missing = await self.ask("who-is-missing", hr.WhoIsMissing(keys=tuple(known)), hr.TheseAreMissing)
        report.missing = missing.participants
        report.refused.sort(key=lambda refused: refused.line)
        return Found(report, tuple(events))

    async def _look(self, lines: list[Line], known: dict[str, list[Line]], report: Report) -> None:
        """Keep the lines of people who take part, of each person together; the others are dropped here."""
        keys = hr.WhoTakesPart(keys=tuple(line.key for line in lines))
        found = (await self.ask("who-takes-part", keys, hr.TheseTakePart)).places
        report.unknown += len(lines) - len(found)
        for line in (lines[place] for place in found):
            known.setdefault(line.key, []).append(line)

    def _said(self, row: Row, difference: hr.Difference, report: Report) -> Iterator[Envelope]:
        sequence = sequence_of(self.as_of)
        if not difference.fields:
            report.unchanged += len(row.lines)
        elif sequence <= difference.sequence:
            report.refused += (Refused(line.number, "", "older", OLDER) for line in row.lines)
        else:
            report.changed += 1
            # The same once more adds nothing.
            report.unchanged += len(row.lines) - 1
            report.fields.update(difference.fields)
            yield self._envelope(row.row.event(self.as_of.date()), sequence, difference)

    def _envelope(
        self, event: hr.EmploymentChanged | hr.EmploymentEnded, sequence: int, difference: hr.Difference
    ) -> Envelope:
        # Of whom all was deleted since, and who came anew, the same word is another message: as the first it would be
        # known, and passed over.
        parts = "\0".join((event.name, event.subject, str(sequence), event.model_dump_json(), difference.state))
        id = hmac.new(self.secret, parts.encode(), hashlib.sha256).hexdigest()
        return wrap(
            event,
            id=id,
            source=SOURCE,
            subject=event.subject,
            time=self.as_of,
            correlationid=id,
            sequence=sequence,
            # The epoch that was heard last: the sequence alone decides what is newer.
            epoch=difference.epoch or None,
        )


def _read(lines: list[Line], report: Report) -> Iterator[Row]:
    """What all lines of one person say, if they say one thing; else what is wrong with each is in the report."""
    read = [row_of(line) for line in lines]
    rows = [row for row in read if isinstance(row, hr.EmploymentRow)]
    if len(rows) == len(lines) and all(row == rows[0] for row in rows):
        yield Row(tuple(lines), rows[0])
        return
    faults = [
        (line, () if isinstance(said, hr.EmploymentRow) else said) for line, said in zip(lines, read, strict=True)
    ]
    several = len({line.text.strip() for line in lines}) > 1
    where = ", ".join(str(line.number) for line in lines[:SHOWN]) + (", …" if len(lines) > SHOWN else "")
    for line, wrong in faults:
        report.refused += wrong
        if several:
            twice = TWICE.format(lines=where)
            report.refused.append(Refused(line.number, "personnel_key", "named_twice", twice))


async def publish(found: Found, send: Callable[[Envelope], Awaitable[None]]) -> Report:
    """Publish every event of a file, in its order. Raises what `send` raises; to go on, bring the same file again."""
    for event in found.events:
        await send(event)
        found.report.published += 1
    return found.report
