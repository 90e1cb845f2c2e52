"""What other languages read: AsyncAPI, JSON Schemas and the record of processing, all from tables and contracts."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shared.contracts import hr
from shared.contracts.base import TYPE_PREFIX, Command, Contract, Event, personal_mark
from shared.runtime import topology
from shared.runtime.actions import Action
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.envelope import CONTENT_TYPE, Envelope
from shared.runtime.examples import example
from shared.runtime.table import Service

VERSION = "3.1.0"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
Json = dict[str, Any]


def contracts(services: Iterable[Service]) -> dict[str, type[Contract]]:
    """Every contract that a service takes or says, by name."""
    found = {c for service in services for c in (*topology.contracts_of(service), *topology.said_by(service))}
    return {contract.name: contract for contract in sorted(found, key=lambda c: c.name)}


def schema(contract: type[Contract]) -> Json:
    """A contract's data as JSON Schema (draft 2020-12)."""
    made = contract.model_json_schema()
    if issubclass(contract, Command):
        # As it is read: what stands inside a command takes no field that it does not know either.
        for inner in made.get("$defs", {}).values():
            if "properties" in inner:
                inner.setdefault("additionalProperties", False)
    return {"$schema": DIALECT, "$id": f"urn:tandem:{contract.name}", **made, "title": contract.name}


FILES: dict[str, type[BaseModel]] = {**hr.FILES}
"""What others hand over as a file, by the name of its schema: JSON Lines, one of these a line."""


def file_schema(name: str) -> Json:
    """One line of such a file as JSON Schema."""
    return {"$schema": DIALECT, "$id": f"urn:tandem:{name}", **FILES[name].model_json_schema(), "title": name}


def envelope_schema() -> Json:
    """The CloudEvents envelope around every message."""
    return {"$schema": DIALECT, "$id": "urn:tandem:envelope", **Envelope.model_json_schema(), "title": "envelope"}


def document(services: Iterable[Service]) -> Json:
    """One AsyncAPI 3 document of all services: a channel a message type, an operation for each who takes or says it."""
    services = tuple(services)
    known = contracts(services)
    channels: Json = {}
    messages: Json = {}
    schemas: Json = {"envelope": _inner(envelope_schema())}
    schemas |= {name: _inner(file_schema(name)) for name in FILES}
    for name, contract in known.items():
        schemas[name] = _inner(schema(contract))
        messages[name] = _message(contract)
        channels[name] = _channel(contract)
    operations: Json = {}
    for service in services:
        for taken in topology.contracts_of(service):
            operations[f"{service.name}.takes.{taken.name}"] = _operation(service, taken, "receive", known)
        for said in topology.said_by(service):
            operations[f"{service.name}.says.{said.name}"] = _operation(service, said, "send", known)
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "Tandem",
            "version": "1.0.0",
            "description": (
                "Reverse mentoring programmes. Every message is a CloudEvents 1.0 envelope, structured JSON. A command "
                "goes to the exchange tandem.commands with its type (without `tandem.`) as routing key and the "
                "sender's own user as user-id and in source (`/portal`); its answer is an event on tandem.events with "
                "the same correlationid, or, for a private command, a message on the queue in reply-to, named after "
                "the sender's user."
            ),
            "license": {"name": "MIT"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "broker": {
                "host": "{host}:{port}",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "variables": {"host": {"default": "localhost"}, "port": {"default": "5672"}},
                "security": [{"type": "userPassword"}],
            }
        },
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _inner(made: Json) -> Json:
    """A schema inside the document: its own definitions stay inside it."""
    title = made["title"]

    def moved(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                k: f"#/components/schemas/{title}/$defs/{v.removeprefix('#/$defs/')}"
                if k == "$ref" and isinstance(v, str) and v.startswith("#/$defs/")
                else moved(v)
                for k, v in value.items()
                if k not in ("$schema", "$id")
            }
        return [moved(v) for v in value] if isinstance(value, list) else value

    inner: Json = moved(made)
    return inner


def _message(contract: type[Contract]) -> Json:
    return {
        "name": TYPE_PREFIX + contract.name,
        "title": contract.__name__,
        "summary": (contract.__doc__ or "").strip().split("\n")[0],
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/envelope"},
                {
                    "type": "object",
                    "required": ["data"],
                    "properties": {
                        "type": {"const": TYPE_PREFIX + contract.name},
                        "data": {"$ref": f"#/components/schemas/{contract.name}"},
                    },
                },
            ]
        },
        "examples": [{"payload": example(contract)}],
    }


def _channel(contract: type[Contract]) -> Json:
    command = issubclass(contract, Command)
    private = contract.private if issubclass(contract, Command | Event) else False
    about: Json = {"x-private": True} if private else {}
    if command:
        about["x-senders"] = sorted(contract.senders)  # type: ignore[attr-defined]
    binding: Json = {"is": "routingKey", "bindingVersion": "0.3.0"}
    if private and not command:
        binding["exchange"] = {"name": "", "type": "default", "vhost": "/"}
    else:
        exchange = COMMANDS if command else EVENTS
        binding["exchange"] = {"name": exchange, "type": "topic", "durable": True, "autoDelete": False, "vhost": "/"}
    return {
        "address": contract.name,
        "messages": {contract.name: {"$ref": f"#/components/messages/{contract.name}"}},
        "bindings": {"amqp": binding},
        **about,
    }


def _operation(service: Service, contract: type[Contract], action: str, known: dict[str, type[Contract]]) -> Json:
    made: Json = {
        "action": action,
        "channel": {"$ref": f"#/channels/{contract.name}"},
        "summary": (contract.__doc__ or "").strip().split("\n")[0],
        "tags": [{"name": service.name}],
        "messages": [{"$ref": f"#/channels/{contract.name}/messages/{contract.name}"}],
    }
    if action == "send":
        made["bindings"] = {"amqp": {"deliveryMode": 2, "mandatory": contract.name in known, "bindingVersion": "0.3.0"}}
    return made


def data_map(services: Iterable[Service]) -> list[dict[str, str]]:
    """The record of processing (Art. 30 GDPR): each personal field with its purpose, readers, and how long.

    Of contracts, of files that others hand over, of what a job hands to its own service alone, of what a service keeps
    and no contract carries, and of what the engine itself records of those who give first aid.
    """
    rows = []
    for name, contract in contracts(services).items():
        for path, field in _personal(contract, ()):
            mark = personal_mark(field) or {}
            rows.append({"message": name, "field": path, "description": field.description or "", **mark})
    kept: dict[str, type[BaseModel]] = {
        f"kept by {service.name} alone ({name})": piece.on
        for service in services
        for name, piece in service.pieces.items()
    } | {
        f"kept by {service.name} alone ({concerns.aggregate.kind})": concerns.aggregate
        for service in services
        for concerns in service.concerns
    }
    files = {f"a line of the file {name}": model for name, model in FILES.items()}
    for record, model in (files | kept | {"each service's record of first aid (collection actions)": Action}).items():
        for path, field in _personal(model, ()):
            mark = personal_mark(field) or {}
            rows.append({"message": record, "field": path, "description": field.description or "", **mark})
    return rows


def _personal(model: type[BaseModel], path: tuple[str, ...]) -> Iterable[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        if personal_mark(field):
            yield ".".join((*path, name)), field
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _personal(inner, (*path, name))


def data_map_table(services: Iterable[Service]) -> str:
    """The record of processing as a Markdown table."""
    head = ("message", "field", "description", "purpose", "readers", "keep")
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row.get(column, "") for column in head) + " |" for row in data_map(services)]
    return "\n".join(lines) + "\n"
