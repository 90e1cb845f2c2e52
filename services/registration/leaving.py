"""How somebody leaves a programme, for whatever reason: in order, in neutral words, with all that waited for them."""

from services.registration.load_leaving import Leaving
from services.registration.programmes import let_in
from services.registration.release_words import no_longer_asked
from services.registration.say import NOBODY, addressed, not_yours
from services.registration.waiting import kept_place
from shared.contracts import registration as r
from shared.runtime.decision import Context, Decision, Outcome, refuse


def withdraw(message: r.Withdraw, state: Leaving, context: Context) -> Outcome:
    """Leave the programme at any time; no reason is asked."""
    if state.participant is None or state.programme is None or state.guard is None:
        return refuse(NOBODY)
    if found := not_yours(state.participant, context):
        return refuse(*found)
    return left(state, context)


def left(state: Leaving, context: Context, words_for: str = "withdrew") -> Decision:
    """Whatever the cause, somebody leaves a programme in the same way; only the words to them differ (P9).

    No event tells why, not even by the topic of the words. Of who is not known nothing is said; who has left before is
    said again.
    """
    programme, guard, participant, kept, *_ = state
    if participant is None or programme is None or guard is None:
        return Decision()
    if participant.status == "withdrawn":
        again = participant.next()
        return Decision(state=(again,), messages=(r.ParticipantWithdrew(**again.published()),))
    gone = participant.takes_part_again(context.today).next(status="withdrawn")
    event = r.ParticipantWithdrew(**gone.published())
    place = kept_place(kept._replace(participant=gone), context)
    ended, said = no_longer_asked(state.release, state.silent, state.pauses)
    return Decision(
        state=(guard, gone, *ended),
        messages=(event, addressed(gone.id, programme, "withdrew", words_for), *said),
        jobs=(*let_in(programme), *place.jobs),
        deletes=place.deleted,
    )
