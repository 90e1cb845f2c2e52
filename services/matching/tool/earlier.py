"""An earlier `--json` output of a match, read again."""

from pathlib import Path

from pydantic import BaseModel, JsonValue, ValidationError

from shared.runtime.given_file import name_of, no_json, read_bytes, without_mark
from shared.runtime.wrong_use import WrongUseError


class EarlierPair(BaseModel):
    """A pair; what is None was not said."""

    mentor: str
    mentee: str
    score: int | None = None
    parts: dict[str, int] | None = None
    reasons: JsonValue = None
    pinned: bool | None = None
    kept: bool | None = None


class EarlierUnmatched(BaseModel):
    """A person without a tandem; what is None was not said."""

    id: str
    reason: JsonValue = None


class Earlier(BaseModel):
    """What is used of a result; what is None was not said."""

    pairs: tuple[EarlierPair, ...]
    unmatched: tuple[EarlierUnmatched, ...] | None = None
    tandems: int | None = None
    lowest_score: int | None = None
    total_score: int | None = None
    optimal: bool | None = None
    gap: int | None = None
    previous: dict[str, int] | None = None
    seed: str | None = None


def read_earlier(path: Path) -> Earlier:
    """Read a result. Raises WrongUseError."""
    name = name_of(path)
    try:
        return Earlier.model_validate_json(without_mark(read_bytes(path)), strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        if first["type"] == "json_invalid":
            raise no_json(name, first) from None
        raise WrongUseError(
            f"{name} is no result of a match; write one with `./tandem match … --json > result.json`"
        ) from None
