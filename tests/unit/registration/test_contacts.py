"""How to reach people: changed by themselves or the office, told to who writes to people and to themselves."""

import pytest

from shared.contracts import registration as r
from tests.support.reference import By, said
from tests.unit.registration.test_registration import MENTOR, OTHER, an_open_programme, mentor

CHANGE = r.ChangeContact(participant_id=MENTOR, display_name="Mentor One", mail="one@example.org")
"""Of the mentor who is registered below."""


@pytest.mark.proves("S19")
def test_the_office_changes_a_name_and_an_address_and_the_person_hears_of_it() -> None:
    scenario = an_open_programme().given(mentor()).when(By(CHANGE, sender="office"))
    scenario.then(
        said(r.ContactRecorded, participant_id=MENTOR, display_name="Mentor One", mail="one@example.org"),
        said(r.PersonAddressed, to=MENTOR, topic="contact-changed"),
    )
    assert "one@example.org" not in scenario.one(r.PersonAddressed).model_dump_json(), "an address has one home"


def test_what_is_said_of_a_contact_later_is_the_new_one() -> None:
    asked = r.ChangeContact(participant_id=MENTOR, display_name="Mentor Two", mail="two@example.org", replaces=2)
    scenario = an_open_programme().given(mentor(), By(CHANGE, sender="office"))
    scenario.when(By(asked, sender="office")).then(r.ContactRecorded, r.PersonAddressed)
    scenario.again().then_nothing()


def test_a_person_changes_their_own_contact_and_nobody_else_s() -> None:
    scenario = an_open_programme().given(mentor(), mentor("P-2"))
    scenario.when(By(CHANGE, sender="person", actor=OTHER)).then_refused("not_yours")
    scenario.when(By(CHANGE, sender="person", actor=MENTOR)).then(r.ContactRecorded, r.PersonAddressed)


def test_a_contact_is_not_changed_on_an_old_view() -> None:
    old = CHANGE.model_copy(update={"replaces": 1})
    scenario = an_open_programme().given(mentor()).when(By(old, sender="office"))
    scenario.then(r.ContactRecorded, r.PersonAddressed)
    scenario.when(By(old, sender="office")).then_refused("replaced")


def test_each_change_of_the_contact_is_counted_also_of_what_is_in_no_event() -> None:
    text = By(r.ChangeAboutMe(participant_id=MENTOR, about_me="I like to explain."), sender="office")
    old = CHANGE.model_copy(update={"replaces": 1})
    scenario = an_open_programme().given(mentor(), text)
    scenario.when(By(old, sender="office")).then_refused("replaced")
    new = CHANGE.model_copy(update={"replaces": 2})
    scenario.when(By(new, sender="office")).then(r.ContactRecorded, r.PersonAddressed)


def test_a_text_about_somebody_is_not_changed_on_an_old_view() -> None:
    scenario = an_open_programme().given(mentor())

    def writing(text: str, replaces: int | None) -> By:
        return By(r.ChangeAboutMe(participant_id=MENTOR, about_me=text, replaces=replaces), sender="office")

    scenario.when(writing("A", 1)).then(r.ContactRecorded, r.PersonAddressed)
    scenario.again().then_nothing()
    scenario.when(writing("B", 1)).then_refused("replaced")
    scenario.when(writing("B", 3)).then_refused("replaced")
    scenario.when(By(CHANGE, sender="office")).when(writing("B", 2)).then_refused("replaced")
    scenario.when(writing("B", 3)).then(r.ContactRecorded, r.PersonAddressed)
    scenario.when(writing("C", None)).then(r.ContactRecorded, r.PersonAddressed)
    scenario.when(writing("C", 1)).then_refused("replaced")


def test_nobody_is_reached_who_is_not_there_or_has_left() -> None:
    an_open_programme().when(By(CHANGE, sender="office")).then_refused("unknown_participant")
    left = By(r.Withdraw(participant_id=MENTOR), sender="office")
    an_open_programme().given(mentor(), left).when(By(CHANGE, sender="office")).then_refused("withdrawn")
