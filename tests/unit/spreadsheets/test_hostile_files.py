"""Files as they come from anywhere: each row comes to something, or one line says what the file is and what to do."""

import gzip
import io
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from openpyxl import Workbook

from shared.cli.people_import.report import Language, as_json
from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.people import read_people
from shared.spreadsheets.template import write_template
from tests.unit.people_import.office import Office, csv_of, mentor, rejected_rows

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
ENGLISH = ["Role", "Personnel key", "Name", "Mail", "Department", "Unit", "Grade", "Site", "Languages", "Working times"]
ENGLISH += ["Strengths", "Concerns", "Superiors", "Voluntary", "Privacy notice"]
OFFICE = Office()


def zipped(**members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def book(*rows: Mapping[str, Any], merged: str = "", other: bool = False) -> bytes:
    """Rows as a workbook, cells merged, with people on another sheet who have no headings there."""
    made = Workbook()
    for row in (list(rows[0]), *(list(row.values()) for row in rows)):
        made.active.append(row)
    if merged:
        made.active.merge_cells(merged)
    if other:
        made.create_sheet("Mentees").append(list(mentor(9).values()))
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def column(rows: list[dict[str, str]], name: str) -> str:
    """The letter of a column."""
    return chr(ord("A") + list(rows[0]).index(name))


UNIT = column([mentor()], "Organisationseinheit")
KEY = column([mentor()], "Personalnummer")
LINE = csv_of(mentor(1), mentor(2))
NAMED_TWICE = csv_of(dict(zip(mentor(), ENGLISH, strict=True)), mentor(1), mentor(2))


@pytest.mark.parametrize(
    ("content", "accepted", "rejected", "note"),
    [
        pytest.param(NAMED_TWICE, 2, [], "Row 2 repeats the headings", id="headings in a second language"),
        pytest.param(csv_of(mentor(1), mentor(2), delimiter="|"), 2, [], "", id="bars between cells"),
        pytest.param(LINE.decode().encode("utf-32"), 2, [], "", id="UTF-32"),
        pytest.param(csv_of(mentor(1, **{"Über mich": 'Ein; "Text"\nvon zweien'})), 1, [], "", id="lines and quotes"),
        pytest.param(csv_of(mentor(1, Vorgesetzte="k.A.", Anliegen="-")), 1, [], "Read as empty cells", id="k.A."),
        pytest.param(csv_of(mentor(1, Referat="n/a"), mentor(2)), 1, [2], "Read as empty cells", id="needed n/a"),
        pytest.param(csv_of(mentor(1, Personalnummer="–"), mentor(2, Personalnummer="–")), 0, [2, 3], "", id="no key"),
        pytest.param(csv_of(mentor(1, Personalnummer="7.0"), mentor(2, Personalnummer="8,0")), 0, [2, 3], "", id="7.0"),
        pytest.param(csv_of(mentor(1, Personalnummer="1,23E+05")), 0, [2], "", id="1,23E+05"),
        pytest.param(csv_of(mentor(1, Personalnummer="2027-01-07")), 0, [2], "", id="a number that became a day"),
        pytest.param(csv_of(mentor(1, Vorgesetzte="1,23E+05")), 0, [2], "", id="a superior that became a figure"),
        pytest.param(csv_of(mentor(1), mentor(1, Personalnummer="001\u200d")), 1, [], "", id="a joint nobody sees"),
        pytest.param(csv_of(mentor(1, Arbeitszeiten="Mo 8:30\u221216:30")), 1, [], "", id="a minus in times"),
        pytest.param(csv_of(mentor(1, Referat="B\u201eren")), 0, [2], "", id="umlauts as DOS wrote them"),
        pytest.param(csv_of(mentor(1), {**mentor(2, Name=""), "Rolle": "Stand: Mai"}), 1, [3], "", id="a foot"),
        pytest.param(book(mentor(1), mentor(2), merged=f"{UNIT}2:{UNIT}3"), 2, [], "", id="a unit over two rows"),
        pytest.param(book(mentor(1), mentor(2), merged=f"{KEY}2:{KEY}3"), 0, [2, 3], "", id="a number over two rows"),
        pytest.param(book(mentor(1), other=True), 1, [], "not read: Mentees", id="people on another sheet"),
    ],
)
def test_each_row_comes_to_something(content: bytes, accepted: int, rejected: list[int], note: str) -> None:
    work = OFFICE.work(content)
    said = as_json(work.plans(), Language.EN)
    assert (said["accepted"], rejected_rows(said)) == (accepted, rejected)
    assert said["rows"] == said["accepted"] + said["unchanged"] + len(rejected)
    assert note in " ".join(each.en for each in work.sheet.notes)
    assert all(each["message"] for each in said["rejected"])


def test_what_is_shown_over_several_rows_holds_for_each_of_them() -> None:
    rows = read_people(book(mentor(1), mentor(2), merged=f"{UNIT}2:{UNIT}3"), "people.xlsx", "import").rows
    assert [row.texts["profile.unit"] for row in rows] == ["B-1 > B-12"] * 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "has a password; open it in Excel"),
        (OLE + "Workbook".encode("utf-16-le"), "is an old Excel file or one with a password"),
        (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "is an OpenDocument file (ODS)"),
        (zipped(**{"Index__Document.iwa": "", "Metadata__x": ""}), "is a Numbers or Pages file"),
        (zipped(**{"[Content_Types].xml": "", "word__document.xml": ""}), "is a Word document"),
        (zipped(**{"[Content_Types].xml": "", "xl__workbook.bin": ""}), "is a binary workbook (XLSB)"),
        (zipped(**{"people.csv": "Rolle;Name"}), "is an archive (ZIP)"),
        (gzip.compress(LINE), "is a packed file"),
        (b"\xef\xbb\xbf <html><table><tr><td>Rolle</td></tr></table>", "is a web page (HTML)"),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook>', "is an XML spreadsheet"),
        (rb"{\rtf1\ansi Rolle;Name}", "is a text document (RTF)"),
        (b'[{"role": "mentor"}]', "is JSON"),
        (b'ID;PWXL;N;E\nC;Y1;X1;K"Rolle"\n', "is a SYLK file"),
        (b"", "holds nothing"),
        (b"\xef\xbb\xbf\r\n;;;\r\n", "holds nothing"),
    ],
)
def test_a_file_of_another_kind_is_called_what_it_is(content: bytes, says: str) -> None:
    with pytest.raises(WrongUseError) as refused:
        OFFICE.work(content)
    [line] = str(refused.value).splitlines()
    assert line.startswith(f"people.csv {says}")
    assert " save " in line or " put " in line


def test_a_list_that_begins_with_an_id_is_no_other_kind() -> None:
    content = csv_of({"Id": "x", **mentor(1)})
    assert len(OFFICE.work(content).sheet.rows) == 1


def test_headings_alone_are_no_rows_and_the_template_s_own_sheets_are_not_told(tmp_path: Any) -> None:
    assert OFFICE.work(csv_of(mentor()).splitlines()[0]).sheet.rows == ()
    write_template(tmp_path / "t.xlsx", ["Scrum"])
    sheet = read_people((tmp_path / "t.xlsx").read_bytes(), "t.xlsx", "import")
    assert not any("sheets" in note.en for note in sheet.notes)
