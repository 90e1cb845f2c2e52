"""Tables, contracts, queues, compose and what operators read agree."""

import os
import re
import shutil
import subprocess
import tomllib
from importlib import metadata
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from shared.local.system import ROOT
from shared.runtime import discovery, topology
from shared.runtime.settings import Settings

OBSERVE = ("prometheus", "collector", "tempo", "grafana")
"""What the profile `observe` brings, and `test_observe.py` looks at."""
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(TEXT)
    return loaded


def test_every_service_has_its_row(compose: dict[str, Any]) -> None:
    helpers = {"rabbitmq", "mongodb", "declare", *OBSERVE}
    assert set(compose["services"]) - helpers == set(discovery.service_names())


@pytest.mark.parametrize("name", discovery.service_names())
def test_a_row_names_its_own_user_database_and_image(compose: dict[str, Any], name: str) -> None:
    row = compose["services"][name]
    assert row["build"]["args"]["SERVICE"] == name
    assert f"amqp://{name}:" in row["environment"]["TANDEM_AMQP_URL"]
    assert row["environment"]["TANDEM_MONGO_URL"].endswith(f"authSource=tandem-{name}")
    assert row["depends_on"]["declare"]["condition"] == "service_completed_successfully"


def test_every_variable_of_a_service_is_a_setting(compose: dict[str, Any]) -> None:
    known = {f"TANDEM_{name.upper()}" for name in Settings.model_fields}
    for name in discovery.service_names():
        assert set(compose["services"][name]["environment"]) <= known, name


def test_every_user_gets_a_password_and_none_has_a_default(compose: dict[str, Any]) -> None:
    declared = compose["services"]["declare"]["environment"]
    assert {f"TANDEM_PASSWORD_{user.upper()}" for user in topology.users()} <= set(declared)
    for name, value in declared.items():
        if "PASSWORD" in name:
            assert re.fullmatch(r"\$\{" + name + r"(:\?.+)?\}", value), name
    assert not re.search(r"(PASSWORD|TOKEN|KEY)\w*:-", TEXT), "a secret with a default"


def test_what_others_connect_to_is_published_on_this_machine_alone_by_default(compose: dict[str, Any]) -> None:
    published = {name: row["ports"] for name, row in compose["services"].items() if "ports" in row}
    assert set(published) - set(OBSERVE) == {"rabbitmq", *discovery.service_names()}
    inside = {name: {port.rpartition(":")[2] for port in ports} for name, ports in published.items()}
    assert inside["rabbitmq"] == {"5672", "15672"}
    for ports in published.values():
        assert all(port.startswith("${TANDEM_ADDRESS:-127.0.0.1}:") for port in ports), ports


def test_every_service_has_an_epoch_of_its_own_to_raise_after_a_restore(compose: dict[str, Any]) -> None:
    for name in discovery.service_names():
        assert compose["services"][name]["environment"]["TANDEM_EPOCH"] == f"${{TANDEM_EPOCH_{name.upper()}:-1}}"


# What operators read


def required() -> set[str]:
    """The variables that compose asks for."""
    return set(re.findall(r"\$\{(\w+):\?", TEXT))


def test_the_page_for_operators_lists_every_variable_of_compose() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    must, may = page.split("### What must be set")[1].split("### What may be set")
    may = may.split("###")[0]
    assert set(re.findall(r"^\| `(TANDEM_\w+)`", must, flags=re.MULTILINE)) == required()
    listed = dict(re.findall(r"^\| `(TANDEM_\w+)` \| (\S+) \|", may, flags=re.MULTILINE))
    assert listed == dict(re.findall(r"\$\{(\w+):-([^}]*)\}", TEXT))


def test_the_file_of_addresses_for_compose_holds_what_up_writes() -> None:
    """But the database's: no command speaks with it."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^(TANDEM_\w+)=", page, flags=re.MULTILINE))
    people = {f"TANDEM_AMQP_URL_{user.upper()}" for user in topology.people()}
    services = {f"TANDEM_HTTP_{name.upper()}" for name in discovery.service_names()}
    others = {"TANDEM_AMQP_URL", "TANDEM_MANAGEMENT_URL", "TANDEM_OFFICE_TOKEN", "TANDEM_OPS_TOKEN", "TANDEM_DAYS"}
    assert told == people | services | others


def compose_program() -> list[str] | None:
    """Docker's Compose, whichever is here; `config` needs no engine."""
    for program in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(program[0]):
            done = subprocess.run([*program, "version"], capture_output=True, check=False)
            if done.returncode == 0:
                return program
    return None


def config(program: list[str], env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [*program, "-f", str(ROOT / "docker-compose.yml"), "config"]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env=env)


def test_docker_s_own_compose_takes_the_file_and_names_what_is_missing() -> None:
    program = compose_program()
    if program is None:
        pytest.skip("neither `docker compose` nor `docker-compose` is installed: docker-compose.yml was NOT tried")
    env = {"PATH": os.environ["PATH"], **dict.fromkeys(required(), "0123456789abcdef")}
    taken = config(program, env)
    assert taken.returncode == 0, taken.stderr
    made = yaml.safe_load(taken.stdout)
    assert set(made["services"]) - set(OBSERVE) == {"rabbitmq", "mongodb", "declare", *discovery.service_names()}
    for name in ("TANDEM_KEY", "TANDEM_PASSWORD_HR"):
        refused = config(program, {k: v for k, v in env.items() if k != name})
        assert refused.returncode != 0, name
        assert f"set {name}" in refused.stderr


# The images


MARK = "# tests and local servers below"


def needed(requirements: list[str]) -> set[str]:
    """The packages that these requirements bring, as they are installed here."""
    found: set[str] = set()
    todo = [Requirement(text) for text in requirements]
    done: set[tuple[str, frozenset[str]]] = set()
    while todo:
        requirement = todo.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in done:
            continue
        done.add(key)
        found.add(key[0])
        for text in metadata.requires(requirement.name) or ():
            more = Requirement(text)
            extras = (*requirement.extras, "")
            if more.marker is None or any(more.marker.evaluate({"extra": extra}) for extra in extras):
                todo.append(more)
    return found


def test_an_image_holds_what_a_service_needs_and_no_tool_of_the_tests() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==\S+", line) for line in lines if line != MARK)
    split = lines.index(MARK)
    names = [canonicalize_name(line.split("==")[0]) for line in lines]
    above, below = set(names[:split]), set(names[split + 1 :])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert above == needed(project["dependencies"])
    everything = [*project["dependencies"], *(r for more in project["optional-dependencies"].values() for r in more)]
    assert below == needed(everything) - above
    assert f"/^{MARK}$/,$d" in (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def test_no_secret_and_no_history_goes_into_the_context_of_a_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".git", ".venv", ".local", "out", ".env", "**/secrets"} <= set(ignored)


def test_definitions_hold_each_queue_and_binding_of_the_tables() -> None:
    made: Any = topology.definitions(dict.fromkeys(topology.users(), "secret"))
    queues = {queue["name"] for queue in made["queues"]}
    bound = {(b["source"], b["routing_key"], b["destination"]) for b in made["bindings"]}
    for service in discovery.load_all():
        for contract in topology.contracts_of(service):
            kinds = {key: queue for exchange, key, queue in bound if key == contract.name and service.name in queue}
            assert kinds, f"{service.name} takes {contract.name}, which is not bound"
        assert {f"{service.name}.{kind}" for kind in ("commands", "events", "quarantine")} <= queues
    assert "secret" not in str(made), "passwords are hashed"


def test_only_the_mail_service_may_read_contacts() -> None:
    services = discovery.load_all()
    for user in topology.people():
        reads = "registration.contact-recorded.v1" in topology.readable(services, user)
        assert reads == (user == topology.MAIL), user
