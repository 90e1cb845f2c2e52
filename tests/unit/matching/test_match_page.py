"""The page of a round: what stands in it, in both languages, and what never does."""

import base64
import re
import struct
import zlib
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from pydantic_core import to_json

from services.matching.assignment import Solution, assign, explain
from services.matching.gaps import MOST_TOPICS
from services.matching.people import RoundInputs
from services.matching.table import ScoreTable, score_table
from services.matching.tool.page.heat import LEVELS, MARK, heat, level_of
from services.matching.tool.page.pairs import MOST, rows
from services.matching.tool.page.picture import png
from services.matching.tool.page.render import page
from services.matching.tool.page.said import left, order_of_best, rules_in_force, words
from services.matching.tool.reading import Given, people_of
from services.matching.tool.sample import population
from services.matching.tool.wanted import Pin
from shared.contracts.base import Text
from shared.contracts.parts import MatchingRules
from shared.pages.render import number

Entry = dict[str, Any]
Round = tuple[RoundInputs, ScoreTable, Solution]


def entries(mentors: int = 30, mentees: int = 25, seed: int = 3) -> list[Entry]:
    """People without wishes and vetoes."""
    made = population(mentors, mentees, seed)
    return [{k: v for k, v in entry.items() if k not in ("vetoes", "wishes")} for entry in made]


def solved(people: list[Entry], **wanted: Any) -> Round:
    listed = people_of(Given("people", to_json(people)))
    inputs = RoundInputs(people=listed.people, **{"seed": "1", "places": len(people), **wanted})
    table = score_table(inputs)
    return inputs, table, explain(inputs, table, assign(inputs, table))


def page_of(round_: Round, pins: tuple[Pin, ...] = ()) -> str:
    inputs, table, solution = round_
    return page(solution, inputs, table, pins)


class _Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_every_word_of_the_catalogue_is_on_the_page_in_both_languages() -> None:
    people = entries()
    first = solved(people)[2].pairs[0]
    pins = (Pin(first.mentor, first.mentee, "because"),)
    text = page_of(solved(people, pins=(pins[0].ids,), places=12), pins)
    small = page_of(solved(entries(5, 5)))
    nothing = page_of(solved([]))
    for key in words.keys:
        try:
            said = words(key)
        except KeyError:
            continue  # has something to fill in
        if key in ("level-unchanged", "even", "new", "topics-caption-more"):
            continue
        for language in (said.de, said.en):
            written = language.replace("’", "&#39;") if language not in text + small + nothing else language
            assert any(written in each for each in (text, small, nothing)), key


def test_a_page_says_the_pairs_their_parts_and_topics() -> None:
    inputs, table, solution = solved(entries())
    text = page(solution, inputs, table)
    for pair in solution.pairs:
        [row] = re.findall(
            rf'<tr data-score="{pair.score}" data-mentor="{pair.mentor}" data-mentee="{pair.mentee}".*?</tr>',
            text,
            flags=re.DOTALL,
        )
        assert " + ".join(str(part.points) for part in pair.parts) in row
    shown = rows(solution.pairs, inputs, ())
    assert [row.score for row in shown] == sorted(pair.score for pair in solution.pairs)
    assert any(row.helps for row in shown)
    for row in shown:
        have = {topic.topic_id for topic in row.mentor.profile.strengths}
        assert {topic.de for topic in row.helps} <= have & {t.topic_id for t in row.mentee.profile.concerns}


def test_of_very_many_topics_the_page_says_how_many_are_not_solved_for() -> None:
    people = entries()
    assert "What more mentors would bring is solved only for" not in page_of(solved(people))
    for entry in people:
        if entry["role"] == "mentee":
            entry["profile"]["concerns"] = [{"topic_id": f"{entry['id']}-{n}", "level": 1} for n in range(4)]
    inputs, table, solution = solved(people)
    unsolved = words("topics-unsolved", solved=MOST_TOPICS, count=number(100 - MOST_TOPICS))
    assert unsolved.de in page(solution, inputs, table)
    assert unsolved.en in page(solution, inputs, table)


def test_of_very_many_pairs_those_with_the_lowest_scores_are_shown() -> None:
    inputs, table, solution = solved(entries())
    many = [pair for pair in solution.pairs for _ in range(MOST)]
    assert [row.score for row in rows(many, inputs, ())] == [solution.lowest_score] * MOST
    text = page(solution.model_copy(update={"pairs": tuple(many)}), inputs, table)
    assert words("pairs-part", shown=number(MOST), all=number(len(many))).en in text


def test_a_page_loads_nothing_and_its_policy_names_its_own_style_and_script_only() -> None:
    text = page_of(solved(entries()))
    elements = _Elements(text).found
    policy = next(attrs["content"] for tag, attrs in elements if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy
    for tag, attributes in elements:
        assert "style" not in attributes, "the policy would drop it"
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "srcset", "action", "data"):
            value = attributes.get(name) or ""
            assert value == "" or value.startswith(("#", "data:")), f"{tag} {name}={value}"
    assert not re.findall(r"https?://|url\(|@import", text)


def test_what_stands_in_a_file_is_text_and_no_markup() -> None:
    people = entries()
    evil = "\"><script>alert(1)</script>'&"
    for entry in people:
        entry["profile"]["department"] += evil
    inputs, table, solution = solved(people)
    pair = solution.pairs[0]
    topics = {topic.topic_id for person in inputs.people for topic in person.profile.strengths}
    labels = {topic: Text(de=topic + evil, en=evil) for topic in topics}
    pins = (Pin(pair.mentor, pair.mentee, evil),)
    inputs = inputs.model_copy(update={"labels": labels, "pins": (pins[0].ids,), "seed": evil})
    table = score_table(inputs)
    text = page(explain(inputs, table, assign(inputs, table)), inputs, table, pins)
    assert "alert(1)" in text
    assert "<script>alert" not in text
    tags = [tag for tag, _ in _Elements(text).found]
    assert tags.count("script") == 1


@pytest.mark.proves("P1")
@pytest.mark.parametrize("sizes", [(9, 8), (30, 25)])
def test_a_vetoed_pair_looks_to_the_byte_like_one_of_score_0(sizes: tuple[int, int]) -> None:
    people = entries(*sizes)
    inputs, table, solution = solved(people)
    chosen = {(pair.mentor, pair.mentee) for pair in solution.pairs}
    row, column = next(
        (row, column)
        for row, column in np.argwhere(table.scores > 0).tolist()
        if (table.mentors[column].id, table.mentees[row].id) not in chosen
    )
    mentor, mentee = table.mentors[column].id, table.mentees[row].id
    vetoed = [{**entry, "vetoes": [mentee]} if entry["id"] == mentor else entry for entry in people]
    veto = solved(vetoed)
    worthless = ScoreTable(table.mentors, table.mentees, table.scores.copy(), table.closed, table.wishes)
    worthless.scores[row, column] = -1
    zero = inputs, worthless, explain(inputs, worthless, assign(inputs, worthless))
    assert page_of(veto) == page_of(zero)
    assert page_of(veto) != page_of((inputs, table, solution)), "the pair was seen before"


@pytest.mark.proves("P1")
def test_wishes_never_appear() -> None:
    people = entries()
    _, _, solution = solved(people)
    chosen = {pair.mentor: pair.mentee for pair in solution.pairs}
    wishing = [{**e, "wishes": [chosen[e["id"]]]} if e["id"] in chosen else e for e in people]
    assert page_of(solved(wishing)) == page_of(solved(people)), "these wishes change no pair, so they change nothing"


def test_a_round_has_the_same_page_to_the_byte_in_any_order_of_its_people() -> None:
    people = entries()
    assert page_of(solved(people)) == page_of(solved(people[::-1]))


def test_the_map_shows_every_pair_as_its_level_and_marks_the_chosen_ones() -> None:
    inputs, table, solution = solved(entries(8, 7))
    found = heat(table, solution.pairs)
    chosen = {(pair.mentor, pair.mentee) for pair in solution.pairs}
    score = {
        (mentor.id, mentee.id): int(table.scores[row, column])
        for row, mentee in enumerate(table.mentees)
        for column, mentor in enumerate(table.mentors)
    }
    assert not found.picture
    for mentee, cells in zip(found.mentees, found.cells, strict=True):
        for mentor, cell in zip(found.mentors, cells, strict=True):
            pair = mentor.id, mentee.id
            assert (cell.score, cell.chosen) == (max(0, score[pair]), pair in chosen)
            assert cell.level == level_of(cell.score, found.step)
    allowed = [value for value in score.values() if value > 0]
    assert (found.allowed, found.lowest, found.highest) == (len(allowed), min(allowed), max(allowed))
    assert level_of(found.highest, found.step) <= LEVELS
    assert inputs.people


def pixels_of(uri: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The values of a picture without filters, read by the standard's chunks."""
    data = base64.b64decode(uri.removeprefix("data:image/png;base64,"))
    at, content = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"IHDR":
            width, height = struct.unpack(">II", data[at + 8 : at + 16])
        if kind == b"IDAT":
            content += data[at + 8 : at + 8 + length]
        at += 12 + length
    return np.frombuffer(zlib.decompress(content), np.uint8).reshape(height, width + 1)[:, 1:]


def test_a_picture_shows_as_many_dots_as_pairs_and_grey_where_nothing_is_allowed() -> None:
    _, table, solution = solved(entries(40, 30))
    found = heat(table, solution.pairs)
    pixels = pixels_of(found.picture)
    down, across = (size // count for size, count in zip(pixels.shape, table.scores.shape, strict=True))
    corners = pixels[::down, ::across]
    assert (corners == 0).sum() == (table.scores <= 0).sum()
    assert (pixels == MARK).sum() == len(solution.pairs) * (down * 3 // 4) * (across * 3 // 4)
    assert found.block == 1


def test_a_large_round_has_a_picture_of_blocks_and_a_bounded_page() -> None:
    round_ = solved(entries(1040, 1000))
    found = heat(round_[1], round_[2].pairs)
    assert max(pixels_of(found.picture).shape) <= 512
    assert found.block == 6
    assert len(page_of(round_).encode()) < 2_000_000


def test_a_picture_begins_and_ends_as_the_standard_asks() -> None:
    made = png(np.array([[0, 1], [1, 0]], np.uint8), [(0, 0, 0, 0), (255, 255, 255, 255)])
    assert made.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\2\0\0\0\2\x08\x03")
    assert made.endswith(b"IEND\xaeB`\x82")


def test_the_rules_and_the_order_are_those_in_force() -> None:
    off = MatchingRules(different_department=False, seniority_distance=0, lowest_first=False)
    said = [rule.en for rule in rules_in_force(off, 1200)]
    assert "The two work in different departments." not in said
    assert "At most 1,200 tandems." in said
    assert "At most 1.200 tandems." not in said
    inputs = RoundInputs(people=(), rules=off, places=0, seed="s", previous=(("a", "b"),))
    order = [level.en for level in order_of_best(inputs)]
    assert words("level-lowest").en not in order
    assert words("level-unchanged").en in order
    assert "“s”" in order[-1]


@pytest.mark.parametrize(
    ("value", "words_in"),
    [
        (
            1,
            (
                " 1 Punkt;",
                " 1 Ebene gibt",
                " 1 Stufe höher",
                " 1 Minute gem",
                " 1 Tandem.",
                "The two share a language.",
            ),
        ),
        (2, (" 2 Punkte;", " 2 Ebenen gibt", " 2 Stufen höher", " 2 Minuten gem", " 2 Tandems.")),
    ],
)
def test_one_of_something_is_not_said_as_many(value: int, words_in: tuple[str, ...]) -> None:
    fields = ("minimum_score", "reporting_levels", "seniority_distance", "common_minutes")
    rules = MatchingRules.model_validate(dict.fromkeys(fields, value))
    said = "\n".join(text.de + text.en for text in rules_in_force(rules, value))
    assert all(each in said for each in words_in)


def test_a_page_names_its_file_and_the_places_where_somebody_limits_them() -> None:
    inputs, table, solution = solved(entries(), places=7)
    text = page(solution, inputs, table, source="<people>.csv")
    assert "Aus der Datei &lt;people&gt;.csv." in text
    assert "Plätze: 7" in text
    assert "Plätze: " not in page_of(solved(entries()))


def test_the_map_s_legend_ends_at_the_highest_score_that_there_is() -> None:
    people = entries(5, 5)
    for entry in people:
        profile = entry["profile"]
        for kind in ("strengths", "concerns"):
            profile[kind] = [{"topic_id": "a", "level": 5}]
        profile["site"] = "Mitte"
    inputs, table, solution = solved(people)
    assert heat(table, solution.pairs).highest == 1000
    text = page(solution, inputs, table)
    assert "851–1000" in text
    assert "1020" not in text


def test_everybody_without_a_tandem_is_counted_under_a_reason() -> None:
    inputs, _, solution = solved(entries(10, 30))
    sides = left(inputs, solution)
    assert sum(side.count for side in sides) == len(solution.unmatched)
    for side in sides:
        assert sum(reason.count for reason in side.reasons) + side.more == side.count
        assert all(reason.text.de and reason.text.en for reason in side.reasons)
