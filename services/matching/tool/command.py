"""`tandem match`, `tandem verify` and `tandem sample`: the match on files, without broker or database.

What is heavy is imported where it is needed: an image without it can still list its commands.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from shared.runtime.today import today
from shared.runtime.wrong_use import WrongUseError

USUAL_WIDTH = 80
LIBRARIES = ("numpy", "numba", "openpyxl")


def match(
    people: Annotated[Path, typer.Argument(help="people.json, or a spreadsheet (CSV, XLSX); - is standard input")],
    rules: Annotated[Path | None, typer.Option(help="JSON file: the programme's rules document")] = None,
    pin: Annotated[
        list[str] | None, typer.Option(help="fix a pair, mentor:mentee, or against a hard rule mentor:mentee=reason")
    ] = None,
    forbid: Annotated[list[str] | None, typer.Option(help="a pair that must not be, mentor:mentee")] = None,
    previous: Annotated[
        Path | None, typer.Option(help="JSON file: an earlier --json output, of which as little as can be is changed")
    ] = None,
    scores: Annotated[Path | None, typer.Option(help="write every allowed pair's score to this CSV file")] = None,
    html: Annotated[Path | None, typer.Option(help="write a page for people to this HTML file")] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="write the proof of the result to this file, for `tandem verify`")
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(help="an earlier --certificate to begin at: as good, and sooner found"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
    what_if: Annotated[
        bool, typer.Option("--what-if", help="show what other rules, or more mentors for a topic, would bring")
    ] = False,
    seed: Annotated[str, typer.Option(help="breaks ties; the same seed gives the same pairs")] = "1",
    places: Annotated[int | None, typer.Option(min=0, help="tandems at most; default as many as there can be")] = None,
) -> None:
    """Find the best pairs of a file, and say why.

    A spreadsheet has one row a person and these columns, in German or English: Rolle (Role), Kennung (Id), Referat
    (Department), Organisationseinheit (Unit), Stufe (Grade), Standort (Site), Sprachen (Languages), Arbeitszeiten
    (Working times) such as "Mo-Do 8:30-16:30; Fr 8:30-13:00", Stärken (Strengths) and Anliegen (Concerns) such as
    "Scrum:4; Excel:2", Kapazität (Capacity), Personalnummer (Personnel key), Vorgesetzte (Superiors), Wünsche (Wishes),
    Ausschlüsse (Vetoes), Wartet seit (Waiting since). `tandem sample --template people.xlsx --for match` writes one.
    """
    try:
        from services.matching.tool.round import Wanted, match_files
    except ModuleNotFoundError as error:
        raise _without(error) from None
    wanted = Wanted(
        people,
        rules,
        tuple(pin or ()),
        tuple(forbid or ()),
        previous,
        scores,
        certificate,
        seed,
        places,
        html,
        start,
        today(),
    )
    match_files(wanted, _tell, _note, as_json=as_json, what_if=what_if)


def verify(
    people: Annotated[Path, typer.Argument(help="people.json, or a spreadsheet, as the match was given it")],
    result: Annotated[Path, typer.Argument(help="the --json output of the match")],
    proof: Annotated[Path, typer.Argument(help="what the match wrote with --certificate")],
    rules: Annotated[Path | None, typer.Option(help="JSON file: the programme's rules document")] = None,
    places: Annotated[int | None, typer.Option(min=0, help="check that the proof speaks of so many places")] = None,
    pin: Annotated[
        list[str] | None, typer.Option(help="check that the proof fixes this pair, mentor:mentee, and those given only")
    ] = None,
    forbid: Annotated[
        list[str] | None, typer.Option(help="check that the proof forbids this pair, and those given only")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="JSON file: check that the proof starts from this earlier --json output")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> int:
    """Check that a result is the best, from people, rules and the proof, without the solver.

    Scores are computed anew, and each pair is looked at once. Says what is proven of each level, and what that rests
    on: places, fixed pairs, forbidden pairs and open proposals come out of the proof. Give them as to `tandem match`,
    and a proof with others is refused; those that are not given are shown, so read them. Exit code: 0 proven,
    1 refused, 2 a file cannot be read, 3 bounded, not proven: the rules limited the effort, and the sum might be
    higher by what is said.
    """
    try:
        from services.matching.tool.verification import Asked, verify_files
    except ModuleNotFoundError as error:
        raise _without(error) from None
    asked = Asked(people, result, proof, rules, places, tuple(pin or ()), tuple(forbid or ()), previous, today())
    return verify_files(asked, _tell, as_json=as_json)


def sample(
    mentors: Annotated[int | None, typer.Option(min=0, max=1_000_000, help="how many; default 100")] = None,
    mentees: Annotated[int | None, typer.Option(min=0, max=1_000_000, help="how many; default 90")] = None,
    seed: Annotated[int, typer.Option(min=0, help="the same seed gives the same people")] = 1,
    family: Annotated[
        str, typer.Option(help="realistic, or a kind that is hard to solve; an unknown name lists all")
    ] = "",
    template: Annotated[
        Path | None, typer.Option(help="write an empty spreadsheet of people to this XLSX file instead")
    ] = None,
    topics: Annotated[
        Path | None, typer.Option(help="with --template: topics to choose from, a file with one a line, or JSON")
    ] = None,
    use: Annotated[
        str | None,
        typer.Option(
            "--for", help="with --template: what for, import (default; match and demo read it too), match or demo"
        ),
    ] = None,
) -> None:
    """Print a made-up population as people.json: as in a city, or of a family that is hard to solve."""
    try:
        from services.matching.tool.sample import SIZES, USUAL_SIZE, families, population, written
        from shared.runtime.given_file import name_of, read_bytes
        from shared.spreadsheets.columns import ALL_USES
        from shared.spreadsheets.template import write_template
        from shared.spreadsheets.topics_file import labels_of

        if template is not None:
            wanted = next((each for each in ALL_USES if each == (use or "import")), None)
            if wanted is None:
                raise WrongUseError(f"there is no template for {use}; there are {', '.join(ALL_USES)}")
            write_template(template, labels_of(read_bytes(topics), name_of(topics)) if topics else (), wanted)
            others = " (match and demo read it too)" if wanted == "import" else ""
            typer.echo(f"{template} is written; fill it in for tandem {wanted}{others}")
            return
    except ModuleNotFoundError as error:
        raise _without(error) from None
    for option, given in (("--topics", topics), ("--for", use)):
        if given is not None:
            raise WrongUseError(f"{option} belongs to --template FILE; give both")
    if family and family not in families():
        raise WrongUseError(f"there is no family {family}; there are {', '.join(families())}")
    usual = SIZES.get(family, USUAL_SIZE)
    first, second = (usual[at] if given is None else given for at, given in enumerate((mentors, mentees)))
    for piece in written(population(first, second, seed, family or families()[0])):
        sys.stdout.write(piece)


def _without(error: ModuleNotFoundError) -> Exception:
    """What to do where a heavy library is missing; any other missing module is a fault of ours."""
    if (error.name or "").partition(".")[0] not in LIBRARIES:
        return error
    return WrongUseError(f"this needs {error.name}, which ./tandem and matching's image have; run it with one of them")


def _note(line: str) -> None:
    """Say something that stays, also where standard error is no terminal."""
    _tell("")
    typer.echo(f"tandem: {line}", err=True)


def _tell(line: str) -> None:
    """Show how far the match is, on a terminal, on one line that is written over."""
    if sys.stderr.isatty():
        # A terminal that does not say how wide it is says 0.
        width = os.get_terminal_size(sys.stderr.fileno()).columns or USUAL_WIDTH
        sys.stderr.write(f"\r\x1b[K{line[: width - 1]}")
        sys.stderr.flush()
