"""The demo's input is checked before anything starts, what it writes is its owner's alone, and it counts at rest."""

import asyncio
import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.questionnaires import NEWEST, answer_reasons, newest
from shared.cli.client import Client, ClientError
from shared.cli.demo import summary
from shared.cli.demo.driver import Pilot, World
from shared.cli.demo.story import DEFAULT, Story, StoryError, read_story
from shared.cli.demo.tap import Passed, Tap
from shared.contracts import evaluation as e
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from shared.local.system import ROOT
from shared.runtime import asyncapi, discovery
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.envelope import Envelope

SMALL = (ROOT / "tests" / "e2e" / "small.toml").read_text(encoding="utf-8")
CONTRACTS = asyncapi.contracts(discovery.load_all())


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (changed('week = "short"', 'week = "long"'), "mentor-1 has the week 'long'"),
        (changed('key = "mentor-2"', 'key = "mentor-1"'), "'mentor-1' stands twice"),
        (changed("silent = []", 'silent = ["nobody"]'), "silent speaks of 'nobody'"),
        (changed("absent = []", 'absent = ["nobody"]'), "kick_off.absent speaks of 'nobody'"),
        (SMALL + '[[faulty]]\nlike = "nobody"\nkey = "x"\n', "faulty speaks of 'nobody'"),
        (SMALL + '[[kick_off.profiles]]\nwho = "nobody"\n', "kick_off.profiles speaks of 'nobody'"),
        (SMALL + '[[meetings]]\nwho = "nobody"\nnumber = 1\nwhat = "cancel"\n', "meetings speaks of 'nobody'"),
        (SMALL + '[[happenings]]\nwhat = "withdraw"\non = 2030-03-05\n', "happenings speaks of ''"),
        (SMALL + '[[happenings]]\nwhat = "start-round"\non = 2020-03-05\n', "2020-03-05"),
        (SMALL + '[[happenings]]\nwhat = "change-places"\non = 2030-03-05\n', "needs places"),
        (changed("strengths = { chats = 5 }", "strengths = { telepathy = 5 }"), "mentor-1 names the topic 'telepathy'"),
        (SMALL + '[[kick_off.profiles]]\nwho = "mentor-1"\nconcerns = { telepathy = 1 }\n', "'telepathy'"),
        (changed("1-5 09:00-14:00", "Monday morning"), "weeks.short.0"),
        (changed("1-5 09:00-14:00", "1-5 14:00-09:00"), "end must be after start"),
        (changed("strengths = { chats = 5 }", "strengths = { chats = 6 }"), "people.0.strengths.chats"),
        (changed('id = "chats"', 'id = "no topic id"'), "topics.0.id"),
        (changed("length = [0]", "length = []"), "answers.final.length"),
        (changed('unit = ["A-1"]', "unit = []"), "people.0.unit"),
        (changed("grade = 8", "grade = 80"), "mentor-1: grade"),
    ],
)
def test_a_story_that_contradicts_itself_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "story.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StoryError) as refused:
        read_story(file)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_stories_of_this_project_are_whole_also_a_year_later() -> None:
    for path in (DEFAULT, ROOT / "tests" / "e2e" / "small.toml"):
        story = read_story(path)
        assert isinstance(story.later(52, "-2"), Story)


@pytest.mark.proves("P13")
def test_everybody_in_the_pilot_answers_each_questionnaire_in_its_newest_version_and_the_sides_differ() -> None:
    story = read_story(DEFAULT)
    pilot = Pilot(story, Client({}), World(), ())
    told: dict[str, dict[str, list[Any]]] = {name: {"mentor": [], "mentee": []} for name in NEWEST}
    for person in story.people:
        for name in NEWEST:
            values = pilot._values(name, person.key)
            assert set(values) == {item.id for item in newest(name).items}, "whoever answers leaves nothing out"
            assert answer_reasons(newest(name).items, values) == []
            told[name][person.role].append(values)
    assert all(sides["mentor"] != sides["mentee"] for sides in told.values())
    assert len({str(values) for values in told["final"]["mentee"]}) > 5, "they do not all think the same"
    small = Pilot(read_story(ROOT / "tests" / "e2e" / "small.toml"), Client({}), World(), ())
    assert answer_reasons(newest("final").items, small._values("final", "mentor-1")) == []


# What is written


def passed(contract: type[Contract], id: str = "1", exchange: str = COMMANDS, **data: Any) -> Passed:
    envelope = {"specversion": "1.0", "id": id, "source": "/x", "type": f"tandem.{contract.name}", "data": data}
    return Passed(exchange, contract.name, json.dumps(envelope).encode(), id)


HEAD = {"id", "type", "key"}
WHOLE = {"specversion", "id", "source", "type", "data"}


@pytest.mark.parametrize(
    ("message", "keys"),
    [
        (passed(r.RegisterMentor, programme_id="mine", display_name="N"), WHOLE),
        (passed(r.RegisterMentor, programme_id="other", display_name="N"), None),
        (passed(r.ParticipantRegistered, exchange=EVENTS, programme_id="other"), None),
        (passed(r.ContactRecorded, exchange=EVENTS, programme_id="mine", mail="n@example.org"), HEAD),
        (passed(e.SubmitAnswers, "sent", answers={"rating": 1}), HEAD),
        (passed(m.NameWishes, "sent", vetoes=["x"]), HEAD),
        (passed(r.ChangeProfile, "sent", profile={}), WHOLE),
        (passed(r.ChangeProfile, "somebody's", profile={}), HEAD),
        (passed(s.DayStarted, exchange=EVENTS, date="2030-01-01"), WHOLE),
        (Passed(COMMANDS, "what.ever.v1", b"not JSON: secret", "1"), HEAD),
        (Passed(EVENTS, r.TopicListed.name, b'"secret"', "1"), HEAD),
    ],
)
def test_a_message_is_written_whole_only_when_it_is_ours_and_private_to_nobody(
    message: Passed, keys: set[str] | None
) -> None:
    line = summary.line(message, "mine", {"sent"}, CONTRACTS.get(message.key))
    assert (None if line is None else set(json.loads(line))) == keys


async def nothing(folder: Path, tap: Tap) -> None:
    world = World()
    pilot = Pilot(read_story(DEFAULT), Client({}), world, ())
    summary.write(folder, pilot, {}, tap, {})


async def test_what_is_written_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    await nothing(tmp_path / "new" / "out", Tap("", "", {}, "", passed=[passed(s.DayStarted, exchange=EVENTS)]))
    out = tmp_path / "new" / "out"
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()}
    assert set(modes) == {"messages.jsonl", "states.json", "report.json", "figures.json", "people.json"}
    assert set(modes.values()) == {0o600}


# What a round's solution may take


class Waiting(Client):
    """Events that come only while the wait with a number goes on; each wait with its limit."""

    def __init__(self, events: dict[int, Envelope], world: World) -> None:
        super().__init__({}, heard=world.hear)
        self.events = events
        self.limits: list[float] = []

    async def until(self, condition: Callable[[], bool], limit: float, what: str) -> None:
        self.limits.append(limit)
        if (event := self.events.get(len(self.limits))) is not None:
            self.heard(event)
        if not condition():
            raise ClientError(f"{what} did not come within {limit:g} seconds")


def a_round(status: str, sequence: int, programme: str) -> Envelope:
    data = {"round_id": "r", "programme_id": programme, "status": status, "wish_by": None}
    kind = f"tandem.{m.RoundSolved.name}"
    return Envelope(id=status, source="/x", type=kind, subject="round/r", sequence=sequence, data=data)


async def waits(*events: tuple[int, str]) -> tuple[list[float], list[str], str]:
    """The limits of the waits for a round's solution, what was told, and the error."""
    story, world = read_story(DEFAULT), World()
    comes = {at: a_round(status, at, story.programme.id) for at, status in events}
    client, told = Waiting(comes, world), list[str]()
    pilot = Pilot(story, client, world, (), told=lambda date, text: told.append(text))
    try:
        await pilot._solution(story.dates.opens)
    except ClientError as error:
        return client.limits, told, str(error)
    return client.limits, told, ""


async def test_a_round_that_is_solved_at_once_is_waited_for_without_a_word() -> None:
    assert await waits((1, "proposed")) == ([20], [], "")


async def test_a_round_that_is_being_solved_is_waited_for_while_the_solver_is_compiled_and_that_is_said_once() -> None:
    limits, told, error = await waits((1, "solving"), (3, "proposed"))
    assert (limits, error) == ([20, 40, 180], "")
    assert len(told) == 1
    assert "the solver is being compiled, once" in told[0]


async def test_a_solution_that_does_not_come_is_an_error_that_says_what_to_do() -> None:
    limits, _, error = await waits((1, "solving"))
    assert sum(limits) == 240
    assert "within 240 seconds; compile the solver first with `" in error
    limits, told, error = await waits()
    assert (sum(limits), told) == (60, []), "nothing is being solved"
    assert "within 60 seconds" in error


# What is lost


@dataclass
class Scripted(Tap):
    """A tap whose services and broker answer one look after another; the last answer stays."""

    looks: Iterator[tuple[int, int, int]] = field(default_factory=lambda: iter(()))
    asked: int = 0
    _look: tuple[int, int, int] = (0, 0, 0)

    async def _measured(self) -> dict[str, int]:
        self.asked += 1
        self._look = next(self.looks, self._look)
        return {"outbox": self._look[0]}

    async def _managed(self, what: str) -> list[dict[str, Any]]:
        return [{"name": "matching.events", "messages": self._look[1]}, {"name": "matching.quarantine", "messages": 9}]

    async def _missing(self) -> int:
        return self._look[2]


def scripted(*looks: tuple[int, int, int]) -> Scripted:
    """Each look: the outboxes, the intakes, and what is missing."""
    return Scripted("", "", {"matching": ""}, "", looks=iter(looks))


async def test_nothing_is_counted_before_outboxes_and_intakes_are_empty() -> None:
    tap = scripted((1, 0, 0), (0, 3, 0), (0, 0, 0))
    assert await tap.lost(20) == 0
    assert tap.asked == 3


async def test_what_is_on_its_way_is_not_lost_and_what_never_arrives_is() -> None:
    assert await scripted((0, 0, 2), (0, 0, 0)).lost(20) == 0
    assert await scripted((0, 0, 2)).lost(1) == 2


async def test_a_system_that_never_comes_to_rest_is_counted_as_it_stands() -> None:
    assert await scripted((1, 0, 4)).lost(1) == 4


async def test_what_still_passes_keeps_the_count_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    tap, really = scripted((0, 0, 0)), asyncio.sleep

    async def passing(seconds: float) -> None:
        if len(tap.passed) < 4:
            tap.passed.append(passed(s.DayStarted, exchange=EVENTS))
            assert tap.asked == 0, "it asked while messages passed"
        await really(0)

    monkeypatch.setattr(asyncio, "sleep", passing)
    assert await tap.lost(20) == 0
    assert (len(tap.passed), tap.asked) == (4, 1)
