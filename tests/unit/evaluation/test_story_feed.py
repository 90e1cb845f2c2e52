"""The feed of stories as readers of either kind take it, whatever a story says."""

import datetime as dt
import json
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import httpx
import pytest
from hypothesis import example
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.evaluation.service import service
from services.evaluation.stories.decisions import UNREADABLE
from services.evaluation.stories.feed import Shelf, Told, as_atom, as_json_feed, as_page
from shared.contracts.base import Text
from shared.contracts.evaluation.stories import LONGEST_STORY
from shared.runtime.http import Http
from shared.runtime.watch import Metrics
from tests.support.reference import Scenario
from tests.unit.evaluation import json_feed
from tests.unit.evaluation.people import person
from tests.unit.evaluation.stories import (
    ID,
    OTHER,
    TITLE,
    WORDS,
    WRITER,
    a_tandem,
    id_under,
    published,
    submitted,
    taking_back,
    to_the_feed,
    written,
)
from tests.unit.runtime.engine_in_memory import KEY, Replica

ADDRESS = "https://tandem.example.org/evaluation"
FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
HOSTILE = (
    "]]> &amp; <script>alert(1)</script>",
    "<![CDATA[x]]> <!-- --> <?xml version='1.0'?> &#0; &lt;",
    f"{FAMILY} \N{GRINNING FACE} nonsense \N{COMBINING ACUTE ACCENT}",
    "\u202eright to left\u202c שלום עולם مرحبا",
    '"quotes" \' {"json": true} \\u0000 \\n',
    "ä" * LONGEST_STORY,
    "a line\nand another\n\nparagraph",
    "{{ 7 * 7 }} {% raw %} {de} %s",
    "\u2028 line separator \u00a0",
)


def page_of(scenario: Scenario, path: str, rest: str = "", address: str = ADDRESS, **asked: str) -> str:
    """What a page shows."""
    return scenario.opened(path, rest, address, **asked) or ""


def a_shelf(*texts: str, title: str = TITLE, address: str = ADDRESS) -> Shelf:
    stories = tuple(
        Told(
            id=f"00000000-0000-4000-8000-{number:012}",
            title=title,
            text=text,
            language="de",
            topics=(Text(de="Apps & mehr", en="apps"),),
            programme=Text(de="Pilot", en="Pilot"),
            office="Office <&>",
            published_on=dt.date(2027, 3, 1),
            changed_on=dt.date(2027, 3, 2),
        )
        for number, text in enumerate(texts)
    )
    return Shelf(stories=stories, language="de", only=False, address=address)


def parsed(atom: str) -> Any:
    found = feedparser.parse(atom.encode(), response_headers={"content-type": "application/atom+xml; charset=utf-8"})
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


@pytest.mark.proves("S18")
def test_a_published_story_stands_in_both_feeds_with_a_stable_id_and_absolute_links() -> None:
    scenario = published()
    atom = parsed(page_of(scenario, "stories.atom"))
    [entry] = atom.entries
    assert (entry.id, entry.title, entry.content[0].value) == (f"urn:uuid:{ID}", TITLE, WORDS)
    assert entry.content[0].type == "text/plain"
    assert entry.link == f"{ADDRESS}/stories/{ID}"
    assert [tag.term for tag in entry.tags] == ["Kalender-App"]
    assert entry.published.startswith("2027-02-24")
    assert entry.author == "Office"
    assert {link.href for link in atom.feed.links} == {f"{ADDRESS}/stories.atom"}
    feed = json.loads(page_of(scenario, "stories.json"))
    assert json_feed.faults(feed) == []
    [item] = feed["items"]
    assert (item["id"], item["title"], item["content_text"]) == (entry.id, TITLE, WORDS)
    assert (item["url"], item["tags"]) == (entry.link, ["Kalender-App"])
    assert feed["feed_url"] == f"{ADDRESS}/stories.json"


def test_a_story_names_nobody_but_whom_it_names_itself() -> None:
    scenario = published()
    texts = [page_of(scenario, path) for path in ("stories.atom", "stories.json")]
    texts.append(page_of(scenario, "stories/", rest=ID))
    for text in texts:
        assert WORDS in text
        assert not [name for name in (WRITER, OTHER) if person(name) in text]


@pytest.mark.proves("S18")
def test_what_is_not_published_or_was_taken_back_is_in_no_feed_at_once() -> None:
    for scenario in (written(), submitted(), published().given(taking_back())):
        for path in ("stories.atom", "stories.json"):
            assert WORDS not in page_of(scenario, path)
            assert ID not in page_of(scenario, path)
        assert scenario.opened("stories/", ID, ADDRESS) is None


def test_an_empty_feed_is_a_feed() -> None:
    scenario = a_tandem()
    atom = parsed(page_of(scenario, "stories.atom"))
    assert atom.entries == []
    assert atom.feed.updated == "1970-01-01T00:00:00Z"
    assert json_feed.faults(json.loads(page_of(scenario, "stories.json"))) == []


def test_each_language_can_be_read_by_itself_with_the_feed_s_own_words_in_it() -> None:
    scenario = published(language="en", title="We talk", text="Every week.")
    both = parsed(page_of(scenario, "stories.atom"))
    assert both.entries[0].title_detail.language == "en"
    english = parsed(page_of(scenario, "stories.atom", language="en"))
    assert (english.feed.title, len(english.entries)) == ("Stories from reverse mentoring", 1)
    assert english.feed.id != both.feed.id
    assert [link.href for link in english.feed.links] == [f"{ADDRESS}/stories.atom?language=en"]
    german = parsed(page_of(scenario, "stories.atom", language="de"))
    assert (german.feed.title, german.entries) == ("Geschichten aus dem Reverse Mentoring", [])
    odd = json.loads(page_of(scenario, "stories.json", language="<script>"))
    assert (json_feed.faults(odd), len(odd["items"])) == ([], 1)


def test_without_an_address_of_its_own_a_feed_has_no_links_and_is_valid_all_the_same() -> None:
    scenario = published()
    atom = parsed(page_of(scenario, "stories.atom", address=""))
    assert atom.feed.get("links", []) == []
    assert atom.entries[0].get("links", []) == []
    feed = json.loads(page_of(scenario, "stories.json", address=""))
    assert json_feed.faults(feed) == []
    assert "feed_url" not in feed


@pytest.mark.proves("S18")
@for_all(st.text(st.characters(codec="utf-8"), min_size=1, max_size=200).filter(lambda t: not UNREADABLE.search(t)))
@example("<b>bold</b>")
def test_any_text_that_is_taken_is_read_by_both_kinds_of_readers_and_by_a_browser_as_that_text(text: str) -> None:
    shelf = a_shelf(text, title=text.replace("\n", " "))
    root = ET.fromstring(as_atom(shelf))  # noqa: S314 - what we have just written
    content = root.find(".//{http://www.w3.org/2005/Atom}content")
    assert content is not None
    assert (content.text or "") == text.replace("\r\n", "\n").replace("\r", "\n")
    feed = json.loads(as_json_feed(shelf))
    assert json_feed.faults(feed) == []
    assert feed["items"][0]["content_text"] == text
    assert "<b>" not in as_page(shelf.stories[0])


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_to_feedparser_and_in_the_page(text: str) -> None:
    shelf = a_shelf(text, title=text.split("\n")[0][:100])
    [entry] = parsed(as_atom(shelf)).entries
    assert entry.content[0].type == "text/plain"
    assert entry.content[0].value.strip() == text.strip()
    assert json_feed.faults(json.loads(as_json_feed(shelf))) == []
    page = as_page(shelf.stories[0])
    assert "<script" not in page
    assert 'dir="auto"' in page


async def served() -> tuple[Replica, httpx.AsyncClient]:
    """Evaluation with a published story, and somebody who reads its pages without any token."""
    replica = Replica(service)
    await replica.play(*to_the_feed(KEY))

    async def ready() -> dict[str, str]:
        return {}

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("nothing goes further in")

    http = Http(replica.engine, Metrics(), ready, dict, inner, address=ADDRESS)
    return replica, httpx.AsyncClient(transport=httpx.ASGITransport(app=http), base_url="http://evaluation")


PAGES = ("/stories.atom", "/stories.json", "/stories/{id}")


@pytest.mark.proves("S18")
@pytest.mark.parametrize("page", PAGES)
async def test_readers_need_no_token_and_are_told_when_nothing_has_changed(page: str) -> None:
    replica, client = await served()
    id = id_under(KEY)
    path = page.format(id=id)
    async with client:
        first = await client.get(path)
        assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
        assert WORDS in first.text
        assert first.headers["last-modified"] == "Mon, 22 Feb 2027 00:00:00 GMT"
        for known in (first.headers["etag"], f'W/{first.headers["etag"]}, "x"', "*"):
            again = await client.get(path, headers={"if-none-match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]
        assert (await client.get(path, headers={"if-none-match": '"old"'})).status_code == 200
        await replica.play(taking_back(story=id))
        after = await client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert after.status_code == (404 if "/stories/" in path else 200)
        assert WORDS not in after.text


async def test_media_types_and_what_no_page_is() -> None:
    _, client = await served()
    async with client:
        kinds = [(await client.get(path)).headers["content-type"] for path in ("/stories.atom", "/stories.json")]
        assert kinds == ["application/atom+xml; charset=utf-8", "application/feed+json; charset=utf-8"]
        for path in ("/stories", "/stories/", "/stories/x", "/stories/x/y", "/stories.atom/x"):
            assert (await client.get(path)).status_code == 404, path
        assert (await client.post("/stories.atom")).status_code == 404


def test_the_checker_of_json_feeds_finds_what_is_wrong() -> None:
    good: dict[str, Any] = json.loads(as_json_feed(a_shelf("x")))
    assert json_feed.faults(good) == []
    item = good["items"][0]
    for wrong in (
        good | {"version": "1"},
        good | {"items": [item, item]},
        good | {"items": [{**item, "date_published": "yesterday"}]},
        good | {"items": [{k: v for k, v in item.items() if k != "content_text"}]},
        good | {"items": [{**item, "id": 3}]},
        good | {"feed_url": "stories.json"},
        good | {"author": {}},
    ):
        assert json_feed.faults(wrong), wrong
