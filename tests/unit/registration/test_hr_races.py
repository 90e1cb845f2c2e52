"""HR's word on somebody and a reorganisation at the same moment, at two replicas: one comes first everywhere."""

import pytest

from services.registration.service import service
from shared.contracts import hr
from tests.support.interrupted import Interrupted
from tests.unit.registration.test_registration import TODAY, mentor, opening, profile, topic
from tests.unit.runtime.engine_in_memory import Replica

MOVED = hr.UnitMoved(reorganisation_id="move", from_department="A", from_unit=(), to_department="C", to_unit=("moved",))
WORD = hr.EmploymentChanged(employment_id="e-1", personnel_key="P-1", department="A", unit=("A-1",))
ELSEWHERE = mentor(programme_id="second", profile=profile(department="B", unit=("B-1",)))


@pytest.mark.proves("P10")
async def test_who_is_moved_while_hr_says_where_they_work_works_in_one_place_in_all_programmes() -> None:
    """In the one programme nothing is new of them, and there the unit moves just before HR's word is committed."""
    one = Replica(service)
    other = one.beside()
    await one.play(TODAY, topic(), opening(), opening(programme_id="second"), mentor(), ELSEWHERE)

    async def happens() -> None:
        other.send(MOVED, sequence=1, epoch=1)
        await other.settle()

    store = Interrupted(one.database, "employment", happens)
    one.engine.store = store
    await one.play(WORD)
    assert store.happens is None, "the race did not happen"
    assert one.seen["conflict", "again"] == 1, "both cannot have been committed"
    people = [a for subject, a in one.aggregates().items() if subject.startswith("participant/")]
    assert [(a["profile"]["department"], a["profile"]["unit"]) for a in people] == [("A", ["A-1"])] * 2
