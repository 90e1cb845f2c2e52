"""`tandem sbom`: what an image holds, as CycloneDX, from the lock file alone."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from shared.local.system import ROOT
from shared.runtime import discovery

LOCK = ROOT / "requirements.lock"
MARK = "# only for "
"""Begins a line of the lock file: what stands below it is only for those named in it."""
TESTS = "tests"


def sections(lock: Path = LOCK) -> list[tuple[frozenset[str], list[str]]]:
    """The lock file's parts: for whom, and the packages; the first part is for every service, and names nobody."""
    found: list[tuple[frozenset[str], list[str]]] = [(frozenset(), [])]
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line.startswith(MARK):
            found.append((frozenset(line.removeprefix(MARK).split()), []))
        else:
            found[-1][1].append(line)
    return found


def packages_of(service: str, lock: Path = LOCK) -> list[str]:
    """What the image of a service holds, as lines of the lock file; of every service's together for an empty name."""
    services = {service} if service else set(discovery.service_names())
    return [line for names, lines in sections(lock) if not names or names & services for line in lines]


def sbom(
    service: Annotated[str, typer.Argument(help="a service; without one, what all images hold together")] = "",
) -> None:
    """Print what an image holds as CycloneDX 1.6 (JSON)."""
    if service:
        discovery.load(service)
    done = subprocess.run(
        [
            # It warns that a list of pins says nothing of who needs whom, which is so.
            *(sys.executable, "-W", "ignore", "-m", "cyclonedx_py"),
            *("requirements", "-", "--pyproject", str(ROOT / "pyproject.toml"), "--mc-type", "application"),
            *("--output-reproducible", "--of", "JSON"),
        ],
        input="\n".join(packages_of(service)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    typer.echo(done.stdout.strip())
