"""Two things that happen to one person at the very same moment, at two replicas: one is decided again."""

import json
from typing import Any

import pytest

from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.base import Contract
from shared.contracts.parts import Consents
from shared.runtime.batch import Identity
from shared.runtime.ids import keyed_id
from tests.support.interrupted import Interrupted
from tests.support.reference import By, Step
from tests.unit.registration.test_joining import BOTH
from tests.unit.registration.test_registration import TODAY, mentee, mentor, opening, topic
from tests.unit.registration.test_waiting import CLOSED, OVER, STARTS, joining, listed, opening_next, to_the_end
from tests.unit.runtime.engine_in_memory import KEY, Replica

ONE = keyed_id(KEY, "participant", "pilot", "P-1")
OTHER_ROLE = keyed_id(KEY, "participant", "pilot", "P-1", "mentee")


async def race(before: tuple[Any, ...], message: Step, meanwhile: Contract, kind: str, **by: Any) -> Replica:
    """One replica decides on a message, another decides on `meanwhile` just before the first commits."""
    one = Replica(service)
    other = one.beside()
    # In a lane of its own: no guard makes the two conflict.
    other.engine.who = Identity(service, KEY, lane=7)
    await one.play(*before)

    async def happens() -> None:
        other.send(meanwhile, **by)
        await other.engine.intake()

    store = Interrupted(one.database, kind, happens)
    one.engine.store = store
    await one.play(message)
    assert store.happens is None, "the race did not happen"
    assert one.seen["conflict", "again"] == 1, "both cannot have been committed"
    return one


def status(replica: Replica) -> dict[str, tuple[str, str]]:
    found = replica.aggregates()
    return {a["id"]: (a["role"], a["status"]) for subject, a in found.items() if subject.startswith("participant/")}


async def test_of_two_registrations_of_one_person_at_once_one_is_refused_or_has_the_other_role() -> None:
    replica = await race((TODAY, topic(), opening()), mentee("P-1"), mentor(), "person")
    assert status(replica) == {ONE: ("mentor", "registered")}
    both = await race((TODAY, topic(), opening(rules=BOTH)), mentee("P-1"), mentor(), "person")
    assert status(both) == {ONE: ("mentor", "registered"), OTHER_ROLE: ("mentee", "registered")}


async def test_who_leaves_while_they_change_what_they_wrote_changes_nothing_any_more() -> None:
    writing = By(r.ChangeAboutMe(participant_id=ONE, about_me="new"), actor=ONE, sender="person")
    leaving = r.Withdraw(participant_id=ONE)
    replica = await race((TODAY, topic(), opening(), mentor()), writing, leaving, "contact", actor=ONE)
    assert status(replica) == {ONE: ("mentor", "withdrawn")}
    assert replica.aggregates()[f"contact/{ONE}"]["about_me"] == ""


async def test_who_leaves_in_the_moment_in_which_everybody_is_told_of_the_close_hears_nothing_of_it() -> None:
    before = (TODAY, topic(), opening(), mentor())
    replica = await race(before, CLOSED, r.Withdraw(participant_id=ONE), "participant", actor=ONE)
    letters = (json.loads(letter.body)["data"] for change in replica.database.history for letter in change.outbox)
    assert {letter.get("topic") for letter in letters if letter.get("to") == ONE} == {"registered", "withdrew"}


@pytest.mark.proves("P5")
@pytest.mark.parametrize("listed_first", [True, False])
async def test_whose_consent_is_taken_back_while_they_are_listed_is_not_kept(listed_first: bool) -> None:
    willing = By(mentor(consents=Consents(reserve=True)), sender="person")
    before = (TODAY, topic(), opening(), willing, CLOSED, STARTS, OVER)
    taking_back = r.ChangeConsents(participant_id=ONE, consents=Consents())
    if listed_first:
        by = By(taking_back, actor=ONE, sender="person")
        replica = await race(before, by, listed(id=ONE), "participant", sequence=1, epoch=1)
    else:
        replica = await race(before, listed(id=ONE), taking_back, "participant", actor=ONE)
    assert not [subject for subject in replica.aggregates() if subject.startswith("waiting/")]


async def test_who_says_yes_in_the_moment_in_which_they_register_takes_part_once() -> None:
    willing = By(mentor(consents=Consents(reserve=True)), sender="person")
    before = (TODAY, topic(), opening(), willing, *to_the_end(ONE), opening_next())
    yes = joining(actor=ONE, participant_id=ONE)
    replica = await race(before, yes, mentor(programme_id="next"), "person")
    found = [a for subject, a in replica.aggregates().items() if subject.startswith("participant/")]
    assert [a["programme"] for a in found if a["status"] == "registered"].count("next") == 1
