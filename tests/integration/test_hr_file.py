"""HR's nightly file on real servers: twenty changes of a hundred participants, and of the others nothing is left."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shared.contracts import registration as r
from shared.contracts.hr import EmploymentRow
from shared.contracts.parts import Side
from shared.local.system import ROOT
from tests.support.searched import files_with, found_in
from tests.support.town import Town, profile, running_town

pytestmark = [pytest.mark.xdist_group("hr-file"), pytest.mark.asyncio(loop_scope="module")]

ROWS, PARTICIPANTS, CHANGES = 3_000, 100, 20
NEW_SITE = "site-of-who-takes-part"
MARK = "of-nobody"
"""Stands in every value of the others' rows."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with running_town(tmp_path_factory.mktemp("system"), {}) as town:
        await town.open("pilot", places=10)
        sides: tuple[Side, ...] = ("mentor", "mentee")
        commands = [town.registering("pilot", side, n) for n in range(PARTICIPANTS // 2) for side in sides]
        await asyncio.gather(*(town.ask(command, "portal") for command in commands))
        yield town


def rows() -> Iterator[EmploymentRow]:
    """Each participant as registered, twenty at another site; between them people who do not take part."""
    others = ROWS // PARTICIPANTS - 1
    for n in range(PARTICIPANTS // 2):
        for side in ("mentor", "mentee"):
            known = profile(side, n, 1)
            yield EmploymentRow(
                employment_id=f"e-{side}-{n}",
                personnel_key=f"pilot-{side}-{n}",
                department=known.department,
                unit=known.unit,
                superiors=(f"pilot-head-{side}-{n}",),
                grade=known.grade,
                site=NEW_SITE if n < CHANGES // 2 else known.site,
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
async def test_a_file_of_everybody_changes_twenty_participants_and_leaves_nothing_of_the_others(
    town: Town, tmp_path: Path
) -> None:
    file = tmp_path / "hr.jsonl"
    lines = [row.model_dump_json(exclude_none=True) for row in rows()]
    file.write_text("\n".join(['{"as_of": "2026-11-11T21:30:00+01:00"}', *lines, ""]), encoding="utf-8")
    counts = {"rows": ROWS, "taking_part": PARTICIPANTS, "changed": CHANGES, "unknown": ROWS - PARTICIPANTS}
    fits = {**counts, "fields": {"site": CHANGES}, "refused": [], "missing": []}

    dry = await bring(town, file, "--dry-run")
    assert dry == dry | {**fits, "published": 0}
    report = await bring(town, file)
    assert report == report | {**fits, "published": CHANGES}

    def changed() -> dict[str, dict[str, Any]]:
        return town.said(r.ParticipantChanged, "pilot")

    await town.client.until(lambda: len(changed()) >= CHANGES, 60, "the changes")
    again = await bring(town, file)
    assert again == again | {"changed": 0, "unchanged": PARTICIPANTS, "published": 0}
    # Whatever is said of a person comes in order: had more been said, it would be here before this answer.
    await town.register("pilot", "mentor", PARTICIPANTS)
    assert len(changed()) == CHANGES
    assert {event["profile"]["site"] for event in changed().values()} == {NEW_SITE}

    assert "database registration.state" in await found_in(town.system, [NEW_SITE]), "the search finds what is there"
    assert await found_in(town.system, [MARK]) == []
    files = files_with(town.system.folder, [NEW_SITE])
    assert any(name.startswith("file rabbitmq") for name in files), "also in the broker's own files"
    assert files_with(town.system.folder, [MARK]) == []
