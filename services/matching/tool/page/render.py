"""The page as HTML, from a solved round; the same to the byte for the same round."""

from pathlib import Path

from services.matching.gaps import MOST_TOPICS, gaps
from services.matching.people import RoundInputs, Solution
from services.matching.table import ScoreTable
from services.matching.tool.changes import counts
from services.matching.tool.page.heat import LEVELS, heat
from services.matching.tool.page.pairs import label, rows
from services.matching.tool.page.said import left, order_of_best, rules_in_force, words
from services.matching.tool.wanted import Pin
from shared.pages.render import number, rendered
from shared.runtime.output_files import write_text

PACKAGE = "services.matching.tool.page"
TOPICS_FIRST = 12
"""Topics that are shown at once; the others unfold."""


def write_page(
    path: Path, solution: Solution, inputs: RoundInputs, table: ScoreTable, pins: tuple[Pin, ...], source: str
) -> None:
    """Write the page of a round whose people come from `source`. Raises WrongUseError."""
    write_text(path, page(solution, inputs, table, pins, source))


def page(
    solution: Solution, inputs: RoundInputs, table: ScoreTable, pins: tuple[Pin, ...] = (), source: str = ""
) -> str:
    """The page as HTML. Wishes and vetoes never enter; it loads nothing from anywhere, and its policy says so.

    `source`: the name of the people's file.
    """
    sides = {role: [p for p in inputs.people if p.role == role] for role in ("mentor", "mentee")}
    served = {
        "mentor": len({pair.mentor for pair in solution.pairs}),
        "mentee": len({pair.mentee for pair in solution.pairs}),
    }
    # A limit that nobody set is as many places as there are people.
    places = inputs.places if inputs.places < len(inputs.people) else None
    return rendered(
        PACKAGE,
        word=words,
        number=number,
        label=lambda topic: label(topic, inputs.labels),
        solution=solution,
        people={role: len(side) for role, side in sides.items()},
        served=served,
        order=order_of_best(inputs),
        rules=rules_in_force(inputs.rules, places),
        places=places,
        source=source,
        changed=counts([pair.ids for pair in solution.pairs], inputs.previous) if inputs.previous else None,
        rows=rows(solution.pairs, inputs, pins),
        departments=sorted({person.profile.department for person in inputs.people}),
        pinned=any(pair.pinned for pair in solution.pairs),
        left=left(inputs, solution),
        heat=heat(table, solution.pairs),
        different_department=inputs.rules.different_department,
        levels=range(1, LEVELS + 1),
        topics=gaps(inputs, table),
        topics_first=TOPICS_FIRST,
        topics_solved=MOST_TOPICS,
    )
