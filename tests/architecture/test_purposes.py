"""Everything that a service remembers of a programme has a purpose, or a reason to stay: retention must reach it."""

import importlib
import re

import pytest

from shared.contracts.parts import RetentionRules
from shared.runtime import asyncapi, discovery
from shared.runtime.retention import PURPOSES
from shared.runtime.table import Service
from tests.architecture.test_concerns import remembered

SERVICES = discovery.load_all()


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)
def test_every_aggregate_is_kept_for_one_purpose_or_stays_for_a_reason(service: Service) -> None:
    purposes = importlib.import_module(f"services.{service.name}.purposes")
    kept = [keeps.aggregate for keeps in purposes.KEEPS]
    assert service.keeps == purposes.KEEPS
    assert len(set(kept)) == len(kept)
    where = f"services/{service.name}/purposes.py"
    for kind in sorted(remembered(service), key=lambda kind: kind.kind):
        assert kind in {*kept, *purposes.STAYS}, f"{where}: add {kind.__name__} to KEEPS, or to STAYS with its reason"
        assert kind not in set(kept) & set(purposes.STAYS), f"{where}: {kind.__name__} stands in both"
    assert all(len(reason) > 10 for reason in purposes.STAYS.values())


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)
def test_what_stays_of_one_programme_names_nobody(service: Service) -> None:
    """What concerns people is kept for a purpose; but what is of all programmes, or has a last day of its own."""
    purposes = importlib.import_module(f"services.{service.name}.purposes")
    of_one_programme = {concerns.aggregate for concerns in service.concerns if not concerns.everywhere}
    assert of_one_programme.isdisjoint(purposes.STAYS)


def test_every_purpose_has_something_that_is_kept_for_it() -> None:
    assert {keeps.purpose for service in SERVICES for keeps in service.keeps} == {*PURPOSES, "all"}


def test_the_record_of_processing_names_the_rules_by_which_data_goes() -> None:
    keeps = [row["keep"] for row in asyncapi.data_map(SERVICES)]
    named = {rule for text in keeps for rule in re.findall(r"retention\.([a-z_]+)", text)}
    assert named == {f"{purpose}_days" for purpose in PURPOSES} <= RetentionRules.model_fields.keys()
    assert {text for text in keeps if "archived" in text} == {"until the programme is archived"}, (
        "what the office is told"
    )
