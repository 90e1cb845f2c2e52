"""A page as HTML, from a package's `page.html.j2`, `page.css` and `page.js`; it loads nothing from anywhere."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

import jinja2

from shared.contracts.base import Text

PACKAGE = "shared.pages"


def rendered(package: str, **values: object) -> str:
    """The page of a package; what its template names is in `values`, `word` with its `Words` among them.

    The template extends `base.html.j2`: header with the switch of the language, contents, main part, footer. Style and
    script are what all pages share and then the page's own, the only ones that its content security policy lets in.
    """
    style = _text(PACKAGE, "base.css") + _text(package, "page.css")
    script = _text(PACKAGE, "language.js") + _text(package, "page.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return _template(package).render(style=style, script=script, policy=policy, **values)


def number(value: float) -> Text:
    """A number as it is written: 1.000 and 1,000."""
    english = f"{value:,}"
    return Text(de=english.translate(str.maketrans(",.", ".,")), en=english)


@cache
def _template(package: str) -> jinja2.Template:
    own = {"page.html.j2": _text(package, "page.html.j2")}
    shared = {name: _text(PACKAGE, name) for name in ("base.html.j2", "words.html.j2")}
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({**shared, **own}),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("page.html.j2")


@cache
def _text(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What a content security policy calls a text that may stand in the page (W3C CSP 3)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
