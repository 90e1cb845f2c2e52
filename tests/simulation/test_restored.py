import json
from collections import Counter
from typing import Any

import pytest

from shared.runtime.batch import EVENTS
from shared.runtime.ports import Record
from shared.runtime.say_again import published_by
from tests.simulation.pilot import PilotWorld, broken_promises
from tests.simulation.restored import Leavers, RestoredPilot, RestoredWorld, differences, disagreements


def left_and_back(record: Record) -> bool:
    state = record.state or {}
    return record.kind == "reserve" and (state["status"], state["reason"]["code"]) == ("waiting", "takes_part_again")


@pytest.mark.parametrize(("first", "runs"), [(0, 25), pytest.param(25, 975, marks=pytest.mark.long)])
def test_owner_and_reader_agree_again_whichever_of_their_databases_was_restored(first: int, runs: int) -> None:
    restored: set[frozenset[str]] = set()
    forgotten = 0
    for seed in range(first, first + runs):
        world = RestoredWorld(seed)
        world.run()
        assert differences(world) == [], f"seed {seed}"
        restored.add(frozenset(world.restored))
        library, ledger = (world.databases[name].records for name in ("library", "ledger"))
        forgotten += any(
            record.kind == "known" and f"member/{record.subject.split('/')[1]}" not in library
            for record in ledger.values()
        )
    assert len(restored) == 3
    assert forgotten, "nobody was ever forgotten by the owner: the runs try too little"


def test_what_the_four_services_say_again_is_what_they_said_last() -> None:
    wanted = {
        *(f"registration.{kind}" for kind in ("programme", "topic", "participant", "contact", "day")),
        *(f"matching.{kind}" for kind in ("round", "proposal", "tandem", "reserve", "attention")),
        *(f"scheduling.{kind}" for kind in ("calendar", "meeting", "plan", "agreement")),
        "evaluation.survey",
        "evaluation.questionnaire",
    }
    compared: Counter[str] = Counter()
    # The first gets as far as a survey today; should what runs do change, a later one does.
    for seed in (11, *range(30)):
        if wanted <= set(compared):
            return
        world = PilotWorld(seed)
        world.run()
        last: dict[tuple[str, str], dict[str, Any]] = {}
        for exchange, _, body, user in world.broker.passed:
            event = json.loads(body) if exchange == EVENTS and body.startswith(b"{") else {}
            about = (str(user), event.get("subject", ""))
            if "sequence" in event and event["sequence"] >= last.get(about, event)["sequence"]:
                last[about] = event
        for service in world.services:
            for published in published_by(service):
                for record in world.databases[service.name].records.values():
                    if record.kind != published.aggregate.kind or not record.sequence:
                        continue
                    said = published.say(published.aggregate.from_stored(record.subject, record.state or {}))
                    event = last[service.name, record.subject]
                    assert said is not None
                    assert (said.subject, event["sequence"]) == (record.subject, record.sequence)
                    data = said.model_dump(mode="json")
                    if data.get("status") == "solving":
                        data["status"] = event["data"]["status"]  # said as progress, not as a state
                    if record.kind == "day" and data["date"] > event["data"]["date"]:
                        continue  # a day that was handled late was said last, and the latest is what stands
                    assert data == event["data"], f"seed {seed}: {record.subject}"
                    compared[f"{service.name}.{record.kind}"] += 1
    pytest.fail(f"nothing was said of {wanted - set(compared)}: the runs try too little")


@pytest.mark.parametrize(("first", "runs"), [(0, 2), pytest.param(2, 58, marks=pytest.mark.long)])
def test_the_four_services_agree_again_whichever_databases_were_restored(first: int, runs: int) -> None:
    for seed in range(first, first + runs):
        world = RestoredPilot(seed)
        world.run()
        assert disagreements(world) == [], f"seed {seed}: {world.restored}"
        assert broken_promises(world) == [], f"seed {seed}: {world.restored}"


def test_whose_leaving_registration_forgot_is_on_no_less_than_the_reserve_list() -> None:
    undone: list[str] = []
    for seed in range(8):
        world = Leavers(seed, restored=("registration",))
        world.run()
        assert broken_promises(world) == [], f"seed {seed}"
        undone += [record.subject for record in world.databases["matching"].records.values() if left_and_back(record)]
        if len(undone) > 1:
            return
    pytest.fail("nobody's leaving was undone: the seeds try nothing any more")


def test_a_service_of_the_four_whose_epoch_was_not_raised_is_caught() -> None:
    for seed in range(20):
        world = RestoredPilot(seed, restored=("matching",), raises=False)
        world.run()
        if disagreements(world):
            return
    pytest.fail("matching was restored without a raised epoch, and nothing differed")


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("an epoch that was not raised", {"raises": False, "restored": ("library",)}),
        ("a reader that asks nobody", {"raises": False, "restored": ("ledger",)}),
    ],
)
def test_what_is_left_out_after_a_restore_is_caught(name: str, broken: dict[str, Any]) -> None:
    for seed in range(200):
        world = RestoredWorld(seed, **broken)
        world.run()
        if differences(world):
            return
    pytest.fail(f"{name} passed 200 seeds")
