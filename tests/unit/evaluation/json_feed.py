"""What JSON Feed 1.1 demands of a feed (https://www.jsonfeed.org/version/1.1/), as its text says it."""

import re
from typing import Any

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
URL = re.compile(r"https?://\S+")
RFC_5646 = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
TOP: dict[str, type] = {
    "version": str,
    "title": str,
    "home_page_url": str,
    "feed_url": str,
    "description": str,
    "user_comment": str,
    "next_url": str,
    "icon": str,
    "favicon": str,
    "authors": list,
    "language": str,
    "expired": bool,
    "hubs": list,
    "items": list,
}
ITEM: dict[str, type] = {
    "id": str,
    "url": str,
    "external_url": str,
    "title": str,
    "content_html": str,
    "content_text": str,
    "summary": str,
    "image": str,
    "banner_image": str,
    "date_published": str,
    "date_modified": str,
    "authors": list,
    "tags": list,
    "language": str,
    "attachments": list,
}


def faults(feed: dict[str, Any]) -> list[str]:
    """What is wrong with a feed; nothing if a reader may rely on it."""
    found = _typed("feed", feed, TOP)
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        found.append("version is the URL of version 1.1")
    found += [f"the feed lacks {name}" for name in ("title", "items") if name not in feed]
    found += _authors("feed", feed)
    ids = [item.get("id") for item in feed.get("items", [])]
    if len(set(ids)) != len(ids):
        found.append("an id stands twice")
    for number, item in enumerate(feed.get("items", [])):
        where = f"items[{number}]"
        found += _typed(where, item, ITEM)
        if not item.get("id"):
            found.append(f"{where} lacks id")
        if not ("content_html" in item or "content_text" in item):
            found.append(f"{where} has neither content_html nor content_text")
        for name in ("date_published", "date_modified"):
            if name in item and not RFC_3339.fullmatch(item[name]):
                found.append(f"{where}.{name} is no date of RFC 3339")
        found += _authors(where, item)
    return found


def _typed(where: str, value: dict[str, Any], known: dict[str, type]) -> list[str]:
    found = [f"{where}.{name} is none of the names of version 1.1" for name in value if name not in known]
    found += [
        f"{where}.{name} is no {known[name].__name__}"
        for name in value
        if name in known and not isinstance(value[name], known[name])
    ]
    found += [
        f"{where}.{name} is no absolute address"
        for name in value
        if name.endswith("url") and not URL.fullmatch(str(value[name]))
    ]
    if "language" in value and not RFC_5646.fullmatch(value["language"]):
        found.append(f"{where}.language is no language of RFC 5646")
    return found


def _authors(where: str, value: dict[str, Any]) -> list[str]:
    authors = value.get("authors", [])
    return [
        f"{where}: an author has neither name, url nor avatar"
        for each in authors
        if not {"name", "url", "avatar"} & {*each}
    ]
