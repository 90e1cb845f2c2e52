"""A file of topics to choose from: a label a line, or JSON as the office adds topics."""

from typing import Any

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from shared.contracts.base import Text
from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.cells import CellError, topics
from shared.spreadsheets.rows import cleaned


class Topic(TypedDict):
    """A topic of the catalogue; what it has besides does not matter here."""

    label: Text


_TOPICS = TypeAdapter(list[Topic])


def labels_of(content: bytes, name: str) -> list[str]:
    """The German labels of a file, each once, those that a cell of topics can hold. Raises WrongUseError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if text.lstrip().startswith(("[", "{")):
        found = [topic["label"].de for topic in _listed(text, name)]
    else:
        found = [cleaned(line) for line in text.splitlines()]
    labels = list(dict.fromkeys(filter(_fits, found)))
    if not labels:
        raise WrongUseError(
            f"{name} holds no topics; write one a line, or a JSON list as for registration.add-topic.v1"
        )
    return labels


def _listed(text: str, name: str) -> Any:
    try:
        return _TOPICS.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise WrongUseError(
            f'{name} is no list of topics ({place or "the whole"}); write [{{"label": {{"de": …, "en": …}}}}, …]'
        ) from None


def _fits(label: str) -> bool:
    """Whether a cell can name it: semicolons and commas are between topics there, a colon before the level."""
    try:
        levels, _ = topics(f"{label}:1")
    except CellError:
        return False
    return len(levels) == 1
