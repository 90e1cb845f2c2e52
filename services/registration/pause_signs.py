"""What the office is told of a pause without an end (S15): that somebody pauses, never why."""

import datetime as dt

from services.registration.model import Participant, Programme
from services.registration.say import waits_for_office
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.ids import derived_id


def pauses_long(participant: Participant, programme: Programme, since: dt.date) -> Attention:
    """The exception that somebody pauses without an end and has not said how it goes on (S15)."""
    return waits_for_office(
        programme,
        derived_id("attention", "pause-long", participant.id, since),
        since,
        what="pause-long",
        whom=(participant.subject,),
        answered_by=(r.ResumeParticipation.name, r.PauseParticipation.name, r.Withdraw.name),
    )
