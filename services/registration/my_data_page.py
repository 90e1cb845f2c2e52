"""The document in which a person reads all that is held on them: as data, and as a page."""

import base64
import datetime as dt
import re
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from typing import Literal

from jinja2 import Environment, StrictUndefined, Template
from pydantic import BaseModel

from services.registration.load_my_data import Taken
from services.registration.model.my_data import DataPart, DataRequest
from services.registration.my_data import request_id, token_digest
from shared.contracts.base import Holding, Text
from shared.runtime.table import Door, Handout, Reader
from shared.runtime.words import Words, written

PACKAGE = "services.registration"
words = Words(PACKAGE, "my_data.toml")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
"""A day as the data writes it; what people wrote may look like one."""


class ServiceHolds(BaseModel):
    """What one service holds."""

    service: str
    holdings: tuple[Holding, ...]


class MyData(BaseModel):
    """All that every service holds on one person."""

    participants: tuple[str, ...]
    services: tuple[ServiceHolds, ...]


async def find(token: str, read: Reader, keyed: Callable[..., str]) -> MyData | None:
    """The document, None while a service has not told all. Raises LookupError where there is none, or no more.

    Its last day counts as it is, whatever of that day is handled: what is to be deleted may still lie there.
    """
    request = await _request_of(token, read, keyed)
    if request is None or request.taken_by is not None or read.today > request.fetch_until:
        raise LookupError(token)
    if request.waits_for:
        return None
    parts = [part for part in await read.all(DataPart, request.parts) if part is not None]
    services = tuple(_holdings(service, parts) for service in sorted(request.told))
    return MyData(participants=tuple(p.participant_id for p in request.people), services=services)


async def _request_of(token: str, read: Reader, keyed: Callable[..., str]) -> DataRequest | None:
    """The request whose newest token this is."""
    request = await read.get(DataRequest, request_id(token))
    return request if request is not None and request.token == token_digest(token, keyed) else None


def _holdings(service: str, parts: Iterable[DataPart]) -> ServiceHolds:
    mine = (part for part in parts if part.service == service)
    return ServiceHolds(service=service, holdings=tuple(holding for part in mine for holding in part.holdings))


def take(token: str, taker: str, keyed: Callable[..., str]) -> Taken:
    """The piece that marks the document as fetched."""
    return Taken(request_id=request_id(token), token=token_digest(token, keyed), taker=taker)


async def taken(token: str, read: Reader, keyed: Callable[..., str]) -> str | None:
    """Who fetched it."""
    request = await _request_of(token, read, keyed)
    return request.taken_by if request else None


def whose(document: MyData) -> str:
    """Whom the audit names as who fetched it: the one whose document it is, since they alone were given its token."""
    return min(document.participants)


@cache
def _template(name: str) -> Template:
    source = files(PACKAGE).joinpath(name).read_text(encoding="utf-8")
    known = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return known.from_string(source)


class Reading:
    """The document's words in one language, and its values as people read them."""

    def __init__(self, language: Literal["de", "en"]) -> None:
        self.language = language

    def say(self, key: str) -> str:
        """The words of a key; of what has none, its name."""
        return self._in_language(words(key)) if key in words else key.rpartition(".")[2]

    def kind(self, of: str) -> str:
        """What a service's kind is called there, else what it is called in every service."""
        return self.say(_first_of(f"kind.{of}", f"kind.{of.rpartition('.')[2]}"))

    def label(self, of: str, name: str) -> str:
        """What a field of a service's kind is called there, else what it is called anywhere."""
        return self.say(_nearest("field", of, name))

    def plain(self, of: str, name: str, value: object) -> str | None:
        """A value in words that stand in one line; None: it has parts, each with a line of its own."""
        match value:
            case {"weekday": int(day), "start": int(start), "end": int(end), **more}:
                where = f" {self.say('at-home')}" if more.get("at_home") else ""
                return f"{self.say(f'value.weekday.{day}')} {_time(start)}–{_time(end)}{where}"
            case {"de": str() | None as german, "en": str() | None as english}:
                return german or english if self.language == "de" else english or german
            case dict() | list():
                return None
            case bool():
                return self.say("yes" if value else "no")
            case int() if name == "start":
                return _time(value)
            case str() if (date := _day(value)) is not None:
                return self._in_language(written(date))
        key = _nearest("value", of, f"{name}.{value}")
        return self.say(key) if key in words else str(value)

    def _in_language(self, text: Text) -> str:
        return text.de if self.language == "de" else text.en


def _nearest(what: str, of: str, name: str) -> str:
    """The key of a word: of a service's kind, of that kind in every service, or of any."""
    return _first_of(f"{what}.{of}.{name}", f"{what}.{of.rpartition('.')[2]}.{name}", f"{what}.{name}")


def _first_of(*keys: str) -> str:
    return next((key for key in keys if key in words), keys[-1])


def _day(value: str) -> dt.date | None:
    if not DAY.fullmatch(value):
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def _time(minutes: int) -> str:
    """Minutes after midnight as a time of day."""
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}"


def is_empty(value: object) -> bool:
    """Whether there is nothing to read in a value, nor in any part of it."""
    if isinstance(value, dict):
        return all(map(is_empty, value.values()))
    return all(map(is_empty, value)) if isinstance(value, list) else value is None or value == ""


def page(document: MyData, accepted: str) -> str:
    """The document as a page in German, or in English where that is wanted first; the data itself is in it too.

    The page leaves out what is empty; the data has it.
    """
    reading = _reading(accepted)
    data = base64.b64encode(document.model_dump_json(indent=1).encode()).decode()
    held = document.model_dump(mode="json")
    template = _template("my_data.html.j2")
    return template.render(document=held, reading=reading, say=reading.say, is_empty=is_empty, data=data)


def door(how: Door, accepted: str) -> str:
    """The page before the document: how it stands, and the button that fetches it; no script, and no network."""
    reading = _reading(accepted)
    return _template("my_data_door.html.j2").render(how=how, reading=reading, say=reading.say)


def _reading(accepted: str) -> Reading:
    return Reading("en" if accepted.strip().lower().startswith("en") else "de")


MY_DATA = Handout("my-data", find, take, taken, page, door, whose)
