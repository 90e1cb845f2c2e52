"""The page of the published language: it names everything, loads nothing, and can be used without a mouse."""

import itertools
import re
from html.parser import HTMLParser

import pytest

from shared.local.system import ROOT
from shared.runtime import asyncapi, discovery

TEXT = (ROOT / "docs" / "asyncapi" / "index.html").read_text(encoding="utf-8")
CONTRACTS = asyncapi.contracts(discovery.load_all())
VOID = {"meta", "link", "br", "wbr", "input"}
LOADING = {"src", "srcset", "data", "poster", "action", "background"}
ENOUGH = 4.5
"""WCAG 2.2, 1.4.3: the least contrast of a text to what is behind it."""


class Page(HTMLParser):
    """The page's elements in their order, with what is open around each."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(TEXT)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"


PAGE = Page()


def all_of(tag: str) -> list[dict[str, str]]:
    return [attributes for name, attributes in PAGE.found if name == tag]


def test_it_is_whole() -> None:
    assert PAGE.open == []
    ids = [attributes["id"] for _, attributes in PAGE.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for attributes in all_of("a")]
    assert {link.removeprefix("#") for link in links} <= set(ids), "every link leads to a place on the page"
    named = {attributes["aria-labelledby"] for _, attributes in PAGE.found if "aria-labelledby" in attributes}
    assert named <= set(ids)


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_it_names_every_contract_with_its_fields_and_an_example(name: str) -> None:
    [article] = re.findall(rf'<article id="{re.escape(name)}".*?</article>', TEXT, flags=re.DOTALL)
    assert set(CONTRACTS[name].model_fields) <= set(re.findall(r'<th scope="row"><code>(\w+)</code>', article))
    assert f"&#34;type&#34;: &#34;tandem.{name}&#34;" in article
    personal = [row["field"] for row in asyncapi.data_map(discovery.load_all()) if row["message"] == name]
    here = [field for field in personal if "." not in field]
    assert article.count(">personal</strong>") >= len(here)


def test_it_loads_nothing_from_anywhere() -> None:
    for tag, attributes in PAGE.found:
        assert not LOADING & set(attributes), (tag, attributes)
        assert not tag.startswith(("iframe", "img", "object", "embed"))
        if tag == "link":
            assert attributes["href"].startswith("data:")
    assert "url(" not in TEXT
    assert "@import" not in TEXT
    assert "fetch(" not in TEXT
    [policy] = [a["content"] for a in all_of("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'"), "and a browser would refuse to"
    assert len(TEXT) < 1_200_000


def test_who_sees_little_or_has_no_mouse_can_use_it() -> None:
    assert all_of("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in PAGE.found if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in itertools.pairwise(levels)), "no level is left out"
    assert len(all_of("main")) == len(all_of("header")) == len(all_of("nav")) == 1
    assert PAGE.found[[tag for tag, _ in PAGE.found].index("a")][1] == {"class": "skip", "href": "#messages"}
    [field], [label] = all_of("input"), all_of("label")
    assert label["for"] == field["id"]
    assert len(all_of("caption")) == len(all_of("table"))
    assert all("scope" in attributes for attributes in all_of("th"))
    assert "outline: none" not in TEXT


def luminance(colour: str) -> float:
    """WCAG's relative luminance of #rgb or #rrggbb."""
    digits = colour.removeprefix("#")
    pairs = [c * 2 for c in digits] if len(digits) == 3 else re.findall("..", digits)
    parts = [int(pair, 16) / 255 for pair in pairs]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_its_colours_have_contrast_by_day_and_by_night() -> None:
    schemes = [dict(re.findall(r"--(\w+): (#[0-9a-f]+)", s)) for s in re.findall(r":root \{[^}]*\}", TEXT)]
    assert len(schemes) == 2
    for scheme in schemes:
        for front in ("ink", "soft", "link", "mark"):
            for back in ("back", "tint"):
                light, dark = sorted((luminance(scheme[front]), luminance(scheme[back])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= ENOUGH, (front, back)
