"""What a new version may do to those who rely on the old one."""

from typing import Any

import pytest

from shared.runtime.compatibility import broken

PART = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def schema(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": sorted(fields), "$defs": {"Part": PART}}


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
STATUS = {"enum": ["open", "closed"], "type": "string"}
SHORT = {"anyOf": [{**TEXT, "maxLength": 64}, {"type": "null"}]}
SHORTER = {"anyOf": [{**TEXT, "maxLength": 8}, {"type": "null"}]}
MAP = {"type": "object", "additionalProperties": NUMBER}
PAIR = {"type": "array", "prefixItems": [TEXT, NUMBER]}
OPTIONAL = {"anyOf": [TEXT, {"type": "null"}]}


@pytest.mark.parametrize(
    ("before", "after", "reader", "sender"),
    [
        (schema(a=TEXT), schema(a=TEXT), [], []),
        (schema(a=TEXT), schema(a=TEXT, b=TEXT), [], ["b is now required"]),
        (schema(a=TEXT, b=TEXT), schema(a=TEXT), ["b is gone"], ["b is no longer taken"]),
        (schema(a=TEXT), schema(a=NUMBER), ["a may now be integer"], ["a may no longer be string"]),
        (schema(a=TEXT), schema(a=OPTIONAL), ["a may now be null"], []),
        (schema(a=OPTIONAL), schema(a=TEXT), [], ["a may no longer be null"]),
        (schema(a=STATUS), schema(a={**STATUS, "enum": ["open"]}), [], ["a may no longer be 'closed'"]),
        (schema(a={**STATUS, "enum": ["open"]}), schema(a=STATUS), ["a may now be 'closed'"], []),
        (schema(a={"const": "x"}), schema(a={"const": "y"}), ["a may now be 'y'"], ["a may no longer be 'x'"]),
        (schema(a=TEXT), schema(a={**TEXT, "minLength": 1}), [], ["a has a stricter minLength"]),
        (schema(a={**NUMBER, "maximum": 5}), schema(a={**NUMBER, "maximum": 4}), [], ["a has a stricter maximum"]),
        (schema(a={**NUMBER, "maximum": 5}), schema(a={**NUMBER, "maximum": 9}), ["a has a wider maximum"], []),
        (schema(a=TEXT), schema(a={**TEXT, "format": "date"}), [], ["a may no longer be string"]),
        (schema(a={**TEXT, "format": "date"}), schema(a=TEXT), ["a may now be string"], []),
        (schema(a=SHORT), schema(a=SHORTER), [], ["a has a stricter maxLength"]),
        (
            schema(a=MAP),
            schema(a={**MAP, "additionalProperties": TEXT}),
            ["a[] may now be string"],
            ["a[] may no longer be integer"],
        ),
        (
            schema(a=PAIR),
            schema(a={**PAIR, "prefixItems": [TEXT, TEXT]}),
            ["a[] may now be string"],
            ["a[] may no longer be integer"],
        ),
        (schema(a={**TEXT, "pattern": "a"}), schema(a={**TEXT, "pattern": "b"}), [], ["a has a stricter pattern"]),
    ],
)
def test_readers_must_understand_what_comes_and_senders_may_send_what_was_taken(
    before: dict[str, Any], after: dict[str, Any], reader: list[str], sender: list[str]
) -> None:
    assert broken(before, after, command=False) == reader
    assert broken(before, after, command=True) == sender


def test_what_may_be_missing_breaks_a_reader() -> None:
    after = {**schema(a=TEXT), "required": []}
    assert broken(schema(a=TEXT), after, command=False) == ["a may be missing"]
    assert broken(schema(a=TEXT), after, command=True) == []


@pytest.mark.parametrize(
    "wrap", [lambda s: s, lambda s: {"type": "array", "items": s}, lambda s: {"anyOf": [s, {"type": "null"}]}]
)
def test_a_break_inside_a_part_is_found_wherever_the_part_stands(wrap: Any) -> None:
    before = schema(a=wrap({"$ref": "#/$defs/Part"}))
    after = {**before, "$defs": {"Part": {**PART, "properties": {"n": TEXT}}}}
    [found] = broken(before, after, command=False)
    assert found.endswith("n may now be string")
