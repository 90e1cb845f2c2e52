"""What an answer means, as calendars in the wild write it."""

import datetime as dt
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.scheduling.invitations.reading import read
from services.scheduling.invitations.replies import (
    Accept,
    AnotherTime,
    Decline,
    Known,
    Meaning,
    Nothing,
    Reply,
    meaning,
)
from shared.contracts.calendar import ReplyReceived
from shared.contracts.content_lines import reduced
from shared.contracts.parts import NOBODY
from tests.unit.scheduling.people import MENTEE, MENTOR, TANDEM

MONDAY = dt.date(2027, 3, 29)
KNOWN = Known(sequence=2, date=MONDAY, start=600, zone="Europe/Berlin")

EXCHANGE = f"""BEGIN:VCALENDAR
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
VERSION:2.0
METHOD:COUNTER
X-MS-OLK-FORCEINSPECTOROPEN:TRUE
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
ATTENDEE;PARTSTAT=TENTATIVE;CN="Somebody":urn:uuid:{MENTOR}
COMMENT:Could we meet later? I am at the doctor's.
DESCRIPTION:a long text
DTSTART;TZID="W. Europe Standard Time":20270330T133000
DTEND;TZID="W. Europe Standard Time":20270330T150000
DTSTAMP:20270301T120000Z
SEQUENCE:2
SUMMARY:Zeitvorschlag: Pilot
UID:{TANDEM}@tandem
X-MS-OLK-ORIGINALSTART;TZID="W. Europe Standard Time":20270329T100000
BEGIN:VALARM
TRIGGER:-PT15M
ACTION:DISPLAY
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
END:VCALENDAR
"""
GOOGLE = f"""BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:REPLY
BEGIN:VEVENT
DTSTART:20270329T080000Z
DTEND:20270329T093000Z
DTSTAMP:20270301T120000Z
ORGANIZER;CN=Office:mailto:office@example.org
UID:{TANDEM}@tandem
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=x;X-NUM-GUESTS=0:urn:uuid:{MENTOR}
SEQUENCE:2
STATUS:CONFIRMED
SUMMARY:Pilot
END:VEVENT
END:VCALENDAR
"""


def meant(text: str, who: str = MENTOR, known: Known | None = KNOWN) -> Meaning:
    reply = read(ReplyReceived(participant_id=who, icalendar=text).icalendar)
    return reply if isinstance(reply, Nothing) else meaning(reply, who, known)


def answered(answer: str) -> str:
    return GOOGLE.replace("ACCEPTED", answer)


def test_google_s_and_exchange_s_answers_are_understood() -> None:
    assert meant(GOOGLE) == Accept()
    assert meant(EXCHANGE) == AnotherTime(dt.date(2027, 3, 30), 13 * 60 + 30)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("DECLINED", Decline()),
        ("declined", Decline()),
        ("TENTATIVE", Nothing("maybe")),
        ("DELEGATED", Nothing("somebody-else")),
        ("NEEDS-ACTION", Nothing("no-answer")),
    ],
)
def test_each_answer_means_one_thing(answer: str, expected: Meaning) -> None:
    assert meant(answered(answer)) == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("ORGANIZER;CN=Office:mailto:office@example.org\n", ""),
        lambda text: text.replace("METHOD:REPLY", "method:Reply").replace("ATTENDEE", "attendee"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("SEQUENCE:2\n", ""),
        lambda text: text.replace("SEQUENCE:2", "SEQUENCE:3"),
        lambda text: "On Monday somebody wrote:\n\n" + "".join(f"> {line}\n" for line in text.splitlines()),
        lambda text: "".join(f">> {line}\n" for line in text.splitlines()) + "\nregards",
        lambda text: "You wrote:\n" + "".join(f"    {line}\n" for line in text.splitlines()) + "\n    regards",
        lambda text: "".join(f"\t{line}\r\n" for line in text.splitlines()),
        lambda text: "".join(f">    {line}\n" for line in text.splitlines()),
        lambda text: text.upper().replace("URN:UUID", "urn:uuid"),
        lambda text: text.replace("BEGIN:VEVENT", "BEGIN:VTODO\nUID:x\nEND:VTODO\nBEGIN:VEVENT"),
    ],
    ids=[
        "no organiser",
        "case",
        "crlf",
        "cr",
        "no sequence",
        "newer",
        "quoted",
        "quoted twice",
        "indented",
        "by tabs",
        "both",
        "capitals",
        "others",
    ],
)
def test_an_answer_is_understood_however_it_is_written(change: object) -> None:
    assert callable(change)
    assert meant(change(GOOGLE)) == Accept()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("METHOD:REPLY", "METHOD:REQUEST", "no-answer"),
        ("METHOD:REPLY\n", "", "no-answer"),
        (f"{TANDEM}@tandem", "040000008200E00074C5B7101A82E008", "unknown"),
        (f"{TANDEM}@tandem", f"{TANDEM}@elsewhere.example", "unknown"),
        ("SEQUENCE:2", "SEQUENCE:1", "stale"),
        ("SEQUENCE:2\n", "RECURRENCE-ID:20270329T080000Z\nSEQUENCE:2\n", "series"),
        ("SEQUENCE:2\nSTATUS:CONFIRMED", "STATUS:CONFIRMED\nDTSTART:20270329T090000Z", "stale"),
        (MENTOR, MENTEE, "not-yours"),
        (f"urn:uuid:{MENTOR}", "mailto:forwarded-to@example.org", "not-yours"),
        ("PARTSTAT=ACCEPTED", 'PARTSTAT=ACCEPTED;SENT-BY="mailto:who@example.org"', "not-yours"),
        ("BEGIN:VCALENDAR", "Hello", "unreadable"),
        ("BEGIN:VEVENT", "BEGIN:VJOURNAL", "unreadable"),
        ("SEQUENCE:2", "SEQUENCE:2\nSEQUENCE:2", "unreadable"),
        ("DTSTAMP:", "DTSTART:20270329T080000Z\nDTSTART:20270329T080000Z\nDTSTAMP:", "unreadable"),
    ],
)
def test_what_means_nothing_says_why(old: str, new: str, why: str) -> None:
    text = GOOGLE.replace("DTSTART:20270329T080000Z\n", "") if "DTSTART" in new else GOOGLE
    found = meant(text.replace(old, new))
    assert isinstance(found, Nothing)
    assert found.why == why


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("DTSTART:20270330T060000Z", AnotherTime(dt.date(2027, 3, 30), 480)),
        ("DTSTART:20270327T070000Z", AnotherTime(dt.date(2027, 3, 27), 480)),
        ("DTSTART;TZID=Europe/Berlin:20270330T080000", AnotherTime(dt.date(2027, 3, 30), 480)),
        ("DTSTART;TZID=America/New_York:20270330T020000", AnotherTime(dt.date(2027, 3, 30), 480)),
        ('DTSTART;TZID="W. Europe Standard Time":20270330T080000', AnotherTime(dt.date(2027, 3, 30), 480)),
        ("DTSTART:20270330T080000", AnotherTime(dt.date(2027, 3, 30), 480)),
        ("DTSTART;VALUE=DATE:20270330", Nothing("no-time")),
        ("DTSTART;TZID=Europe/Berlin:20270329T100000", Nothing("same-time")),
        ("COMMENT:x", Nothing("no-time")),
    ],
)
def test_another_time_is_one_by_our_clocks(start: str, expected: Meaning) -> None:
    counter = GOOGLE.replace("METHOD:REPLY", "METHOD:COUNTER").replace("DTSTART:20270329T080000Z", start)
    assert meant(counter) == expected


def test_a_zone_of_somebody_s_own_is_read_by_its_own_rules() -> None:
    odd = EXCHANGE.replace("W. Europe Standard Time", "Our house")
    assert meant(odd) == AnotherTime(dt.date(2027, 3, 30), 13 * 60 + 30)


def in_a_zone(name: str, *lines: str, start: str = "20270330T050000") -> str:
    """A COUNTER in a zone that the text defines itself."""
    zone = "\n".join(("BEGIN:VTIMEZONE", f"TZID:{name}", *lines, "END:VTIMEZONE", "BEGIN:VEVENT"))
    counter = GOOGLE.replace("METHOD:REPLY", "METHOD:COUNTER").replace("BEGIN:VEVENT", zone)
    return counter.replace("DTSTART:20270329T080000Z", f"DTSTART;TZID={name}:{start}")


def always(offset: str) -> tuple[str, ...]:
    first, last = f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}"
    return ("BEGIN:STANDARD", "DTSTART:19700101T000000", first, last, "END:STANDARD")


@pytest.mark.parametrize("name", ["Ortszeit", "zone-1", "W. Europe Standard Time"])
def test_each_answer_is_read_by_the_rules_in_itself_whoever_answered_before(name: str) -> None:
    first, second = in_a_zone(name, *always("+0200")), in_a_zone(name, *always("-0500"))
    for _ in range(2):
        assert meant(first) == AnotherTime(dt.date(2027, 3, 30), 5 * 60)
        assert meant(second) == AnotherTime(dt.date(2027, 3, 30), 12 * 60)


def test_two_zones_of_one_answer_keep_apart() -> None:
    text = in_a_zone("Our house", *always("-0500"))
    other = "\n".join(("BEGIN:VTIMEZONE", "TZID:zone-2", *always("+0200"), "END:VTIMEZONE", "BEGIN:VTIMEZONE"))
    assert meant(text.replace("BEGIN:VTIMEZONE", other, 1)) == AnotherTime(dt.date(2027, 3, 30), 12 * 60)


@pytest.mark.parametrize("name", ["Our house", "Nowhere Standard Time"])
def test_a_time_in_a_zone_that_nobody_defines_is_none_and_not_one_by_our_clocks(name: str) -> None:
    counter = GOOGLE.replace("METHOD:REPLY", "METHOD:COUNTER")
    assert meant(counter.replace("DTSTART:", f"DTSTART;TZID={name}:").replace("080000Z", "080000")) == Nothing(
        "no-time"
    )


def yearly(*rules: str, first: str = "16010101T000000", times: int = 1) -> tuple[str, ...]:
    changes = (f"DTSTART:{first}", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200")
    return ("BEGIN:DAYLIGHT", *changes, *(f"RRULE:{rule}" for rule in rules), "END:DAYLIGHT") * times


@pytest.mark.parametrize(
    ("lines", "start"),
    [
        (yearly("FREQ=YEARLY", times=500), "20270330T050000"),
        (yearly(*["FREQ=YEARLY"] * 500), "20270330T050000"),
        (yearly("FREQ=YEARLY", times=30), "99981231T100000"),
        (yearly("FREQ=YEARLY", first="00010101T000000", times=30), "20270330T050000"),
        (yearly("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", times=4), "20270330T050000"),
        (yearly("FREQ=YEARLY;BYMONTH=2", first="16010131T000000", times=4), "20270330T050000"),
        (yearly("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=20;BYDAY=1MO", times=4), "20270330T050000"),
        (yearly("FREQ=YEARLY;BYMONTH=2;BYDAY=9MO", times=4), "20270330T050000"),
        (yearly("FREQ=YEARLY;FREQ=YEARLY;BYMONTH=2;BYMONTH=3;BYDAY=5MO", times=4), "20270330T050000"),
        (yearly("FREQ=YEARLY;BYMONTH=2;BYDAY=5MO", times=4), "20991231T100000"),
        (yearly("AA=BB;" * 9000), "20270330T050000"),
    ],
)
def test_no_answer_takes_long_to_read(lines: tuple[str, ...], start: str) -> None:
    begins = time.process_time()
    assert meant(in_a_zone("x", *lines, start=start)) is not None
    assert time.process_time() - begins < 1


def test_of_a_zone_with_too_many_rules_no_time_is_believed() -> None:
    assert meant(in_a_zone("x", *yearly("FREQ=YEARLY", times=5))) == Nothing("no-time")
    assert meant(in_a_zone("x", *yearly("FREQ=YEARLY", times=4))) == AnotherTime(dt.date(2027, 3, 30), 5 * 60)


def test_a_delegate_is_named_by_their_opaque_id() -> None:
    by = GOOGLE.replace("PARTSTAT=ACCEPTED", 'PARTSTAT=DECLINED;SENT-BY="urn:x-tandem:delegate:secretary-17"')
    assert meant(by) == Decline("secretary-17")


def test_nothing_personal_is_left_in_what_is_kept() -> None:
    kept = ReplyReceived(participant_id=MENTOR, icalendar=EXCHANGE + GOOGLE).icalendar
    for secret in ("doctor", "Somebody", "long text", "Zeitvorschlag", "X-MS", "Reminder", "Microsoft", "example.org"):
        assert secret.lower() not in kept.lower()
    assert "Our house" not in reduced(EXCHANGE.replace("W. Europe Standard Time", "Our house"))


def test_no_answer_is_believed_for_nobody() -> None:
    assert meaning(Reply("REPLY", TANDEM, 2, ((None, "ACCEPTED", None),)), NOBODY, KNOWN) == Nothing("not-yours")


@given(st.text())
def test_any_text_at_all_has_a_meaning(text: str) -> None:
    assert isinstance(meant(text), Nothing)


@example(["END:VCALENDAR", "BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VCALENDAR"])
@given(
    st.lists(st.sampled_from([*EXCHANGE.splitlines(), *GOOGLE.splitlines(), "", "BEGIN:X", "SEQUENCE:x", "DTSTART:1"]))
)
def test_any_order_of_lines_has_a_meaning_and_is_reduced_once_and_for_all(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert reduced(reduced(text)) == reduced(text)
    assert meant(text) is not None
