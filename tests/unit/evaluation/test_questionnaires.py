"""Questionnaires are data in versions: what was released stays as it was, and answers are checked against theirs."""

import hashlib
from collections.abc import Mapping

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.evaluation.model import Survey
from services.evaluation.questionnaires import (
    NEWEST,
    RELEASED,
    answer_reasons,
    classes,
    newest,
    possible,
)
from services.evaluation.service import service
from shared.contracts import evaluation as e
from shared.contracts import registration as r
from shared.local.system import ROOT
from tests.support.reference import By, given, said
from tests.unit.evaluation.people import (
    DAY,
    FINAL,
    MID_TERM,
    PROGRAMME,
    STARTS,
    a_programme,
    an_asked_programme,
    answers,
    formed,
    survey,
)

FOLDER = ROOT / "services" / "evaluation" / "questionnaires"
DIGESTS: Mapping[str, str] = {
    "baseline.1.toml": "ebd9e7b64682e9694998ac38e654960d45aea75a0725a09103b90152e433897c",
    "final.1.toml": "e291303c48de986bf75d21185f1187f4905200d24fd73013c94055ea875f8b3c",
    "final.2.toml": "98c4e4318d52758ae75793d29bf1bceaf646798aa47976cda4317588298de998",
    "mid-term.1.toml": "3efa3cfd8fd33dac6e3fab0f7c13f6f64eba72bb3bd3f12d7cda41a3844dbc8f",
    "mid-term.2.toml": "5280a58d4088c3ad721cc5092c5b82c25236209941b5da72388394e3c2047628",
    "parting.1.toml": "36da11bb8462728f3c2019a34488292f7b2b6055e462a1a21920d4957d53f3dd",
    "pulse.1.toml": "fcc54189a83035ec00d42defa352d40dc2649ab6044edd9d74eb47435a23bd50",
    "pulse.2.toml": "fe2a1232e5bbd0ce4c4f81efc971b196c5ff8cb586d73a5bf717ba6fea782550",
    "scales.toml": "e7f770a0b310edce6670cb1d2f9692892cff44ed253a3c877650b057e165e9bb",
}
"""SHA-256 of each released file. Whoever changes a wording adds a file with the next version, and its digest here."""
ITEMS = [
    pytest.param(item, id=f"{name}.{version}.{item.id}")
    for (name, version), found in sorted(RELEASED.items())
    for item in found.items
]


def test_no_released_file_has_changed() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(FOLDER.glob("*.toml"))}
    assert found == dict(DIGESTS)
    assert {f"{name}.{version}.toml" for name, version in RELEASED} | {"scales.toml"} == set(DIGESTS)


def test_versions_are_counted_from_one_without_a_gap() -> None:
    for name, last in NEWEST.items():
        assert [version for other, version in sorted(RELEASED) if other == name] == list(range(1, last + 1))


def test_an_item_s_name_stands_for_one_wording_and_scale_in_every_version_and_for_the_baseline_in_the_final() -> None:
    for name in NEWEST:
        shapes: dict[str, set[tuple[object, ...]]] = {}
        for (other, _), found in RELEASED.items():
            for item in found.items if other == name else ():
                shapes.setdefault(item.id, set()).add((item.scale, item.text, item.choices))
        assert {id: len(found) for id, found in shapes.items()} == dict.fromkeys(shapes, 1), name
    final = newest("final").items
    assert final[-7:] == newest("baseline").items, "the same items come again: what changed is told from both"


@pytest.mark.proves("S13", "P12", "P13")
def test_the_newest_questionnaires_ask_what_the_programme_wants_to_know() -> None:
    asked = {name: {item.id: item for item in newest(name).items} for name in NEWEST}
    assert 5 <= len(asked["baseline"]) <= 7
    assert {item.scale for item in asked["pulse"].values()} == {"stars", "five"}
    for name in ("mid-term", "final"):
        cadence = asked[name]["cadence"]
        wants = [choice.wants for choice in cadence.choices]
        assert wants == ["more-often", "more-often", None, "less-often", "less-often"], "both directions (P12)"
        assert {"duration", "frequency", "rules"} <= {item.question for item in asked[name].values()}
    assert possible(asked["final"]["preferred-length"]) == (30, 45, 60, 90, 120)
    assert possible(asked["final"]["preferred-cadence"]) == (1, 2, 3, 4, 6)
    assert {"learnt-from-other", "learnt-from-me", "trust", "would-go-on", "recommend"} <= set(asked["final"])
    assert len(asked["final"]) <= 40, "as many as one answer takes"


@pytest.mark.proves("P15")
def test_the_one_borrowed_item_is_marked_with_its_source() -> None:
    borrowed = {
        item.id: item.source for found in RELEASED.values() for item in found.items if item.source != "own item"
    }
    assert set(borrowed) == {"recommend"}
    assert borrowed["recommend"].startswith("adapted, unvalidated: Reichheld")


# Scales


@pytest.mark.parametrize("item", ITEMS)
def test_the_classes_of_an_item_hold_each_value_once_and_in_order(item: e.Item) -> None:
    for three in (True, False):
        found = classes(item, three=three)
        assert [value for each in found for value in each.values] == list(possible(item))
        assert len({each.code for each in found}) == len(found)
        assert len({(each.text.de, each.text.en) for each in found}) == len(found)
        assert len(found) == (3 if three else len(possible(item)))


def test_classes_say_what_was_put_together() -> None:
    final = {item.id: item for item in newest("final").items}
    found = {id: [each.code for each in classes(final[id], three=True)] for id in final}
    assert found["length"] == ["too-short", "right", "too-long"]
    assert found["recommend"] == ["0-6", "7-8", "9-10"]
    assert found["rating"] == ["0-1", "2-3", "4-5"]
    assert found["trust"] == ["disagree", "neither", "agree"]
    assert found["preferred-length"] == ["30-45", "60", "90-120"]
    longer = classes(final["length"], three=True)[2].text
    assert (longer.de, longer.en) == ("etwas zu lang oder viel zu lang", "a bit too long or much too long")


@pytest.mark.parametrize("item", ITEMS)
def test_an_answer_fits_if_it_is_one_of_the_possible_values(item: e.Item) -> None:
    for value in range(item.low - 2, item.high + 3):
        codes = [reason.code for reason in answer_reasons((item,), {item.id: value})]
        assert codes == ([] if value in possible(item) else ["out_of_scale"])


@for_all(st.dictionaries(st.sampled_from(["length", "cadence", "rules", "mood"]), st.none() | st.integers(-5, 5)))
@settings(max_examples=60, deadline=None)
def test_every_fault_of_an_answer_is_named_once(given_: dict[str, int | None]) -> None:
    items = {item.id: item for item in newest("mid-term").items}
    wrong = {
        name: "unknown_item" if name not in items else "out_of_scale"
        for name, value in given_.items()
        if name not in items or (value is not None and value not in possible(items[name]))
    }
    found = answer_reasons(newest("mid-term").items, given_)
    assert {reason.field.removeprefix("answers."): reason.code for reason in found} == wrong


# Versions


@pytest.mark.proves("S20")
def test_answers_are_checked_against_the_version_that_was_asked() -> None:
    """A survey of an earlier release that is open keeps its items."""
    scenario = an_asked_programme(1)
    open_ = scenario.reference.state[f"survey/{survey('mentor 1')}"]
    assert isinstance(open_, Survey)
    assert open_.version == NEWEST["final"]
    scenario.reference.state[open_.subject] = open_.but(version=1)
    scenario.when(answers("mentor 1", length=0)).then_refused("unknown_item")
    scenario.when(answers("mentor 1", duration=2)).then_refused("out_of_scale")
    scenario.when(answers("mentor 1", duration=1, rollout=0)).then(e.AnswersTaken)
    scenario.when(answers("mentee 1", duration=1)).then_refused("unknown_item")
    scenario.when(answers("mentee 1", length=2)).then(e.AnswersTaken)


@pytest.mark.proves("S13")
def test_a_programme_publishes_what_it_will_ask_when_it_opens_and_asks_these_versions_to_its_end() -> None:
    scenario = given(service, today=STARTS).when(PROGRAMME)
    published = {m.questionnaire: m for m in scenario.told if isinstance(m, e.QuestionnairePublished)}
    assert {name: each.version for name, each in published.items()} == NEWEST
    for name, each in published.items():
        assert each.items == newest(name).items
        assert each.comment.de
        assert (each.own, each.opens, each.asked_of) == (False, None, "both")
    later = r.ProgrammeChanged(**PROGRAMME.model_dump())
    scenario.when(later).then_nothing()


def test_a_programme_of_an_earlier_release_publishes_and_fixes_them_when_it_is_next_heard_of() -> None:
    scenario = a_programme()
    programme = scenario.reference.state["programme/pilot"]
    scenario.reference.state = {programme.subject: programme.but(questionnaires={})}
    changed = r.ProgrammeChanged(**PROGRAMME.model_dump())
    scenario.when(By(changed, sequence=2))
    assert {m.questionnaire for m in scenario.told if isinstance(m, e.QuestionnairePublished)} == set(NEWEST)


def test_a_programme_whose_answers_are_gone_publishes_nothing_to_be_asked() -> None:
    gone = {**PROGRAMME.model_dump(), "status": "archived", "gone": ("people", "tandems", "answers")}
    given(service, today=STARTS).when(r.ProgrammeArchived.model_validate(gone)).then_nothing()


def test_both_sides_of_a_tandem_are_asked_the_version_that_the_programme_has_fixed() -> None:
    scenario = a_programme()
    programme = scenario.reference.state["programme/pilot"]
    scenario.reference.state[programme.subject] = programme.but(questionnaires={**NEWEST, "final": 1})
    scenario.given(formed(1), MID_TERM, MID_TERM + 16 * DAY, formed(1, status="completed")).when(FINAL)
    scenario.then_among(said(e.SurveyOpened, questionnaire="final", version=1))
