"""People who take part: registering, changing, leaving; and how to reach them."""

import datetime as dt
from typing import Literal

from pydantic import Field

from shared.contracts.base import Command, Event, personal
from shared.contracts.parts import (
    ASKED_AGAIN,
    PEOPLE_KEPT,
    PROFILE,
    RULES_VERSION,
    Consents,
    ParticipantId,
    PersonnelKey,
    Profile,
    ProgrammeId,
    Side,
    Uuid,
)
from shared.contracts.registration.release import MAIL, releaser_mail

CONTACT = {"purpose": "writing to participants", "readers": "registration, mail service, office"}
KEEP = PEOPLE_KEPT + ASKED_AGAIN
ABOUT_ME = {"purpose": "the office's view", "readers": "registration, office", "keep": KEEP}


class _Register(Command):
    programme_id: ProgrammeId
    personnel_key: PersonnelKey = personal(
        "personnel number or key; only a keyed digest is kept",
        purpose="one registration a person",
        readers="registration",
        keep="not kept",
    )
    display_name: str = personal("name", min_length=1, max_length=120, keep=KEEP, **CONTACT)
    mail: str = personal("mail address", max_length=200, pattern=MAIL, keep=KEEP, **CONTACT)
    superiors: tuple[PersonnelKey, ...] = personal(
        "personnel keys of the reporting line, the direct superior first; only keyed digests are kept",
        purpose="no pair inside one reporting line (S7)",
        readers="registration",
        keep="not kept",
        max_length=10,
    )
    profile: Profile = Field(description="department, topics, times")
    about_me: str = personal("free text of the profile", default="", max_length=2000, **ABOUT_ME)
    consents: Consents = Field(
        default_factory=Consents, description="extras, none by default; only the person gives them"
    )
    voluntary: Literal[True] = Field(description="the person takes part voluntarily; must be true")
    privacy_notice: str = Field(min_length=1, max_length=40, description="version of the privacy notice that was read")
    releaser_mail: str | None = releaser_mail()


class RegisterMentor(_Register, name="registration.register-mentor.v1", senders=("person", "office")):
    """Register a mentor: a digitally fluent employee who teaches."""


class RegisterMentee(_Register, name="registration.register-mentee.v1", senders=("person", "office")):
    """Register a mentee: a leader who learns."""


class AdmitLate(_Register, name="registration.admit-late.v1", senders=("office",)):
    """Admit somebody after registration has closed: they are a candidate from the next round on."""

    role: Side = Field(description="mentor or mentee")


class ChangeProfile(Command, name="registration.change-profile.v1", senders=("person", "office")):
    """Replace a participant's profile."""

    participant_id: ParticipantId
    profile: Profile = Field(description="the whole new profile")
    replaces: int = Field(ge=1, description="sequence of the participant's event that this replaces")
    superiors: tuple[PersonnelKey, ...] | None = personal(
        "personnel keys of the reporting line, the direct superior first; null: it stays as it is; only keyed digests "
        "are kept",
        purpose="no pair inside one reporting line (S7)",
        readers="registration",
        keep="not kept",
        default=None,
        max_length=10,
    )


class ChangeContact(Command, name="registration.change-contact.v1", senders=("person", "office")):
    """Replace a participant's name and mail address."""

    participant_id: ParticipantId
    display_name: str = personal("name", min_length=1, max_length=120, keep=KEEP, **CONTACT)
    mail: str = personal("mail address", max_length=200, pattern=MAIL, keep=KEEP, **CONTACT)
    replaces: int | None = Field(
        default=None, ge=1, description="sequence of the contact's event that this replaces; null: whatever it is now"
    )


class ChangeAboutMe(Command, name="registration.change-about-me.v1", senders=("person", "office")):
    """Replace what a participant wrote about themselves; answered by a contact-recorded, in which it is not."""

    participant_id: ParticipantId
    about_me: str = personal("the whole new free text of the profile; empty: none", max_length=2000, **ABOUT_ME)
    replaces: int | None = Field(
        default=None, ge=1, description="sequence of the contact's event that this replaces; null: whatever it is now"
    )


class ChangeConsents(Command, name="registration.change-consents.v1", senders=("person",)):
    """Give or take back consent to extras."""

    participant_id: ParticipantId
    consents: Consents = Field(description="what is allowed from now on")


class Withdraw(Command, name="registration.withdraw.v1", senders=("person", "office")):
    """Leave the programme; no reason is asked."""

    participant_id: ParticipantId


class ParticipantState(Event, about="participant/{participant_id}"):
    """The published state of a participant: no name, no address, no free text."""

    participant_id: ParticipantId
    programme_id: ProgrammeId
    role: Side = Field(description="mentor or mentee")
    status: Literal["registered", "withdrawn"] = Field(description="withdrawn: left the programme")
    registered_on: dt.date = Field(description="day of the registration")
    profile: Profile = Field(description="department, topics, times")
    position: Uuid = personal(
        "keyed digest of the person's own place in the reporting line",
        purpose="no pair inside one reporting line (S7)",
        readers="matching, portal, office",
        keep=KEEP,
    )
    reporting_line: tuple[Uuid, ...] = personal(
        "keyed digests of the superiors, the direct one first",
        purpose="no pair inside one reporting line (S7)",
        readers="matching, portal, office",
        keep=KEEP,
    )
    consents: Consents = Field(description="extras that the person allows")
    paused_since: dt.date | None = personal(
        "first day of the pause that the person takes (P6); null: takes part. No reason is asked",
        readers="all services, office",
        default=None,
        **PROFILE,
    )
    paused_until: dt.date | None = personal(
        "last day of the pause; null: without an end, or takes part",
        readers="all services, office",
        default=None,
        **PROFILE,
    )
    days_paused: int = personal(
        "days of earlier pauses that are over, in all: what stood still meanwhile goes on so much later",
        readers="all services",
        default=0,
        ge=0,
        **PROFILE,
    )
    waiting_since: dt.date | None = personal(
        "waiting since this day of an earlier programme: the place in line goes with the person (P5); null: none",
        readers="matching, office",
        default=None,
        **PROFILE,
    )
    released: bool = personal(
        "false: the line manager has not released the time yet, and the person is not matched",
        readers="all services, office",
        default=True,
        **PROFILE,
    )
    late: bool = Field(default=False, description="true: admitted after registration had closed, so in no closed set")
    admitted: bool = personal(
        "whether they take part in rounds; false: more registered than there is room for, and they wait in line",
        readers="matching, office",
        default=True,
        **PROFILE,
    )
    line: int | None = personal(
        "place in line, from 1, of who found no room when registration closed; it stays when they move up",
        readers="matching, office",
        default=None,
        ge=1,
        **PROFILE,
    )
    rules_version: int = Field(default=1, ge=1, description=f"{RULES_VERSION}: that the person takes part, and how")


class ParticipantRegistered(ParticipantState, name="registration.participant-registered.v1"):
    """A mentor or a mentee was registered."""


class ParticipantChanged(ParticipantState, name="registration.participant-changed.v1"):
    """A participant's profile or consents changed, or were said again."""


class ParticipantWithdrew(ParticipantState, name="registration.participant-withdrew.v1"):
    """A participant left the programme."""


class ContactRecorded(Event, name="registration.contact-recorded.v1", about="contact/{participant_id}"):
    """How to reach a participant. Only who writes to people binds this type."""

    participant_id: ParticipantId
    programme_id: ProgrammeId
    display_name: str = personal("name", keep=KEEP, **CONTACT)
    mail: str = personal("mail address", keep=KEEP, **CONTACT)
