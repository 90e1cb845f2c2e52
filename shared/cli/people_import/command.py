"""People of a spreadsheet, looked at row by row, then registered or changed."""

import asyncio
import json
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shared.cli.acting import named_actor
from shared.cli.addresses import AddressError, read_addresses
from shared.cli.client import ClientError
from shared.cli.people_import.asking import Registration
from shared.cli.people_import.candidates import ForAll, words
from shared.cli.people_import.key import import_key
from shared.cli.people_import.plan import Plan
from shared.cli.people_import.report import (
    Language,
    as_json,
    counted,
    lines_of,
    of_hr,
    of_the_file,
    rejected_rows,
    summed,
)
from shared.cli.people_import.sending import OFFICE, Sender
from shared.cli.people_import.voice import Voice
from shared.cli.people_import.work import Import
from shared.runtime.given_file import name_of, read_bytes
from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.people import PeopleSheet, read_people
from shared.spreadsheets.writing import check_workbook, write_texts

JSON_LINES = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"')
"""How a file of objects begins; no heading does."""
SOME_REJECTED, NOT_DONE, STOPPED = 1, 2, 130


def import_people(
    people: Path,
    programme: str,
    *,
    dry_run: bool,
    json_: bool,
    language: Language,
    privacy_notice: str | None,
    voluntary: bool,
    skip: Sequence[str] | None,
    rejected: Path | None,
    actor: str,
    against: Path | None,
) -> int:
    """Register or change the people of a spreadsheet (`importing.import_file`); the exit code.

    What is wrong with the file as a whole is said in the language, with `json_` also as an object that has `faults`
    alone. Raises WrongUseError, BadParameter, AddressError, ClientError.
    """
    voice = Voice(language, json_)
    with _told(voice):
        sheet = _sheet(people, tuple(skip or ()))
        if rejected is not None:
            check_workbook(rejected)
        addresses = read_addresses(against)
        who = named_actor(addresses, actor, "--actor")
        for_all = ForAll(programme, privacy_notice, voluntary)
        work = Import(sheet, for_all, Registration.at(addresses, who), import_key())
        plans = work.plans()
    voice.say(language.of(note) for note in (*sheet.notes, *work.notes(plans)))
    voice.say(of_the_file(plans, language))
    voice.say(of_hr(plans, language) if json_ else lines_of(plans, language))
    if dry_run:
        return _concluded(sheet, plans, voice, "would", rejected)
    sent = [plan for plan in plans if plan.steps]
    sender = Sender(addresses.amqp(OFFICE), who)
    if sent:
        _send(sender, sent, language)
    with _told(voice):
        plans = work.after(plans, sender.outcomes)
    if not json_:
        _say_refused(plans, {plan.row for plan in sent}, voice)
    code = _concluded(sheet, plans, voice, "done", rejected)
    if sender.failed is not None:
        raise sender.failed
    if len(sender.outcomes) < len(sent):
        left = len(sent) - len(sender.outcomes)
        typer.echo(f"tandem: {language.words('stopped', sent=counted(len(sender.outcomes)), left=left)}", err=True)
        return STOPPED
    return code


@contextmanager
def _told(voice: Voice) -> Iterator[None]:
    """Nothing comes of it when this fails: who reads JSON is told so on standard output, before the lines for people.

    Raises WrongUseError in the voice's language, AddressError, ClientError.
    """
    try:
        yield
    except (AddressError, ClientError, WrongUseError) as error:
        lines = error.told(voice.language.value) if isinstance(error, WrongUseError) else str(error).splitlines()
        if voice.as_json:
            voice.print(json.dumps({"faults": list(lines)}, ensure_ascii=False))
        if isinstance(error, WrongUseError):
            raise WrongUseError("\n".join(lines)) from None
        raise


def _sheet(people: Path, skip: tuple[str, ...]) -> PeopleSheet:
    """The people of a file. Raises WrongUseError where there are none."""
    content = read_bytes(people)
    if JSON_LINES.match(content):
        raise WrongUseError(words("json-lines", name=name_of(people)))
    sheet = read_people(content, name_of(people), "import", skip)
    if not sheet.rows:
        raise WrongUseError(words("no-people", name=sheet.name))
    return sheet


def _say_refused(plans: Sequence[Plan], sent: set[int], voice: Voice) -> None:
    """Say which rows were refused that looked well before."""
    if refused := [plan for plan in plans if plan.row in sent and plan.kind == "rejected"]:
        voice.say((voice.language.words("refused-when-sent"), *lines_of(refused, voice.language)))


def _concluded(sheet: PeopleSheet, plans: Sequence[Plan], voice: Voice, key: str, rejected: Path | None) -> int:
    """Say what all came to, then write the rejected rows where that is wanted; neither keeps the other from being done.

    The exit code.
    """
    wrong = [plan for plan in plans if plan.kind == "rejected"]
    counts = summed(plans) | {"rows": counted(len(plans))}
    voice.print(_json(plans, voice.language) if voice.as_json else voice.language.words(key, **counts))
    faults: list[str] = []
    if rejected is not None and wrong:
        try:
            write_texts(rejected, *rejected_rows(sheet, wrong, voice.language))
            voice.say([voice.language.words("rejected-written", file=rejected)])
        except WrongUseError as error:
            faults.append(str(error))
    for line in (*voice.faults(), *faults):
        typer.echo(f"tandem: {line}", err=True)
    if faults or voice.failed is not None:
        return NOT_DONE
    return SOME_REJECTED if wrong else 0


def _json(plans: Sequence[Plan], language: Language) -> str:
    return json.dumps(as_json(plans, language), ensure_ascii=False)


def _send(sender: Sender, plans: Sequence[Plan], language: Language) -> None:
    """Send with a bar on standard error, and one line there at the end where that is no terminal.

    Ctrl-C and SIGTERM stop it in good order, a second Ctrl-C at once.
    """
    console = Console(stderr=True)
    begun = time.monotonic()
    # What the environment says of colours makes no terminal of a file.
    live = sys.stderr.isatty()
    columns = (TextColumn("import"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=console, transient=True, disable=not live, redirect_stdout=False)
    with bar:
        task = bar.add_task("import", total=len(plans))
        sender.told = lambda count: bar.update(task, completed=count)
        asyncio.run(_until_stopped(sender, plans))
    if not live:
        seconds = round(time.monotonic() - begun)
        typer.echo(
            language.words("was-sent", sent=len(sender.outcomes), rows=counted(len(plans)), seconds=seconds), err=True
        )


async def _until_stopped(sender: Sender, plans: Sequence[Plan]) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        sender.stop()
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGINT, stop)
    loop.add_signal_handler(signal.SIGTERM, sender.stop)
    await sender.send(plans)
