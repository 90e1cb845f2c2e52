"""An example of each message, made from its schema: the same every time, and fitting its contract."""

from typing import Any

from shared.contracts.base import TYPE_PREFIX, Command, Contract, Event
from shared.contracts.parts import LINK
from shared.runtime.topology import PEOPLE

Json = dict[str, Any]

UUID = "5f0c2a8e-91d4-5b7a-8c36-0e4f7d21b9a5"
ID = "0b6d7a52f4c94a0f8e1d3c2b1a098765"
COMMAND_ID = "c1d2e3f4a5b60718293a4b5c6d7e8f90"
TIME = "2027-03-01T08:30:00Z"
DATE = "2027-03-01"
LATER = "2027-08-31"

NAMED: Json = {
    "area": "software",
    "display_name": "Kim Beispiel",
    "end": 960,
    "ends": LATER,
    "ends_on": LATER,
    "closes": LATER,
    "latest": LATER,
    "high": 0.9,
    "languages": ["de", "en"],
    "low": 0.7,
    "mail": "kim.beispiel@example.org",
    "phone": "+49 89 000000",
    "privacy_notice": "2",
    "programme_id": "pilot-2027",
    "start": 540,
    "topic_id": "social-media",
    "zone": "Europe/Berlin",
}
"""What a field of this name holds in every example."""

BY_PATTERN = {
    r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$": UUID,
    r"^[a-z]{2}$": "de",
    LINK: "https://video.example.org/{meeting_id}",
    r"^[^@\s]+@[^@\s]+$": "office@example.org",
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$": "kim.beispiel@example.org",
}


def example(contract: type[Contract]) -> Json:
    """A whole envelope with a contract's data. Every field stands in it, the optional ones as well."""
    schema = contract.model_json_schema()
    data: Json = _value(schema, schema.get("$defs", {}), "")
    made: Json = {"specversion": "1.0", "id": ID, "type": TYPE_PREFIX + contract.name, "time": TIME}
    if issubclass(contract, Command):
        user = next((user for user, role in PEOPLE.items() if role in contract.senders), contract.owner)
        made |= {"source": f"/{user}", "correlationid": ID}
        if user == "portal":
            made["actor"] = UUID
    elif issubclass(contract, Event):
        source = f"/{contract.owner}" if contract.owner in PEOPLE else f"/tandem/{contract.owner}"
        made |= {"source": source, "subject": contract.about.format_map(data)}
        made["correlationid"] = COMMAND_ID
        if contract.stateful:
            made |= {"sequence": 1, "epoch": 1}
    return {**made, "datacontenttype": "application/json", "data": data}


def _value(schema: Json, definitions: Json, name: str) -> Any:
    if "$ref" in schema:
        return _value(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions, name)
    options = schema.get("anyOf")
    if options:
        return _value(next(option for option in options if option.get("type") != "null"), definitions, name)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return NAMED[name] if NAMED.get(name) in schema["enum"] else schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        return _object(schema, definitions)
    if kind == "array":
        return _array(schema, definitions, name)
    return NAMED[name] if name in NAMED and _is(kind, NAMED[name]) else _plain(schema, kind, name)


def _is(kind: str, value: object) -> bool:
    return isinstance(value, {"string": str, "integer": int, "number": float}.get(kind, bool))


def _object(schema: Json, definitions: Json) -> Any:
    if "properties" in schema:
        return {name: _value(inner, definitions, name) for name, inner in schema["properties"].items()}
    inner = schema.get("additionalProperties")
    return {"example": _value(inner, definitions, "")} if isinstance(inner, dict) and inner else {}


def _array(schema: Json, definitions: Json, name: str) -> Any:
    if isinstance(NAMED.get(name), list):
        return NAMED[name]
    places = schema.get("prefixItems", ())
    if places:
        return [_value(place, definitions, name) for place in places]
    return [_value(schema["items"], definitions, name)] * max(1, schema.get("minItems", 1))


def _plain(schema: Json, kind: str, name: str) -> Any:
    if kind == "string":
        if schema.get("format") == "date":
            return DATE
        if schema.get("format") == "date-time":
            return TIME
        found = BY_PATTERN.get(schema.get("pattern", ""), f"{name or 'example'}-1".replace("_", "-"))
        return found[: schema.get("maxLength", len(found))]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return kind == "boolean"
