"""Unlinking on real servers: each attack succeeds on what lies in the database, until the key's file is gone."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from shared import client
from shared.contracts import evaluation as e
from shared.contracts.base import Event
from shared.contracts.scheduling import DayStarted
from shared.runtime.adapters.memory import MemoryDatabase
from shared.runtime.adapters.mongo_documents import record_of
from tests.support.attacker import Attacker, Sent, answers_in
from tests.support.restorable import Backup, Restorable
from tests.support.waiting import until
from tests.unit.evaluation.people import (
    CLOSED,
    DAY,
    FINAL,
    PROGRAMME,
    REPORTS,
    STARTS,
    everybody,
    formed,
    person,
    survey,
    tandem_id,
)
from tests.unit.evaluation.unlinked import COMPLETED, SOURCE, TANDEMS, files_in

# The same in memory, by the default suite: tests/unit/evaluation/test_unlinking.py.
pytestmark = [pytest.mark.long, pytest.mark.xdist_group("unlinking"), pytest.mark.asyncio(loop_scope="module")]

OWNERS = ("registration", "matching", "scheduling")


@dataclass
class House:
    """The system, whose other services say by this what evaluation hears; and who attacks it."""

    system: Restorable
    clients: dict[str, client.Client]
    attacker: Attacker
    sequences: Counter[str] = field(default_factory=Counter)

    async def says(self, *events: Event) -> None:
        """The owners say these."""
        for event in events:
            self.sequences[event.subject] += 1
            said = self.clients[event.owner].wrap(event)
            changed = {"source": f"/tandem/{event.owner}", "sequence": self.sequences[event.subject], "epoch": 1}
            await self.clients[event.owner].send(said.model_copy(update=changed), command=False)

    async def day(self, *dates: Any) -> None:
        """These days start, one after the other, and evaluation handles each."""
        for date in dates:
            await self.says(DayStarted(date=date))

            async def handled(date: Any = date) -> bool:
                days = await self.system.states("evaluation", "day")
                return any(state["date"] >= date.isoformat() for state in days.values())

            await until(handled, f"{date}", limit=60)

    async def knows(self, kind: str, count: int) -> None:
        """Evaluation knows so many of a kind."""

        async def known() -> bool:
            return len(await self.system.states("evaluation", kind)) == count

        await until(known, f"{count} of {kind}")

    async def answers(self, name: str) -> str:
        """Somebody answers the final questionnaire; the code of the refusal, if it is one."""
        sent = Sent(person(name), client.Client.new_id(), survey(name), tandem_id(int(name.split()[1])))
        command = e.SubmitAnswers(survey_id=sent.survey, participant_id=sent.person, answers={}, comment="well")
        try:
            await self.clients["portal"].ask(command, e.AnswersTaken, actor=sent.person, id=sent.message)
        except client.Rejected as refused:
            return refused.reasons[0].code
        self.attacker.log.append(sent)
        return ""

    async def lies(self) -> MemoryDatabase:
        """The database as it lies."""
        return as_it_lies(await self.system.backup("evaluation"))


def as_it_lies(backup: Backup) -> MemoryDatabase:
    """Every document in the order in which it lies."""
    records = [record_of(document) for document in backup.get("state", [])]
    inbox = {document["_id"] for document in backup.get("inbox", [])}
    return MemoryDatabase(records={record.subject: record for record in records}, inbox=inbox)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("unlinking")
    async with Restorable(folder) as system, AsyncExitStack() as stack:
        clients = {
            user: await stack.enter_async_context(client.Client(system.amqp_url(user))) for user in (*OWNERS, "portal")
        }
        attacker = Attacker(system.secret("key").encode(), keys_of(system))
        house = House(system, clients, attacker)
        await house.says(PROGRAMME)
        await house.knows("programme", 1)
        await house.day(STARTS)
        await house.says(*(formed(number) for number in range(1, TANDEMS + 1)))
        await house.knows("tandem", TANDEMS)
        await house.says(*COMPLETED)

        async def completed() -> bool:
            tandems = await system.states("evaluation", "tandem")
            return all(state["status"] == "completed" for state in tandems.values())

        await until(completed, "completed tandems")
        await house.day(FINAL)
        for name in everybody(TANDEMS):
            assert await house.answers(name) == ""
        yield house


def keys_of(system: Restorable) -> Path:
    """The folder of the programmes' keys."""
    return system.folder / "programme-keys"


async def test_each_attack_succeeds_while_the_key_is_there_and_finds_nothing_once_it_is_gone(house: House) -> None:
    attacker = house.attacker
    backup = await house.system.backup("evaluation")
    lies = as_it_lies(backup)
    people, tandems = {sent.person for sent in attacker.log}, {sent.tandem for sent in attacker.log}
    assert set(attacker.by_survey(lies).values()) == people
    assert set(attacker.by_person(lies).values()) == people
    assert set(attacker.by_tandem(lies).values()) == tandems
    assert set(attacker.by_inbox(lies, SOURCE).values()) == people
    assert attacker.by_order(lies) == attacker.by_survey(lies)
    assert files_in(keys_of(house.system)) == ["pilot.key"]

    await house.day(CLOSED)
    assert list(answers_in(await house.lies())) == sorted(answers_in(lies))
    await house.day(REPORTS)

    async def reported() -> bool:
        return any(report["final"] for report in (await house.system.states("evaluation", "report")).values())

    await until(reported, "the final report", limit=60)
    await house.day(REPORTS + DAY)
    assert files_in(keys_of(house.system)) == ["pilot.destroyed"]
    await nothing_is_found(house, await house.lies())
    log = await asyncio.to_thread(house.system.log_of("evaluation-1").read_text, encoding="utf-8")
    assert not [each for sent in attacker.log for each in (sent.person, sent.message, sent.survey) if each in log]

    await house.system.down("evaluation")
    await house.system.restore("evaluation", backup)
    house.system.epochs["evaluation"] = 2
    await house.system.up("evaluation")
    assert await house.answers("mentor 1") == "over"
    await house.day(FINAL + DAY)
    assert files_in(keys_of(house.system)) == ["pilot.destroyed"]
    restored = await house.lies()
    await nothing_is_found(house, restored)
    assert list(answers_in(restored)) == sorted(answers_in(lies))


async def nothing_is_found(house: House, database: MemoryDatabase) -> None:
    """No attack leads to anybody."""
    attacker = house.attacker
    assert len(answers_in(database)) == 2 * TANDEMS
    found = (attacker.by_survey(database), attacker.by_person(database), attacker.by_tandem(database))
    assert (found, attacker.by_inbox(database, SOURCE)) == (({}, {}, {}), {})


async def test_a_folder_that_is_lost_while_a_programme_runs_turns_the_service_red_and_says_why(house: House) -> None:
    second = PROGRAMME.model_copy(update={"programme_id": "second"})
    await house.says(second)
    await house.knows("programme", 2)
    await house.day(FINAL + 2 * DAY)
    replica = house.system.replicas["evaluation-1"]

    async def down() -> dict[str, str]:
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"{replica.url}/health/ready")
        found: dict[str, str] = answer.json() if answer.status_code == 503 else {}
        return found

    assert await down() == {}
    folder, aside = keys_of(house.system), house.system.folder / "aside"
    folder.rename(aside)
    said = await until(down, "a red health")
    assert "put the folder back" in str(said)
    aside.rename(folder)

    async def well() -> bool:
        return await down() == {}

    await until(well, "a green health")
