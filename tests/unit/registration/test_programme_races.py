"""Two replicas decide about one programme at the same moment: whatever comes of it, some order explains it."""

import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.parts import RegistrationRules, Rules
from shared.runtime.ids import keyed_id
from tests.support.interrupted import Interrupted
from tests.unit.registration.test_drafts import drafting, open_draft
from tests.unit.registration.test_registration import TODAY, mentor, opening, topic
from tests.unit.registration.test_windows import REMINDED, close, extend
from tests.unit.runtime.engine_in_memory import KEY, Replica

LIMITED = Rules(registration=RegistrationRules(mentors_at_most=1))
KEYS = ("P-1", "P-2", "P-3")
IDS = [keyed_id(KEY, "participant", "pilot", key) for key in KEYS]
IN, FIRST, SECOND = sorted(IDS, key=lambda id: hashlib.sha256(f"pilot|{id}".encode()).hexdigest())


def codes(said: list[dict[str, Any]]) -> list[str]:
    return [reason["code"] for event in said for reason in event["data"].get("reasons", ())]


async def race(
    before: tuple[Any, ...], step: Any, kind: str, meanwhile: Callable[[Replica], Awaitable[Any]]
) -> tuple[Replica, list[dict[str, Any]]]:
    """One replica decides on a step; another does something before what was decided is committed."""
    one = Replica(service)
    other = one.beside()
    await one.play(*before)
    store = Interrupted(one.database, kind, lambda: meanwhile(other))
    one.engine.store = store
    said = await one.play(step)
    assert store.happens is None, "the race did not happen"
    return one, said


async def closes(other: Replica) -> None:
    other.send(close(), "office", "office.replies", correlationid="c")
    await other.engine.intake()


async def test_an_extension_that_meets_the_close_is_refused_or_came_before_it() -> None:
    replica, said = await race((TODAY, opening()), extend(), "programme", closes)
    assert codes(said) == ["replaced"]
    assert replica.aggregates()["programme/pilot"]["status"] == "closed"
    assert replica.seen["conflict", "again"] == 1


async def test_a_reminder_that_meets_the_close_leaves_nothing_open() -> None:
    replica, _ = await race((TODAY, opening()), REMINDED, "attention", closes)
    signs = [a["status"] for s, a in replica.aggregates().items() if s.startswith("attention/")]
    assert [status for status in signs if status != "settled"] == []
    assert replica.aggregates()["programme/pilot"]["status"] == "closed"
    assert replica.seen["conflict", "again"] == 1


async def test_two_who_open_one_draft_open_it_once() -> None:
    async def opens(other: Replica) -> None:
        other.send(open_draft(), "office", "office.replies", correlationid="c")
        await other.engine.intake()

    replica, said = await race((TODAY, drafting()), opening(), "programme", opens)
    assert codes(said) == ["taken"]
    assert replica.aggregates()["programme/pilot"]["status"] == "open"
    assert replica.aggregates()["programme/pilot"]["said"] == 2


async def test_who_leaves_while_registration_is_being_counted_makes_room_for_the_first_in_line() -> None:
    """Who leaves reads the programme as closing; the count, which read them before, ends before their leaving."""
    one = Replica(service)
    other = one.beside()
    await one.play(TODAY, topic(), opening(rules=LIMITED), *map(mentor, KEYS))
    one.send(close(), "office", "office.replies", correlationid="c")
    await one.engine.intake()
    assert one.aggregates()["programme/pilot"]["status"] == "closing"
    one.send(r.Withdraw(participant_id=IN), "portal", "portal.replies", actor=IN, correlationid="c")
    store = Interrupted(one.database, "participant", other.settle)
    one.engine.store = store
    await one.engine.intake()
    assert store.happens is None, "the race did not happen"
    people = {id: one.aggregates()[f"participant/{id}"] for id in IDS}
    assert one.aggregates()["programme/pilot"]["status"] == "closed"
    assert people[IN]["status"] == "withdrawn"
    assert not people[FIRST]["admitted"], "the count had read who left"
    await one.after(60)
    people = {id: one.aggregates()[f"participant/{id}"] for id in IDS}
    assert (people[FIRST]["admitted"], people[SECOND]["admitted"]) == (True, False)


async def test_rules_that_are_changed_by_two_at_once_are_changed_once() -> None:
    quick = Rules.model_validate({"deadlines": {"answer_days": 3}})
    slow = Rules.model_validate({"deadlines": {"answer_days": 14}})

    async def changes(other: Replica) -> None:
        change = r.ChangeRules(programme_id="pilot", rules=slow, replaces=1)
        other.send(change, "office", "office.replies", correlationid="c")
        await other.engine.intake()

    mine = r.ChangeRules(programme_id="pilot", rules=quick, replaces=1)
    replica, said = await race((TODAY, opening()), mine, "programme", changes)
    assert codes(said) == ["replaced"]
    await replica.play(TODAY + dt.timedelta(1))
    kept = replica.aggregates()["programme/pilot"]
    assert (kept["rules"]["deadlines"]["answer_days"], kept["rules_version"], kept["coming"]) == (14, 2, None)
