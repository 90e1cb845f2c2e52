"""Who may act on a tandem: its two people, and for their meetings the delegate that one of them named."""

import datetime as dt
import json
import re
from typing import Any

import pytest

from services.scheduling.model import Meeting
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from shared.local.system import ROOT
from shared.runtime import asyncapi, discovery, topology
from shared.runtime.decision import DueReached
from shared.runtime.table import Ask
from tests.support.reference import By, Scenario, said
from tests.unit.scheduling.people import (
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    STRANGER,
    TANDEM,
    a_programme,
    a_tandem,
    meetings_in,
    texts,
)

SECRETARY = "secretary-17"


def commands(scenario: Scenario, participant: str) -> list[Contract]:
    """Every command that somebody of a tandem may send."""
    meeting = meetings_in(scenario)[0]
    who: dict[str, Any] = {"participant_id": participant}
    time = s.MeetingTime(meeting_id=meeting.id, date=meeting.date, start=meeting.start)
    return [
        move(meeting, participant),
        s.CancelMeeting(meeting_id=meeting.id, **who),
        s.AddMeeting(tandem_id=TANDEM, date=meeting.date + 2 * DAY, start=600, **who),
        s.AcceptMeetings(tandem_id=TANDEM, times=(time,), **who),
        s.ReportNotHeld(meeting_id=meeting.id, **who),
        s.ReportMeeting(meeting_id=meeting.id, took_place=True, **who),
        s.RecordTopics(meeting_id=meeting.id, topics=("apps",), **who),
        s.RecordAgreement(tandem_id=TANDEM, rules=("r",), goals=("g",), **who),
        s.EditAgreement(tandem_id=TANDEM, rules=("r",), goals=("g",), replaces=0, **who),
        s.ConfirmAgreement(tandem_id=TANDEM, version=1, **who),
        s.FollowUpGoals(tandem_id=TANDEM, goals=(s.FollowedGoal(goal_id=TANDEM, state="open"),), **who),
        s.ShowAgreement(tandem_id=TANDEM, **who),
    ]


def move(meeting: Meeting, participant: str, replaces: int = 1) -> s.MoveMeeting:
    day = meeting.date + replaces * DAY
    return s.MoveMeeting(meeting_id=meeting.id, participant_id=participant, date=day, start=600, replaces=replaces)


def naming(delegate: str | None, participant: str = MENTEE, by: str | None = None, until: dt.date | None = None) -> By:
    command = s.NameDelegate(participant_id=participant, delegate=delegate, until=until)
    return By(command, actor=by or participant, sender="person")


def test_what_somebody_says_of_themselves_is_read_by_the_portal_that_brought_it_and_not_by_the_office() -> None:
    services = discovery.load_all()
    for event in (s.DelegateNamed, s.AbsencesRecorded):
        readers = {user for user in topology.people() if event.name in topology.readable(services, user)}
        assert readers == {"portal"}
        recorded = [row for row in asyncapi.data_map(services) if row["message"] == event.name]
        assert {row["readers"] for row in recorded if row["field"] != "participant_id"} == {"scheduling, portal"}


def by_delegate(command: Contract, actor: str | None = SECRETARY) -> By:
    return By(command, actor=actor, sender="delegate")


def test_what_the_page_says_of_a_delegate_is_right() -> None:
    page = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
    [section] = re.findall(r"^## A delegate moves a meeting\n(.*?)^## ", page, flags=re.MULTILINE | re.DOTALL)
    written = re.findall(
        r"`(scheduling\.[a-z-]+\.v1)`[^`]*(?:`[^`\n]*`[^`]*)?```json\n(.*?)\n```", section, flags=re.DOTALL
    )
    kinds: dict[str, type[s.NameDelegate | s.MoveMeeting | s.CancelMeeting]] = {
        kind.name: kind for kind in (s.NameDelegate, s.MoveMeeting, s.CancelMeeting)
    }
    assert [name for name, _ in written] == list(kinds)
    scenario = a_tandem()
    meeting = meetings_in(scenario)[0]
    own = {"participant_id": MENTEE, "meeting_id": meeting.id}
    for name, text in written:
        data = json.loads(text)
        kind = kinds[name]
        data |= {field: value for field, value in own.items() if field in data}
        if "date" in data:
            data |= {"date": (meeting.date + DAY).isoformat()}
        command = kind.model_validate(data)
        by = naming(data["delegate"], until=data["until"]) if "delegate" in data else by_delegate(command)
        scenario.when(by)
        assert not [told for told in scenario.told if isinstance(told, s.CommandRejected)], name


@pytest.mark.parametrize("number", range(8))
def test_only_the_two_act_on_a_tandem_each_for_themselves(number: int) -> None:
    scenario = a_tandem().given(meetings_in(a_tandem())[0].date)
    for participant, actor in ((MENTEE, MENTOR), (STRANGER, STRANGER), (MENTEE, None)):
        scenario.when(By(commands(scenario, participant)[number], actor=actor, sender="person"))
        assert "not_yours" in [reason.code for reason in scenario.one(s.CommandRejected).reasons]


@pytest.mark.parametrize("number", range(4))
def test_a_delegate_accepts_adds_moves_and_cancels_meetings_of_who_named_them(number: int) -> None:
    scenario = a_tandem().given(naming(SECRETARY))
    scenario.when(by_delegate(commands(scenario, MENTEE)[number]))
    scenario.then_among((s.MeetingMoved, s.MeetingCancelled, s.MeetingScheduled, s.MeetingAccepted)[number])


@pytest.mark.parametrize("number", range(4))
def test_a_delegate_acts_for_nobody_else_and_nobody_else_as_a_delegate(number: int) -> None:
    scenario = a_tandem().given(naming(SECRETARY))
    for participant, actor in ((MENTOR, SECRETARY), (MENTEE, "secretary-18"), (MENTEE, MENTEE), (MENTEE, None)):
        scenario.when(by_delegate(commands(scenario, participant)[number], actor)).then_refused("not_yours")
    scenario.when(By(commands(scenario, MENTEE)[number], actor=SECRETARY, sender="person")).then_refused("not_yours")


def test_who_names_nobody_has_no_delegate_and_another_takes_the_first_one_s_place() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.when(by_delegate(move(first, MENTEE), None)).then_refused("not_yours")
    scenario.given(naming(SECRETARY), naming("secretary-18"))
    scenario.when(by_delegate(move(first, MENTEE))).then_refused("not_yours")
    scenario.when(by_delegate(move(first, MENTEE), "secretary-18")).then_among(s.MeetingMoved)
    scenario.given(naming(None))
    scenario.when(by_delegate(move(first, MENTEE, 2), "secretary-18")).then_refused("not_yours")


def test_naming_a_delegate_says_that_there_is_one_and_not_who() -> None:
    scenario = a_programme().when(naming(SECRETARY))
    scenario.then(said(s.DelegateNamed, participant_id=MENTEE, programme_id="pilot", named=True))
    assert SECRETARY not in texts(scenario.told)
    scenario.when(naming(None)).then(said(s.DelegateNamed, named=False))


def test_a_delegate_is_named_by_the_person_alone() -> None:
    scenario = a_programme()
    scenario.when(naming(SECRETARY, by=MENTOR)).then_refused("not_yours")
    scenario.when(naming(SECRETARY, by=SECRETARY)).then_refused("not_yours")
    scenario.when(naming(SECRETARY, STRANGER)).then_refused("unknown_participant")
    assert s.NameDelegate.senders == {"person"}


def test_a_delegate_may_send_nothing_but_what_accepts_adds_moves_and_cancels_meetings() -> None:
    own = (s.AcceptMeetings, s.AddMeeting, s.CancelMeeting, s.MoveMeeting)
    assert topology.sendable(discovery.load_all(), "delegate") == tuple(kind.name for kind in own)
    assert not any("office" in kind.senders for kind in (*own, s.ReportNotHeld, s.ReportMeeting))


def test_after_the_last_day_a_delegate_may_do_nothing_and_who_named_them_is_told() -> None:
    until = FORMED + DAY
    scenario = a_tandem().when(naming(SECRETARY, until=until))
    scenario.then(said(s.DelegateNamed, named=True, until=until))
    first = meetings_in(scenario)[0]
    scenario.when(until).then_nothing()
    scenario.when(by_delegate(move(first, MENTEE))).then_among(s.MeetingMoved)
    scenario.reference.today = until + DAY
    scenario.when(by_delegate(move(first, MENTEE, 2))).then_refused("not_yours")
    scenario.when(until + DAY)
    scenario.then(said(s.DelegateNamed, named=False, until=None), said(s.PersonAddressed, to=MENTEE))
    assert SECRETARY not in "".join(state.model_dump_json() for state in scenario.reference.state.values())
    scenario.when(DueReached(subject=f"delegate/{MENTEE}", date=until + DAY)).then_nothing()


def test_a_last_day_that_is_over_is_refused_and_a_new_name_has_a_new_one() -> None:
    scenario = a_tandem()
    scenario.when(naming(SECRETARY, until=FORMED - DAY)).then_refused("past")
    scenario.when(naming(SECRETARY, until=dt.date.max)).then_refused("too_far")
    scenario.when(naming(None, until=dt.date.max)).then(said(s.DelegateNamed, named=False, until=None))
    scenario.given(naming(SECRETARY, until=FORMED), naming("secretary-18"))
    scenario.when(FORMED + DAY).then_nothing()
    scenario.when(by_delegate(move(meetings_in(scenario)[0], MENTEE), "secretary-18")).then_among(s.MeetingMoved)
    scenario.when(naming(None, until=FORMED + DAY)).then(said(s.DelegateNamed, named=False, until=None))


def test_nothing_but_a_person_s_own_meetings_is_in_a_delegate_s_hands() -> None:
    """Surveys, wishes, vetoes, agreements, consents: the person alone."""
    asked = [row.on for service in discovery.load_all() for row in service.rows if isinstance(row, Ask)]
    open_to_delegates = {command for command in asked if "delegate" in command.senders}
    assert open_to_delegates == {s.AcceptMeetings, s.AddMeeting, s.MoveMeeting, s.CancelMeeting}
    assert {command.owner for command in open_to_delegates} == {"scheduling"}
