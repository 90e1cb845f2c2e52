"""A proof as a file: the head is the first line, each part another, all of them JSON."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from services.matching.proof import NotWholeError, ProofHead, ProofPart
from services.matching.proving import Claim, claim_of
from shared.runtime.given_file import name_of, read_bytes, without_mark
from shared.runtime.wrong_use import WrongUseError

AGAIN = "write it anew with `./tandem match … --certificate FILE`"


def write_proof(path: Path, head: ProofHead, parts: Iterable[ProofPart]) -> None:
    """Write a proof. Raises WrongUseError."""
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write(head.model_dump_json() + "\n")
            for part in parts:
                file.write(part.model_dump_json(exclude_defaults=True) + "\n")
    except OSError as error:
        raise WrongUseError(f"{path} cannot be written ({error.strerror}); check the path") from None


def read_proof(path: Path) -> Claim:
    """Read a proof. Raises WrongUseError, of what is no proof or not whole."""
    name = name_of(path)
    first, *others = without_mark(read_bytes(path)).splitlines() or [b""]
    try:
        head = ProofHead.model_validate_json(first)
    except ValidationError:
        raise WrongUseError(f"{name} is no proof of a match; {AGAIN}") from None
    parts: list[ProofPart] = []
    for number, line in enumerate(others, start=2):
        try:
            parts.append(ProofPart.model_validate_json(line))
        except ValidationError as error:
            raise WrongUseError(f"{name}, line {number}{_where(error)} cannot be read; {AGAIN}") from None
    try:
        return claim_of(head, parts)
    except NotWholeError as error:
        raise WrongUseError(f"{name} is not whole: {error}; {AGAIN}") from None


def _where(error: ValidationError) -> str:
    place = error.errors(include_input=False, include_url=False)[0]["loc"]
    return f", {'.'.join(map(str, place))}" if place else ""
