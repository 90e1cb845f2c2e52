"""Nobody is invited to two gatherings at one time, whichever comes first or at one moment."""

import pytest

from services.scheduling.service import service
from shared.contracts import scheduling as s
from tests.support.interrupted import Interrupted
from tests.support.reference import said
from tests.unit.runtime.engine_in_memory import Replica
from tests.unit.scheduling.people import (
    DAY,
    MENTEE,
    MENTOR,
    MORNINGS,
    STRANGER,
    TODAY,
    a_programme,
    person,
    programme,
)
from tests.unit.scheduling.test_gatherings import FIRST, gathering

CAMP = gathering(latest=FIRST, minutes=90, dates=1)
CLOSING = gathering(kind="closing", latest=FIRST, minutes=90, dates=1)


@pytest.mark.proves("S5")
def test_a_gathering_is_not_at_the_time_of_another_one_to_which_its_people_are_invited() -> None:
    scenario = a_programme().when(gathering(latest=FIRST))
    camp = scenario.one(s.GatheringScheduled)
    closing = scenario.when(gathering(kind="closing", latest=FIRST + DAY)).one(s.GatheringScheduled)
    assert (camp.dates[0].date, closing.dates[0].date, closing.reached) == (FIRST, FIRST, 2)
    assert camp.dates[0].start + camp.minutes <= closing.dates[0].start


def test_who_joins_is_invited_to_one_of_two_gatherings_at_one_time_and_told_of_the_other() -> None:
    scenario = a_programme().given(person(MENTOR, MORNINGS), person(MENTEE, MORNINGS))
    scenario.given(CAMP.model_copy(update={"for_whom": "mentees"}))
    assert scenario.when(CLOSING).one(s.GatheringScheduled).reached == 1, "the mentor alone"
    scenario.when(person(STRANGER, MORNINGS)).then_among(
        said(s.PersonAddressed, to=STRANGER, topic="gathering"),
        said(s.PersonAddressed, to=STRANGER, topic="gathering-none"),
        s.InvitationWritten,
    )
    assert len(scenario.told) == 3


@pytest.mark.proves("S5")
async def test_of_two_invitations_at_one_moment_each_gets_only_one() -> None:
    """Two replicas: each plans a gathering of the only time of all, and has read before the other committed."""
    one = Replica(service)
    other = one.beside()
    people = (MENTOR, MENTEE, STRANGER)
    await one.play(TODAY, programme(), *(person(who, MORNINGS) for who in people))

    async def happens() -> None:
        other.send(CLOSING, "office", "office.replies")
        await other.settle()

    store = Interrupted(one.database, "guest", happens)
    one.engine.store = store
    await one.play(CAMP)
    assert store.happens is None, "the race did not happen"
    assert one.seen["conflict", "again"] >= 1, "both cannot have been committed"
    found = [state for subject, state in one.aggregates().items() if subject.startswith("guest/")]
    assert sorted(x["participant"] for x in found if x["date"] is not None) == sorted(people)
    assert {x["gathering"] for x in found} == {
        subject for subject in one.aggregates() if subject.startswith("gathering/")
    }
