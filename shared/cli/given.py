"""What people give a command: files that it reads, folders that it writes to, values that must fit a contract."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import typer
from pydantic import BaseModel, ValidationError

from shared.contracts.base import Contract
from shared.runtime.reasons import reasons_of

M = TypeVar("M", bound=BaseModel)


def read_text(path: Path, hint: str) -> str:
    """A file's text. Raises BadParameter in one line."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read ({error.strerror})", param_hint=hint) from None
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{path} is not text in UTF-8", param_hint=hint) from None


def fitting(model: type[M], value: object, what: str, hint: str) -> M:
    """The value as a model. Raises BadParameter that names every field that does not fit."""
    try:
        return model.from_data(value) if issubclass(model, Contract) else model.model_validate(value)
    except ValidationError as error:
        found = "; ".join(f"{r.field}: {r.message.en}" if r.field else r.message.en for r in reasons_of(error))
        raise typer.BadParameter(f"{what}: {found}", param_hint=hint) from None


def write_all(texts: Mapping[Path, str], hint: str) -> None:
    """Write files and the folders above them. Raises BadParameter in one line."""
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{error.filename} cannot be written ({error.strerror})", param_hint=hint) from None
