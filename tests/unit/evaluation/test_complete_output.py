"""Everything that a programme shows, and not the figures alone, keeps the answers of everybody to themselves."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import pytest

from services.evaluation.questionnaires import classes, newest, possible
from shared.contracts import evaluation as e
from tests.unit.evaluation.people import everybody
from tests.unit.evaluation.whole_output import OCCASIONS, OWN, REPORT, Programme, Send, Sent

ITEMS: Mapping[str, Sequence[e.Item]] = {
    "baseline": newest("baseline").items,
    "pulse": newest("pulse").items,
    "later pulse": newest("pulse").items,
    "rooms": (newest("pulse").items[0].model_copy(update={"id": OWN.items[0].id}),),
    "mid-term": newest("mid-term").items,
    "final": newest("final").items,
}
HABITS = (OCCASIONS, OCCASIONS, ("final", "pulse", "later pulse"), ("final", "mid-term", "rooms"), ())
"""On which occasions somebody answers at all."""
Values = Mapping[tuple[str, str], Mapping[str, int]]
"""Of somebody on an occasion: item and value."""


def same_class(item: e.Item, value: int, chance: random.Random) -> int:
    """Another value of the same class of three."""
    [own] = [each.values for each in classes(item, three=True) if value in each.values]
    return chance.choice(own)


@dataclass(frozen=True)
class DataSet:
    """Who answers what in a programme, who wrote what, and in which order, and how, it was sent."""

    tandems: int
    habits: Mapping[str, Sequence[str]]
    values: Values
    words: Mapping[tuple[str, str], str]
    slots: Mapping[str, Sequence[str]]
    """Of an occasion: who sends first, second and so on."""
    ways: Mapping[str, Sequence[str]]
    """How the first, second and so on is sent."""

    def sent(self) -> Sent:
        """The messages."""
        found: dict[str, list[Send]] = defaultdict(list)
        for occasion, names in self.slots.items():
            for name, way in zip(names, self.ways[occasion], strict=True):
                values, words = self.values[name, occasion], self.words.get((name, occasion), "")
                once = Send(name, values, words)
                wrong = Send(name, dict.fromkeys(values, 99), words, number=2)
                found[occasion] += {
                    "once": [once],
                    "the same again": [once, once],
                    "corrected": [wrong, once],
                    "changed too late": [once, Send(name, dict.fromkeys(values, None), "more", number=3)],
                }[way]
        return found


def any_values(occasion: str, chance: random.Random) -> dict[str, int]:
    """Somebody's answers on an occasion."""
    return {item.id: chance.choice(possible(item)) for item in ITEMS[occasion]}


def drawn(chance: random.Random) -> DataSet:
    """Any data set."""
    tandems = chance.randint(6, 8)
    habits = {name: chance.choice(HABITS) for name in everybody(tandems)}
    values = {(name, occasion): any_values(occasion, chance) for name, own in habits.items() for occasion in own}
    slots = {occasion: [name for name in habits if (name, occasion) in values] for occasion in OCCASIONS}
    ways = {
        occasion: [chance.choice(("once", "once", "the same again", "corrected", "changed too late")) for _ in names]
        for occasion, names in slots.items()
    }
    words = {
        (name, occasion): f"words {number}"
        for occasion, names in slots.items()
        for number, name in enumerate(names[: 3 if occasion == "baseline" else 99])
    }
    return DataSet(tandems, habits, values, words, slots, ways)


def disguised(data: DataSet, chance: random.Random) -> DataSet:
    """Another data set that the figures must not tell from it: who differs by answers alone has changed them.

    Each item by itself, with its baseline; within their classes; in another order, by others in another way.
    """
    alike: dict[tuple[str, Sequence[str]], list[str]] = defaultdict(list)
    for name, own in data.habits.items():
        alike[name.split()[0], own].append(name)
    values: dict[tuple[str, str], dict[str, int]] = {key: {} for key in data.values}
    items = {item.id: item for item in chain(*ITEMS.values())}
    for subject in (("baseline", "final"), ("pulse", "later pulse"), ("rooms",), ("mid-term",)):
        asked = {item.id for occasion in subject for item in ITEMS[occasion]}
        for item in sorted(asked):
            for names in alike.values():
                others = chance.sample(names, len(names))
                for name, other in zip(names, others, strict=True):
                    for occasion in subject:
                        value = data.values.get((other, occasion), {}).get(item)
                        if value is not None:
                            values[name, occasion][item] = same_class(items[item], value, chance)
    words: dict[tuple[str, str], str] = {}
    for occasion in OCCASIONS:
        wrote = [key for key in data.words if key[1] == occasion]
        texts = [data.words[key] for key in wrote]
        if occasion == "baseline":
            # Too few wrote something for anybody to read it; how much they wrote shows nowhere either.
            texts = ["x" * chance.randint(1, 900) for _ in wrote]
        words |= dict(zip(wrote, texts if "pulse" in occasion else chance.sample(texts, len(texts)), strict=True))
    slots = {occasion: chance.sample(names, len(names)) for occasion, names in data.slots.items()}
    return DataSet(data.tandems, data.habits, values, words, slots, data.ways)


def shown(data: DataSet, *forms: str) -> Programme:
    return asyncio.run(Programme(data.tandems, data.sent(), forms).run())


def silent(data: DataSet, name: str) -> DataSet:
    """The same, but that somebody answers nothing."""
    kept = {
        occasion: [place for place, who in enumerate(names) if who != name] for occasion, names in data.slots.items()
    }
    return replace(
        data,
        slots={occasion: [data.slots[occasion][place] for place in places] for occasion, places in kept.items()},
        ways={occasion: [data.ways[occasion][place] for place in places] for occasion, places in kept.items()},
    )


def told(report: e.ReportPublished) -> int:
    """How many figures of answers a report tells."""
    assert report.contents is not None
    return sum(found.people is not None for found in report.contents.distributions)


def differences(one: Programme, other: Programme) -> dict[str, list[tuple[str, str]]]:
    """What tells two programmes apart, by the place where it shows."""
    found = {}
    for place in one.seen.keys() | other.seen.keys():
        pairs = zip(one.seen[place], other.seen[place], strict=False)
        apart = [pair for pair in pairs if pair[0] != pair[1]]
        if apart or len(one.seen[place]) != len(other.seen[place]):
            found[place] = apart
    return found


MADE_OF_IT = {"overheard", "spans", REPORT, f"{REPORT}.pdf"}
"""Where a report shows: the event, its size where it is published, its page and its PDF."""
FORMS = ("", "pdf")
SEEDS = [pytest.param(1, [""]), *(pytest.param(seed, [], marks=pytest.mark.long) for seed in range(2, 40))]


@pytest.mark.proves("S13")
@pytest.mark.parametrize(("seed", "forms"), [*SEEDS, pytest.param(40, FORMS, marks=pytest.mark.long)])
def test_what_the_figures_do_not_tell_apart_nothing_else_does(seed: int, forms: Sequence[str]) -> None:
    chance = random.Random(seed)
    data = drawn(chance)
    one, other = shown(data, *forms), shown(disguised(data, chance), *forms)
    assert differences(one, other) == {}
    assert [report.version for report in one.reports] == [1, 2, 3]
    assert told(one.reports[-1]) > 20
    # There is a story, a certificate, and somebody was asked about a topic that they share.
    assert "Wir reden wieder" in one.seen["/stories.json"][-1]
    assert one.seen["certificate"][0].startswith("(200,")
    assert any('"topic":"shared-topic"' in line.replace(" ", "") for line in one.seen["overheard"])
    for form in forms:
        [document] = one.seen[f"{REPORT}{'.' * bool(form)}{form}"]
        assert document.startswith("(200,")


@pytest.mark.proves("S13")
@pytest.mark.parametrize(("seed", "forms"), [(1, []), pytest.param(2, FORMS, marks=pytest.mark.long), *SEEDS[3:9]])
def test_whatever_people_answer_the_report_alone_shows_it(seed: int, forms: Sequence[str]) -> None:
    chance = random.Random(seed)
    data = drawn(chance)
    otherwise = replace(data, values={key: any_values(key[1], chance) for key in data.values})
    found = differences(shown(data, *forms), shown(otherwise, *forms))
    assert {"overheard", *(REPORT for form in forms if not form)} <= found.keys() <= MADE_OF_IT
    for pair in found["overheard"]:
        one, other = (json.loads(each.split(" ", 1)[1]) for each in pair)
        assert one["type"] == other["type"] == f"tandem.{e.ReportPublished.name}"
        assert {**one, "data": None} == {**other, "data": None}


@pytest.mark.proves("S13", "P13")
def test_that_somebody_answered_shows_in_nothing_but_the_report_and_a_log_of_everything() -> None:
    data = replace(drawn(random.Random(3)), words={})
    [busy, *_] = [name for name, own in data.habits.items() if own == OCCASIONS]
    found = differences(shown(data), shown(silent(data, busy)))
    assert found.keys() == {"overheard", "spans", "log"}
    # At the level at which services log by default a handled message is no line.
    lines = {line for pair in found["log"] for line in pair if e.SubmitAnswers.name in line}
    assert lines == {repr(("handled", [("type", e.SubmitAnswers.name)]))}
