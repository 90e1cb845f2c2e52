"""Tables and contracts agree: nothing is declared that nobody uses, nothing used that nobody declared."""

import ast
import importlib
import inspect
import re
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import BaseModel

from shared.contracts.base import Command, Contract, Event
from shared.local.system import ROOT
from shared.runtime import asyncapi, discovery, topology
from shared.runtime.say_again import published_by
from shared.runtime.table import COMMON, Ask, Service, shows_nobody
from shared.runtime.words import Words

SERVICES = discovery.load_all()
NAMES_AND_WORDS = {"names", "display_name", "mail", "about_me", "question", "answer", "comment"}
"""What a page calls people's names and what they wrote."""


def owned(service: Service) -> list[type[Contract]]:
    """The contracts that a service's language defines."""
    module = importlib.import_module(f"shared.contracts.{service.name}")
    found = [c for _, c in inspect.getmembers(module, inspect.isclass) if issubclass(c, Contract) and c.name]
    return [c for c in found if c.owner == service.name and c.__module__.startswith(module.__name__)]


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)
def test_every_command_of_a_language_is_answered_by_exactly_one_row(service: Service) -> None:
    asked = [row.on for row in service.rows if isinstance(row, Ask)]
    for contract in owned(service):
        if issubclass(contract, Command) and not issubclass(contract, COMMON):
            assert asked.count(contract) == 1, contract.name


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)
def test_every_event_of_a_language_is_said_by_some_row(service: Service) -> None:
    said = set(topology.said_by(service))
    for contract in owned(service):
        if issubclass(contract, Event) and not issubclass(contract, COMMON):
            assert contract in said, contract.name


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)
def test_whatever_is_published_of_a_state_can_be_said_again(service: Service) -> None:
    kinds = {published.aggregate.kind for published in published_by(service)}
    for contract in topology.said_by(service):
        if issubclass(contract, Event) and contract.stateful and not contract.private:
            assert contract.about.split("/")[0] in kinds, f"give {service.name} a Publishes for {contract.name}"


@pytest.mark.parametrize("name", sorted(asyncapi.contracts(SERVICES)))
def test_every_field_is_described(name: str) -> None:
    contract = asyncapi.contracts(SERVICES)[name]
    assert contract.__doc__
    for field, info in contract.model_fields.items():
        assert info.description, f"{name}.{field} has no description"


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)
def test_every_word_that_is_asked_for_is_in_the_catalogue(service: Service) -> None:
    catalogue = Words(f"services.{service.name}")
    folder = ROOT / "services" / service.name
    with_their_own = {found.parent for found in folder.rglob("words.toml")} - {folder}
    for path in folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if with_their_own & set(path.parents) or re.search(r"\bwords = Words\(\w+, |_words = Words\(", text):
            continue  # its catalogue is its own
        for key in re.findall(r'\bwords\(\s*"([^"{]+)"', text):
            assert key in catalogue, f"{path.relative_to(folder)}: {key}"


def test_a_person_s_command_never_needs_the_office_s_rights() -> None:
    portal = set(topology.sendable(SERVICES, "person"))
    assert "matching.approve-round.v1" not in portal
    assert "registration.register-mentor.v1" in portal
    assert "scheduling.start-day.v1" not in portal


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)
def test_what_is_private_starts_no_job_whose_trace_would_tell_of_it(service: Service) -> None:
    assert [row.on.name for row in service.rows if isinstance(row, Ask) and row.on.private and row.starts] == []


def fields_of(kind: Any) -> set[str]:
    """The names of all fields of a model, and of the models inside it."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        inner = [fields_of(field.annotation) for field in kind.model_fields.values()]
        return set(kind.model_fields).union(*inner)
    return set().union(*(fields_of(part) for part in get_args(kind)))


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)
def test_whatever_shows_people_s_names_or_words_says_so_to_the_audit(service: Service) -> None:
    for question in service.questions:
        if fields_of(get_type_hints(question.answer)["return"]) & NAMES_AND_WORDS:
            assert question.about_people, question.name
    if service.view is not None and fields_of(get_type_hints(service.view.build)["return"]) & NAMES_AND_WORDS:
        assert service.view.shows_people is not shows_nobody, service.name


def test_every_exception_for_the_office_names_the_version_of_the_rules_that_set_its_day() -> None:
    raised = 0
    for path in sorted((ROOT / "services").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Attention":
                raised += 1
                assert "rules_version" in {keyword.arg for keyword in call.keywords}, f"{path.name}:{call.lineno}"
    assert raised >= len({"matching", "registration", "scheduling"}), "it looked where they are raised"
