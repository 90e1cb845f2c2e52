"""All data sets of small programmes, sorted by the report as it is published: nobody but insiders' own is found out.

That nothing else shows what people answered is the matter of `test_complete_output.py`; so a data set's complete output
is its reports. Where a programme is lived through (`test_all_that_shows…`), it is really everything.
"""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Literal

import pytest

from services.evaluation.questionnaires import newest
from services.evaluation.reporting.inputs import Asked, Given
from services.evaluation.reporting.make import make
from services.evaluation.reports import published
from shared.contracts.parts import Side
from tests.unit.evaluation.attack import Alike, Found, World, exposed_alike
from tests.unit.evaluation.made_up_answers import asked, given, inputs
from tests.unit.evaluation.people import everybody
from tests.unit.evaluation.switched_off import COMPLEMENTARY, NOTHING_OFF, SUPPRESSION, without
from tests.unit.evaluation.whole_output import Programme, Send

ONE = tuple((value,) for value in (-1, 0, 1))
TWO = tuple(product((-1, 0, 1), repeat=2))
"""An answer at the end and one before."""
TANDEMS = 5
SIDES: Mapping[str, Side] = {"mentors": "mentor", "mentees": "mentee", "later mentors": "mentor"}
DECIDES, TELLS_SIDES, ASKED_TWICE = "cadence", "trust", "tools"


def answered(alike: Sequence[Alike], world: World, item: str, place: int = 0) -> list[Given]:
    """The answers of a data set, or those that came before."""
    found = []
    for group, counts in zip(alike, world, strict=True):
        kinds = [kind for kind, count in zip(group.kinds, counts, strict=True) for _ in range(count)]
        late = int(group.name.startswith("later"))
        found += [
            given(f"{group.name} {number}", SIDES[group.name], late, **{item: kind[place]})
            for number, kind in enumerate(kinds)
        ]
    return found


def only(name: str, item: str, answers: Sequence[Given]) -> Asked:
    """A questionnaire of which one item was asked, of all people of the programme."""
    of_side = {side: sum(each.side == side for each in answers) for side in ("mentor", "mentee")}
    silent: dict[Side, int] = {"mentor": TANDEMS - of_side["mentor"], "mentee": TANDEMS - of_side["mentee"]}
    items = tuple(each for each in newest(name).items if each.id == item)
    return asked(name, answers, {side: max(count, 0) for side, count in silent.items()}).model_copy(
        update={"items": items}
    )


def reports(alike: Sequence[Alike], world: World, item: str, insiders: int) -> str:
    """Everything that a programme's reports tell: of whom had come by the first, and then of all."""
    found, told = [], inputs().released
    everything = answered(alike, world, item)
    for number in range(1 + max(each.reports for each in everything)):
        questionnaires = {"final": only("final", item, [each for each in everything if each.reports <= number])}
        if len(alike[0].kinds[0]) > 1:
            questionnaires["baseline"] = only("baseline", item, answered(alike, world, item, 1))
        given_to_it = inputs(insiders=insiders, reports=number, released=told, questionnaires=questionnaires)
        pieces = make(given_to_it)
        assert isinstance(pieces, tuple)
        [made] = pieces
        told = made.released
        found.append(published(made, number + 1, final=True).model_dump_json())
    return "\n".join(found)


def found_out(sizes: Mapping[str, int], item: str, insiders: int) -> Found:
    outputs = set()

    def publishes(world: World) -> str:
        outputs.add(found := reports(alike, world, item, insiders))
        return found

    kinds = TWO if item == ASKED_TWICE else ONE
    alike = [Alike(name, size, kinds) for name, size in sizes.items()]
    attributes = [lambda kind: kind[0] + 1]
    if kinds is TWO:
        attributes += [lambda kind: kind[1] + 1, lambda kind: 1 + (kind[0] > kind[1]) - (kind[0] < kind[1])]
    found = exposed_alike(publishes, alike, attributes, insiders)
    assert len(outputs) > 1, "something is told"
    return found


def long(*values: object) -> object:
    return pytest.param(*values, marks=pytest.mark.long)


@pytest.mark.proves("S13")
@pytest.mark.parametrize("insiders", [1, 2])
@pytest.mark.parametrize(
    ("sizes", "item"),
    [
        ({"mentors": 6}, TELLS_SIDES),
        ({"mentors": 4, "mentees": 2}, DECIDES),
        ({"mentors": 6, "mentees": 1}, TELLS_SIDES),
        long({"mentors": 7, "mentees": 3}, TELLS_SIDES),
        ({"mentors": 10}, TELLS_SIDES),
        long({"mentors": 6, "mentees": 4}, DECIDES),
        long({"mentors": 6, "mentees": 6}, TELLS_SIDES),
        long({"mentors": 6, "later mentors": 1}, TELLS_SIDES),
        long({"mentors": 6, "later mentors": 6}, TELLS_SIDES),
        long({"mentors": 6}, ASKED_TWICE),
        *(long({"mentors": people}, TELLS_SIDES) for people in (7, 8, 9)),
    ],
)
def test_of_all_data_sets_no_report_tells_anybody_s_answer(sizes: Mapping[str, int], item: str, insiders: int) -> None:
    assert found_out(sizes, item, insiders) is None


@pytest.mark.parametrize(
    ("sizes", "item"),
    [({"mentors": 5}, TELLS_SIDES), ({"mentors": 3, "mentees": 2}, DECIDES), long({"mentors": 5}, ASKED_TWICE)],
)
def test_nor_does_one_of_the_smallest_group_that_is_told_of(sizes: Mapping[str, int], item: str) -> None:
    assert found_out(sizes, item, 1) is None


@pytest.mark.proves("S13")
@pytest.mark.parametrize(
    ("part", "sizes", "item"),
    [
        (SUPPRESSION, {"mentors": 5}, TELLS_SIDES),
        # Of five tandems six people answered, and of six as well: the sides beside all of them tell of the sixth.
        (COMPLEMENTARY, {"mentors": 5, "mentees": 1}, TELLS_SIDES),
        long(COMPLEMENTARY, {"mentors": 5, "later mentors": 1}, TELLS_SIDES),
        long(COMPLEMENTARY, {"mentors": 5}, ASKED_TWICE),
    ],
)
def test_without_suppression_or_its_complementary_part_somebody_s_is_found(
    part: str, sizes: Mapping[str, int], item: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(part, monkeypatch)
    assert found_out(sizes, item, 1) is not None


@pytest.mark.long
@pytest.mark.parametrize(
    ("part", "people", "insiders"),
    [
        *((NOTHING_OFF, people, insiders) for people in (5, 6, 7, 8, 9, 10) for insiders in (1, 2)),
        (SUPPRESSION, 5, 1),
    ],
)
def test_all_that_shows_of_a_programme_tells_nobody_s_answer(
    part: str, people: int, insiders: Literal[1, 2], monkeypatch: pytest.MonkeyPatch
) -> None:
    without(part, monkeypatch)
    alike = [Alike("all", people, ONE)]

    def shown(world: World) -> str:
        values = [kind[0] for kind, count in zip(ONE, world[0], strict=True) for _ in range(count)]
        sent = [Send(name, {DECIDES: value}) for name, value in zip(everybody(TANDEMS), values, strict=False)]
        programme = asyncio.run(Programme(TANDEMS, {"final": sent}, insiders=insiders).run())
        return repr(sorted(programme.seen.items()))

    found = exposed_alike(shown, alike, [lambda kind: kind[0] + 1], insiders)
    assert (found is None) == (part == NOTHING_OFF)
