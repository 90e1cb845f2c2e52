"""Published versions stay readable: the committed schemas are what readers rely on."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer

from shared.cli.contracts import broken_by, contracts, generated
from shared.cli.given import write_all
from shared.contracts import matching
from shared.local.system import ROOT
from shared.runtime import asyncapi, discovery
from shared.runtime.changelog import digest
from shared.runtime.envelope import Envelope
from shared.runtime.examples import example

OUT = ROOT / "docs" / "asyncapi"
SERVICES = discovery.load_all()
CONTRACTS = asyncapi.contracts(SERVICES)


def test_what_is_generated_is_committed() -> None:
    old = [path.name for path, text in generated(OUT).items() if path.read_text(encoding="utf-8") != text]
    assert old == [], "run `./tandem contracts`"


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_a_schema_is_valid(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(asyncapi.schema(CONTRACTS[name]))


@pytest.mark.parametrize("name", sorted(asyncapi.FILES))
def test_a_line_of_a_file_has_a_schema_in_the_document_and_by_itself(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(asyncapi.file_schema(name))
    assert name in asyncapi.document(SERVICES)["components"]["schemas"]
    assert OUT / "schemas" / f"{name}.json" in generated(OUT)
    fields = set(asyncapi.FILES[name].model_fields)
    mapped = {row["field"] for row in asyncapi.data_map(SERVICES) if row["message"] == f"a line of the file {name}"}
    assert fields - mapped == {"employment_id"}, "all else of it is personal"


def test_nothing_breaks_who_relies_on_what_was_published() -> None:
    assert broken_by(generated(OUT)) == []


def test_what_was_published_is_still_there() -> None:
    published = {path.stem for path in (OUT / "schemas").glob("*.json")}
    assert published - set(CONTRACTS) - set(asyncapi.FILES) == set(), "a version that somebody reads is not taken away"


def test_a_schema_does_not_change_without_an_entry_in_the_changelog(tmp_path: Path) -> None:
    """Whatever was committed with it: entries carry their schema's digest."""
    write_all(generated(tmp_path), "--out")
    log = tmp_path / "CHANGELOG.md"
    assert generated(tmp_path)[log] == log.read_text(encoding="utf-8")
    name = matching.TandemFormed.name
    text = log.read_text(encoding="utf-8")
    log.write_text(text.replace(digest(asyncapi.schema(CONTRACTS[name])), "0" * 12), encoding="utf-8")
    assert f"- `{name}`: changed" in generated(tmp_path)[log]


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_an_example_fits_its_contract(name: str) -> None:
    made = Envelope.model_validate(example(CONTRACTS[name]))
    CONTRACTS[name].model_validate(made.data)


def test_the_command_does_not_write_over_what_it_would_break(tmp_path: Path) -> None:
    """Else the break would be in the baseline, and every test green."""
    name = matching.TandemFormed.name
    write_all(generated(tmp_path), "--out")
    path = tmp_path / "schemas" / f"{name}.json"
    published = json.loads(path.read_text(encoding="utf-8"))
    published["properties"]["gone"] = {"type": "string"}
    path.write_text(json.dumps(published), encoding="utf-8")
    with pytest.raises(typer.BadParameter, match="gone is gone"):
        contracts(out=tmp_path, data_map=False)
    assert "gone" in path.read_text(encoding="utf-8")


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
