"""Decisions about the reserve list: who waits, who was left out, who comes back (P5)."""

import datetime as dt

from services.matching.jobs import LeaveOut
from services.matching.loaders import LeftOut, Someone
from services.matching.model import Programme, Reserve, Seat
from services.matching.say import addressed, reasoned, words
from shared.contracts import matching as m
from shared.contracts.base import Contract, Text
from shared.contracts.parts import Reasoned
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, reason, refuse

Said = tuple[list[Aggregate], list[Contract]]


def seat_of(someone: Someone, id: str, programme: str | None) -> Seat:
    """Somebody's seats, also before anything was ever promised to them."""
    return someone.seat or Seat(id=id, programme=programme)


def waits(someone: Someone, seat: Seat, since: dt.date, reason: Reasoned) -> Said:
    """Put who has nobody on the reserve list; who waits already keeps their place in line and has a newer reason (P5).

    `seat` is what they hold after the decision. Who holds anything, rests or has left does not wait. The candidate is
    written, unchanged: who leaves at this moment conflicts with this, else somebody who left would wait for ever; and
    who takes part again at this moment, else they would vanish.
    """
    candidate, _, reserve = someone
    if candidate is None or seat.resting or not seat.empty:
        return [], []
    if candidate.status == "withdrawn":
        return [candidate], []
    if reserve is not None and reserve.status == "waiting":
        listed = reserve.but(reason=reason)
    else:
        listed = Reserve(
            id=candidate.id, programme=candidate.programme, role=candidate.role, since=since, reason=reason
        )
    return [candidate, listed], [m.ReserveListed(**listed.published())]


def waits_and_hears(someone: Someone, seat: Seat, programme: Programme, since: dt.date, why: Reasoned) -> Said:
    """Put who has nobody on the reserve list and tell them why."""
    written, said = waits(someone, seat, since, why)
    if said:
        said.append(addressed(programme, seat.id, "reserve", reason=why.text))
    return written, said


def waits_no_more(someone: Someone) -> Said:
    """Take somebody off the reserve list."""
    reserve = someone.reserve
    if reserve is None or reserve.status != "waiting":
        return [], []
    left = reserve.but(status="left")
    return [left], [m.ReserveLeft(**left.published())]


def outlook(seat: Seat) -> Text:
    """What becomes of somebody whose proposal or tandem ended."""
    if seat.resting:
        return words("rests")
    return words("waits") if seat.empty else words("goes-on")


def leave_out(message: LeaveOut, state: LeftOut, context: Context) -> Outcome:
    """Somebody found no partner in a round: they stand on the reserve list, and are told why each time (P5)."""
    round_, programme, someone = state
    if round_ is None or programme is None:
        return NOTHING
    seat = seat_of(someone, message.participant_id, round_.programme)
    written, said = waits_and_hears(someone, seat, programme, round_.opened_on, message.reason)
    # Written unchanged: that they wait, or do not, hangs on what they hold.
    return Decision(state=(*written, seat), messages=tuple(said))


def come_back(message: m.ReturnToReserve, someone: Someone, context: Context) -> Outcome:
    """Somebody who wanted no other tandem wants one again (S16)."""
    candidate, seat, _ = someone
    if candidate is None:
        return refuse(reason("participant_id", "unknown_participant", words("unknown-participant")))
    found = []
    if context.sender != "office" and context.actor != candidate.id:
        found.append(reason("participant_id", "not_yours", words("not-yours")))
    if candidate.status == "withdrawn":
        found.append(reason("participant_id", "withdrawn", words("withdrawn")))
    elif seat is None or not seat.resting:
        found.append(reason("participant_id", "not_resting", words("not-resting")))
    elif not seat.empty:
        found.append(reason("participant_id", "has_somebody", words("has-somebody")))
    if found or seat is None:
        return refuse(*found)
    woken = seat.but(resting=False)
    written, said = waits(someone, woken, context.today, reasoned("came_back"))
    return Decision(state=(woken, *written), messages=tuple(said))
