"""What `./tandem keys` makes: private files, once, with nothing installed."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest
import yaml

from shared.cli import keys, stack
from shared.cli.addresses import AddressError, read_addresses
from shared.cli.keys import KeysError
from shared.local.system import ROOT
from tests.support.certificates import certificates


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of what `keys` looks at."""
    for name in ("matching", "registration"):
        (tmp_path / "services" / name).mkdir(parents=True)
        (tmp_path / "services" / name / "service.py").touch()
    return tmp_path


def contents(root: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="ascii") for file in (root / keys.FOLDER).iterdir()}


def test_every_secret_is_a_private_file_of_its_own(root: Path) -> None:
    keys.make(root)
    made = contents(root)
    assert set(made) == set(keys.names(root))
    assert {"password-matching", "password-registration", "password-mail", "key"} <= set(made)
    assert len(set(made.values())) == len(made)
    assert all(len(text.strip()) == 64 for text in made.values())
    owner = keys.IMAGE_UID if os.getuid() == 0 else os.getuid()
    for name in made:
        found = (root / keys.FOLDER / name).stat()
        assert (found.st_mode & 0o777, found.st_uid) == (0o600, owner)
    assert (root / keys.FOLDER).stat().st_mode & 0o777 == 0o700
    assert (root / ".env").read_text() == f"TANDEM_UID={owner}\n"


def test_again_it_changes_nothing_and_adds_what_a_new_service_needs(root: Path) -> None:
    (root / ".env").write_text("TANDEM_ZONE=Europe/Vienna\n")
    keys.make(root)
    before, env = contents(root), (root / ".env").read_text()
    assert "nothing changed" in " ".join(keys.make(root))
    assert (contents(root), (root / ".env").read_text()) == (before, env)
    assert env.startswith("TANDEM_ZONE=Europe/Vienna\nTANDEM_UID=")
    (root / "services" / "stories").mkdir()
    (root / "services" / "stories" / "service.py").touch()
    assert "1 secrets written" in keys.make(root)[0]
    assert {name: text for name, text in contents(root).items() if name in before} == before


def test_rotating_writes_that_one_anew_and_says_what_comes_next(root: Path) -> None:
    with pytest.raises(KeysError, match=r"run \./tandem keys first"):
        keys.make(root, "ops-token")
    keys.make(root)
    before = contents(root)
    keys.make(root, "password-matching")
    after = contents(root)
    assert {name for name in after if after[name] != before[name]} == {"password-matching"}
    said = " ".join(keys.next_steps("password-matching", "docker compose"))
    assert "docker compose up -d declare" in said
    assert "docker compose restart matching" in said
    with pytest.raises(KeysError, match="every participant's id hangs on it"):
        keys.make(root, "key")
    with pytest.raises(KeysError, match="there is no secret 'x'; there are key"):
        keys.make(root, "x")


def test_on_a_full_disk_no_secret_is_half_written_and_the_next_time_the_rest_is(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fdopen, written = os.fdopen, iter(range(100))

    def full(number: int, mode: str, encoding: str) -> IO[str]:
        if next(written) < 3:
            return fdopen(number, mode, encoding=encoding)
        os.close(number)
        return Path("/dev/full").open(mode, encoding=encoding)  # refuses as a full disk does

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdopen", full)
        with pytest.raises(KeysError, match=r"No space left on device\); make room"):
            keys.make(root)
    before = contents(root)
    assert [len(text.strip()) for text in before.values()] == [64] * 3
    assert not (root / ".env").exists(), "compose would start with half of the secrets"
    keys.make(root)
    assert set(contents(root)) == set(keys.names(root))
    assert before.items() <= contents(root).items()


@pytest.mark.parametrize("name", sorted(set(keys.names()) - set(keys.NEVER)))
def test_what_comes_next_names_the_containers_that_read_the_new_secret(name: str) -> None:
    rows = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    named = set(re.findall(r"[a-z]+", " ".join(keys.next_steps(name, "docker compose")))) & set(rows)
    assert named, "no container"
    assert {row for row in named if name not in rows[row].get("secrets", ())} == set()


@pytest.mark.parametrize("uid", [99_999_999_999, 2**31])
def test_a_user_that_no_engine_takes_is_one_line_and_nothing_is_written(root: Path, uid: int) -> None:
    with pytest.raises(KeysError, match="--uid"):
        keys.make(root, uid=uid)
    assert list((root / keys.FOLDER).iterdir()) == []
    (root / ".env").write_text(f"TANDEM_UID={uid}\n")
    with pytest.raises(KeysError, match=r"TANDEM_UID in \.env"):
        keys.make(root)


def test_a_folder_that_cannot_be_written_is_one_line(root: Path) -> None:
    (root / "deploy").touch()
    with pytest.raises(KeysError, match="cannot be written") as caught:
        keys.make(root)
    assert "\n" not in str(caught.value)


def test_empty_folders_that_compose_put_in_the_secrets_place_give_way_to_secrets(root: Path) -> None:
    """Some engines make one for each file that is not there, and it stays when the secrets are made at last."""
    keys.make(root)
    shutil.rmtree(root / keys.FOLDER)
    for name in keys.names(root):
        (root / keys.FOLDER / name).mkdir(parents=True)
    with pytest.raises(KeysError, match=r"run \./tandem keys first"):
        keys.make(root, "ops-token")
    (root / ".env").unlink()
    said = keys.make(root)
    assert f"{len(keys.names(root))} secrets written" in said[0]
    assert "--force-recreate" in said[1]
    assert all((root / keys.FOLDER / name).is_file() for name in keys.names(root))
    assert "nothing changed" in " ".join(keys.make(root))


@pytest.mark.parametrize("name", ["key", "mongo-admin"])
def test_what_a_stack_s_data_hang_on_is_never_made_anew(root: Path, name: str) -> None:
    """`./tandem keys && docker compose up -d` must not go on: everybody would be somebody else from then on."""
    keys.make(root)
    (root / keys.FOLDER / name).unlink()
    (root / keys.FOLDER / "password-hr").unlink()
    with pytest.raises(KeysError, match=f"deploy/secrets/{name}: lost") as caught:
        keys.make(root)
    assert "\n" not in str(caught.value)
    assert not (root / keys.FOLDER / "password-hr").exists(), "nothing was written"
    (root / keys.FOLDER / name).write_text("the copy")
    assert "1 secrets written" in keys.make(root)[0]


def test_a_folder_in_a_secret_s_place_that_holds_something_is_named_and_kept(root: Path) -> None:
    (root / keys.FOLDER / "key" / "mine").mkdir(parents=True)
    with pytest.raises(KeysError, match=r"deploy/secrets/key .* move it away") as caught:
        keys.make(root)
    assert "\n" not in str(caught.value)
    assert (root / keys.FOLDER / "key" / "mine").is_dir()


def test_a_taken_port_is_named_with_what_to_write(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for text in (f"{port}", f'"{port}"  # ours', f"'{port}'"):
            (root / ".env").write_text(f"TANDEM_PORT_AMQP={text}\n")
            [line] = [line for line in keys.taken_ports(root) if "AMQP" in line]
    assert line == f"port {port} is taken here: write another into .env, TANDEM_PORT_AMQP=…"


@pytest.mark.parametrize(
    ("program", "prints", "says"),
    [
        ("docker-compose", "docker-compose version 1.25.0, build 0a186604", "docker-compose 1.25 is too old"),
        ("docker-compose", "docker-compose version 1.29.2, build unknown", ""),
        ("docker", "Docker Compose version v2.24.5", ""),
        ("podman-compose", "podman-compose version: 1.0.3", ""),
        ("nothing", "", "no compose is installed"),
    ],
)
def test_the_compose_that_is_here_is_named_or_the_least_that_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str, prints: str, says: str
) -> None:
    (tmp_path / program).write_text(f"#!/bin/sh\necho '{prints}'\n")
    (tmp_path / program).chmod(0o755)
    (tmp_path / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    found, fault = keys.compose_program()
    assert fault.startswith(says)
    assert bool(fault) == bool(says)
    if says:
        assert "docker compose 2.0, docker-compose 1.29, podman-compose 1.0 or newer" in fault
    else:
        assert found.split()[0] == program


def test_it_runs_before_anything_is_installed(root: Path) -> None:
    """By the script, with a Python that sees no package."""
    (root / "shared" / "cli").mkdir(parents=True)
    shutil.copy(ROOT / "tandem", root / "tandem")
    shutil.copy(ROOT / "shared" / "cli" / "keys.py", root / "shared" / "cli" / "keys.py")
    (root / "bin").mkdir()
    python = root / "bin" / "python3"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    env = {"PATH": f"{root}/bin:/usr/bin:/bin"}
    run = subprocess.run([root / "tandem", "keys"], capture_output=True, text=True, check=False, env=env)
    assert run.returncode == 0, run.stderr
    assert "start it:" in run.stdout
    assert not (root / ".venv").exists()
    for given in (["--rotate", "x"], ["--uid", "99999999999"], ["--uid", "me"], ["--nothing"]):
        wrong = subprocess.run([root / "tandem", "keys", *given], capture_output=True, text=True, env=env, check=False)
        assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
        assert wrong.stderr.startswith("tandem: ")


def test_a_python_that_cannot_be_run_is_one_line(root: Path) -> None:
    """As a `.venv` whose Python lies in somebody's home."""
    for name in ("tandem", "requirements.lock"):
        shutil.copy(ROOT / name, root / name)
    (root / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "requirements.lock", root / ".venv" / "tandem-lock")
    (root / ".venv" / "bin" / "python").touch(mode=0o600)
    run = subprocess.run([root / "tandem", "describe"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "remove .venv" in run.stderr


# What the command line makes of it


def test_compose_s_env_is_a_file_of_addresses(root: Path) -> None:
    keys.make(root)
    with (root / ".env").open("a") as env:
        env.write("TANDEM_PORT_AMQP=5673\nTANDEM_ADDRESS=0.0.0.0\nTANDEM_DAYS=command\n")
    found, secrets = read_addresses(root / ".env"), contents(root)
    assert found["TANDEM_AMQP_URL"] == f"amqp://tandem-admin:{secrets['rabbitmq-admin'].strip()}@127.0.0.1:5673/"
    assert found.amqp("hr") == f"amqp://hr:{secrets['password-hr'].strip()}@127.0.0.1:5673/"
    assert found["TANDEM_OPS_TOKEN"] == secrets["ops-token"].strip()
    assert found["TANDEM_HR_TOKEN"] == secrets["hr-token"].strip()
    assert found["TANDEM_MANAGEMENT_URL"] == "http://127.0.0.1:15672"
    assert found.services["matching"] == "http://127.0.0.1:8080/matching"
    assert found["TANDEM_DAYS"] == "command"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("8081", "8081"),
        ('"8081"', "8081"),
        ("'8081' # the door", "8081"),
        ("8081   # the door", "8081"),
        ("8081 ", "8081"),
        ("a#b", "a#b"),
        ('"a # b"', "a # b"),
        ("# nothing", ""),
        ("it's", "it's"),
        ("", ""),
    ],
)
def test_a_value_is_read_as_compose_reads_it(root: Path, written: str, read: str) -> None:
    (root / ".env").write_text(f'TANDEM_UID="7"\nTANDEM_DAYS={written}\n')
    assert stack.as_compose_reads(written) == read
    assert read_addresses(root / ".env")["TANDEM_DAYS"] == (read or "clock")


def test_a_quoted_port_is_the_port(root: Path) -> None:
    keys.make(root)
    (root / ".env").write_text('TANDEM_UID="7" # ours\nTANDEM_PORT_HTTP="8081"\n')
    assert read_addresses(root / ".env").services["matching"] == "http://127.0.0.1:8081/matching"
    keys.make(root)
    assert (root / ".env").read_text().startswith('TANDEM_UID="7" # ours'), "it is said already"


def test_addresses_of_its_own_win_over_the_published_ports(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With TLS a stack's ports are not where the command line is to go."""
    authority = certificates(root / "certs")
    monkeypatch.setenv("TANDEM_TLS_CA", "")
    keys.make(root)
    with (root / ".env").open("a") as env:
        env.write(f"TANDEM_TLS_CA={authority.ca}\nTANDEM_HTTP_URL=https://stack.example:8443\n")
        env.write('TANDEM_AMQP_URL="amqps://tandem-admin@stack.example:5671/"\n')
    found, secrets = read_addresses(root / ".env"), contents(root)
    assert found.services["matching"] == "https://stack.example:8443/matching"
    assert found.amqp("ops") == f"amqps://ops:{secrets['password-ops'].strip()}@stack.example:5671/"
    assert found["TANDEM_MANAGEMENT_URL"] == "http://127.0.0.1:15672"


def test_a_secret_that_is_not_there_is_one_line(root: Path) -> None:
    keys.make(root)
    (root / keys.FOLDER / "password-hr").unlink()
    with pytest.raises(AddressError, match="says no TANDEM_AMQP_URL_HR") as caught:
        read_addresses(root / ".env").amqp("hr")
    assert "\n" not in str(caught.value)


def test_inside_the_stack_the_environment_says_the_same(root: Path) -> None:
    keys.make(root)
    inside = stack.completed(
        {
            stack.SECRETS: str(root / keys.FOLDER),
            "TANDEM_AMQP_URL": "amqp://tandem-admin@rabbitmq:5672/",
            "TANDEM_HTTP_URL": "http://gateway:8080",
        }
    )
    assert inside["TANDEM_AMQP_URL_OPS"].endswith("@rabbitmq:5672/")
    assert inside["TANDEM_HTTP_MATCHING"] == "http://gateway:8080/matching"
    assert inside["TANDEM_OFFICE_TOKEN"] == contents(root)["office-token"].strip()
