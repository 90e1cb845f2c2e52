"""Of an iCalendar text nothing is left but when somebody is busy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.calendar import BusyTimesPublished
from shared.contracts.calendar_text import LONGEST, NotKept, reduced
from tests.unit.scheduling.calendars import calendar, event, free_busy, text_of
from tests.unit.scheduling.people import MENTOR, STARTS, TANDEM

SECRET = "Geheim-4711"
MEETING = f"{TANDEM}@tandem.example.org"

EVERYWHERE = text_of(
    f"X-WR-CALNAME:{SECRET}",
    "BEGIN:VTIMEZONE",
    f"TZID:{SECRET} zone",
    "BEGIN:STANDARD",
    "DTSTART:16010101T030000",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    f"TZNAME:{SECRET}",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    "END:STANDARD",
    "END:VTIMEZONE",
    *event(
        f"SUMMARY:{SECRET}",
        f'DESCRIPTION;LANGUAGE=de;X-A="{SECRET}":a\\nb:c',
        "  and so on",
        f"LOCATION:{SECRET}",
        f'ATTENDEE;CN="{SECRET}: x; y":mailto:{SECRET}@example.org',
        f"ORGANIZER;CN={SECRET}:mailto:a@example.org",
        f"CATEGORIES:{SECRET}",
        f'DTSTART;TZID="{SECRET} zone";X-B={SECRET}:20270301T090000',
        "DTEND;TZID=W. Europe Standard Time:20270301T100000",
        "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
        "CLASS:CONFIDENTIAL",
        f"STATUS:{SECRET}",
        "RRULE:FREQ=WEEKLY;COUNT=3",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{SECRET}",
        "END:VALARM",
        f"{SECRET} a broken line",
        uid=SECRET,
    ),
    "BEGIN:VTODO",
    f"SUMMARY:{SECRET}",
    "END:VTODO",
)


def test_what_is_left_of_a_calendar_is_start_end_and_rule_and_no_word_of_its_own() -> None:
    left = reduced(EVERYWHERE)
    assert SECRET not in left
    assert "OOF" not in left, "the kind of an absence"
    assert left.splitlines()[11:] == [
        "END:VTIMEZONE",
        "BEGIN:VEVENT",
        "UID:event-1",
        "DTSTART;TZID=zone-1:20270301T090000",
        "DTEND;TZID=W. Europe Standard Time:20270301T100000",
        "RRULE:FREQ=WEEKLY;COUNT=3",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


@pytest.mark.parametrize("name", [f"{SECRET} Standard Time", f"Project {SECRET} Daylight Time", f"/{SECRET}/UTC+99"])
def test_a_zone_s_name_that_looks_like_one_of_windows_and_is_none_is_not_kept(name: str) -> None:
    left = reduced(text_of(*event(f'DTSTART;TZID="{name}":20270301T090000', "DURATION:PT1H")))
    assert "DTSTART;TZID=zone-1:20270301T090000" in left
    assert SECRET not in left


def test_reducing_twice_changes_nothing() -> None:
    for text in (
        EVERYWHERE,
        free_busy("20270301T090000Z/PT1H", kind="BUSY-UNAVAILABLE"),
        text_of(*event("DTSTART:20270301")),
    ):
        once = reduced(text)
        assert reduced(once) == once


def test_the_kind_of_a_busy_time_goes_and_a_free_one_goes_wholly() -> None:
    kinds = ("BUSY", "BUSY-TENTATIVE", "BUSY-UNAVAILABLE", "X-ILL", "FREE")
    texts = [reduced(free_busy("20270301T090000Z/20270301T100000Z", kind=kind)) for kind in kinds]
    assert len(set(texts[:4])) == 1
    assert "FREEBUSY:20270301T090000Z/20270301T100000Z" in texts[0]
    assert "20270301" not in texts[4]


def test_our_own_meetings_in_a_calendar_take_nobody_s_time_away() -> None:
    assert "20270301" not in reduced(text_of(*event("DTSTART:20270301T090000Z", "DURATION:PT1H", uid=MEETING)))
    other = f"{TANDEM}@example.org"
    assert "20270301" in reduced(text_of(*event("DTSTART:20270301T090000Z", "DURATION:PT1H", uid=other)))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no calendar", "not_a_calendar"),
        ("", "not_a_calendar"),
        (text_of().replace("END:VCALENDAR", ""), "not_a_calendar"),
        (text_of("BEGIN:VEVENT", "END:VFREEBUSY"), "not_a_calendar"),
        (text_of(*event("DTSTART:tomorrow")), "not_understood"),
        (text_of(*event("DTSTART:20270301", f"RRULE:FREQ=DAILY;X={SECRET}")), "not_understood"),
        (text_of(*event("DTSTART:20270301", f"DURATION:{SECRET}")), "not_understood"),
        (text_of(*event("DTSTART:20270301T090000Z", "RRULE:FREQ=SECONDLY")), "too_many_repeats"),
        (free_busy("20270301T090000Z"), "not_understood"),
        (free_busy(",".join(["20270301T090000Z/PT1H"] * 10_001)), "too_many_periods"),
        (free_busy(*["20270301T090000Z/PT1H"] * 20_000), "too_many_periods"),
        (text_of(*event("DTSTART:20270301") * 2_001), "too_many_events"),
        (text_of(*event(*(f"DTSTART;TZID=a/{n}:20270301T090000" for n in range(101)))), "not_understood"),
        ("x" * (LONGEST + 1), "too_large"),
    ],
    ids=lambda value: value if len(value) < 30 else "",
)
def test_what_cannot_be_taken_is_refused_with_a_code_and_none_of_its_words(text: str, code: str) -> None:
    with pytest.raises(NotKept) as refused:
        reduced(text)
    assert (refused.value.code, str(refused.value)) == (code, code)
    fact = calendar(text)
    assert (fact.fault, fact.icalendar) == (code, None)


@given(st.text(max_size=400) | st.lists(st.sampled_from(EVERYWHERE.splitlines())).map("\n".join))
def test_whatever_a_text_holds_reducing_ends_in_a_reduced_text_or_a_code(text: str) -> None:
    try:
        left = reduced(text)
    except NotKept:
        return
    assert SECRET not in left
    assert reduced(left) == left


def test_a_fact_read_from_what_was_kept_of_it_is_the_same_fact() -> None:
    for text in (EVERYWHERE, "no calendar", free_busy("20270301T090000Z/PT1H")):
        fact = calendar(text)
        assert BusyTimesPublished.from_data(fact.model_dump(mode="json")) == fact


def test_a_fact_says_either_a_text_or_intervals() -> None:
    window = {"participant_id": MENTOR, "programme_id": "pilot", "window_from": STARTS, "window_until": STARTS}
    for said in ({}, {"icalendar": text_of(), "intervals": []}):
        with pytest.raises(ValueError, match="either icalendar or intervals"):
            BusyTimesPublished.model_validate(window | said)
