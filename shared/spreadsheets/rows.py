"""What a sheet is made of: rows of texts, each as somebody reads it."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

UNSEEN = re.compile(
    "[\u00ad\u034f\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]"
    "|(?<![^\\x00-\u024f])[\u200c\u200d]|[\u200c\u200d](?![^\\x00-\u024f])"
)
"""What takes no room, and comes along when text is copied: soft hyphens, marks of direction, joints.

Between letters of other scripts, and within an emoji, a joint is part of what is written.
"""
HYPHENS = re.compile("[\u2010\u2011]")
"""Hyphens that a word processor makes of the plain one."""
BLANK = re.compile(r"[^\S\n\r\t ]")
"""Blanks that do not break, thin ones, and the like."""
MARKED = re.compile(r"'(?=[\d=+\-@])")
"""An apostrophe by which a spreadsheet takes what follows for text."""


class Row(NamedTuple):
    """One row; of the cells that are filled, the text by place."""

    number: int
    """As the program shows it, from 1."""
    cells: Mapping[int, str]


class Sheet(NamedTuple):
    """The filled rows of a sheet, headings and all."""

    title: str
    rows: Sequence[Row]
    others: Sequence[str] = ()
    """The titles of other sheets on which something stands."""
    delimiter: str = ""
    """What stands between the cells of a CSV file."""


Lines = Callable[[], Iterator[tuple[int, Sequence[str]]]]
"""Begins to read: each row's number and its cells."""


class Table(NamedTuple):
    """A sheet of a file, or one way to read it, before it is read."""

    title: str
    lines: Lines
    delimiter: str = ""
    """What stands between the cells of a CSV file."""


class Uncomputed(str):
    """A formula that holds no value: the program that wrote the file did not compute it."""

    __slots__ = ()


def cleaned(text: str) -> str:
    """A cell as somebody sees it: composed (NFC), with plain blanks, without what takes no room."""
    if not text.isascii():
        text = HYPHENS.sub("-", BLANK.sub(" ", UNSEEN.sub("", unicodedata.normalize("NFC", text))))
    text = text.strip()
    return text[1:] if MARKED.match(text) else text
