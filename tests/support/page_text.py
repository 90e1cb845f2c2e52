"""What a page in two languages says in one of them: all of it, and what stands in its tables."""

import re
from html.parser import HTMLParser

NOT_READ = ("style", "script", "title", "desc", "text")
"""Elements whose text is none of the page's own: styles, and what pictures say."""
VOID = ("meta", "link", "input", "br", "img")


class Said(HTMLParser):
    """The text of a page in a language; `tables` is what stands in tables."""

    def __init__(self, html: str, language: str) -> None:
        super().__init__()
        self.language = language
        self.parts: list[str] = []
        self.tables: list[str] = []
        self._open: list[tuple[str, str | None, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            given = dict(attrs)
            self._open.append((tag, given.get("lang") if tag != "html" else None, given.get("role") == "img"))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if any(tag in NOT_READ or picture or (lang and lang != self.language) for tag, lang, picture in self._open):
            return
        self.parts.append(data)
        if any(tag == "table" for tag, *_ in self._open):
            self.tables.append(data)

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join(" ".join(self.parts).split())

    @property
    def numbers(self) -> set[str]:
        """Every number of the page as it is written."""
        return found(self.parts)

    @property
    def numbers_in_tables(self) -> set[str]:
        """Every number in a table as it is written."""
        return found(self.tables)


def found(parts: list[str]) -> set[str]:
    """The numbers in texts."""
    return {number.rstrip(".,") for part in parts for number in re.findall(r"(?<!\w)\d[\d.,]*(?!\w)", part)}
