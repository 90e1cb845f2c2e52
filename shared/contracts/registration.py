"""Registration's language: programmes, the topic catalogue, participants and their contacts."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts import base
from shared.contracts.base import Command, Event, Office, Part, Text, personal
from shared.contracts.parts import (
    Consents,
    Criteria,
    Id,
    ParticipantId,
    Profile,
    ProgrammeId,
    Rules,
    Side,
    Term,
    Uuid,
)

CONTACT = {"purpose": "writing to participants", "readers": "registration, mail service, office"}
KEEP = "until the programme is archived"

PersonnelKey = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class CommandRejected(base.CommandRejected, name="registration.command-rejected.v1"):
    """Registration refused a command."""


class PersonAddressed(base.PersonAddressed, name="registration.person-addressed.v1"):
    """Registration has words for a person."""


class OfficeAttentionNeeded(base.OfficeAttentionNeeded, name="registration.office-attention-needed.v1"):
    """Registration needs the office."""


class DayHandled(base.DayHandled, name="registration.day-handled.v1"):
    """Registration has handled a day."""


class ReplayQuarantined(base.ReplayQuarantined, name="registration.replay-quarantined.v1", senders=("ops",)):
    """Hand registration's quarantined messages back to it."""


class QuarantineReplayed(base.QuarantineReplayed, name="registration.quarantine-replayed.v1"):
    """Registration took quarantined messages back."""


class EditQuarantined(base.EditQuarantined, name="registration.edit-quarantined.v1", senders=("office",)):
    """Replace one of registration's quarantined messages by a corrected copy."""


class QuarantineEdited(base.QuarantineEdited, name="registration.quarantine-edited.v1"):
    """Registration took a corrected copy in the place of a quarantined message."""


class DiscardQuarantined(
    base.DiscardQuarantined, name="registration.discard-quarantined.v1", senders=("ops", "office")
):
    """Give one of registration's quarantined messages up."""


class QuarantineDiscarded(base.QuarantineDiscarded, name="registration.quarantine-discarded.v1"):
    """Registration gave a quarantined message up."""


class QuarantineRead(base.QuarantineRead, name="registration.quarantine-read.v1"):
    """Somebody read one of registration's quarantined messages."""


class NoteUnrouted(base.NoteUnrouted, name="registration.note-unrouted.v1", senders=("office",)):
    """Have registration record what is done with a command that nobody takes."""


class UnroutedNoted(base.UnroutedNoted, name="registration.unrouted-noted.v1"):
    """Registration recorded what is done with a command that nobody takes."""


class SayStateAgain(base.SayStateAgain, name="registration.say-state-again.v1", senders=("ops", "service")):
    """Have registration say again what it published."""


class StateSaidAgain(base.StateSaidAgain, name="registration.state-said-again.v1"):
    """Registration has said again what it published."""


# Programmes


class OpenProgramme(Command, name="registration.open-programme.v1", senders=("office",)):
    """Open a programme with its rules, dates, office and criteria (S9, P14)."""

    programme_id: ProgrammeId
    title: Text = Field(description="title for people")
    places: int = Field(ge=1, le=50_000, description="how many tandems the programme may have at a time")
    term: Term = Field(description="when the tandems work")
    registration_closes: dt.date = Field(description="last day of registration, before the term starts")
    office: Office = Field(description="the contact for questions (S19)")
    rules: Rules = Field(default_factory=Rules, description="rules of the programme")
    criteria: Criteria = Field(default_factory=Criteria, description="criteria of the later decision")
    privacy_notice: str = Field(min_length=1, max_length=40, description="version of the privacy notice to be read")


class ChangePlaces(Command, name="registration.change-places.v1", senders=("office",)):
    """Grant or take back places."""

    programme_id: ProgrammeId
    places: int = Field(ge=1, le=50_000, description="the new number of places")
    replaces: int = Field(ge=1, description="sequence of the programme's event that this replaces")


class CloseRegistration(Command, name="registration.close-registration.v1", senders=("office",)):
    """Close registration before its date."""

    programme_id: ProgrammeId


class ClosedSet(Part):
    """What a closing closed: the number of members and an order-free digest of their ids, in 256 buckets.

    A member falls into the bucket of the first byte of SHA-256 over its id; a bucket's digest is the XOR of its
    members' SHA-256, as hex; an empty bucket is an empty string.
    """

    count: int = Field(ge=0, description="members")
    buckets: tuple[str, ...] = Field(min_length=256, max_length=256, description="digest of each bucket")


class ProgrammeState(Event, about="programme/{programme_id}"):
    """The published state of a programme."""

    programme_id: ProgrammeId
    title: Text = Field(description="title for people")
    status: Literal["open", "closing", "closed", "running", "ended"] = Field(description="where the programme stands")
    places: int = Field(description="tandems at a time")
    term: Term = Field(description="when the tandems work")
    registration_closes: dt.date = Field(description="last day of registration")
    office: Office = Field(description="the contact for questions")
    rules: Rules = Field(description="rules of the programme")
    criteria: Criteria = Field(description="criteria of the later decision")
    criteria_seal: str = Field(description="SHA-256 of the criteria's canonical JSON, sealed when the programme opened")
    privacy_notice: str = Field(description="version of the privacy notice")
    closed_set: ClosedSet | None = Field(default=None, description="whom the registration closed; None while open")


class ProgrammeOpened(ProgrammeState, name="registration.programme-opened.v1"):
    """A programme was opened."""


class ProgrammeChanged(ProgrammeState, name="registration.programme-changed.v1"):
    """A programme changed: its places, or that it runs."""


class RegistrationClosed(ProgrammeState, name="registration.registration-closed.v1"):
    """Registration closed; `closed_set` says whom it closed."""


class ProgrammeEnded(ProgrammeState, name="registration.programme-ended.v1"):
    """The term is over."""


# The topic catalogue


class AddTopic(Command, name="registration.add-topic.v1", senders=("office",)):
    """Add a topic to the catalogue, or give it new labels (S3)."""

    topic_id: Id = Field(description="stable id, e.g. social-media")
    area: Literal["hardware", "software", "culture"] = Field(description="area of the catalogue")
    label: Text = Field(description="label for people")


class TopicListed(Event, name="registration.topic-listed.v1", about="topic/{topic_id}"):
    """A topic stands in the catalogue."""

    topic_id: Id = Field(description="stable id")
    area: Literal["hardware", "software", "culture"] = Field(description="area of the catalogue")
    label: Text = Field(description="label for people")


# Participants


class _Register(Command):
    programme_id: ProgrammeId
    personnel_key: PersonnelKey = personal(
        "personnel number or key; only a keyed digest is kept",
        purpose="one registration a person",
        readers="registration",
        keep="not kept",
    )
    display_name: str = personal("name", min_length=1, max_length=120, keep=KEEP, **CONTACT)
    mail: str = personal("mail address", max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", keep=KEEP, **CONTACT)
    superiors: tuple[PersonnelKey, ...] = personal(
        "personnel keys of the reporting line, the direct superior first; only keyed digests are kept",
        purpose="no pair inside one reporting line (S7)",
        readers="registration",
        keep="not kept",
        max_length=10,
    )
    profile: Profile = Field(description="department, topics, times")
    about_me: str = personal(
        "free text of the profile",
        purpose="the office's view",
        readers="registration, office",
        keep=KEEP,
        default="",
        max_length=2000,
    )
    consents: Consents = Field(
        default_factory=Consents, description="extras, none by default; only the person gives them"
    )
    voluntary: Literal[True] = Field(description="the person takes part voluntarily; must be true")
    privacy_notice: str = Field(min_length=1, max_length=40, description="version of the privacy notice that was read")


class RegisterMentor(_Register, name="registration.register-mentor.v1", senders=("person", "office")):
    """Register a mentor: a digitally fluent employee who teaches."""


class RegisterMentee(_Register, name="registration.register-mentee.v1", senders=("person", "office")):
    """Register a mentee: a leader who learns."""


class ChangeProfile(Command, name="registration.change-profile.v1", senders=("person", "office")):
    """Replace a participant's profile."""

    participant_id: ParticipantId
    profile: Profile = Field(description="the whole new profile")
    replaces: int = Field(ge=1, description="sequence of the participant's event that this replaces")


class ChangeConsents(Command, name="registration.change-consents.v1", senders=("person",)):
    """Give or take back consent to extras."""

    participant_id: ParticipantId
    consents: Consents = Field(description="what is allowed from now on")


class Withdraw(Command, name="registration.withdraw.v1", senders=("person", "office")):
    """Leave the programme; no reason is asked."""

    participant_id: ParticipantId


class SayAgain(Command, name="registration.say-again.v1", senders=("service", "ops")):
    """Say the state of the members of one bucket of a closed set again."""

    programme_id: ProgrammeId
    bucket: int = Field(ge=0, le=255, description="first byte of SHA-256 over the participant_id")


class SaidAgain(Event, name="registration.said-again.v1", about="programme/{programme_id}", stateful=False):
    """The members of a bucket are being said again."""

    programme_id: ProgrammeId
    bucket: int = Field(description="the bucket")


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
        readers="matching",
        keep=KEEP,
    )
    reporting_line: tuple[Uuid, ...] = personal(
        "keyed digests of the superiors, the direct one first",
        purpose="no pair inside one reporting line (S7)",
        readers="matching",
        keep=KEEP,
    )
    consents: Consents = Field(description="extras that the person allows")


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
