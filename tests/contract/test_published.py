"""Published versions stay readable: the committed schemas are what readers rely on."""

import json
from typing import Any

import jsonschema
import pytest

from shared.cli.contracts import generated
from shared.contracts.base import Command
from shared.local.system import ROOT
from shared.runtime import asyncapi, discovery

OUT = ROOT / "docs" / "asyncapi"
SERVICES = discovery.load_all()
CONTRACTS = asyncapi.contracts(SERVICES)


def test_what_is_generated_is_committed() -> None:
    old = [path.name for path, text in generated(OUT).items() if path.read_text(encoding="utf-8") != text]
    assert old == [], "run `./tandem contracts`"


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_a_schema_is_valid_and_breaks_no_reader_of_what_was_published(name: str) -> None:
    current = asyncapi.schema(CONTRACTS[name])
    jsonschema.Draft202012Validator.check_schema(current)
    published = json.loads((OUT / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    assert broken(published, current, issubclass(CONTRACTS[name], Command)) == []


def broken(before: dict[str, Any], after: dict[str, Any], command: bool) -> list[str]:
    """What a new version takes from readers (events) or asks of senders (commands)."""
    found = []
    old, new = before.get("properties", {}), after.get("properties", {})
    if not command:
        found += [f"{field} is gone" for field in old if field not in new]
        found += [
            f"{field} may be missing" for field in before.get("required", []) if field not in after.get("required", [])
        ]
    else:
        found += [f"{field} is no longer taken" for field in old if field not in new]
        found += [
            f"{field} is now required" for field in after.get("required", []) if field not in before.get("required", [])
        ]
    found += [f"{f} changed its type" for f in old if f in new and old[f].get("type") != new[f].get("type")]
    for name, definition in before.get("$defs", {}).items():
        if name in after.get("$defs", {}):
            found += [f"{name}.{what}" for what in broken(definition, after["$defs"][name], command)]
    return found


def test_a_break_would_be_noticed() -> None:
    before = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert broken(before, {"properties": {}, "required": []}, command=False) == ["a is gone", "a may be missing"]
    more = {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a", "b"]}
    assert broken(before, more, command=False) == []
    assert broken(before, more, command=True) == ["b is now required"]


def test_every_reference_in_the_asyncapi_document_resolves() -> None:
    document = asyncapi.document(SERVICES)

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [r for inner in value.values() for r in references(inner)]
        return [r for inner in value for r in references(inner)] if isinstance(value, list) else []

    for reference in set(references(document)):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


def test_the_record_of_processing_says_purpose_readers_and_how_long() -> None:
    rows = asyncapi.data_map(SERVICES)
    assert {"display_name", "mail", "about_me"} <= {row["field"] for row in rows}
    for row in rows:
        assert row["purpose"], row
        assert row["readers"], row
        assert row["keep"], row


PEOPLE = {"participant_id", "mentor", "mentee", "to", "wishes", "vetoes", "whom"}
"""Fields that hold a participant's id."""


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_every_contract_that_names_a_participant_stands_in_the_record(name: str) -> None:
    contract = CONTRACTS[name]
    naming = {field for field, info in contract.model_fields.items() if field in PEOPLE and info.annotation is not int}
    listed = {row["field"] for row in asyncapi.data_map(SERVICES) if row["message"] == name}
    assert naming <= listed


def test_what_a_person_is_told_can_do_and_allows_stands_in_the_record() -> None:
    rows = {(row["message"], row["field"]) for row in asyncapi.data_map(SERVICES)}
    letters = {message for message, _ in rows if message.endswith(".person-addressed.v1")}
    assert letters >= {f"{name}.person-addressed.v1" for name in ("registration", "matching", "scheduling")}
    for letter in letters:
        assert {(letter, "to"), (letter, "subject_line"), (letter, "text")} <= rows
    registered = "registration.participant-registered.v1"
    fields = ("profile.capacity", "consents.stories", "consents.introductions")
    assert {(registered, field) for field in fields} <= rows
