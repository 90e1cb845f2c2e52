"""What became of a meeting: confirmed, assumed, missed, or unknown, which counts for nothing (P11)."""

import datetime as dt

import pytest

from services.scheduling.model import Meeting, Pair
from services.scheduling.view import VIEW, programme_view
from shared.contracts import scheduling as s
from shared.runtime.decision import DueReached
from tests.support.reference import By, Scenario, said
from tests.unit.scheduling.people import (
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    STRANGER,
    TANDEM,
    a_tandem,
    accepting,
    all_said,
    an_accepted_tandem,
    cancelling,
    held_on,
    meeting_in,
    meetings_in,
    moving,
    objecting,
    open_signs,
    pair_in,
    pauses,
    reporting,
    texts,
)


def topics(meeting_id: str, who: str = MENTOR) -> By:
    return By(s.RecordTopics(meeting_id=meeting_id, participant_id=who, topics=("apps",)), actor=who, sender="person")


# Held: confirmed, assumed, or not known


@pytest.mark.proves("P11")
def test_a_meeting_that_a_person_had_accepted_is_assumed_held_if_nobody_says_otherwise() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(accepting(first, who=MENTEE)).when(held_on(first))
    scenario.then_among(said(s.MeetingHeld, meeting_id=first.id, known="assumed", number=1))


@pytest.mark.proves("P11")
def test_a_meeting_that_silence_alone_had_accepted_is_unknown_and_counts_for_nothing() -> None:
    scenario = a_tandem()
    first, second = meetings_in(scenario)[:2]
    scenario.given(accepting(second)).when(held_on(first))
    scenario.then_among(said(s.MeetingUnknown, meeting_id=first.id, status="unknown", number=None, known=None))
    scenario.when(held_on(second)).then_among(said(s.MeetingHeld, meeting_id=second.id, number=1))
    assert pair_in(scenario).last_held == second.date


@pytest.mark.proves("P11")
@pytest.mark.parametrize("accepted", [True, False])
def test_a_meeting_is_confirmed_by_who_says_so_or_names_topics(*, accepted: bool) -> None:
    for says in (reporting, lambda meeting: topics(meeting.id)):
        scenario = an_accepted_tandem() if accepted else a_tandem()
        first = meetings_in(scenario)[0]
        scenario.given(first.date, says(first))
        assert meeting_in(scenario, first.id).status == "planned"
        scenario.when(held_on(first)).then_among(said(s.MeetingHeld, meeting_id=first.id, known="confirmed"))


def test_a_report_says_that_it_took_place_how_long_it_was_and_what_about() -> None:
    scenario = an_accepted_tandem()
    first = meetings_in(scenario)[0]
    scenario.when(reporting(first)).then_refused("not_yet")
    scenario.given(first.date).when(reporting(first, minutes=45, topics=("apps",)))
    scenario.then(said(s.MeetingReported, minutes=45, topics=("apps",), status="planned", number=None))
    scenario.when(reporting(first, who=MENTEE)).then(said(s.MeetingReported, minutes=45, topics=("apps",)))
    scenario.again().then_nothing()
    scenario.when(held_on(first)).then_among(said(s.MeetingHeld, minutes=45, topics=("apps",), known="confirmed"))


def test_who_named_topics_and_then_says_that_it_did_not_take_place_leaves_none() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(first.date, topics(first.id)).when(objecting(first))
    scenario.then_among(said(s.MeetingMissed, meeting_id=first.id, topics=()))


def test_what_did_not_take_place_has_neither_length_nor_topics() -> None:
    scenario = an_accepted_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(first.date).when(reporting(first, took_place=False, minutes=45)).then_refused("contradicts")
    scenario.when(reporting(first, took_place=False)).then(said(s.MeetingMissed, status="missed"))
    scenario.when(reporting(first, took_place=False)).then(said(s.MeetingMissed, status="missed"))
    scenario.when(objecting(first)).then(said(s.MeetingMissed, status="missed"))
    scenario.when(held_on(first)).then_nothing()


def test_only_the_two_report_and_only_on_what_may_have_taken_place() -> None:
    scenario = an_accepted_tandem()
    first, second = meetings_in(scenario)[:2]
    scenario.given(first.date, cancelling(first))
    scenario.when(reporting(first)).then_refused("not_planned")
    scenario.when(reporting(second.but(id=STRANGER))).then_refused("unknown_meeting")
    scenario.when(By(reporting(second).message, actor=MENTEE, sender="person")).then_refused("not_yours")
    assert s.ReportMeeting.senders == {"person"}


# Where the two contradict each other


@pytest.mark.proves("P11")
@pytest.mark.parametrize("yes_first", [True, False])
def test_where_one_says_that_it_took_place_and_the_other_that_it_did_not_it_is_unknown(*, yes_first: bool) -> None:
    scenario = an_accepted_tandem()
    first = meetings_in(scenario)[0]
    words = [reporting(first), reporting(first, MENTEE, took_place=False)]
    one, other = words if yes_first else reversed(words)
    scenario.given(first.date, one).when(other)
    scenario.then_among(said(s.MeetingUnknown, meeting_id=first.id, status="unknown"))
    scenario.when(held_on(first))
    assert meeting_in(scenario, first.id).status == "unknown"
    scenario.when(reporting(first)).then_refused("not_planned")


def test_no_event_says_which_side_said_what() -> None:
    told = []
    for yes, no in ((MENTOR, MENTEE), (MENTEE, MENTOR)):
        scenario = an_accepted_tandem()
        first = meetings_in(scenario)[0]
        scenario.given(first.date).when(reporting(first, yes), reporting(first, no, took_place=False), held_on(first))
        told.append(texts(scenario.told))
    assert told[0] == told[1]


def test_who_said_that_it_did_not_take_place_may_say_otherwise_within_the_days() -> None:
    scenario = an_accepted_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(first.date, objecting(first)).when(reporting(first)).then(
        said(s.MeetingReported, status="planned", number=None)
    )
    scenario.when(held_on(first)).then_among(said(s.MeetingHeld, meeting_id=first.id, known="confirmed", number=1))


@pytest.mark.proves("P8")
def test_a_contradiction_is_one_failed_meeting_and_not_two() -> None:
    scenario = an_accepted_tandem()
    first, second = meetings_in(scenario)[:2]
    scenario.given(first.date, objecting(first)).when(reporting(first, MENTEE)).then(s.MeetingUnknown)
    scenario.given(second.date).when(objecting(second)).then_among(
        said(s.TandemNeedsAttention, status="open"), said(s.OfficeAttentionNeeded, what="meetings-failed")
    )


# After the days


@pytest.mark.proves("P11")
@pytest.mark.parametrize("handled", [True, False])
def test_of_what_nobody_knew_somebody_may_still_say_that_it_took_place(*, handled: bool) -> None:
    scenario = a_tandem()
    first, second = meetings_in(scenario)[:2]
    scenario.given(accepting(second))
    scenario.reference.today = held_on(first)
    if handled:
        scenario.given(held_on(first))
    scenario.when(reporting(first)).then(said(s.MeetingHeld, meeting_id=first.id, known="confirmed", number=1))
    scenario.when(held_on(first) + DAY)
    scenario.when(held_on(second)).then_among(said(s.MeetingHeld, meeting_id=second.id, number=2))


def test_no_number_is_given_twice_where_an_earlier_meeting_is_reported_late() -> None:
    scenario = a_tandem()
    first, second, third = meetings_in(scenario)[:3]
    scenario.given(accepting(second, third), held_on(first), held_on(second))
    scenario.when(topics(first.id)).then(said(s.MeetingHeld, meeting_id=first.id, number=2, topics=("apps",)))
    scenario.given(held_on(third))
    numbers = {event.meeting_id: event.number for event in all_said(scenario, s.MeetingHeld)}
    assert numbers == {second.id: 1, first.id: 2, third.id: 3}


def test_what_was_assumed_is_confirmed_by_who_names_topics_later_and_not_taken_back() -> None:
    scenario = an_accepted_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(held_on(first))
    scenario.when(reporting(first, took_place=False)).then_refused("not_planned")
    scenario.when(objecting(first)).then_refused("not_planned")
    scenario.when(topics(first.id)).then(said(s.TopicsRecorded, status="held", known="confirmed", number=1))


def test_a_meeting_whose_day_has_come_is_held_once_whichever_comes_first() -> None:
    scenario = an_accepted_tandem()
    first = meetings_in(scenario)[0]
    scenario.reference.today = held_on(first)
    scenario.given(reporting(first))
    scenario.when(DueReached(subject=first.subject, date=held_on(first)))
    scenario.then_among(said(s.MeetingHeld, known="confirmed", number=1))
    scenario.when(DueReached(subject=first.subject, date=held_on(first))).then_nothing()


def test_a_meeting_that_somebody_said_was_held_is_neither_cancelled_nor_moved() -> None:
    scenario = an_accepted_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(first.date, reporting(first))
    scenario.when(cancelling(first)).then_refused("over")
    scenario.when(moving(first, first.date + DAY, replaces=meeting_in(scenario, first.id).said)).then_refused("over")


@pytest.mark.proves("P8")
def test_a_meeting_whose_day_is_over_is_neither_moved_nor_cancelled_and_who_did_not_come_leaves_a_trace() -> None:
    for scenario in (an_accepted_tandem(), a_tandem()):
        first = meetings_in(scenario)[0]
        for days in range(1, 5):
            scenario.given(first.date + days * DAY)
            later = scenario.reference.today + 2 * DAY
            scenario.when(moving(first, later, replaces=meeting_in(scenario, first.id).said)).then_refused("over")
            scenario.when(cancelling(first)).then_refused("over")
        scenario.given(held_on(first))
    assert meeting_in(scenario, first.id).status == "unknown"
    assert pair_in(scenario).failed_in_a_row == 1


@pytest.mark.proves("P6")
def test_nothing_becomes_unknown_while_the_tandem_rests() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(first.date, first.date + DAY, pauses(MENTOR, since=first.date + DAY))
    for days in range(1, 12):
        scenario.when(first.date + days * DAY)
        assert not [x for x in scenario.told if isinstance(x, s.MeetingUnknown)]


def as_the_earlier_release_kept(scenario: Scenario) -> Scenario:
    """The tandem and its meetings as that release knew them; it woke a meeting on the day before."""
    state, pair = scenario.reference.state, pair_in(scenario)
    known = {"meeting", "date", "start", "minutes", "status"}
    slots = [{name: value for name, value in slot if name in known} for slot in pair.slots]
    state[pair.subject] = Pair.from_stored(pair.subject, {**pair.to_store(), "slots": slots})
    later = {"acceptance", "accepted_by", "confirmed_by", "denied_by", "known", "suggested_on", "timed"}
    for meeting in meetings_in(scenario):
        stored = {name: value for name, value in meeting.to_store().items() if name not in later}
        due = (meeting.date - DAY).isoformat()
        state[meeting.subject] = Meeting.from_stored(meeting.subject, {**stored, "due": due})
    return scenario


@pytest.mark.proves("P11")
def test_what_an_earlier_release_planned_is_agreed_as_it_told_the_two() -> None:
    scenario = as_the_earlier_release_kept(a_tandem())
    first = meetings_in(scenario)[0]
    while scenario.reference.today < meetings_in(scenario)[4].date:
        today = scenario.reference.today + DAY
        scenario.when(today)
        assert not [x for x in scenario.told if isinstance(x, s.MeetingAccepted | s.MeetingUnknown)]
        due = [x.date for x in meetings_in(scenario) if x.date - DAY == today]
        reminded = [x for x in scenario.told if isinstance(x, s.PersonAddressed) and x.topic == "reminder"]
        assert len(reminded) == 2 * len(due)
    assert [x.known for x in all_said(scenario, s.MeetingHeld)][:3] == ["assumed"] * 3
    assert open_signs(scenario) == []
    assert meeting_in(scenario, first.id).number == 1


def test_what_an_earlier_release_planned_is_confirmed_denied_accepted_and_moved_like_any_other() -> None:
    scenario = as_the_earlier_release_kept(a_tandem())
    first, second, third = meetings_in(scenario)[:3]
    scenario.when(accepting(second)).then(said(s.MeetingAccepted, acceptance="given"))
    scenario.when(moving(third, third.date + DAY)).then_among(said(s.MeetingMoved, acceptance="open"))
    scenario.given(first.date).when(objecting(first)).then(s.MeetingMissed)
    scenario.given(second.date, topics(second.id)).when(held_on(second))
    scenario.then_among(said(s.MeetingHeld, meeting_id=second.id, known="confirmed", number=1))


# Figures


@pytest.mark.proves("P11", "S19")
def test_the_office_s_view_tells_confirmed_assumed_and_unknown_apart() -> None:
    scenario = a_tandem()
    first, second, third = meetings_in(scenario)[:3]
    scenario.given(accepting(first, second), first.date, reporting(first))
    for meeting in (first, second, third):
        scenario.given(held_on(meeting))
    found = {kind: [x for x in scenario.reference.state.values() if isinstance(x, kind)] for kind in VIEW.aggregates}
    [row] = programme_view("pilot", found).tandems
    assert (row.held, row.confirmed, row.assumed, row.unknown) == (2, 1, 1, 1)
    assert row.tandem_id == TANDEM
    assert row.planned == 12
    assert MENTOR not in row.model_dump_json(exclude={"mentor"})


def test_before_its_day_is_over_nothing_is_said_of_a_suggestion() -> None:
    scenario = a_tandem()
    assert FORMED + dt.timedelta(days=1) < meetings_in(scenario)[0].date
    found: dict[type, list[object]] = {kind: [] for kind in VIEW.aggregates}
    found[type(pair_in(scenario))] = [pair_in(scenario)]
    [row] = programme_view("pilot", found).tandems
    assert (row.suggested, row.planned, row.held, row.unknown) == (15, 15, 0, 0)


def scenario_of_unknowns() -> Scenario:
    """Nobody of the tandem ever says anything."""
    scenario = a_tandem()
    for meeting in meetings_in(scenario)[:2]:
        scenario.given(held_on(meeting))
    return scenario


@pytest.mark.proves("P8", "S16")
def test_two_unknown_meetings_in_a_row_are_a_sign() -> None:
    scenario = scenario_of_unknowns()
    signs = all_said(scenario, s.TandemNeedsAttention)
    assert [[sign.rule for sign in x.signs] for x in signs] == [["meetings-failed"]]
