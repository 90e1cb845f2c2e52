"""The pages of a service that show its audit, as it is stored: whoever checks it believes nothing else."""

import json
from typing import Any

from shared.runtime.audit import id_of
from shared.runtime.engine import Engine
from shared.runtime.seals import Seal, content_of

LINKS = 100
"""Links a page: a link may have as many entries as a batch has messages."""
SEALS = 100

Page = dict[str, Any]  # JSON


async def links(engine: Engine, after: str) -> Page:
    """Links by chain and number, from after the page before (`after`, null on the last page). Raises Unavailable."""
    found = await engine.store.links(after, LINKS)
    return {"links": found, "after": id_of(found[-1]) if len(found) == LINKS else None}


async def seals(engine: Engine, after: str) -> Page:
    """Seals by date, likewise. Raises Unavailable."""
    found = await engine.store.find(Seal.kind, None, after, SEALS)
    shown = [content_of(record.state or {}) for record in found]
    return {"seals": shown, "after": found[-1].subject if len(found) == SEALS else None}


def as_text(page: Page) -> bytes:
    """A page as JSON; what no JSON can hold, and somebody wrote there, as text: its hash is wrong anyhow."""
    return json.dumps(page, ensure_ascii=False, default=str).encode(errors="replace")
