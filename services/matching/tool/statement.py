"""What a proof has shown, level by level, in words and in figures, and what it rests on."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple, get_args

from pydantic_core import to_json

from services.matching.optimum.proven import Proven
from services.matching.optimum.verify import RefusedError
from services.matching.people import RoundInputs
from shared.contracts.base import Text
from shared.runtime.words import Words

SHOWN = 40
"""Pairs that are named in a line."""

Brought = Literal["places", "pins", "forbidden", "previous"]
"""What a proof brings along."""

_words = Words("services.matching", "proof.toml")


@dataclass(frozen=True, slots=True)
class Statement:
    """A round and what is proven of it."""

    inputs: RoundInputs
    proven: Proven
    compared: frozenset[Brought] = frozenset()
    """What was given beside the proof, and is the same there."""
    begun: bool = False
    """Whether the search began at an earlier proof."""


class Line(NamedTuple):
    """A level in words; `proven` is false of what is only said."""

    level: str
    proven: bool
    text: Text


def lines(statement: Statement) -> Iterator[Line]:
    """The levels in their order."""
    inputs, proven = statement.inputs, statement.proven
    yield Line("tandems", True, _tandems(proven, len(inputs.pins)))
    yield Line("people", True, _words("people", people=proven.people))
    for (since, of), served in zip(_waiting(inputs), proven.waiting, strict=True):
        key = "waiting-all" if served == of else "waiting"
        yield Line("waiting", True, _words(key, since=since, of=of, served=served))
    if proven.kept is None:
        yield Line("changes", False, _words("no-changes"))
    else:
        key = "changes-all" if proven.kept == len(inputs.previous) else "changes"
        yield Line("changes", True, _words(key, kept=proven.kept, open=len(inputs.previous)))
    if not proven.tandems:
        yield Line("lowest_score", False, _words("no-pair"))
    else:
        if proven.lowest is None:
            yield Line("lowest_score", False, _words("no-lowest"))
        else:
            text = _words("lowest", lowest=proven.lowest, above=proven.lowest + 1)
            yield Line("lowest_score", True, text)
        points = proven.scores + proven.wish_points
        key = "sum-ended" if proven.gap else "sum"
        bound = points + proven.gap
        text = _words(key, points=points, scores=proven.scores, wishes=proven.wish_points, gap=proven.gap, bound=bound)
        yield Line("sum", not proven.gap, text)
    yield Line("seed", False, _words("seed-begun" if statement.begun else "seed", seed=inputs.seed))


def _tandems(proven: Proven, pins: int) -> Text:
    fixed = _words("fixed", fixed=pins, tandems=proven.tandems) if pins else ""
    return _words("tandems", all=pins + proven.tandems, fixed=fixed, why=_no_more(proven))


def _no_more(proven: Proven) -> Text:
    """Why there are no more tandems."""
    if (cover := proven.cover) is None:
        return _words("by-places")
    if cover.mentees and cover.seats:
        return _words("by-cover", tandems=proven.tandems, mentees=cover.mentees, seats=cover.seats)
    if cover.mentees:
        return _words("by-mentees", mentees=cover.mentees)
    return _words("by-seats", seats=cover.seats) if cover.seats else _words("by-no-pair")


def _waiting(inputs: RoundInputs) -> list[tuple[object, int]]:
    """Since when people wait, and how many, without those who are fixed or have a tandem."""
    fixed = {id for pin in inputs.pins for id in pin}
    free = (p for p in inputs.people if p.capacity and not p.served and p.id not in fixed)
    return sorted(Counter(p.since for p in free if p.since).items())


def proven_as_text(statement: Statement) -> str:
    """The levels for a terminal, below them what they rest on, and what of a result nothing is said of."""
    inputs = statement.inputs
    said = [line.text.en for line in lines(statement)]
    pairs: dict[Brought, Sequence[tuple[str, str]]]
    pairs = {"pins": inputs.pins, "forbidden": inputs.barred, "previous": inputs.previous}
    # More places than there are people are none that anybody set.
    unlimited = inputs.places >= len(inputs.people) and "places" not in statement.compared
    brought: dict[Brought, Text] = {} if unlimited else {"places": _words("places", places=inputs.places)}
    brought |= {what: _words(what, pairs=_named(named)) for what, named in pairs.items()}
    rests = [
        *([_words("no-limit")] if unlimited else []),
        *(_words("compared" if each in statement.compared else "not-compared", what=brought[each]) for each in brought),
    ]
    advice = [] if statement.compared.issuperset(brought) else [_words("compare").en]
    return "\n".join(
        [*said, "", _words("rests").en, *(f"  {text.en}" for text in rests), *advice, "", _words("not-checked").en]
    )


def _named(pairs: Sequence[tuple[str, str]]) -> Text:
    if not pairs:
        return _words("none")
    named = ", ".join(":".join(pair) for pair in pairs[:SHOWN])
    more = len(pairs) - SHOWN
    return _words("more", pairs=named, count=more) if more > 0 else Text(de=named, en=named)


def proven_as_json(statement: Statement) -> str:
    """The levels with their figures, and all that they rest on."""
    inputs = statement.inputs
    return to_json(
        {
            "proven": statement.proven.gap == 0,
            "levels": [{"level": line.level, "proven": line.proven, "text": line.text} for line in lines(statement)],
            "figures": asdict(statement.proven),
            "not_checked": _words("not-checked"),
            "rests_on": {
                "seed": inputs.seed,
                "places": inputs.places,
                "rules": inputs.rules,
                "pins": inputs.pins,
                "forbidden": inputs.barred,
                "previous": inputs.previous,
            },
            "compared": {each: each in statement.compared for each in get_args(Brought)},
        }
    ).decode()


def refused_as_json(refused: RefusedError) -> str:
    """Why nothing is proven."""
    return to_json({"proven": False, "level": refused.level, "why": refused.why}).decode()
