"""After a programme's end: the archive is offered the records, they go by purpose, the programme is archived.

Every service says when it has carried out what is gone; until all have, they are asked again each day, and on the third
day of that the office is told which have not.
"""

import datetime as dt
from typing import NamedTuple, get_args

from pydantic import BaseModel

from services.registration.carrying_out import ask_again
from services.registration.checks import words
from services.registration.drafts import UNKNOWN
from services.registration.load_retention import offer_sign_id
from services.registration.model import ArchiveOffer, Contact, Participant, Programme
from services.registration.say import needs_office, settle, waits_for_office
from shared.contracts import registration as r
from shared.contracts.parts import Purpose
from shared.contracts.registration.retention import RecordKind
from shared.runtime.attention import Attention
from shared.runtime.days import DAY
from shared.runtime.decision import NOTHING, Context, Decision, Get, Internal, Outcome, Start, reason, refuse
from shared.runtime.table import Reader

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

KEPT: tuple[tuple[Purpose, RecordKind, str], ...] = (
    ("people", "participants", "registration"),
    ("people", "contacts", "registration"),
    ("tandems", "tandems", "matching"),
    ("tandems", "meetings", "scheduling"),
    ("tandems", "agreements", "scheduling"),
    ("answers", "answers", "evaluation"),
)
"""What is kept of a programme: for which purpose, what it is, and the service that keeps it."""


class CountedRecords(Internal):
    """How many records registration keeps of a programme."""

    programme_id: str
    participants: int
    contacts: int


class Offering(NamedTuple):
    """A programme with the archive's offer, and that it waits for the archive."""

    programme: Programme | None
    offer: ArchiveOffer | None
    sign: Attention | None


class Records(BaseModel):
    """What registration keeps of a programme."""

    programme_id: str
    participants: int
    contacts: int


def offering(message: CountedRecords | r.RecordArchiveDecision, get: Get) -> Offering:
    """The programme and the archive's offer."""
    id = message.programme_id
    return Offering(get(Programme, id), get(ArchiveOffer, id), get(Attention, offer_sign_id(id)))


def go_on(programme: Programme, sign: Attention | None, offered: Attention | None, date: dt.date) -> Decision:
    """The next thing that happens to a programme that has ended.

    `sign`: that the office knows who has not deleted; `offered`: that it knows that the archive has not answered.

    Nothing waits for the archive's answer beyond its last day: silence would keep personal data without an end. It was
    asked in time, the office was told, and then its deputy.
    """
    if programme.waits_for_offer:
        asks = programme.quietly(offer_until=date + programme.rules.retention.offer_days * DAY)
        return Decision(state=(asks,), jobs=(Start("offer", programme.id),))
    gone = {*programme.gone, *(purpose for purpose, day in programme.goes_on.items() if day <= date)}
    if len(gone) > len(programme.gone):
        changed = programme.but(gone=tuple(purpose for purpose in PURPOSES if purpose in gone)).to_be_carried_out(date)
        written, said = settle(sign)
        return Decision((changed, *written), (r.RetentionDue(**changed.published()), *said))
    if programme.waits_for and programme.asks_on is not None and date >= programme.asks_on:
        return ask_again(programme, sign, date)
    if len(gone) == len(PURPOSES) and programme.next_of_retention and date >= programme.next_of_retention:
        archived = programme.next(status="archived")
        # Nothing is left that the archive could take, and its answer would be refused.
        written, said = settle(offered)
        return Decision((archived, *written), (r.ProgrammeArchived(**archived.published()), *said))
    return Decision(state=(programme.quietly(),))


async def records(ref: str, read: Reader) -> Records:
    """How many records registration keeps of the programme `ref`."""
    participants, contacts = await read.find(Participant, ref), await read.find(Contact, ref)
    return Records(programme_id=ref, participants=len(participants), contacts=len(contacts))


def count_records(inputs: Records) -> tuple[CountedRecords, ...]:
    """One piece with both figures."""
    return (CountedRecords(**dict(inputs)),)


def offer(message: CountedRecords, state: Offering, context: Context) -> Outcome:
    """Offer the archive the records: kinds and counts. What other services keep is named without a count."""
    programme = state.programme
    if programme is None or programme.offer_until is None or state.offer is not None:
        return NOTHING
    counts = {"participants": message.participants, "contacts": message.contacts}
    what = tuple(
        r.OfferedRecords(
            purpose=purpose, kind=kind, service=service, count=counts.get(kind), goes_on=programme.goes_on[purpose]
        )
        for purpose, kind, service in KEPT
    )
    until = programme.offer_until
    offered = ArchiveOffer(
        id=programme.id,
        programme=programme.id,
        until=until,
        what=what,
        office=programme.office,
        rules_version=programme.on(context.today).rules_version,
    )
    sign = waits_for_office(
        programme,
        offer_sign_id(programme.id),
        context.today,
        what="archive-offer",
        whom=(programme.subject,),
        answered_by=(r.RecordArchiveDecision.name,),
        by=until,
        until=until,
        goes=min(programme.goes_on.values()),
    )
    return Decision(state=(offered, sign), messages=(r.ArchiveOffered(**offered.published()), needs_office(sign)))


def record_archive_decision(message: r.RecordArchiveDecision, state: Offering, context: Context) -> Outcome:
    """Record the archive's answer, also a late or another one, until nothing is left to take."""
    programme, offered, sign = state
    if programme is None or programme.status == "discarded":
        return refuse(UNKNOWN)
    if programme.status == "archived":
        return refuse(reason("programme_id", "archived", words("archived")))
    if offered is None:
        return refuse(reason("programme_id", "not_offered", words("not-offered")))
    decided = offered.but(taken=message.taken)
    written, said = settle(sign)
    return Decision(state=(decided, *written), messages=(r.ArchiveDecided(**decided.published()), *said))
