"""Each check with an example of what it finds; and a deployment where all is well, in which none finds anything."""

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from shared.cli.addresses import Addresses
from shared.cli.doctor.checks import CHECKS, examine, exit_code
from shared.cli.doctor.facts import Broker, Exchange, Facts, Finding, Machine, Node, Queue, Users
from shared.cli.doctor.gather import _told, gather, machine_of, skew
from shared.cli.top.asking import Heard
from shared.local.system import ROOT
from shared.runtime import discovery, topology
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.ops import Database, Day, Job, Ops, Release, Replica, ReplicaStatus, Waits
from shared.runtime.ports import Intake
from shared.runtime.topology import DEAD, UNROUTED, Binding

NOW = dt.datetime(2027, 3, 10, 12, tzinfo=dt.UTC)
RELEASE = Release(version="1", code="abc", lock="def", python="3.11.2")
SERVICES = discovery.load_all()
WANTED: dict[str, Any] = topology.definitions(dict.fromkeys(topology.users(), "-"))


def ops(service: str = "matching", **changes: Any) -> Ops:
    status = ReplicaStatus(at=NOW, started=NOW, release=changes.get("release", RELEASE))
    fields: dict[str, Any] = {
        "service": service,
        "answered_by": f"{service}-1",
        "now": NOW,
        "zone": "Europe/Berlin",
        "release": RELEASE,
        "database": Database(version="8.0.4", clock=NOW),
        "day": Day(started=NOW.date(), handled=NOW.date()),
        "replicas": (Replica(name=f"{service}-1", at=NOW, status=status),),
    }
    return Ops(**(fields | changes))


def queue(name: str, **changes: Any) -> Queue:
    intake = name.split(".")[-1] in get_args(Intake)
    policy = next((p for p in WANTED["policies"] if re.match(p["pattern"], name)), None)
    return dataclasses.replace(
        Queue(
            name,
            policy=policy["name"] if policy else "",
            definition=policy["definition"] if policy else {},
            consumers=1 if intake else 0,
        ),
        **changes,
    )


USERS = Users(
    tags={u["name"]: frozenset(filter(None, u["tags"].split(","))) for u in WANTED["users"]}
    | {"tandem-admin": frozenset({"administrator"})},
    permissions={p["user"]: (p["configure"], p["write"], p["read"]) for p in WANTED["permissions"]},
    topics={(p["user"], p["exchange"]): (p["write"], p["read"]) for p in WANTED["topic_permissions"]},
)
BROKER = Broker(
    version="3.10.8",
    nodes=(Node("tandem@here"),),
    queues=(*(queue(name) for name in topology.queues(SERVICES)), queue("portal.a1b2", kind="classic")),
    exchanges=(
        Exchange(COMMANDS, "topic", arguments={"alternate-exchange": UNROUTED}),
        *(
            Exchange(*each)
            for each in ((EVENTS, "topic"), (UNROUTED, "fanout"), ("", "direct"), ("amq.topic", "topic"))
        ),
    ),
    bindings=frozenset({b for s in SERVICES for b in topology.bindings(s)})
    | {Binding(UNROUTED, "", UNROUTED), Binding("", "matching.events", "matching.events")}
    | {Binding(EVENTS, "matching.tandem-formed.v1", "portal.a1b2")},
    users=USERS,
    skew=0.0,
)
WELL = Facts(NOW, Machine(RELEASE), BROKER, tuple(Heard(s.name, ops(s.name)) for s in SERVICES))


def broker(**changes: Any) -> Facts:
    return dataclasses.replace(WELL, broker=dataclasses.replace(BROKER, **changes))


def told(**changes: Any) -> Facts:
    return dataclasses.replace(WELL, services=(Heard("matching", ops(**changes)),))


def machine(**changes: Any) -> Facts:
    return dataclasses.replace(WELL, machine=dataclasses.replace(WELL.machine, **changes))


def without(name: str, **changes: Any) -> tuple[Queue, ...]:
    rest = tuple(q for q in BROKER.queues if q.name != name)
    return (*rest, queue(name, **changes)) if changes else rest


def limited(name: str, key: str) -> Facts:
    """As an operator policy does: the queue's own policy keeps its name."""
    return broker(queues=without(name, definition={**queue(name).definition, key: 1000}))


def exchange(name: str, **changes: Any) -> Facts:
    """The exchange otherwise, or, without changes, gone."""
    rest = tuple(each for each in BROKER.exchanges if each.name != name)
    [own] = (each for each in BROKER.exchanges if each.name == name)
    return broker(exchanges=(*rest, dataclasses.replace(own, **changes)) if changes else rest)


SHORT = {"x-queue-type": "quorum", "x-max-length": 10}


def users(**changes: Any) -> Facts:
    return broker(users=dataclasses.replace(USERS, **changes))


ALIVE = ops().replicas[0]
DEAD_ONE = Replica(name="matching-2", at=NOW - dt.timedelta(minutes=5))
DOWN = ALIVE.model_copy(update={"status": ALIVE.status.model_copy(update={"down": {"broker": "away"}})})  # type: ignore[union-attr]
OTHER = Replica(
    name="matching-2", at=NOW, status=ReplicaStatus(at=NOW, started=NOW, release=Release(version="2", code="new"))
)
JOB = Job(id="0123456789", job="solve", heavy=True, since=NOW, attempts=1, lease=NOW + dt.timedelta(seconds=10))
WAITS = Waits(type="a.b.v1", correlation="asked", awaits="programme/p", since=NOW - dt.timedelta(days=4))
ONE = min((b for b in BROKER.bindings if b.queue == "matching.events" and b.exchange == EVENTS), key=str)

CASES: list[tuple[Facts, str, str, str]] = [
    (dataclasses.replace(WELL, broker="it is away"), "unseen", "management", "it is away"),
    (broker(version="3.9.13"), "fault", "broker version", "3.9.13"),
    (broker(nodes=(Node("n", memory_alarm=True),)), "fault", "alarms", "memory alarm on n"),
    (broker(nodes=(Node("n", disk_alarm=True),)), "fault", "alarms", "disk alarm on n"),
    (broker(nodes=(Node("n", running=False),)), "fault", "alarms", "n does not run"),
    (broker(queues=without(DEAD)), "fault", "queues", f"the queue {DEAD} is missing"),
    (broker(queues=without(DEAD, kind="classic")), "fault", "queues", f"{DEAD} is a classic queue"),
    (broker(queues=(*BROKER.queues, queue("stray"))), "warning", "queues", "stray is no queue of ours"),
    (broker(queues=without("matching.events", consumers=0, messages=7)), "fault", "consumers", "events (7 messages)"),
    (broker(queues=without("matching.events", told=False)), "unseen", "consumers", "says nothing of matching.events"),
    (broker(queues=without(DEAD, arguments=SHORT)), "fault", "queues", "other arguments: x-max-length, x-queue-type"),
    (exchange(EVENTS), "fault", "exchanges", f"exchange {EVENTS} is missing"),
    (exchange(EVENTS, kind="direct"), "fault", "exchanges", f"{EVENTS} is a direct exchange, not a topic exchange"),
    (exchange(EVENTS, durable=False), "fault", "exchanges", f"{EVENTS} was declared with another durable"),
    (exchange(EVENTS, auto_delete=True), "fault", "exchanges", "another auto_delete"),
    (exchange(EVENTS, internal=True), "fault", "exchanges", "another internal"),
    (exchange(COMMANDS, arguments={}), "fault", "exchanges", f"none, not alternate-exchange={UNROUTED}"),
    (exchange(EVENTS, arguments={"alternate-exchange": "x"}), "fault", "exchanges", "alternate-exchange=x, not none"),
    (broker(exchanges=(*BROKER.exchanges, Exchange("mine", "topic"))), "warning", "exchanges", "mine (topic)"),
    (broker(bindings=BROKER.bindings - {ONE}), "fault", "bindings", f"{ONE.key} does not reach matching.events"),
    (broker(bindings=BROKER.bindings | {Binding(EVENTS, "#", "matching.events")}), "fault", "bindings", "gets #"),
    (broker(queues=without("matching.events", policy="")), "fault", "policies", "no policy"),
    (broker(queues=without("matching.events", policy="mine")), "fault", "policies", "the policy mine"),
    (broker(queues=without("matching.events", definition={})), "fault", "policies", "another one"),
    (
        limited("matching.commands", "message-ttl"),
        "fault",
        "policies",
        "matching.commands is another one in message-ttl",
    ),
    (limited("matching.events", "max-length"), "fault", "policies", "matching.events is another one in max-length"),
    (limited(UNROUTED, "expires"), "fault", "policies", f"{UNROUTED} is another one in expires"),
    (limited(DEAD, "message-ttl"), "fault", "policies", f"{DEAD} should have no policy, and has message-ttl"),
    (limited("matching.quarantine", "max-length"), "fault", "policies", "matching.quarantine should have no policy"),
    (broker(tags=frozenset({"administrator"})), "fault", "rights", "ops is an administrator"),
    (broker(users="the broker refuses the password"), "unseen", "rights", "refuses the password"),
    (users(tags={k: v for k, v in USERS.tags.items() if k != "hr"}), "fault", "rights", "the user hr is missing"),
    (users(tags={**USERS.tags, "eve": frozenset()}), "warning", "rights", "eve is no user of ours"),
    (users(tags={**USERS.tags, "root": frozenset({"administrator"})}), "warning", "rights", "2 administrators"),
    (users(tags={**USERS.tags, "hr": frozenset({"monitoring"})}), "fault", "rights", "hr has other tags"),
    (users(permissions={**USERS.permissions, "hr": (".*", ".*", ".*")}), "fault", "rights", "hr has other permissions"),
    (users(topics={**USERS.topics, ("hr", EVENTS): (".*", ".*")}), "fault", "rights", "hr has other topic permissions"),
    (broker(queues=without(UNROUTED, messages=3)), "warning", "unrouted", "3 commands that nobody takes"),
    (broker(queues=without(DEAD, messages=1)), "fault", "unrouted", "1 messages"),
    (
        dataclasses.replace(WELL, services=(Heard("matching", trouble="is away"),)),
        "fault",
        "services",
        "matching is away",
    ),
    (
        dataclasses.replace(WELL, services=(Heard("matching", trouble="gives no answer", slow=True),)),
        "fault",
        "services",
        "gives no answer",
    ),
    (told(replicas=(ALIVE, DEAD_ONE)), "warning", "services", "matching-2 has shown no life"),
    (told(replicas=(DOWN,)), "fault", "services", "matching-1: away"),
    (told(replicas=(ALIVE, OTHER)), "warning", "releases", "1+abc: matching-1; 2+new: matching-2"),
    (machine(release=Release(version="2", code="new", lock="def")), "warning", "releases", "this command is 2+new"),
    (told(release=Release(version="1", code="abc", python="3.10.1")), "fault", "versions", "Python 3.10.1"),
    (told(database=Database(version="7.0.1", clock=NOW)), "fault", "versions", "MongoDB 7.0.1"),
    (machine(release=RELEASE.model_copy(update={"differs": ("x 1, locked 2",)})), "warning", "lock file", "x 1"),
    (machine(release=RELEASE.model_copy(update={"lock": "other"})), "warning", "lock file", "different lock files"),
    (dataclasses.replace(WELL, services=(Heard("matching", ops(), skew=-9),)), "fault", "clocks", "differ by 9 s"),
    (told(database=Database(clock=NOW - dt.timedelta(seconds=7))), "fault", "clocks", "matching's database"),
    (told(replicas=(Replica(name="m", at=NOW + dt.timedelta(seconds=30)),)), "fault", "clocks", "replicas of matching"),
    (broker(skew=12.0), "fault", "clocks", "the broker and this machine differ by 12 s"),
    (told(day=Day()), "fault", "days", "has not started 2027-03-10 (last: none)"),
    (told(day=Day(started=NOW.date(), handled=dt.date(2027, 3, 9))), "fault", "days", "has not finished 2027-03-10"),
    (told(database=Database(clock=NOW, missing=("state.due",))), "fault", "indexes", "lacks the index state.due"),
    (told(database=Database(clock=NOW, foreign=("state.x",))), "warning", "indexes", "state.x of somebody else"),
    (told(counts={"outbox_age": 61}), "fault", "outbox", "has not published for 61 s"),
    (told(waiting_since=NOW - dt.timedelta(days=4)), "warning", "waiting", "wait since 2027-03-06"),
    (
        told(waits=(WAITS,), waiting_since=WAITS.since),
        "warning",
        "waiting",
        "a.b.v1 waits for programme/p since 2027-03",
    ),
    (told(counts={"quarantined": 2}), "warning", "quarantine", "has 2 in quarantine"),
    (told(jobs=(JOB.model_copy(update={"lease": NOW - dt.timedelta(hours=1)}),)), "fault", "jobs", "taken by nobody"),
    (told(jobs=(JOB.model_copy(update={"attempts": 5}),)), "warning", "jobs", "tried for the 5th time"),
    (
        told(database=Database(clock=NOW, free=1 << 30, size=50 << 30)),
        "fault",
        "disk",
        "1.0 GiB left on the disk of the",
    ),
    (machine(free=1, size=100), "fault", "disk", "left where"),
    (machine(open_files=("/x/env",)), "fault", "secrets", "others may read /x/env"),
]


def test_nothing_is_found_where_all_is_well() -> None:
    assert examine(WELL) == ()
    assert exit_code(()) == 0


@pytest.mark.parametrize(("facts", "severity", "check", "what"), CASES, ids=[f"{c[2]}: {c[3]}" for c in CASES])
def test_a_fault_is_found_alone_and_with_what_to_do(facts: Facts, severity: str, check: str, what: str) -> None:
    [found] = examine(facts)
    assert (found.severity, found.check) == (severity, check)
    assert what in found.what
    assert found.do
    assert "\n" not in found.what + found.do


def test_of_each_message_that_waits_for_days_the_trace_to_type_is_said_and_of_no_other() -> None:
    late = WAITS.model_copy(update={"correlation": "later", "since": NOW - dt.timedelta(days=2)})
    also = WAITS.model_copy(update={"correlation": "too"})
    found = examine(told(waits=(WAITS, also, late), waiting_since=WAITS.since))
    assert [f.as_json()["do"].split(";")[0] for f in found] == ["`tandem trace asked`", "`tandem trace too`"]


def test_what_the_broker_gave_up_is_told_with_its_part_of_the_runbook() -> None:
    [found] = examine(broker(queues=without(DEAD, messages=1)))
    assert "docs/runbook.md#deadnotempty" in found.do
    assert "\n## DeadNotEmpty\n" in (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")


def test_every_check_has_an_example() -> None:
    silent = [check.__name__ for check in CHECKS if not any(list(check(facts)) for facts, *_ in CASES)]
    assert not silent


def test_the_exit_code_is_that_of_the_worst_and_the_worst_is_told_first() -> None:
    facts = dataclasses.replace(
        WELL,
        broker="away",
        services=(Heard("matching", ops(counts={"quarantined": 1})), Heard("scheduling", trouble="is away")),
    )
    found = examine(facts)
    assert [finding.severity for finding in found] == ["fault", "unseen", "warning"]
    codes = [exit_code([f for f in found if f.severity in kept]) for kept in (("warning",), ("warning", "unseen"))]
    assert (*codes, exit_code(found)) == (1, 2, 3)


def test_a_database_that_does_not_tell_its_disk_is_not_judged_and_one_disk_of_several_is_said_once() -> None:
    unsaid, roomy = Database(clock=NOW), Database(clock=NOW, free=30, size=100)
    assert examine(told(database=unsaid)) == examine(told(database=roomy)) == ()
    full = Database(clock=NOW, free=0, size=100)
    both = tuple(Heard(name, ops(name, database=full)) for name in ("matching", "scheduling"))
    [found] = examine(dataclasses.replace(WELL, services=both))
    assert "matching, scheduling" in found.what


def test_users_are_not_compared_without_an_administrator() -> None:
    assert examine(broker(users=None)) == ()


@pytest.mark.parametrize(("hours", "found"), [(-13.5, 0), (-12.5, 0), (-11.5, 1), (13, 1)])
def test_a_day_has_an_hour_from_midnight_in_the_deployments_zone(hours: float, found: int) -> None:
    """Midnight in Berlin is 23:00 UTC: the tenth begins at 23:00 on the ninth."""
    now = NOW + dt.timedelta(hours=hours)
    last = dt.date(2027, 3, 9)
    day = Day(started=last, handled=last)
    changes = {"now": now, "day": day, "database": Database(clock=now), "replicas": ()}
    assert len([f for f in examine(told(**changes)) if f.check == "days"]) == found


def test_days_by_command_are_nobodys_fault() -> None:
    assert examine(told(day=Day(), days="command")) == ()


@pytest.mark.parametrize(
    ("clock", "expected"), [(0.0, 0.0), (-0.9, 0.0), (-1.0, 0.0), (-3.0, -2.0), (4.0, 3.0), (None, None)]
)
def test_a_clock_that_is_cut_to_the_second_is_not_taken_for_a_wrong_one(
    clock: float | None, expected: float | None
) -> None:
    theirs = None if clock is None else NOW + dt.timedelta(seconds=clock)
    assert skew(theirs, NOW, NOW + dt.timedelta(seconds=1)) == expected


async def test_an_intake_of_whose_readers_the_broker_has_not_heard_yet_is_looked_at_again() -> None:
    looks: list[list[dict[str, Any]]] = [
        [{"name": "matching.events"}],
        [{"name": "matching.events", "consumers": 0}],
        [{"name": "matching.events", "consumers": 1}, {"name": "matching.quarantine", "consumers": 0}],
    ]

    class Management:
        vhost = "%2F"

        async def get(self, path: str) -> list[dict[str, Any]]:
            return looks.pop(0)

    management: Any = Management()
    found = await _told(management)
    assert [queue["consumers"] for queue in found] == [1, 0]


async def test_a_wrong_administrator_s_password_hides_nothing_that_ops_see(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "/api/overview": {"rabbitmq_version": "3.9.1"},
        "/api/whoami": {"tags": ["monitoring"]},
        "/api/nodes": [{"name": "n", "running": True, "mem_alarm": True}],
    }

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] != httpx.BasicAuth("ops", "right")._auth_header:
            return httpx.Response(401, json={"error": "not_authorised"})
        return httpx.Response(200, json=said.get(request.url.path, []))

    values = {f"TANDEM_HTTP_{s.name.upper()}": "http://nowhere" for s in SERVICES} | {
        "TANDEM_MANAGEMENT_URL": "http://nowhere",
        "TANDEM_PASSWORD_OPS": "right",
        "TANDEM_RABBITMQ_PASSWORD": "stale",
        "TANDEM_OPS_TOKEN": "t",
    }
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(httpx, "AsyncClient", lambda **how: client)
    found = examine(await gather(Addresses(values, "env")))
    assert any("memory alarm on n" in f.what for f in found)
    assert any("the queue tandem.dead is missing" in f.what for f in found)
    [unseen] = [f for f in found if f.severity == "unseen"]
    assert (unseen.check, "tandem-admin" in unseen.what) == ("rights", True)


def test_a_file_with_secrets_that_others_may_read_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    shut, word, env = folder / "shut", folder / "word", tmp_path / "env"
    for path, mode in ((shut, 0o600), (word, 0o644), (env, 0o640)):
        path.write_text("x")
        path.chmod(mode)
    found = machine_of(Addresses({"TANDEM_OPS_TOKEN_FILE": str(word), "TANDEM_KEY_FILE": str(shut)}, str(env)))
    mine = {name for name in found.open_files if name.startswith(str(tmp_path))}
    assert mine == {str(word), str(env)}
    assert found.size > found.free > 0


def test_a_folder_of_secrets_that_is_another_user_s_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env, folder = tmp_path / "env", tmp_path / "secrets"
    env.write_text("x")
    env.chmod(0o640)
    folder.mkdir()
    (folder / "word").write_text("x")
    look, stat = Path.iterdir, Path.stat

    def shut(path: Path) -> Any:
        if path == folder:
            raise PermissionError(path)
        return look(path)

    def hidden(path: Path, **how: Any) -> Any:
        if path.name == "word":
            raise PermissionError(path)
        return stat(path, **how)

    monkeypatch.setattr(Path, "stat", hidden)
    assert str(env) in machine_of(Addresses({}, str(env))).open_files
    monkeypatch.setattr(Path, "iterdir", shut)
    assert str(env) in machine_of(Addresses({}, str(env))).open_files


def test_the_page_on_operations_names_every_check_that_can_find_something() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name in {check for _, _, check, _ in CASES}:
        assert f"| {name} |" in text, name


def test_findings_are_json() -> None:
    said = json.dumps(Finding("fault", "a", "b", "c", {"queues": [{"name": "q"}]}).as_json())
    assert json.loads(said) == {"severity": "fault", "check": "a", "what": "b", "do": "c"}
