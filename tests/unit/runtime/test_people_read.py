"""Who reads people's names or words over HTTP stands in the audit before they are shown, once a minute."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from shared.runtime import readers
from shared.runtime.engine import Limits
from shared.runtime.http import Http
from shared.runtime.item import Item
from shared.runtime.readers import HEADER
from shared.runtime.table import Question, Reader, View
from shared.runtime.watch import Metrics
from tests.support.erased import ordered
from tests.support.shop import LIBRARY, Member
from tests.unit.runtime.audited import entries, heir_of, holds, joined, links
from tests.unit.runtime.engine_in_memory import Replica
from tests.unit.runtime.test_http import OFFICE, Asked, Club, Served, build, known

HR = {"Authorization": "Bearer hr-token"}
ANNA = OFFICE | {HEADER: "o-17"}


class Within(BaseModel):
    programme_id: str
    members: list[str]


async def within(asked: Within, read: Reader, keyed: Callable[..., str]) -> Club:
    return await known(Asked(members=asked.members), read, keyed)


SHOWING = replace(
    LIBRARY,
    view=View((Member,), build, shows_people=lambda club: bool(club.members)),
    questions=(
        Question("members", Within, within),
        Question("rows", Asked, known, readers="hr"),
        Question("hours", Asked, known, about_people=False),
    ),
)


def served(replica: Replica | None = None) -> Served:
    made = Served()
    made.replica = replica or Replica(SHOWING, Limits())
    tokens: dict[str, Any] = {f"{role}_token": SecretStr(f"{role}-token") for role in ("office", "ops", "hr")}
    made.http = Http(made.replica.engine, Metrics(), made._ready, dict, made.http_never_asks, **tokens)
    return made


async def with_a_member() -> Served:
    made = served()
    await joined(made.replica, "anna-maier")
    return made


def read_since(made: Served, before: int = 1) -> list[dict[str, Any]]:
    return entries(made.replica)[before:]


async def test_reading_a_programme_s_people_is_a_deed_of_who_reads_without_names_or_contents() -> None:
    made = await with_a_member()
    answer = await made("GET", "/programmes/c", headers=ANNA)
    assert answer.json()["members"] == ["anna-maier"]
    [deed] = read_since(made)
    assert (deed["role"], deed["what"], deed["result"], deed["codes"]) == ("office", "read-programme", "handled", [])
    assert [subject.split("/")[0] for subject in deed["on"]] == ["programme"]
    assert deed["time"] == made.replica.clock.now().isoformat()
    assert not [word for word in ("anna", "o-17") if word in json.dumps(links(made.replica))]
    assert holds(made.replica).entries == 2


async def test_a_question_about_people_is_a_deed_of_its_readers_with_its_name_and_its_programme() -> None:
    made = await with_a_member()
    asked = {"programme_id": "c", "members": ["anna-maier"]}
    assert (await made("POST", "/questions/members", headers=ANNA, json=asked)).status_code == 200
    assert (await made("POST", "/questions/rows", headers=HR, json={"members": []})).status_code == 200
    told = [(deed["role"], deed["what"], len(deed["on"])) for deed in read_since(made)]
    assert told == [("office", "asked-members", 1), ("hr", "asked-rows", 0)]


async def test_what_shows_nobody_or_is_not_answered_is_no_deed() -> None:
    made = await with_a_member()
    assert (await made("GET", "/programmes/another", headers=ANNA)).json()["members"] == []
    assert (await made("POST", "/questions/hours", headers=ANNA, json={"members": []})).status_code == 200
    assert (await made("POST", "/questions/members", headers=ANNA, json={})).status_code == 400
    assert (await made("POST", "/questions/rows", headers=ANNA, json={"members": []})).status_code == 401
    assert (await made("GET", "/programmes/c")).status_code == 401
    assert (await made("GET", "/quarantine/actions", headers=OFFICE)).json() == []
    assert read_since(made) == []


async def test_who_reads_again_within_a_minute_is_one_deed_and_another_reader_or_programme_is_another() -> None:
    made = await with_a_member()
    await joined(made.replica, "b")
    await _moved(made, "b", "d")
    for _ in range(3):
        await made("GET", "/programmes/c", headers=ANNA)
    assert len(read_since(made, 2)) == 1
    await made("GET", "/programmes/c", headers=OFFICE)
    await made("GET", "/programmes/d", headers=ANNA)
    assert len(read_since(made, 2)) == 3
    await made.replica.after(60)
    await made("GET", "/programmes/c", headers=ANNA)
    assert len(read_since(made, 2)) == 4


async def _moved(made: Served, member: str, programme: str) -> None:
    record = made.replica.database.records[f"member/{member}"]
    made.replica.database.records[f"member/{member}"] = replace(record, programme=programme)


async def test_a_process_that_comes_after_another_neither_loses_nor_doubles_what_was_read() -> None:
    made = await with_a_member()
    await made("GET", "/programmes/c", headers=ANNA)
    heir = served(heir_of(made.replica).changed(SHOWING))
    await heir("GET", "/programmes/c", headers=ANNA)
    assert len(read_since(heir)) == 1
    await heir.replica.after(60)
    await heir("GET", "/programmes/c", headers=ANNA)
    assert len(read_since(heir)) == 2
    assert holds(heir.replica).entries == 3


@pytest.mark.parametrize(
    "name", ["anna maier", "anna@example.org", "", "ü", "Erika.Mustermann", "Erika.Mustermann2", "erika"]
)
async def test_a_reader_who_may_be_named_is_told_to_send_an_opaque_id_and_is_shown_nothing(name: str) -> None:
    made = await with_a_member()
    answer = await made("GET", "/programmes/c", headers=OFFICE | {HEADER: name.encode()})
    assert answer.status_code == 400
    assert HEADER in answer.json()["error"]
    assert read_since(made) == []


async def test_nothing_is_shown_of_people_while_that_cannot_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    made = await with_a_member()

    async def loses(items: Sequence[Item]) -> None:
        assert items

    with monkeypatch.context() as away:
        away.setattr(made.replica.engine, "handle", loses)
        answer = await made("GET", "/programmes/c", headers=ANNA)
    assert answer.status_code == 503
    assert "anna" not in answer.text
    assert (await made("GET", "/programmes/c", headers=ANNA)).status_code == 200
    assert len(read_since(made)) == 1


async def test_a_database_that_takes_no_write_keeps_nobody_waiting_and_what_is_tried_is_tried_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = await with_a_member()
    engine, writes, tried = made.replica.engine, asyncio.Event(), list[str]()
    handle = engine.handle

    async def waits(items: Sequence[Item]) -> None:
        tried.extend(item.key for item in items)
        await writes.wait()
        await handle(items)

    monkeypatch.setattr(engine, "handle", waits)
    monkeypatch.setattr(readers, "PATIENCE", 0.001)
    for _ in range(3):
        answer = await made("GET", "/programmes/c", headers=ANNA)
        assert (answer.status_code, "anna" in answer.text) == (503, False)
    assert len(tried) == 1
    assert read_since(made) == []
    monkeypatch.setattr(readers, "PATIENCE", 60)
    writes.set()
    assert (await made("GET", "/programmes/c", headers=ANNA)).status_code == 200
    assert len(read_since(made)) == 1


async def test_who_reads_is_recorded_also_under_an_id_of_somebody_who_was_erased() -> None:
    made = await with_a_member()
    erased = "0d3b6c1e-7a52-5f84-9e07-2c4b8a6d1f35"
    await made.replica.play(ordered(erased, programme="c"))
    await made.replica.after(3_600)
    answer = await made("GET", "/programmes/c", headers=OFFICE | {HEADER: erased})
    assert answer.status_code == 200
    assert [deed["what"] for deed in read_since(made)] == ["read-programme"]
