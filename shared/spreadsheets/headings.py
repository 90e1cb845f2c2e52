"""Where the headings of a sheet stand: in whatever row, in one or two, in any order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from shared.spreadsheets.columns import Column, named
from shared.spreadsheets.rows import Row


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings of a sheet."""

    first: int
    """The place of the first row with one."""
    rows: int
    """How many rows they take: two where a heading is merged over several others."""
    written: Mapping[int, str]
    """As they stand there, by place."""
    known: int
    """How many different columns they name."""

    @property
    def below(self) -> int:
        """The place of the first row of people."""
        return self.first + self.rows


def headings_of(rows: Sequence[Row]) -> Headings:
    """The row, or the two, that name the most columns; of equally good ones the first, and rather one than two."""
    best = Headings(0, 1, {}, 0)
    for place, row in enumerate(rows):
        alone = Headings(place, 1, row.cells, _count(row.cells))
        below = rows[place + 1] if place + 1 < len(rows) else None
        found = [alone]
        if below is not None and below.number == row.number + 1 and _are_headings(row.cells, below.cells):
            both = _merged(row.cells, below.cells)
            found.append(Headings(place, 2, both, _count(both)))
        best = max(best, *found, key=lambda each: (each.known, -each.rows))
    return best


def count_headings(rows: Sequence[Row]) -> int:
    """How many columns the headings of these first rows name."""
    return headings_of(rows).known


def columns_of(headings: Headings, skipped: Collection[str]) -> tuple[dict[int, Column], list[str]]:
    """The column at each place, and what is the heading of none; `skipped` are headings to leave out."""
    left_out = {heading.casefold() for heading in skipped}
    found: dict[int, Column] = {}
    unknown: list[str] = []
    for at, heading in headings.written.items():
        if heading.casefold() in left_out:
            continue
        if column := named(heading):
            found[at] = column
        else:
            unknown.append(heading)
    return found, unknown


def _are_headings(above: Mapping[int, str], below: Mapping[int, str]) -> bool:
    """Whether a row goes on with the headings above: what is no heading in it is below none."""
    return all(named(lower) or not named(above.get(at, "")) for at, lower in below.items())


def _merged(above: Mapping[int, str], below: Mapping[int, str]) -> Mapping[int, str]:
    """Each place's heading: the lower one, else the upper one that is merged with it."""
    return {at: below.get(at) or above[at] for at in sorted({*above, *below})}


def _count(cells: Mapping[int, str]) -> int:
    return len({column.field for heading in cells.values() if (column := named(heading)) and column.field})
