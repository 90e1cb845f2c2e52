"""What the office may ask of many at once: who is registered and how, the catalogue, what is wrong with profiles."""

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from services.registration.service import service
from shared.contracts import hr
from shared.contracts import registration as r
from shared.contracts.parts import RegistrationRules, Rules, TopicLevel
from shared.contracts.registration import asked as q
from shared.runtime.ids import keyed_id
from shared.runtime.tombstones import Tombstone
from tests.support.reference import KEY, By, given, said
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


def asked(*keys: str, superiors: tuple[str, ...] = ("head",)) -> q.RegisteredAsked:
    people = tuple(q.Known(personnel_key=key, superiors=superiors, role="mentor") for key in keys)
    return q.RegisteredAsked(programme_id="pilot", people=people)


def test_who_is_registered_is_answered_in_the_order_of_the_question() -> None:
    scenario = an_open_programme().given(mentor(), mentee("P-2"))
    one, nobody, other = scenario.answer("registered", asked("P-2", "P-9", "P-1")).found
    assert nobody is None
    assert (one.role, other.role, other.participant_id) == ("mentee", "mentor", MENTOR)
    assert (other.sequence, other.contact_sequence, other.status) == (1, 1, "registered")
    assert (other.profile, other.display_name, other.mail) == (profile(), "Mentor 1", "mentor-1@example.org")


def test_it_is_answered_of_whom_hr_has_spoken() -> None:
    facts = hr.EmploymentChanged(employment_id="e-1", personnel_key="P-1", grade=11)
    scenario = an_open_programme().given(mentor(), mentee("P-2"), facts)
    assert [one.hr_knows for one in scenario.answer("registered", asked("P-1", "P-2")).found] == [True, False]


def test_of_whom_hr_has_spoken_it_is_answered_what_it_said_whether_they_are_registered_here_or_not() -> None:
    facts = hr.EmploymentChanged(employment_id="e-1", personnel_key="P-1", grade=11, superiors=("head",))
    scenario = an_open_programme().given(opening(programme_id="second"), mentor(), facts)
    in_second = asked("P-1", "P-2").model_copy(update={"programme_id": "second"})
    for question in (asked("P-1", "P-2"), in_second):
        said_of, nobody = scenario.answer("registered", question).hr
        assert nobody is None
        assert said_of == q.HrSays(grade=11, same_superiors=True)
    [said_of] = scenario.answer("registered", asked("P-1", superiors=("other",))).hr
    assert said_of.same_superiors is False
    scenario.given(hr.EmploymentEnded(employment_id="e-1", personnel_key="P-1", last_day=TODAY))
    [until_today] = scenario.answer("registered", asked("P-1")).hr
    scenario.reference.today = TODAY + dt.timedelta(days=1)
    [over] = scenario.answer("registered", asked("P-1")).hr
    assert (until_today.ended, over.ended) == (False, True)


@pytest.mark.parametrize(
    "id",
    [
        MENTOR,
        keyed_id(KEY, "participant", "pilot", keyed_id(KEY, "position", "P-1"), "mentor"),
        keyed_id(KEY, "participant", "pilot", keyed_id(KEY, "position", "P-1"), "mentee"),
    ],
)
def test_who_was_erased_in_any_programme_is_answered_in_each_that_they_do_not_take_part_in(id: str) -> None:
    grave = Tombstone(id=keyed_id(KEY, "tombstone", id))
    scenario = an_open_programme().given(opening(programme_id="second"), mentor("P-3"))
    scenario.reference.state[grave.subject] = grave
    in_second = asked("P-9", "P-1", "P-3").model_copy(update={"programme_id": "second"})
    assert scenario.answer("registered", in_second).erased_elsewhere == (1,)
    here = scenario.answer("registered", asked("P-1"))
    assert (here.erased, here.erased_elsewhere) == (((0,), ()) if id == MENTOR else ((), (0,)))
    scenario.when(By(mentor(programme_id="second"), sender="person"))
    scenario.then_among(said(r.ParticipantRegistered, programme_id="second"))
    assert scenario.answer("registered", in_second).erased_elsewhere == (), "they came by themselves"


def test_who_is_being_erased_is_answered_before_it_is_done() -> None:
    scenario = an_open_programme().given(opening(programme_id="second"), mentor())
    in_second = asked("P-1").model_copy(update={"programme_id": "second"})
    assert scenario.answer("registered", in_second).erased_elsewhere == ()
    scenario.given(By(r.ErasePerson(participant_id=MENTOR), actor=MENTOR, sender="person"))
    assert scenario.answer("registered", in_second).erased_elsewhere == (0,)


def test_another_programme_s_people_are_not_answered() -> None:
    elsewhere = q.RegisteredAsked(programme_id="other", people=asked("P-1").people)
    assert an_open_programme().given(mentor()).answer("registered", elsewhere).found == (None,)


def test_each_change_raises_what_a_change_replaces() -> None:
    change = By(r.ChangeProfile(participant_id=MENTOR, profile=profile(grade=11), replaces=1), sender="office")
    contact = By(r.ChangeContact(participant_id=MENTOR, display_name="M", mail="m@example.org"), sender="office")
    [found] = an_open_programme().given(mentor(), change, contact).answer("registered", asked("P-1")).found
    assert (found.sequence, found.contact_sequence, found.profile.grade, found.mail) == (2, 2, 11, "m@example.org")


def test_a_profile_is_answered_with_its_topics_by_where_they_lead_however_often_they_were_merged() -> None:
    merged = (r.MergeTopics(topic_id="apps", into="tools"), r.MergeTopics(topic_id="tools", into="software"))
    scenario = an_open_programme().given(mentor(), topic("tools"), topic("software"), *merged)
    [found] = scenario.answer("registered", asked("P-1")).found
    assert found.profile.strengths == (TopicLevel(topic_id="software", level=5),)


def test_of_a_reporting_line_only_whether_it_is_the_same_is_answered() -> None:
    scenario = an_open_programme().given(mentor())
    [same] = scenario.answer("registered", asked("P-1")).found
    [other] = scenario.answer("registered", asked("P-1", superiors=("somebody",))).found
    assert (same.same_superiors, other.same_superiors) == (True, False)
    assert "head" not in same.model_dump_json()


@pytest.mark.proves("S7")
def test_a_new_profile_may_bring_a_new_reporting_line() -> None:
    change: dict[str, Any] = {"participant_id": MENTOR, "profile": profile(), "replaces": 1}
    scenario = an_open_programme().given(mentor())
    refused = r.ChangeProfile(**change, superiors=("P-1",))
    scenario.when(By(refused, sender="office")).then_refused("own_superior")
    scenario.when(By(r.ChangeProfile(**change, superiors=("new",)), sender="office")).then(
        said(r.ParticipantChanged, reporting_line=(keyed_id(KEY, "position", "new"),)),
        said(r.PersonAddressed, topic="profile-changed"),
    )
    scenario.when(By(r.ChangeProfile(**change | {"replaces": 2}), sender="office")).then(
        said(r.ParticipantChanged, reporting_line=(keyed_id(KEY, "position", "new"),))
    )


def test_the_catalogue_is_answered_with_the_programme() -> None:
    found = an_open_programme().given(topic("scrum")).answer("catalogue", q.CatalogueAsked(programme_id="pilot"))
    assert [each.topic_id for each in found.topics] == ["apps", "scrum"]
    assert (found.status, found.sequence, found.privacy_notice) == ("open", 1, "1")
    none = an_open_programme().answer("catalogue", q.CatalogueAsked(programme_id="other"))
    assert (none.status, none.both_roles, none.release_by_manager) == (None, False, False)


def test_the_catalogue_says_whether_one_person_may_have_both_roles() -> None:
    for both in (False, True):
        rules = Rules(registration=RegistrationRules(both_roles=both))
        scenario = given(service, opening(rules=rules), today=TODAY)
        assert scenario.answer("catalogue", q.CatalogueAsked(programme_id="pilot")).both_roles is both


def test_what_is_wrong_with_a_profile_is_what_a_command_with_it_is_refused_for() -> None:
    bad = profile(strengths=(TopicLevel(topic_id="nothing", level=1), TopicLevel(topic_id="nothing", level=2)))
    scenario = an_open_programme()
    wanted = tuple(q.Wanted(role="mentor", profile=each) for each in (bad, profile()))
    faults, none = scenario.answer("profile-faults", q.FaultsAsked(profiles=wanted)).faults
    assert none == ()
    refusal = scenario.when(mentor(profile=bad)).one(r.CommandRejected)
    assert faults == refusal.reasons


def test_no_more_are_asked_for_than_one_answer_can_hold() -> None:
    with pytest.raises(ValidationError):
        asked(*["P"] * (q.MOST + 1))
    with pytest.raises(ValidationError):
        q.RegisteredAsked.model_validate({"programme_id": "pilot", "people": [], "names": []})
