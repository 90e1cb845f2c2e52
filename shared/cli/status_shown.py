"""What `tandem status` shows of the services' views, for who reads it on a screen. Pure."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.cli.listing import INDENT, table, wrapped

PERSON = "participant_id"
"""The column of a row that is about somebody."""
PEOPLE = "participants"
"""The list of everybody."""
SUMMED = {
    PEOPLE: "--people lists them, --who TEXT finds somebody",
    "meetings": "--who TEXT lists somebody's, --all all",
}
"""Lists that are looked into for somebody, and not read; and how."""
WITHOUT_UMLAUTS = (str.maketrans("äöü", "aou"), str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"}))
PEOPLE_OF = (PERSON, "mentor", "mentee")
"""The columns that name people."""
OWN = ("tandem_id", "proposal_id", "question_id", "erasure_id")
"""The ids of rows that others speak of."""
BESIDE = {"paused": ("paused_since", "paused"), "waiting": ("line",), "resting": ("rests",)}
"""States beside that of the row itself, and the columns that tell of them."""
SHOWN = 20
"""Rows of a list that are shown unless all are wanted."""

View = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown: everybody, all of all lists, what is in a state, what concerns people."""

    people: bool = False
    everything: bool = False
    state: str | None = None
    about: Collection[str] | None = None
    """Ids of people and of what is theirs."""

    @property
    def filters(self) -> bool:
        """Whether rows are chosen."""
        return self.state is not None or self.about is not None

    @property
    def chooses(self) -> bool:
        """Whether less than everything is looked at."""
        return self.people or self.filters

    def fits(self, row: Row) -> bool:
        """Whether a row is to be shown."""
        if self.state is not None and self.state.casefold() not in _states(row):
            return False
        return self.about is None or any(id in self.about for id in _ids(row))


def concerned(views: Mapping[str, View], names: Mapping[str, str], who: str) -> frozenset[str]:
    """The ids of people who have a text in their names or ids, and of their tandems, proposals and questions."""
    texts = _spellings(who)
    rows = [row for view in views.values() for value in view.values() if _is_rows(value) for row in value]
    ids = {*names, *(row[name] for row in rows for name in PEOPLE_OF if row.get(name))}
    people = {
        id
        for id in ids
        if who.casefold() in id.casefold()
        or any(text in name for text in texts for name in _spellings(names.get(id, "")))
    }
    theirs = (row for row in rows if any(row.get(name) in people for name in PEOPLE_OF))
    return frozenset(people.union(row[own] for row in theirs for own in OWN if row.get(own)))


def _spellings(text: str) -> tuple[str, ...]:
    """A text without capitals and marks, and as it is written without umlauts: Änne is anne, and aenne."""
    plain = unicodedata.normalize("NFC", text).casefold()
    without = (plain.translate(letters) for letters in WITHOUT_UMLAUTS)
    return tuple(dict.fromkeys(_unmarked(each) for each in without))


def _unmarked(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))


def states_of(views: Mapping[str, View]) -> set[str]:
    """Every state in which something is."""
    rows = (row for view in views.values() for value in view.values() if _is_rows(value) for row in value)
    return {state for row in rows for state in _states(row)}


def lines_of(view: View, names: Mapping[str, str], wanted: Wanted, width: int) -> Iterator[str]:
    """A view as lines that fit; people by name, in rows about them with the id."""
    for key, value in view.items():
        if _is_rows(value):
            yield from _list(key, value, names, wanted, width)
        elif not wanted.chooses:
            yield from wrapped(_values(key, value, names), width)


def _values(key: str, value: Any, names: Mapping[str, str]) -> Iterator[str]:
    if isinstance(value, dict) and not _is_label(value):
        for inner, content in value.items():
            yield f"{key}.{_plain(inner)}: {_text(content, names)}"
    elif isinstance(value, list) and value and _is_label(value[0]):
        yield from (f"{key}: {_text(each, names)}" for each in value)
    elif value not in (None, []):
        yield f"{key}: {_text(value, names)}"


def _list(title: str, rows: Sequence[Row], names: Mapping[str, str], wanted: Wanted, width: int) -> Iterator[str]:
    """A list with how many there are; of many, the first ones or none."""
    chosen = [row for row in rows if wanted.fits(row)]
    if (wanted.filters and not chosen) or (wanted.people and title != PEOPLE):
        return
    of = f" of {len(rows)}" if wanted.filters else ""
    yield from wrapped([f"{title}: {len(chosen)}{of}{_summary(chosen)}"], width)
    whole = wanted.everything or wanted.people or len(chosen) <= SHOWN
    if title in SUMMED and not whole and not wanted.filters:
        yield f"{INDENT}{SUMMED[title]}"
        return
    shown = chosen if whole else chosen[:SHOWN]
    columns = [column for column in shown[0] if all(_fits(row.get(column)) for row in shown)]
    yield from (
        f"{INDENT}{line}" for line in table([_cells(row, columns, names) for row in shown], width - len(INDENT))
    )
    if not whole:
        yield f"{INDENT}… and {len(chosen) - SHOWN} more: --all"


def _summary(rows: Sequence[Row]) -> str:
    """How many of a list are in which role and state, where there are several."""
    if len(rows) < 2:
        return ""
    roles = Counter(row["role"] for row in rows if row.get("role"))
    states = Counter(state for row in rows for state in _states(row))
    counts = [", ".join(f"{name} {count}" for name, count in sorted(each.items())) for each in (roles, states)]
    said = "; ".join(filter(None, counts))
    return f" ({said})" if said else ""


def _cells(row: Row, columns: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """A row's texts, with a name beside the id of whom it is about."""
    cells: dict[str, str] = {}
    for column in columns:
        if column == PERSON and names:
            cells["name"] = _plain(names.get(row[PERSON], ""))
        # Commands name people by their ids.
        cells[column] = _text(row.get(column), {} if column == PERSON else names)
    return cells


def _states(row: Row) -> set[str]:
    """The states that a row is in."""
    own = row.get("status")
    found = {own.casefold()} if isinstance(own, str) and own else set()
    return found | {state for state, columns in BESIDE.items() if any(row.get(column) for column in columns)}


def _ids(row: Row) -> Iterator[str]:
    """The ids that a row names, also in a list of subjects such as participant/…, tandem/…"""
    for value in row.values():
        if isinstance(value, str):
            yield from (each.rpartition("/")[2] for each in value.split(", "))


def _is_rows(value: object) -> bool:
    """Whether something is a list of what is no label."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and not _is_label(value[0])


def _is_label(value: object) -> bool:
    """Whether something is words for people: in German, in English, or in both."""
    return isinstance(value, dict) and value.keys() == {"de", "en"}


def _fits(value: object) -> bool:
    """Whether something has its place in a cell: a single value, a label, or a list of what has a label."""
    if isinstance(value, list):
        return all(isinstance(each, str) or (isinstance(each, dict) and _is_label(each.get("label"))) for each in value)
    return not isinstance(value, dict) or _is_label(value)


def _text(value: object, names: Mapping[str, str]) -> str:
    if isinstance(value, dict) and _is_label(value):
        return _plain(" / ".join(dict.fromkeys(words for words in value.values() if words)))
    if isinstance(value, list):
        return ", ".join(_text(each["label"] if isinstance(each, dict) else each, names) for each in value)
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else _plain(names.get(str(value), str(value)))


def _plain(text: str) -> str:
    """A text in one line that steers no terminal."""
    return "".join(each if each.isprintable() else "\ufffd" for each in " ".join(text.split()))
