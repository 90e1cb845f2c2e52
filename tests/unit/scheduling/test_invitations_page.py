"""What docs/invitations.md says to those who send mail does what it says."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from services.scheduling.invitations.writing import written
from shared.contracts.base import Text
from shared.contracts.calendar import ReplyReceived
from shared.contracts.calendar_text import unfolded
from shared.local.system import ROOT
from tests.unit.scheduling.test_invitations_written import INVITATION

PAGE = (ROOT / "docs" / "invitations.md").read_text(encoding="utf-8")
MENTOR, MENTEE = "0b8f7c52-2f7b-5c0f-8d0e-5a1d3c9e7f21", "5a0c0f3e-6a39-5f0e-9d0a-0d7c0f2a1b11"


@pytest.fixture
def page() -> dict[str, Any]:
    """The names that the example defines."""
    [example] = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)  # noqa: S102 - the page's own lines
    return names


def sent(page: dict[str, Any], title: str = "Meeting") -> EmailMessage:
    """The mail as it arrives."""
    invitation = INVITATION.but(people=(MENTOR, MENTEE), title=Text(de=title, en=title))
    event = {"icalendar": written(invitation), "people": (MENTOR, MENTEE), "method": "REQUEST"}
    arrived = message_from_bytes(page["mail_for"](event, "answers@example.org").as_bytes(), policy=policy.default)
    assert isinstance(arrived, EmailMessage)
    return arrived


def calendar_in(mail: EmailMessage) -> str:
    [part] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "REQUEST"
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    # By RFC 2046 a text without a charset is US-ASCII.
    return payload.decode(part.get_content_charset("us-ascii"))


def test_the_mail_has_an_invitation_with_addresses(page: dict[str, Any]) -> None:
    [line] = re.findall(r"^(ATTENDEE.*)$", PAGE, flags=re.MULTILINE)
    text = calendar_in(sent(page))
    assert line in unfolded(text)
    assert "mailto:answers@example.org" in text


def test_german_letters_arrive_as_they_were_written(page: dict[str, Any]) -> None:
    assert "Gespräch" in calendar_in(sent(page, title="Gespräch"))


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252"])
def test_an_answer_is_read_in_the_letters_in_which_it_was_written(page: dict[str, Any], charset: str) -> None:
    page["ADDRESSES"] |= {MENTOR: ("Mentor 03", "müller@example.org")}
    text = calendar_in(sent(page)).replace("METHOD:REQUEST", "METHOD:REPLY").replace("NEEDS-ACTION", "ACCEPTED")
    answer = EmailMessage()
    params = {"method": "REPLY", "charset": charset}
    answer.add_attachment(text.encode(charset, "replace"), maintype="text", subtype="calendar", params=params)
    kept = page["answer_in"](answer, MENTOR)["icalendar"]
    assert f"ATTENDEE;PARTSTAT=ACCEPTED:urn:uuid:{MENTOR}" in unfolded(kept)


def test_an_answer_comes_back_without_what_is_personal(page: dict[str, Any]) -> None:
    text = calendar_in(sent(page)).replace("METHOD:REQUEST", "METHOD:REPLY").replace("NEEDS-ACTION", "ACCEPTED")
    answer = EmailMessage()
    answer.set_content("Gern! Somebody")
    answer.add_alternative(text.encode(), maintype="text", subtype="calendar", params={"method": "REPLY"})
    data = page["answer_in"](answer, MENTOR)
    reply = ReplyReceived.model_validate(data)
    assert reply.icalendar == data["icalendar"]
    assert "example" not in reply.icalendar
    assert f"ATTENDEE;PARTSTAT=ACCEPTED:urn:uuid:{MENTOR}" in unfolded(reply.icalendar)


def test_a_mail_without_an_answer_is_none(page: dict[str, Any]) -> None:
    plain = EmailMessage()
    plain.set_content("BEGIN:VCALENDAR is a nice word")
    assert page["answer_in"](plain, MENTOR) is None
