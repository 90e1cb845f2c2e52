"""What became of HR's file: numbers, line numbers and participant ids; nothing of what is in a row."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shared.cli.hr_import.rows import Refused

SHOWN = 20
"""So many refused lines and ids are shown to people; `--json` has all."""


@dataclass
class Report:
    """Every row is unknown, unchanged, changed or refused."""

    as_of: str
    dry_run: bool
    rows: int = 0
    unknown: int = 0
    unchanged: int = 0
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    published: int = 0

    @property
    def refused_rows(self) -> int:
        """A row may be refused for several reasons."""
        return len({refused.line for refused in self.refused})

    @property
    def taking_part(self) -> int:
        """Rows of people who take part that could be read."""
        return self.changed + self.unchanged

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "as_of": self.as_of,
            "dry_run": self.dry_run,
            "rows": self.rows,
            "taking_part": self.taking_part,
            "changed": self.changed,
            "fields": dict(sorted(self.fields.items())),
            "unchanged": self.unchanged,
            "unknown": self.unknown,
            "refused_rows": self.refused_rows,
            "refused": [refused._asdict() for refused in self.refused],
            "missing": list(self.missing),
            "published": self.published,
        }

    def lines(self) -> Iterator[str]:
        """The report for people."""
        yield f"{_counted(self.rows, 'row')} as of {self.as_of}"
        yield f"{self.unknown} of people who do not take part: not read"
        yield f"{self.unchanged} unchanged"
        named = ", ".join(f"{name} {count}" for name, count in sorted(self.fields.items()))
        yield f"{self.changed} changed" + (f" ({named})" if named else "")
        yield f"{self.refused_rows} refused" + ("; each is said on standard error" if self.refused else "")
        if self.missing:
            more = ", …" if len(self.missing) > SHOWN else ""
            yield f"{len(self.missing)} take part and are not in the file: {', '.join(self.missing[:SHOWN])}{more}"
            yield "Nothing happens to them by that. HR may have to say when they leave (last_day)."
        if self.dry_run:
            yield "Nothing was published. Without --dry-run the changes are."
        else:
            yield f"{_counted(self.published, 'event')} published"

    def faults(self) -> Iterator[str]:
        """A line for each reason why a row was refused."""
        for refused in self.refused[:SHOWN]:
            where = f"line {refused.line}" + (f", {refused.field}" if refused.field else "")
            yield f"{where}: {refused.message} ({refused.code})"
        if len(self.refused) > SHOWN:
            yield f"{len(self.refused) - SHOWN} more; --json lists all"


def _counted(count: int, what: str) -> str:
    """So many of something: 1 row, 2 rows."""
    return f"{count} {what}" + ("" if count == 1 else "s")
