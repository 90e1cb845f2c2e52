"""Addresses go into invitations, and nothing personal comes out of answers."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.invitations.writing import written
from shared.contracts.calendar_text import unfolded
from shared.contracts.content_lines import parsed
from shared.contracts.parts import NOBODY
from shared.invitations import addressed, opaque
from tests.support.calendars import the_event
from tests.unit.scheduling.people import MENTEE, MENTOR
from tests.unit.scheduling.test_invitations_written import INVITATION

ADDRESSES = {MENTOR: ("Mentor 03, Süd", "Mentor-03@example.org"), MENTEE: ("Mentee 03", "mentee-03@example.org")}
TEXT = written(INVITATION)


def attendees(text: str) -> list[tuple[str, str | None]]:
    event = the_event(text)
    found = event.get("attendee", [])
    return [(str(each), each.params.get("CN")) for each in (found if isinstance(found, list) else [found])]


def test_names_and_addresses_stand_where_ids_stood_and_nothing_else_has_changed() -> None:
    mail = addressed(TEXT, ADDRESSES)
    assert attendees(mail) == [
        ("mailto:Mentor-03@example.org", "Mentor 03, Süd"),
        ("mailto:mentee-03@example.org", "Mentee 03"),
    ]
    others = [line for line in unfolded(mail) if not line.startswith("ATTENDEE")]
    assert others == [line for line in unfolded(TEXT) if not line.startswith("ATTENDEE")]
    assert max(len(line) for line in mail.encode().split(b"\r\n")) <= 75


def test_who_has_no_address_stays_an_id() -> None:
    assert attendees(addressed(TEXT, {MENTOR: ADDRESSES[MENTOR]}))[1] == (f"urn:uuid:{MENTEE}", None)


def test_answers_can_be_sent_to_a_mailbox_of_its_own() -> None:
    event = the_event(addressed(TEXT, ADDRESSES, "answers@example.org"))
    assert str(event["organizer"]) == "mailto:answers@example.org"


@pytest.mark.parametrize("name", ['A "B" C', "A;B:C,D", "A\r\nATTENDEE:mailto:x@example.org", "\x07", "ÄÖ €" * 30])
def test_no_name_can_break_the_message(name: str) -> None:
    mail = addressed(TEXT, {MENTOR: (name, "a@example.org")})
    assert [who for who, _ in attendees(mail)] == ["mailto:a@example.org", f"urn:uuid:{MENTEE}"]


def answer(**changes: str) -> str:
    """What a calendar program makes of the invitation that the mentor got."""
    mail = addressed(TEXT, ADDRESSES).replace("METHOD:REQUEST", "METHOD:REPLY")
    mail = mail.replace("BEGIN:VEVENT", "BEGIN:VEVENT\r\nCOMMENT:I am ill\r\nX-SECRET;X-P=ill:ill")
    for old, new in changes.items():
        mail = mail.replace(old.replace("_", "-"), new)
    return mail


def test_words_names_and_addresses_are_taken_out_of_answers() -> None:
    left = opaque(answer(), ADDRESSES)
    assert [who for who, _ in attendees(left)] == [f"urn:uuid:{MENTOR}", f"urn:uuid:{MENTEE}"]
    for secret in ("ill", "example", "Mentor 03", "Süd", "Nord", "SUMMARY", "LOCATION", "DESCRIPTION", "X-", "CN="):
        assert secret not in left.replace("X-TANDEM", "")
    assert {"METHOD:REPLY", f"UID:{INVITATION.id}@tandem", "SEQUENCE:3"} <= set(unfolded(left))


def test_addresses_are_known_in_any_case_and_by_any_that_somebody_has() -> None:
    several = {MENTOR: ("Mentor", "primary@example.org", "mentor-03@EXAMPLE.org"), MENTEE: ADDRESSES[MENTEE]}
    left = opaque(answer(mentee_03="MENTEE%2D03", mailto="MAILTO"), several)
    assert [who for who, _ in attendees(left)] == [f"urn:uuid:{MENTOR}", f"urn:uuid:{MENTEE}"]


def test_who_is_unknown_becomes_nobody() -> None:
    assert [who for who, _ in attendees(opaque(answer(), {}))] == [f"urn:uuid:{NOBODY}"] * 2


@pytest.mark.parametrize(
    ("sent_by", "expected"),
    [
        ("mailto:secretary@example.org", "urn:x-tandem:delegate:secretary-17"),
        ("MAILTO:Secretary@Example.org", "urn:x-tandem:delegate:secretary-17"),
        ("mailto:somebody@example.org", "urn:x-tandem:nobody"),
        ("mailto:mentor-03@example.org", None),
    ],
)
def test_a_delegate_becomes_an_opaque_id_and_oneself_is_no_delegate(sent_by: str, expected: str | None) -> None:
    text = answer().replace('CN="Mentor 03, Süd"', f'SENT-BY="{sent_by}"')
    left = opaque(text, ADDRESSES, {"secretary@example.org": "secretary-17"})
    [found, _] = [line for line in map(parsed, unfolded(left)) if line is not None and line.name == "ATTENDEE"]
    assert found.param("SENT-BY") == expected


@pytest.mark.parametrize("text", ["", "hello", "END:VCALENDAR", "\r\n\r\n"])
def test_what_is_no_calendar_becomes_empty(text: str) -> None:
    assert opaque(text, ADDRESSES) == ""


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
MAILS = st.from_regex(r"[a-z0-9.+-]{1,20}@[a-z0-9-]{1,20}\.example", fullmatch=True)


@given(names=st.tuples(NAMES, NAMES), mails=st.lists(MAILS, min_size=2, max_size=2, unique=True))
def test_what_goes_out_with_addresses_comes_back_with_the_same_ids(names: tuple[str, str], mails: list[str]) -> None:
    addresses = {who: (name, mail) for who, name, mail in zip((MENTOR, MENTEE), names, mails, strict=True)}
    left = opaque(addressed(TEXT, addresses), addresses)
    assert [who for who, _ in attendees(left)] == [f"urn:uuid:{MENTOR}", f"urn:uuid:{MENTEE}"]
    assert opaque(left, {}) == left
    event = the_event(left)
    sent = the_event(TEXT)
    assert all(event[name].dt == sent[name].dt for name in ("dtstart", "dtend", "dtstamp"))
    assert isinstance(event["dtstart"].dt, dt.datetime)
