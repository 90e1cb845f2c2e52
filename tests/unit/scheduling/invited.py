"""A tandem whose meetings' events come back to scheduling, as the broker brings them."""

import datetime as dt

from services.scheduling.invitations.model import Invitation
from shared.contracts import calendar
from shared.contracts import scheduling as s
from shared.contracts.content_lines import DELEGATE
from tests.support.reference import By, Scenario
from tests.unit.scheduling.people import MENTOR, a_tandem

KINDS = (s.MeetingScheduled, s.MeetingMoved, s.MeetingPlaced, s.MeetingCancelled)


def hears_itself(scenario: Scenario) -> list[s.InvitationWritten]:
    """Scheduling hears every word that it has said of meetings; what it says to each is told, in order."""
    own = [(e, number) for e, number in scenario.reference.said if isinstance(e, KINDS) and number is not None]
    told = [message for event, number in own for message in scenario.when(By(event, sequence=number)).told]
    scenario.told = told
    return [message for message in told if isinstance(message, s.InvitationWritten)]


def an_invited_tandem() -> Scenario:
    scenario = a_tandem()
    hears_itself(scenario)
    return scenario


def invitations_in(scenario: Scenario) -> list[Invitation]:
    found = [a for a in scenario.reference.state.values() if isinstance(a, Invitation)]
    return sorted(found, key=lambda invitation: (invitation.date, invitation.id))


def stamped(moment: dt.datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%S}"


def reply(
    invitation: Invitation,
    answer: str = "ACCEPTED",
    who: str = MENTOR,
    *,
    method: str = "REPLY",
    sequence: int | None = None,
    no_sequence: bool = False,
    start: dt.datetime | None = None,
    delegate: str | None = None,
    more: tuple[str, ...] = (),
) -> calendar.ReplyReceived:
    """What somebody's calendar answers; `start` as a wall time in Berlin, by default the invitation's."""
    day = dt.datetime.combine(invitation.date, dt.time()) + dt.timedelta(minutes=invitation.start)
    sent_by = f';SENT-BY="{DELEGATE}{delegate}"' if delegate else ""
    counted = invitation.sequence if sequence is None else sequence
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{invitation.id}@tandem",
        *(() if no_sequence else (f"SEQUENCE:{counted}",)),
        "DTSTAMP:20270208T100000Z",
        f"DTSTART;TZID=Europe/Berlin:{stamped(start or day)}",
        f"ATTENDEE;PARTSTAT={answer}{sent_by}:urn:uuid:{who}",
        *more,
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return calendar.ReplyReceived(participant_id=who, icalendar="\r\n".join((*lines, "")))
