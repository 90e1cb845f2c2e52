"""A round made of files: read, checked, solved, written."""

import datetime as dt
import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from rich.console import Console

from services.matching.assignment import assign, explain
from services.matching.optimum.compiled import when_compiling
from services.matching.people import Person, RoundInputs
from services.matching.proving import Claim, proof_of, saved_of
from services.matching.table import score_table
from services.matching.tool.columns import people_of_sheet
from services.matching.tool.page.render import write_page
from services.matching.tool.proof_file import read_proof, write_proof
from services.matching.tool.reading import Given, Listed, people_of
from services.matching.tool.result import as_json as result_as_json
from services.matching.tool.result import show
from services.matching.tool.rules import read_rules
from services.matching.tool.scores import write_scores
from services.matching.tool.stages import Stages, Tell
from services.matching.tool.wanted import Pin, check_pins, fixed_pairs, previous_pairs
from services.matching.whatif import WhatIf, what_if
from services.matching.whatif_table import print_what_if
from shared.contracts.parts import MatchingRules
from shared.runtime.given_file import STANDARD_INPUT, check_inputs, check_texts, name_of, read_bytes, without_mark
from shared.runtime.output_files import check_outputs
from shared.runtime.wrong_use import WrongUseError

WIDE = 160
"""Columns of a table that goes to a file."""
SEED = "1"
"""Breaks ties, where nobody says another."""
COMPILES = "compiling the solver, once, about half a minute"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A match as somebody typed it."""

    people: Path
    rules: Path | None = None
    pins: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    previous: Path | None = None
    scores: Path | None = None
    certificate: Path | None = None
    seed: str = SEED
    places: int | None = None
    page: Path | None = None
    start: Path | None = None
    """A proof of before."""
    today: dt.date = dt.date.max


@dataclass(frozen=True, slots=True)
class Prepared:
    """A round that can be solved, and what its inputs do not say."""

    inputs: RoundInputs
    pins: tuple[Pin, ...]
    start: Claim | None = None


def read_listed(path: Path, today: dt.date) -> Listed:
    """The people of a JSON file or a spreadsheet; what it is, its content says. Nobody waits since after `today`.

    Raises WrongUseError, also where there is nobody.
    """
    return listed_of(path, read_bytes(path), today)


def listed_of(path: Path, content: bytes, today: dt.date) -> Listed:
    """The people of a file that was read already. Raises WrongUseError, also where there is nobody."""
    name = name_of(path)
    listed = people_of(replace(_given(path, content, name), today=today))
    if not listed.people:
        raise WrongUseError(f"{name} holds no people; add a row or an entry for each")
    return listed


def _given(path: Path, content: bytes, name: str) -> Given:
    begin = without_mark(content[:256]).lstrip()
    if begin.startswith((b"[", b"{")) or path.suffix.lower() == ".json":
        return Given(name, content)
    if not begin and str(path) == STANDARD_INPUT:
        raise WrongUseError("standard input holds nothing; pipe people.json into this command")
    return people_of_sheet(content, name)


def prepare(wanted: Wanted) -> Prepared:
    """Read and check everything that decides a round. Raises WrongUseError with a line for each fault."""
    read = [path for path in (wanted.people, wanted.rules, wanted.previous, wanted.start) if path]
    check_inputs(*read)
    outputs = (("--scores", wanted.scores), ("--certificate", wanted.certificate), ("--html", wanted.page))
    check_outputs(outputs, read)
    check_texts(("--seed", wanted.seed))
    listed = read_listed(wanted.people, wanted.today)
    rules = read_rules(wanted.rules) if wanted.rules else MatchingRules()
    people: Mapping[str, Person] = {person.id: person for person in listed.people}
    pins, forbidden = fixed_pairs(wanted.pins, wanted.forbidden, people)
    check_pins(pins, people, rules)
    # Without a limit more than there can be tandems, so that nobody is told that all places were taken.
    places = len(listed.people) if wanted.places is None else wanted.places
    if len(pins) > places:
        raise WrongUseError(f"--places {places}: more pairs are pinned, {len(pins)}; give more places, or fewer pins")
    inputs = RoundInputs(
        people=listed.people,
        rules=rules,
        places=places,
        barred=forbidden,
        pins=tuple(pin.ids for pin in pins),
        previous=previous_pairs(wanted.previous, listed.people) if wanted.previous else (),
        seed=wanted.seed,
        labels=dict(listed.labels),
    )
    return Prepared(inputs, pins, read_proof(wanted.start) if wanted.start else None)


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Without garbage collection: of very many objects all stay to the end, and searching them takes long."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def match_files(wanted: Wanted, tell: Tell, note: Tell, *, as_json: bool, what_if: bool = False) -> None:
    """Solve a round of files and print its result. Raises WrongUseError before anything is computed.

    `note` is given a line that stays: that the solver has to be compiled first.
    """
    stages = Stages(tell)
    compiling = when_compiling(lambda: note(COMPILES))
    with nothing_collected(), compiling:
        _match(wanted, stages, as_json=as_json, asks_what_if=what_if)


def _match(wanted: Wanted, stages: Stages, *, as_json: bool, asks_what_if: bool) -> None:
    changes: WhatIf | None = None
    try:
        stages.began("reading")
        prepared = prepare(wanted)
        stages.began("scoring")
        table = score_table(prepared.inputs)
        if wanted.scores:
            stages.began("writing scores")
            write_scores(wanted.scores, table)
        stages.began("solving")
        found = assign(prepared.inputs, table, saved_of(prepared.start, table) if prepared.start else None)
        if wanted.certificate:
            stages.began("writing the proof")
            write_proof(wanted.certificate, *proof_of(prepared.inputs, table, found))
        stages.began("explaining")
        solution = explain(prepared.inputs, table, found)
        if asks_what_if:
            stages.began("what if")
            changes = what_if(prepared.inputs, stages.at)
        if wanted.page:
            stages.began("writing the page")
            source = "" if str(wanted.people) == STANDARD_INPUT else wanted.people.name
            write_page(wanted.page, solution, prepared.inputs, table, prepared.pins, source)
    finally:
        seconds = stages.total()
    previous = frozenset(prepared.inputs.previous) if wanted.previous else None
    if as_json:
        pins, of = prepared.pins, stages.seconds
        typer.echo(result_as_json(solution, prepared.inputs, pins, seconds, of, changes, previous))
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    show(solution, prepared.inputs, seconds, console, previous)
    if changes:
        print_what_if(changes, prepared.inputs.labels, console)
