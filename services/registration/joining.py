"""How somebody comes into a programme, by whichever way: under which id, and what is written and said of it. Pure."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from services.registration.checks import words
from services.registration.model import Contact, Employment, Participant, Person, Programme
from services.registration.posts import changed_by, changes, named
from services.registration.release_words import asks_for, release_asked, unasked
from services.registration.say import addressed, needs_office
from shared.contracts import registration as r
from shared.contracts.base import Contract, Reason
from shared.contracts.parts import Side
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import Context, reason


class Place(NamedTuple):
    """Where a person would stand in a programme; `before` is the registration that they left and take up again.

    `taken`: they take part already, and may not do so a second time.
    """

    before: Participant | None
    taken: bool


def place_for(role: Side, earlier: Iterable[Participant], *, both_roles: bool) -> Place:
    """Where somebody would stand who has registered `earlier` in this programme, at most once in each role.

    Who left takes the same registration up again, also in the other role: nothing of them is left that hangs on the
    old one. With `both_roles` each role has a registration of its own.
    """
    known = tuple(earlier)
    same = [participant for participant in known if participant.role == role]
    if both_roles:
        return Place(same[0] if same else None, taken=any(p.status == "registered" for p in same))
    left = [*same, *known]
    return Place(left[0] if left else None, taken=any(p.status == "registered" for p in known))


def enters(before: Participant | None, id: str, **fields: object) -> Participant:
    """The participant who comes, or comes again: then the sequence goes on, and an earlier place in line is over."""
    if before is None:
        return Participant.model_validate({"id": id, "said": 1, **fields})
    return before.next(**{"status": "registered", "admitted": True, "waiting_since": None, **fields})


class Arrival(NamedTuple):
    """Who comes to a programme, how to reach them, who they are over all programmes, and who releases their time.

    `employment` is what HR has said of them.
    """

    participant: Participant
    contact: Contact
    person: Person | None
    programme: Programme
    releaser_mail: str | None
    employment: Employment | None


def ended_for(field: str, employment: Employment | None, today: dt.date) -> tuple[Reason, ...]:
    """Why somebody does not come of whom HR says that their last day is over; `field` is what names them."""
    if employment is None or not employment.over(today):
        return ()
    return (reason(field, "employment_ended", words("employment-ended")),)


def _as_hr_knows(arrival: Arrival) -> tuple[Participant, tuple[r.PersonAddressed, ...]]:
    """Who comes with what HR knows better, whatever was brought; they are told which fields are other (P10)."""
    participant, employment = arrival.participant, arrival.employment
    found = changes(participant, employment.post, employment.post.reporting_line) if employment is not None else {}
    if not found:
        return participant, ()
    told = addressed(participant.id, arrival.programme, "hr-changed", "hr-knows", fields=named(found))
    return changed_by(participant, found), (told,)


def entered(arrival: Arrival, topic: str, context: Context) -> tuple[tuple[Aggregate, ...], tuple[Contract, ...]]:
    """What is written and said of who has come: `topic` are the words for them.

    Where the programme's rules ask the line manager first, nobody is matched before they release the time.
    """
    _, contact, person, programme, mail, _ = arrival
    participant, otherwise = _as_hr_knows(arrival)
    today = context.today
    ruled = programme.on(today)
    asks = ruled.rules.registration.release_by_manager
    participant = participant.but(released=not asks, rules_version=ruled.rules_version)
    known = (person or Person(id=participant.position)).joins(participant)
    welcome = addressed(participant.id, programme, topic, version=participant.privacy_notice)
    came = (r.ParticipantRegistered(**participant.published()), r.ContactRecorded(**contact.published()))
    said = (*came, welcome, *otherwise)
    if not asks:
        return (participant, known, contact), said
    release = asks_for(participant, programme, mail, today, context.keyed)
    if mail is None:
        exception = unasked(participant, programme, today)
        waits = addressed(participant.id, programme, "release-unasked", date=exception.by)
        written = (participant, known, contact, release, exception)
        return written, (*said, release_asked(release), waits, needs_office(exception))
    waits = addressed(participant.id, programme, "release-waits", date=release.answer_by)
    return (participant, known, contact, release), (*said, release_asked(release), waits)
