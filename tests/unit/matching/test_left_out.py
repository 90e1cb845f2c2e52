"""Why people have no tandem: from the published scores, the profiles and the tandems; never from a veto or a wish."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings

from services.matching import explanation
from services.matching.assignment import solve
from services.matching.gaps import gaps
from services.matching.left_out import left_out
from services.matching.pair import judge
from services.matching.people import Person, RoundInputs
from services.matching.table import score_table
from services.matching.whatif import what_if
from shared.contracts.parts import MatchingRules, Reasoned, WorkingTime
from tests.support.round_people import a_person, plain_open, rounds

RULES = MatchingRules()


def reasons(*people: Person, places: int = 9, rules: MatchingRules = RULES) -> Mapping[str, Reasoned]:
    """Why each of them has no tandem, in a round in which nobody has one."""
    inputs = RoundInputs(people=people, places=places, seed="s", rules=rules)
    return {u.id: u.reason for u in left_out(inputs, score_table(inputs), [])}


@pytest.mark.proves("P5")
def test_the_rules_that_exclude_the_nearest_are_counted() -> None:
    mentee = a_person("n", "mentee", concerns={"t1": 5, "t2": 5}, strengths={})
    same = [a_person(f"d{i}", "mentor", department="D-mentee", strengths={"t1": 5, "t2": 5}) for i in range(3)]
    deaf = [a_person(f"l{i}", "mentor", languages=("fr",), strengths={"t1": 5}) for i in range(2)]
    far = [a_person(f"s{i}", "mentor", grade=12, strengths={"t1": 1}, concerns={}) for i in range(4)]
    reason = reasons(mentee, *same, *deaf, *far)["n"]
    assert reason.code == "no_allowed_partner"
    assert "Of the 5 people" in reason.text.en
    assert "exclude: the same department (3), no language in common (2)." in reason.text.en
    assert "dasselbe Referat (3), keine gemeinsame Sprache (2)" in reason.text.de


def test_what_a_mentee_offers_in_return_makes_near_too() -> None:
    mentee = a_person("n", "mentee", concerns={"t1": 5}, strengths={"t9": 5})
    mentor = a_person("m", "mentor", strengths={"t2": 5}, concerns={"t9": 3}, languages=("fr",))
    assert "no language in common (1)" in reasons(mentee, mentor)["n"].text.en


@pytest.mark.proves("P5")
def test_topics_that_nobody_offers_or_looks_for_are_named() -> None:
    mentee = a_person("n", "mentee", concerns={"agile": 5}, strengths={})
    found = reasons(mentee, a_person("m", "mentor", strengths={"video": 3}, concerns={}))
    assert {reason.code for reason in found.values()} == {"no_common_topic"}
    assert "nobody who is possible offers: “agile”" in found["n"].text.en
    assert "nobody who is possible looks for: “video”" in found["m"].text.en


@pytest.mark.proves("P5")
def test_who_was_possible_hears_of_tandems_or_places() -> None:
    people = (a_person("m", "mentor"), a_person("n", "mentee"), a_person("o", "mentee"))
    for places, code in ((9, "others_matched"), (1, "no_place")):
        inputs = RoundInputs(people=people, places=places, seed="s")
        [left] = left_out(inputs, score_table(inputs), [("m", "n")])
        assert (left.id, left.reason.code) == ("o", code)


@pytest.mark.proves("P5")
@settings(max_examples=60, deadline=None)
@given(rounds())
def test_each_reason_is_true_of_the_round(inputs: RoundInputs) -> None:
    solution = solve(inputs)
    people = {p.id: p for p in inputs.people}
    full = len(solution.pairs) >= inputs.places
    for left in solution.unmatched:
        person = people[left.id]
        others = [p for p in inputs.people if p.role != person.role]
        pairs = [(person, p) if person.role == "mentor" else (p, person) for p in others]
        possible = [pair for pair in pairs if plain_open(*pair, inputs)]
        if left.reason.code in ("no_place", "others_matched"):
            assert possible
            assert full == (left.reason.code == "no_place")
            partners = {p.id for pair in possible for p in pair} - {person.id}
            seats = {id: sum(id in (pair.mentor, pair.mentee) for pair in solution.pairs) for id in partners}
            assert full or all(seats[id] == people[id].capacity for id in partners)
        else:
            assert not possible
        if left.reason.code == "no_allowed_partner":
            assert any(judge(*pair, inputs.rules).broken for pair in pairs)


# Secrecy


def everything(inputs: RoundInputs) -> str:
    """What the office can get of a round, to the byte."""
    solution = solve(inputs).model_dump_json()
    found = [gap.model_dump_json() for gap in gaps(inputs, score_table(inputs))]
    return "\n".join([solution, *found, *(row.model_dump_json() for row in what_if(inputs).rows)])


@pytest.mark.proves("P1")
@settings(max_examples=15, deadline=None)
@given(rounds(most=3))
def test_a_vetoed_pair_looks_like_one_of_score_0(inputs: RoundInputs) -> None:
    apart = (
        a_person("mx", "mentor", site="X", strengths={"u1": 3}, concerns={"t1": 2}),
        a_person("nx", "mentee", site="X", strengths={"u2": 3}, concerns={"t2": 2}),
    )
    vetoed = (apart[0].model_copy(update={"vetoes": ("nx",)}), apart[1])
    elsewhere = (
        apart[0],
        apart[1].model_copy(update={"profile": apart[1].profile.model_copy(update={"site": "Y"})}),
    )
    assert judge(*vetoed, inputs.rules).score == 50, "without the veto the two are possible"
    assert judge(*elsewhere, inputs.rules).score == 0

    def of(people: tuple[Person, ...]) -> RoundInputs:
        return inputs.model_copy(update={"people": (*inputs.people, *people)})

    assert everything(of(vetoed)) == everything(of(elsewhere))


@pytest.mark.proves("P1")
def test_whoever_has_only_a_vetoed_partner_hears_what_they_would_hear_without_a_topic_in_common() -> None:
    def heard(**mentor: object) -> Reasoned:
        return reasons(
            a_person("m", "mentor", concerns={}, **mentor),
            a_person("r", "mentor", concerns={}, strengths={"t1": 1}, languages=("fr",)),
            a_person("n", "mentee", concerns={"t1": 5}, strengths={}),
        )["n"]

    assert heard(strengths={"t1": 5}, vetoes=("n",)) == heard(strengths={"t7": 5})
    assert heard(strengths={"t1": 5}, vetoes=("n",)).code == "no_allowed_partner"


@pytest.mark.proves("P1")
@settings(max_examples=25, deadline=None)
@given(rounds())
def test_wishes_change_no_reason_and_no_figure_of_what_could_be(inputs: RoundInputs) -> None:
    silent = inputs.model_copy(update={"people": tuple(p.model_copy(update={"wishes": ()}) for p in inputs.people)})
    pairs = [(pair.mentor, pair.mentee) for pair in solve(inputs).pairs]
    assert left_out(inputs, score_table(inputs), pairs) == left_out(silent, score_table(silent), pairs)
    assert gaps(inputs, score_table(inputs)) == gaps(silent, score_table(silent))


def test_every_rule_has_words_in_both_languages() -> None:
    broken = judge(
        a_person("m", "mentor", department="D", position="head", grade=12, reporting_line=("chief",), strengths={}),
        a_person(
            "n", "mentee", department="D", reporting_line=("head", "chief"), languages=("fr",), concerns={"t9": 1},
            strengths={}, working_times=(WorkingTime(weekday=6, start=0, end=9),),
        ),
        RULES,
    ).broken  # fmt: skip
    assert len(broken) == 7
    found = explanation.Found(partners=False, full=False, nearest=2, excluded_by=tuple((code, 1) for code in broken))
    text = explanation.why_unmatched(a_person("n", "mentee"), found, {}).text
    assert text.de.count("(1)") == text.en.count("(1)") == 7
