import string
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.registration.similar import MOST, suggest
from services.registration.suggesting import Catalogue, Known, Offered
from shared.contracts.base import Text
from shared.runtime.alike import LEAST, score, spelling

WORD = st.text("abcdefghiklmnoprstuvwzäöüß", min_size=1, max_size=12)
LABEL = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
EDITS = st.lists(
    st.tuples(st.sampled_from(("wrong", "missing", "added", "swapped")), st.integers(0, 99), st.sampled_from("qxjy")),
    min_size=1,
    max_size=2,
)


def misspelt(label: str, edits: list[tuple[str, int, str]]) -> str:
    """The label with a letter wrong, missing, too many, or two letters swapped, for each edit."""
    letters = list(label)
    for kind, place, letter in edits:
        at = [n for n, found in enumerate(letters) if found != " "]
        n = at[place % len(at)]
        if kind == "wrong":
            letters[n] = letter
        elif kind == "missing":
            del letters[n]
        elif kind == "added":
            letters.insert(n, letter)
        elif n + 1 < len(letters) and letters[n + 1] != " ":
            letters[n], letters[n + 1] = letters[n + 1], letters[n]
    return "".join(letters)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_score_is_the_same_in_both_directions_and_between_0_and_100(one: str, other: str) -> None:
    assert score(one, other) == score(other, one)
    assert 0 <= score(one, other) <= 100


@given(st.text(min_size=1, max_size=80))
def test_the_same_label_scores_100(label: str) -> None:
    assert score(label, label) == 100


@given(LABEL)
def test_case_blanks_and_signs_do_not_tell_labels_apart(label: str) -> None:
    assert score(label, f"  {label.upper()}!".replace(" ", " - ")) == 100


@given(LABEL, EDITS)
def test_one_or_two_wrong_letters_in_a_label_of_eight_are_found(label: str, edits: list[tuple[str, int, str]]) -> None:
    assume(len(spelling(label).letters) >= 8)
    assert score(label, misspelt(label, edits)) >= LEAST


@pytest.mark.proves("S3")
@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("Führen", "Fu\u0308hren", 100, 100),
        ("Führen", "Fuehren", 100, 100),
        ("Führen", "Fuhren", LEAST, 99),
        ("Straße", "STRASSE", 100, 100),
        ("Café", "Cafe", 100, 100),
        ("Trend", "Trends", LEAST, 99),
        ("Netzwerke", "Netzwerk", LEAST, 99),
        ("Software und Tools", "Tools & Software", LEAST, 99),
        ("Barcamps", "Bar-Camp", LEAST, 99),
        ("Social Media", "Soziale Medien", LEAST, 90),
        ("Excel", "Excel-Makros", LEAST, 80),
        ("Digitale Whiteboards", "Whiteboard", LEAST, 80),
    ],
)
def test_what_people_mean_by_the_same_is_near(one: str, other: str, least: int, most: int) -> None:
    assert least <= score(one, other) <= most


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Excel", "Word"),
        ("Apps", "Maps"),
        ("C++", "C#"),
        ("Scrum", "Strom"),
        ("Agile Werkzeuge", "Soziale Medien"),
        ("Design Thinking", "Visual Thinking"),
        ("Künstliche Intelligenz", "Künstliche Befruchtung"),
        ("!", "?"),
        ("?", "Excel"),
    ],
)
def test_different_topics_are_not_near(one: str, other: str) -> None:
    assert score(one, other) < LEAST


def catalogue(proposed: tuple[str, ...], *topics: tuple[str, str, str], **changes: Any) -> Catalogue:
    """A catalogue of (id, German label, English label); `changes`: where ids lead, and which are retired."""
    ends: dict[str, str] = changes.get("ends", {})
    offered = {
        id: Offered(label=Text(de=de, en=en), retired=id in changes.get("retired", ()))
        for id, de, en in topics
        if id not in ends
    }
    known = tuple(Known(labels=(de, en), ends_at=ends.get(id, id)) for id, de, en in topics)
    return Catalogue(proposal_id="p", proposed=proposed, known=known, offered=offered)


def found(inputs: Catalogue) -> list[tuple[str, int]]:
    [piece] = suggest(inputs)
    return [(topic.topic_id, topic.score) for topic in piece.similar]


SOCIAL = ("social-media", "Soziale Medien", "Social media")


def test_a_label_is_compared_in_both_languages() -> None:
    assert found(catalogue(("Social Media",), SOCIAL, ("word", "Word", "Word"))) == [("social-media", 100)]


def test_the_nearest_comes_first_and_only_so_many_are_named() -> None:
    topics = [(f"t-{n}", f"Excel für {string.ascii_letters[n] * 3}", "x") for n in range(MOST + 3)]
    names = found(catalogue(("Excel",), *topics, ("spreadsheets", "Tabellen", "Excels")))
    assert names[0][0] == "spreadsheets"
    assert len(names) == MOST


def test_the_labels_of_a_merged_topic_speak_for_where_it_ends() -> None:
    merged = catalogue(
        ("Twitter",), SOCIAL, ("twitter", "Twitter", "Twitter"), ends={"twitter": "social-media"}, retired={SOCIAL[0]}
    )
    [piece] = suggest(merged)
    [topic] = piece.similar
    assert (topic.topic_id, topic.score, topic.label.en, topic.retired) == ("social-media", 100, "Social media", True)


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert found(catalogue(("Löten",), SOCIAL)) == []
    assert found(catalogue(("Löten",))) == []
