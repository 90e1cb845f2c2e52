"""Consent is taken back at the very moment at which something is decided on it: two replicas, one database."""

from typing import Any

import pytest

from services.evaluation.service import service
from shared.contracts import evaluation as e
from shared.contracts.base import Event
from tests.support.interrupted import Interrupted
from tests.support.reference import By, Step
from tests.unit.evaluation.extras import MET, NOTHING, allows, met, tandems
from tests.unit.evaluation.people import DAY, PROGRAMME, STARTS, formed, person, tandem_id
from tests.unit.evaluation.stories import confirming, id_under, publishing, to_the_feed, writing
from tests.unit.evaluation.test_registered_topics import both_ways
from tests.unit.evaluation.test_shared_topics import FOUND, FOUR, ID, agreeing
from tests.unit.runtime.engine_in_memory import KEY, Replica

STORY = id_under(KEY)
WITHDRAWS = "mentee 1"
TANDEMS: tuple[Step, ...] = (STARTS, PROGRAMME, *tandems(1, 2), MET, met(1, "calendar"), met(2, "calendar"))
YES = tuple(agreeing(name) for name in FOUR)


async def race(
    before: tuple[Step, ...], step: Step, kind: str, meanwhile: Event | None = None
) -> tuple[Replica, list[str]]:
    """One replica decides while another takes over that somebody takes consent back, or else; what is said."""
    one = Replica(service)
    other = one.beside()
    await one.play(*before)

    async def happens() -> None:
        event = meanwhile or allows(WITHDRAWS, NOTHING)
        other.send(event, sequence=9, epoch=1)
        await other.engine.intake()

    store = Interrupted(one.database, kind, happens)
    one.engine.store = store
    told = await one.play(step)
    assert store.happens is None, "the race did not happen"
    assert one.seen["conflict", "again"] == 1, "both cannot have been committed"
    return one, [message["type"].removeprefix("tandem.") for message in told]


def introduction(replica: Replica) -> dict[str, Any]:
    return replica.aggregates()[f"introduction/{ID}"]


@pytest.mark.proves("S17")
async def test_who_takes_consent_back_while_they_are_asked_is_not_asked() -> None:
    replica, told = await race(TANDEMS, FOUND, "introduction")
    assert e.PersonAddressed.name not in told
    assert f"introduction/{ID}" not in replica.aggregates()


@pytest.mark.proves("S17")
async def test_who_takes_consent_back_while_they_say_yes_has_not_said_it() -> None:
    replica, _ = await race((*TANDEMS, FOUND), agreeing(WITHDRAWS), "introduction")
    assert introduction(replica)["yes"] == []
    assert introduction(replica)["fallen"]


@pytest.mark.proves("S17")
async def test_nobody_is_introduced_who_takes_consent_back_at_that_moment() -> None:
    replica, told = await race((*TANDEMS, FOUND, *YES), FOUND + DAY, "introduction")
    assert (introduction(replica)["status"], introduction(replica)["fallen"]) == ("open", True)
    assert e.TopicShared.name not in told


async def test_a_tandem_that_ends_at_that_moment_is_not_introduced() -> None:
    ended = formed(1, status="ended", ends_on=FOUND)
    replica, told = await race((*TANDEMS, FOUND, *YES), FOUND + DAY, "introduction", ended)
    assert introduction(replica)["status"] == "open"
    assert e.TopicShared.name not in told


REGISTERED: tuple[Step, ...] = (STARTS, PROGRAMME, *tandems(1, 2), *both_ways(1, 2))
AT_ONCE = STARTS + DAY


@pytest.mark.proves("S17")
async def test_what_a_first_meeting_was_about_is_kept_although_they_are_asked_at_that_moment() -> None:
    """Both make the tandem's document: whichever is second finds that of the first."""
    replica, told = await race(REGISTERED, AT_ONCE, "introduction", met(1, "chat"))
    kept = replica.aggregates()[f"tandem-topics/{tandem_id(1)}"]
    assert kept["introduction"] == ID
    assert [each["topics"] for each in kept["meetings"]] == [["chat"]]
    assert introduction(replica)["ground"] == "registered"
    assert e.PersonAddressed.name in told


@pytest.mark.proves("S17")
async def test_who_takes_consent_back_while_they_are_asked_over_a_registered_topic_is_not_asked() -> None:
    replica, _ = await race(REGISTERED, AT_ONCE, "introduction")
    assert f"introduction/{ID}" not in replica.aggregates()
    extras = replica.aggregates()[f"extras/{person(WITHDRAWS)}"]
    assert (extras["strengths"], extras["concerns"]) == ([], [])


WAITING = to_the_feed(KEY)[:-1]


@pytest.mark.proves("S18")
@pytest.mark.parametrize(
    ("before", "step"),
    [
        (WAITING[:-2], writing()),
        (WAITING[:-1], confirming(story=STORY)),
        (WAITING, publishing(story=STORY)),
    ],
    ids=("written", "confirmed", "published"),
)
async def test_a_story_never_goes_on_without_the_consent_that_is_taken_back_at_that_moment(
    before: tuple[Step, ...], step: By
) -> None:
    replica, told = await race(before, step, "story")
    kept = replica.aggregates().get(f"story/{STORY}")
    assert kept is None or (kept["status"], kept["text"]) == ("withdrawn", "")
    assert e.StoryPublished.name not in told
