"""The document in which a person reads all that is held on them: as data, and as a page."""

import base64
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from pydantic import BaseModel

from services.registration.load_my_data import Taken
from services.registration.model.my_data import DataPart, DataRequest
from services.registration.my_data import request_id
from shared.contracts.base import Holding
from shared.runtime.table import Handout, Reader
from shared.runtime.words import Words

PACKAGE = "services.registration"
words = Words(PACKAGE, "my_data.toml")


class ServiceHolds(BaseModel):
    """What one service holds."""

    service: str
    holdings: tuple[Holding, ...]


class MyData(BaseModel):
    """All that every service holds on one person."""

    participants: tuple[str, ...]
    services: tuple[ServiceHolds, ...]


async def find(token: str, read: Reader, keyed: Callable[..., str]) -> MyData | None:
    """The document, None while a service has not told all. Raises LookupError where there is none, or no more."""
    request = await read.get(DataRequest, request_id(token, keyed))
    if request is None or request.taken_by is not None:
        raise LookupError(token)
    if request.waits_for:
        return None
    parts = [part for part in await read.all(DataPart, request.parts) if part is not None]
    services = tuple(_holdings(service, parts) for service in sorted(request.told))
    return MyData(participants=tuple(p.participant_id for p in request.people), services=services)


def _holdings(service: str, parts: Iterable[DataPart]) -> ServiceHolds:
    mine = (part for part in parts if part.service == service)
    return ServiceHolds(service=service, holdings=tuple(holding for part in mine for holding in part.holdings))


def take(token: str, taker: str, keyed: Callable[..., str]) -> Taken:
    """The piece that marks the document as fetched."""
    return Taken(request_id=request_id(token, keyed), taker=taker)


async def taken(token: str, read: Reader, keyed: Callable[..., str]) -> str | None:
    """Who fetched it."""
    request = await read.get(DataRequest, request_id(token, keyed))
    return request.taken_by if request else None


@cache
def _template() -> Template:
    source = files(PACKAGE).joinpath("my_data.html.j2").read_text(encoding="utf-8")
    known = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return known.from_string(source)


def page(document: MyData, accepted: str) -> str:
    """The document as a page in German, or in English where that is wanted first; the data itself is in it too."""
    language = "en" if accepted.strip().lower().startswith("en") else "de"

    def say(key: str) -> str:
        """The words of a key; of a field that has none, its name."""
        if key not in words:
            return key.rpartition(".")[2]
        text = words(key)
        return text.de if language == "de" else text.en

    data = base64.b64encode(document.model_dump_json(indent=1).encode()).decode()
    return _template().render(document=document.model_dump(mode="json"), language=language, say=say, data=data)


MY_DATA = Handout("my-data", find, take, taken, page)
