"""Who waits for a new programme and is erased: they wait no more, come to no other meanwhile, and hear nothing more."""

import json

import pytest

from services.registration.model import Waiting
from services.registration.waiting_jobs import AskAgain, KeepWaiting
from shared.contracts import registration as r
from shared.runtime.ids import keyed_id
from shared.runtime.tombstones import Tombstone, tombstone_id
from tests.support.reference import KEY, By, Scenario, said
from tests.unit.registration.test_joining_races import ONE, race
from tests.unit.registration.test_registration import MENTOR, TODAY, an_open_programme, mentee, opening, topic
from tests.unit.registration.test_waiting import (
    CLOSED,
    NEW,
    OVER,
    STARTS,
    WILLING,
    joining,
    kept,
    listed,
    opening_next,
    to_the_end,
    waited,
)

ASKS = By(r.ErasePerson(participant_id=MENTOR), actor=MENTOR, sender="person")


def place(scenario: Scenario) -> Waiting:
    [waiting] = kept(scenario)
    return waiting


@pytest.mark.proves("P5")
def test_who_asks_to_be_erased_waits_no_more_from_that_moment() -> None:
    scenario = waited().when(ASKS)
    scenario.then(r.ErasureRequested, said(r.PersonAddressed, to=MENTOR, topic="erasure-requested"))
    assert kept(scenario) == []


def test_after_the_last_message_nobody_is_asked_for_a_new_programme() -> None:
    scenario = waited()
    waiting = place(scenario)
    scenario.given(ASKS).when(opening_next()).then(r.ProgrammeOpened)
    scenario.when(AskAgain(waiting_id=waiting.id, programme_id="next")).then_nothing()


async def test_who_asks_to_be_erased_as_a_programme_opens_has_read_their_last_message_and_is_not_asked() -> None:
    """The letter and the erasure write the place both: of the two at one moment the letter is decided again."""
    before = (TODAY, topic(), opening(), WILLING, *to_the_end(ONE))
    erase = r.ErasePerson(participant_id=ONE)
    replica = await race(before, opening_next(), erase, "waiting", actor=ONE)
    said_at_all = (json.loads(letter.body)["data"] for change in replica.database.history for letter in change.outbox)
    topics = [letter.get("topic") for letter in said_at_all]
    assert "erasure-requested" in topics
    assert "asked-again" not in topics


def test_who_is_being_erased_does_not_come_again_and_reads_why() -> None:
    scenario = waited().given(opening_next(), ASKS).when(joining()).then_refused("erased")
    assert f"participant/{NEW}" not in scenario.reference.state


def test_who_was_erased_in_the_new_programme_does_not_come_to_it_again() -> None:
    scenario = waited().given(opening_next())
    tombstone = Tombstone(id=tombstone_id(KEY, NEW))
    scenario.reference.state[tombstone.subject] = tombstone
    scenario.when(joining()).then_refused("erased")
    assert kept(scenario) != []


def test_for_who_is_being_erased_no_place_is_kept_when_the_programme_has_ended() -> None:
    """The piece of the end comes after the request: the person has read their last message."""
    scenario = an_open_programme().given(WILLING, CLOSED, listed(), STARTS, OVER)
    scenario.given(ASKS).when(KeepWaiting(participant_id=MENTOR)).then_nothing()
    scenario.when(listed()).then_nothing()
    assert kept(scenario) == []


def test_an_erasure_of_a_new_participation_leaves_no_place_of_an_older_one() -> None:
    scenario = waited().given(opening_next(), mentee("P-1", programme_id="next"))
    new = keyed_id(KEY, "participant", "next", "P-1")
    scenario.when(By(r.ErasePerson(participant_id=new), actor=new, sender="person")).then_among(r.ErasureRequested)
    assert kept(scenario) == []
