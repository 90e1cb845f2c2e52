"""Erasing on real servers: afterwards a search of databases, queues, files and logs finds nothing of the person."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient

from shared import client
from shared.contracts import registration as r
from shared.local.system import ROOT
from shared.runtime import discovery
from tests.support.lives import DAY, LIMIT, Lives, Person, leave_stuck, live
from tests.support.releases import Change, another_release
from tests.support.restorable import Backup, Restorable
from tests.support.searched import files_with, found_in
from tests.support.town import town_of
from tests.support.waiting import until

# The same in memory, by the default suite: tests/unit/test_erased_everywhere.py.
pytestmark = [pytest.mark.long, pytest.mark.xdist_group("erasing"), pytest.mark.asyncio(loop_scope="module")]

SETTLES_SOON: Change = ("shared/runtime/engine.py", "settling: float = 90.0", "settling: float = 1.0")
"""Ninety seconds are for a killed process that still holds a transaction; none is killed here."""
ERASES_NOBODY: Change = ("services/scheduling/service.py", "concerns=CONCERNS,", "concerns=(),")
SERVICES = discovery.service_names()
EVERYWHERE = {f"database {service}.{collection}" for service in SERVICES for collection in ("kept", "state")} | {
    f"database registration.{collection}" for collection in ("inbox", "journal")
}


@dataclass
class Erasing:
    """A system with its people; whoever is erased leaves a list outside of every database."""

    system: Restorable
    lives: Lives
    backups: dict[str, Backup]

    async def found(self, person: Person) -> list[str]:
        """Where something of somebody stands."""
        return await found_in(self.system, self.lives.values(person))

    async def ordered(self, person: Person, but: tuple[str, ...] = ()) -> None:
        """They ask to be erased, and the day comes on which everybody is told."""
        await self.lives.ask(person, r.ErasePerson(participant_id=person.id))
        await self.lives.day(self.lives.today + DAY, but)

    def confirmed(self) -> int:
        """How many confirmations and proofs were said."""
        return sum(event.name.endswith(".people-erased.v1") for event in self.lives.town.heard[""])

    def proofs(self) -> int:
        """How many erasures every service has confirmed."""
        return len(self.lives.town.said(r.PersonErased, ""))

    async def proven(self, count: int) -> None:
        """Wait until so many were erased everywhere."""
        await self.lives.town.client.until(lambda: self.proofs() == count, LIMIT, "the proof")

    async def restored(self, service: str) -> None:
        """Put the database of a service back as it was before anybody was erased."""
        await self.system.down(service)
        await self.system.restore(service, self.backups[service])
        self.system.epochs[service] = 2


@dataclass
class Away:
    """What was found of somebody while a service that should erase them was away, and whether that was noticed."""

    before: set[str]
    found: set[str]
    proofs: int


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def erasing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Erasing]:
    folder = tmp_path_factory.mktemp("erasing")
    system = Restorable(folder / "system")
    release = another_release(folder / "release", [SETTLES_SOON])
    system.roots = {f"{service}-1": release for service in SERVICES}
    async with town_of(system) as town, client.Client(system.amqp_url("portal")) as portal:
        people = [Person(role, number) for number in range(2) for role in ("mentor", "mentee")]
        lives = Lives(town, portal, people)
        await live(lives)
        await leave_stuck(lives, people[0])
        erasing = Erasing(system, lives, {})

        async def all_there() -> bool:
            return set(await erasing.found(people[0])) >= EVERYWHERE

        await until(all_there, "what cannot be decided")
        erasing.backups = {service: await system.backup(service) for service in SERVICES}
        yield erasing


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def away(erasing: Erasing) -> Away:
    """The first mentor is erased, while evaluation is away until everybody else has confirmed."""
    [mentor, *_] = erasing.lives.people
    before = set(await erasing.found(mentor))
    await erasing.system.down("evaluation")
    await erasing.ordered(mentor, but=("evaluation",))
    await erasing.lives.town.client.until(lambda: erasing.confirmed() == len(SERVICES) - 1, LIMIT, "what others say")
    found = Away(before, set(await erasing.found(mentor)), erasing.proofs())
    await erasing.system.up("evaluation")
    await erasing.lives.day(erasing.lives.today + DAY)
    await erasing.proven(1)
    return found


async def test_after_an_erasure_nothing_of_the_person_is_found_also_where_a_service_was_away(
    erasing: Erasing, away: Away
) -> None:
    mentor, mentee, *_ = erasing.lives.people
    assert away.before >= EVERYWHERE
    # Whom the last one has to erase, registration knows until it has; and the search finds what lies in a queue.
    assert {place.split(".")[0] for place in away.found} == {
        "database evaluation",
        "database registration",
        "queue evaluation",
    }
    assert away.proofs == 0
    await until(lambda: nothing_of(erasing, mentor), "something of them is left")
    assert await erasing.found(mentee), "of their partner there is"
    theirs = files_with(erasing.system.folder, erasing.lives.values(mentor))
    assert theirs, "the search of files finds what broker and database have not rolled over yet"
    tombs = (erasing.system.folder / "erasures").read_text(encoding="utf-8").split()
    assert len(tombs) == 2 * (len(mentor.ids) + 1), "a hash and a day for each programme, and for their address"
    assert not set(tombs) & erasing.lives.values(mentor)


async def nothing_of(erasing: Erasing, person: Person) -> bool:
    """Whether nothing is found. An order that was told twice has a second search, which ends after the proof."""
    return await erasing.found(person) == []


@pytest.mark.usefixtures("away")
async def test_the_audit_holds_after_an_erasure_and_says_which_link_somebody_changed(erasing: Erasing) -> None:
    """By hand in the database, by whoever has its administrator's password."""
    code, said = await verify(erasing)
    assert (code, [line.split(":")[:2] for line in said]) == (0, [[name, " holds"] for name in SERVICES])
    system = erasing.system
    async with AsyncMongoClient[dict[str, Any]](system.mongo.url) as mongo:
        audit = mongo[system.database("matching")]["audit"]
        link = await audit.find_one({}, sort=[("_id", 1)])
        assert link is not None
        changed = [{**entry, "result": "by-nobody"} for entry in link["entries"]]
        await audit.update_one({"_id": link["_id"]}, {"$set": {"entries": changed}})
        code, said = await verify(erasing)
        await audit.replace_one({"_id": link["_id"]}, link)
    assert code == 1
    [broken] = [line for line in said if ": broken: " in line]
    chain, _, number = link["_id"].partition("/")
    assert broken.startswith(f"matching: broken: chain {chain}, link {int(number)}")


async def verify(erasing: Erasing) -> tuple[int | None, list[str]]:
    """Run `tandem audit verify` as an operator would: its exit code, and what it says of each service."""
    days = ("--date", erasing.lives.today.isoformat())
    env = str(erasing.system.write_env())
    command = [sys.executable, "-m", "shared.cli", "audit", "verify", *days, "--against", env]
    ran = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE)
    out, err = await ran.communicate()
    assert err == b""
    return ran.returncode, out.decode().splitlines()


@pytest.mark.usefixtures("away")
async def test_a_restored_backup_erases_again_before_its_service_turns_ready(erasing: Erasing) -> None:
    [mentor, *_] = erasing.lives.people
    await until(lambda: nothing_of(erasing, mentor), "something of them is left")
    for service in SERVICES:
        await erasing.restored(service)
    assert set(await erasing.found(mentor)) >= EVERYWHERE, "with the backup they are back"
    await erasing.system.up(*SERVICES)
    assert not {place for place in await erasing.found(mentor) if place.endswith((".state", ".kept"))}
    await until(lambda: nothing_of(erasing, mentor), "something of them is left")


@pytest.mark.usefixtures("away")
async def test_the_search_finds_somebody_whom_one_service_did_not_erase(
    erasing: Erasing, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = erasing.lives.people[2]
    release = another_release(tmp_path_factory.mktemp("other") / "release", [SETTLES_SOON, ERASES_NOBODY])
    await erasing.system.down("scheduling")
    erasing.system.roots["scheduling-1"] = release
    await erasing.system.up("scheduling")
    proofs = erasing.proofs()
    await erasing.ordered(other)
    await erasing.proven(proofs + 1)

    async def in_scheduling_alone() -> bool:
        return await erasing.found(other) == ["database scheduling.state"]

    await until(in_scheduling_alone, "the others have not erased them")
