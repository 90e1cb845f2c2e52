"""Until every service has deleted what a programme keeps no more: asking again each day, and telling the office."""

import datetime as dt

from services.registration.load_retention import Carrying, open_id
from services.registration.model import Programme
from services.registration.say import needs_office, replayed_by, settle, waits_for_office
from shared.contracts import registration as r
from shared.contracts.base import RetentionCarriedOut
from shared.runtime.attention import Attention
from shared.runtime.days import DAY
from shared.runtime.decision import NOTHING, Context, Decision, Outcome

PATIENCE = 3 * DAY
"""So long after the services were asked first the office is told who has not deleted."""


def ask_again(programme: Programme, sign: Attention | None, date: dt.date) -> Decision:
    """Ask the services again that have not carried it out; those that have find nothing, and say so once more."""
    asked = programme.next(asks_on=date + DAY)
    again = r.RetentionDue(**asked.published())
    known = sign is not None and sign.status != "settled"
    if known or programme.asked_on is None or date < programme.asked_on + PATIENCE:
        return Decision((asked,), (again,))
    told = waits_for_office(
        programme,
        open_id(programme.id),
        date,
        what="retention-open",
        whom=(programme.subject,),
        answered_by=replayed_by(programme.waits_for),
        date=programme.asked_on,
        services=", ".join(programme.waits_for),
    )
    return Decision((asked, told), (again, needs_office(told)))


def carried_out(message: RetentionCarriedOut, state: Carrying, context: Context) -> Outcome:
    """A service has deleted what is kept no more; one that was asked for less than is gone by now goes on."""
    programme = state.programme
    if programme is None or message.service not in programme.waits_for:
        return NOTHING
    if not set(programme.gone) <= set(message.purposes):
        return NOTHING
    left = tuple(service for service in programme.waits_for if service != message.service)
    if left:
        return Decision(state=(programme.quietly(waits_for=left),))
    written, said = settle(state.sign)
    return Decision(state=(programme.quietly(waits_for=(), asks_on=None), *written), messages=tuple(said))
