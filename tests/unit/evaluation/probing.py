"""Of which answers a published value is made, found out from outside: one of them is another, and what changes?

It knows nothing of how reports are made: it reads everything that they say as data, down to each number and text.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

Answers = frozenset[str]
Publish = Callable[[Mapping[str, int]], Sequence[BaseModel]]
"""Everything that is published one after another if the answers are these."""


@dataclass(frozen=True)
class Probed:
    """`counts`: of each different count which answers are counted; `moved`: of each value which answers moved it."""

    counts: frozenset[Answers]
    moved: Mapping[str, Answers]


def probed(publish: Publish, answers: Sequence[str], one: int, other: int) -> Probed:
    """What each count counts, if all answers are one value, and each in turn the other."""
    alike = dict.fromkeys(answers, one)
    first = leaves(publish(alike))
    moved: dict[str, set[str]] = defaultdict(set)
    for answer in answers:
        now = leaves(publish({**alike, answer: other}))
        for path in first.keys() | now.keys():
            if first.get(path) != now.get(path):
                moved[path].add(answer)
    found = {path: frozenset(group) for path, group in moved.items()}
    return Probed(frozenset(group for path, group in found.items() if path.endswith(".count")), found)


def leaves(published: Sequence[BaseModel]) -> dict[str, Any]:
    """Every number and text of what was published, by its place."""
    return dict(_leaves([each.model_dump(mode="json") for each in published], ""))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        # What stands in a list is known by its key, wherever it stands.
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            key = inner.get("key", place) if isinstance(inner, dict) else place
            yield from _leaves(inner, f"{path}[{key}]")
    else:
        yield path, value
