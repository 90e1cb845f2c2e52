"""The changelog of contracts: what each release changed in the schemas that were published before.

Each entry carries its schema's digest in a comment, so that a schema that changed without an entry is found whatever
else was committed with it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

TITLE = """# Changes of contracts

Written by `./tandem contracts`, newest release first. What may change within a version, and what needs a new one:
[publishing.md](../publishing.md).
"""
_ENTRY = re.compile(r"^- `([^`]+)`.*<!-- ([0-9a-f]{12}) -->$")
_BOUNDS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
)


def digest(schema: Schema) -> str:
    """Twelve hexadecimal digits of a schema's SHA-256; texts count, the order of fields does not."""
    return hashlib.sha256(json.dumps(schema, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]


def updated(text: str, published: Mapping[str, Schema], now: Mapping[str, Schema], release: str) -> str:
    """The changelog with an entry, under this release, for each schema whose newest entry is not of this schema.

    `published` are the schemas as they stood before, by name; what is not among them is new.
    """
    sections = _sections(text)
    newest: dict[str, str] = {}
    for _, lines in reversed(sections):
        newest |= {found[1]: found[2] for line in lines if (found := _ENTRY.match(line))}
    entries = []
    for name, schema in sorted(now.items()):
        mark = digest(schema)
        if newest.get(name) == mark:
            continue
        differences = "; ".join(changes(published.get(name, schema), schema))
        what = (differences or "changed") if name in newest else "new"
        entries.append(f"- `{name}`: {what} <!-- {mark} -->")
    if entries:
        if not sections or sections[0][0] != release:
            sections.insert(0, (release, []))
        sections[0][1].extend(entries)
    return TITLE + "".join(f"\n## {name}\n\n" + "".join(f"{line}\n" for line in lines) for name, lines in sections)


def _sections(text: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("## "):
            found.append((line.removeprefix("## ").strip(), []))
        elif found and line.strip():
            found[-1][1].append(line)
    return found


def changes(before: Schema, after: Schema) -> list[str]:
    """What a schema says differently, field by field, in words."""
    old, new = _facts(before), _facts(after)
    found = [f"`{path}` is gone" for path in old if path not in new]
    for path, facts in new.items():
        if path not in old:
            found.append(f"`{path}` is new" + ("" if facts.get("required") else ", need not be there"))
            continue
        for fact in sorted({*facts, *old[path]}):
            was, is_ = old[path].get(fact), facts.get(fact)
            if was == is_:
                continue
            if fact in ("description", "personal"):
                found.append(f"`{path or 'it'}` has another {'mark' if fact == 'personal' else 'text'}")
            elif fact == "required":
                found.append(f"`{path}` {'must' if is_ else 'need not'} be there")
            else:
                found.append(f"`{path or 'it'}`: {fact} {_shown(was)} → {_shown(is_)}")
    return found


def _shown(value: object) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False)


def _facts(schema: Schema) -> dict[str, dict[str, Any]]:
    """What is said of each field, by its dotted path; the message itself is the empty path."""
    definitions = schema.get("$defs", {})
    found: dict[str, dict[str, Any]] = {}

    def walk(one: Schema, path: str, required: bool, above: tuple[str, ...]) -> None:
        reference = one.get("$ref", "").rsplit("/", 1)[-1]
        if reference:
            if reference in above:
                return
            one = {**definitions[reference], **one}
            above = (*above, reference)
        facts = found.setdefault(path, {})
        kept = ("type", "format", "pattern", "enum", "const", "default", "description", "personal", *_BOUNDS)
        facts |= {fact: one[fact] for fact in kept if fact in one}
        if required:
            facts["required"] = True
        needed = one.get("required", ())
        for name, inner in one.get("properties", {}).items():
            walk(inner, f"{path}.{name}" if path else name, name in needed, above)
        for option in one.get("anyOf", ()):
            if option.get("type") == "null":
                found[path]["or null"] = True
            else:
                walk(option, path, required, above)
        for inside in ("items", "additionalProperties"):
            if isinstance(one.get(inside), dict):
                walk(one[inside], f"{path}[]", False, above)
        for number, inner in enumerate(one.get("prefixItems", ())):
            walk(inner, f"{path}[{number}]", False, above)

    walk(schema, "", False, ())
    return found
