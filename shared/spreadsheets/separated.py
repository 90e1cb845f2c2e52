"""CSV as rows of texts: comma, semicolon, tab or |; UTF-8, UTF-16, UTF-32 or Windows-1252."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from functools import partial

from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.cells import words
from shared.spreadsheets.rows import Table, cleaned

UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""How what Excel calls Unicode text begins."""
PDF = b"%PDF-"
STEERING = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""Bytes that no text holds."""
LOOKED_AT, MOST_STEERING = 4096, 0.02
"""Of so many first bytes, the share of them that a text with a slip in it may have."""
HALF_EMPTY, NEARLY_FULL = 0.7, 0.1
"""The shares of zeros at every other byte of UTF-16, and between them."""
DELIMITERS = (";", ",", "\t", "|")
LARGEST_CELL = 1 << 20
"""Characters; a cell beyond it is a quotation mark that nobody closed."""
FEW = 3
"""Delimiters in a line of a cell that are no row yet."""


def is_no_text(content: bytes) -> bool:
    """Whether a file is a picture, a document, or noise."""
    if _wide(content):
        return False
    begin = content[:LOOKED_AT]
    return begin.startswith(PDF) or len(STEERING.findall(begin)) > MOST_STEERING * len(begin)


def separated(content: bytes, name: str) -> list[Table]:
    """The text read with each delimiter, first that which the first line with any has most of."""
    text = _decoded(content)
    first = next((line for line in io.StringIO(text) if any(each in line.strip() for each in DELIMITERS)), "")
    delimiters = sorted(DELIMITERS, key=first.count, reverse=True)
    return [Table("", partial(_lines, text, delimiter, name), delimiter) for delimiter in delimiters]


def _wide(content: bytes) -> str:
    """The encoding, where it is UTF-32, or UTF-16, that also without its mark; else empty."""
    begin = content[:LOOKED_AT]
    # The mark of the one begins with that of the other.
    if begin.startswith(UTF_32):
        return "utf-32"
    if begin.startswith(UTF_16):
        return "utf-16"
    even, odd = begin[::2], begin[1::2]
    for encoding, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(high) > 1 and high.count(0) > HALF_EMPTY * len(high) and low.count(0) < NEARLY_FULL * len(low):
            return encoding
    return ""


def _decoded(content: bytes) -> str:
    """UTF-16 or UTF-32 where it is, UTF-8, else what Excel writes on a German Windows."""
    if encoding := _wide(content):
        return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _lines(text: str, delimiter: str, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Each row with the number of its first line. Raises WrongUseError."""
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number, begun, width = 1, 1, 0
    cells: list[str] = []
    try:
        for cells in reader:
            width = max(width, len(cells))
            if any(_swallowed(cell, delimiter, width) for cell in cells):
                raise _not_closed(name, number)
            yield number, [cleaned(cell) for cell in cells]
            # A cell may hold several lines.
            begun, number = number, reader.line_num + 1
    except csv.Error as error:
        raise WrongUseError(words("no-csv", name=name, line=number, error=error)) from None
    if cells and _several(cells[-1]) and not text.rstrip().endswith('"'):
        raise _not_closed(name, begun)


def _several(cell: str) -> bool:
    return "\n" in cell or "\r" in cell


def _swallowed(cell: str, delimiter: str, width: int) -> bool:
    """Whether a cell holds whole rows: a quotation mark before it was never closed."""
    return _several(cell) and any(line.count(delimiter) >= max(FEW, width - 2) for line in cell.splitlines()[1:])


def _not_closed(name: str, line: int) -> WrongUseError:
    return WrongUseError(words("not-closed", name=name, line=line))
