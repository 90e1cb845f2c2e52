"""Tables, contracts, queues, compose and what operators read agree."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Collection
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from shared.cli import keys, sbom, stack
from shared.cli.main import COMMANDS
from shared.contracts.base import Event
from shared.local.system import ROOT
from shared.runtime import discovery, topology
from shared.runtime.settings import Settings, secret_names

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
HELPERS = {"rabbitmq", "mongodb", "declare", "gateway", "tandem"}
IMPORTED = re.compile(r"^\s*(?:from|import) (\w+)", re.MULTILINE)
OBSERVE = "observe"
"""The profile of what only looks on."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(TEXT)
    return loaded


@pytest.fixture(scope="module")
def core(compose: dict[str, Any]) -> dict[str, Any]:
    """The rows without those that only look on."""
    return {name: row for name, row in compose["services"].items() if OBSERVE not in row.get("profiles", ())}


def test_every_service_has_its_row(core: dict[str, Any]) -> None:
    assert set(core) - HELPERS == set(discovery.service_names())


@pytest.mark.parametrize("name", discovery.service_names())
def test_a_row_names_its_own_user_database_and_image(core: dict[str, Any], name: str) -> None:
    row, version = core[name], project()["version"]
    builders = [each for each in core.values() if each.get("image") == row["image"] and "build" in each]
    assert [each["build"]["args"]["SERVICE"] for each in builders] == [name], "two rows that build one tag may fail"
    assert row["image"] == f"tandem-{name}:${{TANDEM_VERSION:-{version}}}"
    environment = row["environment"]
    assert environment["TANDEM_AMQP_URL"].startswith(f"amqp://{name}@")
    assert environment["TANDEM_MONGO_URL"].startswith(f"mongodb://{name}@")
    assert environment["TANDEM_MONGO_URL"].endswith(f"authSource=tandem-{name}")
    assert row["depends_on"]["declare"]["condition"] == "service_completed_successfully"


def test_an_image_says_its_version_its_commit_and_where_its_source_is(core: dict[str, Any]) -> None:
    version = project()["version"]
    for row in core.values():
        if "build" in row:
            said = {name: value for name, value in row["build"]["args"].items() if name != "SERVICE"}
            assert said == {
                "VERSION": f"${{TANDEM_VERSION:-{version}}}",
                "REVISION": "${TANDEM_REVISION:-unknown}",
            }
    recipe = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    code = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    assert f'image.source="{code["url"]}"' in recipe


def test_every_image_is_pinned_by_its_exact_version(core: dict[str, Any]) -> None:
    for name, row in core.items():
        assert re.search(r":(\d+\.\d+\.\d+(-\w+)?|\$\{TANDEM_VERSION:-\d+\.\d+\.\d+\})$", row["image"]), name


def test_every_variable_of_a_service_is_a_setting(core: dict[str, Any]) -> None:
    known = {f"TANDEM_{name.upper()}" for name in Settings.model_fields}
    known |= {f"TANDEM_{name.upper()}_FILE" for name in secret_names()}
    for name in discovery.service_names():
        assert set(core[name]["environment"]) <= known, name


# Secrets


def secrets_of(row: dict[str, Any]) -> set[str]:
    """The secrets that a row's variables name."""
    values = row.get("environment", {}).values()
    return {value.removeprefix("/run/secrets/") for value in values if str(value).startswith("/run/secrets/")}


def test_keys_makes_a_secret_for_every_user_and_the_stack_knows_each(compose: dict[str, Any]) -> None:
    assert set(keys.PEOPLE) == set(topology.people())
    assert keys.services() == discovery.service_names()
    assert set(compose["secrets"]) == set(keys.names())
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"./deploy/secrets/{name}"}


def test_no_secret_stands_in_an_environment_and_none_has_a_default(core: dict[str, Any]) -> None:
    for name, row in core.items():
        for variable, value in row.get("environment", {}).items():
            if re.search(r"PASSWORD|TOKEN|KEY(?!S)|SECRET", variable):
                assert value.startswith("/run/secrets"), f"{name}: {variable}"
            assert not re.search(r"//[^/@]*:[^/@]*@", str(value)), f"{name}: {variable} holds a password"
    assert not re.search(r"(PASSWORD|TOKEN|KEY)\w*:-", TEXT), "a secret with a default"


def test_a_row_gets_the_secrets_that_it_reads_and_a_service_no_others(core: dict[str, Any]) -> None:
    for name in ("declare", *discovery.service_names()):
        assert set(core[name]["secrets"]) == secrets_of(core[name]), name
    for name in discovery.service_names():
        own = {"hr-token"} if any(question.readers == "hr" for question in discovery.load(name).questions) else set()
        assert secrets_of(core[name]) == {"key", "office-token", "ops-token", f"password-{name}", *own}
    users = {f"password-{user}" for user in topology.users()}
    assert set(core["declare"]["secrets"]) == users | {"rabbitmq-admin", "mongo-admin"}
    assert "secrets" not in core["gateway"]


# What a container may do


def test_every_container_has_limits_a_read_only_root_and_logs_that_end(core: dict[str, Any]) -> None:
    for name, row in core.items():
        assert row["read_only"] is True, name
        assert {"mem_limit", "cpus", "pids_limit"} <= set(row), name
        assert row["security_opt"] == ["no-new-privileges:true"], name
        assert row["logging"]["options"]["max-size"], name
        if name not in ("declare", "tandem"):
            assert row["restart"] == "unless-stopped", name


def test_ours_run_as_the_owner_of_the_secrets_in_group_0_without_a_capability(core: dict[str, Any]) -> None:
    for name in set(core) - {"rabbitmq", "mongodb"}:
        assert re.fullmatch(r"\$\{TANDEM_UID:\?run \./tandem keys first[^}]*\}:0", core[name]["user"]), name
        assert core[name]["cap_drop"] == ["ALL"], name


def test_what_others_connect_to_is_published_on_this_machine_alone_by_default(core: dict[str, Any]) -> None:
    """No service publishes a port: any of them takes `--scale`."""
    published = {name: row["ports"] for name, row in core.items() if "ports" in row}
    inside = {name: {port.rpartition(":")[2] for port in ports} for name, ports in published.items()}
    assert inside == {"rabbitmq": {"5672", "15672"}, "gateway": {"8080"}}
    for ports in published.values():
        assert all(port.startswith("${TANDEM_ADDRESS:-127.0.0.1}:") for port in ports), ports
    told = {f"TANDEM_PORT_{name}": str(port) for name, port in stack.DEFAULTS.items()}
    assert told == {name: str(port) for name, port in keys.PORTS.items()}
    mapped = "".join(map(str, published.values()))
    assert told == dict(re.findall(r"\$\{(TANDEM_PORT_\w+):-(\d+)\}", mapped))


def test_every_service_has_an_epoch_of_its_own_to_raise_after_a_restore(core: dict[str, Any]) -> None:
    for name in discovery.service_names():
        assert core[name]["environment"]["TANDEM_EPOCH"] == f"${{TANDEM_EPOCH_{name.upper()}:-1}}"


# What operators read


def test_the_page_for_operators_lists_every_variable_of_compose() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    may = page.split("### What may be set")[1].split("###")[0]
    listed = dict(re.findall(r"^\| `(TANDEM_\w+)` \| (\S+) \|", may, flags=re.MULTILINE))
    assert listed == dict(re.findall(r"\$\{(\w+):-([^}]*)\}", TEXT))
    assert set(re.findall(r"\$\{(\w+):\?", TEXT)) == {"TANDEM_UID"}


def test_the_page_for_operators_lists_every_secret() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    part = page.split("### The secrets")[1].split("###")[0]
    assert set(re.findall(r"`(?:password-)?[a-z-]+`", part)) >= {f"`{name}`" for name in keys.names()}


def compose_program() -> list[str] | None:
    """Docker's Compose, whichever is here; `config` needs no engine."""
    for program in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(program[0]):
            done = subprocess.run([*program, "version"], capture_output=True, check=False)
            if done.returncode == 0:
                return program
    return None


def config(program: list[str], env: dict[str, str], empty: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    files = [word for file in ("docker-compose.yml", *more) for word in ("-f", str(ROOT / file))]
    command = [*program, "--project-directory", str(ROOT), "--env-file", str(empty), *files, "config"]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env=env)


def test_docker_s_own_compose_takes_the_file_and_refuses_without_keys(tmp_path: Path) -> None:
    program = compose_program()
    if program is None:
        pytest.skip("neither `docker compose` nor `docker-compose` is installed: docker-compose.yml was NOT tried")
    env = {"PATH": os.environ["PATH"], "TANDEM_UID": "10001"}
    # The working copy's own .env may say something.
    empty = tmp_path / "env"
    empty.touch()
    for more in ((), ("deploy/airgap/docker-compose.yml",)):
        taken = config(program, env, empty, *more)
        assert taken.returncode == 0, taken.stderr
        assert set(discovery.service_names()) <= set(yaml.safe_load(taken.stdout)["services"])
    refused = config(program, {"PATH": os.environ["PATH"]}, empty)
    assert refused.returncode != 0
    assert "run ./tandem keys first" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_compose_takes_the_file_for_tls_that_the_page_shows(tmp_path: Path) -> None:
    program = compose_program()
    if program is None:
        pytest.skip("neither `docker compose` nor `docker-compose` is installed: the file for TLS was NOT tried")
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    [text] = re.findall(r"```yaml\n(x-tls:.*?)```", page, flags=re.DOTALL)
    (tmp_path / "tls.yml").write_text(text, encoding="utf-8")
    (tmp_path / "env").touch()
    env = {"PATH": os.environ["PATH"], "TANDEM_UID": "10001"}
    taken = config(program, env, tmp_path / "env", str(tmp_path / "tls.yml"))
    assert taken.returncode == 0, taken.stderr
    rows = yaml.safe_load(taken.stdout)["services"]
    assert rows["matching"]["environment"]["TANDEM_TLS_CA"] == "/certs/ca.pem"
    assert rows["matching"]["environment"]["TANDEM_MONGO_URL"].startswith("mongodb://matching@"), "the core's own stay"


# The images


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


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def names(lines: list[str]) -> set[str]:
    """The packages of lines of the lock file, each an exact version."""
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==\S+", line) for line in lines)
    return {canonicalize_name(line.split("==")[0]) for line in lines}


@pytest.mark.parametrize("service", [*discovery.service_names(), "local"])
def test_an_image_holds_what_its_service_needs_and_no_tool_of_the_tests(service: str) -> None:
    own = project()["optional-dependencies"].get(service, [])
    assert names(sbom.packages_of(service)) == needed([*project()["dependencies"], *own])


@pytest.mark.parametrize("service", discovery.service_names())
def test_what_an_image_holds_for_its_service_alone_the_service_or_its_commands_import(service: str) -> None:
    own = project()["optional-dependencies"].get(service, [])
    shared = [*(ROOT / "shared" / "spreadsheets").rglob("*.py"), ROOT / "shared" / "runtime" / "alike.py"]
    sources = [*(ROOT / "services" / service).rglob("*.py"), *shared]
    imported = {name for source in sources for name in IMPORTED.findall(source.read_text(encoding="utf-8"))}
    assert [package for package in own if not modules_of([canonicalize_name(package)]) & imported] == []


def test_the_lock_file_holds_what_is_needed_and_nothing_else() -> None:
    more = project()["optional-dependencies"].values()
    everything = [*project()["dependencies"], *(requirement for each in more for requirement in each)]
    parts = [names(lines) for _, lines in sbom.sections()]
    assert set().union(*parts) == needed(everything)
    assert sum(map(len, parts)) == len(set().union(*parts)), "a package stands in two parts"
    assert sbom.sections()[-1][0] == {sbom.TESTS}, "deploy/airgap/build reads up to there"


@pytest.mark.parametrize("service", discovery.service_names())
def test_the_recipe_of_the_images_takes_the_same_from_the_lock_file(service: str) -> None:
    recipe = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    [program] = re.findall(r"awk -v service=.*?'(.*?)'", recipe, flags=re.DOTALL)
    command = ["awk", "-v", f"service= {service} ", program, str(ROOT / "requirements.lock")]
    taken = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert taken == sbom.packages_of(service)


def test_what_every_release_says_of_itself_is_no_reason_to_make_a_layer_anew() -> None:
    recipe = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    _, _, after = recipe.partition("ARG VERSION")
    assert "ARG REVISION" in after
    assert re.findall(r"^(RUN|COPY|FROM)\b", after, flags=re.MULTILINE) == []


def modules_of(packages: Collection[str]) -> set[str]:
    """The top-level modules that these installed packages bring."""
    by_module = metadata.packages_distributions()
    return {module for module, owners in by_module.items() if {canonicalize_name(o) for o in owners} & set(packages)}


IMPORTS = """
import importlib, importlib.abc, sys
class Only(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in HIDDEN:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Only())
for name in NAMES:
    importlib.import_module(name)
"""


@pytest.mark.parametrize("service", discovery.service_names())
def test_a_service_its_jobs_and_the_command_line_run_with_the_packages_of_its_image(service: str) -> None:
    held = names(sbom.packages_of(service))
    others = {canonicalize_name(found.name) for found in metadata.distributions()} - held
    hidden = modules_of(others) - modules_of(held)
    assert "ortools" in hidden
    work = [job.work.partition(":")[0] for job in discovery.load(service).jobs.values() if isinstance(job.work, str)]
    # Every table in each: rights, AsyncAPI and who reads what come from all of them.
    wanted = [*(f"services.{name}.service" for name in discovery.service_names()), "shared.runtime.host"]
    wanted += ["shared.runtime.worker", *work]
    if service == "registration":
        wanted += ["shared.runtime.declare", "shared.runtime.gateway", "shared.cli.main"]
        wanted += [entry.module for entry in COMMANDS.values()]
    text = IMPORTS.replace("HIDDEN", repr(hidden)).replace("NAMES", repr(wanted))
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, cwd="/", env=env)
    assert done.returncode == 0, done.stderr[-2000:]


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
            answered = issubclass(contract, Event) and contract.private  # it comes straight into the queue of replies
            assert bool(kinds) != answered, f"{service.name} takes {contract.name}: it is bound, or comes as a reply"
        assert {f"{service.name}.{kind}" for kind in (*topology.intakes(service), "quarantine")} <= queues
    assert "secret" not in str(made), "passwords are hashed"


def test_only_the_mail_service_may_read_contacts() -> None:
    services = discovery.load_all()
    for user in topology.people():
        reads = "registration.contact-recorded.v1" in topology.readable(services, user)
        assert reads == (user == topology.MAIL), user
