"""Letters promise another time only where one is sought, and say so when none is found."""

import datetime as dt

import pytest

from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Text
from tests.support.reference import Scenario, said
from tests.unit.scheduling.calendars import away, busy, by
from tests.unit.scheduling.people import (
    DAY,
    ENDS,
    FORMED,
    MENTEE,
    MENTOR,
    TANDEM,
    WEEK,
    a_tandem,
    accepting,
    by_mentor,
    cancelling,
    meeting_in,
    meetings_in,
    pauses,
    person,
    resumes,
)

SOUGHT = Text(de="Ein neuer Termin wird gesucht.", en="Another time is being looked for.")
OTHERS_SOUGHT = Text(de="Andere Termine werden gesucht", en="Other times are being looked for")


def letters(scenario: Scenario, topic: str) -> list[Text]:
    return [x.text for x in scenario.told if isinstance(x, s.PersonAddressed) and x.topic == topic]


def promised(scenario: Scenario, topic: str, promise: Text = SOUGHT) -> bool:
    """Whether both letters promise it, or neither, in both languages."""
    found = letters(scenario, topic)
    assert len(found) == 2
    [every] = {(promise.de in text.de, promise.en in text.en) for text in found}
    assert every in ((True, True), (False, False))
    assert not [text for text in found if "  " in text.de + text.en or " ." in text.de + text.en]
    return every[0]


def added(scenario: Scenario, day: dt.date) -> str:
    scenario.when(by_mentor(s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=day, start=600)))
    return scenario.one(s.MeetingScheduled).meeting_id


@pytest.mark.proves("P8", "S15")
@pytest.mark.parametrize("left", range(1, 9))
def test_another_time_is_promised_for_a_cancelled_meeting_only_if_one_is_sought(left: int) -> None:
    """Up to the last day of the term; the answer comes at once: another time, or a letter that there is none."""
    scenario = a_tandem()
    scenario.reference.today = ENDS - 30 * DAY
    meeting = added(scenario, ENDS)
    scenario.reference.today = ENDS - left * DAY
    scenario.when(cancelling(meeting_in(scenario, meeting)))
    found = {type(x) for x in scenario.told}
    answered = s.MeetingScheduled in found or bool(letters(scenario, "none-left"))
    assert promised(scenario, "cancelled") is answered is (left >= 2)


@pytest.mark.proves("P6")
def test_in_a_rest_without_an_end_none_is_promised_for_a_cancelled_meeting_and_in_one_with_an_end_one_is() -> None:
    for until, sought in ((None, False), (FORMED + 20 * DAY, True), (ENDS + DAY, False)):
        scenario = a_tandem().given(pauses(MENTOR, until))
        meeting = added(scenario, FORMED + 10 * DAY)
        scenario.when(cancelling(meeting_in(scenario, meeting)))
        assert promised(scenario, "cancelled") is sought
        assert bool([x for x in scenario.told if isinstance(x, s.MeetingScheduled)]) is sought


def test_nor_for_one_whose_time_is_taken_in_a_rest_without_an_end_or_in_the_last_days() -> None:
    scenario = a_tandem().given(pauses(MENTOR))
    day = FORMED + 10 * DAY
    added(scenario, day)
    assert not promised(scenario.when(busy([(day, 540, 960)])), "time-taken")
    scenario = a_tandem()
    scenario.reference.today = ENDS - 30 * DAY
    added(scenario, ENDS)
    scenario.reference.today = ENDS - DAY
    assert not promised(scenario.when(busy([(ENDS, 540, 960)])), "time-taken")
    first = meetings_in(scenario := a_tandem())[0]
    assert promised(scenario.when(busy([(first.date, first.start - 15, 960)])), "time-taken")


def test_for_several_whose_times_are_taken_others_are_promised_only_if_they_are_sought() -> None:
    scenario = a_tandem()
    first, second = meetings_in(scenario)[:2]
    times = [(x.date, 540, 960) for x in (first, second)]
    assert promised(scenario.when(busy(times)), "times-taken", OTHERS_SOUGHT)
    scenario.then_among(s.MeetingScheduled)
    days = (FORMED + 10 * DAY, FORMED + 15 * DAY)
    scenario = a_tandem().given(pauses(MENTOR))
    for day in days:
        added(scenario, day)
    assert not promised(scenario.when(by(away(days))), "times-taken", OTHERS_SOUGHT)


@pytest.mark.parametrize(
    ("until", "promise"),
    [
        (FORMED + 20 * DAY, True),
        (ENDS - 3 * DAY, True),
        (ENDS - 2 * DAY, False),
        (ENDS, False),
    ],
)
def test_a_rest_s_letter_promises_meetings_after_it_only_if_the_term_has_days_left(
    until: dt.date, promise: bool
) -> None:
    after = Text(de="Danach suchen wir", en="After that we look for the meetings")
    scenario = a_tandem().when(pauses(MENTOR, until))
    assert promised(scenario, "tandem-rests-until", after) is promise
    scenario.reference.today = until + DAY
    scenario.when(resumes(MENTOR))
    told = Text(de="schreiben wir Ihnen gleich", en="We write to you about your next meetings at once")
    assert promised(scenario, "tandem-goes-on", told) is promise
    written = letters(scenario, "planned") + letters(scenario, "plan-stays-short")
    assert bool(written) is promise


def test_a_rest_without_an_end_promises_meetings_up_to_the_day_on_which_it_must_go_on_for_them() -> None:
    scenario = a_tandem().when(pauses(MENTOR))
    assert promised(
        scenario, "tandem-rests", Text(de="bis zum 12. Juli 2027 weiter", en="If it goes on by 12 July 2027")
    )
    scenario = a_tandem()
    scenario.reference.today = ENDS - DAY
    scenario.when(pauses(MENTOR, since=ENDS - DAY))
    assert not promised(scenario, "tandem-rests", Text(de="Geht es", en="If it goes on"))


def test_where_nothing_is_found_after_a_rest_both_hear_that_too() -> None:
    until = FORMED + 20 * DAY
    scenario = a_tandem().given(pauses(MENTOR, until))
    scenario.given(by(away((until, ENDS), who=MENTEE), actor=MENTEE))
    scenario.reference.today = until + DAY
    scenario.when(resumes(MENTOR))
    assert [x.to for x in scenario.told if isinstance(x, s.PersonAddressed) and x.topic == "plan-stays-short"] == [
        MENTOR,
        MENTEE,
    ]
    scenario.then_among(said(s.OfficeAttentionNeeded, what="plan-short"))


def test_a_reminder_without_a_place_promises_no_room() -> None:
    """Who works at home gets no room, without an address by video no place, and none is looked for."""
    scenario = a_tandem(rooms=("A 1",))
    at_home = tuple(time.model_copy(update={"at_home": True}) for time in WEEK)
    first = meetings_in(scenario)[0]
    scenario.given(person(MENTOR, at_home, r.ParticipantChanged), accepting(first), accepting(first, who=MENTEE))
    scenario.given(first.date - 3 * DAY).when(first.date - 2 * DAY)
    texts = letters(scenario, "reminder")
    assert len(texts) == 2
    assert all("kein Raum eingetragen" in text.de and "No room is noted" in text.en for text in texts)
    assert not [text for text in texts if "noch nicht" in text.de or "yet" in text.en]
