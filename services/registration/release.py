"""Decisions about the release of somebody's time by their line manager: asked, granted, refused, or silent (S15)."""

from services.registration.checks import words
from services.registration.leaving import left
from services.registration.load_leaving import Leaving
from services.registration.load_release import Silent
from services.registration.model import Participant, Person
from services.registration.release_words import release_settled, silence, unasked
from services.registration.say import ENDED, NOBODY, WITHDRAWN, addressed, needs_office, settle
from shared.contracts import registration as r
from shared.contracts.base import Reason
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse

NOT_ASKED = reason("participant_id", "no_release_asked", words("no-release-asked"))
OWN = reason("participant_id", "not_yours", words("not-your-own-release"))
NO_SUPERIOR = reason("superior", "no_superior", words("no-superior"))
GRANTED = reason("participant_id", "release_granted", words("release-was-granted"))


def grant_release(message: r.GrantRelease, state: Leaving, context: Context) -> Outcome:
    """The time is released: from now on the person may be matched."""
    participant, programme, release = state.participant, state.programme, state.release
    if participant is None or programme is None:
        return refuse(NOBODY)
    if found := _may_not_decide(message, participant, state.person, context):
        return refuse(found)
    if release is None:
        return refuse(NOT_ASKED)
    if participant.status == "withdrawn":
        return refuse(WITHDRAWN)
    if programme.is_over:
        return refuse(ENDED)
    if release.status == "granted":
        return Decision(state=(release,), messages=(release_settled(release),))
    granted, free = release.settled("granted"), participant.next(released=True)
    settled, said = settle(state.silent)
    told = addressed(free.id, programme, "release-granted")
    return Decision(
        state=(granted, free, *settled),
        messages=(release_settled(granted), r.ParticipantChanged(**free.published()), told, *said),
    )


def refuse_release(message: r.RefuseRelease, state: Leaving, context: Context) -> Outcome:
    """The time is not released: the person leaves in order and is told to ask the office; no event tells why."""
    participant, release = state.participant, state.release
    if participant is None:
        return refuse(NOBODY)
    if found := _may_not_decide(message, participant, state.person, context):
        return refuse(found)
    if release is None:
        return refuse(NOT_ASKED)
    if release.status == "granted":
        return refuse(GRANTED)
    if release.status != "asked":
        return Decision(state=(release,), messages=(release_settled(release),))
    refused = release.settled("refused")
    gone = left(state._replace(release=refused), context, "release-refused")
    return Decision(
        state=(refused, *gone.state),
        messages=(release_settled(refused), *gone.messages),
        jobs=gone.jobs,
        deletes=gone.deletes,
    )


def _may_not_decide(
    message: r.GrantRelease | r.RefuseRelease, participant: Participant, person: Person | None, context: Context
) -> Reason | None:
    """Why somebody may not: the office may, and who is in the person's reporting line, but never the person.

    That an actor is the superior whom the portal names is not known here: the portal vouches for it.
    """
    if context.sender == "office":
        return None
    own = {participant.id} | {p.participant for p in (person.participations if person is not None else ())}
    if context.actor in own:
        return OWN
    named = message.superior is not None and context.keyed("position", message.superior) in participant.reporting_line
    return None if named else NO_SUPERIOR


def nobody_answered(message: DueReached, state: Silent, context: Context) -> Outcome:
    """Silence is no refusal: the office takes it over, and the person is told."""
    release, participant, programme, silent = state
    if release is None or participant is None or programme is None:
        return NOTHING
    if release.due is None or message.date < release.due:
        return Decision(state=(release,))
    if release.status != "asked" or participant.status == "withdrawn" or programme.is_over:
        over = release if release.status != "asked" else release.settled("over")
        # Who was admitted in the very moment of the end was not among those whom it told (`told.tell`).
        settled, said = settle(silent)
        return Decision(state=(over.but(due=None), *settled), messages=(release_settled(over), *said))
    if release.releaser_mail is None and silent is not None:
        # Nobody was asked, and the office has heard so at once.
        return Decision(state=(release.but(due=None),))
    if release.releaser_mail is None:
        # Who was asked has been erased since.
        exception = unasked(participant, programme, context.today)
        told = addressed(participant.id, programme, "release-unasked", "release-gone", date=exception.by)
        state_ = (release.but(due=None), participant, exception)
        return Decision(state=state_, messages=(told, needs_office(exception)))
    exception = silence(participant, programme, context.today)
    return Decision(
        # The participant is written, unchanged: who leaves at this moment would leave the exception behind.
        state=(release.but(due=None), participant, exception),
        messages=(addressed(participant.id, programme, "release-silent"), needs_office(exception)),
    )
