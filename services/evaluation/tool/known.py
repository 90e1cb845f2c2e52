"""Which questionnaires a file may have answers to: the software's, and the office's own that were given with it."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from services.evaluation.asking import ASKED_OF
from services.evaluation.questionnaires import RELEASED, words
from shared.contracts.base import Text
from shared.contracts.evaluation import AskedOf, Item
from shared.contracts.parts import Side


class Key(NamedTuple):
    """A questionnaire in a version."""

    questionnaire: str
    version: int


class Own(NamedTuple):
    """A version of a questionnaire of the office's own, as it is asked."""

    key: Key
    title: Text
    items: tuple[Item, ...]
    asked_of: AskedOf


class Known:
    """The questionnaires by name and version, and what people may call them."""

    def __init__(self, own: Sequence[Own] = ()) -> None:
        own = sorted(own, key=lambda each: each.key)
        self.own = frozenset(each.key.questionnaire for each in own)
        """Names of those of the office's own."""
        self.items: dict[tuple[str, int], tuple[Item, ...]] = {key: each.items for key, each in RELEASED.items()}
        self.items |= {each.key: each.items for each in own}
        self.newest = dict(sorted(self.items))
        self.titles = {each.key.questionnaire: each.title for each in own}
        self._asked_of = {each.key: each.asked_of for each in own}
        software = [name for name in self.newest if name not in self.own]
        self._names = {text.casefold(): name for name in software for text in _called(name)}
        self._names |= {name.casefold(): name for name in self.own}
        titles = {(text.casefold(), name) for name, title in self.titles.items() for text in (title.de, title.en)}
        several = Counter(text for text, _ in titles)
        for text, name in titles:
            # One that several have names none of them.
            if several[text] == 1:
                self._names.setdefault(text, name)

    @property
    def ids(self) -> frozenset[str]:
        """Every item that was ever asked."""
        return frozenset(item.id for items in self.items.values() for item in items)

    def named(self, text: str) -> str | None:
        """The questionnaire that somebody calls so."""
        return self._names.get(text.casefold())

    def sides(self, key: Key) -> tuple[Side, ...]:
        """Who is asked it."""
        return ASKED_OF[self._asked_of.get(key, "both")]


def _called(name: str) -> tuple[str, ...]:
    return (name, *words(f"name-{name}").model_dump().values())


SOFTWARE = Known()
"""The software's own questionnaires alone."""
