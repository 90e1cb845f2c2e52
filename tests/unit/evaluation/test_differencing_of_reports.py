"""Whatever is added and subtracted of everything that a programme publishes, no one to four people are left."""

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pytest
from pydantic import BaseModel

from services.evaluation.jobs import Made
from services.evaluation.questionnaires import newest
from services.evaluation.reporting import make as making
from services.evaluation.reporting.inputs import Asked, Earlier, Given, ReportInputs
from services.evaluation.reporting.make import make
from services.evaluation.reports import published
from shared.contracts import evaluation as e
from shared.contracts.base import Text
from shared.contracts.parts import Side, Term
from tests.unit.evaluation.differencing import singled_out
from tests.unit.evaluation.made_up_answers import TERM, asked, inputs, tandems
from tests.unit.evaluation.probing import Probed, probed
from tests.unit.evaluation.switched_off import COMPLEMENTARY, SUPPRESSION, Exact, Unsuppressed, all_alone

ITEMS = {
    "baseline": ("tools",),
    "final": ("cadence", "trust", "tools"),
    "mid-term": ("cadence", "trust"),
    "pulse": ("rating",),
    "rooms": ("mood",),
}
"""What is asked: what decides and what does not, what is asked twice, and something of the office's own."""
OWN = newest("pulse").items[0].model_copy(update={"id": "mood"})
LATER = Term(starts=TERM.starts + dt.timedelta(days=400), ends=TERM.ends + dt.timedelta(days=400))


@dataclass(frozen=True)
class Pattern:
    """Who answers what, and how many reports have been said when they do."""

    sides: Mapping[str, Side]
    came: Mapping[tuple[str, str], int]
    """Of somebody and a questionnaire; who is not in it did not answer."""

    @property
    def answers(self) -> list[str]:
        """Every answer that was given: who, to which questionnaire and item."""
        return sorted(f"{who}|{name}|{item}" for who, name in self.came for item in ITEMS[name])


def pattern(seed: int, tandems: int, response: float) -> Pattern:
    """A programme whose people answer each questionnaire with this probability, at any time of three reports."""
    chance = random.Random(seed)
    sides: dict[str, Side] = {f"{side} {n}": side for n in range(tandems) for side in ("mentor", "mentee")}
    came = {
        # Before the tandems begin no report is made; of the other waves people are asked at different times.
        (who, name): 0 if name == "baseline" else chance.randrange(3)
        for who in sides
        for name in ITEMS
        if chance.random() < response
    }
    return Pattern(sides, came)


def publications(pattern: Pattern, values: Mapping[str, int]) -> list[BaseModel]:
    """Three reports of a programme, the last one final, and the report of a later programme that compares itself."""
    reports: list[e.ReportPublished] = []
    released = inputs().released
    for number in range(3):
        final = number == 2
        of_now = {
            name: questionnaire(name, pattern, values, number)
            for name in ITEMS
            if final or name not in ("pulse", "final")
        }
        found = inputs(final=final, reports=number, released=released).model_copy(update={"asked": of_now})
        made = report_of(found)
        released = made.released
        reports.append(published(made, number + 1, final=final))
    earlier = Earlier(title=Text(de="Pilot", en="Pilot"), term=TERM, said=reports[-1])
    later = inputs(tandems(7, cadence=1)).model_copy(
        update={"programme_id": "later", "term": LATER, "earlier": (earlier,)}
    )
    return [*reports, published(report_of(later), 1, final=True)]


def report_of(found: ReportInputs) -> Made:
    return _made(found.model_dump_json(), *(vars(making)[name] for name in ("Rule", "release_all")))


@cache
def _made(found: str, *_: object) -> Made:
    """A report of what one answer does not change is made once."""
    pieces = make(ReportInputs.model_validate_json(found))
    assert isinstance(pieces, tuple)
    [made] = pieces
    return made


def questionnaire(name: str, pattern: Pattern, values: Mapping[str, int], number: int) -> Asked:
    """What had been answered to a questionnaire by a report."""
    came = {who: at for (who, own), at in pattern.came.items() if own == name and at <= number}
    given = tuple(
        Given(
            who,
            f"tandem {who.split()[1]}",
            pattern.sides[who],
            {item: values[f"{who}|{name}|{item}"] for item in ITEMS[name]},
            at,
        )
        for who, at in sorted(came.items())
    )
    people = {side: sum(own == side for own in pattern.sides.values()) for side in ("mentor", "mentee")}
    if name == "rooms":
        title = Text(de="Räume", en="Rooms")
        return Asked(version=1, items=(OWN,), answers=given, people=people, title=title)
    own_items = tuple(item for item in newest(name).items if item.id in ITEMS[name])
    return asked(name, given).model_copy(update={"items": own_items, "people": people})


def published_of(pattern: Pattern) -> Probed:
    return probed(lambda values: publications(pattern, values), pattern.answers, 0, 2)


NOT_OF_ANSWERS = (
    ".weeks",
    ".topics",
    ".signs",
    ".goals",
    ".rollout",
    ".responses",
    ".criteria",
    ".tandems",
    ".meetings",
)
"""What is counted of tandems and meetings, and how many were asked and answered."""


def long(*values: object) -> object:
    return pytest.param(*values, marks=pytest.mark.long)


@pytest.mark.proves("S13")
@pytest.mark.parametrize(
    ("tandems", "response", "seed"),
    [
        *((7, response, 1) for response in (0.5, 0.6, 0.7)),
        long(30, 0.6, 1),
        *(long(tandems, response, seed) for tandems in (7, 12) for response in (0.5, 0.6, 0.7) for seed in range(2, 9)),
    ],
)
def test_everything_that_is_published_together_leaves_no_few_people(
    tandems: int, response: float, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "Rule", Exact)
    found = published_of(pattern(seed, tandems, response))
    assert found.counts, "something is told"
    assert singled_out(list(found.counts), 5) is None
    assert {path: answers for path, answers in found.moved.items() if len(answers) < 5} == {}
    assert not [path for path in found.moved if any(part in path for part in NOT_OF_ANSWERS)]


@pytest.mark.proves("S13")
@pytest.mark.parametrize(
    ("part", "response"), [(SUPPRESSION, 0.6), *((COMPLEMENTARY, response) for response in (0.5, 0.6, 0.7))]
)
def test_without_suppression_or_its_complementary_part_a_few_are_left(
    part: str, response: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "Rule", Unsuppressed if part == SUPPRESSION else Exact)
    if part == COMPLEMENTARY:
        monkeypatch.setattr(making, "release_all", all_alone)
    patterns = (pattern(seed, 7, response) for seed in range(1, 5))
    assert any(singled_out(list(published_of(each).counts), 5) for each in patterns)
