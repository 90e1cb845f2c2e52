"""After a programme's end: the archive's offer, the days on which data goes, the archived programme."""

import datetime as dt
from typing import Literal

from pydantic import Field

from shared.contracts.base import Command, Event, Office, Part
from shared.contracts.parts import RULES_VERSION, ProgrammeId, Purpose
from shared.contracts.registration.programmes import ProgrammePlan, ProgrammeState

RETAINING = ("evaluation", "matching", "registration", "scheduling")
"""The services that must say `RetentionCarriedOut` of every purpose before a programme is archived."""

RecordKind = Literal["participants", "contacts", "tandems", "meetings", "agreements", "answers"]


class RetentionDue(ProgrammeState, name="registration.retention-due.v1"):
    """The time of a purpose is over: every service deletes what it keeps for the purposes in `gone`, and says so.

    Said again each day until all have.
    """


class ProgrammeArchived(ProgrammePlan, name="registration.programme-archived.v1"):
    """Every service has deleted what it kept of people; what remains of the programme names nobody.

    Who agreed to be asked again when a new programme opens stays for that, in registration alone, 24 months at most.
    """

    status: Literal["archived"] = Field(description="where the programme stands")
    criteria_seal: str = Field(description="SHA-256 of the criteria's canonical JSON, sealed when the programme opened")
    gone: tuple[Purpose, ...] = Field(description="purposes whose time is over: all")


class OfferedRecords(Part):
    """One kind of records that the archive is offered."""

    purpose: Purpose = Field(description="what they are kept for, and with it the day on which they go")
    kind: RecordKind = Field(description="what they are")
    service: str = Field(description="the service that keeps them")
    count: int | None = Field(description="how many; null: another service than registration knows")
    goes_on: dt.date = Field(description="the day on which they go")


class ArchiveOfferState(Event, about="archive-offer/{programme_id}"):
    """The published state of an offer to the archive: kinds and counts, nothing of anybody."""

    programme_id: ProgrammeId
    until: dt.date = Field(description="last day for the archive's answer; no record goes before it is over")
    what: tuple[OfferedRecords, ...] = Field(description="what is offered")
    taken: bool | None = Field(description="whether the archive takes it; null: it has not answered")
    office: Office = Field(description="the contact for questions")
    rules_version: int = Field(default=1, ge=1, description=RULES_VERSION)


class ArchiveOffered(ArchiveOfferState, name="registration.archive-offered.v1"):
    """The archive is offered a programme's records before they go."""


class ArchiveDecided(ArchiveOfferState, name="registration.archive-decided.v1"):
    """The archive has answered."""


class RecordArchiveDecision(Command, name="registration.record-archive-decision.v1", senders=("office",)):
    """Record what the archive answered. Records go on their day either way: what it takes, it has fetched by then."""

    programme_id: ProgrammeId
    taken: bool = Field(description="whether the archive takes the records")
