"""A certificate as data and as a page to print; it goes out once, for its token.

Names live in registration alone. So the page leaves a line for the name, which the person or the office fills in, and
the data says whose it is by participant id, where whoever shows it puts the name, as in letters.
"""

import datetime as dt
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Literal

from jinja2 import Environment, StrictUndefined, Template
from pydantic import BaseModel

from services.evaluation.certificates.decisions import Taken, certificate_id, token_digest
from services.evaluation.certificates.model import Certificate
from services.evaluation.model import Programme
from services.evaluation.shared_topics.model import Topic
from shared.contracts.base import Office, Text
from shared.contracts.parts import Side
from shared.runtime.table import Door, Handout, Reader
from shared.runtime.words import Words

PACKAGE = "services.evaluation.certificates"
words = Words(PACKAGE, "certificate.toml")


class CertificateDocument(BaseModel):
    """What a certificate says: no number of meetings, and no rating of anybody."""

    participant_id: str
    name: str
    programme: Text
    role: Side
    first_day: dt.date
    last_day: dt.date | None
    topics: tuple[Text, ...]
    office: Office


async def find(token: str, read: Reader, keyed: Callable[..., str]) -> CertificateDocument:
    """The certificate. Raises LookupError where there is none, or no more."""
    found = await _certificate(token, read, keyed)
    programme = await read.get(Programme, found.programme or "") if found is not None else None
    if found is None or programme is None or found.taken_by is not None or read.today > found.fetch_until:
        raise LookupError(token)
    topics = await read.all(Topic, found.topics)
    labels = (
        topic.label if topic is not None else Text(de=id, en=id) for id, topic in zip(found.topics, topics, strict=True)
    )
    return CertificateDocument(
        participant_id=found.participant,
        name=f"urn:uuid:{found.participant}",
        programme=programme.title,
        role=found.role,
        first_day=found.first_day,
        last_day=found.last_day,
        topics=tuple(labels),
        office=programme.office,
    )


async def _certificate(token: str, read: Reader, keyed: Callable[..., str]) -> Certificate | None:
    found = await read.get(Certificate, certificate_id(token))
    return found if found is not None and found.token == token_digest(token, keyed) else None


def take(token: str, taker: str, keyed: Callable[..., str]) -> Taken:
    """The piece that marks it as fetched."""
    return Taken(certificate_id=certificate_id(token), token=token_digest(token, keyed), taker=taker)


async def taken(token: str, read: Reader, keyed: Callable[..., str]) -> str | None:
    """Who fetched it."""
    found = await _certificate(token, read, keyed)
    return found.taken_by if found is not None else None


def whose(document: CertificateDocument) -> str:
    """Whom the audit names as who fetched it."""
    return document.participant_id


@cache
def _template(name: str) -> Template:
    source = files(PACKAGE).joinpath(name).read_text(encoding="utf-8")
    known = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return known.from_string(source)


class _Reading:
    """Words and values in one language."""

    def __init__(self, accepted: str) -> None:
        self.language: Literal["de", "en"] = "en" if accepted.strip().lower().startswith("en") else "de"

    def text(self, text: Text) -> str:
        """A text in the language."""
        return text.de if self.language == "de" else text.en

    def say(self, key: str, **params: object) -> str:
        """Words of the catalogue."""
        return self.text(words(key, **params))


def page(document: CertificateDocument, accepted: str) -> str:
    """The certificate in German, or in English where that is wanted first."""
    reading = _Reading(accepted)
    if document.last_day is None:
        period = reading.say("since", first=document.first_day)
    else:
        period = reading.say("period", first=document.first_day, last=document.last_day)
    return _template("certificate.html.j2").render(
        reading=reading,
        say=reading.say,
        programme=reading.text(document.programme),
        role=reading.say(document.role),
        period=period,
        topics=[reading.text(topic) for topic in document.topics],
        office=document.office,
    )


def door(how: Door, accepted: str) -> str:
    """The page before it: how it stands, and the button that fetches it; no script, and no network."""
    reading = _Reading(accepted)
    return _template("certificate_door.html.j2").render(how=how, reading=reading, say=reading.say)


CERTIFICATES = Handout("certificates", find, take, taken, page, door, whose)
