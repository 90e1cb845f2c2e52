"""Somebody asks to be erased: they leave at once, every service is told until it confirms; the proof names nobody."""

import datetime as dt
from collections.abc import Sequence

from services.registration.model import Person
from services.registration.recount import Recounted, Recounting, recount
from services.registration.service import service
from shared.contracts import evaluation, matching, scheduling
from shared.contracts import registration as r
from shared.contracts.base import Contract, PeopleErased
from shared.contracts.parts import RegistrationRules, Rules
from shared.contracts.registration import ERASING
from shared.runtime import discovery
from shared.runtime.closed_set import closed_set, missing_buckets
from shared.runtime.ids import keyed_id
from shared.runtime.table import Again
from shared.runtime.tombstones import Tombstone, tombstone_id
from tests.support.erased import erase, left_in
from tests.support.reference import KEY, By, Scenario, given, said
from tests.unit.registration.test_registration import (
    MENTOR,
    OTHER,
    TODAY,
    an_open_programme,
    mentee,
    mentor,
    opening,
    topic,
)

DAY = dt.timedelta(days=1)
SECOND = keyed_id(KEY, "participant", "second", "P-1")
POSITION = keyed_id(KEY, "position", "P-1")
CONFIRM: tuple[type[PeopleErased], ...] = (
    evaluation.PeopleErased,
    matching.PeopleErased,
    r.PeopleErased,
    scheduling.PeopleErased,
)


def asks(who: str = MENTOR, actor: str | None = None) -> By:
    return By(r.ErasePerson(participant_id=who), actor=actor or who, sender="person")


def two_programmes() -> Scenario:
    """Somebody who takes part in two, and somebody else in one."""
    second = opening(programme_id="second"), mentee("P-1", programme_id="second")
    return an_open_programme().given(mentor(), *second, mentee())


def asked() -> Scenario:
    return two_programmes().given(asks())


def id_of(scenario: Scenario) -> str:
    return next(subject.partition("/")[2] for subject in scenario.reference.state if subject.startswith("erasure/"))


def confirmed(scenario: Scenario, kinds: Sequence[type[PeopleErased]] = CONFIRM) -> list[Contract]:
    return [kind(erasure_id=id_of(scenario), service=kind.owner) for kind in kinds]


def test_the_services_that_must_confirm_are_all_there_are() -> None:
    assert discovery.service_names() == ERASING
    assert tuple(kind.owner for kind in CONFIRM) == ERASING


def test_who_is_to_be_erased_leaves_everywhere_at_once_and_is_told() -> None:
    scenario = two_programmes().when(asks())
    scenario.then(
        said(r.ErasureRequested, status="requested", requested_on=TODAY),
        said(r.ParticipantWithdrew, participant_id=MENTOR),
        said(r.PersonAddressed, to=MENTOR, topic="withdrew"),
        said(r.ParticipantWithdrew, participant_id=SECOND),
        said(r.PersonAddressed, to=SECOND, topic="withdrew"),
    )
    told = [message for message in scenario.told if isinstance(message, r.PersonAddressed)]
    assert all("your data is being erased" in message.subject_line.en for message in told)
    event = scenario.one(r.ErasureRequested)
    assert not {MENTOR, SECOND, POSITION} & set(event.model_dump_json().split('"')), "it leads to nobody"


def test_it_may_be_asked_with_any_of_one_s_participations_or_by_the_office_and_by_nobody_else() -> None:
    two_programmes().when(asks(MENTOR, actor=SECOND)).then_among(r.ErasureRequested)
    two_programmes().when(By(r.ErasePerson(participant_id=MENTOR), sender="office")).then_among(r.ErasureRequested)
    two_programmes().when(asks(MENTOR, actor=OTHER)).then_refused("not_yours")
    an_open_programme().when(asks()).then_refused("unknown_participant")


def test_asked_again_it_answers_with_the_same_erasure() -> None:
    scenario = asked()
    scenario.when(asks(SECOND)).then(said(r.ErasureRequested, erasure_id=id_of(scenario)))
    scenario.again().then_nothing()


def test_who_left_already_is_erased_as_well() -> None:
    left = By(r.Withdraw(participant_id=MENTOR), actor=MENTOR, sender="person")
    an_open_programme().given(mentor(), left).when(asks()).then(
        r.ErasureRequested, said(r.PersonAddressed, topic="erasure-requested")
    )


def test_who_waits_for_their_release_and_is_erased_leaves_and_nobody_is_asked_for_it_any_more() -> None:
    rules = Rules(registration=RegistrationRules(release_by_manager=True))
    scenario = given(service, topic(), opening(rules=rules), mentor(), today=TODAY)
    scenario.when(asks()).then_among(
        r.ErasureRequested, r.ParticipantWithdrew, said(r.ReleaseSettled, participant_id=MENTOR)
    )


def test_on_the_next_day_every_service_is_told_whom_to_erase_and_again_each_day() -> None:
    scenario = asked()
    for day in (1, 2, 3):
        event = scenario.when(TODAY + day * DAY).one(r.ErasureOrdered)
        people = {(person.programme_id, person.participant_id) for person in event.people}
        assert people == {("pilot", MENTOR), ("second", SECOND)}
        assert event.erasure_id == id_of(scenario)


def test_when_all_have_confirmed_the_proof_is_said_and_the_erasure_has_forgotten_whom_it_was_about() -> None:
    scenario = asked().given(TODAY + DAY)
    *first, last = confirmed(scenario)
    for message in first:
        scenario.when(message).then_nothing()
    scenario.when(first[0]).then_nothing()
    scenario.when(last).then(said(r.PersonErased, status="erased", erased_on=TODAY + DAY))
    assert not any(subject.startswith("erasure/") for subject in left_in(scenario, MENTOR, SECOND))
    scenario.when(last).then_nothing()
    scenario.when(TODAY + 2 * DAY).then_nothing()


def test_a_confirmation_of_what_nobody_ordered_says_nothing() -> None:
    message = matching.PeopleErased(erasure_id=keyed_id(KEY, "none"), service="matching")
    two_programmes().when(message).then_nothing()


def test_after_three_days_the_office_is_told_which_services_have_not_confirmed_and_no_person() -> None:
    scenario = asked().given(*(TODAY + day * DAY for day in (1, 2)))
    scenario.given(*confirmed(scenario, CONFIRM[:2]))
    scenario.when(TODAY + 3 * DAY).then(r.ErasureOrdered)
    told = scenario.when(TODAY + 4 * DAY).one(r.OfficeAttentionNeeded)
    assert told.what == "erasure-open"
    assert "registration, scheduling" in told.text.en
    assert told.answered_by == ("registration.replay-quarantined.v1", "scheduling.replay-quarantined.v1")
    assert told.whom == (f"erasure/{id_of(scenario)}",)
    scenario.when(TODAY + 5 * DAY).then(r.ErasureOrdered)
    scenario.when(*confirmed(scenario, CONFIRM[2:]))
    scenario.then(r.PersonErased, said(r.OfficeAttentionNeeded, status="settled"))


# What goes


def test_nothing_of_who_is_erased_stays_in_registration() -> None:
    scenario = asked().given(TODAY + DAY)
    values = (MENTOR, SECOND, "mentor-1@example.org", "Mentor 1")
    assert left_in(scenario, MENTOR)
    erase(scenario, MENTOR, programme="pilot")
    erase(scenario, SECOND, programme="second")
    scenario.given(*confirmed(scenario))
    assert left_in(scenario, *values[:2], POSITION) == []
    assert [left for left in left_in(scenario, *values) if OTHER not in left] == []
    assert f"participant/{OTHER}" in scenario.reference.state


def test_who_comes_back_in_another_programme_meanwhile_stays() -> None:
    scenario = asked()
    third = keyed_id(KEY, "participant", "third", "P-1")
    scenario.given(opening(programme_id="third"), mentor(programme_id="third"))
    erase(scenario, MENTOR, programme="pilot")
    erase(scenario, SECOND, programme="second")
    person = scenario.reference.state[f"person/{POSITION}"]
    assert isinstance(person, Person)
    assert [p.participant for p in person.participations] == [third]
    scenario.when(asks(third)).then(
        r.ErasureRequested, said(r.ParticipantWithdrew, participant_id=third), r.PersonAddressed
    )


def test_who_registers_anew_while_they_are_being_erased_is_erased_when_they_ask_again() -> None:
    scenario = asked().given(opening(programme_id="third"), mentor(programme_id="third"))
    third = keyed_id(KEY, "participant", "third", "P-1")
    scenario.when(asks(third)).then_among(r.ErasureRequested, said(r.ParticipantWithdrew, participant_id=third))
    orders = [m for m in scenario.when(TODAY + DAY).told if isinstance(m, r.ErasureOrdered)]
    assert sorted(p.participant_id for order in orders for p in order.people) == sorted([MENTOR, SECOND, third])


def test_who_is_being_erased_does_not_come_again_before_it_is_done() -> None:
    """Else they would take part for a day, and lose what they brought."""
    scenario = asked()
    scenario.when(mentor()).then_refused("erased")
    scenario.when(mentee("P-1", programme_id="second")).then_refused("erased")
    left = By(r.Withdraw(participant_id=OTHER), actor=OTHER, sender="person")
    scenario.given(left).when(mentee()).then_among(said(r.ParticipantRegistered, participant_id=OTHER))


def test_who_was_erased_does_not_register_in_the_same_programme_again_and_reads_whom_to_ask() -> None:
    tombstone = Tombstone(id=tombstone_id(KEY, MENTOR))
    scenario = an_open_programme()
    scenario.reference.state[tombstone.subject] = tombstone
    scenario.when(mentor()).then_refused("erased")
    scenario.given(opening(programme_id="second")).when(mentor(programme_id="second")).then_among(
        r.ParticipantRegistered
    )


# The closed set


def test_a_closed_set_loses_who_is_erased_and_is_said_again() -> None:
    scenario = an_open_programme().given(mentor(), mentee(), r.CloseRegistration(programme_id="pilot"), asks())
    told = erase(scenario, MENTOR)
    [event] = [message for message in told if isinstance(message, r.ProgrammeChanged)]
    assert event.closed_set == closed_set([OTHER])
    assert missing_buckets(event.closed_set, [OTHER]) == ()


def test_while_registration_is_open_nothing_is_counted() -> None:
    scenario = an_open_programme().given(mentor(), mentee(), asks())
    assert [m for m in erase(scenario, MENTOR) if isinstance(m, r.ProgrammeState)] == []


def test_a_count_that_began_before_another_erasure_does_not_bring_anybody_back() -> None:
    """Two are erased at once: the job of the first read the second, and its piece comes last."""
    scenario = an_open_programme().given(mentor(), mentee(), mentor("P-3"), r.CloseRegistration(programme_id="pilot"))
    third = keyed_id(KEY, "participant", "pilot", "P-3")
    scenario.given(asks(), asks(third))
    erase(scenario, MENTOR, third)
    none = closed_set([])
    late = Recounted(programme_id="pilot", members=closed_set([OTHER, third]), held_back=none)
    scenario.when(late).then_nothing()
    again = Recounted(programme_id="pilot", members=closed_set([OTHER]), held_back=none)
    scenario.when(again).then_nothing()


def test_a_set_that_is_being_counted_is_counted_again_afterwards() -> None:
    assert recount(Recounting(programme_id="pilot", closed=None)) == Again()
    assert recount(Recounting(programme_id="pilot", closed=False)) == ()
    scenario = an_open_programme().given(mentor(), mentee(), r.CloseRegistration(programme_id="pilot"), asks())
    closed = scenario.reference.state["programme/pilot"]
    scenario.reference.state["programme/pilot"] = closed.but(status="closing", closed_set=None)
    erase(scenario, MENTOR)
    assert [start.job for start in scenario.reference.unfinished] == ["recount"]
    scenario.reference.state["programme/pilot"] = closed
    scenario.later().then(said(r.ProgrammeChanged, closed_set=closed_set([OTHER])))


def test_the_table_of_registration_says_what_it_publishes_of_an_erasure() -> None:
    [publishes] = [p for p in service.publishes if p.aggregate.kind == "erasure"]
    scenario = asked().given(TODAY + DAY)
    erasure = scenario.reference.state[f"erasure/{id_of(scenario)}"]
    assert isinstance(publishes.say(erasure), r.ErasureRequested)
    scenario.given(*confirmed(scenario))
    assert isinstance(publishes.say(scenario.reference.state[erasure.subject]), r.PersonErased)
