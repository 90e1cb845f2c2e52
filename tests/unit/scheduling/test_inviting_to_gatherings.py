"""Each person's own invitation to a gathering: nobody reads in it who else comes, and no answer is needed."""

import datetime as dt
from dataclasses import replace

import pytest
from pydantic import ValidationError

from services.scheduling.invitations.decisions import said as written_as
from services.scheduling.invitations.model import Invitation
from services.scheduling.service import service
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from tests.support.calendars import SmallReader, the_event
from tests.support.erased import erase
from tests.support.reference import Scenario
from tests.unit.runtime.engine_in_memory import Replica
from tests.unit.scheduling.invited import reply
from tests.unit.scheduling.people import (
    DAY,
    MENTEE,
    MENTOR,
    OFFICE,
    STRANGER,
    TODAY,
    a_programme,
    a_tandem,
    afresh,
    meetings_in,
    person,
    programme,
    texts,
)
from tests.unit.scheduling.test_gatherings import FIRST, cancelling, gathering
from tests.unit.scheduling.test_kick_off import MONDAY, planning


def written(scenario: Scenario) -> list[s.InvitationWritten]:
    return [message for message in scenario.told if isinstance(message, s.InvitationWritten)]


def invitation_of(scenario: Scenario, who: str) -> Invitation:
    [found] = [a for a in scenario.reference.state.values() if isinstance(a, Invitation) and a.people == (who,)]
    return found


@pytest.mark.proves("S5")
def test_each_is_invited_alone_to_their_date() -> None:
    told = written(a_programme().when(planning()))
    assert sorted(event.people for event in told) == sorted([(MENTOR,), (MENTEE,)])
    assert len({event.invitation_id for event in told}) == 2
    for event in told:
        entry = the_event(event.icalendar)
        assert str(entry["attendee"]) == f"urn:uuid:{event.people[0]}"
        assert entry["attendee"].params["RSVP"] == "FALSE"
        assert (event.method, entry["dtstart"].dt.date()) == ("REQUEST", MONDAY)
        assert "Auftaktworkshop" in entry["summary"]
        assert "kick-off" in entry["summary"]


PLACE = "Marienplatz 8, 3. OG, Zimmer 312"


@pytest.mark.parametrize(
    "command", [planning(MONDAY + 2 * DAY, place=PLACE), gathering(place=PLACE)], ids=["kick-off", "other"]
)
def test_its_place_stands_in_the_event_the_letters_and_the_calendar(command: Contract) -> None:
    scenario = a_programme().when(command)
    said = [m for m in scenario.told if isinstance(m, s.KickOffScheduled | s.GatheringScheduled)]
    letters = [m for m in scenario.told if isinstance(m, s.PersonAddressed)]
    entries = [the_event(event.icalendar) for event in written(scenario)]
    assert [event.place for event in said] == [PLACE]
    assert len(letters) == len(entries) == 2
    assert all(PLACE in text for m in letters for text in (m.text.de, m.text.en))
    assert [str(entry["location"]) for entry in entries] == [PLACE] * 2
    day = entries[0]["dtstart"].dt.date()
    reminders = [m for m in scenario.when(day - DAY).told if isinstance(m, s.PersonAddressed)]
    assert len(reminders) == 2
    assert all(f"Place: {PLACE}" in m.text.en for m in reminders)


def test_without_a_place_nothing_is_said_of_it_and_it_is_one_line() -> None:
    scenario = a_programme().when(planning())
    assert all("location" not in the_event(event.icalendar) for event in written(scenario))
    assert all("\n" not in m.text.de for m in scenario.told if isinstance(m, s.PersonAddressed))
    for place in ("", "  ", "one\ntwo", "x" * 201):
        with pytest.raises(ValidationError):
            planning(place=place)


def test_letters_name_the_weekday() -> None:
    scenario = a_programme().when(planning())
    [letter, _] = [m for m in scenario.told if isinstance(m, s.PersonAddressed)]
    assert f"am Montag, {MONDAY.day}. " in letter.text.de
    assert f"on Monday, {MONDAY.day} " in letter.text.en
    planned = [m for m in a_tandem().when(TODAY).reference.said if isinstance(m[0], s.PersonAddressed)]
    lines = texts(m for m, _ in planned).count("day, ")
    assert lines >= 2 * len(meetings_in(a_tandem()))


def test_who_registers_later_gets_theirs() -> None:
    told = written(a_programme().given(planning()).when(person(STRANGER)))
    assert [event.people for event in told] == [(STRANGER,)]


def test_a_gathering_that_is_cancelled_and_planned_again_leaves_each_calendar_right() -> None:
    scenario = a_programme().when(gathering())
    camp, told = scenario.one(s.GatheringScheduled).gathering_id, written(scenario)
    reader = SmallReader()
    steps = (
        cancelling(camp),
        gathering(gathering_id=camp, earliest=FIRST + 7 * DAY, latest=FIRST + 8 * DAY),
        cancelling(camp),
        gathering(gathering_id=camp, earliest=FIRST + 2 * DAY, latest=FIRST + 3 * DAY),
    )
    told += [event for step in steps for event in written(scenario.when(step))]
    assert [event.method for event in told if event.people == (MENTOR,)] == ["REQUEST", "CANCEL"] * 2 + ["REQUEST"]
    for event in reversed(told):
        reader.deliver(event.icalendar)
    assert {begins.date() for begins in reader.shown().values()} == {FIRST + 2 * DAY}
    assert len(reader.shown()) == 2


def test_after_a_restore_that_forgot_some_of_it_each_invitation_counts_on_above_all_that_calendars_have_seen() -> None:
    scenario = a_programme().when(gathering())
    camp, reader = scenario.one(s.GatheringScheduled).gathering_id, SmallReader()
    backup = afresh(scenario)
    again = gathering(gathering_id=camp, earliest=FIRST + 7 * DAY, latest=FIRST + 8 * DAY)
    for step in (cancelling(camp), again, cancelling(camp), again):
        for event in written(scenario.when(step)):
            reader.deliver(event.icalendar)
    seen = max(a.sequence for a in scenario.reference.state.values() if isinstance(a, Invitation))
    backup.reference.epoch = 2
    gone = written(backup.when(cancelling(camp)))
    assert {event.method for event in gone} == {"CANCEL"}
    assert min(event.sequence for event in gone) > seen
    for event in gone:
        reader.deliver(event.icalendar)
    assert not reader.shown()
    back = written(backup.when(again))
    assert min(event.sequence for event in back) > max(event.sequence for event in gone)


async def test_the_engine_tells_a_decision_under_which_epoch_it_is_made() -> None:
    replica = Replica(service)
    await replica.play(TODAY, programme(), person(MENTOR), gathering())
    replica.engine.who = replace(replica.engine.who, epoch=2)
    said = await replica.play(gathering(kind="closing"))
    told = [message["data"] for message in said if message["type"].endswith(s.InvitationWritten.name)]
    assert [(event["method"], event["sequence"]) for event in told] == [("REQUEST", 1002)]


def test_whoever_invited_first_stays_the_organiser() -> None:
    scenario = a_programme().when(gathering())
    camp = scenario.one(s.GatheringScheduled).gathering_id
    office = OFFICE.model_copy(update={"mail": "new@example.org"})
    scenario.given(programme(kind=r.ProgrammeChanged).model_copy(update={"office": office, "status": "open"}))
    told = written(scenario.when(cancelling(camp)))
    told += written(scenario.when(gathering(gathering_id=camp, earliest=FIRST + 7 * DAY, latest=FIRST + 8 * DAY)))
    assert [event.method for event in told if event.people == (MENTOR,)] == ["CANCEL", "REQUEST"]
    assert {str(the_event(event.icalendar)["organizer"]) for event in told} == {f"mailto:{OFFICE.mail}"}
    late = written(scenario.when(person(STRANGER)))
    assert {str(the_event(event.icalendar)["organizer"]) for event in late} == {"mailto:new@example.org"}


def test_it_is_said_again_as_it_was_said() -> None:
    scenario = a_programme().when(planning())
    by_person = {event.people: event for event in written(scenario)}
    assert written_as(invitation_of(scenario, MENTOR)) == by_person[(MENTOR,)]
    assert the_event(by_person[(MENTOR,)].icalendar)["dtstamp"].dt == dt.datetime.combine(TODAY, dt.time(), dt.UTC)


def test_a_yes_is_taken_without_a_word_and_to_a_no_is_said_that_none_was_needed() -> None:
    scenario = a_programme().given(planning())
    mine = invitation_of(scenario, MENTOR)
    scenario.when(reply(mine, "ACCEPTED")).then_nothing()
    letter = scenario.when(reply(mine, "DECLINED")).one(s.PersonAddressed)
    assert "no answer" in letter.text.en
    stranger = scenario.when(reply(mine, "DECLINED", MENTEE)).one(s.PersonAddressed)
    assert "not invited" in stranger.text.en


def test_nothing_is_left_of_the_invitation_of_who_was_erased() -> None:
    scenario = a_programme().given(planning())
    erase(scenario, MENTOR)
    assert [a.people for a in scenario.reference.state.values() if isinstance(a, Invitation)] == [(MENTEE,)]
