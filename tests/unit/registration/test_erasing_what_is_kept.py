"""Erasing finds a kept message that names somebody by personnel key alone, also one that cannot be decided."""

import json
from typing import Any

import pytest

from services.registration.concerns import named_by_key
from services.registration.service import service
from shared.contracts import hr
from shared.contracts.base import Participation
from shared.contracts.registration import ErasureOrdered
from shared.runtime.engine import Limits
from shared.runtime.ids import derived_id, keyed_id
from tests.support.left import left_of
from tests.unit.registration.test_registration import mentor, opening, topic
from tests.unit.runtime.engine_in_memory import KEY, Replica


def told(key: str) -> hr.EmploymentChanged:
    return hr.EmploymentChanged(employment_id=f"e-{key}", personnel_key=key, site=f"site of {key}")


def order(who: str) -> ErasureOrdered:
    whom = (Participation(participant_id=who, programme_id="pilot"),)
    return ErasureOrdered(erasure_id=derived_id("erasure", who), people=whom)


async def a_replica() -> Replica:
    """Two people are registered; of both lies a fact in quarantine that HR sent without a sequence."""
    replica = Replica(service, Limits(settling=0))
    for message in (topic(), opening()):
        replica.send(message, "office")
    for key in ("P-anna", "P-ben"):
        replica.send(mentor(key), "portal")
    await replica.settle()
    for key in ("P-anna", "P-ben"):
        replica.send(told(key), "hr")
    await replica.settle()
    assert len(replica.kept("quarantine")) == 2
    return replica


async def test_what_hr_said_of_somebody_and_lies_in_quarantine_goes_with_them_and_of_others_stays() -> None:
    replica = await a_replica()
    assert left_of(replica.database, ["P-anna"])
    replica.send(order(keyed_id(KEY, "participant", "pilot", "P-anna")), "registration")
    await replica.settle()
    for _ in range(4):
        await replica.after(2)
    assert "registration.people-erased.v1" in replica.types()
    assert left_of(replica.database, ["P-anna"]) == []
    [kept] = replica.kept("quarantine")
    assert "P-ben" in json.dumps(kept)


@pytest.mark.parametrize("data", [{}, {"personnel_key": None}, {"personnel_key": ["P-anna"]}])
def test_what_has_no_personnel_key_names_nobody_by_it(data: dict[str, Any]) -> None:
    assert named_by_key(data, ["pilot"], lambda *parts: "|".join(map(str, parts))) == set()


def test_every_id_that_follows_from_a_personnel_key_is_known() -> None:
    def keyed(*parts: object) -> str:
        return keyed_id(KEY, *parts)

    named = named_by_key({"personnel_key": "P-anna"}, ["pilot", "second"], keyed)
    position = keyed("position", "P-anna")
    assert named >= {
        keyed("participant", "second", "P-anna"),
        keyed("participant", "pilot", "P-anna", "mentee"),
        keyed("participant", "second", position, "mentor"),
    }
    assert keyed("participant", "third", "P-anna") not in named
