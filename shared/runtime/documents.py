"""What the office reads of a programme as a document (`Document`): made once, in a process of its own."""

import base64
import hashlib
from asyncio import Lock
from collections import OrderedDict
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from shared.runtime.answers import Answer, Scope, problem
from shared.runtime.ports import Worker, WorkFailed
from shared.runtime.table import Document, Form, Job, Language, Reader, Written
from shared.runtime.worker import ProcessWorker

MOST_KEPT = 8
"""So many documents are kept as they were made: a report in two forms and languages, of a few programmes."""
LANGUAGES: tuple[Language, ...] = ("de", "en")


def named(documents: tuple[Document, ...], path: str) -> tuple[Document, Form, str] | None:
    """The document, its form and the programme that the path `<programme>/<name>[.<ending>]` names; None: no such."""
    programme, _, file = path.partition("/")
    name, _, ending = file.partition(".")
    for document in documents:
        if document.name == name and (form := document.forms.get(ending)) is not None:
            return document, form, programme
    return None


def names(documents: tuple[Document, ...]) -> str:
    """What documents there are, as they are asked for."""
    found = (f"{each.name}.{ending}" if ending else each.name for each in documents for ending in each.forms)
    return ", ".join(found) or "none"


def language_of(scope: Scope) -> Language | None:
    """Which language is asked for: by `?language=`, else by the header Accept-Language, else German.

    None: a language that there is none of.
    """
    asked = parse_qs(scope.get("query_string", b"").decode(errors="replace")).get("language")
    if asked:
        return next((each for each in LANGUAGES if each == asked[-1]), None)
    accepted = dict(scope["headers"]).get(b"accept-language", b"").decode(errors="replace").lower()
    preferred = (part.strip()[:2] for part in accepted.split(","))
    return next((each for part in preferred for each in LANGUAGES if each == part), "de")


@dataclass
class Documents:
    """The documents of a service: one is made at a time, and what was made is given out again while nothing changed."""

    worker: Worker = field(default_factory=ProcessWorker)

    def __post_init__(self) -> None:
        self._one_at_a_time = Lock()
        self._made: OrderedDict[str, Written] = OrderedDict()

    async def answer(self, document: Document, form: Form, programme: str, read: Reader, scope: Scope) -> Answer:
        """The document of a programme, or why there is none. Raises Unavailable."""
        language = language_of(scope)
        if language is None:
            return problem(400, f"ask for ?language= {' or '.join(LANGUAGES)}")
        inputs = await document.find(programme, language, read)
        if inputs is None:
            return problem(404, f"there is no {document.name} of that programme yet")
        key = hashlib.sha256(f"{form.work} {inputs.model_dump_json()}".encode()).hexdigest()
        async with self._one_at_a_time:
            if key not in self._made:
                job = Job(document.name, _as_given, form.work)
                try:
                    [(_, made)] = (await self.worker.run(job, inputs, _no_lease, lambda piece: None)).pieces
                except WorkFailed:
                    return problem(503, f"the {document.name} could not be made; try again, or tell the operators")
                self._made[key] = Written.model_validate(made)
                while len(self._made) > MOST_KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            written = self._made[key]
        if written.lacks:
            return problem(501, written.lacks)
        return Answer(200, base64.b64decode(written.content), form.kind)


async def _as_given(ref: str, read: Reader) -> Written:
    """A document's inputs are read by its row; nothing names them by a reference. Raises LookupError."""
    raise LookupError(ref)


async def _no_lease() -> None:
    """Nobody else makes it."""
