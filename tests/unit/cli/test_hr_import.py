"""HR's nightly file: of 43,000 rows only what is new of participants becomes events, and nothing else is read (P10)."""

import datetime as dt
import io
import json
import re
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import SecretStr

from services.registration.service import service
from shared.cli.acting import BY
from shared.cli.hr_import.command import _made
from shared.cli.hr_import.importing import A, Found, Import, publish
from shared.cli.hr_import.report import Report
from shared.cli.hr_import.rows import FileError, Line, Refused, header_of, lines_of, moment, row_of, sequence_of
from shared.cli.main import main
from shared.contracts import hr
from shared.contracts import registration as r
from shared.contracts.base import Part
from shared.contracts.hr import EmploymentRow
from shared.local.system import ROOT
from shared.runtime.adapters.memory import MemoryBroker
from shared.runtime.batch import EVENTS
from shared.runtime.engine import Limits
from shared.runtime.envelope import Envelope
from shared.runtime.http import Http
from shared.runtime.ids import keyed_id
from shared.runtime.ports import Outgoing
from shared.runtime.readers import HEADER
from shared.runtime.watch import Metrics
from tests.support.reference import By
from tests.unit.registration.test_registration import TODAY, mentee, mentor, opening, profile, topic
from tests.unit.runtime.engine_in_memory import KEY, Replica

AS_OF = moment("2027-01-11T21:30:00+01:00")
LATER = AS_OF + dt.timedelta(days=1)
SECRET = "the token of HR"


def row(key: str, **fields: Any) -> bytes:
    """A person as the file has them; by default just as registration knows participants."""
    known = profile()
    facts = {
        "department": known.department,
        "unit": known.unit,
        "superiors": ["head"],
        "grade": known.grade,
        "site": known.site,
        "working_times": [time.model_dump() for time in known.working_times],
    }
    return json.dumps({"employment_id": f"e-{key}", "personnel_key": key, **facts, **fields}).encode() + b"\n"


@dataclass
class City:
    """Registration with some participants, and who brings HR's file to it."""

    replica: Replica
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        async def inner(*arguments: object) -> None:
            raise AssertionError("only the lifespan goes further in")

        async def ready() -> dict[str, str]:
            return {}

        token = SecretStr(SECRET)
        self.http = Http(self.replica.engine, Metrics(), ready, dict, inner, hr_token=token)

    async def ask(self, name: str, question: Part, answer: type[A]) -> A:
        self.asked.append(question.model_dump_json())
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.http),
            base_url="http://registration",
            headers={"Authorization": f"Bearer {SECRET}"},
        ) as client:
            got = await client.post(f"/questions/{name}", content=question.model_dump_json())
        assert got.status_code == httpx.codes.OK, got.text
        return answer.model_validate(got.json())

    async def find(self, rows: Iterable[bytes], as_of: dt.datetime = AS_OF, *, dry_run: bool = False) -> Found:
        return await Import(as_of, self.ask, SECRET.encode()).compare(rows, dry_run=dry_run)

    async def send(self, event: Envelope) -> None:
        broker: MemoryBroker = self.replica.broker
        broker.publish(Outgoing(EVENTS, event.name, event.encode(), event.id), "hr")

    async def bring(self, rows: Iterable[bytes], as_of: dt.datetime = AS_OF) -> Report:
        report = await publish(await self.find(rows, as_of), self.send)
        await self.replica.settle()
        return report


async def city(*people: str) -> City:
    made = City(Replica(service))
    await made.replica.play(TODAY, topic(), opening(), *(mentor(key) for key in people))
    return made


def participant(key: str) -> str:
    return keyed_id(KEY, "participant", "pilot", key)


@pytest.mark.proves("P10")
async def test_only_real_changes_of_participants_become_events_and_all_else_is_counted() -> None:
    home = await city("P-1", "P-2", "P-3")
    rows = [row("P-1", department="B", grade=11), row("X-1"), row("P-2"), row("X-2", department="B"), b"\n"]
    report = await home.bring(rows)
    assert (report.rows, report.unknown, report.unchanged, report.changed, report.published) == (4, 2, 1, 1, 1)
    assert dict(report.fields) == {"department": 1, "grade": 1}
    assert report.missing == (participant("P-3"),), "who may have left is named by participant id alone"
    [changed, told] = home.replica.take()
    assert changed["data"]["participant_id"] == participant("P-1")
    assert changed["data"]["profile"]["department"] == "B"
    assert told["type"] == "tandem.registration.person-addressed.v1"


@pytest.mark.proves("P10")
async def test_rows_of_others_are_asked_of_by_their_key_alone_and_leave_nothing_behind() -> None:
    home = await city("P-1")
    secret = {"department": "nobodys-department", "site": "nobodys-site", "superiors": ["nobodys-boss"]}
    await home.bring([row("nobodys-key", **secret), row("P-1", site="a participant's")])
    assert "nobodys-key" in home.asked[0]
    for value in ("nobodys-department", "nobodys-site", "nobodys-boss", "e-nobodys-key"):
        assert not [asked for asked in home.asked if value in asked], "the row itself goes nowhere"
    kept = f"{home.replica.database!r} {home.replica.broker!r} {home.replica.logged}"
    assert "a participant's" in kept, "the search finds what is there"
    assert "nobodys" not in kept


async def test_a_file_that_is_brought_twice_adds_nothing_and_a_to_b_to_a_are_two_changes() -> None:
    home = await city("P-1")
    there, back = [row("P-1", department="B")], [row("P-1")]
    first = await home.find(there)
    assert [event.id for event in first.events] == [event.id for event in (await home.find(there)).events]
    for event in (*first.events, *first.events):
        await home.send(event)
    await home.replica.settle()
    assert home.replica.types().count("registration.participant-changed.v1") == 1
    again = await home.bring(there)
    assert (again.changed, again.unchanged, again.published) == (0, 1, 0)
    assert (await home.bring(back, LATER)).published == 1
    assert (await home.bring(there, LATER + dt.timedelta(days=1))).published == 1
    assert home.replica.types().count("registration.participant-changed.v1") == 2


async def test_a_dry_run_reports_the_same_and_publishes_nothing() -> None:
    home = await city("P-1")
    found = await home.find([row("P-1", department="B")], dry_run=True)
    assert (found.report.changed, found.report.published) == (1, 0)
    assert "Nothing was published" in "\n".join(found.report.lines())


async def test_a_file_older_than_what_hr_said_is_refused_and_never_passed_over_in_silence() -> None:
    home = await city("P-1")
    await home.bring([row("P-1", department="B")], LATER)
    report = await home.bring([row("P-1", department="C")], AS_OF)
    assert [(refused.line, refused.code) for refused in report.refused] == [(1, "older")]
    assert report.published == 0
    same = await home.bring([row("P-1", department="C")], LATER)
    assert [refused.code for refused in same.refused] == ["older"]


async def test_a_file_goes_on_where_messages_of_a_higher_epoch_were() -> None:
    home = await city("P-1")
    fact = hr.EmploymentChanged(employment_id="e-P-1", personnel_key="P-1", department="B")
    await home.replica.play(By(fact, sequence=7))
    [event] = (await home.find([row("P-1", department="C")])).events
    assert (event.epoch, event.sequence) == (1, 202701112030)
    await home.bring([row("P-1", department="C")])
    state = home.replica.aggregates()[f"participant/{participant('P-1')}"]
    assert state["profile"]["department"] == "C"


@pytest.mark.proves("P10")
async def test_the_file_announces_who_leaves_once_and_takes_it_back() -> None:
    home = await city("P-1")
    leaving = [row("P-1", last_day="2027-01-31")]
    report = await home.bring(leaving)
    assert dict(report.fields) == {"last_day": 1}
    assert (await home.bring(leaving, LATER)).published == 0
    back = await home.bring([row("P-1")], LATER)
    assert (dict(back.fields), back.published) == ({"last_day": 1}, 1)
    await home.replica.play(dt.date(2027, 2, 1))
    assert home.replica.aggregates()[f"participant/{participant('P-1')}"]["status"] == "registered"


async def test_who_takes_part_twice_is_published_once_for_both() -> None:
    home = await city("P-1")
    await home.replica.play(opening(programme_id="second"), mentee("P-1", programme_id="second"))
    report = await home.bring([row("P-1", site="Ost")])
    assert report.published == 1
    assert home.replica.types().count("registration.participant-changed.v1") == 2
    assert (await home.bring([row("P-1", site="Ost")], LATER)).unchanged == 1


async def test_who_has_left_or_whose_programme_is_over_takes_no_part() -> None:
    home = await city("P-1", "P-2")
    left = r.Withdraw(participant_id=participant("P-1"))
    await home.replica.play(By(left, actor=participant("P-1"), sender="person"))
    report = await home.bring([row("P-1", department="B")])
    assert (report.unknown, report.missing) == (1, (participant("P-2"),))
    await home.replica.play(dt.date(2027, 2, 7), dt.date(2027, 2, 15), dt.date(2027, 7, 15))
    over = await home.bring([row("P-2", department="B")])
    assert (over.unknown, over.missing) == (1, ())


async def test_every_row_is_unknown_unchanged_changed_or_refused() -> None:
    home = await city("P-1", "P-2", "P-3")
    rows = [
        row("P-1"),
        row("P-1", department="B"),
        row("P-2", grade="high", working_times=[{"weekday": 9, "start": 1, "end": 0}]),
        row("P-3", departement="B"),
        row("X-1", grade="high"),
        b"{no JSON",
        b'{"personnel_key": 4711}\n',
        row("X-2")[:-2],
        row("X-3", site="Ost"),
    ]
    report = await home.bring(rows)
    assert report.rows == report.unknown + report.unchanged + report.changed + report.refused_rows == 9
    found = {(refused.line, refused.field, refused.code) for refused in report.refused}
    assert found >= {
        (2, "personnel_key", "named_twice"),
        (3, "grade", "int_parsing"),
        (4, "departement", "extra_forbidden"),
        (6, "personnel_key", "no_key"),
        (7, "personnel_key", "no_key"),
    }
    assert report.published == 0
    said = "\n".join((*report.lines(), *report.faults()))
    assert "high" not in said


async def test_two_rows_of_one_person_are_both_refused_unless_they_say_the_same() -> None:
    home = await city("P-1", "P-2", "P-3", "P-4")
    same = row("P-2", department="B")
    rows = [
        row("P-1", department="B"),
        same,
        row("P-3", grade="high"),
        *(row(f"X-{number}") for number in range(hr.CHUNK)),
        row("P-1", department="C"),
        same.replace(b": ", b":"),
        row("P-3"),
        row("P-4"),
        row("P-4"),
    ]
    report = await home.bring(rows)
    late = hr.CHUNK + 4
    twice = {refused.line: refused.message for refused in report.refused if refused.code == "named_twice"}
    assert sorted(twice) == [1, 3, late, late + 2]
    assert f"in lines 1, {late} with" in twice[1] == twice[late]
    assert (3, "grade") in {(refused.line, refused.field) for refused in report.refused}
    assert (report.changed, report.unchanged, report.refused_rows, report.published) == (1, 3, 4, 1)
    assert report.rows == report.unknown + report.unchanged + report.changed + report.refused_rows == len(rows)
    assert report.missing == (), "who is refused is in the file"
    assert home.replica.aggregates()[f"participant/{participant('P-2')}"]["profile"]["department"] == "B"


async def test_a_faulty_row_that_stands_twice_is_refused_for_its_fault_alone() -> None:
    home = await city("P-1")
    report = await home.bring([row("P-1", grade="high")] * 2)
    assert [(refused.line, refused.code) for refused in report.refused] == [(1, "int_parsing"), (2, "int_parsing")]


@pytest.mark.proves("P10")
async def test_the_same_row_reaches_who_was_erased_and_registers_anew_and_twice_adds_nothing() -> None:
    home = City(Replica(service, Limits(settling=0)))
    await home.replica.play(TODAY, topic(), opening(), mentor("P-1"))
    rows = [row("P-1", department="B")]
    assert (await home.bring(rows)).published == 1
    id = participant("P-1")
    await home.replica.play(By(r.ErasePerson(participant_id=id), actor=id, sender="person"), TODAY + dt.timedelta(1))
    for _ in range(6):
        home.replica.clock.at += dt.timedelta(seconds=1)
        await home.replica.settle()
    assert f"participant/{id}" not in home.replica.aggregates()
    assert (await home.bring(rows)).unknown == 1, "it is done"
    await home.replica.play(opening(programme_id="second"), mentor("P-1", programme_id="second"))
    new = keyed_id(KEY, "participant", "second", "P-1")
    first, again = await home.find(rows), await home.find(rows)
    assert [event.id for event in first.events] == [event.id for event in again.events]
    assert len(first.events) == 1
    home.replica.take()
    for event in (*first.events, *again.events):
        await home.send(event)
    await home.replica.settle()
    assert home.replica.types().count("registration.participant-changed.v1") == 1
    assert home.replica.aggregates()[f"participant/{new}"]["profile"]["department"] == "B"
    assert (await home.bring(rows)).unchanged == 1


@pytest.mark.parametrize(
    ("broken", "code", "message"),
    [
        (row("P-1")[:-3], "json_invalid", "this line is no JSON"),
        (row("P-1", departement="B"), "extra_forbidden", "the row has a field that is not read"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_of_a_line_and_of_no_command(broken: bytes, code: str, message: str) -> None:
    [line] = lines_of([broken])
    assert isinstance(line, Line)
    [refused] = row_of(line)
    assert isinstance(refused, Refused)
    assert refused.code == code
    assert refused.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b'{"a": {"personnel_key": "x"}, "personnel_key": "y"}', "named_twice"),
        (b'{"personnel_key": ""}', "no_key"),
        (b'{"personnel_key": "' + b"x" * 65 + b'"}', "no_key"),
        (b'{"personnel_key": "\xff"}', "not_text"),
        (b'{"personnel_key": "\\ud800"}', "no_key"),
        (b'{"personnel_key": "\\x"}', "not_text"),
        (b'{"personnel_key": null}', "no_key"),
        (b'{"Personnel_Key": "x"}', "no_key"),
        (b"[" * 1000, "no_key"),
        (b'{"personnel_key": "x", "site": "' + b"x" * 100_000 + b'"}', "too_long"),
    ],
)
def test_a_line_without_a_key_to_read_is_refused(text: bytes, code: str) -> None:
    [refused] = lines_of([text])
    assert isinstance(refused, Refused)
    assert refused.code == code


def test_a_text_that_looks_like_the_key_is_none() -> None:
    text = json.dumps({"personnel_key": 'P-"1', "site": '"personnel_key": "other"'}).encode()
    [line] = lines_of([text])
    assert isinstance(line, Line)
    assert line.key == 'P-"1'
    nested = Line(3, "x", b'{"a": {"personnel_key": "x"}}')
    assert {refused.line for refused in row_of(nested) if isinstance(refused, Refused)} == {3}


def test_a_key_is_the_same_in_either_way_to_write_it_and_behind_a_mark_of_the_encoding() -> None:
    plain, escaped = (json.dumps({"personnel_key": "Ä-1"}, ensure_ascii=way) for way in (False, True))
    lines = [*lines_of([b"\xef\xbb\xbf" + plain.encode()]), *lines_of([escaped.encode()])]
    assert [line.key for line in lines if isinstance(line, Line)] == ["Ä-1", "Ä-1"]


def test_the_first_line_may_say_when_the_file_was_made() -> None:
    head = b'{"as_of": "2027-01-11T21:30:00+01:00"}\n'
    assert header_of(head) == header_of(b"\xef\xbb\xbf" + head) == AS_OF
    assert [line[0] for line in lines_of([head, row("P-1")])] == [2]
    assert header_of(row("P-1")) is header_of(b"") is None
    for wrong in (b'{"as_of": "yesterday"}', b'{"as_of": "2027-01-11"}', b'{"as_of": 3', b"\xff\xfe{\0"):
        with pytest.raises(FileError):
            header_of(wrong)


def test_a_later_file_has_a_higher_sequence_whatever_its_offset() -> None:
    assert sequence_of(AS_OF) == 202701112030
    assert sequence_of(moment("2027-01-11T20:30:00Z")) == sequence_of(AS_OF)
    assert sequence_of(moment("2027-10-31T02:30:00+02:00")) < sequence_of(moment("2027-10-31T02:30:00+01:00"))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from([*EmploymentRow.model_fields, "other"])
ROWS = st.dictionaries(FIELDS, VALUES, max_size=6).map(lambda made: json.dumps(made).encode())


@settings(max_examples=300, deadline=None)
@examples(st.lists(ROWS | st.binary(max_size=60) | st.just(row("P-1")), max_size=8))
def test_whatever_stands_in_a_file_no_line_is_lost_and_none_raises(lines: list[bytes]) -> None:
    source = [b'{"as_of": "2027-01-11T21:30:00+01:00"}', *lines]
    found = list(lines_of(source))
    assert len(found) == sum(1 for line in lines if line.strip())
    for line in found:
        if isinstance(line, Line):
            read = row_of(line)
            assert isinstance(read, EmploymentRow) or (read and all(refused.message for refused in read))


# On the command line


def test_the_file_that_the_page_shows_is_taken_as_it_stands() -> None:
    page = (ROOT / "docs" / "hr.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"^```json\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    lines = shown.encode().splitlines(keepends=True)
    assert _made(io.BytesIO(shown.encode()), "") == header_of(lines[0])
    read = [row_of(line) for line in lines_of(lines) if isinstance(line, Line)]
    assert [type(each) for each in read] == [EmploymentRow] * (len(lines) - 1)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["tandem", "import", "--hr", *arguments])
        try:
            main()
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    return run


@pytest.fixture
def addresses(tmp_path: Path) -> Path:
    lines = ["TANDEM_HTTP_REGISTRATION=http://127.0.0.1:1", "TANDEM_AMQP_URL_HR=amqp://hr:x@127.0.0.1:1/"]
    lines += ["TANDEM_HR_TOKEN=t"]
    path = tmp_path / "env"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        (None, (), "cannot be read"),
        (row("P-1"), (), "does not say when it was made"),
        (row("P-1"), ("--as-of", "2027-01-11"), "with its offset"),
        (row("P-1"), ("--as-of", "2999-01-11T00:00:00Z"), "in the future, at 2999-01-11T00:00+00:00"),
        (
            row("P-1"),
            ("--as-of", "2999-01-11T00:00:00Z"),
            f"by this machine's clock it is {dt.datetime.now(dt.UTC).year}",
        ),
        ("x".encode("utf-16"), (), "UTF-16"),
        (b'{"as_of": "soon"}', (), "first line"),
        (b"PK\x03\x04\x14\x00rest", ("--as-of", "2026-01-11T00:00:00Z"), "this is no JSON Lines file"),
        (b"Personalnummer;Referat\nP-1;A\n", (), "leave out --hr, and name --programme"),
        (row("P-1"), ("--as-of", "2026-01-11T00:00:00Z"), "registration does not answer"),
        (row("P-1"), ("--actor", "HR clerk 3"), "opaque id"),
    ],
)
def test_what_cannot_be_brought_is_said_in_one_line(
    run: Callable[..., int],
    addresses: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
    more: tuple[str, ...],
    said: str,
) -> None:
    file = tmp_path / "hr.jsonl"
    if content is not None:
        file.write_bytes(content)
    assert run(str(file), "--against", str(addresses), *more) == 2
    captured = capsys.readouterr()
    [line] = captured.err.splitlines()
    assert said in line
    assert "P-1" not in line
    assert captured.out == ""


def test_who_brings_the_file_is_named_to_registration_in_each_question(
    run: Callable[..., int], addresses: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(BY, raising=False)
    asked: list[httpx.Request] = []

    def registration(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"places": [], "participants": []})

    client = partial(httpx.AsyncClient, transport=httpx.MockTransport(registration))
    monkeypatch.setattr(httpx, "AsyncClient", client)
    file = tmp_path / "hr.jsonl"
    file.write_bytes(row("P-1"))
    line = (str(file), "--against", str(addresses), "--as-of", "2026-01-11T00:00:00Z", "--dry-run")
    assert run(*line, "--actor", "h-3") == 0
    assert [request.url.path for request in asked] == ["/questions/who-takes-part", "/questions/who-is-missing"]
    assert {request.headers[HEADER] for request in asked} == {"h-3"}
    asked.clear()
    assert run(*line) == 0
    assert [request.headers.get(HEADER) for request in asked] == [None, None]


async def test_registration_answers_hr_s_questions_to_hr_s_token_alone() -> None:
    home = await city("P-1")
    home.http.office_token = SecretStr("office")
    transport = httpx.ASGITransport(app=home.http)
    body = hr.WhoTakesPart(keys=("P-1", "X-1", "P-1")).model_dump_json()
    async with httpx.AsyncClient(transport=transport, base_url="http://registration") as client:
        post: Callable[[str], Awaitable[httpx.Response]] = lambda token: client.post(  # noqa: E731
            "/questions/who-takes-part", content=body, headers={"Authorization": f"Bearer {token}"}
        )
        assert (await post("office")).status_code == httpx.codes.UNAUTHORIZED
        assert (await post(SECRET)).json() == {"places": [0, 2]}
