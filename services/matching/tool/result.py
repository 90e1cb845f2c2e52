"""What a match of a file says: as JSON for programs, as tables for people."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic_core import to_json
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.matching.people import Pair, RoundInputs, Solution
from services.matching.tool.changes import counts
from services.matching.tool.wanted import Ids, Pin
from services.matching.whatif import WhatIf
from services.matching.whatif_table import what_if_json

SHOWN = 40
"""Pairs, and people without one, that a table shows."""


def as_json(
    solution: Solution,
    inputs: RoundInputs,
    pins: Sequence[Pin],
    seconds: float,
    seconds_of: Mapping[str, float],
    found: WhatIf | None = None,
    previous: Collection[Ids] | None = None,
) -> str:
    """The result as JSON; a later `--previous` reads `pairs`.

    `found`: what if, `previous`: the pairs of before, where they were asked for and given.
    """
    reasons = {pin.ids: pin.reason for pin in pins}
    return to_json(
        {
            "pairs": [_pair(pair, reasons.get(pair.ids), previous) for pair in solution.pairs],
            "unmatched": [each.model_dump() for each in solution.unmatched],
            "tandems": len(solution.pairs),
            "lowest_score": solution.lowest_score,
            "total_score": solution.sum_of_scores,
            # Whoever solved it checked the proof, or raised.
            "optimal": solution.gap == 0,
            "gap": solution.gap,
            **({} if previous is None else {"previous": asdict(counts(_ids(solution), previous))}),
            "seed": inputs.seed,
            "seconds": round(seconds, 3),
            "seconds_of": {stage: round(of, 3) for stage, of in seconds_of.items()},
            **(what_if_json(found) if found else {}),
        }
    ).decode()


def _ids(solution: Solution) -> list[Ids]:
    return [pair.ids for pair in solution.pairs]


def _pair(pair: Pair, pin_reason: str | None, previous: Collection[Ids] | None) -> dict[str, Any]:
    return {
        "mentor": pair.mentor,
        "mentee": pair.mentee,
        "score": pair.score,
        "parts": {part.part: part.points for part in pair.parts},
        "reasons": [reason.model_dump() for reason in pair.reasons],
        "pinned": pair.pinned,
        **({"pin_reason": pin_reason} if pin_reason else {}),
        **({} if previous is None else {"kept": pair.ids in previous}),
    }


def show(
    solution: Solution,
    inputs: RoundInputs,
    seconds: float,
    console: Console,
    previous: Collection[Ids] | None = None,
) -> None:
    """The result for people; of a large round the pairs with the lowest scores, which are worth a look first.

    `previous`: the pairs of before, where they were given.
    """
    pairs = list(solution.pairs)
    title = "Pairs"
    if len(pairs) > SHOWN:
        pairs = sorted(pairs, key=lambda pair: pair.score)[:SHOWN]
        title = f"The {SHOWN} pairs with the lowest scores, of {len(solution.pairs)}; --json has all"
    if pairs:
        table = Table("mentor", "mentee", "score", "why", title=title, title_justify="left")
        for pair in pairs:
            why = escape("\n".join(reason.text.en for reason in pair.reasons))
            mark = " (pinned)" if pair.pinned else ""
            if previous is not None and pair.ids not in previous:
                mark += " (new)"
            table.add_row(escape(pair.mentor), escape(pair.mentee), f"{pair.score}{mark}", why)
        console.print(table)
    for text, ids in _unmatched(solution).items():
        names = ", ".join(ids[:SHOWN]) + (f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else "")
        console.print(f"\n{len(ids)} without a tandem: {text}\n  {names}", highlight=False, markup=False)
    sizes = Counter(person.role for person in inputs.people)
    mentors, mentees = (_counted(sizes[role], role) for role in ("mentor", "mentee"))
    console.print(
        f"\n{mentors}, {mentees}: [bold]{_counted(len(solution.pairs), 'tandem')}[/bold], "
        f"lowest score {_lowest(solution)}, "
        f"sum {solution.sum_of_scores}, {_how_good(solution)}, {seconds:.1f} s",
        highlight=False,
    )

    if previous is not None:
        changed = counts(_ids(solution), previous)
        console.print(
            f"Of the earlier result: {changed.kept} kept, {changed.ended} ended, {changed.new} new", highlight=False
        )


def _lowest(solution: Solution) -> str:
    lowest = "none" if solution.lowest_score is None else str(solution.lowest_score)
    return f"{lowest} (fixed pairs not counted)" if any(pair.pinned for pair in solution.pairs) else lowest


def _how_good(solution: Solution) -> str:
    if not solution.gap:
        return "proven to be the best"
    share = solution.gap / (solution.sum_of_scores + solution.gap)
    return f"at most {solution.gap} ({share:.3%}) below the best: the search was ended by the rules' effort"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _unmatched(solution: Solution) -> dict[str, list[str]]:
    """The people without a tandem, by reason."""
    found: dict[str, list[str]] = {}
    for each in solution.unmatched:
        found.setdefault(each.reason.text.en, []).append(each.id)
    return found
