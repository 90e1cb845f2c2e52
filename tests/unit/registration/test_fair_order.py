"""A limit of places: who finds room, who waits in line, who moves up."""

import datetime as dt
import hashlib
from typing import Any

import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st

from services.registration.line import Admit, HeldBack, Room, Standing, admit, fair_order, held_back
from services.registration.model import Participant
from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.parts import RegistrationRules, Rules
from shared.runtime.closed_set import closed_set
from shared.runtime.ids import keyed_id
from shared.runtime.table import Again
from tests.support.reference import KEY, By, Scenario, given, said
from tests.unit.registration.test_registration import TODAY, mentee, mentor, opening, topic

KEYS = [f"P-{number}" for number in range(1, 6)]
IDS = [keyed_id(KEY, "participant", "pilot", key) for key in KEYS]
BY_LOT = sorted(IDS, key=lambda id: hashlib.sha256(f"pilot|{id}".encode()).hexdigest())
"""The published rule, written down a second time."""
RUNS = dt.date(2027, 2, 15)
ENDS = dt.date(2027, 7, 15)


def limited(**limits: Any) -> Rules:
    return Rules(registration=RegistrationRules(**limits))


def a_full_programme(mentors: int = 2) -> Scenario:
    """Five mentors registered for fewer seats, and registration has closed."""
    people = [mentor(key) for key in KEYS]
    scenario = given(service, topic(), opening(rules=limited(mentors_at_most=mentors)), *people, today=TODAY)
    return scenario.when(r.CloseRegistration(programme_id="pilot"))


def leave(id: str) -> By:
    return By(r.Withdraw(participant_id=id), actor=id, sender="person")


def waiting(scenario: Scenario) -> list[str]:
    """Who waits in line, in its order."""
    people = [a for a in scenario.reference.state.values() if isinstance(a, Participant)]
    held = [p for p in people if not p.admitted and p.status == "registered"]
    return [p.id for p in sorted(held, key=lambda p: p.line or 0)]


def test_all_may_register_and_at_the_close_a_lot_decides_that_everybody_can_check() -> None:
    scenario = a_full_programme()
    assert waiting(scenario) == BY_LOT[2:]
    changed = [message for message in scenario.told if isinstance(message, r.ParticipantChanged)]
    assert {message.participant_id: message.line for message in changed} == {
        id: place for place, id in enumerate(BY_LOT[2:], start=1)
    }
    closed = scenario.one(r.RegistrationClosed)
    assert (closed.closed_set, closed.held_back) == (closed_set(IDS), closed_set(BY_LOT[2:]))


@pytest.mark.proves("S15")
def test_who_finds_no_room_is_told_their_place_in_line() -> None:
    scenario = a_full_programme()
    told = {m.to: m.text for m in scenario.told if isinstance(m, r.PersonAddressed) and m.topic == "held-back"}
    assert set(told) == set(BY_LOT[2:])
    others = {m.to for m in scenario.told if isinstance(m, r.PersonAddressed) and m.topic == "closed-to-registration"}
    assert others == set(BY_LOT[:2])
    assert "number 3 on" in told[BY_LOT[4]].en
    assert "Platz 3 der" in told[BY_LOT[4]].de


def test_where_there_is_room_for_all_nobody_is_held_back() -> None:
    scenario = a_full_programme(mentors=5)
    scenario.then_among(r.ProgrammeChanged, said(r.RegistrationClosed, held_back=None))
    assert waiting(scenario) == []


def test_each_role_has_a_line_of_its_own() -> None:
    rules = limited(mentors_at_most=1, mentees_at_most=1)
    people = [mentor("P-1"), mentor("P-2"), mentee("P-3"), mentee("P-4")]
    scenario = given(service, topic(), opening(rules=rules), *people, today=TODAY)
    scenario.when(r.CloseRegistration(programme_id="pilot"))
    changed = [message for message in scenario.told if isinstance(message, r.ParticipantChanged)]
    assert sorted((message.role, message.line) for message in changed) == [("mentee", 1), ("mentor", 1)]


@pytest.mark.proves("P5")
def test_who_waits_since_an_earlier_round_comes_before_the_lot_the_longest_first() -> None:
    waits = {IDS[0]: dt.date(2026, 5, 1), IDS[1]: dt.date(2026, 1, 1)}
    people = [Standing(participant_id=id, role="mentor", waiting_since=waits.get(id)) for id in IDS]
    found = [person.participant_id for person in fair_order("pilot", people)]
    assert found == [IDS[1], IDS[0], *(id for id in BY_LOT if id not in waits)]


def test_who_left_takes_no_room() -> None:
    first, second = BY_LOT[:2]
    people = [mentor(key) for key in KEYS]
    scenario = given(service, topic(), opening(rules=limited(mentors_at_most=2)), *people, today=TODAY)
    scenario.given(leave(first)).when(r.CloseRegistration(programme_id="pilot"))
    assert waiting(scenario) == BY_LOT[3:]
    scenario.when(leave(second)).then_among(said(r.ParticipantChanged, participant_id=BY_LOT[3], admitted=True))


def test_the_first_in_line_moves_up_when_somebody_leaves_and_keeps_where_they_stood() -> None:
    scenario = a_full_programme().given(RUNS)
    scenario.when(leave(BY_LOT[0])).then(
        r.ParticipantWithdrew,
        r.PersonAddressed,
        said(r.ParticipantChanged, participant_id=BY_LOT[2], admitted=True, line=1),
        said(r.PersonAddressed, to=BY_LOT[2], topic="moved-up"),
    )
    assert waiting(scenario) == BY_LOT[3:]


def test_who_leaves_the_line_makes_no_room_and_is_passed_over() -> None:
    scenario = a_full_programme()
    scenario.when(leave(BY_LOT[2])).then(r.ParticipantWithdrew, r.PersonAddressed)
    scenario.when(leave(BY_LOT[1])).then_among(said(r.ParticipantChanged, participant_id=BY_LOT[3]))


def test_nobody_moves_up_once_the_term_is_over() -> None:
    scenario = a_full_programme().given(RUNS, ENDS)
    scenario.when(leave(BY_LOT[0])).then(r.ParticipantWithdrew, r.PersonAddressed)
    scenario.when(Admit(programme_id="pilot", participant_id=BY_LOT[2])).then_nothing()


def test_a_higher_limit_lets_people_in_when_it_holds() -> None:
    scenario = a_full_programme().given(RUNS)
    more = r.ChangeRules(programme_id="pilot", rules=limited(mentors_at_most=4), replaces=4)
    scenario.when(more).then(r.ProgrammeChanged)
    scenario.when(RUNS + dt.timedelta(1))
    assert waiting(scenario) == BY_LOT[4:]
    all_ = r.ChangeRules(programme_id="pilot", rules=Rules(), replaces=6)
    scenario.given(all_).when(RUNS + dt.timedelta(2))
    assert waiting(scenario) == []


def test_a_lower_limit_sends_nobody_back() -> None:
    scenario = a_full_programme().given(RUNS)
    fewer = r.ChangeRules(programme_id="pilot", rules=limited(mentors_at_most=1), replaces=4)
    scenario.given(fewer).when(RUNS + dt.timedelta(1)).then(r.ProgrammeChanged)
    scenario.when(leave(BY_LOT[0])).then(r.ParticipantWithdrew, r.PersonAddressed)
    assert waiting(scenario) == BY_LOT[2:]


def test_a_piece_that_comes_again_or_for_who_has_left_tells_nobody_anything() -> None:
    scenario = a_full_programme()
    scenario.when(HeldBack(programme_id="pilot", participant_id=BY_LOT[2], line=9)).then_nothing()
    scenario.when(Admit(programme_id="pilot", participant_id=BY_LOT[0])).then_nothing()
    scenario.given(leave(BY_LOT[4])).when(Admit(programme_id="pilot", participant_id=BY_LOT[4])).then_nothing()
    scenario.when(HeldBack(programme_id="pilot", participant_id="nobody", line=1)).then_nothing()


def test_who_leaves_between_the_count_and_its_pieces_is_noted_and_makes_room() -> None:
    """The count read five people; two of them left before its pieces came, one of whom it had let in."""
    people = [mentor(key) for key in KEYS]
    scenario = given(service, topic(), opening(rules=limited(mentors_at_most=2)), *people, today=TODAY)
    reference = scenario.reference
    room = Room(
        programme_id="pilot",
        people=tuple(Standing(participant_id=id, role="mentor") for id in IDS),
        mentors_at_most=2,
    )
    pieces = held_back(room)
    programme = reference.state["programme/pilot"]
    reference.state["programme/pilot"] = programme.but(status="closing")
    scenario.when(leave(BY_LOT[0]), leave(BY_LOT[4]))
    assert [start.job for start in reference.unfinished] == ["admit", "admit"], "who leaves meanwhile starts it"
    scenario.when(*pieces)
    noted = [m for m in scenario.told if isinstance(m, r.ParticipantWithdrew)]
    assert [(m.participant_id, m.line) for m in noted] == [(BY_LOT[4], 3)]
    assert BY_LOT[4] not in {m.to for m in scenario.told if isinstance(m, r.PersonAddressed)}
    reference.state["programme/pilot"] = programme.but(status="closed", held_back=closed_set(BY_LOT[2:]))
    scenario.later().then(said(r.ParticipantChanged, participant_id=BY_LOT[2], admitted=True), r.PersonAddressed)


PEOPLE = st.lists(
    st.builds(
        Standing,
        participant_id=st.uuids().map(str),
        role=st.sampled_from(["mentor", "mentee"]),
        registered=st.booleans(),
        waiting_since=st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2026, 3, 1)),
    ),
    unique_by=lambda person: person.participant_id,
    max_size=30,
)


@holds_for(PEOPLE, st.none() | st.integers(1, 10), st.none() | st.integers(1, 10), st.randoms())
def test_whoever_registers_first_does_not_matter_and_every_seat_is_given(
    people: list[Standing], mentors: int | None, mentees: int | None, random: Any
) -> None:
    room = Room(programme_id="p", people=tuple(people), mentors_at_most=mentors, mentees_at_most=mentees)
    back = held_back(room)
    random.shuffle(people)
    assert set(held_back(room.model_copy(update={"people": tuple(people)}))) == set(back)
    held = {piece.participant_id for piece in back}
    for role, limit in room.limits.items():
        registered = room.registered(role)
        let_in = [person for person in registered if person.participant_id not in held]
        assert len(let_in) == (len(registered) if limit is None else min(limit, len(registered)))


@holds_for(PEOPLE, st.integers(1, 5), st.data())
def test_two_that_let_in_at_once_let_in_nobody_too_many(people: list[Standing], limit: int, data: Any) -> None:
    """Each reads at its own moment, people leave in between, and the pieces of both are handled in any order."""
    room = Room(programme_id="p", people=tuple(people), mentors_at_most=limit, mentees_at_most=limit)
    lines = {piece.participant_id: piece.line for piece in held_back(room)}
    now = {
        person.participant_id: person.model_copy(update={"line": line, "admitted": line is None})
        for person in people
        for line in [lines.get(person.participant_id)]
    }
    pieces: list[str] = []

    def read() -> None:
        found = admit(room.model_copy(update={"people": tuple(now.values())}))
        assert not isinstance(found, Again)
        pieces.extend(piece.participant_id for piece in found)

    for _ in range(data.draw(st.integers(0, 12))):
        step = data.draw(st.sampled_from(["leave", "handle"]))
        here = [id for id, person in now.items() if person.registered]
        if step == "leave" and here:
            gone = data.draw(st.sampled_from(here))
            now[gone] = now[gone].model_copy(update={"registered": False})
            read()
        elif pieces:
            id = pieces.pop(data.draw(st.integers(0, len(pieces) - 1)))
            if now[id].registered:
                now[id] = now[id].model_copy(update={"admitted": True})
        for role in ("mentor", "mentee"):
            in_ = [p for p in now.values() if p.role == role and p.registered and p.admitted]
            assert len(in_) <= limit
    for id in pieces:
        if now[id].registered:
            now[id] = now[id].model_copy(update={"admitted": True})
    read()
    for role in ("mentor", "mentee"):
        left = [p for p in now.values() if p.role == role and p.registered]
        assert len([p for p in left if p.admitted]) == min(limit, len(left))
