"""Words for people, from a service's catalogue `words.toml`: German and English under one key, never in logic.

[meeting-scheduled]
de = "Ihr Treffen ist am {date}."
en = "Your meeting is on {date}."
"""

import datetime as dt
import string
import tomllib
from functools import cache
from importlib.resources import files

from shared.contracts.base import Text


class WordsError(Exception):
    """A catalogue lacks a key or a language, or its languages use different placeholders; says which."""


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


class Words:
    """A catalogue; call it with a key and what to fill in: `words("meeting-scheduled", date=dt.date(2027, 3, 1))`.

    A parameter that is itself a `Text`, and a date, is filled in by language. Raises WordsError for an unknown key.
    """

    def __init__(self, package: str, file: str = "words.toml") -> None:
        catalogue = tomllib.loads(files(package).joinpath(file).read_text(encoding="utf-8"))
        self._texts: dict[str, Text] = {}
        for key, entry in catalogue.items():
            if set(entry) != {"de", "en"}:
                raise WordsError(f"{package}/{file}: [{key}] needs exactly de and en")
            if _placeholders(entry["de"]) != _placeholders(entry["en"]):
                raise WordsError(f"{package}/{file}: [{key}] uses different placeholders in de and en")
            self._texts[key] = Text(de=entry["de"], en=entry["en"])

    def __call__(self, key: str, /, **params: object) -> Text:
        """The text of a key with its placeholders filled in."""
        try:
            template = self._texts[key]
        except KeyError:
            raise WordsError(f"no words for {key!r}; add them to words.toml") from None
        filled = {k: written(v) if isinstance(v, dt.date) else v for k, v in params.items()}
        return Text(
            de=template.de.format_map({k: v.de if isinstance(v, Text) else v for k, v in filled.items()}),
            en=template.en.format_map({k: v.en if isinstance(v, Text) else v for k, v in filled.items()}),
        )

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    @property
    def keys(self) -> frozenset[str]:
        """Every key of the catalogue."""
        return frozenset(self._texts)


@cache
def _dates() -> Words:
    return Words("shared.runtime", "dates.toml")


def written(date: dt.date) -> Text:
    """A date as people write it: 3. Mai 2027, 3 May 2027."""
    words = _dates()
    return words("date", day=date.day, month=words(f"month-{date.month}"), year=date.year)


def with_weekday(date: dt.date) -> Text:
    """A date with its weekday: Montag, 3. Mai 2027; Monday, 3 May 2027."""
    words = _dates()
    return words("weekday", name=words(f"weekday-{date.weekday()}"), date=date)
