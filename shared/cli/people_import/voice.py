"""What an import prints, whatever becomes of who reads it: a closed pipe or a full disk ends neither rows nor files."""

import contextlib
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import typer

from shared.cli.people_import.report import Language


def give_up_output() -> None:
    """Let what is left in the buffer of standard output go nowhere: it would fail once more when the process ends."""
    with contextlib.suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


@dataclass
class Voice:
    """Says what is for people; with `as_json` on standard error, as standard output is for the JSON alone."""

    language: Language
    as_json: bool
    failed: OSError | None = None
    """Why standard output takes nothing more."""

    def say(self, lines: Iterable[str]) -> None:
        """Lines for people."""
        for line in lines:
            if self.as_json:
                typer.echo(line, err=True)
            else:
                self.print(line)

    def print(self, line: str) -> None:
        """A line of the report; what cannot be printed is remembered, and nothing more tried."""
        if self.failed is not None:
            return
        try:
            typer.echo(line)
        except OSError as error:
            self.failed = error
            give_up_output()

    def faults(self) -> Iterable[str]:
        """Why the report is not whole, for standard error."""
        if self.failed is not None:
            yield self.language.words("not-printed", why=self.failed.strerror or type(self.failed).__name__)
