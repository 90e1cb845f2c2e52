"""What a file is, where it is none of the spreadsheets that are read, and what its owner does then."""

import io
import re
import zipfile

OLE = b"\xd0\xcf\x11\xe0"
"""How a file of an old Excel begins, and one with a password."""
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""What a file with a password has beside its content."""
ZIP = b"PK\x03\x04"
"""How an XLSX file begins, and many others."""
ARCHIVES = (
    (re.compile(r"xl/workbook\.xml"), ""),
    (re.compile(r"xl/workbook\.bin"), "a binary workbook (XLSB)"),
    (re.compile(r"word/.*"), "a Word document"),
    (re.compile(r"ppt/.*"), "a presentation"),
    (re.compile(r"(?:.*/)?Index(?:/.*\.iwa|\.zip)"), "a Numbers or Pages file"),
    (re.compile(r"mimetype|content\.xml"), "an OpenDocument file (ODS)"),
)
"""What a member of an archive tells of it; nothing where it is an XLSX file."""
TEXTS = (
    (re.compile(rb"<\?xml[^>]*>\s*<\?mso-application|<(?:\w+:)?workbook\b", re.IGNORECASE), "an XML spreadsheet"),
    (re.compile(rb"<(?:!doctype|html|head|body|table|meta|!--|\?xml)", re.IGNORECASE), "a web page (HTML)"),
    (re.compile(rb"\{\\rtf"), "a text document (RTF)"),
    (re.compile(rb"ID;PWXL"), "a SYLK file"),
    (re.compile(rb"[\[{]\s*[\[{\"]"), "JSON"),
    (re.compile(rb"\x1f\x8b|7z\xbc\xaf|Rar!"), "a packed file"),
)
"""How texts begin that are no CSV, whatever their name says."""
BEGIN = 1024
"""So many first bytes tell of a text."""


def other_kind(content: bytes, name: str) -> str:
    """What to say of a file that is another kind; empty where it may be read."""
    if content.startswith(OLE):
        if ENCRYPTED in content:
            return f"{name} has a password; open it in Excel, take the password away, and save it as XLSX"
        return f"{name} is an old Excel file or one with a password; save it as XLSX or CSV, without a password"
    kind = _archive(content) if content.startswith(ZIP) else _text(content)
    if not kind:
        return ""
    return f"{name} is {kind}, whatever it is called; open it where it was made, and save the people as XLSX or CSV"


def _archive(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.namelist()
    except Exception:  # noqa: BLE001 - what a damaged archive raises has no end; who reads it says that it is damaged
        return ""
    found = (kind for mark, kind in ARCHIVES if any(mark.fullmatch(member) for member in members))
    return next(found, "" if "[Content_Types].xml" in members else "an archive (ZIP)")


def _text(content: bytes) -> str:
    begin = content[:BEGIN].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((kind for mark, kind in TEXTS if mark.match(begin)), "")
