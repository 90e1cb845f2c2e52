"""What offices really have is read right, or said with its row and column: each kind of ugliness, made here."""

import codecs
import csv
import datetime as dt
import io
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.protection import SheetProtection

from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.people import PeopleSheet, read_people
from shared.spreadsheets.template import write_template
from shared.spreadsheets.topics_file import labels_of

HEAD = ["Rolle", "Personalnummer", "Name", "E-Mail", "Referat", "Stufe", "Standort", "Sprachen", "Arbeitszeiten"]
HEAD += ["Stärken", "Freiwillig"]
ONE = [
    "Mentor",
    "007",
    "Jörg Groß",
    "m1@example.org",
    "Bau",
    "9",
    "Süd",
    "de",
    "Mo 8:30-16:30",
    "Öffentlichkeit:4",
    "ja",
]
TWO = ["Mentee", "8", "Zoë Łąka", "m2@example.org", "Soziales", "15", "Ost", "de; en", "Di 9-12", "", "x"]
PLAIN = ["Mentor", "007", "Groß", "m1@example.org", "Bau", "9", "Süd", "de", "Mo 8:30-16:30", "Öffnung:4", "ja"]
"""As Windows-1252 can say it."""


def text(*rows: Sequence[str], delimiter: str = ";", end: str = "\r\n") -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    return file.getvalue()


def workbook(*rows: Sequence[Any]) -> Workbook:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    return book


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(content: bytes | str | Workbook) -> PeopleSheet:
    if isinstance(content, Workbook):
        content = saved(content)
    return read_people(content if isinstance(content, bytes) else content.encode(), "people", "import")


def entries(content: bytes | str | Workbook) -> list[Any]:
    sheet = read(content)
    assert [fault for row in sheet.rows for fault in row.faults] == []
    return [row.entry for row in sheet.rows]


def faults(content: bytes | str | Workbook) -> list[tuple[int, str, str]]:
    return [(row.number, fault.field, fault.text.en) for row in read(content).rows for fault in row.faults]


def refused(content: bytes | str | Workbook) -> str:
    with pytest.raises(WrongUseError) as error:
        read(content)
    return str(error.value)


EXPECTED = entries(text(HEAD, ONE, TWO))


def test_the_plain_file_says_what_it_says() -> None:
    assert [(each["role"], each["personnel_key"], each["display_name"]) for each in EXPECTED] == [
        ("mentor", "007", "Jörg Groß"),
        ("mentee", "8", "Zoë Łąka"),
    ]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_delimiters_and_encodings_are_found(delimiter: str, encoding: str) -> None:
    assert entries(text(HEAD, ONE, TWO, delimiter=delimiter).encode(encoding)) == EXPECTED


def test_utf_16_with_the_mark_of_big_endian() -> None:
    assert entries(codecs.BOM_UTF16_BE + text(HEAD, ONE, TWO).encode("utf-16-be")) == EXPECTED


def test_windows_1252_as_excel_writes_it() -> None:
    content = text(HEAD, PLAIN)
    assert entries(content.encode("cp1252")) == entries(content)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ends_of_lines(end: str) -> None:
    assert entries(text(HEAD, ONE, TWO, end=end)) == EXPECTED


def test_mixed_ends_of_lines() -> None:
    assert entries(text(HEAD) + text(ONE, end="\r") + text(TWO, end="\n")) == EXPECTED


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_umlauts_in_either_unicode_form(form: str) -> None:
    content = unicodedata.normalize(form, text(HEAD, ONE, TWO))  # type: ignore[arg-type]
    assert entries(content) == EXPECTED


def test_blanks_that_do_not_break_thin_ones_and_what_takes_no_room() -> None:
    ugly = [f"\u00a0{cell}\u2009" for cell in ONE]
    ugly[2], ugly[3] = "Jörg\u00a0Groß\u200b", "\ufeffm1@exam\u00adple.org"
    assert entries(text([f"{name}\u00a0" for name in HEAD], ugly, TWO)) == EXPECTED


def test_title_rows_above_the_headings_with_other_delimiters_in_them() -> None:
    sheet = read("Mentoring, Stand: Mai, 2. Fassung\n\n" + text(HEAD, ONE, TWO))
    assert [row.entry for row in sheet.rows] == EXPECTED
    assert sheet.notes[0].en == "What stands above the headings in row 3 are no people, and is not read."


def test_what_excel_writes_for_itself_above_a_csv() -> None:
    assert entries("sep=;\r\n" + text(HEAD, ONE, TWO)) == EXPECTED


def test_columns_in_any_order_by_other_names_in_another_language_and_explained() -> None:
    english = ["Role (mentor/mentee)", "Personnel number*", "Full name", "E-mail address", "Department", "Grade [1-30]"]
    english += ["Location", "Languages:", "Working hours", "Strengths", "Voluntary?"]
    order = [10, 3, 1, 0, 2, 9, 8, 7, 6, 5, 4]
    assert entries(text(*([row[at] for at in order] for row in (english, ONE, TWO)))) == EXPECTED


def test_both_names_in_a_heading_as_in_the_template() -> None:
    assert entries(text(["Rolle / Role", *HEAD[1:]], ONE, TWO)) == EXPECTED


DAYS = [*HEAD[:8], "Arbeitszeit", "", "", "", "", "Stärken", "Freiwillig"]
BELOW = ["", "", "", "", "", "", "", "", "Mo", "Di", "Mi", "Do", "Fr", "", ""]


def of_days(row: Sequence[str], *days: str) -> list[str]:
    return [*row[:8], *days, *[""] * (5 - len(days)), *row[9:]]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_headings_merged_over_the_days_of_a_week(kind: str) -> None:
    rows = [DAYS, BELOW, of_days(ONE, "8:30-16:30"), of_days(TWO, "frei", "9-12 Uhr")]
    book = workbook(*rows)
    book.active.merge_cells("I1:M1")
    for letter in "ABCDEFGH":
        book.active.merge_cells(f"{letter}1:{letter}2")
    assert entries(book if kind == "xlsx" else text(*rows)) == EXPECTED


def test_days_as_headings_of_their_own_with_two_stretches() -> None:
    head = [*HEAD[:8], "Montag", "Arbeitszeit Di", "Mi", "Donnerstag", "Freitag", *HEAD[9:]]
    [entry] = entries(text(head, of_days(ONE, "8-12; 13-17", "-", "9:00–12:00")))
    stretches = [(time["weekday"], time["start"], time["end"]) for time in entry["profile"]["working_times"]]
    assert stretches == [(0, 480, 720), (0, 780, 1020), (2, 540, 720)]


@pytest.mark.parametrize("cell", ["8", "7,8", "ganztags", "8-12; Di 13-15", "x"])
def test_a_day_that_says_no_times_is_told_by_its_own_column(cell: str) -> None:
    head = [*HEAD[:8], "Mo", "Di", "Mi", "Do", "Fr", *HEAD[9:]]
    [(row, field, said)] = faults(text(head, of_days(ONE, "8-12", cell)))
    assert (row, field) == (2, "day.1")
    assert said == f"{cell} is no working time of a day. Write it like 8:30-16:30, or nothing on a free day."


def test_a_day_that_ends_before_it_begins_is_told_so_by_its_own_column() -> None:
    head = [*HEAD[:8], "Mo", "Di", "Mi", "Do", "Fr", *HEAD[9:]]
    [(row, field, said)] = faults(text(head, of_days(ONE, "8-12", "16-8")))
    assert (row, field) == (2, "day.1")
    assert said.startswith("16-8: the end does not lie after the beginning. Write the beginning first")
    assert read(text(head, ONE)).column("day.1") == "Di"


def test_working_times_in_two_places_are_a_fault() -> None:
    [(_, field, _)] = faults(text([*HEAD, "Mo"], [*ONE, "8-12"]))
    assert field == "profile.working_times"


def test_groups_of_headings_above_the_headings() -> None:
    groups = ["Programm", "Person", "", "", "Stelle der Person", "", "", "", "", "Themen", ""]
    assert entries(text(groups, HEAD, ONE, TWO)) == EXPECTED


def test_blank_rows_and_rows_of_delimiters() -> None:
    nothing = [""] * len(HEAD)
    content = text(nothing, HEAD, nothing, ONE, [], nothing, TWO, *[nothing] * 50)
    assert [row.number for row in read(content).rows] == [4, 7]
    assert entries(content) == EXPECTED


def test_delimiters_after_the_last_cell() -> None:
    assert entries("\n".join(f"{line};;;" for line in text(HEAD, ONE, TWO).splitlines())) == EXPECTED


@pytest.mark.parametrize("total", [["Summe", "2"], ["", "Gesamt:", "2", "", "", "24"], ["Anzahl Personen", "1.000,5 "]])
def test_sums_at_the_end_are_no_people_and_are_said(total: list[str]) -> None:
    sheet = read(text(HEAD, ONE, TWO, [], total))
    assert [row.entry for row in sheet.rows] == EXPECTED
    assert "Row 5 is a sum and no person, and is not read." in [note.en for note in sheet.notes]


def test_somebody_called_summe_is_a_person() -> None:
    row = [*ONE[:2], "Summe", *ONE[3:]]
    assert len(read(text(["Name", *HEAD[:2], *HEAD[3:]], ["Summe", *ONE[:2], *ONE[3:]])).rows) == 1
    assert len(read(text(HEAD, row)).rows) == 1


def test_headings_that_are_repeated_on_each_page() -> None:
    sheet = read(text(HEAD, ONE, HEAD, TWO))
    assert [row.entry for row in sheet.rows] == EXPECTED
    assert "Row 3 repeats the headings, and is not read." in [note.en for note in sheet.notes]


def test_an_apostrophe_that_makes_a_text_of_a_number_or_a_formula() -> None:
    ugly = list(ONE)
    ugly[1] = "'007"
    assert entries(text(HEAD, ugly, TWO)) == EXPECTED
    assert entries(text(HEAD, [*ONE[:2], "'t Hooft", *ONE[3:]]))[0]["display_name"] == "'t Hooft"


def test_numbers_as_text_and_text_as_numbers() -> None:
    ugly: list[Any] = list(ONE)
    ugly[1], ugly[5] = 7, 9.0
    book = workbook(HEAD, ugly, ["Mentee", 8, *TWO[2:5], "15,0", *TWO[6:]])
    book.active["B2"].number_format = "000"
    assert entries(book) == EXPECTED


@pytest.mark.parametrize("number", ["1.23E+05", "1,23E+17", 123456789012345678, 1e20])
def test_a_number_that_was_shortened_is_no_personnel_number(number: object) -> None:
    [(_, field, said)] = faults(workbook(HEAD, ["Mentor", number, *ONE[2:]]))
    assert (field, "is a number that the spreadsheet shortened" in said) == ("personnel_key", True)


def test_percent_is_read_as_it_is_seen() -> None:
    book = workbook(HEAD, [*ONE[:5], 0.4, *ONE[6:]])
    book.active["F2"].number_format = "0%"
    sheet = read(book)
    assert sheet.rows[0].texts["profile.grade"] == "40%"
    assert sheet.rows[0].faults[0].text.en == "Write the grade as a number, such as 13."


@pytest.mark.parametrize(
    ("cell", "yes"), [(True, True), (False, False), ("JA", True), ("nein", False), ("✓", True), (1, True)]
)
def test_yes_and_no_in_many_ways(cell: object, yes: bool) -> None:
    assert entries(workbook(HEAD, [*ONE[:10], cell]))[0]["voluntary"] is yes


def test_days_as_text_and_as_dates() -> None:
    head = [*HEAD, "Kennung", "Wartet seit"]
    days = ["01.03.2026", "1.3.2026", "2026-03-01", "01.03.2026 00:00", dt.datetime(2026, 3, 1)]  # noqa: DTZ001 - as a workbook
    book = workbook(head, *([*ONE, f"m{n}", day] for n, day in enumerate(days)))
    rows = read_people(saved(book), "people", "match").rows
    assert {row.entry["waiting_since"] for row in rows} == {"2026-03-01"}


def test_hidden_rows_and_columns_are_read_like_others() -> None:
    book = workbook(HEAD, ONE, TWO)
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["F"].hidden = True
    book.active.auto_filter.ref = "A1:K3"
    assert entries(book) == EXPECTED


def test_a_formula_without_a_value_is_a_fault() -> None:
    book = workbook(HEAD, ONE, TWO)
    book.active["E2"] = "=Referate!B7"
    book.active["L2"] = "=1+1"
    assert [(row, field) for row, field, _ in faults(book)] == [(2, "profile.department"), (2, "column L")]
    assert "A formula without a value stands here." in faults(book)[0][2]


def test_a_formula_with_a_value_is_its_value() -> None:
    content = saved(workbook(HEAD, ONE, TWO))
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                computed = rb'<c r="F2" t="n"><f>3*3</f><v>9</v></c>'
                part, times = re.subn(rb'<c r="F2"[^>]*>.*?</c>', computed, part)
                assert times == 1
            new.writestr(name, part)
    assert entries(changed.getvalue()) == EXPECTED


@pytest.mark.parametrize("error", ["#N/A", "#BEZUG!", "#NAME?", "#ÜBERLAUF!", "########"])
def test_errors_of_the_spreadsheet(error: str) -> None:
    [(_, field, said)] = faults(text(HEAD, [*ONE[:4], error, *ONE[5:]]))
    assert (field, "is an error of the spreadsheet" in said) == ("profile.department", True)


@pytest.mark.parametrize("formula", ['=HYPERLINK("http://x","Bau")', "+49 89 1", "-Bau", "@Bau", "=1+1"])
def test_what_looks_like_a_formula_is_text(formula: str) -> None:
    assert entries(text(HEAD, [*ONE[:4], formula, *ONE[5:]]))[0]["profile"]["department"] == formula
    book = workbook(HEAD, ONE)
    book.active["E2"] = formula
    book.active["E2"].data_type = "s"
    assert entries(book)[0]["profile"]["department"] == formula


def test_a_topic_that_looks_like_a_formula_is_text_in_the_template(tmp_path: Path) -> None:
    labels = labels_of(b'Scrum\n=HYPERLINK("x")\n@Excel\nzu, viele\nmit:Punkt\n', "topics.txt")
    assert labels == ["Scrum", '=HYPERLINK("x")', "@Excel", "mit:Punkt"]
    write_template(tmp_path / "t.xlsx", labels)
    offered = load_workbook(tmp_path / "t.xlsx")["Listen - lists"]
    assert [(cell.value, cell.data_type) for (cell,) in offered.iter_rows()] == [(f"{each}:3", "s") for each in labels]


def test_quotation_marks_in_quotation_marks() -> None:
    quoted = [*ONE[:4], 'Bau "Süd"; West', *ONE[5:]]
    assert entries(text(HEAD, quoted))[0]["profile"]["department"] == 'Bau "Süd"; West'
    loose = text(HEAD) + ";".join([*ONE[:4], 'Bau "Süd"', *ONE[5:]])
    assert entries(loose)[0]["profile"]["department"] == 'Bau "Süd"'


@pytest.mark.parametrize("last", [[], [TWO]])
def test_a_quotation_mark_that_is_never_closed_swallows_nobody_silently(last: list[list[str]]) -> None:
    rows = [ONE, *[TWO] * 5]
    broken = text(HEAD) + ";".join([*ONE[:4], '"Bau', *ONE[5:]]) + "\r\n" + text(*rows, *last)
    assert "line 2: a quotation mark is opened here and not closed" in refused(broken)


def test_a_quotation_mark_that_swallows_rows_up_to_another() -> None:
    broken = ";".join([*ONE[:4], '"Bau', *ONE[5:]])
    again = ";".join([*TWO[:4], '"Soziales', *TWO[5:]])
    assert "not closed" in refused("\n".join([";".join(HEAD), broken, *[";".join(TWO)] * 3, again, ";".join(TWO)]))


def test_bytes_of_zero_are_a_fault_of_their_row() -> None:
    content = text(HEAD, [*ONE[:4], "B\0au", *ONE[5:]], TWO)
    assert [(row, field) for row, field, _ in faults(content)] == [(2, "profile.department")]


@pytest.mark.parametrize("garbled", ["MÃ¼nchen", "Stra\ufffde", "GÃ¶ttingen", "StÃ¤dtisch"])
def test_umlauts_that_were_lost_are_a_fault_and_no_name(garbled: str) -> None:
    [(_, field, said)] = faults(text(HEAD, [*ONE[:4], garbled, *ONE[5:]]))
    assert (field, "were lost when this was saved" in said) == ("profile.department", True)


def test_a_line_break_in_a_name_is_a_fault_and_in_topics_none() -> None:
    [(_, field, _)] = faults(text(HEAD, [*ONE[:2], "Jörg\nGroß", *ONE[3:]]))
    assert field == "display_name"
    assert len(entries(text(HEAD, [*ONE[:9], "Scrum:4\nExcel:2", "ja"]))[0]["profile"]["strengths"]) == 2


@pytest.mark.parametrize("content", ["x", "Rolle", "1", '"', "\ufeff", ";", "\n", "Rolle;Personalnummer"])
def test_one_cell_or_none_is_one_line(content: str) -> None:
    assert refused(content).startswith("people")


def test_several_sheets_of_which_one_holds_people() -> None:
    book = workbook(["Deckblatt"], ["Stand", "Mai"])
    people = book.create_sheet("Personen")
    for row in (HEAD, ONE, TWO):
        people.append(row)
    book.create_sheet("leer")
    assert entries(book) == EXPECTED


def test_people_on_several_sheets_are_not_lost_silently() -> None:
    book = workbook(HEAD, ONE)
    book.active.title = "Mentoren"
    other = book.create_sheet("Mentees")
    other.sheet_state = "hidden"
    for row in (HEAD, TWO):
        other.append(row)
    assert "People stand on several sheets, Mentoren, Mentees." in refused(book)


def test_a_sheet_that_is_protected_against_changes_is_read() -> None:
    book = workbook(HEAD, ONE, TWO)
    book.active.protection = SheetProtection(sheet=True, password="secret")
    assert entries(book) == EXPECTED


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 xls or a password", b"PK\x03\x04", b"%PDF-1.4"])
def test_old_protected_and_other_files_are_one_line_that_says_what_to_do(content: bytes) -> None:
    assert "save" in refused(content)


def test_a_name_in_two_columns() -> None:
    head = [*HEAD[:2], "Nachname", "Vorname", *HEAD[3:]]
    assert [each["display_name"] for each in entries(text(head, [*ONE[:2], "Groß", "Jörg", *ONE[3:]]))] == ["Jörg Groß"]
    [(_, field, _)] = faults(text([*HEAD, "Vorname"], [*ONE, "Jörg"]))
    assert field == "display_name"


@pytest.mark.parametrize("cell", ["m1@example.org", "mailto:m1@example.org", "Mentor 1 <m1@example.org>"])
def test_mail_addresses_out_of_links_and_lists(cell: str) -> None:
    assert entries(text(HEAD, [*ONE[:3], cell, *ONE[4:]]))[0]["mail"] == "m1@example.org"


def test_headings_without_anything_below_are_no_fault() -> None:
    assert entries(text([*HEAD, "Spalte1", "Augenfarbe"], ONE, TWO)) == EXPECTED


def test_what_stands_beside_the_headings_is_a_fault_of_each_row() -> None:
    assert [
        (row, field) for row, field, _ in faults(text(HEAD, [*ONE, "a"], [*TWO, "", "b"], ["", *[""] * 11, "c"]))
    ] == [
        (2, ""),
        (3, "column M"),
        (4, "column M"),
    ]


@pytest.mark.parametrize(
    ("delimiter", "de", "en"), [(";", "mit ; darin", "with the ; in it"), ("\t", "mit dem Tabulator", "with the tab")]
)
def test_a_row_that_an_unquoted_delimiter_made_too_wide_is_one_fault_and_nothing_else(
    delimiter: str, de: str, en: str
) -> None:
    broken = delimiter.join([*ONE[:4], "Bau", "und Planung", *ONE[5:]])
    content = text(HEAD, TWO, delimiter=delimiter) + broken
    [fault] = read_people(content.encode(), "people.csv", "import").rows[1].faults
    assert (fault.field, fault.value) == ("", "")
    assert fault.text.de.startswith("Diese Zeile hat 12 Zellen, die Überschriften sind 11.")
    assert de in fault.text.de
    assert en in fault.text.en


def test_what_stands_beside_the_headings_of_a_workbook_is_no_row_that_is_too_wide() -> None:
    [fault] = (
        read_people(saved(workbook(["", "Teilnehmende"], HEAD, [*ONE, "a"])), "people.xlsx", "import").rows[0].faults
    )
    assert (fault.letter, "no heading in row 2" in fault.text.en) == ("L", True)


@pytest.mark.parametrize(
    ("cell", "grade"),
    [
        *(("A 15", 15), ("A15", 15), ("E 9b", 9), ("EG 9", 9), ("EG 9c", 9), ("S 11b", 11), ("e 13 ü", 13)),
        *(("Besoldungsgruppe A 13", 13), ("BesGr. A13", 13), ("B 3", 19), ("13", 13), ("9,0", 9)),
        *(("neun", None), ("A", None), ("X 9", None), ("9b", None), ("A 15 / A 16", None), ("A 9,5", None)),
    ],
)
def test_grades_as_offices_write_them(cell: str, grade: int | None) -> None:
    sheet = read_people(text(HEAD, [*ONE[:5], cell, *ONE[6:]]).encode(), "people.csv", "import")
    [row] = sheet.rows
    assert row.entry["profile"]["grade"] == grade
    assert [fault.text.en for fault in row.faults] == ([] if grade else ["Write the grade as a number, such as 13."])
    noted = [note.en for note in sheet.notes if f"{cell} → {grade}" in note.en]
    assert len(noted) == (cell[0].isalpha() and grade is not None), "it is said what was read"
