"""What the office is told of a pause without an end (S15): that somebody pauses, never why."""

import datetime as dt

from services.registration.checks import words
from services.registration.model import Participant, Programme
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.days import DAY
from shared.runtime.ids import derived_id


def pauses_long(participant: Participant, programme: Programme, since: dt.date) -> Attention:
    """The exception that somebody pauses without an end and has not said how it goes on (S15)."""
    ruled = programme.on(since)
    by = since + ruled.rules.deadlines.office_days * DAY
    return Attention(
        id=derived_id("attention", "pause-long", participant.id, since),
        programme=programme.id,
        what="pause-long",
        whom=(participant.subject,),
        text=words("pause-long", title=programme.title),
        by=by,
        answered_by=(r.ResumeParticipation.name, r.PauseParticipation.name, r.Withdraw.name),
        office=programme.office,
        rules_version=ruled.rules_version,
        due=by + 2 * DAY,
    )
