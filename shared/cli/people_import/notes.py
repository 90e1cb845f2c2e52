"""What looks odd in a file of people and is taken all the same, or waits for somebody: said above the rows. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from shared.cli.people_import.candidates import words
from shared.cli.people_import.plan import Plan
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.registration.asked import CatalogueAnswer
from shared.spreadsheets.people import PeopleSheet

MOST = 5
"""Rows that a note names."""


def notes_of(sheet: PeopleSheet, plans: Iterable[Plan], known: CatalogueAnswer) -> Iterator[Text]:
    """Personnel numbers that are one but for zeros, mail addresses of several, and who has nobody to be released by."""
    for rows in _alike(sheet, "personnel_key", lambda text: text.lstrip("0")):
        yield words("zeros", rows=rows)
    for rows in _alike(sheet, "mail", str.casefold):
        yield words("one-mail", rows=rows)
    without = [
        plan.row
        for plan in plans
        for step in plan.steps
        if isinstance(step.command, r.RegisterMentor | r.RegisterMentee) and step.command.releaser_mail is None
    ]
    if known.release_by_manager and without:
        yield words("no-releaser", rows=_named(without))


def _alike(sheet: PeopleSheet, field: str, essence: Callable[[str], str]) -> Iterator[str]:
    """The rows of different people who are alike in what matters of a field, as they are named."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in sheet.rows:
        if (text := row.texts.get(field)) and (key := row.texts.get("personnel_key")):
            found[essence(text)].setdefault(key, row.number)
    return (_named(list(people.values())) for people in found.values() if len(people) > 1)


def _named(rows: Sequence[int]) -> str:
    """The first rows, and that there are more."""
    return ", ".join(map(str, rows[:MOST])) + (f", … ({len(rows)})" if len(rows) > MOST else "")
