"""What `tandem verify` says of each level, in both languages."""

import datetime as dt

import pytest

from services.matching.optimum.proven import Cover, Proven
from services.matching.people import RoundInputs
from services.matching.tool.statement import Statement, lines
from shared.contracts.base import Text
from tests.support.round_people import a_person

SINCE = dt.date(2026, 3, 2)
PEOPLE = (a_person("m", "mentor", since=SINCE), a_person("n", "mentee", since=SINCE), a_person("o", "mentee"))
PAIRS = (("m", "n"), ("m", "o"))


def said(
    level: str,
    cover: Cover | None = None,
    tandems: int = 2,
    *,
    served: int = 0,
    kept: int | None = None,
    **changes: tuple[tuple[str, str], ...],
) -> Text:
    """What is said of a level where so much is proven."""
    proven = Proven(tandems, cover, 3, (served,), kept, 400, 900, 15)
    inputs = RoundInputs(people=PEOPLE, places=9, seed="s").model_copy(update=changes)
    [line] = [line for line in lines(Statement(inputs, proven)) if line.level == level]
    return line.text


@pytest.mark.parametrize(
    ("cover", "tandems", "de", "en"),
    [
        (None, 2, "Alle Plätze sind vergeben.", "all places are taken."),
        (
            Cover(2, 0),
            2,
            "eine von 2 bestimmten Führungskräften, und alle sind",
            "one of 2 particular mentees, and all",
        ),
        (Cover(0, 2), 2, "einen von 2 bestimmten Plätzen bei", "one of 2 particular seats with mentors, and all"),
        (Cover(1, 1), 2, "Das sind zusammen 2, und alle sind vergeben.", "These are 2 together, and all are taken."),
        (Cover(0, 0), 0, "Kein erlaubtes Paar ist mehr frei.", "no allowed pair is free."),
    ],
)
def test_why_there_are_no_more_tandems_names_only_what_there_is(
    cover: Cover | None, tandems: int, de: str, en: str
) -> None:
    text = said("tandems", cover, tandems)
    assert text.de.startswith(f"Tandems: {tandems}. Mehr sind nicht möglich: ")
    assert text.en.startswith(f"Tandems: {tandems}. No more are possible: ")
    assert de in text.de
    assert en in text.en
    assert not any(f" {word} 0 " in each for each in (text.de, text.en) for word in ("von", "of"))


def test_what_the_office_fixed_is_told_apart_from_what_is_computed() -> None:
    text = said("tandems", pins=(("m", "o"),))
    assert text.de.startswith("Tandems: 3. Festgelegt von der Programmleitung: 1, errechnet: 2. Alles Weitere gilt für")
    assert text.en.startswith("Tandems: 3. Fixed by the office: 1, computed: 2. All that follows is about")


def test_where_all_are_served_or_kept_no_more_is_spoken_of() -> None:
    assert said("waiting", served=2).en == "On the reserve list since 2 March 2026: 2, all of them now with a tandem."
    assert said("waiting", served=1).de.startswith(
        "Auf der Nachrückliste seit 2. März 2026: 2, davon nun mit Tandem: 1."
    )
    assert said("changes", kept=2, previous=PAIRS).de == "Offene Vorschläge, die bleiben: alle 2."
    assert said("changes", kept=1, previous=PAIRS).en.startswith("Open proposals that are kept: 1 of 2. It can be more")
    assert said("changes").en == "Open proposals: there were none."
