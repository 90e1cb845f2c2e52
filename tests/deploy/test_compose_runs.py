"""The stack really run: an air-gapped site's images started by compose, killed, scaled, upgraded, down and up again."""

import io
import json
import re
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pypdf
import pytest

from shared.local.system import ROOT
from shared.runtime import discovery
from tests.support.engine import Engine, NoEngine, engine, installed

COPIED = ("shared", "services", "deploy")
COPIED_FILES = ("docker-compose.yml", "pyproject.toml", "requirements.lock", ".dockerignore", "tandem")
OURS = (*discovery.service_names(), "gateway")
SERVERS = ("rabbitmq", "mongodb")
LIMIT = 180.0


@dataclass
class Stack:
    """A copy of the project with a stack of its own: its compose file, `.env`, secrets and images."""

    root: Path
    engine: Engine
    ports: dict[str, int]
    version: str

    def run(self, *words: str, limit: float = 600.0) -> str:
        """Run a program in the copy; what it printed."""
        done = subprocess.run(
            words, cwd=self.root, env=self.engine.env, capture_output=True, text=True, check=False, timeout=limit
        )
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def built(self, version: str) -> list[str]:
        """Build every image as a version; the lines that it prints."""
        return self.run("env", f"TANDEM_VERSION={version}", "deploy/airgap/build", limit=1800).splitlines()

    def compose(self, *words: str) -> str:
        """Run compose as an operator would: by the project's own files and `.env`."""
        return self.run(*self.engine.compose, *words)

    def tandem(self, *words: str) -> "subprocess.Popen[bytes]":
        """Start the command line against the published ports; what it prints goes to the file `printed`."""
        env = {**self.engine.env, "PYTHONPATH": str(self.root)}
        command = [sys.executable, "-m", "shared.cli", *words, "--against", ".env"]
        with (self.root / "printed").open("wb") as out, (self.root / "said").open("wb") as err:
            return subprocess.Popen(command, cwd=self.root, env=env, stdout=out, stderr=err)

    def printed(self, process: "subprocess.Popen[bytes]") -> Any:  # JSON
        """The JSON that a command printed; it has ended well."""
        code = process.wait(LIMIT * 3)
        out, err = ((self.root / name).read_text(encoding="utf-8") for name in ("printed", "said"))
        assert code == 0, f"{out[-2000:]}\n{err[-3000:]}"
        return json.loads(out[out.index("{") :])

    def containers(self, service: str) -> list[str]:
        """The ids of a service's containers that run."""
        return self.run(*self.engine.compose, "ps", "-q", service).split()

    def healthy(self, service: str, count: int = 1) -> bool:
        """Whether so many containers of a service run, and say that they can work."""
        ids = self.containers(service)
        if len(ids) != count:
            return False
        told = self.run("docker", "inspect", "--format", "{{.State.Running}} {{.State.Health.Status}}", *ids)
        return told.split() == ["true", "healthy"] * count

    def started(self, id: str) -> str:
        """When a container was last started."""
        return self.run("docker", "inspect", "--format", "{{.State.StartedAt}}", id).strip()


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {LIMIT:g} s"
        time.sleep(0.5)


def free_ports(names: tuple[str, ...]) -> dict[str, int]:
    probes = {name: socket.create_server(("127.0.0.1", 0)) for name in names}
    ports = {name: probe.getsockname()[1] for name, probe in probes.items()}
    for probe in probes.values():
        probe.close()
    return ports


def images(run: Engine) -> set[str]:
    listed = subprocess.run(
        ["docker", "images", "-q"], env=run.env, capture_output=True, text=True, check=True, timeout=60
    )
    return set(listed.stdout.split())


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    (folder / "engine").mkdir()
    try:
        if not shutil.which("debootstrap"):
            installed("debootstrap", "debootstrap")
        with engine(folder / "engine") as found:
            yield from running(folder / "project", found)
    except NoEngine as reason:
        pytest.skip(f"compose was NOT run: {reason}")


def running(root: Path, found: Engine) -> Iterator[Stack]:
    for name in COPIED:
        ignored = shutil.ignore_patterns("__pycache__", "secrets")
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for name in COPIED_FILES:
        shutil.copy(ROOT / name, root / name)
    (root / ".venv").symlink_to(sys.prefix)
    tag = uuid.uuid4().hex[:8]
    ports = free_ports(("AMQP", "MANAGEMENT", "HTTP"))
    for name in [name for name in found.env if name.startswith("TANDEM_")]:
        del found.env[name]
    stack = Stack(root, found, ports, f"test-{tag}")
    before = images(found)
    told = stack.built(stack.version)
    lines = [line for line in told if "=" in line]
    assert [line.split("=")[0] for line in lines] == ["COMPOSE_FILE", "TANDEM_MONGO_HOSTS"]
    settings = [f"COMPOSE_PROJECT_NAME=tandem-test-{tag}", "TANDEM_DAYS=command", *lines]
    settings += [f"TANDEM_VERSION={stack.version}"]
    settings += [f"TANDEM_PORT_{name}={port}" for name, port in ports.items()]
    (root / ".env").write_text("".join(f"{line}\n" for line in settings), encoding="utf-8")
    try:
        yield stack
    finally:
        if (root / "deploy" / "secrets").exists():
            stack.compose("down", "--volumes", "--remove-orphans")
        made = images(found) - before
        if made:
            subprocess.run(["docker", "rmi", "--force", *made], env=found.env, capture_output=True, check=False)


@dataclass
class Pilots:
    """One pilot after the other, so that there is always one while something happens to the stack."""

    stack: Stack
    current: "subprocess.Popen[bytes] | None" = None
    programme: str = ""
    ended: int = 0

    def running(self) -> None:
        """See that one runs."""
        if self.current is not None and self.current.poll() is not None:
            self.end()
        if self.current is None:
            self.current = self.stack.tandem("demo", "--json", "--out", f"out/{self.ended}")

    def end(self) -> None:
        """Let the one that runs come to its report; nothing of it was lost."""
        assert self.current is not None
        found = self.stack.printed(self.current)
        assert (found["lost"], found["unsent"], found["quarantined"]) == (0, 0, 0)
        assert found["report"]["final"]
        self.programme = str(found["programme"])
        self.current = None
        self.ended += 1


def all_healthy(stack: Stack) -> None:
    for name in (*SERVERS, *OURS):
        until(lambda name=name: stack.healthy(name), f"{name} is healthy")  # type: ignore[misc]


@pytest.mark.long
def test_a_stack_is_killed_part_by_part_scaled_upgraded_and_taken_down_and_nothing_is_lost(stack: Stack) -> None:
    config = [*stack.engine.compose, "config"]
    refused = subprocess.run(config, cwd=stack.root, env=stack.engine.env, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "run ./tandem keys first" in refused.stderr

    stack.run("./tandem", "keys")
    stack.compose("up", "-d")
    all_healthy(stack)
    nothing_secret_shows(stack)
    solver_was_compiled_with_its_image(stack)
    looked_at(stack)

    pilots = Pilots(stack)
    for name in OURS:
        pilots.running()
        [id] = stack.containers(name)
        before = stack.started(id)
        stack.run("docker", "exec", id, "sh", "-c", "kill -9 -1")
        until(lambda id=id, before=before: stack.started(id) != before, f"{name} is started again by its policy")  # type: ignore[misc]
        until(lambda name=name: stack.healthy(name), f"{name} is healthy again")  # type: ignore[misc]
    for name in SERVERS:
        pilots.running()
        stack.run("docker", "kill", *stack.containers(name))
        stack.compose("up", "-d")
        all_healthy(stack)
    for count in (3, 1):
        pilots.running()
        stack.compose("up", "-d", "--scale", f"matching={count}")
        until(lambda count=count: stack.healthy("matching", count), f"{count} replicas of matching are healthy")  # type: ignore[misc]
    pilots.end()

    report_is_read(stack, pilots.programme)

    replaced_by_the_next_release(stack, pilots)
    looked_at(stack)
    report_is_read(stack, pilots.programme)

    before_down = view(stack, pilots.programme)
    stack.compose("down")
    stack.compose("up", "-d")
    all_healthy(stack)
    assert view(stack, pilots.programme) == before_down
    assert pilots.programme in stack.compose("run", "--rm", "-T", "tandem", "status", pilots.programme)


def replaced_by_the_next_release(stack: Stack, pilots: Pilots) -> None:
    """The commands that the page for operators gives, each while a pilot runs."""
    project = stack.root / "pyproject.toml"
    project.write_text(re.sub(r'(?m)^version = ".*"$', 'version = "999.0.0"', project.read_text(encoding="utf-8")))
    before = {name: stack.containers(name) for name in OURS}
    following = f"{stack.version}-next"
    stack.built(following)
    env = stack.root / ".env"
    env.write_text(env.read_text().replace(f"VERSION={stack.version}\n", f'VERSION="{following}"  # the next\n'))
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").partition("## A new release")[2]
    [text] = re.findall(r"```sh\n(docker-compose run.*?)```", page, flags=re.DOTALL)[:1]
    typed = text.replace("docker-compose", " ".join(stack.engine.compose))
    [function] = re.findall(r"^replace\(\).*?^}\n", typed, flags=re.DOTALL | re.MULTILINE)
    for line in typed.replace(function, "").splitlines():
        pilots.running()
        stack.run("bash", "-euc", function + line)
    pilots.end()
    for name in OURS:
        [id] = stack.containers(name)
        assert [id] != before[name]
        assert stack.run("docker", "inspect", "--format", "{{.Config.Image}}", id).strip().endswith(f":{following}")


COMPILES = """
from services.matching.optimum.compiled import when_compiling
from services.matching.optimum.warm import warm
with when_compiling(lambda: print("compiles")):
    warm()
print("solved")
"""


def solver_was_compiled_with_its_image(stack: Stack) -> None:
    """Nobody waits for the compiler at the first round of a container: what its image brings serves its user."""
    [id] = stack.containers("matching")
    assert stack.run("docker", "exec", id, "python3", "-c", COMPILES).split() == ["solved"]


def view(stack: Stack, programme: str) -> Any:
    return stack.printed(stack.tandem("status", programme, "--json"))


def report_is_read(stack: Stack, programme: str) -> None:
    """The office gets the report as a page and as a PDF, set by evaluation's container with its own Pango and letters.

    The programme's key lies in the volume that evaluation alone has.
    """
    token = (stack.root / "deploy" / "secrets" / "office-token").read_text(encoding="ascii").strip()
    url = f"http://127.0.0.1:{stack.ports['HTTP']}/evaluation/programmes/{programme}/report"
    page, paper = (
        httpx.get(f"{url}{ending}", headers={"Authorization": f"Bearer {token}"}, timeout=LIMIT, trust_env=False)
        for ending in ("?language=de", ".pdf?language=de")
    )
    assert (page.status_code, paper.status_code) == (200, 200), paper.text[:300]
    assert "Vier Antworten" in page.text
    first: Any = pypdf.PdfReader(io.BytesIO(paper.content)).pages[0]  # a dictionary of PDF objects
    assert "Vier Antworten" in " ".join(first.extract_text().split())
    fonts = [str(font.get_object()["/BaseFont"]) for font in first["/Resources"]["/Font"].values()]
    assert any("Liberation-Sans" in font for font in fonts), fonts
    for service in discovery.service_names():
        [id] = stack.containers(service)
        keys = stack.run("docker", "exec", id, "ls", "/keys").split()
        assert [name.rpartition(".")[0] for name in keys if programme in name] == [programme] * (
            service == "evaluation"
        )


def looked_at(stack: Stack) -> None:
    """`doctor` finds nothing, from this machine and inside the stack; `top` shows every service."""
    stack.run("./tandem", "doctor", "--against", ".env")
    stack.compose("run", "--rm", "-T", "tandem", "doctor")
    shown = json.loads(stack.run("./tandem", "top", "--once", "--json", "--against", ".env"))
    assert sorted(service["name"] for service in shown["services"]) == sorted(discovery.service_names())


def nothing_secret_shows(stack: Stack) -> None:
    """No secret stands in a container's configuration, in its log, or is let out without its token."""
    secrets = [file.read_text(encoding="ascii").strip() for file in (stack.root / "deploy" / "secrets").iterdir()]
    ids = stack.compose("ps", "-q").split()
    shown = stack.run("docker", "inspect", *ids) + "".join(stack.run("docker", "logs", id) for id in ids)
    assert [secret for secret in secrets if secret in shown] == []
    url = f"http://127.0.0.1:{stack.ports['HTTP']}/registration/programmes/any"
    assert httpx.get(url, trust_env=False).status_code == 401
    for id in ids:
        told = stack.run("docker", "inspect", "--format", "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Memory}}", id)
        read_only, memory = told.split()
        assert (read_only, memory != "0") == ("true", True)
