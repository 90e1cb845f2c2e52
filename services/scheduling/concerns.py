"""What scheduling holds of people, and what is left of it without them.

A tandem and its meetings stay for the partner and for the report, without the person. What both agreed on goes:
it is one text of two people, and nobody can tell apart who wrote what.
"""

from collections.abc import Mapping
from typing import Any

from services.scheduling.agreements.model import Agreement, FormerAgreement
from services.scheduling.availability.model import Absences, BusyTimes, UnreadCalendar, shown
from services.scheduling.gatherings.model import Agenda, Attendance, Gathering, Guest, KickOff
from services.scheduling.invitations import decisions as inviting
from services.scheduling.invitations.model import AnswersTold, Invitation
from services.scheduling.model import (
    BETWEEN_THE_TWO,
    Days,
    Delegate,
    Diary,
    Meeting,
    Pair,
    Participant,
    Plan,
    Programme,
    TandemSigns,
)
from services.scheduling.places.model import RoomDay
from shared.contracts.parts import NOBODY
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import Get
from shared.runtime.table import Concerns, all_of_it, nothing_shown

People = frozenset[str]


def _nobody(told: tuple[str, ...], people: People) -> tuple[str, ...]:
    return tuple(NOBODY if who in people else who for who in told)


def _named(aggregate: Pair | Meeting, people: People) -> dict[str, str]:
    mentor, mentee = _nobody(aggregate.people, people)
    return {"mentor": mentor, "mentee": mentee}


def pair_without(pair: Pair, people: People) -> Pair:
    """A tandem with its meetings; nobody is missed in it any more."""
    return pair.but(due=None, **_named(pair, people))


def meeting_without(meeting: Meeting, people: People) -> Meeting:
    """A meeting, which is said again as it is now; that somebody accepted it or said something of it stays."""
    told = {name: _nobody(getattr(meeting, name), people) for name in BETWEEN_THE_TWO}
    return meeting.next(**_named(meeting, people), **told)


def _own_meeting(meeting: Meeting, people: People) -> Mapping[str, Any] | None:
    """A meeting with what oneself said of it; what the other said is theirs, and so is whether they are there then."""
    told = {name: any(who in people for who in getattr(meeting, name)) for name in BETWEEN_THE_TWO}
    shown = {**all_of_it(meeting, people), **told}
    del shown["by_silence"]
    return shown


def delegate_without(delegate: Delegate, people: People) -> Delegate | None:
    """Others' delegates, that are not one of them."""
    return None if delegate.id in people else delegate.but(delegate=None)


def _own_delegate(delegate: Delegate, people: People) -> Mapping[str, Any] | None:
    return all_of_it(delegate, people) if delegate.id in people else None


def _agreement_of(pair: Pair, get: Get) -> tuple[tuple[Aggregate, None], ...]:
    """Also one that an earlier release recorded, without whose it is."""
    agreement = get(Agreement, pair.id)
    return ((agreement, None),) if agreement is not None else ()


def _own_agreement(agreement: Agreement | FormerAgreement, people: People) -> Mapping[str, Any]:
    """What the two agreed on, and whether oneself has confirmed it; whether the other has is theirs."""
    shown = dict(all_of_it(agreement, people))
    del shown["people"]
    if isinstance(agreement, Agreement):
        shown["confirmed_by"] = any(who in people for who in agreement.confirmed_by)
    return shown


CONCERNS = (
    Concerns(Participant, lambda participant: {participant.id}),
    Concerns(Attendance, lambda attendance: {attendance.id}),
    Concerns(Guest, lambda guest: {guest.participant}),
    Concerns(
        Delegate,
        lambda delegate: {delegate.id, delegate.delegate} - {None},
        delegate_without,
        shows=_own_delegate,
    ),
    Concerns(BusyTimes, lambda times: {times.id}, shows=lambda times, people: shown(times)),
    Concerns(UnreadCalendar, lambda unread: {unread.person}, shows=nothing_shown),
    Concerns(Absences, lambda absences: {absences.id}),
    Concerns(Diary, lambda diary: {diary.id}),
    # Digests, which tell nobody anything.
    Concerns(AnswersTold, lambda told: {told.id}, shows=nothing_shown),
    Concerns(Agreement, lambda agreement: set(agreement.people), shows=_own_agreement),
    Concerns(FormerAgreement, lambda former: set(former.people), shows=_own_agreement),
    Concerns(Pair, lambda pair: set(pair.people), pair_without, also=_agreement_of),
    Concerns(Meeting, lambda meeting: set(meeting.people), meeting_without, shows=_own_meeting),
    # Shown with its meeting.
    Concerns(Invitation, lambda invitation: set(invitation.people), inviting.without, shows=nothing_shown),
)
IMPERSONAL = (Days, Programme, KickOff, Gathering, Agenda, Plan, RoomDay, TandemSigns)
"""What names nobody."""
