"""Drafts: a programme before it opens."""

import datetime as dt
from typing import Literal

from pydantic import Field

from shared.contracts.base import Command, Office, Text
from shared.contracts.parts import Criteria, ProgrammeId, Rules, Term
from shared.contracts.registration.programmes import REPLACES, ProgrammePlan


class DraftProgramme(Command, name="registration.draft-programme.v1", senders=("office",)):
    """Prepare a programme; what is left out is taken from the one that it copies, as a new wave of it."""

    programme_id: ProgrammeId
    copies: ProgrammeId | None = Field(default=None, description="the programme that it copies; null: none")
    title: Text | None = Field(default=None, description="title for people")
    places: int | None = Field(
        default=None, ge=1, le=50_000, description="how many tandems the programme may have at a time"
    )
    term: Term = Field(description="when the tandems work")
    registration_closes: dt.date = Field(description="last day of registration, before the term starts")
    opens: dt.date | None = Field(
        default=None, description="day on which it opens by itself, after today; null: the office opens it"
    )
    office: Office | None = Field(default=None, description="the contact for questions (S19)")
    rules: Rules | None = Field(default=None, description="rules of the programme; without a copy: as by default")
    criteria: Criteria | None = Field(
        default=None, description="criteria of the later decision; without a copy: as by default"
    )
    privacy_notice: str | None = Field(
        default=None, min_length=1, max_length=40, description="version of the privacy notice to be read"
    )


class OpenDraft(Command, name="registration.open-draft.v1", senders=("office",)):
    """Open a draft as it stands, today."""

    programme_id: ProgrammeId
    replaces: int = Field(ge=1, description=REPLACES)


class DiscardDraft(Command, name="registration.discard-draft.v1", senders=("office",)):
    """Give a draft up; its id is free again."""

    programme_id: ProgrammeId
    replaces: int = Field(ge=1, description=REPLACES)


class ProgrammeDrafted(ProgrammePlan, name="registration.programme-drafted.v1"):
    """A programme is being prepared, or its draft changed; its criteria are not sealed yet."""

    status: Literal["draft"] = Field(description="where the programme stands")
    opens: dt.date | None = Field(description="day on which it opens by itself; null: the office opens it")


class ProgrammeDiscarded(ProgrammePlan, name="registration.programme-discarded.v1"):
    """A draft was given up."""

    status: Literal["discarded"] = Field(description="where the programme stands")
