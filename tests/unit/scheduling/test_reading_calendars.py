"""Calendars as the world writes them: every kind of busy time read right, in the wall time of the deployment."""

import datetime as dt
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.availability.wall_time import Span, joined, minute_of, span_of
from services.scheduling.calendars.effort import bounded
from services.scheduling.calendars.events import busy_events
from services.scheduling.calendars.free_busy import busy_periods, length_of
from services.scheduling.calendars.jobs import ToRead
from services.scheduling.calendars.reading import busy_in, read_calendar
from shared.contracts.calendar_text import NotKept, reduced
from tests.unit.scheduling.calendars import at, event, free_busy, text_of

MONDAY = dt.date(2027, 3, 1)
DAY = dt.timedelta(days=1)
WINDOW = Span(minute_of(MONDAY), minute_of(MONDAY + 60 * DAY))

ODD_ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Customized Time Zone 1",
    "BEGIN:STANDARD",
    "DTSTART:16010101T030000",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    "END:STANDARD",
    "BEGIN:DAYLIGHT",
    "DTSTART:16010101T020000",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
    "END:DAYLIGHT",
    "END:VTIMEZONE",
)


def busy(*lines: str, window: Span = WINDOW) -> list[tuple[int, int]]:
    return sorted(busy_events(reduced(text_of(*lines)), window))


def one(*lines: str) -> list[tuple[int, int]]:
    return busy(*event(*lines))


def on(days: int, start: int = 540, end: int = 600) -> tuple[int, int]:
    return at(MONDAY + days * DAY, start, end)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("DTSTART:20270301T080000Z", "DTEND:20270301T090000Z"), [on(0)]),
        (("DTSTART:20270301T090000", "DTEND:20270301T100000"), [on(0)]),
        (("DTSTART;TZID=Europe/London:20270301T080000", "DURATION:PT1H"), [on(0)]),
        (("DTSTART;TZID=W. Europe Standard Time:20270301T090000", "DURATION:PT60M"), [on(0)]),
        (("DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20270301T090000", "DURATION:PT1H"), [on(0)]),
        (("DTSTART;VALUE=DATE:20270301",), [on(0, 0, 1440)]),
        (("DTSTART;VALUE=DATE:20270301", "DTEND;VALUE=DATE:20270304"), [on(0, 0, 3 * 1440)]),
        (("DTSTART;VALUE=DATE:20270301", "DURATION:P2D"), [on(0, 0, 2 * 1440)]),
        (("DTSTART:20270301T225900", "DTEND:20270302T010000"), [on(0, 1379, 1500)]),
    ],
)
def test_a_single_event_is_busy_from_its_start_to_its_end(lines: tuple[str, ...], expected: object) -> None:
    assert one(*lines) == expected


@pytest.mark.parametrize(
    ("lines", "is_busy"),
    [
        ((), True),
        (("TRANSP:OPAQUE",), True),
        (("TRANSP:TRANSPARENT",), False),
        (("STATUS:TENTATIVE",), True),
        (("STATUS:CANCELLED",), False),
        (("X-MICROSOFT-CDO-BUSYSTATUS:FREE",), False),
        (("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",), True),
        (("X-MICROSOFT-CDO-BUSYSTATUS:BUSY",), True),
        (("X-MICROSOFT-CDO-BUSYSTATUS:OOF",), True),
        (("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",), False),
        (("X-MICROSOFT-CDO-BUSYSTATUS:OOF", "TRANSP:TRANSPARENT"), True),
    ],
)
def test_transparent_cancelled_and_free_take_no_time_tentative_and_out_of_office_do(
    lines: tuple[str, ...], *, is_busy: bool
) -> None:
    assert bool(one("DTSTART:20270301T090000", "DURATION:PT1H", *lines)) is is_busy


def test_a_rule_without_an_end_is_cut_at_the_window() -> None:
    weekly = one("DTSTART;TZID=Europe/Berlin:20250106T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO")
    assert weekly == [on(7 * week) for week in range(9)], "at 9 before and after the clocks change"


def test_one_of_a_series_left_out_moved_or_cancelled_is_read_as_it_is() -> None:
    series = event(
        "DTSTART;TZID=Europe/Berlin:20270301T090000",
        "DURATION:PT1H",
        "RRULE:FREQ=DAILY;COUNT=6",
        "EXDATE;TZID=Europe/Berlin:20270302T090000",
    )
    moved = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20270303T090000",
        "DTSTART;TZID=Europe/Berlin:20270303T140000",
        "DURATION:PT2H",
        "SEQUENCE:1",
    )
    cancelled = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20270304T090000",
        "DTSTART;TZID=Europe/Berlin:20270304T090000",
        "DURATION:PT1H",
        "STATUS:CANCELLED",
    )
    away = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20270305T090000",
        "DTSTART;TZID=Europe/Berlin:20271201T090000",
        "DURATION:PT1H",
    )
    assert busy(*series, *moved, *cancelled, *away) == [on(0), on(2, 840, 960), on(5)]


def test_dates_added_to_a_series_count() -> None:
    assert one("DTSTART:20270301T090000", "DURATION:PT1H", "RDATE:20270303T090000,20270305T090000") == [
        on(0),
        on(2),
        on(4),
    ]


def test_a_zone_with_an_odd_name_is_what_the_calendar_says_it_is_for_this_calendar_alone() -> None:
    lines = ("DTSTART;TZID=Customized Time Zone 1:20270301T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=6")
    assert busy(*ODD_ZONE, *event(*lines)) == [on(7 * week) for week in range(6)]
    other = tuple(line.replace("+0100", "+0500").replace("+0200", "+0600") for line in ODD_ZONE)
    assert busy(*other, *event(*lines))[0] == on(0, 300, 360), "the zone of another calendar under the same name"
    assert busy(*event(*lines), *ODD_ZONE)[0] == on(0), "also where the definition comes last"


def test_a_zone_that_nobody_knows_is_refused() -> None:
    for name in ("Mars/Olympus", "Very Own Standard Time", "zone-1"):
        with pytest.raises(NotKept, match="unknown_zone"):
            one(f"DTSTART;TZID={name}:20270301T090000", "DURATION:PT1H")


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:20270301T100000", "DTEND:20270301T090000"),
        ("DTSTART;VALUE=DATE:20270302", "DTEND;VALUE=DATE:20270301"),
        ("DTSTART:20270301T100000", "DURATION:-PT1H"),
    ],
)
def test_an_end_before_its_start_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(NotKept, match="end_before_start"):
        one(*lines)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "too_many_repeats"),
        ("FREQ=HOURLY;BYMINUTE=0,5,10,15,20,25,30,35,40,45,50,55;BYSECOND=0,10,20,30,40,50", "too_many_repeats"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "not_understood"),
        ("FREQ=DAILY;BYMONTH=13", "not_understood"),
        ("FREQ=DAILY;INTERVAL=0", "not_understood"),
        ("FREQ=DAILY;BYSETPOS=9", "not_understood"),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=3", "not_understood"),
    ],
)
def test_a_rule_that_would_take_minutes_to_follow_is_refused_before_anybody_follows_it(rule: str, code: str) -> None:
    with pytest.raises(NotKept, match=code):
        one("DTSTART:20200301T090000", "DURATION:PT1H", f"RRULE:{rule}")


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", 31),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=2", 8),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=TU;BYSETPOS=3", 16),
    ],
)
def test_the_positions_that_people_choose_are_read(rule: str, day: int) -> None:
    found = one("DTSTART:20200301T090000", "DURATION:PT1H", f"RRULE:{rule}")
    assert found[0] == at(dt.date(2027, 3, day), 540, 600)


def test_many_events_in_a_zone_of_many_rules_are_refused() -> None:
    zone = ["BEGIN:VTIMEZONE", "TZID:Ours"]
    for number in range(100):
        part = ("STANDARD", "DAYLIGHT")[number % 2]
        zone += [f"BEGIN:{part}", f"DTSTART:{1970 + number // 2}0101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200"]
        zone += [f"END:{part}"]
    zone += ["END:VTIMEZONE"]
    at_nine = ("DTSTART;TZID=Ours:20270301T090000", "DURATION:PT1H")
    events = [line for number in range(300) for line in event(*at_nine, uid=str(number))]
    with pytest.raises(NotKept, match="too_many_repeats"):
        busy(*zone, *events)


def test_many_old_series_together_are_refused() -> None:
    lines = [line for number in range(100) for line in event("DTSTART:20000101", "RRULE:FREQ=DAILY", uid=str(number))]
    with pytest.raises(NotKept, match="too_many_repeats"):
        busy(*lines)


def endless(*_: object, **__: object) -> None:
    """A library that goes on whatever happens, as ours do after a value that they cannot read."""
    while True:
        try:
            sum(range(1000))
        except Exception:  # noqa: BLE001, S112 - what such a library does
            continue


def test_a_text_that_takes_longer_than_so_much_processor_time_is_refused_and_the_next_one_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = reduced(text_of(*event("DTSTART:20270301T090000", "DURATION:PT1H")))
    asked = ToRead(calendar_id="1", text=text, window=WINDOW)
    with monkeypatch.context() as patched:
        patched.setattr("services.scheduling.calendars.events.bounded", lambda: bounded(0.05))
        patched.setattr("recurring_ical_events.of", endless)
        assert [piece.fault for piece in read_calendar(asked)] == ["too_many_repeats"]
    assert [piece.busy for piece in read_calendar(asked)] == [(on(0),)]
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_in_another_thread_a_text_is_read_without_a_bound() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(one, "DTSTART:20270301T090000", "DURATION:PT1H").result() == [on(0)]


@pytest.mark.parametrize("kind", ["BUSY", "BUSY-TENTATIVE", "BUSY-UNAVAILABLE"])
def test_busy_periods_are_read_with_ends_and_with_lengths(kind: str) -> None:
    text = reduced(
        free_busy("20270301T080000Z/20270301T090000Z,20270302T080000Z/PT1H", "20270303T080000Z/P1D", kind=kind)
    )
    assert list(busy_periods(text)) == [on(0), on(1), on(2, 540, 540 + 1440)]


def test_periods_on_both_sides_of_the_clocks_change_keep_their_wall_time() -> None:
    text = reduced(free_busy("20270327T090000Z/PT1H,20270328T080000Z/PT1H,20271030T080000Z/PT1H,20271031T090000Z/PT1H"))
    days = (dt.date(2027, 3, 27), dt.date(2027, 3, 28), dt.date(2027, 10, 30), dt.date(2027, 10, 31))
    assert list(busy_periods(text)) == [at(day, 600, 660) for day in days]


@given(st.integers(0, 365 * 1440), st.integers(0, 3000))
def test_what_is_added_up_quickly_is_what_the_zone_says(start: int, length: int) -> None:
    first = dt.datetime(2027, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=start)
    last = first + dt.timedelta(minutes=length)
    [a, b] = [time.strftime("%Y%m%dT%H%M%SZ") for time in (first, last)]
    assert busy_periods(f"FREEBUSY:{a}/{b},{a}/PT{length}M") == (span_of(first, last),) * 2


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    for period in ("20270301T090000Z/20270301T080000Z", "20270301T090000Z/-PT1H"):
        with pytest.raises(NotKept, match="end_before_start"):
            busy_periods(reduced(free_busy(period)))
        with pytest.raises(NotKept, match="end_before_start"):
            busy_in(free_busy(period), Span(minute_of(dt.date(2027, 3, 1)), minute_of(dt.date(2027, 4, 1))))


@given(st.integers(0, 9), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_lengths_are_read(days: int, hours: int, minutes: int, seconds: int) -> None:
    length = dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    assert length_of(f"P{days}DT{hours}H{minutes}M{seconds}S") == length
    assert length_of(f"-PT{hours}H{minutes}M") == -dt.timedelta(hours=hours, minutes=minutes)
    assert length_of(f"P{days}W") == days * 7 * DAY


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 50 * 96), st.integers(1, 40)), max_size=12))
def test_periods_by_hand_and_events_by_the_library_say_the_same(times: list[tuple[int, int]]) -> None:
    begins = dt.datetime(2027, 3, 1, tzinfo=dt.UTC)
    periods, events = [], list[str]()
    for number, (start, length) in enumerate(times):
        first = begins + dt.timedelta(minutes=15 * start)
        last = first + dt.timedelta(minutes=15 * length)
        a, b = (time.strftime("%Y%m%dT%H%M%SZ") for time in (first, last))
        periods.append(f"{a}/{b}")
        events += event(f"DTSTART:{a}", f"DTEND:{b}", uid=str(number))
    by_hand = joined(busy_periods(reduced(free_busy(*periods))))
    assert by_hand == joined(busy(*events))


def test_the_job_says_why_a_calendar_cannot_be_taken_and_does_nothing_where_it_has_gone() -> None:
    bad = reduced(text_of(*event("DTSTART;TZID=Mars:20270301T090000", "DURATION:PT1H")))
    assert [piece.fault for piece in read_calendar(ToRead(calendar_id="1", text=bad, window=WINDOW))] == [
        "unknown_zone"
    ]
    assert read_calendar(ToRead(calendar_id="1")) == ()
    both = reduced(
        text_of(
            "BEGIN:VFREEBUSY",
            "FREEBUSY:20270303T080000Z/PT1H",
            "END:VFREEBUSY",
            *event("DTSTART:20270301T090000", "DURATION:PT1H"),
        )
    )
    [read] = read_calendar(ToRead(calendar_id="1", text=both, window=WINDOW))
    assert sorted(read.busy) == [on(0), on(2)]
