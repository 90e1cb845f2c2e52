"""Who comes again after leaving, and who is mentor and mentee in one programme."""

import itertools
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.registration.joining import place_for
from services.registration.model import Participant, Person
from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.parts import RegistrationRules, Rules, Side
from shared.runtime.ids import keyed_id
from tests.support.reference import KEY, By, Scenario, Step, given, said
from tests.unit.registration.test_profiles import CLOSING, LEAVING
from tests.unit.registration.test_registration import (
    MENTOR,
    TODAY,
    an_open_programme,
    mentee,
    mentor,
    opening,
    profile,
    topic,
)

SECOND = keyed_id(KEY, "participant", "pilot", "P-1", "mentee")
POSITION = keyed_id(KEY, "position", "P-1")
ROLE = itemgetter(0)
BOTH = Rules(registration=RegistrationRules(both_roles=True))


def both_roles() -> Scenario:
    return given(service, topic(), opening(rules=BOTH), today=TODAY)


def leaving(id: str) -> By:
    return By(r.Withdraw(participant_id=id), actor=id, sender="person")


def participants(scenario: Scenario) -> dict[str, Any]:
    return {a.id: a for a in scenario.reference.state.values() if isinstance(a, Participant)}


@pytest.mark.proves("S1")
def test_who_left_registers_again_while_registration_is_open_under_the_same_id() -> None:
    later = TODAY.replace(day=20)
    scenario = an_open_programme().given(mentor(), LEAVING, later).when(mentor(profile=profile(grade=12)))
    scenario.then(
        said(r.ParticipantRegistered, participant_id=MENTOR, status="registered", registered_on=later),
        r.ContactRecorded,
        said(r.PersonAddressed, topic="registered"),
    )
    assert scenario.one(r.ParticipantRegistered).profile.grade == 12
    assert scenario.reference.sequences[f"participant/{MENTOR}"] == 3
    kept = participants(scenario)[MENTOR]
    assert kept.said == 3
    scenario.when(mentor()).then_refused("already_registered")


def test_who_left_does_not_register_again_once_registration_has_closed() -> None:
    an_open_programme().given(mentor(), LEAVING, CLOSING).when(mentor()).then_refused("registration_closed")


def test_who_left_may_come_again_in_the_other_role_and_the_person_knows_it() -> None:
    scenario = an_open_programme().given(mentor(), LEAVING).when(mentee("P-1"))
    scenario.then_among(said(r.ParticipantRegistered, participant_id=MENTOR, role="mentee"))
    person = scenario.reference.state[f"person/{POSITION}"]
    assert isinstance(person, Person)
    assert [(p.participant, p.role) for p in person.participations] == [(MENTOR, "mentee")]


def test_one_person_is_mentor_here_and_mentee_there() -> None:
    scenario = an_open_programme().given(opening(programme_id="next"), mentor())
    scenario.when(mentee("P-1", programme_id="next")).then_among(r.ParticipantRegistered)
    other = scenario.one(r.ParticipantRegistered)
    assert other.participant_id != MENTOR
    person = scenario.reference.state[f"person/{POSITION}"]
    assert isinstance(person, Person)
    assert {(p.programme, p.role) for p in person.participations} == {("pilot", "mentor"), ("next", "mentee")}


def test_both_roles_in_one_programme_only_by_its_rules() -> None:
    an_open_programme().given(mentor()).when(mentee("P-1")).then_refused("already_registered")
    scenario = both_roles().given(mentor()).when(mentee("P-1"))
    event = scenario.one(r.ParticipantRegistered)
    assert (event.participant_id, event.role, event.position) == (SECOND, "mentee", POSITION)
    scenario.when(mentee("P-1")).then_refused("already_registered")
    scenario.when(mentor()).then_refused("already_registered")
    assert set(participants(scenario)) == {MENTOR, SECOND}


def test_who_leaves_in_one_role_stays_in_the_other_and_comes_back_to_the_one_they_left() -> None:
    scenario = both_roles().given(mentor(), mentee("P-1"), leaving(MENTOR))
    assert {id: p.status for id, p in participants(scenario).items()} == {MENTOR: "withdrawn", SECOND: "registered"}
    scenario.when(mentor()).then_among(said(r.ParticipantRegistered, participant_id=MENTOR, role="mentor"))


@pytest.mark.parametrize("rules", [Rules(), BOTH], ids=["one role", "both roles"])
def test_whatever_somebody_does_they_take_part_once_in_each_role_at_most(rules: Rules) -> None:
    steps: tuple[Step, ...] = (mentor(), mentee("P-1"), leaving(MENTOR), leaving(SECOND))
    for order in itertools.product(steps, repeat=4):
        scenario = given(service, topic(), opening(rules=rules), *order, today=TODAY)
        roles = [p.role for p in participants(scenario).values() if p.status == "registered"]
        assert len(roles) <= (2 if rules is BOTH else 1)
        assert len(roles) == len(set(roles))


@settings(deadline=None)
@for_all(
    roles=st.lists(st.tuples(st.sampled_from(("mentor", "mentee")), st.booleans()), max_size=2, unique_by=ROLE),
    role=st.sampled_from(("mentor", "mentee")),
    both=st.booleans(),
)
def test_a_place_is_free_unless_somebody_has_it_and_who_left_takes_theirs_up_again(
    roles: list[tuple[Side, bool]], role: Side, both: bool
) -> None:
    base = participants(an_open_programme().given(mentor()))[MENTOR]
    known = [base.but(id=r_, role=r_, status="registered" if here else "withdrawn") for r_, here in roles]
    place = place_for(role, known, both_roles=both)
    here = {p.role for p in known if p.status == "registered"}
    assert place.taken == (role in here if both else bool(here))
    if place.before is not None and not place.taken:
        assert place.before.status == "withdrawn"
        assert not both or place.before.role == role
