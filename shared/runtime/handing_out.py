"""A document that goes out once (`Handout`): who opens its address is shown a button, and only the button takes it.

A link preview, a mail scanner or a browser that fetches ahead opens addresses too, by GET: that must change nothing.
"""

import datetime as dt
from functools import partial

from shared.runtime.answers import Answer, Scope, as_model, as_page, problem
from shared.runtime.ids import derived_id, keyed_id
from shared.runtime.people_read import PeopleRead
from shared.runtime.readers import Readers
from shared.runtime.store_reader import StoreReader
from shared.runtime.table import Door, Handout

METHODS = ("GET", "POST")
PERSON = "person"
"""The role under which the audit says that a document went out."""
_STATUS: dict[Door, int] = {"ready": 200, "collecting": 202, "gone": 404}
_SAID: dict[Door, str] = {
    "collecting": "it is being collected; try again in a minute",
    "gone": "there is no such document, or it was fetched already; ask for a new one",
}


async def hand_out(readers: Readers, handout: Handout, token: str, scope: Scope, today: dt.date) -> Answer:
    """Give a document out to the first who posts to its address, as JSON or as a page; the token is all the right.

    By GET there is a page that tells people how it stands, with the button where the document is ready; a program is
    told to post (405). Before it goes out the audit says so, without contents. Raises Unavailable.
    """
    engine = readers.engine
    headers = {name.decode().lower(): value.decode(errors="replace") for name, value in scope["headers"]}
    language = headers.get("accept-language", "")
    reads = "text/html" in headers.get("accept", "")

    def door(how: Door) -> Answer:
        return as_page(handout.door(how, language), _STATUS[how]) if reads else problem(_STATUS[how], _SAID[how])

    if scope["method"] == "GET" and not reads:
        told = problem(405, "POST to this address: it hands the document out once, and deletes it")
        return Answer(told.status, told.body, told.kind, allow="POST")
    reader, keyed = StoreReader(engine, today), partial(keyed_id, engine.who.key)
    try:
        document = await handout.find(token, reader, keyed)
    except LookupError:
        return door("gone")
    if document is None:
        return door("collecting")
    if scope["method"] == "GET":
        return door("ready")
    taker = engine.token()
    take = handout.take(token, taker, keyed)
    piece = (type(take).__name__, take.model_dump(mode="json"), f"take.{derived_id('take', taker)}")
    await engine.handle([engine.desk.from_piece(*piece, time=engine.clock.now().isoformat())])
    if await handout.taken(token, reader, keyed) != taker:
        return door("gone")  # somebody else was faster
    took = PeopleRead(role=PERSON, who=handout.whose(document), what=f"took-{handout.path}")
    await readers.record(took, f"took.{derived_id('take', taker)}")
    return as_page(handout.page(document, language)) if reads else as_model(document)
