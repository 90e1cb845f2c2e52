"""How an item is answered, and which answers are told together. Pure."""

import tomllib
from importlib.resources import files
from typing import NamedTuple

from shared.contracts import evaluation as e
from shared.contracts.base import Text
from shared.runtime.words import Words

words = Words("services.evaluation")
BOUNDS: dict[e.Scale, tuple[int, int]] = {
    "choice": (-1, 1),
    "five": (-2, 2),
    "stars": (0, 5),
    "recommend": (0, 10),
    "agree": (-2, 2),
}
"""Least and highest value of an answer; options have those of their choices."""
THIRDS: dict[e.Scale, tuple[int, ...]] = {
    "choice": (1, 1, 1),
    "five": (2, 1, 2),
    "agree": (2, 1, 2),
    "stars": (2, 2, 2),
    "recommend": (7, 2, 2),
}
"""How many values in order make one of three classes."""


def package_file(name: str) -> str:
    """The text of one of this package's files."""
    return files("services.evaluation.questionnaires").joinpath(name).read_text(encoding="utf-8")


AGREE = tuple(
    e.Choice(value=value, code=entry["code"], text=Text(de=entry["de"], en=entry["en"]))
    for value, entry in enumerate(tomllib.loads(package_file("scales.toml"))["agree"], start=BOUNDS["agree"][0])
)
"""What people choose from where they say how far they agree."""


class Class(NamedTuple):
    """Answers that are told together: a stable code, the words, and the values."""

    code: str
    text: Text
    values: tuple[int, ...]


def possible(item: e.Item) -> tuple[int, ...]:
    """Every value that answers an item, in order."""
    return tuple(choice.value for choice in item.choices) or tuple(range(item.low, item.high + 1))


def classes(item: e.Item, *, three: bool) -> tuple[Class, ...]:
    """The classes of an item's answers in order: three, as groups of few people need it, or one a value."""
    values = possible(item)
    sizes = _thirds(item, len(values)) if three else (1,) * len(values)
    found, start = [], 0
    for size in sizes:
        found.append(_class(item, values[start : start + size]))
        start += size
    return tuple(found)


def _thirds(item: e.Item, count: int) -> tuple[int, ...]:
    """How many values each class has; of options the outer classes are equally large."""
    if item.scale in THIRDS:
        return THIRDS[item.scale]
    outer = max(1, count // 3 + (count % 3 == 2))
    return (outer, count - 2 * outer, outer) if count > 2 else (1,) * count


def _class(item: e.Item, values: tuple[int, ...]) -> Class:
    """Of two choices the milder one gives the code, as of `a bit too long` and `much too long`."""
    low, high = values[0], values[-1]
    chosen = [choice for choice in item.choices if choice.value in values]
    if not chosen:
        code = f"{low}" if low == high else f"{low}-{high}"
        unit = "stars" if item.scale == "stars" else "points"
        text = words(f"class-{unit}-one", low=low) if low == high else words(f"class-{unit}", low=low, high=high)
        return Class(code, text, values)
    if item.scale == "options":
        code = chosen[0].code if len(chosen) == 1 else f"{chosen[0].code}-{chosen[-1].code}"
    else:
        code = min(chosen, key=lambda choice: abs(choice.value)).code
    text = chosen[0].text
    for choice in chosen[1:]:
        text = words("class-either", one=text, other=choice.text)
    return Class(code, text, values)
