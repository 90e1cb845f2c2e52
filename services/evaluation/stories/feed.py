"""The feed of stories: Atom (RFC 4287), JSON Feed 1.1, and each story as a page; pure functions of what is published.

A story is plain text and stays it: nothing in it is ever read as markup. The standard library writes the XML, since
feedgen, the one library that would, has not been kept since 2023 and brings lxml into the service.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal
from xml.etree import ElementTree as ET

from jinja2 import Environment, StrictUndefined, Template
from pydantic import BaseModel

from services.evaluation.model import Programme
from services.evaluation.questionnaires import words
from services.evaluation.shared_topics.model import Topic
from services.evaluation.stories.model import FEED, Feed, Story
from shared.contracts.base import Text
from shared.runtime.table import Open, OpenPage, Reader

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
JSON_FEED = "https://jsonfeed.org/version/1.1"
FEED_ID = "tag:tandem,2019:stories"
"""Stable for ever: readers know the feed by it (RFC 4151)."""
NEVER = dt.date(1970, 1, 1)
"""When a feed last changed in which nothing has ever stood."""

Language = Literal["de", "en"]


class Told(BaseModel):
    """A published story as readers are shown it; `office` is who answers for it, since it names nobody of the two."""

    id: str
    title: str
    text: str
    language: Language
    topics: tuple[Text, ...]
    programme: Text
    office: str
    published_on: dt.date
    changed_on: dt.date


class Shelf(BaseModel):
    """What the feed shows: its stories, the newest first; `language` is that of its own words, `only` what it is of."""

    stories: tuple[Told, ...]
    language: Language
    only: bool
    address: str

    @property
    def changed_on(self) -> dt.date:
        """The day of the last change of anything in it."""
        return max((story.changed_on for story in self.stories), default=NEVER)

    def link(self, path: str) -> str | None:
        """The address of a page beside the feed; None where the deployment does not say its own."""
        return f"{self.address}/{path}" if self.address else None

    def say(self, key: str) -> str:
        """Words of the feed's own."""
        return _in(words(key), self.language)


def _in(text: Text, language: Language) -> str:
    return text.de if language == "de" else text.en


async def shelf(read: Reader, asked: Mapping[str, str], address: str) -> Shelf:
    """Read what is published; `?language=de` or `en` asks for one language only."""
    language: Language = "en" if asked.get("language") == "en" else "de"
    only = asked.get("language") in ("de", "en")
    feed = await read.get(Feed, FEED)
    found = await read.all(Story, feed.stories) if feed is not None else []
    inside = [story for story in found if story is not None and story.status == "published"]
    shown = [story for story in inside if not only or story.language == language]
    return Shelf(stories=await _told(shown, read), language=language, only=only, address=address)


async def _told(stories: Iterable[Story], read: Reader) -> tuple[Told, ...]:
    stories = list(stories)
    topics = sorted({topic for story in stories for topic in story.topics})
    labels = {topic.id: topic.label for topic in await read.all(Topic, topics) if topic is not None}
    names = sorted({story.programme or "" for story in stories})
    programmes = {each.id: each for each in await read.all(Programme, names) if each is not None}
    return tuple(
        Told(
            id=story.id,
            title=story.title,
            text=story.text,
            language=story.language,
            topics=tuple(labels.get(topic, Text(de=topic, en=topic)) for topic in story.topics),
            programme=programmes[story.programme or ""].title,
            office=programmes[story.programme or ""].office.name,
            published_on=story.published_on,
            changed_on=story.changed_on,
        )
        for story in stories
        if story.published_on is not None and story.programme in programmes
    )


def _at(day: dt.date) -> str:
    """A day as RFC 3339 wants it; of a story no time of day is kept."""
    return f"{day.isoformat()}T00:00:00Z"


def as_atom(shelf: Shelf) -> str:
    """The feed as Atom: every text is text, whatever stands in it."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": shelf.language})

    def put(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
        element = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
        element.text = text
        return element

    put(feed, "id", FEED_ID if not shelf.only else f"{FEED_ID}:{shelf.language}")
    put(feed, "title", shelf.say("story-feed-title"))
    put(feed, "subtitle", shelf.say("story-feed-about"))
    put(feed, "updated", _at(shelf.changed_on))
    put(put(feed, "author"), "name", shelf.say("story-feed-author"))
    path = "stories.atom" + (f"?language={shelf.language}" if shelf.only else "")
    if (link := shelf.link(path)) is not None:
        put(feed, "link", rel="self", type="application/atom+xml", href=link)
    for story in shelf.stories:
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry", {f"{{{XML}}}lang": story.language})
        put(entry, "id", f"urn:uuid:{story.id}")
        put(entry, "title", story.title, type="text")
        put(entry, "published", _at(story.published_on))
        put(entry, "updated", _at(story.changed_on))
        put(put(entry, "author"), "name", story.office)
        if (link := shelf.link(f"stories/{story.id}")) is not None:
            put(entry, "link", rel="alternate", type="text/html", href=link)
        for topic in story.topics:
            put(entry, "category", term=_in(topic, story.language))
        put(entry, "content", story.text, type="text")
    return ET.tostring(feed, encoding="unicode", xml_declaration=False)


def as_json_feed(shelf: Shelf) -> str:
    """The feed as JSON Feed 1.1; a story is `content_text`, never HTML."""
    query = f"?language={shelf.language}" if shelf.only else ""
    feed: dict[str, object] = {
        "version": JSON_FEED,
        "title": shelf.say("story-feed-title"),
        "description": shelf.say("story-feed-about"),
        "language": shelf.language,
        "authors": [{"name": shelf.say("story-feed-author")}],
    }
    if (link := shelf.link(f"stories.json{query}")) is not None:
        feed["feed_url"] = link
    items = []
    for story in shelf.stories:
        item: dict[str, object] = {
            "id": f"urn:uuid:{story.id}",
            "title": story.title,
            "content_text": story.text,
            "language": story.language,
            "date_published": _at(story.published_on),
            "date_modified": _at(story.changed_on),
            "authors": [{"name": story.office}],
            "tags": [_in(topic, story.language) for topic in story.topics],
        }
        if (link := shelf.link(f"stories/{story.id}")) is not None:
            item["url"] = link
        items.append(item)
    return json.dumps({**feed, "items": items}, ensure_ascii=False)


@cache
def _page() -> Template:
    source = files("services.evaluation.stories").joinpath("story.html.j2").read_text(encoding="utf-8")
    known = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return known.from_string(source)


def as_page(story: Told) -> str:
    """One story as a page in its own language, without script or network."""
    return _page().render(
        story=story,
        programme=_in(story.programme, story.language),
        topics=[_in(topic, story.language) for topic in story.topics],
        day=_in(words("story-page-published", day=story.published_on, office=story.office), story.language),
        home=_in(words("story-feed-title"), story.language),
    )


async def _atom(rest: str, asked: Mapping[str, str], read: Reader, address: str) -> OpenPage:
    known = await shelf(read, asked, address)
    declared = f'<?xml version="1.0" encoding="utf-8"?>\n{as_atom(known)}\n'
    return OpenPage(declared, "application/atom+xml; charset=utf-8", known.changed_on)


async def _json(rest: str, asked: Mapping[str, str], read: Reader, address: str) -> OpenPage:
    known = await shelf(read, asked, address)
    return OpenPage(as_json_feed(known), "application/feed+json; charset=utf-8", known.changed_on)


async def _story(rest: str, asked: Mapping[str, str], read: Reader, address: str) -> OpenPage | None:
    found = await read.get(Story, rest)
    if found is None or found.status != "published":
        return None
    told = await _told([found], read)
    return OpenPage(as_page(told[0]), "text/html; charset=utf-8", found.changed_on) if told else None


OPEN = (Open("stories.atom", _atom), Open("stories.json", _json), Open("stories/", _story))
"""What everybody inside the network reads without a token: what was published was published for them."""
