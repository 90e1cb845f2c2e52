"""The columns of a file of answers, by their names in German and English. docs/report-a-file.md lists them."""

from collections.abc import Mapping, Sequence

from services.evaluation.questionnaires import RELEASED
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
ITEMS = frozenset(item.id for questionnaire in RELEASED.values() for item in questionnaire.items)
"""Every item that was ever asked."""


def _plain(heading: str) -> str:
    return " ".join(heading.casefold().split())


def _known() -> dict[str, str]:
    """Every heading with what it names: of an item its id, or its wording; of one wording the item that has it now."""
    by_version = sorted(RELEASED.values(), key=lambda questionnaire: questionnaire.version)
    items = [item for questionnaire in by_version for item in questionnaire.items]
    found = {_plain(text): item.id for item in items for text in (item.text.de, item.text.en)}
    found |= {text: id for id in sorted(ITEMS) for text in (id, id.replace("-", " "), id.replace("-", "_"))}
    return found | {_plain(name): field for field, names in NAMES.items() for name in names}


_KNOWN = _known()


def count_headings(rows: Sequence[Row]) -> int:
    """How many columns the best of these first rows names."""
    return max((_named(row) for row in rows), default=0)


def columns_of(rows: Sequence[Row], name: str) -> tuple[int, dict[int, str], dict[str, str]]:
    """Of a sheet the place of the row with headings, the field of each column, and the heading of each field.

    Raises WrongUseError with a line for each column that is unknown, missing, or there twice.
    """
    place = max(range(len(rows)), key=lambda at: (_named(rows[at]), -at))
    fields: dict[int, str] = {}
    headings: dict[str, str] = {}
    faults = []
    for at, heading in rows[place].cells.items():
        field = _KNOWN.get(_plain(heading))
        if field is None:
            meant = likely(_plain(heading), tuple(_KNOWN)) if _near(heading) else "delete it, or name it as it is known"
            faults.append(f"{name}, column {at + 1}: no column has this heading; {meant}")
        elif field in headings:
            faults.append(f"{name}, column {at + 1}: {field} has a column already; leave one out")
        else:
            fields[at], headings[field] = field, heading
    faults += [
        f"{name}: there is no column {field}; name it {' or '.join(dict.fromkeys((NAMES[field][0], field)))}"
        for field in NEEDED
        if field not in headings
    ]
    if not headings.keys() & ITEMS:
        faults.append(f"{name}: there is no column of an item; its heading is the item's id, such as length or cadence")
    if faults:
        raise WrongUseError(*faults)
    return place, fields, headings


def _named(row: Row) -> int:
    return len({field for heading in row.cells.values() if (field := _KNOWN.get(_plain(heading)))})


def _near(heading: str) -> bool:
    """Whether a known name is like it; else `likely` would list them all."""
    return likely(_plain(heading), tuple(_KNOWN)).startswith("did you mean")
