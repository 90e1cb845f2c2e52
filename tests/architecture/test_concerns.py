"""Everything that a service remembers says whom it concerns, or is said to name nobody: erasing must find it."""

import importlib
from collections.abc import Iterator

import pytest

from shared.runtime import discovery
from shared.runtime.aggregate import Aggregate
from shared.runtime.table import Service

SERVICES = discovery.load_all()


def remembered(service: Service) -> set[type[Aggregate]]:
    """Every aggregate that a service defines."""
    mine = f"services.{service.name}."
    return {kind for kind in below(Aggregate) if kind.kind and kind.__module__.startswith(mine)}


def below(kind: type[Aggregate]) -> Iterator[type[Aggregate]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)
def test_every_aggregate_says_whom_it_concerns_or_names_nobody(service: Service) -> None:
    impersonal = set(importlib.import_module(f"services.{service.name}.concerns").IMPERSONAL)
    concerned = {concerns.aggregate for concerns in service.concerns}
    for kind in sorted(remembered(service), key=lambda kind: kind.kind):
        where = f"services/{service.name}/concerns.py"
        assert kind in concerned | impersonal, f"{where}: add {kind.__name__} to CONCERNS, or to IMPERSONAL"
        assert kind not in concerned & impersonal, f"{where}: {kind.__name__} stands in both"


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)
def test_what_names_nobody_has_no_field_for_a_participant(service: Service) -> None:
    for kind in importlib.import_module(f"services.{service.name}.concerns").IMPERSONAL:
        named = {"mentor", "mentee", "participant", "participant_id", "position", "people"} & set(kind.model_fields)
        allowed = {"people"} if kind.__name__ == "Erasure" else set()
        assert named <= allowed, f"{kind.__name__} has {', '.join(sorted(named))}"
