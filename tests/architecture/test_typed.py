"""What the pages for operators tell people to type is a command, of a service and at an address that there are."""

import re
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import typer.core
import yaml

from shared.cli.main import main
from shared.local.system import ROOT
from shared.runtime import discovery
from tests.support.page import FENCED

PAGES = sorted((ROOT / "docs").glob("*.md"))
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
ROWS = yaml.safe_load(COMPOSE)["services"]
PORTS = {int(port) for port in re.findall(r"\$\{TANDEM_PORT_[A-Z]+:-(\d+)\}:", COMPOSE)}
COMPOSED = {"up", "down", "ps", "logs", "exec", "run", "stop", "start", "restart", "rm", "config", "build", "pull"}
"""What Compose 2, docker-compose 1.29 and podman-compose all know."""
WITH_VALUE = {"--tail", "--profile", "--scale", "--timeout", "-f", "-t", "-e"}
RECORDED = ("quarantine replay", "quarantine edit", "quarantine discard", "unrouted take", "unrouted discard")
"""What is not done without a reason."""


def why_options(given: list[str]) -> set[str]:
    """What a command takes its reason as; a list's `--reason` on a replay is none."""
    return {"--why"} if given[:2] == ["quarantine", "replay"] else {"--reason", "--why"}


def typed(page: Path) -> Iterator[list[str]]:
    """The words of each command on a page, in its blocks for a shell and in its sentences."""
    text = page.read_text(encoding="utf-8")
    lines = [line for kind, block in FENCED.findall(text) if kind == "sh" for line in block.splitlines()]
    lines += [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", FENCED.sub("", text))]
    for line in lines:
        for part in re.split(r"(?:;|&&|\|) ", line):
            if part.startswith(("./tandem ", "docker compose ", "docker-compose ", "dc ", "curl ")):
                words = shlex.split(part.replace("docker compose", "dc").replace("docker-compose", "dc"), comments=True)
                end = next((place for place, word in enumerate(words) if word[0] in "<>"), None)
                yield words[:end]


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[list[str]], str]:
    """What `tandem` says to these words without doing anything; nothing if it takes them."""
    monkeypatch.setattr(typer.core.TyperCommand, "invoke", lambda self, context: 0, raising=False)

    def parse(words: list[str]) -> str:
        monkeypatch.setattr(sys, "argv", ["tandem", *words])
        try:
            main()
        except SystemExit as ended:
            said = capsys.readouterr()
            return said.err + said.out if ended.code else ""
        return ""

    return parse


def composed(words: list[str]) -> tuple[str, list[str]]:
    """The command of compose, and all that follows it but options; of `--scale` the service."""
    left = iter(words)
    found: list[str] = []
    for word in left:
        if word in WITH_VALUE:
            value = next(left)
            found += [value.split("=")[0]] if word == "--scale" else []
        elif not word.startswith("-") or (found and found[0] in ("exec", "run") and len(found) > 1):
            found.append(word)
    return found[0], found[1:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_command_that_a_page_names_can_be_typed(page: Path, parsed: Callable[[list[str]], str]) -> None:
    wrong: list[str] = []
    for words in typed(page):
        line, program, given = " ".join(words), words[0], words[1:]
        if program == "curl":
            for url in filter(lambda word: word.startswith("http://127.0.0.1"), given):
                parts = urlsplit(url)
                if parts.port not in PORTS:
                    wrong.append(f"{line}: compose publishes no port {parts.port}")
                elif parts.port == 8080 and parts.path.split("/")[1] not in discovery.service_names():
                    wrong.append(f"{line}: the gateway knows no {parts.path}")
            continue
        if program == "dc":
            command, named = composed(given)
            inside = command in ("exec", "run")
            unknown = [name for name in (named[:1] if inside else named) if name not in ROWS]
            if command not in COMPOSED or unknown:
                wrong.append(f"{line}: compose knows no {' '.join(unknown) or command}")
            if (command, named[:1]) != ("run", ["tandem"]):
                continue
            given = named[1:]
        if said := parsed(given):
            wrong.append(f"{line}: {said.strip()}")
        elif " ".join(given[:2]) in RECORDED and not why_options(given) & set(given):
            wrong.append(f"{line}: it asks why")
    assert wrong == []


def test_the_pages_that_name_most_are_read() -> None:
    found = {page.name: len(list(typed(page))) for page in PAGES}
    assert found["runbook.md"] > 25
    assert found["operations.md"] > 30
