"""`tandem test` and `tandem simulate`."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from shared.local.system import ROOT


def test(context: typer.Context) -> None:
    """Run the tests; --all runs the long ones too, and everything else goes to pytest."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(max(2, os.cpu_count() or 2)), "--dist", "loadgroup"]
    raise typer.Exit(subprocess.run([*command, *context.args], cwd=ROOT, check=False).returncode)


def simulate(
    seeds: Annotated[int, typer.Option(help="how many seeds")] = 1000,
    seed: Annotated[int | None, typer.Option(help="only this seed")] = None,
    pilot: Annotated[
        bool, typer.Option("--pilot", help="the four services' tables, not the two small test services")
    ] = False,
    lives: Annotated[
        bool, typer.Option("--lives", help="people's lives in two programmes, in registration and matching")
    ] = False,
) -> None:
    """Run the engine's simulation; a failure prints the one command that replays it."""
    command = [sys.executable, "-m", "tests.simulation", "--seeds", str(seeds)]
    command += ["--seed", str(seed)] if seed is not None else []
    command += ["--pilot"] if pilot else []
    command += ["--lives"] if lives else []
    raise typer.Exit(subprocess.run(command, cwd=ROOT, check=False).returncode)
