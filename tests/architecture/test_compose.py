"""Tables, contracts, queues and compose agree."""

from typing import Any

import pytest
import yaml

from shared.local.system import ROOT
from shared.runtime import discovery, topology
from shared.runtime.settings import Settings


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def test_every_service_has_its_row(compose: dict[str, Any]) -> None:
    helpers = {"rabbitmq", "mongodb", "declare"}
    assert set(compose["services"]) - helpers == set(discovery.service_names())


@pytest.mark.parametrize("name", discovery.service_names())
def test_a_row_names_its_own_user_database_and_image(compose: dict[str, Any], name: str) -> None:
    row = compose["services"][name]
    assert row["build"]["args"]["SERVICE"] == name
    assert f"amqp://{name}:" in row["environment"]["TANDEM_AMQP_URL"]
    assert row["environment"]["TANDEM_MONGO_URL"].endswith(f"authSource=tandem-{name}")
    assert row["depends_on"]["declare"]["condition"] == "service_completed_successfully"


def test_every_variable_of_a_service_is_a_setting(compose: dict[str, Any]) -> None:
    known = {f"TANDEM_{name.upper()}" for name in Settings.model_fields}
    for name in discovery.service_names():
        assert set(compose["services"][name]["environment"]) <= known, name


def test_every_service_gets_a_password_and_none_has_a_default(compose: dict[str, Any]) -> None:
    declared = compose["services"]["declare"]["environment"]
    for name in discovery.service_names():
        assert f"TANDEM_PASSWORD_{name.upper()}" in declared
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for line in text.splitlines():
        assert "PASSWORD:-" not in line, "a password with a default"


def test_definitions_hold_each_queue_and_binding_of_the_tables() -> None:
    made: Any = topology.definitions(dict.fromkeys(topology.users(), "secret"))
    queues = {queue["name"] for queue in made["queues"]}
    bound = {(b["source"], b["routing_key"], b["destination"]) for b in made["bindings"]}
    for service in discovery.load_all():
        for contract in topology.contracts_of(service):
            kinds = {key: queue for exchange, key, queue in bound if key == contract.name and service.name in queue}
            assert kinds, f"{service.name} takes {contract.name}, which is not bound"
        assert {f"{service.name}.{kind}" for kind in ("commands", "events", "quarantine")} <= queues
    assert "secret" not in str(made), "passwords are hashed"


def test_only_the_mail_service_may_read_contacts() -> None:
    services = discovery.load_all()
    for user in topology.people():
        reads = "registration.contact-recorded.v1" in topology.readable(services, user)
        assert reads == (user == topology.MAIL), user
