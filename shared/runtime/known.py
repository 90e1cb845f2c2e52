"""One subject as a batch knows it: what was read of it, and what was decided since."""

from dataclasses import dataclass, replace
from typing import TypeVar

from shared.runtime.aggregate import Aggregate
from shared.runtime.ports import Record

A = TypeVar("A", bound=Aggregate)


@dataclass(slots=True)
class Known:
    """A subject's record as it was read, and what becomes of it: unchanged, `dirty` (written), or `gone` (deleted).

    The record keeps the version that was read: it guards the one write or delete in which the batch ends.
    """

    record: Record
    aggregate: Aggregate | None = None
    parsed: bool = False
    dirty: bool = False
    gone: bool = False

    def as_kind(self, kind: type[A]) -> A | None:
        """The aggregate, read from its record once."""
        if not self.parsed:
            state = self.record.state
            self.aggregate = kind.from_stored(self.record.subject, state) if state is not None else None
            self.parsed = True
        return self.aggregate if isinstance(self.aggregate, kind) else None

    @property
    def exists(self) -> bool:
        """Whether there is one, as far as was decided."""
        return self.aggregate is not None if self.parsed else self.record.state is not None

    def become(self, aggregate: Aggregate | None) -> bool:
        """Take over what was decided (None: it is deleted); whether somebody waits for it.

        Who waited is decided again either way. Deleting takes the mark along with the document: who waits once more
        leaves a new one, and without that decision it would sleep for ever.
        """
        awaited = self.record.awaited
        if aggregate is None:
            # Nothing outlives it, also where it is written again in this batch: as if in a transaction of its own.
            self.record = Record(self.record.subject, self.record.kind, version=self.record.version)
        self.record = replace(self.record, awaited=False)
        self.aggregate, self.parsed = aggregate, True
        self.dirty, self.gone = aggregate is not None, aggregate is None
        return awaited

    def mark(self) -> None:
        """Mark that a message waits for it, even where there is nothing yet, or nothing any more."""
        self.record = replace(self.record, awaited=True)
        self.dirty, self.gone = True, False

    def written(self) -> Record:
        """The record to be written in place of the one that was read."""
        record, aggregate = self.record, self.aggregate
        if not self.parsed or aggregate is None:
            return replace(record, version=record.version + 1)
        return Record(
            subject=record.subject,
            kind=record.kind,
            version=record.version + 1,
            sequence=record.sequence,
            state=aggregate.to_store(record.state),
            programme=aggregate.programme,
            due=aggregate.due.isoformat() if aggregate.due else None,
            awaited=record.awaited,
            awaits=record.awaits,
        )
