"""Whatever bytes and cells come: never a traceback, and no row is lost."""

import contextlib
import csv
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.exceptions import IllegalCharacterError

from shared.cli.people_import.report import Language, as_json, lines_of
from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.columns import ALL
from shared.spreadsheets.people import PeopleSheet, read_people
from tests.unit.people_import.office import ROW, Office, rejected_rows

NAMES = [name for column in ALL for name in (column.name.de, column.name.en)]
MARKS = st.sampled_from(
    [";", ",", "\t", '"', "\n", "\r", "\r\n", "'", "=", "#", "\0", "\ufeff", "\u00a0", "Ã¼", "\u0308"]
)
WORDS = st.one_of(
    st.sampled_from(NAMES), st.sampled_from([*ROW.values(), "Summe", "Mo", "8-12"]), MARKS, st.text(max_size=8)
)
OFFICE = Office()


def counted(content: bytes) -> PeopleSheet | None:
    """Import a file, of which each row must come to something."""
    try:
        work = OFFICE.work(content)
        plans = work.plans()
    except WrongUseError:
        return None
    said = as_json(plans, Language.DE)
    assert said["rows"] == said["accepted"] + said["unchanged"] + len(rejected_rows(said)) == len(work.sheet.rows)
    assert all(rejected["message"] for rejected in said["rejected"])
    assert list(lines_of(plans, Language.EN)) or not plans
    return work.sheet


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
@example(b"PK\x03\x04" + bytes(60))
@example(b"\xff\xfe" + "Rolle".encode("utf-16-le") + b"\0")
def test_any_bytes(content: bytes) -> None:
    counted(content)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=60).map("".join), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_any_text_of_what_such_files_are_made_of(text: str, encoding: str) -> None:
    counted(text.encode(encoding, errors="replace"))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_cells_below_the_headings_of_people_are_each_a_row(data: st.DataObject) -> None:
    cell = st.one_of(st.sampled_from(list(ROW.values())), st.text(max_size=12), WORDS)
    rows = data.draw(st.lists(st.lists(cell, min_size=len(ROW), max_size=len(ROW) + 1), min_size=1, max_size=6))
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows([list(ROW), *([f"K{n}", *row[1:]] for n, row in enumerate(rows))])
    content = file.getvalue().encode(errors="replace")
    sheet = counted(content)
    if sheet is not None:
        assert len(sheet.rows) == len(rows), "a first cell K0, K1, … makes each a row, and none a sum"


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(min_value=__import__("datetime").datetime(1901, 1, 1)),
    st.times(),
    st.timedeltas(max_value=__import__("datetime").timedelta(days=9), min_value=__import__("datetime").timedelta(0)),
    st.sampled_from(list(ROW.values())),
    st.sampled_from(["=1+1", "=HYPERLINK(1)", "#N/A", "007"]),
    st.text(max_size=12),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(CELLS, min_size=len(ROW), max_size=len(ROW) + 1), min_size=1, max_size=4))
def test_any_cells_of_a_workbook(rows: list[list[Any]]) -> None:
    book = Workbook()
    book.active.append(list(ROW))
    for row in rows:
        try:
            book.active.append(row)
        except (IllegalCharacterError, ValueError):
            return
    file = io.BytesIO()
    book.save(file)
    counted(file.getvalue())


@pytest.mark.parametrize("use", ["match", "import"])
@settings(max_examples=100, deadline=None)
@given(content=st.lists(WORDS, max_size=40).map("".join))
def test_reading_for_either_use_ends_in_rows_or_in_a_line(use: Any, content: str) -> None:
    with contextlib.suppress(WrongUseError):
        sheet = read_people(content.encode(errors="replace"), "people", use)
        numbers = [row.number for row in sheet.rows]
        assert numbers == sorted(set(numbers))
