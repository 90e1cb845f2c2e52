"""Matplotlib's SVG made small and plain: no styles, since the page lets none in; the same each time."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

SVG = "http://www.w3.org/2000/svg"
POINTS = 72
"""Dots an inch: a unit of a picture is a pixel at its own size."""
FONT = "Liberation Sans, DejaVu Sans, sans-serif"
"""The letters of a picture on paper; on a screen they are the page's."""

DIVERGING = ("#f2a75f", "#f9d6b3", "#dfe4ea", "#c2d8f5", "#86b2ea")
SEQUENTIAL = (
    "#f1f5fc",
    "#e5edf9",
    "#d9e5f7",
    "#cdddf4",
    "#c1d5f2",
    "#b5cdef",
    "#a9c5ed",
    "#9dbdea",
    "#91b5e8",
    "#85ade5",
    "#79a5e3",
)
INK, SOFT, LINE, EDGE, CARD = "#17202e", "#525c6b", "#d5dae3", "#7b8494", "#ffffff"
KEEP, CHANGE = "#d5ece7", "#fce3c8"
SURE, LIKELY, UNTOLD = "#2a857c", "#a5d5cf", "#fdfdfe"
COLOURS = {
    INK: "ink",
    SOFT: "soft",
    LINE: "line",
    EDGE: "edge",
    CARD: "card",
    KEEP: "keep",
    CHANGE: "change",
    SURE: "sure",
    LIKELY: "likely",
    UNTOLD: "untold",
    **{colour: f"d{n}" for n, colour in enumerate(DIVERGING)},
    **{colour: f"s{n}" for n, colour in enumerate(SEQUENTIAL)},
}
"""Each colour of a picture with its name on the page, where dark schemes have another one for it."""
NAMED = {name: colour for colour, name in COLOURS.items()}

# Nothing of the machine's own settings, nothing of the day, and text as text: small, and readable by machines.
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "tandem",
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "text.color": INK,
    "hatch.linewidth": 1.0,
    "path.simplify": False,
}
NUMBER = re.compile(r"-?\d+\.\d+")
BETWEEN = re.compile(r"\s*([MLCz])\s*")
BOX = re.compile(r"M(\S+) (\S+)L(\S+) \2L\3 (\S+)L\1 \4z")
PATTERNS = re.compile(r"<defs>(.*?)</defs>")
PATTERN = re.compile(r'<pattern id="([^"]+)".*?</pattern>')
SAID_BY_NOTHING = {
    ("stroke-linejoin", "miter"),
    ("stroke-linecap", "butt"),
    ("stroke-dashoffset", "0"),
    ("stroke-width", "1"),
    ("text-anchor", "start"),
}
"""What SVG takes where nothing is said."""
NUMBERED = re.compile(r' font-weight="700" font-size="13" text-anchor="middle" fill="[^"]+"')
"""How a number in a bar is written: the page says it once."""
COLOUR = re.compile(r'"(#[0-9a-f]{6})"')
_FONT_SIZE = re.compile(r"([\d.]+)px")


@contextmanager
def settled() -> Iterator[None]:
    """Matplotlib's settings are these, not the machine's; nothing else of the process may draw meanwhile."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        yield


def field(width: int, height: int) -> tuple[Figure, Axes]:
    """A figure of so many pixels with one bare field over all of it."""
    figure = Figure(figsize=(width / POINTS, height / POINTS), dpi=POINTS, facecolor="none")
    FigureCanvasSVG(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    return figure, axes


def svg(figure: Figure) -> str:
    """A figure as SVG for paper."""
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Format": None})
    # It is Matplotlib's own text, not somebody's.
    root = ET.fromstring(file.getvalue())  # noqa: S314
    box = root.get("viewBox", "")
    root.attrib.clear()
    root.set("viewBox", " ".join(f"{float(part):g}" for part in box.split()))
    root.set("font-family", FONT)
    _plain(root)
    ET.register_namespace("", SVG)
    text = ET.tostring(root, encoding="unicode")
    return NUMBER.sub(
        lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), re.sub(r">\s+<", "><", re.sub(r"\s+", " ", text))
    )


def on_screen(text: str, patterns: dict[str, str]) -> str:
    """A picture for the page: its colours are the page's, light or dark, and its letters too.

    Its patterns are left to the page, which has each once: they are added to `patterns` by their ids, which Matplotlib
    makes of what they look like.
    """
    text = text.replace(f' font-family="{FONT}"', "").replace(f' xmlns="{SVG}"', "")
    text = NUMBERED.sub(' class="n"', text)
    text = COLOUR.sub(lambda found: f'"var(--{COLOURS[found[1]]})"', text)
    for held in PATTERNS.findall(text):
        patterns.update((found[1], found[0]) for found in PATTERN.finditer(held))
    return PATTERNS.sub("", text).replace(" />", "/>")


def _plain(element: ET.Element) -> None:
    """Attributes in place of styles, ids only where something names them, no metadata."""
    for place, child in reversed(list(enumerate(element))):
        kind = child.tag.removeprefix(f"{{{SVG}}}")
        if kind in ("metadata", "style"):
            element.remove(child)
            continue
        _plain(child)
        # Groups of nothing, and the figure's own ground, which has no colour.
        if (kind in ("defs", "g") and len(child) == 0) or (kind == "path" and _unseen(child)):
            element.remove(child)
        elif kind == "g" and not child.attrib:
            element[place : place + 1] = list(child)
    kind = element.tag.removeprefix(f"{{{SVG}}}")
    if kind != "pattern":
        element.attrib.pop("id", None)
    for attribute, value in _attributes(element.attrib.pop("style", "")):
        if (attribute, value) not in SAID_BY_NOTHING:
            element.set(attribute, value)
    if "d" in element.attrib:
        element.set("d", BOX.sub(r"M\1 \2H\3V\4H\1z", BETWEEN.sub(r"\1", element.attrib["d"])))
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]


def _unseen(path: ET.Element) -> bool:
    return path.get("fill") == "none" and "stroke" not in path.attrib


def _attributes(style: str) -> Iterator[tuple[str, str]]:
    for declaration in filter(None, (part.strip() for part in style.split(";"))):
        attribute, _, value = (part.strip() for part in declaration.partition(":"))
        if attribute == "font":
            size = _FONT_SIZE.search(value)
            if size:
                yield "font-size", size[1]
            if "bold" in value or " 700 " in f" {value} ":
                yield "font-weight", "bold"
        elif attribute == "font-size":
            yield attribute, value.removesuffix("px")
        elif attribute != "font-family":
            yield attribute, value
