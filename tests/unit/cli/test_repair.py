"""What `doctor --repair` makes of what it sees; that it mends, is tried on real servers (`e2e/test_restore.py`)."""

import copy
import json
from typing import Any

import pytest

from shared.cli import comparison
from shared.cli import repair as command
from shared.cli.addresses import Addresses
from shared.cli.broker_parts import faults, in_words
from shared.cli.client import ClientError
from shared.cli.comparison import Difference, Row, compare, lasting
from shared.cli.repair import Step, What, _jobs, _tried, exit_code, plan, repair, shown, steps_of
from shared.runtime import discovery, topology

WANTED: Any = topology.definitions({})


def rows(**versions: tuple[int, int]) -> dict[str, Row]:
    return {id: Row("pilot", version) for id, version in versions.items()}


def difference(epoch: int, has: dict[str, Row], knows: dict[str, Row], reader: str = "matching") -> Difference:
    return compare("registration", reader, "participant", epoch, has, knows)


def test_who_holds_the_same_differs_in_nothing() -> None:
    found = difference(1, rows(a=(1, 2)), rows(a=(1, 2)))
    assert (found.behind, found.ahead, found.forgotten) == ({}, {}, {})


def test_a_reader_with_less_is_behind() -> None:
    found = difference(1, rows(a=(1, 2), b=(1, 1)), rows(a=(1, 1)))
    assert (set(found.behind), set(found.ahead), set(found.forgotten)) == ({"a", "b"}, set(), set())
    [step] = steps_of([found])
    assert (step.what, step.service, step.by_hand) == ("say-again", "registration", False)
    assert "matching (participant): 2" in step.text


def test_an_owner_behind_its_reader_in_its_own_epoch_was_restored_and_needs_a_higher_one() -> None:
    for has, knows in (
        (rows(a=(1, 1)), rows(a=(1, 2))),
        (rows(), rows(a=(1, 1))),
        (rows(a=(1, 3)), rows(a=(2, 1))),
    ):
        found = difference(1, has, knows)
        assert set(found.ahead) == {"a"}
        [step] = steps_of([found])
        assert (step.what, step.by_hand) == ("raise-epoch", True)
        assert step.id == str(max(row.version[0] for row in knows.values()) + 1)


def test_nobody_is_asked_to_say_again_what_an_epoch_too_low_would_make_readers_pass_over() -> None:
    found = difference(1, rows(a=(1, 1), b=(1, 5)), rows(a=(1, 2), b=(1, 4)))
    assert [step.what for step in steps_of([found])] == ["raise-epoch"]


def test_what_an_owner_forgot_is_named_once_by_programme_however_many_readers_know_it() -> None:
    knows = rows(a=(2, 1), b=(1, 7))
    both = [difference(2, rows(a=(2, 1)), knows, reader) for reader in ("matching", "scheduling")]
    [step] = steps_of(both)
    assert (step.what, step.by_hand, step.ids) == ("forgotten", True, ("b",))
    assert "registration has forgotten 1 participant of pilot" in step.text
    many = steps_of([difference(2, {}, rows(**{f"p{n}": (1, 1) for n in range(9)}))])[0]
    assert (len(many.ids), many.text.count("p0"), "p8" in many.text) == (9, 1, False)


def test_what_an_owner_took_back_is_named_for_the_office() -> None:
    knows = {"a": Row("pilot", (2, 1), taken_back=True), "b": Row("pilot", (2, 1))}
    [step] = steps_of([difference(2, rows(a=(2, 1), b=(2, 1)), knows)])
    assert (step.what, step.by_hand, step.ids) == ("taken-back", True, ("a",))


def test_what_was_under_way_and_has_arrived_is_no_difference() -> None:
    before = difference(1, rows(a=(1, 2), b=(1, 1)), rows(a=(1, 1)))
    after = difference(1, rows(a=(1, 2), b=(1, 1)), rows(a=(1, 2)))
    [left] = lasting([before], [after])
    assert set(left.behind) == {"b"}
    assert lasting([before], [difference(1, rows(c=(1, 1)), rows())]) == []
    assert lasting([], [after]) == []


def test_an_older_state_that_is_mended_between_two_looks_is_not_named() -> None:
    def looked(*back: str) -> Difference:
        knows = {id: Row("pilot", (2, 1), taken_back=id in back) for id in "abc"}
        return difference(2, rows(a=(2, 1), b=(2, 1), c=(2, 1)), knows)

    [left] = lasting([looked("a", "b")], [looked("b", "c")])
    assert set(left.taken_back) == {"b"}
    assert lasting([looked("a")], [looked("c")]) == []


def test_a_broker_with_everything_lacks_nothing_and_each_thing_that_goes_is_named_and_would_be_made() -> None:
    assert faults(WANTED) == []
    for part in ("exchanges", "queues", "bindings", "policies"):
        found = copy.deepcopy(WANTED)
        gone = found[part].pop(0)
        [fault] = faults(found)
        assert fault.parts == {part: [gone]}
        assert gone.get("name", gone.get("destination")) in in_words(fault.parts)


def test_a_policy_that_says_something_else_is_made_anew_and_foreign_things_are_left() -> None:
    found = copy.deepcopy(WANTED)
    found["policies"][0]["definition"] = {"delivery-limit": 20}
    found["queues"].append({"name": "somebody.else"})
    [fault] = faults(found)
    assert fault.parts == {"policies": [WANTED["policies"][0]]}


def test_what_only_a_person_can_mend_in_the_broker_is_named_with_what_to_do_and_not_made() -> None:
    found = copy.deepcopy(WANTED)
    queue, exchange, binding = found["queues"][0], found["exchanges"][0], found["bindings"][0]
    queue["arguments"] = {}
    exchange["type"] = "direct"
    found["bindings"].append({**binding, "routing_key": "#"})
    found["policies"].append(foreign("^tandem.dead$", 0))
    by_name = {fault.check: fault for fault in faults(found)}
    assert f"{queue['name']} is a classic queue" in by_name["queues"].what
    assert f"{exchange['name']} is a direct exchange" in by_name["exchanges"].what
    assert "gets #" in by_name["bindings"].what
    assert "tandem.dead should have no policy, and has message-ttl" in by_name["policies"].what
    assert all(fault.do and not fault.parts for fault in by_name.values())


def foreign(pattern: str, priority: int, **changes: object) -> dict[str, object]:
    """A policy of somebody else's."""
    policy = {"name": "short", "pattern": pattern, "priority": priority, "definition": {"message-ttl": 1000}}
    return {"vhost": "/", "apply-to": "queues", **policy, **changes}


@pytest.mark.parametrize(
    ("policy", "hit"),
    [
        (foreign("quarantine", 0), {f"{name}.quarantine" for name in discovery.service_names()}),
        (foreign("^matching.commands", 2), {"matching.commands"}),
        (foreign("^matching.commands", 2, **{"apply-to": "all"}), {"matching.commands"}),
        (foreign("^matching.commands", 0), set()),
        (foreign("^matching.commands", 2, **{"apply-to": "exchanges"}), set()),
        (foreign("(*UTF8)a", 2), set()),
        (foreign("^portal", 2), set()),
    ],
)
def test_a_policy_that_loses_messages_of_ours_is_found_where_it_holds(policy: dict[str, object], hit: set[str]) -> None:
    found = copy.deepcopy(WANTED)
    found["policies"].append(policy)
    assert {fault.what.split()[0] for fault in faults(found)} == hit


@pytest.mark.parametrize(
    "change", [{"arguments": {}}, {"durable": False}, {"auto_delete": True}, {"internal": True}], ids=str
)
def test_an_exchange_that_would_lose_commands_is_found(change: dict[str, object]) -> None:
    found = copy.deepcopy(WANTED)
    found["exchanges"][0].update(change)
    [fault] = faults(found)
    assert (fault.check, fault.parts) == ("exchanges", {})
    assert "tandem.commands" in fault.what


def test_what_goes_on_from_our_exchange_to_another_is_found() -> None:
    found = copy.deepcopy(WANTED)
    more = {"destination": "stray", "destination_type": "exchange", "routing_key": "#"}
    found["bindings"].append({**found["bindings"][0], **more})
    [fault] = faults(found)
    assert "stray gets # of tandem.commands" in fault.what


def test_steps_are_shown_in_words_and_those_for_a_person_are_marked() -> None:
    assert shown([]) == ["nothing is to be mended"]
    steps = [Step("declare", "", "make the queue q"), Step("forgotten", "matching", "tell the office", by_hand=True)]
    assert shown(steps) == ["  make the queue q", "  by hand: tell the office"]


def test_a_day_that_stands_still_is_started_again() -> None:
    class Quarantine:
        addresses = Addresses({f"TANDEM_HTTP_{s.upper()}": "" for s in discovery.service_names()}, "here")

        def get(self, service: str, path: str) -> list[dict[str, str]]:
            if service != "scheduling":
                return []
            row = {"id": "1", "message": "1", "service": service, "reason": "killed_its_process", "since": "2027-01-11"}
            return [{**row, "type": "job:_day"}, {**row, "type": "registration.add-topic.v1", "id": "2"}]

    [step] = _jobs(Quarantine())  # type: ignore[arg-type]
    assert (step.what, step.id, step.service) == ("start-job", "1", "scheduling")
    assert "the job day of scheduling" in step.text


def test_a_service_that_is_down_is_named_and_keeps_nobody_from_seeing_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing answers at the broker's management either."""
    asked: list[str] = []
    digests = {"matching": {"/holdings/tandem": "new"}, "evaluation": {"/holdings/matching.tandem": "old"}}
    rows = {"matching": [["t", "pilot", 1, 2, False]], "evaluation": [["t", "pilot", 1, 1, False]]}

    def page(addresses: Addresses, service: str, path: str, token: str, limit: float) -> Any:
        if service == "registration":
            asked.append(path)
            raise ClientError("registration does not answer")
        if path == "/quarantine":
            row = {"id": "1", "reason": "killed_its_process", "since": "2027-01-11", "type": "job:_day"}
            return [row] if service == "scheduling" else []
        if path == "/holdings":
            copies = ["matching.tandem", "registration.participant"] if service == "evaluation" else []
            return {"epoch": 1, "copies": copies}
        if "/rows" in path:
            return {"rows": rows[service], "after": None}
        return digests[service][path]

    monkeypatch.setattr(comparison, "page_of", page)
    here = {f"TANDEM_HTTP_{s.upper()}": "" for s in discovery.service_names()}
    admin = {"TANDEM_MANAGEMENT_URL": "http://127.0.0.1:1", "TANDEM_RABBITMQ_PASSWORD": "x"}
    addresses = Addresses(here | admin, "here")
    found = plan(addresses, pause=0)
    assert [(step.what, step.service) for step in found] == [
        ("not-seen", ""), ("start-job", "scheduling"), ("say-again", "matching"), ("not-seen", "")
    ]  # fmt: skip
    assert "queues, bindings" in found[0].text
    assert "registration does not answer" in found[-1].text
    assert len(asked) == 1, "nobody waits twice for who is silent"
    assert repair(addresses, yes=False, as_json=True) == 3
    assert len(json.loads(capsys.readouterr().out)) == 4


@pytest.mark.parametrize(
    ("left", "code"),
    [
        ([], 0),
        (["start-job"], 1),
        (["forgotten", "taken-back"], 1),
        (["not-seen", "forgotten"], 2),
        (["not-seen", "raise-epoch"], 3),
        (["declare"], 3),
        (["say-again"], 3),
    ],
)
def test_the_exit_code_is_that_of_the_worst_that_is_left(left: list[What], code: int) -> None:
    assert exit_code([Step(what, "", "") for what in left]) == code


async def test_a_step_that_fails_keeps_nobody_from_the_next() -> None:
    class Broken:
        def wrap(self, command: object, user: str) -> None:
            raise ClientError("the broker is away")

    broken: Any = Broken()
    line = await _tried(broken, Step("say-again", "matching", ""))
    assert line == "not done: the broker is away"


def test_what_the_broker_refuses_keeps_nobody_from_the_rest_and_the_code_is_of_what_is_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody answers at either address; another look then finds what is left."""
    addresses = Addresses(
        {
            "TANDEM_MANAGEMENT_URL": "http://127.0.0.1:1",
            "TANDEM_RABBITMQ_PASSWORD": "x",
            "TANDEM_AMQP_URL_OPS": "amqp://ops:x@127.0.0.1:1/",
        },
        "here",
    )
    queue = Step("declare", "", "make the queue q", parts={"queues": [{"name": "q"}]})
    looks = [[queue, Step("say-again", "matching", "say it again")], [Step("start-job", "matching", "start it")]]
    monkeypatch.setattr(command, "plan", lambda addresses: looks.pop(0))
    assert repair(addresses, yes=True, as_json=False) == 1
    before, left = capsys.readouterr().out.split("left:")
    assert [line.split(":")[0] for line in before.splitlines()[2:]] == ["not done", "not done"]
    assert "the broker's management does not answer" in before
    assert "the broker does not answer" in before
    assert left.split() == ["start", "it"]


def test_the_code_after_a_repair_that_mended_everything_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def done(addresses: Addresses, steps: object) -> list[str]:
        return ["done: all"]

    looks: list[list[Step]] = [[Step("declare", "", "make the queue q")], []]
    monkeypatch.setattr(command, "plan", lambda addresses: looks.pop(0))
    monkeypatch.setattr(command, "carry_out", done)
    assert repair(Addresses({}, "here"), yes=True, as_json=False) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "nothing is to be mended"
