"""Programmes: opening one, its dates and places, its rules, its end."""

import datetime as dt
from typing import Literal

from pydantic import Field

from shared.contracts.base import Command, Event, Office, Part, Text
from shared.contracts.parts import ComingRules, Criteria, CriteriaVersion, ProgrammeId, Purpose, Rules, Term

REPLACES = "sequence of the programme's event that this replaces"
MOST_CRITERIA = 10
"""Versions of a programme's criteria: the first ones, and nine changes."""


class OpenProgramme(Command, name="registration.open-programme.v1", senders=("office",)):
    """Open a programme with its rules, dates, office and criteria (S9, P14).

    Where there is a draft of this id, it is opened with what stands here; rules and criteria that are left out here, or
    are as by default, are taken from the draft.
    """

    programme_id: ProgrammeId
    title: Text = Field(description="title for people")
    places: int = Field(ge=1, le=50_000, description="how many tandems the programme may have at a time")
    term: Term = Field(description="when the tandems work")
    registration_closes: dt.date = Field(description="last day of registration, before the term starts")
    office: Office = Field(description="the contact for questions (S19)")
    rules: Rules = Field(default_factory=Rules, description="rules of the programme")
    criteria: Criteria = Field(default_factory=Criteria, description="criteria of the later decision")
    privacy_notice: str = Field(min_length=1, max_length=40, description="version of the privacy notice to be read")


class ChangeProgramme(Command, name="registration.change-programme.v1", senders=("office",)):
    """Change what is named here; what is left out, or null, stays.

    Of a draft everything. Once it is open: title, office, places, and the term until registration closes; the criteria
    are sealed and change by `ChangeCriteria`, and the last day of registration moves by `ExtendRegistration`.
    """

    programme_id: ProgrammeId
    replaces: int = Field(ge=1, description=REPLACES)
    title: Text | None = Field(default=None, description="title for people")
    places: int | None = Field(default=None, ge=1, le=50_000, description="tandems at a time")
    term: Term | None = Field(default=None, description="when the tandems work")
    registration_closes: dt.date | None = Field(default=None, description="last day of registration; of a draft only")
    opens: dt.date | None = Field(default=None, description="day on which a draft opens by itself")
    by_hand: bool = Field(default=False, description="true: a draft opens on no day by itself any more")
    office: Office | None = Field(default=None, description="the contact for questions")
    criteria: Criteria | None = Field(default=None, description="criteria of the later decision; of a draft only")
    privacy_notice: str | None = Field(
        default=None, min_length=1, max_length=40, description="version of the privacy notice; of a draft only"
    )


class ChangeRules(Command, name="registration.change-rules.v1", senders=("office",)):
    """Change the rules: published at once as a new version, and in force from the next day on.

    One that is coming already is replaced. A draft's rules change at once: nobody has decided under them.
    """

    programme_id: ProgrammeId
    rules: Rules = Field(description="the whole new document")
    replaces: int = Field(ge=1, description=REPLACES)


class ChangeCriteria(Command, name="registration.change-criteria.v1", senders=("office",)):
    """Change the sealed criteria of an open programme, in force from the next day on.

    The first ones and every change stay published with their seals: a report shows a change as a change (P14).
    """

    programme_id: ProgrammeId
    criteria: Criteria = Field(description="the whole new criteria")
    reason: Text = Field(description="why they change; published, and shown in the report")
    replaces: int = Field(ge=1, description=REPLACES)


class ChangePlaces(Command, name="registration.change-places.v1", senders=("office",)):
    """Grant or take back places."""

    programme_id: ProgrammeId
    places: int = Field(ge=1, le=50_000, description="the new number of places")
    replaces: int = Field(ge=1, description=REPLACES)


class ExtendRegistration(Command, name="registration.extend-registration.v1", senders=("office",)):
    """Keep registration open longer; possible while it is open."""

    programme_id: ProgrammeId
    closes: dt.date = Field(description="the new last day, after the one so far and before the term starts")
    replaces: int = Field(ge=1, description=REPLACES)


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


class ProgrammePlan(Event, about="programme/{programme_id}"):
    """What is published of a programme wherever it stands."""

    programme_id: ProgrammeId
    title: Text = Field(description="title for people")
    places: int = Field(description="tandems at a time")
    term: Term = Field(description="when the tandems work")
    registration_closes: dt.date = Field(description="last day of registration")
    office: Office = Field(description="the contact for questions")
    rules: Rules = Field(description="rules of the programme")
    rules_version: int = Field(default=1, ge=1, description="version of the rules, counted from 1 at the opening")
    coming: ComingRules | None = Field(
        default=None, description="the next version of the rules; who decides on its first day or later decides by it"
    )
    criteria: Criteria = Field(description="criteria of the later decision; once it is open those that it opened with")
    criteria_history: tuple[CriteriaVersion, ...] = Field(
        default=(),
        max_length=MOST_CRITERIA,
        description="the criteria that it opened with and every change; of those whose day has come the last ones "
        "hold; empty: not opened yet, or never changed since an earlier release opened it",
    )
    privacy_notice: str = Field(description="version of the privacy notice")


class ProgrammeState(ProgrammePlan):
    """The published state of a programme that was opened."""

    status: Literal["open", "closing", "closed", "running", "ended"] = Field(description="where the programme stands")
    criteria_seal: str = Field(description="SHA-256 of the criteria's canonical JSON, sealed when the programme opened")
    closed_set: ClosedSet | None = Field(default=None, description="whom the registration closed; None while open")
    held_back: ClosedSet | None = Field(
        default=None, description="of those whom it closed, who found no room (`line`); None: all found room"
    )
    gone: tuple[Purpose, ...] = Field(
        default=(), description="purposes whose time is over: whoever keeps data for one of them deletes it"
    )


class ProgrammeOpened(ProgrammeState, name="registration.programme-opened.v1"):
    """A programme was opened."""


class ProgrammeChanged(ProgrammeState, name="registration.programme-changed.v1"):
    """A programme changed: what the office changed of it, that other rules come or hold, or that it runs."""


class RegistrationClosed(ProgrammeState, name="registration.registration-closed.v1"):
    """Registration closed; `closed_set` says whom it closed."""


class ProgrammeEnded(ProgrammeState, name="registration.programme-ended.v1"):
    """The term is over."""
