"""Spreadsheets of people: what a row says, in CSV and XLSX, in German and English; what is said of each fault."""

import contextlib
import csv
import datetime as dt
import io
import random
import re
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from pydantic import TypeAdapter

from services.matching.tool.columns import people_of_sheet
from services.matching.tool.command import match
from services.matching.tool.reading import Listed, people_of
from shared.contracts.parts import Id, WorkingTime
from shared.local.system import ROOT
from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.cells import CellError, languages, topic_id, topics, working_times
from shared.spreadsheets.columns import ALL_USES, COLUMNS
from shared.spreadsheets.headings import count_headings
from shared.spreadsheets.rows import Sheet
from shared.spreadsheets.sheet import MOST_ROWS
from shared.spreadsheets.sheet import read_sheet as read_table
from shared.spreadsheets.template import write_template

GERMAN = """Rolle;Kennung;Referat;Organisationseinheit;Stufe;Standort;Sprachen;Arbeitszeiten;Stärken;Anliegen;\
Kapazität;Stelle;Vorgesetzte;Wünsche;Ausschlüsse;Wartet seit;E-Mail
Mentor:in;m1;Bau;B-1 > B-12;9;Süd;Deutsch, en;"Mo-Di 8:30-16:30";"Künstliche Intelligenz:4; Excel:2";Führen:3;2;;\
B-12-L, B-1-L;n1;n2;01.03.2026;x@example.org
Führungskraft;n1;Soziales;;15;Ost;de;"Mo, Mi 9-12; 13-17";;excel:5;;S-L;;;;;
Mentee;n2;Soziales;;14;Ost;de;Fr 8-12;;Excel:1;;;;;;;
"""
ENGLISH = """role,ID,department,unit,grade,site,languages,working times,strengths,concerns,capacity,personnel_key,\
superiors,wishes,vetoes,waiting since
mentor,m1,Bau,"B-1 > B-12",9,Süd,"german; en",Mon-Tue 8:30-16:30,"Künstliche Intelligenz:4; Excel:2",Führen:3,2,,\
"B-12-L; B-1-L",n1,n2,2026-03-01
leader,n1,Soziales,,15,Ost,de,"Mon, Wed 9:00-12:00; 13:00-17:00",,excel:5,,S-L,,,,
mentee,n2,Soziales,,14,Ost,de,Fri 8-12,,Excel:1,,,,,,
"""


def read(content: bytes | str, name: str = "people.csv") -> Listed:
    return people_of(people_of_sheet(content.encode() if isinstance(content, str) else content, name))


def read_sheet(content: bytes, name: str) -> Sheet:
    return read_table(content, name, count_headings)


def refused(content: bytes | str, name: str = "people.csv") -> list[str]:
    with pytest.raises(WrongUseError) as error:
        read(content, name)
    return str(error.value).splitlines()


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize(
    "text", [GERMAN, ENGLISH, GERMAN.replace(";", "\t").replace("\t ", "; "), GERMAN.replace("\n", "\r\n")]
)
def test_both_languages_and_all_kinds_of_csv_say_the_same(text: str, encoding: str) -> None:
    listed = read(text.encode(encoding))
    assert listed == read(GERMAN)
    one, other, third = listed.people
    assert (one.role, other.role, third.role) == ("mentor", "mentee", "mentee")
    assert (one.profile.unit, one.profile.site, one.profile.languages) == (("B-1", "B-12"), "Süd", ("de", "en"))
    assert (one.reporting_line, one.position, other.position) == (("B-12-L", "B-1-L"), "m1", "S-L")
    assert (one.capacity, one.wishes, one.vetoes, str(one.since)) == (2, ("n1",), ("n2",), "2026-03-01")
    assert {t.topic_id: t.level for t in one.profile.strengths} == {"kuenstliche-intelligenz_fdebb4ce": 4, "excel": 2}
    assert listed.labels["kuenstliche-intelligenz_fdebb4ce"].de == "Künstliche Intelligenz"
    assert other.profile.concerns[0].topic_id == "excel", "another spelling of the same topic"


def test_a_workbook_s_numbers_and_days_are_read_as_they_are_seen() -> None:
    header = ["Rolle", "Kennung", "Referat", "Stufe", "Standort", "Sprachen", "Arbeitszeiten", "Stärken", "Wartet seit"]
    row = ["Mentor", 4711, "Bau", 9.0, "Ost", "de", "Mo 8-12", "Scrum:4", dt.datetime(2026, 3, 1)]  # noqa: DTZ001 - as openpyxl
    [person] = read(workbook([header, [], row]), "people.xlsx").people
    assert (person.id, person.profile.grade, person.since) == ("4711", 9, dt.date(2026, 3, 1))


def test_who_has_no_id_is_known_by_the_personnel_number() -> None:
    header = "Rolle;Kennung;Personalnummer;Referat;Stufe;Standort;Sprachen;Arbeitszeiten;Stärken;Anliegen"
    header += ";Vorgesetzte;Wünsche"
    rows = ["Mentor;;007;Bau;9;Ost;de;Mo 8-12;Scrum:4;;8;n1", "Mentee;n1;8;KR;15;Ost;de;Mo 8-12;;Scrum:4;;007"]
    one, other = read("\n".join((header, *rows))).people
    assert (one.id, one.position, one.reporting_line, one.wishes) == ("007", "007", ("8",), ("n1",))
    assert (other.id, other.position, other.wishes) == ("n1", "8", ("007",))
    without = [
        row.replace(";;007;", ";007;") for row in (header.replace(";Kennung", ""), rows[0].replace(";8;n1", ";8;"))
    ]
    [alone] = read("\n".join(without)).people
    assert alone.id == "007"
    with pytest.raises(WrongUseError, match=r"The column Kennung \(Id\) is missing"):
        read("\n".join(each.replace("Personalnummer", "Telefon") for each in without))


def test_who_asks_for_a_template_is_told_that_it_is_written(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "people.xlsx"
    code, out, err = tandem("sample", "--template", path)
    assert (code, out, err) == (
        0,
        f"{path} is written; fill it in for tandem import (match and demo read it too)\n",
        "",
    )
    assert path.exists()
    code, out, err = tandem("sample", "--template", tmp_path / "match.xlsx", "--for", "match")
    assert (code, out, err) == (0, f"{tmp_path / 'match.xlsx'} is written; fill it in for tandem match\n", "")
    code, _, err = tandem("sample", "--template", tmp_path / "other.xlsx", "--for", "mail")
    assert (code, err) == (2, "tandem: there is no template for mail; there are match, import, demo\n")
    code, _, err = tandem("sample", "--for", "match")
    assert (code, err) == (2, "tandem: --for belongs to --template FILE; give both\n")


def test_a_template_has_the_columns_that_its_use_reads_and_one_for_the_import_is_read_by_match(tmp_path: Path) -> None:
    for use in ALL_USES:
        write_template(tmp_path / f"{use}.xlsx", use=use)
        headings = [
            str(cell.value).split(" / ")[0] for cell in load_workbook(tmp_path / f"{use}.xlsx").worksheets[0][1]
        ]
        assert headings == [column.name.de for column in COLUMNS if use in column.uses]
        assert ("Ausschlüsse" in headings) == (use != "import"), "a list of the office holds nobody's vetoes"
    book = load_workbook(tmp_path / "import.xlsx")
    filled = {"Rolle": "mentor", "Personalnummer": "KR 12/007", "Referat": "Bau", "Stufe": 9, "Standort": "Ost"}
    filled |= {"Sprachen": "de", "Arbeitszeiten": "Mo 8-12", "Stärken": "Scrum:4", "Name": "Mentor 7"}
    for cell in book.worksheets[0][1]:
        book.worksheets[0].cell(2, cell.column, filled.get(str(cell.value).split(" / ")[0]))
    book.save(tmp_path / "import.xlsx")
    [person] = read((tmp_path / "import.xlsx").read_bytes()).people
    assert person.position == "KR 12/007"
    assert person.id == "row-2", "a number that is no id is not shown as one"


def test_the_template_is_read_back_with_what_is_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    write_template(path, use="match")
    assert read(path.read_bytes()).people == ()
    book = load_workbook(path)
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[1]]
    assert names == [f"{column.name.de} / {column.name.en}" for column in COLUMNS if "match" in column.uses]
    [roles] = [
        rule for rule in sheet.data_validations.dataValidation if rule.type == "list" and "mentor" in rule.formula1
    ]
    assert roles.showErrorMessage
    lists = [
        rule.formula1.strip('"').split(",") for rule in sheet.data_validations.dataValidation if rule.type == "list"
    ]
    filled = {
        "Rolle": lists[0][0],
        "Kennung": "m1",
        "Referat": "Bau",
        "Stufe": 9,
        "Standort": "Ost",
        "Stärken": "Scrum:4",
    }
    for offered, column in zip(lists[1:], ("Sprachen", "Arbeitszeiten", "Kapazität"), strict=True):
        filled[column] = offered[-1]
    for at, name in enumerate(names, 1):
        sheet.cell(2, at, filled.get(str(name).split(" / ")[0]))
    book.save(path)
    [person] = read(path.read_bytes()).people
    assert (person.id, person.profile.languages, person.capacity) == ("m1", ("de", "en"), 3)


def test_every_value_that_the_template_offers_is_one_that_is_read() -> None:
    from shared.spreadsheets.template import LISTS

    by_field = {column.field: column for column in COLUMNS}
    assert all(by_field[field].read(value) for field, values in LISTS.items() for value in values)


def test_every_fault_of_a_row_is_told_with_its_row_and_its_column_as_written() -> None:
    broken = GERMAN.replace(";9;", ";neun;").replace("Mo-Di 8:30-16:30", "Mo-Di").replace("Excel:2", "Excel")
    broken = broken.replace("Fr 8-12", "").replace(";14;", ";40;").replace("excel:5", "")
    assert [line.replace("people.csv, ", "") for line in refused(broken)] == [
        "row 2 (m1), Stufe: Write the grade as a number, such as 13.",
        "row 2 (m1), Arbeitszeiten: Mo-Di is no working time. Write it like Mo-Do 8:30-16:30; Fr 8:30-13:00 at home.",
        "row 2 (m1), Stärken: Excel is no topic with a level. Write it like Scrum:4; Excel:2, with levels of 1 to 5.",
        "row 3 (n1), Anliegen: A mentee names at least one concern. Add it.",
        "row 4 (n2), Stufe: The value must be at most 30.",
        "row 4 (n2), Arbeitszeiten: The field is missing. Add it.",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "holds nothing"),
        ("\n\n;;\n", "holds nothing"),
        (GERMAN.replace("Anliegen", "Anligen"), "There is no column Anligen; did you mean Anliegen?"),
        (GERMAN.replace("Anliegen", "Stärken"), "There are two columns Stärken. Leave one out."),
        (GERMAN.replace("Referat", "Name"), "The column Referat (Department) is missing. Add it."),
        (b"PK\x03\x04 no workbook", "cannot be read (BadZipFile); save it again as XLSX or CSV, without a password"),
        (b"\xd0\xcf\x11\xe0 old", "is an old Excel file or one with a password; save it as XLSX or CSV"),
        ('Rolle;Kennung\n"' + "x" * 2_000_000, "check quotation marks"),
    ],
)
def test_what_is_no_sheet_of_people_is_one_line(content: bytes | str, says: str) -> None:
    [line] = refused(content)
    assert says in line


def test_square_brackets_in_a_topic_are_shown_as_they_are(
    tandem: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(ENGLISH.replace("Excel", "Excel [/b]").replace("excel", "Excel [/b]"), encoding="utf-8")
    code, out, err = tandem("match", path)
    assert code == 0, err
    assert "Excel [/b]" in out


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        ("Mo-Fr 9:00-17:00", [(day, 540, 1020) for day in range(5)]),
        ("Mo–Do 8:30 – 16:30, Fr 8.30-13 Uhr", [*((day, 510, 990) for day in range(4)), (4, 510, 780)]),
        ("mon, wed 9-12; 13-17", [(0, 540, 720), (2, 540, 720), (0, 780, 1020), (2, 780, 1020)]),
        ("Montag: 8 bis 12", [(0, 480, 720)]),
        ("Sa 0-24", [(5, 0, 1440)]),
    ],
)
def test_working_times_are_read_as_people_write_them(text: str, stretches: list[tuple[int, int, int]]) -> None:
    found = [WorkingTime.model_validate(each) for each in working_times(text)]
    assert [(time.weekday, time.start, time.end) for time in found] == stretches


@pytest.mark.parametrize(
    ("text", "at_home"),
    [
        ("Mo 8-16, Fr 8:30-13 zu Hause", [False, True]),
        ("Mon 9-12 (at home); 13-17", [True, False]),
        ("Di 9 bis 12 Uhr Home-Office; Mi 9-12", [True, False]),
        ("Do 8-16 Homeoffice", [True]),
    ],
)
def test_what_is_worked_at_home_is_said_behind_the_times(text: str, at_home: list[bool]) -> None:
    assert [WorkingTime.model_validate(each).at_home for each in working_times(text)] == at_home


@pytest.mark.parametrize(
    "text",
    [
        "Mo zu Hause",
        "Mo 9-12 zu Hause 13-17",
        "9-17",
        "Mo",
        "Mo-Fr",
        "Fr-Mo 9-17",
        "Mo 9-25",
        "Mo 9:60-12",
        "Xx 9-12",
        "Mo 9-12 14-16",
        "Mo-Di-Mi 9-12",
        "-",
    ],
)
def test_a_working_time_that_can_be_meant_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(CellError, match="no working time"):
        working_times(text)


@pytest.mark.parametrize("text", ["Mo-Fr 16-8", "Mo 9-9"])
def test_a_working_time_that_ends_before_it_begins_is_shown_as_it_was_written(text: str) -> None:
    with pytest.raises(CellError, match=f"^{text}: the end does not lie after the beginning"):
        working_times(text)


@pytest.mark.parametrize(
    "spellings",
    [
        ("Künstliche Intelligenz", "künstliche  INTELLIGENZ", "Künstliche\xa0Intelligenz"),
        ("Café", "CAFÉ", "Cafe\u0301"),
        ("R&D", "R & D", "r & d"),
        ("Excel", "excel ", "EXCEL"),
    ],
)
def test_topics_that_differ_in_capitals_blanks_or_unicode_form_alone_are_one(spellings: Sequence[str]) -> None:
    assert len({topic_id(each) for each in spellings}) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("Café", "Cafè", "Cafe", "Cafe850f7dc4", "Cafe-850f7dc4", "Cafe_850f7dc4"),
        ("Öl", "Oel", "Ol"),
        ("Maße", "Masse"),
        ("Social Media", "Social-Media", "Social_Media", "SocialMedia", "Social/Media"),
        ("C", "C++", "C#", "C+"),
        ("Net", ".NET", "Net."),
        ("Українська", "Русский"),
        ("x" * 70, "x" * 71, "x" * 55, "ü" * 70, "ü" * 71),
    ],
)
def test_topics_that_differ_otherwise_have_ids_of_their_own(words: Sequence[str]) -> None:
    ids = [topic_id(each) for each in words]
    assert len(set(ids)) == len(words)
    assert TypeAdapter(list[Id]).validate_python(ids) == ids


@settings(max_examples=500)
@given(st.text(st.sampled_from("aeuAäéèß .-_+"), max_size=6), st.text(st.sampled_from("aeuAäéèß .-_+"), max_size=6))
def test_whatever_two_topics_are_one_id_is_one_word(one: str, other: str) -> None:
    if topic_id(one) and topic_id(one) == topic_id(other):
        assert one.lower().replace(" ", "") == other.lower().replace(" ", "")


def test_the_id_of_a_topic_is_stable_and_readable() -> None:
    assert (topic_id("Social Media"), topic_id("Vue.js")) == ("social-media", "vue.js")
    assert topic_id("Künstliche Intelligenz") == "kuenstliche-intelligenz_fdebb4ce"


def test_the_most_frequent_spelling_is_shown_then_the_first_by_the_alphabet_whatever_the_order_of_rows() -> None:
    header = "Rolle;Kennung;Referat;Stufe;Standort;Sprachen;Arbeitszeiten;Anliegen"
    concerns = ("Excel:1", "excel:2", "excel:3", "agile  Arbeit:1, Cafe\u0301:1", "Agile Arbeit:1")
    rows = [f'Mentee;n{n};Bau;15;Ost;de;Mo 8-12;"{topic}"' for n, topic in enumerate(concerns)]
    for order in permutations(rows):
        labels = read("\n".join((header, *order))).labels
        assert sorted(text.de for text in labels.values()) == ["Agile Arbeit", "Café", "excel"]


def test_what_is_no_topic_with_a_level_is_refused() -> None:
    assert topics("Social Media: 3\nVue.js:1")[0] == [
        {"topic_id": "social-media", "level": 3},
        {"topic_id": "vue.js", "level": 1},
    ]
    with pytest.raises(CellError, match="nobody sees"):
        topics("Scr\x1bum:3")
    for text in ("Scrum:6", "Scrum:0", "Scrum:-1", "Scrum:2,5", "Scrum:2.5"):
        with pytest.raises(CellError, match=f"^{text[6:]} is no level for Scrum"):
            topics(text)
    for text in ("Scrum", "Scrum:x", ":3", "++:3"):
        with pytest.raises(CellError, match="no topic"):
            topics(text)


def test_languages_are_codes_or_names() -> None:
    assert languages("Deutsch, EN;de") == ["de", "en"]
    with pytest.raises(CellError, match="klingonisch"):
        languages("Klingonisch")


def test_what_the_template_says_of_a_column_is_no_longer_than_excel_takes(tmp_path: Path) -> None:
    write_template(tmp_path / "people.xlsx")
    sheet = load_workbook(tmp_path / "people.xlsx").worksheets[0]
    for rule in sheet.data_validations.dataValidation:
        assert max(len(rule.promptTitle), len(rule.errorTitle or "")) <= 32
        assert max(len(rule.prompt), len(rule.error or ""), len(rule.formula1 or "")) <= 255


def test_the_page_and_the_help_name_every_column_in_both_languages() -> None:
    told = " ".join((match.__doc__ or "").split())
    page = (ROOT / "docs" / "match-a-file.md").read_text(encoding="utf-8")
    for column in COLUMNS:
        if "match" in column.uses:
            assert f"{column.name.de} ({column.name.en})" in told
            row = f"| {column.name.de} | {column.name.en} |"
            [line] = [line for line in page.splitlines() if line.startswith(row)]
            assert line.endswith("| yes |") == ("match" in column.needed)


def test_a_stray_cell_far_below_in_the_last_column_is_no_large_sheet() -> None:
    plain = workbook([line.split(",") for line in ("role,id,department", "mentor,m1,Bau")])
    book = load_workbook(io.BytesIO(plain))
    book.active["XFD2000"] = " "
    file = io.BytesIO()
    book.save(file)
    tracemalloc.start()
    sheet = read_sheet(file.getvalue(), "people.xlsx")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sheet == read_sheet(plain, "people.xlsx")
    assert most < 20_000_000


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_stands_in_a_column_without_a_heading_is_a_fault_with_row_and_column(kind: str) -> None:
    header, *people = [line.split(";") for line in GERMAN.replace('"', "").replace("; ", ", ").splitlines()]
    # Without the heading of the departments, and with notes beside the last heading.
    header[0], header[3] = header[3], header[0]
    people[0].append("a note")
    rows = [header, *people, ["", *[""] * len(header), "another", "more"]]
    for row in rows[1:]:
        row[0], row[3] = row[3], row[0]
    header[0] = ""
    content = workbook(rows) if kind == "xlsx" else "\n".join(map(";".join, rows))
    lost = "It has no heading in row 1, and would be lost. Give it one, or empty it."
    if kind == "csv":
        wide = "This row has {} cells, the headings are 17. Put the text with the ; in it into quotation marks."
        assert refused(content) == [
            f"people.csv, row 2: {wide.format(18)}",
            *(f"people.csv, row 5, column {letter}: {lost}" for letter in "ST"),
        ]
        return
    assert refused(content) == [
        f"people.csv, row 2 (m1), column A: {lost}",
        f"people.csv, row 2 (m1), column R: {lost}",
        *(f"people.csv, row 5, column {letter}: {lost}" for letter in "ST"),
    ]


@pytest.mark.parametrize("error", ["#NAME?", "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NV", "#bezug!"])
def test_an_error_of_the_spreadsheet_is_no_value(error: str) -> None:
    [first, second] = refused(
        GERMAN.replace(";Ost;de;Fr", f";{error};de;Fr").replace("x@example.org", error).replace(";Bau;", f";{error};")
    )
    says = f"{error} is an error of the spreadsheet. Mend the formula, or type the value."
    assert first == f"people.csv, row 2 (m1), Referat: {says}"
    assert second == f"people.csv, row 4 (n2), Standort: {says}"


def test_nobody_waits_since_a_day_to_come(tandem: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    given = people_of_sheet(GERMAN.encode(), "people.csv")
    people_of(replace(given, today=dt.date(2026, 3, 1)))
    says = (
        "people.csv, row 2 (m1), Wartet seit: This day is still to come. Write since when the person waits, or nothing."
    )
    with pytest.raises(WrongUseError, match=f"^{re.escape(says)}$"):
        people_of(replace(given, today=dt.date(2026, 2, 28)))
    path = tmp_path / "people.csv"
    path.write_text(GERMAN.replace("2026", "9000"), encoding="utf-8")
    for command in ("match", path), ("verify", path, path, path):
        code, _, err = tandem(*command)
        assert (code, "This day is still to come." in err) == (2, True)


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0",
        b"%PDF-1.7\nRolle;Kennung",
        random.Random(1).randbytes(5000),
        random.Random(2).randbytes(300),
    ],
)
def test_what_is_no_spreadsheet_is_said_to_be_none(content: bytes) -> None:
    assert refused(content, "x.png") == ["x.png is no spreadsheet; save the people as XLSX or CSV"]


@pytest.mark.parametrize("title", ["Mentoring 2026\n", "Mentoring 2026;;;\n\nStand: Mai\n", "Liste, neu\n", "sep=;\n"])
def test_headings_are_found_below_a_title(title: str) -> None:
    assert read(title + GERMAN) == read(GERMAN)


@pytest.mark.parametrize("rows", [[], [["Deckblatt"], ["Stand", "Mai"]]])
def test_people_on_another_sheet_are_found(rows: list[list[str]]) -> None:
    book = Workbook()
    book.active.title = "Deckblatt"
    for row in rows:
        book.active.append(row)
    people = book.create_sheet("Personen")
    for line in ENGLISH.splitlines():
        [cells] = csv.reader([line])
        people.append(cells)
    file = io.BytesIO()
    book.save(file)
    assert read(file.getvalue(), "people.xlsx") == read(ENGLISH)


def test_more_rows_than_any_list_of_people_has_are_refused() -> None:
    rows = "Rolle\n" + "x\n" * (MOST_ROWS - 1)
    assert len(read_sheet(rows.encode(), "people.csv").rows) == MOST_ROWS
    with pytest.raises(WrongUseError, match=r"people\.csv has more than 200000 rows; delete"):
        read_sheet(f"{rows}x\n".encode(), "people.csv")


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_workbook_is_one_line_or_still_read(seed: int) -> None:
    content = bytearray(workbook([["Rolle", "Kennung", "Wartet seit"], *([["Mentor", f"m{n}", n] for n in range(50)])]))
    spot = random.Random(seed)
    for _ in range(30):
        content[spot.randrange(4, len(content))] = spot.randrange(256)
    with contextlib.suppress(WrongUseError):
        read_sheet(bytes(content), "people.xlsx")


def changed_sheet(content: bytes, change: Callable[[bytes], bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook with another first sheet in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name.endswith("sheet1.xml") else old.read(name))
    return file.getvalue()


def with_flag(content: bytes, local: int, central: int, value: int) -> bytes:
    """Each entry's two headers with another byte: bit 0 of byte 6 is a password, byte 8 the compression."""
    changed = bytearray(content)
    for mark, at in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        place = changed.find(mark)
        while place >= 0:
            changed[place + at] = value
            place = changed.find(mark, place + 1)
    return bytes(changed)


ZIPPED = workbook([["Rolle", "Kennung"], ["Mentor", "m1"]])


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (ZIPPED[: len(ZIPPED) // 2], "BadZipFile"),
        (with_flag(ZIPPED, 6, 8, 1), "RuntimeError"),
        (with_flag(ZIPPED, 8, 10, 99), "NotImplementedError"),
        (with_flag(ZIPPED, 8, 10, 12), "OSError"),
        (changed_sheet(ZIPPED, lambda sheet: sheet[:-40]), "ParseError"),
        (changed_sheet(ZIPPED, lambda sheet: sheet.replace(b'r="A2"', b'r="?"')), ""),
        (ZIPPED.replace(b"xl/workbook.xml", b"xl/workbook.xmm"), "KeyError"),
    ],
)
def test_a_workbook_that_cannot_be_read_is_one_line_that_says_what_to_do(content: bytes, fault: str) -> None:
    [line] = refused(content, "people.xlsx")
    assert line.startswith(f"people.xlsx cannot be read ({fault}")
    assert line.endswith("; save it again as XLSX or CSV, without a password")


@pytest.mark.parametrize("value", ["0", "46082", "1772323200"])
def test_a_day_that_is_a_number_is_refused(value: str) -> None:
    [line] = refused(GERMAN.replace("01.03.2026", value))
    assert line == "people.csv, row 2 (m1), Wartet seit: A date belongs here, written like 2027-05-03."


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_what_excel_calls_unicode_text_is_read(encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    assert read((mark + GERMAN.replace(";", "\t").replace("\t ", "; ")).encode(encoding)) == read(GERMAN)
