"""Somebody who comes after the close: the office alone may admit them."""

from services.registration.checks import words
from services.registration.drafts import UNKNOWN
from services.registration.joining import Arrival, entered, place_for
from services.registration.load_people import Registering
from services.registration.participants import newcomer, registration_reasons, waits_no_more
from services.registration.programmes import NOT_OPEN_YET
from shared.contracts import registration as r
from shared.runtime.decision import Context, Decision, Outcome, reason, refuse

OPEN = reason("programme_id", "still_open", words("still-open"))
COUNTING = reason("programme_id", "closing", words("closing"))
OVER = reason("programme_id", "ended", words("ended"))


def admit_late(message: r.AdmitLate, state: Registering, context: Context) -> Outcome:
    """Admit somebody after the close: a candidate from the next round on, in no closed set.

    While the closed set is being counted nobody comes: they would be counted in or not, as it falls. Once it is counted
    it stands, so no guard is needed; who comes is `late`, and readers leave them out where they compare it. Somebody of
    the set who had left and is admitted again is not late. The programme is only read: who is admitted in the moment of
    its end has registered for nothing, like who was the day before.
    """
    programme = state.programme
    if programme is None or programme.status == "discarded":
        return refuse(UNKNOWN)
    if programme.is_draft:
        return refuse(NOT_OPEN_YET)
    found = registration_reasons(message, message.role, state, context)
    if programme.closed_set is None:
        found.append(COUNTING if programme.status == "closing" else OPEN)
    elif programme.is_over:
        found.append(OVER)
    both = programme.on(context.today).rules.registration.both_roles
    before = place_for(message.role, state.earlier, both_roles=both).before
    if before is not None and before.role != message.role:
        # Proposals and tandems may know them in the other one.
        found.append(reason("role", "other_role", words("other-role")))
    if found:
        return refuse(*found)
    participant, contact = newcomer(message, message.role, state, programme, context)
    known = {participant.id for participant in state.earlier}
    admitted = participant if participant.id in known else participant.but(late=True)
    arrival = Arrival(admitted, contact, state.person, programme, message.releaser_mail, state.employment)
    written, said = entered(arrival, "admitted-late", context)
    waiting, jobs = waits_no_more(message.role, state)
    return Decision(state=written, messages=said, deletes=waiting, jobs=jobs)
