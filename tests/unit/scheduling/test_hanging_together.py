"""Which tandems are planned together: the same of a file and of the store, whichever of them it is asked for."""

import json
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.model import Diary, Pair
from services.scheduling.optimum.hanging import HangingTogether
from services.scheduling.planning.beside import MOST, beside
from services.scheduling.tool.planned import _groups
from services.scheduling.tool.reading import tandems_of
from shared.runtime.aggregate import Aggregate
from tests.support.reference import _now, _Reader
from tests.unit.scheduling.people import FORMED

A = TypeVar("A", bound=Aggregate)
Tandems = Sequence[tuple[str, str]]
TANDEMS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("ABCDEFGH")), unique=True, max_size=12)


def reached(tandems: Tandems, number: int) -> set[int]:
    """All to which one leads, found by asking each tandem again and again."""
    found, before = {number}, 0
    while len(found) > before:
        before, people = len(found), {who for each in found for who in tandems[each]}
        found |= {each for each, two in enumerate(tandems) if people & set(two)}
    return found


def of_a_file(tandems: Tandems) -> list[list[int]]:
    working = [{"weekday": 0, "start": 540, "end": 960}]
    entries = [
        {"mentor": {"id": mentor, "working_times": working}, "mentee": {"id": mentee, "working_times": working}}
        for mentor, mentee in tandems
    ]
    return [list(group) for group in _groups(tandems_of(json.dumps(entries).encode(), "x"))]


class Counted(_Reader):
    """A store that counts what is read."""

    read = 0

    async def get(self, kind: type[A], id: str) -> A | None:
        self.read += 1
        return await super().get(kind, id)


def of_the_store(tandems: Tandems) -> tuple[list[Pair], Counted]:
    pairs = [
        Pair(
            id=f"t{n}",
            programme="pilot",
            mentor=mentor,
            mentee=mentee,
            formed_on=FORMED,
            ends_on=FORMED,
            status="running",
        )
        for n, (mentor, mentee) in enumerate(tandems)
    ]
    diaries = [
        Diary(id=who, programme="pilot", tandems=tuple(pair.id for pair in pairs if who in pair.people))
        for who in sorted({who for two in tandems for who in two})
    ]
    known: list[Aggregate] = [*pairs, *diaries]
    return pairs, Counted({each.subject: each for each in known}, FORMED)


@given(TANDEMS)
@settings(max_examples=150, deadline=None)
def test_a_file_and_the_store_have_the_same_tandems_hang_together(tandems: Tandems) -> None:
    groups = of_a_file(tandems)
    assert sorted(number for group in groups for number in group) == list(range(len(tandems)))
    pairs, reader = of_the_store(tandems)
    for group in groups:
        assert all(reached(tandems, number) == set(group) for number in group)
        together = {pairs[number].id for number in group}
        for number in group:
            mine = pairs[number]
            found = _now(beside(mine, reader))
            assert set(found) == (together - {mine.id} if len(group) <= MOST else set())


def test_everybody_is_asked_for_once() -> None:
    group = HangingTogether(1, ("a", "b"))
    asked = []
    while (who := group.ask()) is not None:
        asked.append(who)
        group.add(2, ("b", "c"))
        group.add(1, ("a", "b"))
    assert (sorted(asked), group.found) == (["a", "b", "c"], {1, 2})


def test_of_very_many_that_hang_together_only_the_first_are_read() -> None:
    pairs, reader = of_the_store([(f"p{n}", f"p{n + 1}") for n in range(500)])
    assert _now(beside(pairs[0], reader)) == ()
    assert reader.read < 5 * MOST
