"""What a console showed, as a picture for a page or a ticket."""

import re

from rich.console import Console


def drawn(console: Console, title: str) -> str:
    """As SVG; without the fonts that Rich would have a browser fetch from elsewhere."""
    picture = console.export_svg(title=title, clear=False)
    return re.sub(r"\s*@font-face \{.*?\}", "", picture, flags=re.DOTALL).replace("Fira Code,", "")
