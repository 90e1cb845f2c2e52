import re
from collections.abc import Iterator

import pytest

from services.evaluation.page import drawing, pictures
from shared.contracts.evaluation.figures import Goals
from shared.contracts.parts import Criterion
from tests.support.reports import STARS_IN_THREE, THIRD, at_least, evidence, hundred, told, withheld

MOST_BYTES = 16_000
"""Of the largest one, half a year of weeks."""


@pytest.fixture(autouse=True)
def _settled() -> Iterator[None]:
    with drawing.settled():
        yield


def drawn() -> list[str]:
    """One picture of each kind."""
    contents = hundred().contents
    assert contents is not None
    assert contents.goals is not None
    sure = contents.distributions[2]
    found = [
        pictures.interval(evidence("rules", share=27.8, low=19.4, high=56.9), THIRD),
        pictures.stack(sure),
        pictures.goals(contents.goals),
        pictures.bars([("messenger", 6), ("barcamps", 5)]),
        pictures.meetings(contents.weeks, "en"),
    ]
    return [svg for svg in found if svg is not None]


def test_a_picture_is_small_has_no_style_and_no_colour_that_the_page_does_not_know() -> None:
    assert len(drawn()) == 5
    for svg in drawn():
        assert len(svg) < MOST_BYTES
        assert "style=" not in svg.replace("font-style=", "")
        assert "<style" not in svg
        assert "metadata" not in svg
        assert "font-family" not in drawing.on_screen(svg, {})
        assert set(re.findall(r"#[0-9a-f]{6}\b", svg)) <= set(drawing.COLOURS)
        assert not re.search(r"#[0-9a-f]{6}\b", drawing.on_screen(svg, {}))


def test_a_picture_is_the_same_each_time_and_its_text_is_text() -> None:
    assert drawn() == drawn()
    assert ">≥" not in drawn()[1]
    assert ">22</text>" in drawn()[1]
    assert ">messenger</text>" in drawn()[3]


def test_pictures_of_a_page_share_their_patterns_and_have_no_ids_of_their_own() -> None:
    patterns: dict[str, str] = {}
    one, other = (drawing.on_screen(svg, patterns) for svg in (drawn()[1], drawn()[2]))
    assert "<pattern" not in one + other
    assert "id=" not in one + other
    assert set(re.findall(r"url\(#([^)]+)\)", one + other)) == patterns.keys()
    assert all(f'id="{id}"' in pattern for id, pattern in patterns.items())
    before = dict(patterns)
    drawing.on_screen(drawn()[1], patterns)
    assert patterns == before


def test_a_box_takes_few_bytes_and_a_group_of_nothing_none() -> None:
    svg = drawing.on_screen(drawn()[1], {})
    assert re.findall(r'd="(M[^"]+z)"', svg)[0] == "M1 1H6.1V31H1z"
    assert "<g>" not in svg
    assert len(svg) < 160 * svg.count("<path")


def test_classes_around_a_middle_one_have_patterns_and_a_scale_has_its_numbers() -> None:
    assert drawn()[1].count("<pattern") == 4
    scale = pictures.stack(told("trust", "mentor", (3, 4, 5), STARS_IN_THREE))
    assert scale is not None
    assert "<pattern" not in scale
    assert all(f">{code}</text>" in scale for code in ("0-1", "2-3", "4-5"))


def test_what_is_at_least_so_many_says_so_and_the_rest_is_not_split() -> None:
    svg = pictures.stack(at_least("trust", "mentor", 20, 1, STARS_IN_THREE))
    assert svg is not None
    assert re.findall(r">([^<>]+)</text>", svg) == ["≥ 18"]
    assert drawing.UNTOLD in svg


def test_what_is_withheld_has_no_picture() -> None:
    assert pictures.stack(withheld("trust", "mentor", "too-few", STARS_IN_THREE)) is None
    assert pictures.interval(evidence("rules"), THIRD) is None
    assert pictures.goals(Goals(tandems=5, open=1, reached=None, dropped=2)) is None


def places(svg: str) -> list[float]:
    """Where the middle of the dot is, across."""
    return [float(x) for x in re.findall(r'd="M([\d.]+) 39C', svg)]


def test_the_dot_stands_where_the_share_is_and_is_missing_where_only_bounds_are_told() -> None:
    for share in (0.0, 50.0, 100.0):
        svg = pictures.interval(evidence("rules", share=share, low=0, high=100), THIRD)
        assert svg is not None
        assert places(svg) == [8 + share * 4.24]
    between = pictures.interval(evidence("rules", low=0, high=31.9), THIRD)
    assert between is not None
    assert places(between) == []


@pytest.mark.parametrize(("keep", "shown"), [(67, ["33 %"]), (40, ["33 %", "60 %"])])
def test_two_thresholds_that_are_apart_are_both_shown(keep: int, shown: list[str]) -> None:
    criterion = Criterion(keep_at_least=keep, change_at_least=33)
    svg = pictures.interval(evidence("rules", share=20, low=10, high=30), criterion)
    assert svg is not None
    assert re.findall(r">(\d+ %)</text>", svg) == shown
