"""Decisions about the release of somebody's time by their line manager: asked, granted, refused, or silent (S15)."""

import datetime as dt

from services.registration.checks import words
from services.registration.leaving import left
from services.registration.load_leaving import Leaving, silence_attention
from services.registration.load_release import Silent
from services.registration.model import Participant, Programme
from services.registration.release_words import release_settled
from services.registration.say import ENDED, NOBODY, WITHDRAWN, addressed, needs_office
from shared.contracts import registration as r
from shared.contracts.base import Contract
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse

DAY = dt.timedelta(days=1)
NOT_ASKED = reason("participant_id", "no_release_asked", words("no-release-asked"))
NO_SUPERIOR = reason("superior", "no_superior", words("no-superior"))
GRANTED = reason("participant_id", "release_granted", words("release-was-granted"))


def grant_release(message: r.GrantRelease, state: Leaving, context: Context) -> Outcome:
    """The time is released: from now on the person may be matched."""
    participant, programme, release = state.participant, state.programme, state.release
    if participant is None or programme is None:
        return refuse(NOBODY)
    if not _may_decide(message, participant, context):
        return refuse(NO_SUPERIOR)
    if release is None:
        return refuse(NOT_ASKED)
    if participant.status == "withdrawn":
        return refuse(WITHDRAWN)
    if programme.is_over:
        return refuse(ENDED)
    if release.status == "granted":
        return Decision(state=(release,), messages=(release_settled(release),))
    granted, free = release.settled("granted"), participant.next(released=True)
    settled, said = _answered(state)
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
    if not _may_decide(message, participant, context):
        return refuse(NO_SUPERIOR)
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


def _may_decide(message: r.GrantRelease | r.RefuseRelease, participant: Participant, context: Context) -> bool:
    """The office, or somebody of the person's reporting line, for whom the portal vouches as for every actor."""
    if context.sender == "office":
        return True
    return message.superior is not None and context.keyed("position", message.superior) in participant.reporting_line


def _answered(state: Leaving) -> tuple[list[Aggregate], list[Contract]]:
    if state.silent is None or state.silent.status == "settled":
        return [], []
    settled = state.silent.settled()
    return [settled], [needs_office(settled)]


def nobody_answered(message: DueReached, state: Silent, context: Context) -> Outcome:
    """Silence is no refusal: the office takes it over, and the person is told."""
    release, participant, programme = state
    if release is None or participant is None or programme is None:
        return NOTHING
    if release.due is None or message.date < release.due:
        return Decision(state=(release,))
    if release.status != "asked" or participant.status == "withdrawn" or programme.is_over:
        over = release if release.status != "asked" else release.settled("over")
        return Decision(state=(over.but(due=None),), messages=(release_settled(over),))
    exception = _silence(participant, programme, context.today)
    return Decision(
        # The participant is written, unchanged: who leaves at this moment would leave the exception behind.
        state=(release.but(due=None), participant, exception),
        messages=(addressed(participant.id, programme, "release-silent"), needs_office(exception)),
    )


def _silence(participant: Participant, programme: Programme, today: dt.date) -> Attention:
    by = today + programme.on(today).rules.deadlines.office_days * DAY
    return Attention(
        id=silence_attention(participant.id),
        programme=programme.id,
        what="release-silent",
        whom=(participant.subject,),
        text=words("release-silent", title=programme.title),
        by=by,
        answered_by=(r.GrantRelease.name, r.RefuseRelease.name),
        office=programme.office,
        due=by + 2 * DAY,
    )
