"""The line manager releases the time: granted, refused in neutral words, or silent, which is no refusal (S15)."""

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from services.registration.model import Release
from services.registration.published import PUBLISHES
from services.registration.service import service
from services.registration.view import VIEW, ProgrammeView
from shared.contracts import registration as r
from shared.contracts.base import Command
from shared.contracts.parts import RegistrationRules, Rules
from shared.runtime.aggregate import Aggregate
from shared.runtime.ids import keyed_id
from tests.support.reference import KEY, By, Scenario, given, said
from tests.unit.registration.test_profiles import CLOSING, LEAVING
from tests.unit.registration.test_registration import MENTOR, TODAY, an_open_programme, mentor, opening, topic

DAY = dt.timedelta(days=1)
ASKS = Rules(registration=RegistrationRules(release_by_manager=True, release_days=5))
ANSWER_BY = TODAY + 5 * DAY
SILENT = ANSWER_BY + 2 * DAY
MAIL = "head@example.org"
GRANT = r.GrantRelease(participant_id=MENTOR)
REFUSE = r.RefuseRelease(participant_id=MENTOR)


def asking() -> Scenario:
    return given(service, topic(), opening(rules=ASKS), today=TODAY)


def asked(**changes: Any) -> Scenario:
    return asking().given(mentor(**{"releaser_mail": MAIL} | changes))


def release(scenario: Scenario) -> Release:
    found = scenario.reference.state[f"release/{MENTOR}"]
    assert isinstance(found, Release)
    return found


@pytest.mark.proves("S15")
def test_who_registers_is_not_matched_before_their_line_manager_was_asked_and_knows_by_when() -> None:
    scenario = asking().when(mentor(releaser_mail=MAIL))
    scenario.then(
        said(r.ParticipantRegistered, released=False),
        r.ContactRecorded,
        said(r.PersonAddressed, topic="registered"),
        said(r.ReleaseAsked, releaser_mail=MAIL, answer_by=ANSWER_BY, status="asked"),
        said(r.PersonAddressed, topic="release-waits"),
    )
    assert f"urn:uuid:{MENTOR}" in scenario.one(r.ReleaseAsked).text.en
    asking().when(mentor()).then_among(said(r.ReleaseAsked, releaser_mail=None))


@pytest.mark.parametrize("superior", [None, "P-1", "somebody else"])
def test_by_the_portal_somebody_of_the_reporting_line_decides_and_nobody_else(superior: str | None) -> None:
    for kind in (r.GrantRelease, r.RefuseRelease):
        decides = kind(participant_id=MENTOR, superior=superior)
        asked().when(By(decides, sender="person", actor="head-17")).then_refused("no_superior")


def test_nobody_decides_on_their_own_release_whomever_they_name_and_as_whomever_of_theirs_they_come() -> None:
    second = opening(programme_id="second"), mentor(programme_id="second")
    other_self = keyed_id(KEY, "participant", "second", "P-1")
    for kind in (r.GrantRelease, r.RefuseRelease):
        decides = kind(participant_id=MENTOR, superior="head")
        for actor in (MENTOR, other_self):
            asked().given(*second).when(By(decides, sender="person", actor=actor)).then_refused("not_yours")


@pytest.mark.proves("S15")
def test_without_an_address_nobody_is_said_to_be_asked_and_the_office_hears_at_once() -> None:
    scenario = asking().when(mentor())
    scenario.then(
        said(r.ParticipantRegistered, released=False),
        r.ContactRecorded,
        said(r.PersonAddressed, topic="registered"),
        said(r.ReleaseAsked, releaser_mail=None),
        said(r.PersonAddressed, to=MENTOR, topic="release-unasked"),
        said(
            r.OfficeAttentionNeeded,
            what="release-unasked",
            whom=(f"participant/{MENTOR}",),
            answered_by=(GRANT.name, REFUSE.name),
            status="open",
        ),
    )
    assert not [told for told in scenario.told if isinstance(told, r.PersonAddressed) and "have asked" in told.text.en]
    scenario.when(SILENT)
    assert not [told for told in scenario.told if isinstance(told, r.PersonAddressed)], "there is no silence to tell of"


@pytest.mark.parametrize("command", [GRANT, REFUSE, LEAVING], ids=["granted", "refused", "left"])
def test_whatever_decides_a_release_that_nobody_was_asked_for_settles_it_for_the_office(command: Command | By) -> None:
    scenario = asking().given(mentor()).when(command)
    scenario.then_among(said(r.OfficeAttentionNeeded, what="release-unasked", status="settled"))
    assert (release(scenario).status, release(scenario).due) != ("asked", None)


def test_without_the_rule_nobody_is_asked_and_no_address_is_kept() -> None:
    scenario = an_open_programme().when(mentor(releaser_mail=MAIL))
    scenario.then(said(r.ParticipantRegistered, released=True), r.ContactRecorded, r.PersonAddressed)
    assert MAIL not in "".join(a.model_dump_json() for a in scenario.reference.state.values())
    with pytest.raises(ValidationError, match="releaser_mail"):
        mentor(releaser_mail="nobody")


@pytest.mark.parametrize(
    "by",
    [
        By(GRANT, sender="office"),
        By(r.GrantRelease(participant_id=MENTOR, superior="head"), sender="person", actor="head-17"),
    ],
)
def test_a_release_lets_the_person_be_matched_and_the_address_goes(by: By) -> None:
    scenario = asked().when(by)
    scenario.then(
        said(r.ReleaseSettled, status="settled", releaser_mail=None),
        said(r.ParticipantChanged, released=True, status="registered"),
        said(r.PersonAddressed, to=MENTOR, topic="release-granted"),
    )
    everything = "".join(message.model_dump_json() for message in scenario.told)
    kept = "".join(a.model_dump_json() for a in scenario.reference.state.values())
    assert MAIL not in everything + kept
    assert "head-17" not in everything + kept
    scenario.when(GRANT).then(r.ReleaseSettled)
    scenario.again().then_nothing()


def test_a_refusal_ends_the_registration_in_order_and_no_event_tells_why() -> None:
    scenario = asked().when(REFUSE)
    scenario.then(
        said(r.ReleaseSettled, releaser_mail=None),
        said(r.ParticipantWithdrew, status="withdrawn"),
        said(r.PersonAddressed, to=MENTOR, topic="withdrew"),
    )
    assert "please ask" in scenario.one(r.PersonAddressed).text.en
    granted = asked().when(GRANT).one(r.ReleaseSettled)
    refused = asked().when(REFUSE).one(r.ReleaseSettled)
    assert granted == refused
    scenario.when(REFUSE).then(r.ReleaseSettled)
    scenario.when(GRANT).then_refused("withdrawn")


def test_after_a_refusal_somebody_may_register_again_and_the_manager_is_asked_again() -> None:
    scenario = asked().given(REFUSE).when(mentor(releaser_mail=MAIL))
    scenario.then_among(said(r.ParticipantRegistered, released=False), said(r.ReleaseAsked, status="asked"))


@pytest.mark.proves("S15")
def test_silence_goes_to_the_office_and_is_no_refusal() -> None:
    scenario = asked().when(SILENT - DAY).then_nothing()
    scenario.when(SILENT)
    scenario.then(
        said(r.PersonAddressed, to=MENTOR, topic="release-silent"),
        said(
            r.OfficeAttentionNeeded,
            what="release-silent",
            whom=(f"participant/{MENTOR}",),
            answered_by=(GRANT.name, REFUSE.name),
            status="open",
        ),
    )
    scenario.when(SILENT + DAY).then_nothing()
    scenario.when(GRANT).then_among(said(r.OfficeAttentionNeeded, status="settled"), r.ParticipantChanged)


@pytest.mark.parametrize("command", [REFUSE, LEAVING], ids=["refused", "left"])
def test_whatever_ends_the_registration_settles_what_waits_for_the_office(command: Command | By) -> None:
    scenario = asked().given(SILENT).when(command)
    scenario.then_among(r.ParticipantWithdrew, said(r.OfficeAttentionNeeded, what="release-silent", status="settled"))


def test_who_leaves_needs_no_release_any_more() -> None:
    scenario = asked().when(LEAVING)
    scenario.then_among(r.ParticipantWithdrew, said(r.ReleaseSettled, releaser_mail=None))
    assert (release(scenario).status, release(scenario).due) == ("over", None)
    scenario.when(SILENT).then_nothing()


def test_a_release_that_nobody_asked_for_is_refused() -> None:
    for command in (GRANT, REFUSE):
        an_open_programme().when(command).then_refused("unknown_participant")
        an_open_programme().given(mentor()).when(command).then_refused("no_release_asked")
    asked().given(GRANT).when(REFUSE).then_refused("release_granted")


def test_a_release_after_the_close_is_granted_and_after_the_end_it_is_not() -> None:
    scenario = asked().given(CLOSING).when(GRANT).then_among(said(r.ParticipantChanged, released=True))
    late = asked().given(dt.date(2027, 2, 7), dt.date(2027, 2, 15), dt.date(2027, 7, 15))
    late.when(GRANT).then_refused("ended")
    assert scenario.reference.state[f"release/{MENTOR}"].due is None


def test_who_waits_for_the_release_is_not_told_that_they_take_part_when_registration_closes() -> None:
    scenario = asked().when(CLOSING)
    assert not [told for told in scenario.told if isinstance(told, r.PersonAddressed)]


def test_a_programme_that_ends_asks_nobody_any_more() -> None:
    rules = Rules(registration=RegistrationRules(release_by_manager=True, release_days=60))
    scenario = given(service, topic(), opening(rules=rules), dt.date(2027, 2, 1), mentor(), today=TODAY)
    scenario.given(dt.date(2027, 2, 7), dt.date(2027, 2, 15))
    ended = scenario.reference.state["programme/pilot"].but(status="ended", due=None)
    scenario.reference.state["programme/pilot"] = ended
    scenario.when(dt.date(2027, 4, 4)).then(
        said(r.ReleaseSettled, releaser_mail=None),
        said(r.OfficeAttentionNeeded, what="release-unasked", status="settled"),
    )


@pytest.mark.parametrize("command", [None, GRANT, REFUSE, LEAVING])
def test_a_release_is_said_again_as_it_was_said_last(command: Command | By | None) -> None:
    scenario = asked()
    if command is not None:
        scenario.given(command)
    last = [event for event, _ in scenario.reference.said if isinstance(event, r.ReleaseState)][-1]
    [say] = [published.say for published in PUBLISHES if published.aggregate is Release]
    stored: Aggregate = Release.from_stored(last.subject, release(scenario).to_store())
    assert say(stored) == last


def test_the_office_sees_who_waits_for_the_release() -> None:
    scenario = asked()

    def shown() -> list[str]:
        state = scenario.reference.state.values()
        found = {kind: [a for a in state if isinstance(a, kind)] for kind in (*VIEW.aggregates, *VIEW.everywhere)}
        view = VIEW.build("pilot", found)
        assert isinstance(view, ProgrammeView)
        return [row.release for row in view.participants]

    assert shown() == ["asked"]
    scenario.given(GRANT)
    assert shown() == [""]
