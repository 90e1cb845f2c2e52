"""`tandem import` on the command line: one line a fault, JSON and nothing else, exit codes, the office's key."""

import errno
import inspect
import io
import json
import re
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from shared.cli.acting import BY
from shared.cli.addresses import Addresses
from shared.cli.importing import HR_ONLY, import_file
from shared.cli.main import main
from shared.cli.people_import.asking import Registration
from shared.cli.people_import.key import import_key
from shared.cli.people_import.plan import Plan, Step
from shared.cli.people_import.sending import OFFICE, Outcome, Sender
from shared.client import Client, ClientError, NotConfirmed
from shared.contracts import registration as r
from shared.contracts.base import TYPE_PREFIX, Reason, Text
from shared.local.system import ROOT
from shared.runtime.envelope import Envelope
from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.columns import COLUMNS
from shared.spreadsheets.headings import count_headings
from shared.spreadsheets.people import read_people
from shared.spreadsheets.rows import cleaned
from shared.spreadsheets.sheet import read_sheet
from shared.spreadsheets.writing import write_texts
from tests.support.reference import By
from tests.unit.people_import.office import Office, csv_of, mentee, mentor

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Office:
    """An office whose registration answers and takes what the command sends."""
    there = Office()
    asked = Registration(lambda name, what: there.scenario.answer(name, what).model_dump(mode="json"))
    addresses = tmp_path / "env"
    addresses.write_text("TANDEM_AMQP_URL_OFFICE=amqp://office:x@nowhere/\n", encoding="utf-8")

    def at(addresses: Addresses, actor: str | None = None) -> Registration:
        there.asked_by.append(actor)
        return asked

    monkeypatch.setattr(Registration, "at", at)
    monkeypatch.delenv(BY, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    async def send(self: Sender, plans: list[Plan]) -> None:
        for plan in plans:
            steps = [
                there.scenario.when(By(step.command, actor=self.actor, sender="office", id=step.id)).told
                for step in plan.steps
            ]
            there.sent += (By(step.command, actor=self.actor, sender="office", id=step.id) for step in plan.steps)
            refused = [each for told in steps for each in told if isinstance(each, r.CommandRejected)]
            reasons = refused[0].reasons if refused else ()
            self.outcomes.append(Outcome(plan.row, taken=not refused, reasons=reasons))
            self.told(len(self.outcomes))

    monkeypatch.setattr(Sender, "send", send)
    return there


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, office: Office) -> Run:
    """Import a file: exit code, standard output, standard error."""

    def run(content: bytes, *options: str) -> tuple[int, str, str]:
        path = tmp_path / "people.csv"
        path.write_bytes(content)
        line = ["tandem", "import", str(path), "--programme", "pilot", "--against", str(tmp_path / "env"), *options]
        monkeypatch.setattr(sys, "argv", line)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_a_dry_run_shows_each_row_and_sends_nothing(run: Run, office: Office) -> None:
    code, out, err = run(csv_of(mentor(1), mentee(2), mentor(3, Stufe="neun")), "--dry-run", "--language", "de")
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "Zeilen 2–3: neu",
        "Zeile 4: abgelehnt",
        "    Stufe (neun): Bitte die Stufe als Zahl eintragen, wie 13.",
        "3 Zeilen: 2 neu, 0 geändert, 0 unverändert, 1 abgelehnt. Nichts wurde gesendet.",
    ]
    assert office.plans(mentor(1))[0].kind == "new"


def test_who_imports_is_named_to_registration_in_its_questions_and_in_each_command(
    run: Run, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = mentor(1, Standort="Nord", **{"E-Mail": "another@example.org", "Über mich": "I like bees"})
    assert run(csv_of(mentor(1), mentee(2)), "--actor", "o-17")[0] == 0
    monkeypatch.setenv(BY, "o-18")
    assert run(csv_of(changed))[0] == 0
    assert office.asked_by == ["o-17", "o-18"]
    by = [(sent.actor, type(sent.message)) for sent in office.sent]
    assert by[:2] == [("o-17", r.RegisterMentor), ("o-17", r.RegisterMentee)]
    assert by[2:] == [("o-18", r.ChangeProfile), ("o-18", r.ChangeContact), ("o-18", r.ChangeAboutMe)]


async def test_a_command_is_the_office_s_and_bears_who_imports() -> None:
    sent: list[Envelope] = []

    class Broker(Client):
        async def send(self, message: Envelope, *, command: bool = True, limit: float = 60.0) -> None:
            sent.append(message)
            raise NotConfirmed("no confirm", message.id)

    step = Step(r.ChangeAboutMe(participant_id="0d3b6c1e-7a52-5f84-9e07-2c4b8a6d1f35", about_me="bees"), "id-1")
    for actor in ("o-17", None):
        sender = Sender("amqp://office:x@nowhere/", actor)
        assert await sender._ask(Broker(sender.url, OFFICE), step) is None
    assert [(each.actor, each.source) for each in sent] == [("o-17", "/office"), (None, "/office")]
    assert [each.id for each in sent] == ["id-1", "id-1"], "another who imports the same changes nothing twice"


SOMEBODY = "0d3b6c1e-7a52-5f84-9e07-2c4b8a6d1f35"
FIRST, SECOND = (Step(r.ChangeAboutMe(participant_id=SOMEBODY, about_me="bees"), id) for id in ("1", "2"))
NOWHERE = Client("amqp://office:x@nowhere/", OFFICE)
TAKEN = Envelope(id="e", source="/registration", type=TYPE_PREFIX + r.PersonAddressed.name, data={})


def answering(sender: Sender, monkeypatch: pytest.MonkeyPatch, second: Envelope | ClientError | None) -> Sender:
    """The first command of a row is taken; of the second becomes what is given."""

    async def ask(client: Client, step: Step) -> Envelope | None:
        answer = TAKEN if step.id == "1" else second
        if isinstance(answer, ClientError):
            raise answer
        return answer

    monkeypatch.setattr(sender, "_ask", ask)
    return sender


async def test_a_row_that_ends_in_the_middle_says_how_many_commands_were_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = Reason(field="mail", code="mail", message=Text(de="Nein.", en="No."))
    data = r.CommandRejected(command_id="2", command=r.ChangeContact.name, reasons=(reason,)).model_dump(mode="json")
    refused = Envelope(id="e", source="/registration", type=TYPE_PREFIX + r.CommandRejected.name, data=data)
    plan = Plan(7, "changed", steps=(FIRST, SECOND))
    for second, steps, reasons in ((refused, 1, 1), (None, 1, 0), (TAKEN, 2, 0)):
        sender = answering(Sender("amqp://x"), monkeypatch, second)
        await sender._work(NOWHERE, iter([plan]))
        [outcome] = sender.outcomes
        assert (outcome.steps, outcome.taken, len(outcome.reasons)) == (steps, second is TAKEN, reasons)
        assert sender.failed is None


async def test_a_row_in_the_middle_of_which_the_broker_went_is_no_row_that_was_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = ClientError("the broker is away")
    sender = answering(Sender("amqp://x"), monkeypatch, away)
    rows = [Plan(number, "changed", steps=(FIRST, SECOND)) for number in (7, 8)]
    await sender._work(NOWHERE, iter(rows))
    assert sender.outcomes == [Outcome(7, taken=False, steps=1)]
    assert sender.failed is away
    whole = answering(Sender("amqp://x"), monkeypatch, away)
    await whole._work(NOWHERE, iter([Plan(9, "changed", steps=(SECOND,))]))
    assert (whole.outcomes, whole.failed) == ([], away)


def test_without_one_who_imports_is_nobody_and_what_may_be_a_name_is_refused(run: Run, office: Office) -> None:
    code, _, err = run(csv_of(mentor(1)), "--actor", "Mentor 7")
    assert code == 2
    assert "opaque id" in err
    assert "--actor" in err
    assert not office.sent
    assert run(csv_of(mentor(1)))[0] == 0
    assert [sent.actor for sent in office.sent] == [None]


def test_json_is_the_only_thing_on_standard_output(run: Run) -> None:
    content = b"Liste der Teilnehmenden\n" + csv_of(mentor(1), mentor(2, Stufe="neun")) + b"Summe;2\n"
    code, out, err = run(content, "--json")
    said: dict[str, Any] = json.loads(out)
    assert (code, out.count("\n")) == (1, 1)
    assert said == {
        "rows": 2,
        "accepted": 1,
        "unchanged": 0,
        "rejected": [
            {"row": 4, "column": "Stufe", "value": "neun", "message": "Write the grade as a number, such as 13."}
        ],
    }
    assert "Row 5 is a sum" in err
    assert "above the headings in row 2" in err
    code, out, err = run(csv_of(mentor(1)), "--json")
    assert (code, json.loads(out)) == (0, {"rows": 1, "accepted": 0, "unchanged": 1, "rejected": []})


def test_what_the_whole_file_does_not_say_is_said_once_above_the_rows(run: Run) -> None:
    rows = [mentor(number, Freiwillig="", Datenschutzhinweis="") for number in (1, 2)]
    code, out, _ = run(csv_of(*rows, mentor(3, Freiwillig="", Datenschutzhinweis="", Stufe="x")), "--dry-run")
    notice, voluntary, *others = sorted(out.splitlines()[:2]) + out.splitlines()[2:]
    assert code == 1
    assert notice.startswith("Datenschutzhinweis: It is not said which privacy notice")
    assert voluntary.startswith("Freiwillig: It is not said that the person takes part voluntarily")
    assert others == [
        "Rows 2–3: rejected",
        "Row 4: rejected",
        "    Stufe (x): Write the grade as a number, such as 13.",
        "3 rows: 0 new, 0 changed, 0 unchanged, 3 rejected. Nothing was sent.",
    ]
    code, out, err = run(csv_of(*rows), "--dry-run", "--json")
    assert (len(json.loads(out)["rejected"]), err.count("--voluntary"), err.count("--privacy-notice")) == (4, 1, 1)
    _, out, _ = run(csv_of(rows[0], mentor(2)), "--dry-run")
    assert "    Freiwillig: It is not said" in out, "of one row it is said there"


def test_one_row_is_called_so(run: Run) -> None:
    _, out, _ = run(csv_of(mentor(1)), "--dry-run", "--language", "de")
    assert out.splitlines()[-1].startswith("1 Zeile: 1 neu")
    _, out, err = run(csv_of(mentor(1)))
    assert out.splitlines()[-1] == "1 row: 1 taken, 0 unchanged, 0 rejected."
    assert "1 of 1 row sent" in err


def test_what_was_sent_is_summed_up(run: Run) -> None:
    code, out, _ = run(csv_of(mentor(1), mentor(2)))
    assert (code, out.splitlines()[-1]) == (0, "2 rows: 2 taken, 0 unchanged, 0 rejected.")
    code, out, _ = run(csv_of(mentor(1), mentor(2, Stufe="10")))
    assert out.splitlines() == [
        "Row 2: unchanged",
        "Row 3: changed: Stufe",
        "2 rows: 1 taken, 1 unchanged, 0 rejected.",
    ]


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        (b"", (), "holds nothing"),
        (csv_of(mentor(1)).splitlines()[0], (), "holds no people"),
        (csv_of({**mentor(1), "Einwilligungen": "alle"}), (), "Only the person gives consents"),
        (csv_of({**mentor(1), "Augenfarbe": "blau"}), (), "There is no column Augenfarbe"),
        (csv_of({k: v for k, v in mentor(1).items() if k != "E-Mail"}), (), "The column E-Mail (Mail) is missing."),
        (csv_of(mentor(1)), ("--language", "fr"), "fr"),
        (b"%PDF-1.7", (), "is no spreadsheet"),
    ],
)
def test_wrong_use_is_a_line_on_standard_error_and_exit_code_2(
    run: Run, content: bytes, options: tuple[str, ...], says: str
) -> None:
    code, out, err = run(content, *options)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


UNKNOWN = {**mentor(1), "Lieblingsfarbe": "blau"}
WITHOUT_MAIL = {name: cell for name, cell in mentor(1).items() if name != "E-Mail"}


@pytest.mark.parametrize(
    ("content", "de", "en"),
    [
        (b"", "Die Datei ist leer.", "holds nothing"),
        (b"<html><table>", "eine Webseite (HTML)", "a web page (HTML)"),
        (csv_of(mentor(1)).splitlines()[0], "enthält keine Personen", "holds no people"),
        (csv_of(WITHOUT_MAIL), "Die Spalte E-Mail (Mail) fehlt.", "The column E-Mail (Mail) is missing."),
        (csv_of(UNKNOWN), "auslassen mit --skip Lieblingsfarbe", "leave it out with --skip Lieblingsfarbe"),
        (csv_of({**mentor(1), "Anligen": "x"}), "ist Anliegen gemeint?", "did you mean Anliegen?"),
        (csv_of({**mentor(1), "Meine Farbe": "x"}), "--skip 'Meine Farbe'", "--skip 'Meine Farbe'"),
        (b'Rolle;Name\n"' + b"x" * 2_000_000, "Anführungszeichen", "quotation marks"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_in_the_language_and_as_json(
    run: Run, content: bytes, de: str, en: str
) -> None:
    for language, says in (("de", de), ("en", en)):
        code, out, err = run(content, "--language", language)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert says in err
        code, out, _ = run(content, "--language", language, "--json")
        [fault] = json.loads(out)["faults"]
        assert (code, says in fault, list(json.loads(out))) == (2, True, ["faults"])


def test_more_faults_than_are_told_are_counted_once(run: Run) -> None:
    content = csv_of({**mentor(1), **{f"Farbe {n}": "x" for n in range(25)}})
    _, out, err = run(content, "--language", "de", "--json")
    assert (len(err.splitlines()), err.splitlines()[-1]) == (21, "tandem: … und 5 weitere")
    assert len(json.loads(out)["faults"]) == 21


def test_a_column_that_only_a_match_reads_is_not_suggested(run: Run) -> None:
    _, _, err = run(csv_of({**mentor(1), "Wartet sei": "x"}))
    assert "did you mean" not in err


def test_a_programme_that_is_not_there_is_said_in_the_language_and_as_json(run: Run) -> None:
    code, out, err = run(csv_of(mentor(1)), "--programme", "other", "--language", "de", "--json")
    assert (code, "Ein Programm other gibt es nicht" in err) == (2, True)
    assert "Ein Programm other gibt es nicht" in json.loads(out)["faults"][0]


def test_a_column_without_a_heading_is_named_in_the_language(run: Run) -> None:
    content = csv_of(mentor(1)).rstrip() + b";;beside\r\n"
    _, out, _ = run(content, "--dry-run", "--language", "de")
    assert "    Spalte Q (beside): Diese Spalte hat in Zeile 1 keine Überschrift" in out
    _, out, _ = run(content, "--dry-run", "--json")
    assert json.loads(out)["rejected"][0]["column"] == "column Q"


@pytest.mark.parametrize("cell", ["2026-12-01", "01.12.2026", "Dez 26", "Dez. 26", "1. Dez", "December 2026"])
def test_a_privacy_notice_of_which_a_spreadsheet_made_a_day_is_said_to_be_one(run: Run, cell: str) -> None:
    _, out, _ = run(csv_of(mentor(1, Datenschutzhinweis=cell)), "--dry-run", "--language", "de")
    assert ("Daraus hat die Tabelle ein Datum gemacht" in out) == (cell != "1. Dez")
    _, out, _ = run(csv_of(mentor(1, Datenschutzhinweis="2")), "--dry-run", "--language", "de")
    assert "Datum" not in out


@pytest.mark.parametrize(
    ("programme", "says"),
    [("other", "there is no programme other"), ("no id", "--programme no id: "), ("", "--programme")],
)
def test_a_programme_that_is_not_there_is_said_to_be_none(run: Run, programme: str, says: str) -> None:
    code, _, err = run(csv_of(mentor(1)), "--programme", programme)
    assert (code, says in err, err.count("\n")) == (2, True, 1)


def test_a_column_that_nobody_needs_is_left_out_when_it_is_named(run: Run) -> None:
    code, out, _ = run(csv_of({**mentor(1), "Augenfarbe": "blau", "Raum": "1"}), "--skip", "augenfarbe", "--dry-run")
    assert (code, out.splitlines()[0]) == (0, "These columns are not read: Augenfarbe, Raum.")


def test_rejected_rows_are_written_as_they_were_to_be_corrected_and_imported(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rejected.xlsx"
    formula = '=HYPERLINK("http://x","Bau")'
    content = csv_of(mentor(7, Referat=formula, Stufe="neun"), mentor(8))
    code, out, _ = run(content, "--rejected", str(file))
    assert (code, f"The rejected rows are in {file}." in out) == (1, True)
    assert "with the same options, also --voluntary and --privacy-notice" in out
    assert [cell.value for cell in load_workbook(file).active[1]][-1] == "Fehler / Faults"
    kinds = {cell.data_type for row in load_workbook(file).active.iter_rows() for cell in row if cell.value}
    assert kinds == {"s"}, "no number and no formula"
    [row] = read_people(file.read_bytes(), "rejected.xlsx", "import").rows
    assert (row.texts["profile.department"], row.texts["personnel_key"]) == (formula, "007")
    code, out, _ = run(file.read_bytes(), "--dry-run")
    assert (code, "Stufe (neun)" in out) == (1, True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(max_size=12), min_size=3, max_size=3), begin=st.sampled_from("=+-@'\t0"))
def test_whatever_is_written_again_is_text(tmp_path: Path, texts: list[str], begin: str) -> None:
    file = tmp_path / "t.xlsx"
    cells = [cleaned(ILLEGAL_CHARACTERS_RE.sub("", begin + text)) for text in texts]
    write_texts(file, ["Rolle", "Name", "Referat"], [cells])
    assert all(cell.data_type != "f" for row in load_workbook(file).active.iter_rows() for cell in row)
    [_, *rows] = read_sheet(file.read_bytes(), "t.xlsx", count_headings).rows
    again = {at: cleaned(cell) for at, cell in enumerate(cells)}
    filled = {at: cell for at, cell in again.items() if cell}
    assert [dict(row.cells) for row in rows] == ([filled] if filled else [])


@pytest.mark.parametrize("name", ["rejected.csv", "nowhere/rejected.xlsx"])
def test_rejected_rows_need_a_file_that_can_be_written(run: Run, tmp_path: Path, name: str) -> None:
    code, _, err = run(csv_of(mentor(1)), "--rejected", str(tmp_path / name))
    assert (code, str(tmp_path) in err) == (2, True)


def test_the_page_names_every_column_and_every_option() -> None:
    page = (ROOT / "docs" / "import-people.md").read_text(encoding="utf-8")
    for column in COLUMNS:
        row = f"| {column.name.de} | {column.name.en} |"
        lines = [line for line in page.splitlines() if line.startswith(row)]
        assert len(lines) == ("import" in column.uses), row
        assert all(line.endswith("| yes |") == ("import" in column.needed) for line in lines), row
    for name, parameter in inspect.signature(import_file).parameters.items():
        option = f"--{name.rstrip('_').replace('_', '-')}"
        if parameter.default is not parameter.empty and option not in (*HR_ONLY, "--hr"):
            assert option in page


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--hr", "--programme", "pilot"), "--programme is not for HR's file"),
        (("--hr", "--voluntary"), "--voluntary is not for HR's file"),
        (("--programme", "pilot", "--as-of", "2027-01-11T21:30:00+01:00"), "--as-of is only for HR's file"),
        ((), "name the programme"),
    ],
)
def test_what_does_not_fit_the_kind_of_file_is_one_line(
    options: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(sys, "argv", ["tandem", "import", str(tmp_path / "people"), *options])
    with pytest.raises(SystemExit) as ended:
        main()
    err = capsys.readouterr().err
    assert (ended.value.code, said in err, err.count("\n")) == (2, True, 1)


def test_a_key_is_made_once_and_kept_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    key = import_key()
    assert key == import_key()
    [file] = (tmp_path / "tandem").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    named = tmp_path / "named"
    named.write_text("a key that the office has chosen\n", encoding="utf-8")
    monkeypatch.setenv("TANDEM_IMPORT_KEY_FILE", str(named))
    assert import_key() == b"a key that the office has chosen"


def test_a_key_file_that_is_not_there_is_made_and_its_folder_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o755)
    file = tmp_path / "named"
    monkeypatch.setenv("TANDEM_IMPORT_KEY_FILE", str(file))
    made = import_key()
    assert (import_key(), len(made) > 40) == (made, True)
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(tmp_path.stat().st_mode)) == (0o600, 0o755)
    assert list(tmp_path.iterdir()) == [file]
    monkeypatch.setenv("TANDEM_IMPORT_KEY_FILE", str(tmp_path / "nowhere" / "key"))
    with pytest.raises(WrongUseError, match="nowhere"):
        import_key()


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe\xff"])
def test_a_key_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    monkeypatch.setenv("TANDEM_IMPORT_KEY_FILE", str(file))
    with pytest.raises(WrongUseError, match=str(file)):
        import_key()


def test_who_has_no_home_is_told_to_name_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(WrongUseError, match="name a file with TANDEM_IMPORT_KEY_FILE"):
        import_key()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\n "])
@pytest.mark.parametrize("first", [b'{"as_of": "2026-11-02T21:30:00+01:00"}', b'{ "personnel_key": "4711" }'])
def test_hr_s_file_without_hr_is_told_from_a_spreadsheet_in_one_line_that_says_nothing_of_it(
    run: Run, mark: bytes, first: bytes
) -> None:
    code, out, err = run(mark + first + b'\n{"personnel_key": "4712", "department": "Bau", "unit": ["B-1"]}\n')
    assert (code, out) == (2, "")
    [line] = err.splitlines()
    assert "did you mean --hr" in line
    assert not any(word in line for word in ("4711", "4712", "Bau", "as_of"))


class Broken(io.StringIO):
    """Standard output whose reader has gone after some lines."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self.left = lines

    def write(self, text: str) -> int:
        self.left -= text.count("\n")
        if self.left < 0:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")
        return super().write(text)


@pytest.mark.parametrize("lines", [0, 1, 3])
@pytest.mark.parametrize("options", [(), ("--json",), ("--dry-run",)])
def test_a_report_that_nobody_reads_costs_neither_the_rows_nor_the_file(
    run: Run, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int, options: tuple[str, ...]
) -> None:
    file = tmp_path / "rejected.xlsx"
    monkeypatch.setattr(sys, "stdout", Broken(0 if "--json" in options else lines))
    code, _, err = run(csv_of(mentor(1), mentor(2, Stufe="x")), "--rejected", str(file), *options)
    assert (code, err.count("could not be printed to the end (Broken pipe)")) == (2, 1)
    assert "Traceback" not in err
    assert len(read_people(file.read_bytes(), "rejected.xlsx", "import").rows) == 1
    [again] = office.plans(mentor(1))
    assert again.kind == ("new" if "--dry-run" in options else "unchanged")


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_file_that_cannot_be_written_costs_no_report(run: Run, tmp_path: Path, options: tuple[str, ...]) -> None:
    folder = tmp_path / "rejected.xlsx"
    folder.mkdir()
    code, out, err = run(csv_of(mentor(1), mentor(2, Stufe="x")), "--rejected", str(folder), *options)
    assert (code, [line for line in err.splitlines() if line.startswith("tandem: ")]) == (
        2,
        [f"tandem: {folder} cannot be written (Is a directory); check the path"],
    )
    assert ('"rows": 2' if options else "2 rows: 1 taken") in out


def test_where_nothing_is_watched_one_line_at_the_end_tells_of_the_sending(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    _, out, err = run(csv_of(mentor(1), mentor(2)), "--language", "de")
    assert re.fullmatch(r"2 von 2 Zeilen gesendet, in \d+ s\.\n", err)
    assert "gesendet" not in out
