"""The scales of items, as the service takes them from the items themselves."""

from services.evaluation.own_questionnaires import item_of
from services.evaluation.protection import Scale
from services.evaluation.questionnaires import CHOICES
from services.evaluation.reporting.gathering import scale_of
from shared.contracts import evaluation as e
from shared.contracts.base import Text


def scale(name: e.Scale) -> Scale:
    """The scale of that name, of an item that offers no numbers of its own."""
    words = [f"c{number}" for number in range(CHOICES.get(name, 0))]
    return scale_of(item_of(an_item("item", name, tuple(e.OwnChoice(code=w, text=text(w)) for w in words))))


def options(*values: int) -> Scale:
    """The scale of an item that offers these numbers."""
    choices = tuple(e.OwnChoice(code=f"c{value}", text=text(str(value)), value=value) for value in values)
    return scale_of(item_of(an_item("item", "options", choices)))


def an_item(id: str, name: e.Scale, choices: tuple[e.OwnChoice, ...] = ()) -> e.OwnItem:
    """An item of the office's own."""
    return e.OwnItem(id=id, scale=name, text=text(id), choices=choices)


def text(words: str) -> Text:
    """The same in both languages."""
    return Text(de=words, en=words)


CHOICE = scale("choice")
