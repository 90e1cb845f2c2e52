"""What a file is, where it is none of the spreadsheets that are read, and what its owner does then."""

import io
import re
import zipfile

from shared.contracts.base import Text
from shared.spreadsheets.cells import words

OLE = b"\xd0\xcf\x11\xe0"
"""How a file of an old Excel begins, and one with a password."""
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""What a file with a password has beside its content."""
ZIP = b"PK\x03\x04"
"""How an XLSX file begins, and many others."""
ARCHIVES = (
    (re.compile(r"xl/workbook\.xml"), ""),
    (re.compile(r"xl/workbook\.bin"), "xlsb"),
    (re.compile(r"word/.*"), "word"),
    (re.compile(r"ppt/.*"), "presentation"),
    (re.compile(r"(?:.*/)?Index(?:/.*\.iwa|\.zip)"), "numbers"),
    (re.compile(r"mimetype|content\.xml"), "ods"),
)
"""What a member of an archive tells of it, as in words.toml; nothing where it is an XLSX file."""
TEXTS = (
    (re.compile(rb"<\?xml[^>]*>\s*<\?mso-application|<(?:\w+:)?workbook\b", re.IGNORECASE), "xml"),
    (re.compile(rb"<(?:!doctype|html|head|body|table|meta|!--|\?xml)", re.IGNORECASE), "html"),
    (re.compile(rb"\{\\rtf"), "rtf"),
    (re.compile(rb"ID;PWXL"), "sylk"),
    (re.compile(rb"[\[{]\s*[\[{\"]"), "json"),
    (re.compile(rb"\x1f\x8b|7z\xbc\xaf|Rar!"), "packed"),
)
"""How texts begin that are no CSV, whatever their name says."""
BEGIN = 1024
"""So many first bytes tell of a text."""


def other_kind(content: bytes, name: str) -> Text | None:
    """What to say of a file that is another kind; None where it may be read."""
    if content.startswith(OLE):
        if ENCRYPTED in content:
            return words("has-password", name=name)
        return words("old-excel", name=name)
    kind = _archive(content) if content.startswith(ZIP) else _text(content)
    if not kind:
        return None
    return words("other-kind", name=name, kind=words(f"kind-{kind}"))


def _archive(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.namelist()
    except Exception:  # noqa: BLE001 - what a damaged archive raises has no end; who reads it says that it is damaged
        return ""
    found = (kind for mark, kind in ARCHIVES if any(mark.fullmatch(member) for member in members))
    return next(found, "" if "[Content_Types].xml" in members else "zip")


def _text(content: bytes) -> str:
    begin = content[:BEGIN].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((kind for mark, kind in TEXTS if mark.match(begin)), "")
