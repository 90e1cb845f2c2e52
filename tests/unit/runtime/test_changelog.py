"""What the changelog of contracts says, and that no change stays unsaid."""

from typing import Any

import pytest

from shared.runtime.changelog import changes, digest, updated

TEXT = {"type": "string", "description": "a text"}


def schema(**fields: Any) -> dict[str, Any]:
    part = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 5}}, "required": ["n"]}
    return {"type": "object", "properties": fields, "required": sorted(fields), "$defs": {"Part": part}}


A = schema(a=TEXT)
B = schema(a=TEXT, b=TEXT)


def test_a_first_schema_is_new_and_the_same_again_says_nothing() -> None:
    first = updated("", {}, {"x.y.v1": A}, "1.0.0")
    assert "## 1.0.0\n\n- `x.y.v1`: new <!-- " in first
    assert updated(first, {"x.y.v1": A}, {"x.y.v1": A}, "1.1.0") == first


def test_a_change_stands_under_its_release_above_the_older_ones() -> None:
    first = updated("", {}, {"x.y.v1": A}, "1.0.0")
    second = updated(first, {"x.y.v1": A}, {"x.y.v1": B, "x.z.v1": A}, "1.1.0")
    assert second.index("## 1.1.0") < second.index("## 1.0.0")
    assert f"- `x.y.v1`: `b` is new <!-- {digest(B)} -->\n- `x.z.v1`: new" in second
    assert updated(second, {}, {"x.y.v1": B, "x.z.v1": A}, "1.1.0") == second
    third = updated(second, {"x.y.v1": B}, {"x.y.v1": A, "x.z.v1": A}, "1.1.0")
    assert third.count("## 1.1.0") == 1
    assert third.index("`b` is new") < third.index("`b` is gone")
    assert updated(third, {}, {"x.y.v1": A, "x.z.v1": A}, "1.1.0") == third, "the last entry of a release holds"


def test_a_schema_that_changed_together_with_what_is_committed_gets_its_entry_all_the_same() -> None:
    """Else whoever writes the schema by hand, or merges two branches, would leave no trace."""
    first = updated("", {}, {"x.y.v1": A}, "1.0.0")
    assert "- `x.y.v1`: changed <!-- " in updated(first, {"x.y.v1": B}, {"x.y.v1": B}, "1.0.0")


PART = {"$ref": "#/$defs/Part"}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (A, A, []),
        (A, schema(), ["`a` is gone"]),
        (A, {**A, "required": []}, ["`a` need not be there"]),
        ({**A, "required": []}, A, ["`a` must be there"]),
        (A, {**B, "required": ["a"]}, ["`b` is new, need not be there"]),
        (A, schema(a={**TEXT, "description": "other"}), ["`a` has another text"]),
        (A, schema(a={**TEXT, "personal": {"keep": "x"}}), ["`a` has another mark"]),
        (A, schema(a={**TEXT, "maxLength": 5}), ["`a`: maxLength none → 5"]),
        (A, schema(a={"anyOf": [TEXT, {"type": "null"}]}), ["`a`: or null none → true"]),
        (
            schema(a=PART),
            schema(a=PART, b={"type": "array", "items": PART}),
            ["`b` is new", "`b[]` is new, need not be there", "`b[].n` is new"],
        ),
        (schema(a={"enum": ["x"]}), schema(a={"enum": ["x", "y"]}), ['`a`: enum ["x"] → ["x", "y"]']),
    ],
)
def test_a_difference_is_said_in_words(before: dict[str, Any], after: dict[str, Any], said: list[str]) -> None:
    assert changes(before, after) == said
