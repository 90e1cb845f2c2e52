"""A file of people on real servers: imported, imported again, changed, ended in the middle, and gone on with."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shared.cli.addresses import Addresses
from shared.cli.people_import.asking import Registration
from shared.cli.people_import.candidates import ForAll
from shared.cli.people_import.report import summed
from shared.cli.people_import.sending import Sender
from shared.cli.people_import.work import Import
from shared.contracts import registration as r
from shared.local.system import ROOT
from shared.spreadsheets.people import read_people
from tests.support.town import Town, running_town
from tests.unit.people_import.office import csv_of, mentor

pytestmark = [pytest.mark.xdist_group("people-import"), pytest.mark.asyncio(loop_scope="module")]

SOME, MANY = 30, 400
TOPIC = {"Stärken": "T:3"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with running_town(tmp_path_factory.mktemp("system"), {}) as town:
        yield town


@dataclass(frozen=True, slots=True)
class Office:
    """Who imports files of a programme on the command line."""

    town: Town
    folder: Path
    programme: str

    async def start(self, rows: Sequence[Mapping[str, str]], *options: str) -> asyncio.subprocess.Process:
        """Begin to import rows."""
        file = self.folder / "people.csv"
        file.write_bytes(csv_of(*rows))
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "shared.cli", "import", str(file), "--programme", self.programme, "--json"),
            *("--against", str(self.town.system.folder / "env"), *options),
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "TANDEM_IMPORT_KEY_FILE": str(self.key)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def takes(self, rows: Sequence[Mapping[str, str]], *options: str, code: int = 0) -> dict[str, Any]:
        """Import rows; what it says."""
        process = await self.start(rows, *options)
        out, err = await process.communicate()
        assert process.returncode == code, err
        said: dict[str, Any] = json.loads(out)
        return said

    @property
    def key(self) -> Path:
        """The key of the office's machine."""
        file = self.folder / "key"
        file.write_text("a key of the office's machine", encoding="utf-8")
        return file

    def registered(self) -> set[str]:
        """Whom registration said to be registered, each by the id of a participant."""
        said = self.town.said(r.ParticipantRegistered, self.programme)
        assert len(said) == len({each["participant_id"] for each in said.values()}), "nobody is registered twice"
        return {each["participant_id"] for each in said.values()}

    async def until_registered(self, count: int) -> None:
        """Wait until so many are registered."""
        await self.town.client.until(lambda: len(self.registered()) >= count, 60, f"{count} registrations")


def rows(count: int, **changes: str) -> list[dict[str, str]]:
    """Mentors by number."""
    return [mentor(number, **TOPIC, **changes) for number in range(1, count + 1)]


def counts(rows: int, accepted: int, unchanged: int) -> dict[str, Any]:
    """What is said where nothing is rejected."""
    return {"rows": rows, "accepted": accepted, "unchanged": unchanged, "rejected": []}


@pytest.mark.proves("S1", "S15")
async def test_a_file_is_imported_once_and_then_only_what_changed(town: Town, tmp_path: Path) -> None:
    office = Office(town, tmp_path, "files")
    await town.open("files", places=10)
    people = rows(SOME)
    assert await office.takes(people, "--dry-run") == counts(SOME, SOME, 0)
    assert office.registered() == set(), "a dry run sends nothing"
    assert await office.takes(people) == counts(SOME, SOME, 0)
    assert await office.takes(people) == counts(SOME, 0, SOME)
    people[4] = {**people[4], "Stufe": "11", "E-Mail": "changed@example.org"}
    assert await office.takes(people) == counts(SOME, 1, SOME - 1)
    assert await office.takes(people) == counts(SOME, 0, SOME)
    changed = town.said(r.ParticipantChanged, "files")
    assert [each["profile"]["grade"] for each in changed.values()] == [11]
    assert len(office.registered()) == SOME
    said = await office.takes([*people, mentor(99, **TOPIC, Stufe="neun")], code=1)
    assert (said["unchanged"], [each["row"] for each in said["rejected"]]) == (SOME, [SOME + 2])


@pytest.mark.proves("S15")
@pytest.mark.long
async def test_an_import_that_was_stopped_goes_on_where_it_was(town: Town, tmp_path: Path) -> None:
    office = Office(town, tmp_path, "stopped")
    await town.open("stopped", places=10)
    addresses = Addresses(town.system.addresses(), "the test")
    sheet = read_people(csv_of(*rows(SOME)), "people.csv", "import")
    key = office.key.read_bytes()
    work = Import(sheet, ForAll("stopped"), Registration.at(addresses), key)
    plans = await asyncio.to_thread(work.plans)
    sender = Sender(town.system.amqp_url("office"), window=3)
    sender.told = lambda count: sender.stop() if count >= SOME // 3 else None
    await sender.send(plans)
    after = summed(await asyncio.to_thread(work.after, plans, sender.outcomes))
    taken = after["accepted"]
    assert SOME // 3 <= taken < SOME
    assert after["rejected"] == SOME - taken, "what was not sent is said"
    assert await office.takes(rows(SOME)) == counts(SOME, SOME - taken, taken)
    assert len(office.registered()) == SOME


@pytest.mark.proves("S15")
@pytest.mark.long
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
async def test_an_import_that_was_ended_in_the_middle_loses_and_doubles_nobody(
    town: Town, tmp_path: Path, by: signal.Signals
) -> None:
    programme = f"ended-{by.name.lower()}"
    office = Office(town, tmp_path, programme)
    await town.open(programme, places=10)
    process = await office.start(rows(MANY))
    await office.until_registered(1)
    process.send_signal(by)
    out, _ = await process.communicate()
    if by == signal.SIGINT:
        said = json.loads(out)
        assert said["rows"] == MANY == said["accepted"] + said["unchanged"] + len(said["rejected"])
    again = await office.takes(rows(MANY))
    assert again["rows"] == MANY == again["accepted"] + again["unchanged"]
    await office.until_registered(MANY)
    assert len(office.registered()) == MANY
    assert await office.takes(rows(MANY)) == counts(MANY, 0, MANY)
