"""A plan made of files: read, checked, matched first where need be, planned, written."""

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import typer
from pydantic import ValidationError

from services.scheduling.tool.asked import asked_of
from services.scheduling.tool.calendar_file import calendar_file
from services.scheduling.tool.calendars import calendars_of
from services.scheduling.tool.page.render import page
from services.scheduling.tool.planned import plans_of
from services.scheduling.tool.reading import holds_tandems, tandems_of
from services.scheduling.tool.result import Planned, as_json, as_text
from shared.contracts.parts import Rules, SchedulingRules
from shared.runtime.given_file import STANDARD_INPUT, check_inputs, name_of, read_bytes
from shared.runtime.output_files import check_outputs, write_text
from shared.runtime.reasons import what_to_change
from shared.runtime.rules_file import read_rules
from shared.runtime.wrong_use import WrongUseError

Match = Callable[[bytes, Rules], tuple[bytes, tuple[str, ...]]]
"""Matches the people of a file: the tandems as JSON, in the format of docs/plan-a-file.md, and who has none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A plan as somebody typed it; what of `own` rules is None is as the rules document says."""

    file: Path
    first: dt.date
    months: int
    rules: Path | None
    own: Mapping[str, int | str | None]
    html: Path | None
    busy: Path | None
    """A folder of calendars."""
    ics: Path | None
    made_at: dt.datetime


def plan_file(wanted: Wanted, match: Match, note: Callable[[str], None], *, as_json_: bool) -> int:
    """Plan the tandems of a file and print the result; the exit code: 1 where meetings are missing, else 0.

    A file of people is given to `match` first; `note` is given lines that stay. Raises WrongUseError before anything is
    planned.
    """
    began = time.perf_counter()
    read = [path for path in (wanted.file, wanted.rules) if path]
    check_inputs(*read)
    check_outputs((("--html", wanted.html), ("--ics", wanted.ics)), read)
    rules = read_rules(wanted.rules) if wanted.rules else Rules()
    asked = asked_of(wanted.first, wanted.months, _with_own(rules.scheduling, wanted.own))
    for hint in asked.hints:
        note(hint)
    content, name = read_bytes(wanted.file), name_of(wanted.file)
    unmatched: tuple[str, ...] = ()
    if not holds_tandems(content):
        content, unmatched = match(content, rules)
    tandems = tandems_of(content, name)
    ids = {person.id for tandem in tandems for person in tandem.people} | set(unmatched)
    calendars = calendars_of(wanted.busy, ids, asked, note) if wanted.busy else {}
    known = len(calendars.keys() - set(unmatched))
    planned = Planned(asked, plans_of(tandems, asked, calendars), unmatched, known)
    if wanted.html:
        write_text(wanted.html, page(planned, "" if str(wanted.file) == STANDARD_INPUT else wanted.file.name))
    if wanted.ics:
        write_text(wanted.ics, calendar_file(planned, wanted.made_at))
    seconds = time.perf_counter() - began
    typer.echo(as_json(planned, seconds) if as_json_ else as_text(planned, seconds))
    return 1 if planned.short or not planned.plans else 0


def _with_own(rules: SchedulingRules, own: Mapping[str, int | str | None]) -> SchedulingRules:
    """The rules with those that were typed. Raises WrongUseError."""
    typed = {name: value for name, value in own.items() if value is not None}
    try:
        return SchedulingRules.model_validate({**dict(rules), **typed})
    except ValidationError as error:
        raise WrongUseError(
            *(
                f"--{str(each['loc'][0]).replace('_', '-').removesuffix('-days')}: "
                f"{what_to_change(each['type'], each.get('ctx', {})).en}"
                for each in error.errors(include_input=False, include_url=False)
            )
        ) from None
