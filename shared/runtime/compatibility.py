"""Whether a contract's new schema breaks who relies on the published one: readers of an event, senders of a command.

Readers ignore fields that they do not know, so an event may get more; a command may ask for less. All else is a new
version: a field that went, a value or type that a reader never met, a rule that refuses what was taken before.
"""

from typing import Any

Schema = dict[str, Any]

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def broken(before: Schema, after: Schema, *, command: bool) -> list[str]:
    """What the new JSON Schema takes from readers of an event, or asks of senders of a command; empty if nothing."""
    return _Comparison(before.get("$defs", {}), after.get("$defs", {}), command).compare(before, after, "")


class _Comparison:
    def __init__(self, before: Schema, after: Schema, command: bool) -> None:
        self._before = before
        self._after = after
        self._command = command
        self._met: set[tuple[str, str]] = set()

    def compare(self, before: Schema, after: Schema, path: str) -> list[str]:
        """The differences at a path and below it."""
        names = (str(before.get("$ref", "")), str(after.get("$ref", "")))
        if all(names):
            if names in self._met:
                return []
            self._met.add(names)
        old, new = _resolved(before, self._before), _resolved(after, self._after)
        # Who receives must be able to read whatever may come; who sends may go on sending what was taken.
        come, taken = (old, new) if self._command else (new, old)
        change = "may no longer be" if self._command else "may now be"
        found = [f"{path or 'it'} {change} {kind}" for kind in _more(_kinds(come), _kinds(taken))]
        old_one, new_one = _one(old, self._before), _one(new, self._after)
        if self._command:
            found += [f"{path or 'it'} has a stricter {rule}" for rule in _stricter(old_one, new_one)]
        else:
            found += [f"{path or 'it'} has a wider {rule}" for rule in _stricter(new_one, old_one) if rule != "pattern"]
        found += self._fields(old_one, new_one, path)
        for inside in ("items", "additionalProperties"):
            if isinstance(old_one.get(inside), dict) and isinstance(new_one.get(inside), dict):
                found += self.compare(old_one[inside], new_one[inside], f"{path}[]")
        for one, other in zip(old_one.get("prefixItems", ()), new_one.get("prefixItems", ()), strict=False):
            found += self.compare(one, other, f"{path}[]")
        return found

    def _fields(self, old: Schema, new: Schema, path: str) -> list[str]:
        fields, now = old.get("properties", {}), new.get("properties", {})
        if not fields:
            return []
        required, needed = set(old.get("required", ())), set(new.get("required", ()))
        gone = "is no longer taken" if self._command else "is gone"
        stem = f"{path}." if path else ""
        found = [f"{stem}{field} {gone}" for field in fields if field not in now]
        if self._command:
            found += [f"{stem}{field} is now required" for field in sorted(needed - required)]
        else:
            found += [f"{stem}{field} may be missing" for field in sorted(required - needed) if field in now]
        for field in fields:
            if field in now:
                found += self.compare(fields[field], now[field], f"{path}.{field}" if path else field)
        return found


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    reference = schema.get("$ref")
    return definitions[reference.rsplit("/", 1)[1]] if isinstance(reference, str) else schema


def _alternatives(schema: Schema) -> list[Schema]:
    found: list[Schema] = schema.get("anyOf") or [schema]
    return found


def _one(schema: Schema, definitions: Schema) -> Schema:
    """The alternative that is not null; `T | None` is the only kind of union that contracts have."""
    options = [_resolved(option, definitions) for option in _alternatives(schema)]
    return next((option for option in options if option.get("type") != "null"), options[0])


def _kinds(schema: Schema) -> set[str]:
    """Every type, or where values are listed every value, that may stand there."""
    found: set[str] = set()
    for option in _alternatives(schema):
        values = option.get("enum", [option["const"]] if "const" in option else [])
        form = f" ({option['format']})" if "format" in option else ""
        found |= {repr(value) for value in values} or {f"{option.get('type', 'object')}{form}"}
    return found


def _more(come: set[str], taken: set[str]) -> list[str]:
    """What may come and is not taken; whoever takes any string takes a date."""
    return sorted(kind for kind in come - taken if kind.split(" (")[0] not in taken)


def _stricter(before: Schema, after: Schema) -> list[str]:
    found = [r for r in _LOWER if r in after and (r not in before or after[r] > before[r])]
    found += [r for r in _UPPER if r in after and (r not in before or after[r] < before[r])]
    return found + [r for r in ("pattern",) if r in after and after[r] != before.get(r)]
