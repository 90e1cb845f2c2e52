import datetime as dt
import itertools
from typing import Any

import pytest
from pydantic import ValidationError

from services.registration.model import Participant
from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.base import Office, Text
from shared.contracts.parts import Consents, Criteria, Profile, Term, TopicLevel, WorkingTime
from shared.runtime.closed_set import closed_set
from shared.runtime.criteria_seal import seal_of
from shared.runtime.decision import DueReached
from shared.runtime.ids import keyed_id
from tests.support.reference import KEY, By, Scenario, given, said

TODAY = dt.date(2027, 1, 11)
OFFICE = Office(name="Office", phone="089 1", mail="office@example.org")
WEEK = tuple(WorkingTime(weekday=day, start=540, end=960) for day in range(5))
MENTOR = keyed_id(KEY, "participant", "pilot", "P-1")
OTHER = keyed_id(KEY, "participant", "pilot", "P-2")


def opening(**changes: Any) -> r.OpenProgramme:
    fields: dict[str, Any] = {
        "programme_id": "pilot",
        "title": Text(de="Pilot", en="Pilot"),
        "places": 7,
        "term": Term(starts=dt.date(2027, 2, 15), ends=dt.date(2027, 7, 14)),
        "registration_closes": dt.date(2027, 2, 5),
        "office": OFFICE,
        "privacy_notice": "1",
    }
    return r.OpenProgramme.model_validate(fields | changes)


def topic(id: str = "apps") -> r.AddTopic:
    return r.AddTopic(topic_id=id, area="software", label=Text(de=id, en=id))


def profile(**changes: Any) -> Profile:
    fields: dict[str, Any] = {
        "department": "A",
        "unit": ("A-1",),
        "grade": 10,
        "site": "Mitte",
        "languages": ("de",),
        "working_times": WEEK,
        "strengths": (TopicLevel(topic_id="apps", level=5),),
        "concerns": (),
    }
    return Profile.model_validate(fields | changes)


def mentor(key: str = "P-1", **changes: Any) -> r.RegisterMentor:
    fields: dict[str, Any] = {
        "programme_id": "pilot",
        "personnel_key": key,
        "display_name": "Mentor 1",
        "mail": "mentor-1@example.org",
        "superiors": ("head",),
        "profile": profile(),
        "voluntary": True,
        "privacy_notice": "1",
    }
    return r.RegisterMentor.model_validate(fields | changes)


def mentee(key: str = "P-2", **changes: Any) -> r.RegisterMentee:
    concerns = profile(strengths=(), concerns=(TopicLevel(topic_id="apps", level=3),))
    return r.RegisterMentee.model_validate(mentor(key, profile=concerns).model_dump() | changes)


def an_open_programme() -> Scenario:
    return given(service, topic(), opening(), today=TODAY)


def test_a_programme_is_opened_with_its_criteria_sealed() -> None:
    scenario = given(service, today=TODAY).when(opening())
    event = scenario.one(r.ProgrammeOpened)
    assert (event.status, event.places, event.criteria_seal) == ("open", 7, seal_of(Criteria()))


@pytest.mark.proves("S9")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"term": Term(starts=dt.date(2027, 2, 15), ends=dt.date(2027, 3, 14))}, "term_length"),
        ({"term": Term(starts=dt.date(2027, 2, 15), ends=dt.date(2028, 3, 14))}, "term_length"),
        ({"term": Term(starts=dt.date(9999, 8, 1), ends=dt.date.max)}, "too_far"),
        ({"registration_closes": dt.date(2027, 2, 15)}, "after_start"),
        ({"registration_closes": dt.date(2027, 1, 10)}, "past"),
    ],
)
def test_a_programme_outside_its_bounds_is_refused(changes: dict[str, Any], code: str) -> None:
    given(service, today=TODAY).when(opening(**changes)).then_refused(code)


def test_a_programme_is_not_opened_twice() -> None:
    an_open_programme().when(opening()).then_refused("taken")


def test_the_same_opening_again_says_nothing() -> None:
    given(service, today=TODAY).when(opening()).again().then_nothing()


def test_places_are_granted() -> None:
    change = r.ChangePlaces(programme_id="pilot", places=8, replaces=1)
    an_open_programme().when(change).then(said(r.ProgrammeChanged, places=8))


def test_places_are_not_changed_on_an_old_view() -> None:
    change = r.ChangePlaces(programme_id="pilot", places=8, replaces=1)
    again = r.ChangePlaces(programme_id="pilot", places=9, replaces=1)
    an_open_programme().given(change).when(again).then_refused("replaced")
    given(service).when(change).then_refused("unknown_programme")


def test_places_are_not_changed_once_the_programme_has_ended() -> None:
    ended = an_open_programme().given(dt.date(2027, 2, 7), dt.date(2027, 2, 15), dt.date(2027, 7, 15))
    ended.when(r.ChangePlaces(programme_id="pilot", places=8, replaces=5)).then_refused("ended")


@pytest.mark.proves("S3")
def test_topics_join_the_catalogue_while_the_programme_runs() -> None:
    an_open_programme().when(topic("trends")).then(said(r.TopicListed, topic_id="trends"))
    with pytest.raises(ValidationError, match="de"):
        Text(de=" ", en="x")


@pytest.mark.proves("S1", "S2")
def test_a_mentor_registers_and_their_name_stays_out_of_the_published_state() -> None:
    scenario = an_open_programme().when(mentor())
    scenario.then(
        said(r.ParticipantRegistered, role="mentor", registered_on=TODAY), r.ContactRecorded, r.PersonAddressed
    )
    assert "Mentor 1" not in scenario.told[0].model_dump_json()


def test_a_mentee_registers() -> None:
    an_open_programme().when(mentee()).then(
        said(r.ParticipantRegistered, role="mentee"), r.ContactRecorded, r.PersonAddressed
    )


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (mentor(programme_id="other"), "unknown_programme"),
        (mentor(privacy_notice="0"), "other_privacy_notice"),
        (mentor(superiors=("P-1",)), "own_superior"),
        (mentor(profile=profile(strengths=())), "none_named"),
        (mentee(profile=profile()), "none_named"),
        (mentor(profile=profile(strengths=(TopicLevel(topic_id="telepathy", level=1),))), "unknown_topic"),
        (mentor(profile=profile(strengths=(TopicLevel(topic_id="apps", level=1),) * 2)), "named_twice"),
        (mentor(profile=profile(working_times=(WEEK[0], WEEK[0]))), "overlap"),
        (mentee(profile=profile(concerns=profile().strengths, capacity=2)), "mentee_capacity"),
    ],
)
def test_a_faulty_registration_is_refused_with_its_reason(command: r.RegisterMentor, code: str) -> None:
    an_open_programme().when(command).then_refused(code)


def test_every_reason_is_given_not_only_the_first() -> None:
    wrong = mentor(privacy_notice="0", superiors=("P-1",))
    an_open_programme().when(wrong).then_refused("own_superior", "other_privacy_notice")


def test_a_person_registers_once_in_a_programme_whatever_the_role() -> None:
    an_open_programme().given(mentor()).when(mentee("P-1")).then_refused("already_registered")


def test_the_office_registers_somebody_but_consents_for_nobody() -> None:
    scenario = an_open_programme()
    consenting = mentor(consents=Consents(stories=True))
    scenario.when(By(consenting, sender="office")).then_refused("only_the_person")
    scenario.when(By(mentor(), sender="office")).then_among(r.ParticipantRegistered)
    an_open_programme().when(By(consenting, sender="person")).then_among(r.ParticipantRegistered)


def test_the_personnel_key_is_not_kept() -> None:
    scenario = an_open_programme().given(mentor("P-4711"))
    kept = "".join(aggregate.model_dump_json() for aggregate in scenario.reference.state.values())
    assert "P-4711" not in kept


def test_leaving_needs_no_reason_and_may_be_said_twice() -> None:
    leave = By(r.Withdraw(participant_id=MENTOR), actor=MENTOR, sender="person")
    scenario = an_open_programme().given(mentor()).when(leave)
    scenario.then(said(r.ParticipantWithdrew, status="withdrawn"), r.PersonAddressed)
    scenario.when(leave).then(r.ParticipantWithdrew)
    an_open_programme().when(leave).then_refused("unknown_participant")
    stranger = By(r.Withdraw(participant_id=MENTOR), actor=OTHER, sender="person")
    an_open_programme().given(mentor()).when(stranger).then_refused("not_yours")


def test_closing_says_whom_it_closed_withdrawn_people_too() -> None:
    leave = By(r.Withdraw(participant_id=MENTOR), actor=MENTOR, sender="person")
    scenario = an_open_programme().given(mentor(), mentee(), leave)
    scenario.when(r.CloseRegistration(programme_id="pilot"))
    event = scenario.one(r.RegistrationClosed)
    assert event.closed_set == closed_set([MENTOR, OTHER])
    scenario.when(r.CloseRegistration(programme_id="pilot")).then_refused("already_closed")
    scenario.when(mentor("P-3")).then_refused("registration_closed")
    given(service).when(r.CloseRegistration(programme_id="pilot")).then_refused("unknown_programme")


def test_registration_closes_by_date_when_the_next_but_one_day_starts() -> None:
    scenario = an_open_programme().given(mentor())
    scenario.when(dt.date(2027, 2, 6)).then_nothing()
    scenario.when(dt.date(2027, 2, 7)).then(r.ProgrammeChanged, r.RegistrationClosed, r.PersonAddressed)


def test_a_programme_runs_and_ends_by_its_term() -> None:
    scenario = an_open_programme().given(dt.date(2027, 2, 7))
    scenario.when(dt.date(2027, 2, 15)).then(said(r.ProgrammeChanged, status="running"))
    scenario.when(dt.date(2027, 7, 14)).then_nothing()
    scenario.when(dt.date(2027, 7, 15)).then(said(r.ProgrammeEnded, status="ended"))
    scenario.when(dt.date(2027, 7, 16)).then_nothing()


def test_a_day_that_is_handed_out_late_does_not_end_a_programme_that_has_just_begun() -> None:
    scenario = an_open_programme().given(dt.date(2027, 2, 7), dt.date(2027, 2, 16))
    scenario.when(DueReached(subject="programme/pilot", date=dt.date(2027, 2, 15))).then_nothing()
    scenario.when(dt.date(2027, 7, 15)).then(said(r.ProgrammeEnded, status="ended"))


def test_the_members_of_a_bucket_are_said_again() -> None:
    from shared.runtime.closed_set import bucket_of

    scenario = an_open_programme().given(mentor(), mentee())
    again = r.SayAgain(programme_id="pilot", bucket=bucket_of(MENTOR))
    scenario.when(again).then_among(said(r.ParticipantChanged, participant_id=MENTOR), r.SaidAgain)
    given(service).when(again).then_refused("unknown_programme")


def test_who_registers_in_any_order_ends_in_the_same_state() -> None:
    ends = []
    for order in itertools.permutations((mentor(), mentee(), mentor("P-3"))):
        state = an_open_programme().given(*order).reference.state
        ends.append({k: v for k, v in state.items() if isinstance(v, Participant)})
    assert all(end == ends[0] for end in ends)
