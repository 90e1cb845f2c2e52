"""The tandems of a file of people as `tandem plan` takes them: who, and when each of the two works."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from pydantic_core import to_json

from services.matching.assignment import assign, explain
from services.matching.optimum.compiled import when_compiling
from services.matching.people import Person, RoundInputs
from services.matching.table import score_table
from services.matching.tool.round import COMPILES, SEED, listed_of, nothing_collected
from services.matching.tool.rules import matching_part
from shared.contracts.parts import Rules


def tandems_of(
    path: Path, content: bytes, rules: Rules, rules_name: str, today: dt.date, note: Callable[[str], None]
) -> tuple[bytes, tuple[str, ...]]:
    """Match the people of a file as `tandem match` does without options but the rules.

    Returns the JSON of the tandems, in the format of docs/plan-a-file.md, and the ids of who has none. Raises
    WrongUseError. `today`: until when somebody can have waited; `note` is given a line that stays.
    """
    listed = listed_of(path, content, today)
    inputs = RoundInputs(
        people=listed.people, rules=matching_part(rules, rules_name), places=len(listed.people), seed=SEED
    )
    with nothing_collected(), when_compiling(lambda: note(COMPILES)):
        table = score_table(inputs)
        solution = explain(inputs, table, assign(inputs, table))
    people = {person.id: person for person in listed.people}
    pairs = [{"mentor": _who(people[p.mentor]), "mentee": _who(people[p.mentee])} for p in solution.pairs]
    return to_json(pairs), tuple(each.id for each in solution.unmatched)


def _who(person: Person) -> dict[str, object]:
    return {"id": person.id, "working_times": person.profile.working_times}
