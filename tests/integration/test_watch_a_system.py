"""`top` and `doctor` against a real system, in which real faults are made."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aio_pika
import httpx
import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient

from shared.cli.addresses import Addresses
from shared.cli.client import ClientError
from shared.cli.doctor.checks import examine
from shared.cli.doctor.facts import Finding
from shared.cli.doctor.gather import gather
from shared.cli.top.asking import Asking
from shared.cli.top.command import look
from shared.cli.top.picture import Picture
from shared.contracts import registration as r
from shared.local.system import ROOT, LocalSystem
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.topology import DEAD

# One system, on one worker.
pytestmark = [pytest.mark.xdist_group("watch"), pytest.mark.asyncio(loop_scope="module"), pytest.mark.long]

ADMINISTRATOR = ("TANDEM_AMQP_URL", "TANDEM_MONGO_URL")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalSystem]:
    async with LocalSystem(tmp_path_factory.mktemp("system"), scale={"matching": 2}) as running:
        yield running


def addresses(system: LocalSystem, *, admin: bool = False) -> Addresses:
    """What an operator is given; the administrator's address only where it is needed."""
    values = system.addresses()
    return Addresses({k: v for k, v in values.items() if admin or k not in ADMINISTRATOR}, str(system.folder / "env"))


async def findings(system: LocalSystem, *, admin: bool = False) -> list[Finding]:
    return list(examine(await gather(addresses(system, admin=admin))))


async def until_found(system: LocalSystem, wanted: Callable[[Finding], bool], *, admin: bool = False) -> Finding:
    """Look until the fault is found."""
    end = time.monotonic() + 30
    while True:
        found = await findings(system, admin=admin)
        for finding in found:
            if wanted(finding):
                return finding
        assert time.monotonic() < end, found
        await asyncio.sleep(0.2)


async def until_well(system: LocalSystem) -> None:
    """Look until nothing is found."""
    end = time.monotonic() + 30
    while found := await findings(system, admin=True):
        assert time.monotonic() < end, found
        await asyncio.sleep(0.2)


async def shown(system: LocalSystem, wanted: Callable[[Picture], bool]) -> Picture:
    """Look as ops until the picture shows it."""
    end = time.monotonic() + 30
    async with Asking(addresses(system)) as asking:
        while not wanted(picture := await look(asking)):
            assert time.monotonic() < end, picture
            await asyncio.sleep(0.2)
    return picture


async def test_all_is_well_in_a_system_that_was_just_started_also_in_an_administrator_s_eyes(
    system: LocalSystem,
) -> None:
    assert await findings(system) == []
    assert await findings(system, admin=True) == []


async def test_ops_see_every_queue_and_replica_with_their_own_rights_alone(system: LocalSystem) -> None:
    picture = await shown(
        system,
        # The broker tells of a queue's readers every five seconds.
        lambda p: all(s.alive == s.ready > 0 for s in p.services) and all(row.consumers for row in p.queues[:2]),
    )
    assert {row.name: row.alive for row in picture.services} == {
        "evaluation": 1, "matching": 2, "registration": 1, "scheduling": 1
    }  # fmt: skip
    assert all(row.consumers == (2 if row.name.startswith("matching") else 1) for row in picture.queues[:2])
    assert not picture.trouble


async def test_a_message_that_cannot_be_read_is_shown_with_its_reason_and_without_its_content(
    system: LocalSystem,
) -> None:
    connection = await aio_pika.connect(system.amqp_url("office"))
    async with connection, connection.channel() as channel:
        exchange = await channel.get_exchange(COMMANDS, ensure=False)
        await exchange.publish(aio_pika.Message(b"a name is in here", user_id="office"), r.AddTopic.name)
    picture = await shown(system, lambda p: bool(p.problems))
    [row] = picture.problems
    assert (row.service, row.problem.result) == ("registration", "quarantined")
    assert row.problem.reason
    assert "a name is" not in picture.model_dump_json()
    found = await until_found(system, lambda f: f.check == "quarantine")
    assert found.severity == "warning"
    async with AsyncMongoClient[dict[str, object]](system.mongo.url) as database:
        await database[system.database("registration")]["kept"].delete_many({})
    await until_well(system)


async def test_a_folder_in_which_no_programme_s_key_can_be_made_is_found(system: LocalSystem) -> None:
    folder = system.folder / "programme-keys"
    folder.write_text("a file, where root could write into any folder", encoding="ascii")
    found = await until_found(system, lambda f: f.check == "services")
    assert found.severity == "fault"
    assert f"the folder of programmes' keys {folder} cannot be written" in found.what
    folder.unlink()
    await until_well(system)


async def test_what_somebody_changed_in_the_broker_is_found_and_mended_by_declaring_again(system: LocalSystem) -> None:
    base, admin = system.rabbit.management_url, (system.rabbit.admin_user, system.rabbit.admin_password)
    queue = f"{base}/api/bindings/%2F/e/{EVENTS}/q/matching.events"
    async with httpx.AsyncClient(auth=admin, trust_env=False) as client:
        own = next(b for b in (await client.get(queue)).json() if b["routing_key"])
        assert (await client.delete(f"{queue}/{own['properties_key']}")).is_success
        assert (await client.post(queue, json={"routing_key": "#"})).is_success
        assert (await client.put(f"{base}/api/queues/%2F/stray", json={"durable": True})).is_success
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        assert (await client.put(f"{base}/api/permissions/%2F/hr", json=everything)).is_success
        found = await findings(system, admin=True)
        assert {(f.severity, f.check) for f in found} == {
            ("fault", "bindings"), ("fault", "rights"), ("warning", "queues")
        }  # fmt: skip
        assert any(own["routing_key"] in f.what and "does not reach" in f.what for f in found)
        assert any("gets #" in f.what for f in found)
        assert {f.check for f in await findings(system)} == {"bindings", "queues"}, "ops see no users"
        await system._declare()
        assert (await client.delete(f"{queue}/%23")).is_success
        assert (await client.delete(f"{base}/api/queues/%2F/stray")).is_success
    await until_well(system)


async def test_a_limit_that_loses_messages_is_found_also_where_only_the_operator_s_policies_say_it(
    system: LocalSystem, tmp_path: Path
) -> None:
    base, admin = system.rabbit.management_url, (system.rabbit.admin_user, system.rabbit.admin_password)
    hour = {"definition": {"message-ttl": 3_600_000}, "apply-to": "queues", "priority": 5}
    foreign, operators = f"{base}/api/policies/%2F/short", f"{base}/api/operator-policies/%2F/limits"
    async with httpx.AsyncClient(auth=admin, trust_env=False) as client:
        assert (await client.put(foreign, json={"pattern": f"^{DEAD}$", **hour})).is_success
        assert (await client.put(operators, json={"pattern": "^matching.commands$", **hour})).is_success
        wanted = f"{DEAD} should have no policy, and has message-ttl"
        assert (await until_found(system, lambda f: f.what == wanted)).severity == "fault"
        await until_found(system, lambda f: "matching.commands is another one in message-ttl" in f.what)
        run = await asyncio.to_thread(command, system, tmp_path, "doctor", "--repair", "--json")
        [step] = json.loads(run.stdout)
        assert (step["what"], step["by_hand"], step["text"].startswith(wanted)) == ("declare", True, True)
        assert (await client.delete(foreign)).is_success
        assert (await client.delete(operators)).is_success
    await until_well(system)


async def test_repair_makes_what_it_can_names_what_it_cannot_and_ends_with_what_is_left(
    system: LocalSystem, tmp_path: Path
) -> None:
    base, admin = system.rabbit.management_url, (system.rabbit.admin_user, system.rabbit.admin_password)
    queue, bindings = f"{base}/api/queues/%2F/{DEAD}", f"{base}/api/bindings/%2F/e/{EVENTS}/q/matching.events"
    async with httpx.AsyncClient(auth=admin, trust_env=False) as client:
        own = next(b for b in (await client.get(bindings)).json() if b["routing_key"])
        assert (await client.delete(f"{bindings}/{own['properties_key']}")).is_success
        assert (await client.delete(queue)).is_success
        assert (await client.put(queue, json={"durable": True})).is_success
        run = await asyncio.to_thread(command, system, tmp_path, "doctor", "--repair", "--yes")
        assert "done: made 1 things in the broker" in run.stdout, run.stderr
        _, left = run.stdout.split("left:")
        assert f"by hand: {DEAD} is a classic queue" in left
        assert run.returncode == 3
        assert (await client.delete(queue)).is_success
    run = await asyncio.to_thread(command, system, tmp_path, "doctor", "--repair", "--yes")
    assert (run.returncode, run.stdout.splitlines()[-1]) == (0, "nothing is to be mended"), run.stderr
    run = await asyncio.to_thread(command, system, tmp_path, "doctor", "--repair", "--yes", "--json")
    assert (run.returncode, len(run.stderr.strip().splitlines())) == (2, 1)
    await until_well(system)


async def test_a_service_that_is_down_and_an_index_that_is_gone_are_found(system: LocalSystem, tmp_path: Path) -> None:
    async with AsyncMongoClient[dict[str, object]](system.mongo.url) as database:
        await database[system.database("scheduling")]["state"].drop_index("by_due")
    found = await until_found(system, lambda f: f.check == "indexes")
    assert "scheduling's database lacks the index state.by_due" in found.what
    assert system._watch is not None
    system._watch.cancel()  # nobody starts it again
    for name in ("scheduling-1", "matching-2"):
        process = system.replicas[name].process
        assert process is not None
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert await until_found(system, lambda f: f.check == "services" and "scheduling does not answer" in f.what)
    assert await until_found(system, lambda f: f.check == "consumers" and "scheduling.events" in f.what)
    silent = await until_found(system, lambda f: "matching-2 has shown no life" in f.what)
    assert silent.severity == "warning"
    run = await asyncio.to_thread(command, system, tmp_path, "doctor", "--repair", "--json")
    assert [(step["what"], "scheduling" in step["text"]) for step in json.loads(run.stdout)] == [("not-seen", True)]
    assert run.returncode == 2
    picture = await shown(system, lambda p: any(s.silent for s in p.services))
    rows = {row.name: row for row in picture.services}
    assert (rows["matching"].alive, rows["matching"].silent) == (1, 1)
    assert rows["scheduling"].trouble.startswith("does not answer")
    for name in ("scheduling-1", "matching-2"):
        system._spawn(system.replicas[name])
    await system.ready()
    system._watch = asyncio.create_task(system._keep_alive())
    await until_well(system)


def command(system: LocalSystem, folder: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    env = folder / "env"
    env.write_text("".join(f"{k}={v}\n" for k, v in (system.addresses() | changes).items()), encoding="utf-8")
    env.chmod(0o600)
    line = [sys.executable, "-m", "shared.cli", *arguments, "--against", str(env)]
    return subprocess.run(
        line, capture_output=True, text=True, check=False, timeout=60, env={"PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    )


async def test_scripts_get_json_and_an_exit_code(system: LocalSystem, tmp_path: Path) -> None:
    run = await asyncio.to_thread(command, system, tmp_path, "top", "--once", "--json")
    assert run.returncode == 0, run.stderr
    assert Picture.model_validate(json.loads(run.stdout)).services
    run = await asyncio.to_thread(command, system, tmp_path, "doctor", "--json")
    assert (run.returncode, json.loads(run.stdout)) == (0, []), run.stderr
    run = await asyncio.to_thread(command, system, tmp_path, "doctor", TANDEM_HTTP_MATCHING="http://127.0.0.1:1")
    assert run.returncode == 3
    assert "matching does not answer" in run.stdout


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"TANDEM_PASSWORD_OPS": "wrong"}, "refuses the password of ops"),
        ({"TANDEM_MANAGEMENT_URL": "nonsense"}, "does not answer"),
        ({"TANDEM_PASSWORD_OPS_FILE": "/nowhere"}, "cannot be read"),
    ],
)
async def test_wrong_use_of_top_is_one_line(
    system: LocalSystem, tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    gone = {name: "http://127.0.0.1:1" for name in system.addresses() if name.startswith("TANDEM_HTTP_")}
    run = await asyncio.to_thread(lambda: command(system, tmp_path, "top", "--once", **(gone | changes)))
    assert run.returncode == 2
    [line] = run.stderr.strip().splitlines()
    assert says in line


async def test_a_user_without_the_tag_is_told_which_right_it_lacks(system: LocalSystem) -> None:
    values = addresses(system).values | {"TANDEM_AMQP_URL_OPS": system.amqp_url("hr")}
    async with Asking(Addresses(values, "env")) as asking:
        with pytest.raises(ClientError, match="lacks the tag `monitoring`"):
            await look(asking)
