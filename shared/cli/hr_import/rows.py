"""The lines of HR's file. Of each the personnel key alone is read; more is parsed of who takes part. Pure."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pydantic import ValidationError

from shared.contracts.hr import EmploymentRow
from shared.runtime.reasons import reasons_of

# A quotation mark inside a text is escaped, so that no text can be taken for the key.
NAMED = re.compile(rb'"personnel_key"\s*:')
KEY = re.compile(rb'"personnel_key"\s*:\s*("(?:[^"\\]|\\.)*")')
LONGEST_KEY = 64
LONGEST_LINE = 100_000
"""Bytes; a person's row has a few hundred."""
BOM = b"\xef\xbb\xbf"
WIDE = (b"\xff\xfe", b"\xfe\xff")
"""How a file in UTF-16 begins."""
AS_OF = re.compile(rb'\s*\{\s*"as_of"\s*:')


OF_A_ROW = {
    "json_invalid": "this line is no JSON; write one person a line, and the whole object",
    "extra_forbidden": "the row has a field that is not read; leave it out, or correct its name",
}
"""What is said otherwise of a row than of a command."""


class FileError(Exception):
    """The file as a whole cannot be taken; one line that says what to do, without its content."""


class Line(NamedTuple):
    """A line with its number and whom it is about; the rest of it has not been looked at."""

    number: int
    key: str
    text: bytes


class Refused(NamedTuple):
    """A line that cannot be taken: where, what is wrong, what to do. Never what is in it."""

    line: int
    field: str
    code: str
    message: str


def header_of(first: bytes) -> dt.datetime | None:
    """When the file was made, if its first line says so. Raises FileError."""
    if first.startswith(WIDE):
        raise FileError("the file is in UTF-16; save it as UTF-8")
    text = first.removeprefix(BOM)
    if text.strip() and not text.lstrip().startswith(b"{") and not NAMED.search(text):
        raise FileError(
            "this is no JSON Lines file, with an object a line; for a spreadsheet leave out --hr, and name --programme"
        )
    if not AS_OF.match(text) or NAMED.search(text):
        return None
    try:
        return moment(str(json.loads(text)["as_of"]))
    except (ValueError, RecursionError):
        raise FileError('its first line is no {"as_of": "2026-11-02T21:30:00+01:00"}; correct it') from None


def moment(text: str) -> dt.datetime:
    """A point in time, with its offset to UTC. Raises ValueError that says how to write one."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ValueError("write a time with its offset, e.g. 2026-11-02T21:30:00+01:00")
    return found


def sequence_of(as_of: dt.datetime) -> int:
    """The sequence of all that a file says: its minute in UTC, as 202611022030."""
    return int(as_of.astimezone(dt.UTC).strftime("%Y%m%d%H%M"))


def lines_of(source: Iterable[bytes]) -> Iterator[Line | Refused]:
    """Every line that is not empty, the header aside; what has no key that can be read is refused."""
    for number, text in enumerate(source, 1):
        line = text.removeprefix(BOM) if number == 1 else text
        if not line.strip() or (number == 1 and AS_OF.match(line) and not NAMED.search(line)):
            continue
        yield _line(number, line)


def _line(number: int, text: bytes) -> Line | Refused:
    if len(text) > LONGEST_LINE:
        return Refused(number, "", "too_long", "the line is too long; write one person a line (JSON Lines)")
    named = len(NAMED.findall(text))
    if named > 1:
        return _refused(number, "named_twice", "it is named more than once; write one person a line, and it once")
    found = KEY.search(text)
    if found is None:
        why = "write it as text in quotation marks" if named else "every line needs it, as text in quotation marks"
        return _refused(number, "no_key", why)
    try:
        key = json.loads(found[1])
    except ValueError:
        return _refused(number, "not_text", "it is not text in UTF-8; save the file as UTF-8")
    if not 1 <= len(key) <= LONGEST_KEY or not _whole(key):
        return _refused(number, "no_key", f"write 1 to {LONGEST_KEY} characters")
    return Line(number, key, text)


def _refused(number: int, code: str, message: str) -> Refused:
    return Refused(number, "personnel_key", code, message)


def _whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def row_of(line: Line) -> EmploymentRow | tuple[Refused, ...]:
    """What a line says of somebody who takes part, or everything that is wrong with it."""
    try:
        row = EmploymentRow.model_validate_json(line.text)
    except ValidationError as error:
        return tuple(
            Refused(line.number, r.field, r.code, OF_A_ROW.get(r.code, r.message.en)) for r in reasons_of(error)
        )
    if row.personnel_key != line.key:
        return (_refused(line.number, "not_its_own", "it stands inside another field; write it beside the others"),)
    return row
