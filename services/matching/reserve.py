"""Decisions about the reserve list: who waits, who was left out, who comes back (P5)."""

import datetime as dt

from services.matching.load_people import LeftOut, Returning, Someone
from services.matching.model import Programme, Reserve, Seat
from services.matching.say import addressed, words
from services.matching.solution import LeaveOut
from shared.contracts import matching as m
from shared.contracts.base import Contract, Text
from shared.contracts.parts import Reasoned
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, reason, refuse

Said = tuple[list[Aggregate], list[Contract]]


def seat_of(someone: Someone, id: str, programme: str | None) -> Seat:
    """Somebody's seats, also before anything was ever promised to them."""
    return someone.seat or Seat(id=id, programme=programme)


def gone(*people: Someone) -> bool:
    """Whether one of them has left the programme."""
    return any(someone.candidate is not None and someone.candidate.status == "withdrawn" for someone in people)


def waits(someone: Someone, seat: Seat, since: dt.date, reason: Reasoned) -> Said:
    """Put who has nobody on the reserve list; who waits already keeps their place in line and has a newer reason (P5).

    Who is listed for the first time and has waited since an earlier programme is listed with that day.

    `seat` is what they hold after the decision. Who holds anything or has left does not wait. Who rests is listed like
    anybody else: were they not, the list would tell who of a tandem ended it (P9). The candidate is written, unchanged:
    who leaves at this moment conflicts with this, else somebody who left would wait for ever; and who takes part again
    at this moment, else they would vanish, or lose what they hold.
    """
    candidate, _, reserve = someone
    if candidate is None:
        return [], []
    if candidate.status == "withdrawn" or not seat.empty:
        return [candidate], []
    if reserve is not None and reserve.status == "waiting":
        listed = reserve.but(reason=reason)
    else:
        if reserve is None and candidate.waiting_since is not None:
            since = min(since, candidate.waiting_since)
        listed = Reserve(
            id=candidate.id, programme=candidate.programme, role=candidate.role, since=since, reason=reason
        )
    return [candidate, listed], [m.ReserveListed(**listed.published())]


def waits_and_hears(
    someone: Someone, seat: Seat, programme: Programme, since: dt.date, why: Reasoned, today: dt.date
) -> Said:
    """Put who has nobody on the reserve list and tell them why.

    Who rests or pauses asked for nobody and hears nothing; who pauses keeps their place in line.
    """
    written, said = waits(someone, seat, since, why)
    pauses = someone.candidate is not None and someone.candidate.pauses(today)
    if said and not seat.resting and not pauses:
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
    if round_ is None or programme is None or programme.status == "ended":
        return NOTHING
    seat = seat_of(someone, message.participant_id, round_.programme)
    written, said = waits_and_hears(someone, seat, programme, round_.opened_on, message.reason, context.today)
    # Written unchanged: that they wait, or do not, hangs on what they hold.
    return Decision(state=(*written, seat), messages=tuple(said))


def come_back(message: m.ReturnToReserve, state: Returning, context: Context) -> Outcome:
    """Somebody who wanted no other tandem wants one again, also beside one that runs (S16): the next round looks.

    The answer is private and the same for who never rested, and on the reserve list nothing changes: a reader must not
    learn from it who of a tandem had ended it (P9). Their place in line for the rounds begins anew today.
    """
    candidate, programme, board = state.someone.candidate, state.programme, state.board
    if candidate is None:
        return refuse(reason("participant_id", "unknown_participant", words("unknown-participant")))
    found = []
    if context.sender != "office" and context.actor != candidate.id:
        found.append(reason("participant_id", "not_yours", words("not-yours")))
    if candidate.status == "withdrawn":
        found.append(reason("participant_id", "withdrawn", words("withdrawn")))
    if found:
        return refuse(*found)
    taken = m.ReturnTaken(participant_id=candidate.id)
    seat = seat_of(state.someone, candidate.id, candidate.programme)
    if not seat.resting:
        return Decision(state=(seat,), messages=(taken,))
    woken = seat.but(resting=False, back_on=context.today)
    # The candidate is written too: who leaves at this moment conflicts with this.
    written: list[Aggregate] = [woken, candidate]
    if (
        programme is not None
        and board is not None
        and woken.free(candidate, context.today)
        and not programme.over(context.today)
    ):
        written.append(board.freed(context.today))
    return Decision(state=tuple(written), messages=(taken,))
