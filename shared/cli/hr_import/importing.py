"""From HR's file to events: who takes part is asked, what is new of them is published, the rest is dropped unread."""

import datetime as dt
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, TypeVar

from shared.cli.hr_import.report import Report
from shared.cli.hr_import.rows import Line, Refused, lines_of, row_of, sequence_of
from shared.contracts import hr
from shared.contracts.base import Part
from shared.runtime.envelope import Envelope, wrap

SOURCE = "/hr"
OLDER = "registration has heard something as new or newer of this person; bring a file with a later as_of"
TWICE = "this person stood in the file before; write one row a person"

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
        events: list[Envelope] = []
        known: dict[str, int] = {}
        rows = lines_of(source)
        while chunk := list(islice(rows, hr.CHUNK)):
            report.rows += len(chunk)
            report.refused += (row for row in chunk if isinstance(row, Refused))
            events += await self._chunk([row for row in chunk if isinstance(row, Line)], known, report)
            self.told(report.rows)
        missing = await self.ask("who-is-missing", hr.WhoIsMissing(keys=tuple(known)), hr.TheseAreMissing)
        report.missing = missing.participants
        return Found(report, tuple(events))

    async def _chunk(self, lines: list[Line], known: dict[str, int], report: Report) -> list[Envelope]:
        keys = hr.WhoTakesPart(keys=tuple(line.key for line in lines))
        found = (await self.ask("who-takes-part", keys, hr.TheseTakePart)).places
        report.unknown += len(lines) - len(found)
        rows: list[tuple[Line, hr.EmploymentRow]] = []
        for line in (lines[place] for place in found):
            read = row_of(line) if line.key not in known else self._twice(line)
            known.setdefault(line.key, line.number)
            if isinstance(read, hr.EmploymentRow):
                rows.append((line, read))
            else:
                report.refused += read
        differ = hr.WhatDiffers(rows=tuple(row for _, row in rows))
        differences = (await self.ask("what-differs", differ, hr.Differences)).rows if rows else ()
        return [
            event
            for (line, row), difference in zip(rows, differences, strict=True)
            for event in self._said(line, row, difference, report)
        ]

    @staticmethod
    def _twice(line: Line) -> tuple[Refused, ...]:
        return (Refused(line.number, "personnel_key", "named_twice", TWICE),)

    def _said(self, line: Line, row: hr.EmploymentRow, difference: hr.Difference, report: Report) -> Iterator[Envelope]:
        sequence = sequence_of(self.as_of)
        if not difference.fields:
            report.unchanged += 1
        elif sequence <= difference.sequence:
            report.refused.append(Refused(line.number, "", "older", OLDER))
        else:
            report.changed += 1
            report.fields.update(difference.fields)
            # The epoch that was heard last: the sequence alone decides what is newer.
            yield self._envelope(row.event(self.as_of.date()), sequence, difference.epoch)

    def _envelope(self, event: hr.EmploymentChanged | hr.EmploymentEnded, sequence: int, epoch: int) -> Envelope:
        parts = "\0".join((event.name, event.subject, str(sequence), event.model_dump_json()))
        id = hmac.new(self.secret, parts.encode(), hashlib.sha256).hexdigest()
        return wrap(
            event,
            id=id,
            source=SOURCE,
            subject=event.subject,
            time=self.as_of,
            correlationid=id,
            sequence=sequence,
            epoch=epoch or None,
        )


async def publish(found: Found, send: Callable[[Envelope], Awaitable[None]]) -> Report:
    """Publish every event of a file, in its order. Raises what `send` raises; to go on, bring the same file again."""
    for event in found.events:
        await send(event)
        found.report.published += 1
    return found.report
