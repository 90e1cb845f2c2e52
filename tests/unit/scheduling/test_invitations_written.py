"""An invitation as text: what RFC 5545 and RFC 5546 ask for, and what calendars in the wild need."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from services.scheduling.invitations.model import Invitation
from services.scheduling.invitations.writing import written
from shared.contracts.base import Office, Text
from shared.contracts.parts import NOBODY
from shared.contracts.scheduling import MeetingPlace
from tests.support.calendars import the_event
from tests.unit.scheduling.people import MENTEE, MENTOR, TANDEM

INVITATION = Invitation(
    id=TANDEM,
    tandem=TANDEM,
    sequence=3,
    method="REQUEST",
    stamp=dt.datetime(2027, 2, 8, 10, tzinfo=dt.UTC),
    date=dt.date(2027, 3, 29),
    start=600,
    minutes=90,
    zone="Europe/Berlin",
    title=Text(de="Süd, Nord; alles: Treffen", en="All: meeting"),
    description=Text(de="Grüße,\nbis bald.", en="See you."),
    office=Office(name='Programmleitung "Süd"', phone="089 1", mail="office@example.org"),
    people=(MENTOR, MENTEE),
)


def lines(invitation: Invitation = INVITATION) -> list[str]:
    return written(invitation).replace("\r\n ", "").split("\r\n")


def test_lines_end_as_the_standard_asks_and_none_is_longer_than_75_octets() -> None:
    raw = written(INVITATION.but(description=Text(de="ü" * 400, en="€" * 400))).encode()
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 75
    assert raw.startswith(b"BEGIN:VCALENDAR\r\n")
    assert raw.endswith(b"END:VCALENDAR\r\n")


def test_a_request_says_who_invites_whom_and_wants_an_answer() -> None:
    said = lines()
    assert {"METHOD:REQUEST", "SEQUENCE:3", f"UID:{TANDEM}@tandem", "STATUS:CONFIRMED", "CLASS:PRIVATE"} <= set(said)
    assert {"DTSTART;TZID=Europe/Berlin:20270329T100000", "DTEND;TZID=Europe/Berlin:20270329T113000"} <= set(said)
    assert {"DTSTAMP:20270208T100000Z", "TRIGGER:-PT15M"} <= set(said)
    assert {line for line in said if line.startswith("ATTENDEE")} == {
        f"ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE:urn:uuid:{who}"
        for who in (MENTOR, MENTEE)
    }
    assert "ORGANIZER;CN=\"Programmleitung 'Süd'\":mailto:office@example.org" in said or (
        "ORGANIZER;CN=Programmleitung 'Süd':mailto:office@example.org" in said
    )


def test_it_is_never_a_series() -> None:
    event = written(INVITATION).partition("BEGIN:VEVENT")[2]
    assert not [name for name in ("RRULE", "RDATE", "RECURRENCE-ID", "EXDATE") if name in event]


def test_what_is_said_in_words_comes_back_as_it_was() -> None:
    event = the_event(written(INVITATION))
    assert event["summary"] == "Süd, Nord; alles: Treffen / All: meeting"
    assert event["description"] == "Grüße,\nbis bald.\n\nSee you."
    alike = INVITATION.but(title=Text(de="Pilot", en="Pilot"))
    assert the_event(written(alike))["summary"] == "Pilot"


def test_a_cancellation_rings_nobody_and_asks_for_no_answer() -> None:
    said = lines(INVITATION.but(method="CANCEL", sequence=4))
    assert {"METHOD:CANCEL", "SEQUENCE:4", "STATUS:CANCELLED", f"UID:{TANDEM}@tandem"} <= set(said)
    assert "BEGIN:VALARM" not in said
    assert not [line for line in said if "RSVP" in line or "PARTSTAT" in line]
    assert len([line for line in said if line.startswith("ATTENDEE")]) == 2


def test_where_somebody_was_erased_the_other_alone_is_invited() -> None:
    assert len([line for line in lines(INVITATION.but(people=(NOBODY, MENTEE))) if line.startswith("ATTENDEE")]) == 1


def test_a_room_a_link_or_both_say_where() -> None:
    link = "https://video.example.org/x?a=1;b=2,3"
    assert "location" not in the_event(written(INVITATION))
    assert the_event(written(INVITATION.but(place=MeetingPlace(room="Raum 3, Süd"))))["location"] == "Raum 3, Süd"
    video = the_event(written(INVITATION.but(place=MeetingPlace(link=link))))
    assert (video["location"], str(video["url"])) == (link, link)
    both = the_event(written(INVITATION.but(place=MeetingPlace(room="Raum 3", link=link))))
    assert (both["location"], str(both["url"])) == ("Raum 3", link)


def test_where_no_answer_is_wanted_none_is_asked_for() -> None:
    assert {"RSVP=FALSE" in line for line in lines(INVITATION.but(tandem=None)) if line.startswith("ATTENDEE")} == {
        True
    }


SATURDAY, SUNDAY = (dt.date(2027, 3, 27), dt.date(2027, 10, 30)), (dt.date(2027, 3, 28), dt.date(2027, 10, 31))


@pytest.mark.parametrize("day", [*SATURDAY, *SUNDAY])
def test_ten_o_clock_is_ten_o_clock_before_and_after_the_clocks_change(day: dt.date) -> None:
    text = written(INVITATION.but(date=day))
    zone: Any
    [zone] = Calendar.from_ical(text).walk("VTIMEZONE")
    begins = the_event(text)["dtstart"].dt
    own = begins.replace(tzinfo=zone.to_tz(lookup_tzid=False))
    expected = dt.datetime.combine(day, dt.time(10), ZoneInfo("Europe/Berlin"))
    assert begins.astimezone(dt.UTC) == own.astimezone(dt.UTC) == expected.astimezone(dt.UTC)


@pytest.mark.parametrize(("day", "until"), [(SUNDAY[0], "033000"), (SUNDAY[1], "013000")])
def test_an_hour_and_a_half_lasts_so_long_also_across_a_change(day: dt.date, until: str) -> None:
    event = the_event(written(INVITATION.but(date=day, start=60 if until == "033000" else 0)))
    begins, ends = event["dtstart"].dt, event["dtend"].dt
    assert ends.strftime("%H%M%S") == until
    assert ends.astimezone(dt.UTC) - begins.astimezone(dt.UTC) == dt.timedelta(minutes=90)


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), min_size=1).filter(str.strip)


@given(de=WORDS, en=WORDS, sequence=st.integers(0, 10_000))
def test_every_text_survives_being_written_and_read(de: str, en: str, sequence: int) -> None:
    text = written(INVITATION.but(sequence=sequence, description=Text(de=de, en=en)))
    read = Calendar.from_ical(text)
    event = the_event(text)
    assert event["description"] == (de if de == en else f"{de}\n\n{en}")
    assert (event["sequence"], read.to_ical().decode()) == (sequence, text)
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
