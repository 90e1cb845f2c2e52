"""What an import says: row by row in words, or as one JSON object."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Any

from shared.cli.people_import.candidates import RowFault, words
from shared.cli.people_import.plan import Plan
from shared.contracts.base import Text
from shared.spreadsheets.people import PeopleSheet

LONGEST_VALUE = 40
"""Characters of a cell that are shown."""
INDENT = "    "


class Language(StrEnum):
    """The languages of what is said."""

    DE = "de"
    EN = "en"

    def of(self, text: Text) -> str:
        """A text in this language."""
        return text.de if self is Language.DE else text.en

    def words(self, key: str, **params: object) -> str:
        """Words under a key, in this language."""
        return self.of(words(key, **params))


def lines_of(plans: Sequence[Plan], language: Language) -> Iterator[str]:
    """What becomes of each row; rows next to each other of which the same is to be said are one line."""
    for _, several in groupby(plans, key=_said):
        group = list(several)
        plan, last = group[0], group[-1].row
        where = (
            language.words("row", row=last) if plan.row == last else language.words("rows", first=plan.row, last=last)
        )
        yield f"{where}: {language.words(plan.kind, columns=', '.join(plan.columns))}"
        yield from (f"{INDENT}{_fault(fault, language)}" for fault in plan.faults if not fault.everywhere)
        if plan.hr:
            yield f"{INDENT}{language.words('hr-otherwise', columns=', '.join(plan.hr))}"


def _said(plan: Plan) -> tuple[object, ...]:
    """What is to be said of a row; a row with faults of its own stands alone."""
    own = any(not fault.everywhere for fault in plan.faults)
    return plan.kind, plan.columns, plan.hr, plan.row if own else None


def of_the_file(plans: Iterable[Plan], language: Language) -> list[str]:
    """What is wrong in the whole file, each once."""
    found = (_fault(fault, language) for plan in plans for fault in plan.faults if fault.everywhere)
    return list(dict.fromkeys(found))


def of_hr(plans: Iterable[Plan], language: Language) -> Iterator[str]:
    """Each row in which the file says otherwise than HR, and what it says stands back."""
    for plan in plans:
        if plan.hr:
            otherwise = language.words("hr-otherwise", columns=", ".join(plan.hr))
            yield f"{language.words('row', row=plan.row)}: {otherwise}"


def _fault(fault: RowFault, language: Language) -> str:
    value = f" ({_shown(fault.value)})" if fault.value else ""
    column = _column(fault, language)
    where = f"{_shown(column)}{value}: " if column else ""
    return where + language.of(fault.text)


def _column(fault: RowFault, language: Language) -> str:
    """The column of a fault, by its heading, or by its letter."""
    return language.words("column", letter=fault.letter) if fault.letter else fault.column


def _shown(text: str) -> str:
    """A text that steers no terminal and takes little room."""
    plain = "".join(each if each.isprintable() else "\ufffd" for each in " ".join(text.split()))
    return plain if len(plain) <= LONGEST_VALUE else f"{plain[: LONGEST_VALUE - 1]}…"


def summed(plans: Iterable[Plan]) -> dict[str, int]:
    """How many rows there are, and of which kind."""
    kinds = Counter(plan.kind for plan in plans)
    counts: dict[str, int] = {kind: kinds[kind] for kind in ("new", "changed", "unchanged", "rejected")}
    return {"rows": kinds.total(), "accepted": counts["new"] + counts["changed"], **counts}


def counted(rows: int) -> Text:
    """So many rows, in words."""
    return words("one-row") if rows == 1 else words("several-rows", count=rows)


def as_json(plans: Sequence[Plan], language: Language) -> dict[str, Any]:
    """What `--json` prints: one entry for each fault; rows = accepted + unchanged + those that have faults."""
    counts = summed(plans)
    rejected = [
        {"row": plan.row, "column": _column(fault, language), "value": fault.value, "message": language.of(fault.text)}
        for plan in plans
        for fault in plan.faults
    ]
    return {name: counts[name] for name in ("rows", "accepted", "unchanged")} | {"rejected": rejected}


def rejected_rows(sheet: PeopleSheet, plans: Iterable[Plan], language: Language) -> tuple[list[str], list[list[str]]]:
    """The headings and the cells of rejected rows, as they were, with what is wrong in a last column."""
    texts = {row.number: row.texts for row in sheet.rows}
    rows = [
        [
            *(texts[plan.row].get(field, "") for field in sheet.headings),
            " ".join(_fault(fault, language) for fault in plan.faults),
        ]
        for plan in plans
    ]
    # The file may be in either language, whatever is said on the screen.
    return [*sheet.headings.values(), f"{words('faults').de} / {words('faults').en}"], rows
