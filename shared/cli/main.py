"""The `tandem` command: each command in a module of its own, imported when it is called."""

import importlib
import logging
import sys
import traceback
from dataclasses import dataclass

import typer

# What a command line got wrong: typer's own class, whatever copy of click it stands on.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: its module, the function or app in it, and the line that `tandem` alone prints."""

    module: str
    attribute: str
    line: str


COMMANDS = {
    "demo": Entry("shared.cli.demo.command", "demo", "run the pilot: a programme from registration to report"),
    "up": Entry("shared.cli.up", "up", "start broker, database and all services, until Ctrl-C"),
    "keys": Entry("shared.cli.keys", "keys", "make the secrets of a stack that compose runs"),
    "publish": Entry("shared.cli.publish", "publish", "send a command, checked first, and see what answers"),
    "status": Entry("shared.cli.status", "status", "show where everybody and every tandem of a programme stands"),
    "import": Entry("shared.cli.importing", "import_file", "bring people of a spreadsheet, or HR's nightly file"),
    "round": Entry("shared.cli.round", "app", "a round of proposals: fix pairs, show, approve, decline"),
    "quarantine": Entry(
        "shared.cli.quarantine", "app", "what could not be processed: list, hand back, correct, give up"
    ),
    "unrouted": Entry("shared.cli.unrouted", "app", "commands that nobody takes: list, give back, discard"),
    "top": Entry("shared.cli.top.command", "top", "watch queues, services, jobs and the latest problems"),
    "doctor": Entry(
        "shared.cli.doctor.command",
        "doctor",
        "check a deployment, say what to do, mend",
    ),
    "trace": Entry("shared.cli.trace", "trace", "show what became of a command, as a tree over all services"),
    "audit": Entry("shared.cli.audit", "app", "check that who did what still stands as it was recorded"),
    "describe": Entry("shared.cli.describe", "describe", "print every service's table, without a broker"),
    "contracts": Entry("shared.cli.contracts", "contracts", "write AsyncAPI and JSON Schemas, or the data map"),
    "sbom": Entry("shared.cli.sbom", "sbom", "print what an image holds, as CycloneDX"),
    "match": Entry(
        "services.matching.tool.command", "match", "find the best pairs of a file, without broker or database"
    ),
    "verify": Entry(
        "services.matching.tool.command", "verify", "check that the result of a match is the best, by its proof"
    ),
    "sample": Entry(
        "services.matching.tool.command", "sample", "make up a population to match, or a template to fill in"
    ),
    "plan": Entry("shared.cli.plan", "plan", "plan the meetings of a file's tandems, without broker or database"),
    "report": Entry(
        "services.evaluation.tool.command",
        "report",
        "answer the four questions from a file of answers collected elsewhere",
    ),
    "simulate": Entry("shared.cli.check", "simulate", "run the engine under faults, by seed"),
    "test": Entry("shared.cli.check", "test", "run the tests"),
}


def overview() -> str:
    """The commands with one line each."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {entry.line}" for name, entry in COMMANDS.items()]
    return "\n".join(("Usage: tandem COMMAND [OPTIONS]   (tandem COMMAND --help says more)", "", *lines))


def main() -> None:
    """Run a command; each fault is one line on standard error, the exit code 2 (a fault of ours: its traceback)."""
    name, *arguments = sys.argv[1:] or ["--help"]
    if name in ("--help", "-h"):
        typer.echo(overview())
        return
    entry = COMMANDS.get(name)
    if entry is None:
        _fail(f"there is no command {name!r}; `./tandem` lists them")
    else:
        try:
            code = _run(name, entry, arguments)
        except Exception:  # noqa: BLE001 - a fault of ours; 1 would mean a deployment with warnings only
            traceback.print_exc()
            code = 2
        sys.exit(code)


def _fail(text: str) -> None:
    for line in text.splitlines():
        typer.echo(f"tandem: {line}", err=True)
    sys.exit(2)


def _run(name: str, entry: Entry, arguments: list[str]) -> int:
    found = getattr(importlib.import_module(entry.module), entry.attribute)
    if isinstance(found, typer.Typer):
        app = found
        arguments = arguments or ["--help"]
    else:
        app = typer.Typer(add_completion=False)
        passes_on = {"allow_extra_args": True, "ignore_unknown_options": True} if name == "test" else {}
        app.command(context_settings=passes_on)(found)
    # What a library logs on its way to an error is not the one line for who typed the command.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        code = app(arguments, prog_name=f"tandem {name}", standalone_mode=False)
    except UsageError as error:
        _fail(str(getattr(error, "format_message", error.__str__)()))
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:
        if not isinstance(error, _written_for_people()):
            raise
        _fail(str(error))
    return code if isinstance(code, int) else 0


def _written_for_people() -> tuple[type[Exception], ...]:
    """The errors whose text says what to change, one line a fault."""
    from shared.cli.addresses import AddressError
    from shared.cli.client import ClientError
    from shared.cli.demo.story import StoryError
    from shared.cli.keys import KeysError
    from shared.local.errors import LocalServerError
    from shared.runtime.discovery import UnknownServiceError
    from shared.runtime.wrong_use import WrongUseError

    return (AddressError, ClientError, StoryError, KeysError, LocalServerError, UnknownServiceError, WrongUseError)
