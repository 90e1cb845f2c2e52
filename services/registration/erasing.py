"""Decisions about erasing a person in every service (Art. 17 GDPR).

They leave at once, so that tandems end in order. On the next day, when that has gone round, every service is told to
erase them, and again each day until all have confirmed; on the third day of that the office is told.
"""

import datetime as dt

from services.registration.checks import words
from services.registration.leaving import left
from services.registration.load_erasing import Erasing, Pending
from services.registration.model import Erasure, Programme
from services.registration.model.hr import takes_part
from services.registration.model.release import address_id
from services.registration.say import NOBODY, addressed, needs_office, replayed_by, settle, waits_for_office
from shared.contracts import registration as r
from shared.contracts.base import Participation, PeopleErased
from shared.contracts.registration import ERASING
from shared.runtime.attention import Attention
from shared.runtime.days import DAY
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse
from shared.runtime.ids import derived_id

PATIENCE = 3 * DAY
"""So long after the first order the office is told who has not confirmed."""


def erase_person(message: r.ErasePerson, state: Erasing, context: Context) -> Outcome:
    """Begin to erase somebody: they leave every programme at once, wait for no other, and hear what happens next.

    Asked again while it is under way, the same is answered. Somebody may register anew meanwhile: that is another
    participation, which is erased when it is asked for. Of whom nothing but an id is left here nobody knows how to
    reach them: the answer is all that they hear.
    """
    person, erasure, asked_as = state.person, state.erasure, message.participant_id
    if person is None:
        return refuse(NOBODY)
    if context.sender != "office" and context.actor not in {p.participant for p in person.participations}:
        return refuse(reason("participant_id", "not_yours", words("not-yours")))
    covered = erasure.ids if erasure else frozenset[str]()
    if erasure is not None and asked_as in covered:
        return Decision(state=(erasure,), messages=(r.ErasureRequested(**erasure.published()),))
    asked = Erasure(
        id=context.derive("erasure"),
        people=tuple(p for p in person.participations if p.participant not in covered),
        # Of who left no contact is changed any more (`contacts.py`), so that these are the last ones.
        addresses=tuple(sorted({address_id(contact.mail, context.keyed) for contact in state.contacts})),
        requested_on=context.today,
        due=context.today + DAY,
    )
    new = [(p, p.participant, p.programme) for p in state.places if p.participant and p.participant.id not in covered]
    going = [place for place, who, programme in new if who and programme and takes_part(who, programme)]
    decided = [left(place, context, "erasure-requested") for place in going]
    said = [message for one in decided for message in one.messages]
    waiting = {kept.waiting.id: kept.waiting for kept in (place.kept for place in state.places) if kept.waiting}
    # Whose programme is over is written unchanged: a place that is kept for them at this moment conflicts with this.
    stays = [who for place, who, _ in new if who and who.status == "registered" and place not in going]
    told = {message.to for message in said if isinstance(message, r.PersonAddressed)}
    reached = {who.id: programme for _, who, programme in new if programme is not None}
    by = asked_as if asked_as in reached else min(reached, default=None)
    if by is not None and by not in told:
        said.append(addressed(by, reached[by], "erasure-requested"))
    return Decision(
        state=(asked, person.but(erasure=asked.id), *stays, *(a for one in decided for a in one.state)),
        messages=(r.ErasureRequested(**asked.published()), *said),
        jobs=tuple(job for one in decided for job in one.jobs),
        deletes=tuple(waiting.values()),
    )


def date_reached(message: DueReached, state: Pending, context: Context) -> Outcome:
    """Tell every service whom to erase, also those that have confirmed: what arrived since is found then."""
    erasure = state.erasure
    if erasure is None or erasure.status == "erased":
        return NOTHING
    people = tuple(Participation(programme_id=p.programme, participant_id=p.participant) for p in erasure.people)
    ordered = r.ErasureOrdered(erasure_id=erasure.id, people=people, addresses=erasure.addresses)
    erasure = erasure.but(due=message.date + DAY)
    missing = [service for service in ERASING if service not in erasure.confirmed]
    if erasure.told or state.programme is None or message.date < erasure.requested_on + DAY + PATIENCE:
        return Decision(state=(erasure,), messages=(ordered,))
    attention = _open(erasure, state.programme, missing, message.date)
    return Decision(state=(erasure.but(told=attention.id), attention), messages=(ordered, needs_office(attention)))


def _open(erasure: Erasure, programme: Programme, missing: list[str], since: dt.date) -> Attention:
    """The exception that an erasure is not done; it names no person."""
    return waits_for_office(
        programme,
        derived_id("attention", "erasure-open", erasure.id),
        since,
        what="erasure-open",
        whom=(erasure.subject,),
        answered_by=replayed_by(missing),
        date=erasure.requested_on,
        services=", ".join(missing),
    )


def confirm(message: PeopleErased, state: Pending, context: Context) -> Outcome:
    """A service has erased them; when all have, only the proof is left, which names nobody."""
    erasure = state.erasure
    if erasure is None or erasure.status == "erased":
        return NOTHING
    confirmed = tuple(sorted({*erasure.confirmed, message.service}))
    if not set(ERASING) <= set(confirmed):
        return Decision(state=(erasure.but(confirmed=confirmed),))
    done = erasure.but(confirmed=confirmed, people=(), addresses=(), status="erased", erased_on=context.today, due=None)
    settled, said = settle(state.attention)
    return Decision(state=(done, *settled), messages=(r.PersonErased(**done.published()), *said))
