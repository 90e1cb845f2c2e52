"""The office fixes pairs before a round: rules are checked, a veto stays secret, a round keeps what it can."""

from typing import Any

import pytest

from services.matching.model import Pin, Proposal, Seat, Tandem
from services.matching.service import service
from services.matching.solution import LapsePin
from services.matching.view import VIEW
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.parts import Deadlines, MatchingRules, Rules, TopicLevel
from shared.runtime.ids import derived_id
from tests.support.reference import By, Scenario, given, said
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    approved,
    closed,
    ends,
    leaves,
    no,
    of_kind,
    people,
    programme,
    registered,
    round_of,
    tandems,
)

MIXED = (MENTORS[0], MENTEES[1])
"""A pair that no round would choose by itself: they share one topic of little weight."""
WAITING = Rules(deadlines=Deadlines(wish_days=3))


def pin(mentor: str = MIXED[0], mentee: str = MIXED[1], reason: str = "") -> m.PinPair:
    return m.PinPair(programme_id="pilot", mentor=mentor, mentee=mentee, reason=reason)


def unpin(mentor: str = MIXED[0], mentee: str = MIXED[1]) -> m.UnpinPair:
    return m.UnpinPair(programme_id="pilot", mentor=mentor, mentee=mentee)


def vetoes(who: str, whom: str) -> By:
    return By(m.NameWishes(participant_id=who, vetoes=(whom,)), actor=who, sender="person")


def before(**mentor: Any) -> Scenario:
    """All six are known, registration is open; `mentor` goes into the first mentor's profile."""
    return given(service, programme(), registered(0, "mentor", **mentor), *people()[1:], today=TODAY)


def pairs(scenario: Scenario) -> set[tuple[str, str]]:
    return {(p.mentor, p.mentee) for p in of_kind(scenario, Proposal)}


@pytest.mark.proves("S6")
def test_a_pair_that_the_office_fixes_is_proposed_and_marked() -> None:
    scenario = before().when(pin()).then(said(m.PairPinned, mentor=MIXED[0], mentee=MIXED[1], status="pinned"))
    scenario.when(closed()).then_among(
        said(m.PairProposed, mentor=MIXED[0], mentee=MIXED[1], pinned=True), said(m.PinEnded, status="proposed")
    )
    found = {kind: of_kind(scenario, kind) for kind in VIEW.aggregates}
    view = VIEW.build("pilot", found).model_dump()
    assert {(p["mentor"], p["mentee"]): p["pinned"] for p in view["proposals"]}[MIXED]
    assert view["pins"] == (), "what became of the pin says its proposal, and later its tandem"
    assert len([p for p in of_kind(scenario, Proposal) if not p.pinned]) == 1


@pytest.mark.proves("S6")
def test_a_pair_that_breaks_a_hard_rule_needs_a_reason_that_is_told_nowhere() -> None:
    scenario = before(department="mentee-1")
    scenario.when(pin()).then_refused("different_department")
    scenario.when(pin(reason="they asked for it"))
    scenario.then(m.PairPinned)
    [kept] = of_kind(scenario, Pin)
    assert (kept.reason, kept.on) == ("they asked for it", TODAY)
    said_ = "".join(message.model_dump_json() for message in scenario.told)
    found = {kind: of_kind(scenario, kind) for kind in VIEW.aggregates}
    assert "asked for it" not in said_ + VIEW.build("pilot", found).model_dump_json()
    scenario.when(closed()).then_among(said(m.PairProposed, mentor=MIXED[0], mentee=MIXED[1], pinned=True))


def refused(scenario: Scenario) -> str:
    """What the office reads of a refused pin, whatever reason it gives; the command's id aside."""
    answers = []
    for reason in ("", "they asked for it"):
        scenario.when(By(pin(reason=reason), id=derived_id("the same", reason)))
        answers.append(scenario.told[0].model_dump_json())
    return "".join(answers)


@pytest.mark.proves("P1", "P9")
@pytest.mark.parametrize("rules", [MatchingRules(), MatchingRules(seniority_distance=20)], ids=["allowed", "broken"])
def test_a_pin_refused_for_a_veto_or_a_rest_reads_to_the_byte_like_one_below_the_lowest_score(
    rules: MatchingRules,
) -> None:
    all_ = Rules(matching=rules)
    plain = given(service, programme(rules=all_), *people(), today=TODAY)
    nothing = (TopicLevel(topic_id="nothing", level=1),)
    below = refused(given(service, programme(rules=all_), *people()[1:], _without(nothing), today=TODAY))
    assert "below_minimum_score" in below
    assert refused(plain.given(vetoes(MIXED[0], MIXED[1]))) == below
    assert refused(given(service, programme(rules=all_), *people(), vetoes(MIXED[1], MIXED[0]), today=TODAY)) == below


def _without(strengths: tuple[TopicLevel, ...]) -> r.ParticipantState:
    """The first mentor with other strengths, at another site."""
    plain = registered(0, "mentor")
    return plain.model_copy(
        update={"profile": plain.profile.model_copy(update={"strengths": strengths, "site": "Ost"})}
    )


@pytest.mark.proves("P9")
def test_a_pin_of_somebody_who_rests_is_refused_as_if_the_score_were_too_low() -> None:
    scenario = tandems()
    ended, other = of_kind(scenario, Tandem)
    free = next(id for id in MENTEES if id not in (ended.mentee, other.mentee))
    scenario.given(ends(ended, ended.mentor, rematch=False))
    scenario.when(pin(ended.mentor, free)).then_refused("below_minimum_score")


@pytest.mark.proves("P1")
def test_a_veto_named_after_the_pin_lets_it_lapse_in_the_round_like_a_score_that_fell() -> None:
    def told(step: By | r.ParticipantState) -> list[str]:
        scenario = given(service, programme(rules=WAITING), *people(), closed(rules=WAITING), pin(), today=TODAY)
        scenario.given(step).when(m.EndWishing(round_id=round_of(scenario)))
        assert MIXED not in pairs(scenario)
        return [x.model_dump_json() for x in scenario.told if isinstance(x, m.PinEnded)]

    fell = _without((TopicLevel(topic_id="nothing", level=1),))
    changed = r.ParticipantChanged.model_validate(fell.model_dump())
    [lapsed] = told(vetoes(MIXED[1], MIXED[0]))
    assert "lapsed" in lapsed
    assert told(changed) == [lapsed]


def test_nobody_is_fixed_twice_and_who_has_somebody_is_not_fixed() -> None:
    scenario = before().given(pin())
    scenario.when(pin()).then_refused("pinned_already")
    scenario.when(pin(MENTORS[1], MENTEES[1])).then_refused("not_free")
    scenario.when(pin(MENTORS[0], MENTEES[2])).then_refused("not_free")
    two_seats = before(capacity=2).given(pin())
    two_seats.when(pin(MENTORS[0], MENTEES[2])).then(m.PairPinned)
    busy = approved()
    one, other = of_kind(busy, Proposal)
    busy.when(pin(one.mentor, other.mentee)).then_refused("not_free", "not_free")
    busy.given(no(one, one.mentor)).when(pin(one.mentor, one.mentee)).then_refused("not_again")


def test_the_office_fixes_only_who_takes_part_on_their_side_of_a_programme_that_runs() -> None:
    scenario = before()
    scenario.when(pin(MENTEES[0], MENTORS[0])).then_refused("unknown_participant", "unknown_participant")
    scenario.given(leaves(MENTORS[0])).when(pin()).then_refused("withdrawn")
    given(service, *people()).when(pin()).then_refused("unknown_programme")
    over = given(service, programme(r.ProgrammeEnded, status="ended"), *people(), today=TODAY)
    over.when(pin()).then_refused("programme_ended")


@pytest.mark.proves("S6")
def test_what_the_office_fixes_no_longer_is_free_for_the_round() -> None:
    scenario = before().given(pin())
    scenario.when(unpin()).then(said(m.PinEnded, status="unpinned"))
    scenario.when(unpin()).then_refused("not_pinned")
    scenario.when(closed())
    assert MIXED not in pairs(scenario)
    again = before().given(pin(), unpin()).when(pin())
    again.then(said(m.PairPinned, status="pinned"))


def test_who_left_lets_the_pin_lapse_and_the_other_is_free_again() -> None:
    scenario = before().given(pin(), leaves(MIXED[0])).when(closed())
    scenario.then_among(said(m.PinEnded, status="lapsed"))
    lapsed = LapsePin(programme_id="pilot", mentor=MIXED[0], mentee=MIXED[1])
    scenario.when(lapsed).then_nothing()
    [other] = [seat for seat in of_kind(scenario, Seat) if seat.id == MIXED[1]]
    assert other.pins == ()


def test_the_office_reads_which_pins_wait_for_a_round_and_which_one_could_not_be_kept() -> None:
    def shown(scenario: Scenario) -> list[str]:
        view = VIEW.build("pilot", {kind: of_kind(scenario, kind) for kind in VIEW.aggregates})
        return [row["status"] for row in view.model_dump()["pins"]]

    scenario = before().given(pin())
    assert shown(scenario) == ["pinned"]
    assert shown(scenario.given(leaves(MIXED[0])).when(closed())) == ["lapsed"]
    assert shown(before().given(pin(), unpin())) == []
