"""A report with as many own items as are taken, in as long words, is one message that the broker takes."""

import random
import re
from collections.abc import Iterator

import pytest

from services.evaluation.counting.model import Counted
from services.evaluation.model import Questionnaire
from services.evaluation.own_room import ROOM
from services.evaluation.questionnaires import newest, possible
from services.evaluation.reporting.inputs import Asked, Given, ReportInputs
from services.evaluation.reporting.make import make
from services.evaluation.reports import published
from services.evaluation.service import service
from shared.contracts import evaluation as e
from shared.contracts.base import Text
from shared.contracts.parts import Side
from shared.runtime.batch import MAX_MESSAGE
from tests.support.interrupted import Interrupted
from tests.support.reference import Scenario
from tests.unit.evaluation.made_up_answers import TERM, inputs
from tests.unit.evaluation.people import DAY, PROGRAMME, STARTS
from tests.unit.evaluation.test_own_questionnaires import MOOD, OPENS, adding, in_tandems
from tests.unit.runtime.engine_in_memory import Replica

SIDES: tuple[Side, ...] = ("mentor", "mentee")
ENVELOPE = 2_000
"""Bytes around the report's data, more than they are."""
MANY = 24
"""People of each side: enough for the whole scale."""


def words(count: int) -> Text:
    """Words as long as they may be, each letter of two bytes as umlauts are."""
    return Text(de="ä" * count, en="ö" * count)


def longest(number: int) -> e.OwnItem:
    """An item that needs as much room as one can, or one with stars, which has a share beside."""
    if number % 4 == 0:
        return e.OwnItem(
            id=f"stars-{number}", scale="stars", text=words(300), source="adapted, unvalidated: " + "ü" * 270
        )
    choices = tuple(e.OwnChoice(code=f"{place}{'c' * 39}", text=words(120), value=100 + place) for place in range(10))
    return e.OwnItem(id=f"item-{number}", scale="options", text=words(300), choices=choices)


def filled() -> Scenario:
    """As many own items as are taken."""
    scenario = in_tandems(2)
    for number in range(ROOM):
        scenario.when(adding(longest(number), questionnaire=f"own-{number}", title=words(80)))
        if not any(isinstance(message, e.QuestionnairePublished) for message in scenario.told):
            return scenario
    raise AssertionError("there is no end to it")


def given(number: int, side: Side, items: tuple[e.Item, ...], chance: random.Random) -> Given:
    answers = {item.id: chance.choice(possible(item)) for item in items}
    return Given(person=f"{side} {number}", cluster=f"tandem {number}", side=side, answers=answers)


def all_asked(scenario: Scenario) -> Iterator[tuple[str, Asked]]:
    """Every questionnaire, the software's and the own ones, answered by everybody."""
    chance = random.Random(5)
    own = [each for each in scenario.reference.state.values() if isinstance(each, Questionnaire) and each.own]
    known = [(name, newest(name).items, None) for name in ("baseline", "pulse", "mid-term", "parting", "final")]
    for name, items, title in [*known, *((each.name, each.items, each.title) for each in own)]:
        answers = tuple(given(number, side, items, chance) for number in range(MANY) for side in SIDES)
        yield name, Asked(version=1, items=items, answers=answers, people=dict.fromkeys(SIDES, MANY), title=title)


def large(scenario: Scenario) -> ReportInputs:
    """A long programme of a city with all that a report may tell."""
    topics = [f"topic-{'t' * 30}-{number}" for number in range(300)]
    meetings = tuple(
        Counted(
            id=f"{t}-{n}", tandem=f"{t}", monday=TERM.starts + n * 7 * DAY, status="held", topics=(topics[10 * n + t],)
        )
        for t in range(10)
        for n in range(30)
    )
    return inputs(questionnaires=dict(all_asked(scenario))).model_copy(
        update={
            "meetings": tuple(each.meeting for each in meetings),
            "labels": dict.fromkeys(topics, words(80)),
        }
    )


def test_a_report_full_of_own_items_in_long_words_is_a_message_that_the_broker_takes() -> None:
    scenario = filled()
    pieces = make(large(scenario))
    assert isinstance(pieces, tuple)
    [made] = pieces
    report = published(made, 1, final=True)
    assert report.contents is not None
    own = [each for each in report.contents.distributions if each.questionnaire.startswith("own-")]
    assert all(len(each.classes) > 3 for each in own), "all of it is told on the whole scale"
    size = len(report.model_dump_json(exclude_none=True).encode())
    assert ROOM / 2 < size < MAX_MESSAGE - ENVELOPE
    items = sum(len(each.model_dump_json(exclude_none=True).encode()) for each in own)
    assert items < ROOM, "the room that is reckoned with is never less than what they need"
    assert size - items < MAX_MESSAGE - ENVELOPE - ROOM, "all else has its room"


@pytest.mark.proves("S13")
def test_items_that_would_make_the_report_too_large_are_refused_with_what_to_change() -> None:
    refused = filled().then_refused("report_too_large").one(e.CommandRejected)
    assert [reason.field for reason in refused.reasons] == ["items"]
    needed = int(re.search(r"need (\d+) %", refused.reasons[0].message.en)[1])  # type: ignore[index]
    assert 100 < needed < 120


def test_the_next_version_takes_room_only_for_what_is_new() -> None:
    scenario = in_tandems(2).given(adding(MOOD))
    first = _room(scenario)
    scenario.given(adding(MOOD, version=2, opens=OPENS + 20 * DAY))
    assert _room(scenario) == first
    scenario.given(adding(MOOD.model_copy(update={"id": "another"}), version=3, opens=OPENS + 40 * DAY))
    assert first["rooms"] < _room(scenario)["rooms"] < 2 * first["rooms"]


def _room(scenario: Scenario) -> dict[str, int]:
    return scenario.reference.state["programme/pilot"].own_room  # type: ignore[attr-defined, no-any-return]


async def test_of_two_that_are_added_at_once_the_second_finds_the_room_that_the_first_one_took() -> None:
    one = Replica(service)
    other = one.beside()
    await one.play(STARTS, PROGRAMME)

    async def happens() -> None:
        other.send(adding(MOOD, questionnaire="first"), user="office")
        await other.engine.intake()

    store = Interrupted(one.database, "programme", happens)
    one.engine.store = store
    await one.play(adding(MOOD, questionnaire="second"))
    assert store.happens is None, "the race did not happen"
    assert one.seen["conflict", "again"] == 1
    assert set(one.aggregates()["programme/pilot"]["own_room"]) == {"first", "second"}
