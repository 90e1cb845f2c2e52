"""Somebody for whom a programme with a limit of places had no room, and who may move up later."""

from services.matching.load_people import Someone
from services.matching.model import Candidate, Seat
from services.matching.reserve import Said, waits
from services.matching.say import reasoned
from shared.runtime.decision import Context


def in_line(before: Candidate | None, someone: Someone, seat: Seat, context: Context) -> Said:
    """Who found no room stands on the reserve list, also for the next programme (P5); who moves up keeps their place.

    `before`: as they were known until now; `someone`: with the candidate as they are now.
    """
    candidate = someone.candidate
    was_in = before is None or before.admitted
    if candidate is None or candidate.admitted == was_in or (before is None and candidate.admitted):
        return [], []
    written, said = waits(someone, seat, context.today, reasoned("moved_up" if candidate.admitted else "no_room"))
    # The seats are written unchanged: that they wait hangs on what they hold. The candidate is written by the caller.
    return [*(aggregate for aggregate in written if aggregate != candidate), seat], said
