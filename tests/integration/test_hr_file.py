"""HR's nightly file on real servers: twenty changes of a hundred participants, and of the others nothing is left."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from shared.contracts import registration as r
from shared.contracts.hr import EmploymentRow
from shared.contracts.parts import Side
from shared.local.system import ROOT
from tests.support.searched import files_with, found_in
from tests.support.town import Town, profile, running_town

pytestmark = [pytest.mark.xdist_group("hr-file"), pytest.mark.asyncio(loop_scope="module")]

NEW_SITE = "site-of-who-takes-part"
MARK = "of-nobody"
"""Stands in every value of the others' rows."""


class Size(NamedTuple):
    """How many rows a file has, and how many of the people in it take part, and have changed."""

    rows: int
    participants: int
    changes: int


SMALL, CITY = Size(3_000, 100, 20), Size(43_000, 1_000, 200)


@pytest.fixture(scope="module", params=[SMALL, pytest.param(CITY, marks=pytest.mark.long)], ids=["small", "city"])
def size(request: pytest.FixtureRequest) -> Size:
    found: Size = request.param
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory, size: Size) -> AsyncIterator[Town]:
    async with running_town(tmp_path_factory.mktemp("system"), {}) as town:
        await town.open("pilot", places=10)
        sides: tuple[Side, ...] = ("mentor", "mentee")
        commands = [town.registering("pilot", side, n) for n in range(size.participants // 2) for side in sides]
        await asyncio.gather(*(town.ask(command, "portal") for command in commands))
        yield town


def rows(size: Size) -> Iterator[EmploymentRow]:
    """Each participant as registered, some at another site; between them people who do not take part."""
    others = size.rows // size.participants - 1
    for n in range(size.participants // 2):
        for side in ("mentor", "mentee"):
            known = profile(side, n, 1)
            yield EmploymentRow(
                employment_id=f"e-{side}-{n}",
                personnel_key=f"pilot-{side}-{n}",
                department=known.department,
                unit=known.unit,
                superiors=(f"pilot-head-{side}-{n}",),
                grade=known.grade,
                site=NEW_SITE if n < size.changes // 2 else known.site,
                working_times=known.working_times,
            )
            for other in range(others):
                id = f"{side}-{n}-{other}-{MARK}"
                yield EmploymentRow(
                    employment_id=f"e-{id}",
                    personnel_key=f"key-{id}",
                    department=f"department-{id}",
                    unit=(f"unit-{id}",),
                    superiors=(f"boss-{id}",),
                    grade=9,
                    site=f"site-{id}",
                )


async def bring(town: Town, file: Path, *more: str) -> dict[str, Any]:
    """Run the command as HR would; its report."""
    command = [sys.executable, "-m", "shared.cli", "import", str(file), "--hr", "--json", "--against"]
    ran = await asyncio.create_subprocess_exec(
        *command,
        str(town.system.folder / "env"),
        *more,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await ran.communicate()
    assert (ran.returncode, err) == (0, b"")
    assert MARK.encode() not in out
    report: dict[str, Any] = json.loads(out)
    return report


@pytest.mark.proves("P10")
async def test_a_file_of_everybody_changes_some_participants_and_leaves_nothing_of_the_others(
    town: Town, tmp_path: Path, size: Size
) -> None:
    file = tmp_path / "hr.jsonl"
    lines = [row.model_dump_json(exclude_none=True) for row in rows(size)]
    file.write_text("\n".join(['{"as_of": "2026-11-11T21:30:00+01:00"}', *lines, ""]), encoding="utf-8")
    unknown = size.rows - size.participants
    counts = {"rows": size.rows, "taking_part": size.participants, "changed": size.changes, "unknown": unknown}
    fits = {**counts, "fields": {"site": size.changes}, "refused": [], "missing": []}

    dry = await bring(town, file, "--dry-run")
    assert dry == dry | {**fits, "published": 0}
    begun = time.monotonic()
    report = await bring(town, file)
    brought = time.monotonic() - begun
    assert report == report | {**fits, "published": size.changes}

    def changed() -> dict[str, dict[str, Any]]:
        return town.said(r.ParticipantChanged, "pilot")

    await town.client.until(lambda: len(changed()) >= size.changes, 60, "the changes")
    taken = time.monotonic() - begun
    told = f"{size.rows} rows brought in {brought:.1f} s, {size.changes} changes said after {taken:.1f} s"
    print(told)  # noqa: T201 - seen with -rP
    again = await bring(town, file)
    assert again == again | {"changed": 0, "unchanged": size.participants, "published": 0}
    # Whatever is said of a person comes in order: had more been said, it would be here before this answer.
    await town.register("pilot", "mentor", size.participants)
    assert len(changed()) == size.changes
    assert {event["profile"]["site"] for event in changed().values()} == {NEW_SITE}

    assert "database registration.state" in await found_in(town.system, [NEW_SITE]), "the search finds what is there"
    assert await found_in(town.system, [MARK]) == []
    files = files_with(town.system.folder, [NEW_SITE])
    assert any(name.startswith("file rabbitmq") for name in files), "also in the broker's own files"
    assert files_with(town.system.folder, [MARK]) == []
