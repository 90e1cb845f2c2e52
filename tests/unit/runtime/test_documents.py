import asyncio
import base64
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from shared.runtime.documents import MOST_KEPT, Documents
from shared.runtime.engine import Limits
from shared.runtime.ports import Pieces
from shared.runtime.table import Document, Form, Language, Reader, TableError, Written
from shared.runtime.worker import ProcessWorker
from tests.support.shop import LIBRARY, Join, Member
from tests.unit.runtime.engine_in_memory import Here, Replica
from tests.unit.runtime.test_http import OFFICE, Served

HERE = "tests.unit.runtime.test_documents"


class Rolled(BaseModel):
    """Who is a member of a club."""

    club: str
    language: Language
    members: list[str]


async def roll(programme: str, language: Language, read: Reader) -> Rolled | None:
    members = [member.id for member in await read.find(Member, programme)]
    return Rolled(club=programme, language=language, members=members) if members else None


def text(rolled: Rolled) -> tuple[Written]:
    said = f"{rolled.language}: {', '.join(rolled.members)}"
    return (Written(content=base64.b64encode(said.encode()).decode()),)


def picture(rolled: Rolled) -> tuple[Written]:
    return (Written(lacks="a picture needs paint; install it: apt-get install paint"),)


def broken(rolled: Rolled) -> tuple[Written]:
    raise ValueError(rolled.members[0])


class Counting(Here):
    """Makes what is asked for here, and remembers whose it was."""

    def __init__(self) -> None:
        self.made: list[str] = []

    async def run(self, job: Any, inputs: Any, beat: Any, tell: Any) -> Pieces:
        self.made.append(inputs.club)
        return await super().run(job, inputs, beat, tell)


DOCUMENT = Document(
    "roll",
    roll,
    {
        "": Form("text/html; charset=utf-8", f"{HERE}:text"),
        "png": Form("image/png", f"{HERE}:picture"),
        "pdf": Form("application/pdf", f"{HERE}:broken"),
    },
)


async def club(*members: str, printer: Counting | None = None) -> Served:
    """A club's pages; what would be made in a process of its own is made here."""
    served = Served(documents=Documents(printer or Counting()))
    served.replica = Replica(replace(LIBRARY, documents=(DOCUMENT,)), Limits())
    served.http.engine = served.replica.engine
    for member in members:
        served.replica.send(Join(club="c", member=member))
    await served.replica.settle()
    return served


async def ask(served: Served, path: str, **headers: str) -> httpx.Response:
    return await served("GET", f"/programmes/{path}", headers=OFFICE | headers)


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("c/roll", "", "de"),
        ("c/roll", "en-GB,en;q=0.9,de;q=0.8", "en"),
        ("c/roll", "fr-FR, de;q=0.5", "de"),
        ("c/roll?language=en", "de", "en"),
        ("c/roll?language=de", "en", "de"),
    ],
)
async def test_a_document_is_read_in_the_language_that_was_asked_for(path: str, accepted: str, language: str) -> None:
    served = await club("m1", "m2")
    answer = await ask(served, path, **{"Accept-Language": accepted})
    assert (answer.status_code, answer.text) == (200, f"{language}: m1, m2")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_document_is_made_once_and_again_when_what_it_says_has_changed() -> None:
    served = await club("m1", printer=(printer := Counting()))
    together = await asyncio.gather(*(ask(served, "c/roll") for _ in range(3)))
    assert {answer.text for answer in together} == {"de: m1"}
    assert len(printer.made) == 1
    assert (await ask(served, "c/roll?language=en")).text == "en: m1"
    assert len(printer.made) == 2
    served.replica.send(Join(club="c", member="m2"))
    await served.replica.settle()
    assert (await ask(served, "c/roll")).text == "de: m1, m2"
    assert len(printer.made) == 3


async def test_no_more_documents_are_kept_than_a_few() -> None:
    served = await club(printer=(printer := Counting()))
    clubs = [f"c{number}" for number in range(MOST_KEPT + 1)]
    for name in clubs:
        served.replica.send(Join(club=name, member=f"m-{name}"))
    await served.replica.settle()
    for name in (*clubs, clubs[-1], clubs[0]):
        await ask(served, f"{name}/roll")
    assert printer.made == [*clubs, clubs[0]], "the first one had to go"


def test_a_table_with_two_documents_of_one_name_is_refused() -> None:
    with pytest.raises(TableError, match="library: a document stands in the table twice: roll, roll; remove one"):
        replace(LIBRARY, documents=(DOCUMENT, DOCUMENT))


async def test_a_document_is_closed_without_the_office_s_token() -> None:
    served = await club("m1", printer=(printer := Counting()))
    assert (await served("GET", "/programmes/c/roll")).status_code == 401
    assert (await served("POST", "/programmes/c/roll", headers=OFFICE)).status_code == 404
    assert printer.made == []


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("c/roll?language=fr", 400, "ask for ?language= de or en"),
        ("other/roll", 404, "there is no roll of that programme yet"),
        ("c/roll.doc", 404, "there is no such document; library has: roll, roll.png, roll.pdf"),
        ("c/minutes", 404, "there is no such document; library has: roll, roll.png, roll.pdf"),
        ("c/roll.png", 501, "a picture needs paint; install it: apt-get install paint"),
    ],
)
async def test_what_cannot_be_shown_says_what_to_change(path: str, status: int, said: str) -> None:
    answer = await ask(await club("m1"), path)
    assert (answer.status_code, answer.json()) == (status, {"error": said})


async def test_a_document_that_breaks_names_nothing_of_what_is_in_it() -> None:
    printer = ProcessWorker()
    served = Served(documents=Documents(printer))
    served.replica = Replica(replace(LIBRARY, documents=(DOCUMENT,)), Limits())
    served.http.engine = served.replica.engine
    served.replica.send(Join(club="c", member="somebody"))
    await served.replica.settle()
    try:
        answer = await ask(served, "c/roll.pdf")
    finally:
        await printer.close()
    assert answer.status_code == 503
    assert "somebody" not in answer.text
