"""Decisions about who waits from one programme to the next, with their consent and for 24 months at most (P5).

A place is kept when four things meet, in any order: the programme has ended, the person takes part in it, waits on the
reserve list, and consents. Of whom HR says that their last day is over none is kept. Whatever changes one of these
looks at all (`kept_place`). Programmes are only read, since their people must not write them; instead each of these
decisions writes the participant, even unchanged. The job of the end hands a piece for *every* participant: a decision
that read the programme before it ended conflicts with that piece, or came before it and is seen by it.
"""

from typing import NamedTuple

from services.registration.checks import profile_reasons, words
from services.registration.drafts import UNKNOWN
from services.registration.joining import Arrival, ended_for, entered, enters, place_for
from services.registration.load_kept import Kept, id_again, waiting_id
from services.registration.load_waiting import Asked, Over, Rejoining
from services.registration.model import Contact, Programme, ReservePlace, Waiting, last_day
from services.registration.programmes import NOT_OPEN_YET
from services.registration.say import CLOSED, addressed
from services.registration.waiting_jobs import AskAgain, KeepWaiting
from shared.contracts import matching
from shared.contracts import registration as r
from shared.runtime.days import DAY
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start, reason, refuse
from shared.runtime.forwarding import renamed
from shared.runtime.retention import forget


class Place(NamedTuple):
    """What is written, deleted and said when somebody's waiting for the next programme begins or ends.

    `jobs` let go of what was kept for the waiting alone.
    """

    written: tuple[Waiting, ...] = ()
    deleted: tuple[Waiting, ...] = ()
    said: tuple[r.PersonAddressed, ...] = ()
    jobs: tuple[Start, ...] = ()


def kept_place(state: Kept, context: Context) -> Place:
    """What becomes of somebody's place for the next programme, as participant, programme and reserve list are now.

    Of two programmes that ended, the earlier `since` and the later `until` count.
    """
    participant, programme, place, before, waits_with, erased, employment = state
    if participant is None or programme is None:
        return Place()
    mine = before is not None and before.participant == participant.id
    waits = place is not None and place.status == "waiting"
    stays = not erased and (employment is None or not employment.over(context.today))
    agrees = participant.status == "registered" and participant.consents.reserve and stays
    until = last_day(programme.term.ends)
    if place is None or not (programme.is_over and waits and agrees) or until < context.today:
        ended = (before,) if before is not None and mine else ()
        return Place(deleted=ended, jobs=forgotten(programme) if ended else ())
    if mine:
        return Place()
    earliest = [place.since, participant.waiting_since, before.since if before else None]
    latest = max(until, before.until) if before else until
    waiting = Waiting(
        id=waiting_id(context.keyed, participant),
        person=participant.position,
        role=participant.role,
        participant=participant.id,
        since=min(day for day in earliest if day is not None),
        until=latest,
        # How long something is kept is no deadline for an answer: it goes when the day after the last one starts.
        due=latest + DAY,
    )
    told = addressed(participant.id, programme, "place-kept", date=latest)
    return Place(written=(waiting,), said=(told,), jobs=forgotten(waits_with))


def forgotten(programme: Programme | None) -> tuple[Start, ...]:
    """Somebody waits no more with what was kept of them: it goes, if the time of their programme is over."""
    return (forget(programme.id),) if programme is not None and "people" in programme.gone else ()


def know_place(message: matching.ReserveState, state: Kept, context: Context) -> Outcome:
    """Take over somebody's place on the reserve list; newest state wins."""
    before = state.place
    if before is not None and not before.seen < context.seen:
        return NOTHING
    place = ReservePlace(
        id=message.participant_id,
        programme=message.programme_id,
        role=message.role,
        status=message.status,
        since=message.since,
        seen=context.seen,
    )
    if state.participant is None:
        return Decision(state=(place,))
    kept = kept_place(state._replace(place=place), context)
    written = (place, state.participant, *kept.written)
    said = kept.said
    if kept.deleted and state.programme is not None and state.participant.status == "registered":
        # Whoever was promised to be asked again hears that it is over, in words that hold whatever ended it (P9).
        said = (*said, addressed(state.participant.id, state.programme, "place-over", "place-ended"))
    return Decision(state=written, deletes=kept.deleted, messages=said, jobs=kept.jobs)


def keep_waiting(message: KeepWaiting, state: Kept, context: Context) -> Outcome:
    """A programme has ended: keep the place of who waits and agreed to it."""
    if state.participant is None:
        return NOTHING
    kept = kept_place(state, context)
    written = (state.participant, *kept.written)
    return Decision(state=written, deletes=kept.deleted, messages=kept.said, jobs=kept.jobs)


def ask_again(message: AskAgain, state: Asked, context: Context) -> Outcome:
    """A programme has opened: ask who waits, unless they are in it already."""
    waiting, programme, in_it = state
    if waiting is None or programme is None or programme.status != "open" or in_it:
        return NOTHING
    told = addressed(waiting.participant, programme, "asked-again", date=programme.registration_closes)
    # Written unchanged: who asks at this moment to be erased has their place deleted, and is not asked after that.
    return Decision(state=(waiting,), messages=(told,))


def join_again(message: r.JoinAgain, state: Rejoining, context: Context) -> Outcome:
    """Register who waits with their last profile, while registration is open; their place in line goes with them.

    Their personnel key is not known any more, so the new id follows from who they are over all programmes.
    """
    if context.actor != message.participant_id:
        return refuse(reason("participant_id", "not_yours", words("only-yourself")))
    old, waiting, contact, programme = state.kept.participant, state.kept.waiting, state.contact, state.programme
    if programme is None or programme.status == "discarded":
        return refuse(UNKNOWN)
    if programme.is_draft:
        return refuse(NOT_OPEN_YET)
    if state.erased:
        # Only read here: the person, whom this and who asks for the erasure write, shuts the race between them.
        return refuse(reason("participant_id", "erased", words("erased")))
    if ended := ended_for("participant_id", state.kept.employment, context.today):
        return refuse(*ended)
    if old is None or contact is None or waiting is None or waiting.participant != old.id:
        return refuse(reason("participant_id", "not_waiting", words("not-waiting")))
    found = profile_reasons(old.role, old.profile, state.topics, old.profile)
    place = place_for(old.role, state.earlier, both_roles=programme.on(context.today).rules.registration.both_roles)
    if place.taken:
        found.append(reason("programme_id", "already_registered", words("already-registered")))
    if state.guard.closed:
        found.append(CLOSED)
    if message.privacy_notice != programme.privacy_notice:
        text = words("other-privacy-notice", version=programme.privacy_notice)
        found.append(reason("privacy_notice", "other_privacy_notice", text))
    if found:
        return refuse(*found)
    participant = enters(
        place.before,
        id_again(context.keyed, programme.id, old),
        programme=programme.id,
        role=old.role,
        registered_on=context.today,
        profile=renamed(old.profile, state.topics.ends),
        position=old.position,
        reporting_line=old.reporting_line,
        consents=message.consents,
        privacy_notice=message.privacy_notice,
        waiting_since=waiting.since,
    )
    fields = {"display_name": contact.display_name, "mail": contact.mail, "about_me": contact.about_me}
    reached = Contact(id=participant.id, programme=programme.id, **fields)
    arrival = Arrival(participant, reached, state.person, programme, message.releaser_mail, state.kept.employment)
    written, said = entered(arrival, "joined-again", context)
    # The guard fences, as in registering.
    return Decision(
        state=(state.guard, *written), messages=said, deletes=(waiting,), jobs=forgotten(state.kept.programme)
    )


def waited_long_enough(message: DueReached, state: Over, context: Context) -> Outcome:
    """Forget who waited for 24 months, and tell them."""
    waiting, programme = state.waiting, state.programme
    if waiting is None:
        return NOTHING
    if waiting.due is None or message.date < waiting.due:
        return Decision(state=(waiting,))
    told = (addressed(waiting.participant, programme, "place-over"),) if programme is not None else ()
    return Decision(deletes=(waiting,), messages=told, jobs=forgotten(programme))
