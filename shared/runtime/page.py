"""The published language as one page that needs no network: for people who read it without AsyncAPI's own tools."""

import importlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from shared.contracts.base import Command, Contract, Event
from shared.runtime import asyncapi, topology
from shared.runtime.examples import example
from shared.runtime.table import Service

Json = dict[str, Any]
TEMPLATE = "asyncapi.html.j2"
RULES = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "minimum": "from {}",
    "maximum": "to {}",
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "pattern": "pattern {}",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message or of a value inside it."""

    name: str
    kind: str
    part: str
    required: bool
    text: str
    rules: str
    personal: Json


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the page shows it."""

    name: str
    text: str
    kind: str
    private: bool
    about: str
    senders: tuple[str, ...]
    says: tuple[str, ...]
    takes: tuple[str, ...]
    fields: tuple[Field, ...]
    example: str


def page(services: Iterable[Service]) -> str:
    """The page as HTML: every service, message, field, mark and example; loads nothing from anywhere."""
    services = tuple(services)
    parts: dict[str, tuple[str, tuple[Field, ...]]] = {}
    owners: dict[str, list[Message]] = {service.name: [] for service in services}
    for contract in asyncapi.contracts(services).values():
        schema = contract.model_json_schema()
        for name, inner in schema.get("$defs", {}).items():
            if "properties" in inner:
                parts[name] = (_first_line(inner.get("description", "")), _fields(inner))
        owners.setdefault(contract.owner, []).append(_message(contract, schema, services))
    texts = {service.name: _first_line(_documentation(service)) for service in services}
    return _template().render(
        owners=owners,
        texts=texts,
        parts=dict(sorted(parts.items())),
        envelope=_fields(asyncapi.envelope_schema()),
        version=asyncapi.VERSION,
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["breakable"] = _breakable
    return environment.from_string(Path(__file__).with_name(TEMPLATE).read_text(encoding="utf-8"))


def _breakable(name: str) -> Markup:
    """A dotted name that a narrow window may break after its dots."""
    return Markup("<wbr>").join(f"{each}." for each in name.split(".")[:-1]) + Markup("<wbr>") + name.split(".")[-1]


def _documentation(service: Service) -> str:
    return importlib.import_module(f"services.{service.name}.service").__doc__ or ""


def _first_line(text: str) -> str:
    return text.strip().split("\n")[0]


def _message(contract: type[Contract], schema: Json, services: tuple[Service, ...]) -> Message:
    command = issubclass(contract, Command)
    return Message(
        name=contract.name,
        text=_first_line(contract.__doc__ or ""),
        kind="command" if command else "event",
        private=contract.private if issubclass(contract, Command | Event) else False,
        about=contract.about if issubclass(contract, Event) else "",
        senders=tuple(sorted(contract.senders)) if issubclass(contract, Command) else (),
        says=tuple(s.name for s in services if contract in topology.said_by(s)),
        takes=tuple(s.name for s in services if contract in topology.contracts_of(s)),
        fields=_fields(schema),
        example=json.dumps(example(contract), ensure_ascii=False, indent=1),
    )


def _fields(schema: Json) -> tuple[Field, ...]:
    required = set(schema.get("required", ()))
    return tuple(_field(name, inner, name in required) for name, inner in schema.get("properties", {}).items())


def _field(name: str, schema: Json, required: bool) -> Field:
    kind, part = _kind(schema)
    plain = {**_one(schema), **schema}
    rules = [text.format(plain[rule]) for rule, text in RULES.items() if rule in plain]
    if schema.get("default") not in (None, {}, []) or schema.get("default") is False:
        rules.append(f"default {json.dumps(schema['default'], ensure_ascii=False)}")
    return Field(
        name=name,
        kind=kind,
        part=part,
        required=required,
        text=schema.get("description", ""),
        rules="; ".join(rules),
        personal=schema.get("personal", plain.get("personal", {})),
    )


def _one(schema: Json) -> Json:
    """The alternative that is not null."""
    options = schema.get("anyOf", [schema])
    found: Json = next((option for option in options if option.get("type") != "null"), options[0])
    return found


def _kind(schema: Json) -> tuple[str, str]:
    """A type in words, and the value inside it that has a description of its own."""
    one = _one(schema)
    none = " or null" if one is not schema and any(o.get("type") == "null" for o in schema.get("anyOf", ())) else ""
    if "$ref" in one:
        part = one["$ref"].rsplit("/", 1)[1]
        if part == "JsonValue":
            return f"any JSON value{none}", ""  # has no fields to be shown
        return f"{part}{none}", part
    if "const" in one:
        return f"{json.dumps(one['const'])}{none}", ""
    if "enum" in one:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in one["enum"]) + none, ""
    if one.get("type") == "array":
        inner, part = _kind(one.get("items", {}))
        return f"list of {inner}{none}", part
    if one.get("type") == "object" and isinstance(one.get("additionalProperties"), dict):
        inner, part = _kind(one["additionalProperties"])
        return f"object of {inner} by name{none}", part
    return f"{one.get('format') or one.get('type', 'any value')}{none}", ""
