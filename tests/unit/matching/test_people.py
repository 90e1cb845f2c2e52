import datetime as dt

import pytest

from services.matching.people import Person, RoundInputs, levels
from shared.contracts.parts import Profile, TopicLevel, WorkingTime

PROFILE = Profile(
    department="D1",
    unit=(),
    grade=9,
    site="S1",
    languages=("de",),
    working_times=(WorkingTime(weekday=0, start=480, end=960),),
    strengths=(),
    concerns=(),
)


def person(id: str, role: str, capacity: int = 1) -> Person:
    return Person.model_validate(
        {
            "id": id,
            "role": role,
            "profile": PROFILE,
            "position": f"post-{id}",
            "capacity": capacity,
            "since": dt.date(2026, 1, 1),
        }
    )


def test_a_side_holds_its_people_with_a_free_seat_in_an_order_of_the_seed_alone() -> None:
    people = (person("c", "mentor"), person("a", "mentor"), person("b", "mentee"), person("d", "mentor", capacity=0))
    inputs = RoundInputs(people=people, places=3, seed="s")
    turned = inputs.model_copy(update={"people": people[::-1]})
    assert [p.id for p in inputs.side("mentor")] == [p.id for p in turned.side("mentor")] == ["c", "a"]
    assert [p.id for p in inputs.side("mentee")] == ["b"]


def test_the_inputs_survive_the_way_to_another_process() -> None:
    inputs = RoundInputs(people=(person("a", "mentor"),), places=3, seed="s", barred=(("a", "b"),))
    assert RoundInputs.model_validate_json(inputs.model_dump_json()) == inputs


def test_people_are_named_once() -> None:
    with pytest.raises(ValueError):
        RoundInputs(people=(person("a", "mentor"), person("a", "mentee")), places=3, seed="s")


def test_of_a_topic_named_twice_the_higher_level_counts() -> None:
    assert levels([TopicLevel(topic_id="t", level=4), TopicLevel(topic_id="t", level=2)]) == {"t": 4}
