"""The columns of a file of answers, by their names in German and English. docs/report-a-file.md lists them."""

from collections.abc import Mapping, Sequence

from services.evaluation.tool.known import Known
from shared.runtime.likely import likely
from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.rows import Row

NAMES: Mapping[str, tuple[str, ...]] = {
    "person": ("Person", "Personen-Nr.", "Personennummer", "Kennung", "Person id", "Id"),
    "tandem": ("Tandem", "Tandem-Nr.", "Tandemnummer", "Tandem id"),
    "side": ("Rolle", "Role", "Seite", "Side"),
    "questionnaire": ("Fragebogen", "Questionnaire", "Befragung", "Survey"),
    "version": ("Fassung", "Version"),
    "comment": ("Kommentar", "Comment", "Anmerkung", "Bemerkung", "Remark"),
}
"""What is known of an answer beside its items, with the headings that name it."""
NEEDED = ("person", "tandem", "side")


class Columns:
    """The columns of a file that may have answers to these questionnaires."""

    def __init__(self, known: Known) -> None:
        self.items = known.ids
        names = {_plain(name): field for field, names in NAMES.items() for name in names}
        self._either = sorted(item for item in self.items if not names.keys().isdisjoint(_written(item)))
        self._known = _wordings(known) | {text: id for id in sorted(self.items) for text in _written(id)} | names

    def count(self, rows: Sequence[Row]) -> int:
        """How many columns the best of these first rows names."""
        return max((self._named(row) for row in rows), default=0)

    def of(self, rows: Sequence[Row], name: str) -> tuple[int, dict[int, str], dict[str, str]]:
        """Of a sheet the place of the row with headings, the field of each column, and the heading of each field.

        Raises WrongUseError with a line for each column that is unknown, missing, or there twice, and for each item
        that has the name of a column.
        """
        place = max(range(len(rows)), key=lambda at: (self._named(rows[at]), -at))
        fields: dict[int, str] = {}
        headings: dict[str, str] = {}
        told = "as a column is, so its answers cannot be told apart; write the file as JSON"
        faults = [f"{name}: the item {item} is named {told}" for item in self._either]
        for at, heading in rows[place].cells.items():
            field = self._known.get(_plain(heading))
            where = f"{name}, column {at + 1}"
            if field is None:
                meant = self._likely(heading) if self._near(heading) else "delete it, or name it as it is known"
                faults.append(f"{where}: no column has this heading; {meant}")
            elif field in headings:
                faults.append(f"{where}: {field} has a column already; leave one out")
            else:
                fields[at], headings[field] = field, heading
        faults += [
            f"{name}: there is no column {field}; name it {' or '.join(dict.fromkeys((NAMES[field][0], field)))}"
            for field in NEEDED
            if field not in headings
        ]
        if not headings.keys() & self.items:
            told = "its heading is the item's id, such as length or cadence"
            faults.append(f"{name}: there is no column of an item; {told}")
        if faults:
            raise WrongUseError(*faults)
        return place, fields, headings

    def _named(self, row: Row) -> int:
        return len({field for heading in row.cells.values() if (field := self._known.get(_plain(heading)))})

    def _near(self, heading: str) -> bool:
        """Whether a known name is like it; else `likely` would list them all."""
        return self._likely(heading).startswith("did you mean")

    def _likely(self, heading: str) -> str:
        return likely(_plain(heading), tuple(self._known))


def _plain(heading: str) -> str:
    return " ".join(heading.casefold().split())


def _written(id: str) -> tuple[str, ...]:
    """How an item's id may be written in a heading."""
    return (id, id.replace("-", " "), id.replace("-", "_"))


def _wordings(known: Known) -> dict[str, str]:
    """What each item is called; of one wording the item that has it now."""
    by_version = sorted(known.items, key=lambda key: key[1])
    items = [item for key in by_version for item in known.items[key]]
    return {_plain(text): item.id for item in items for text in (item.text.de, item.text.en)}
