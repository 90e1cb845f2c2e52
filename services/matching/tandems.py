"""Decisions about a tandem's end: early and without blame, by somebody's leaving, or by the term."""

import datetime as dt
from collections.abc import Mapping

from services.matching.board import place_free
from services.matching.leaving import LetGoTandem
from services.matching.load_proposals import TandemOf
from services.matching.model import Tandem
from services.matching.reserve import gone, outlook, seat_of, waits
from services.matching.say import addressed, reasoned, words
from shared.contracts import matching as m
from shared.contracts.base import Contract
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse


def end(message: m.EndTandem, state: TandemOf, context: Context) -> Outcome:
    """End a tandem early; needs no reason (P9), and both are matched again if they like (S16).

    Who ends it decides for themself alone whether they want another; the office decides for both.
    """
    tandem = state.tandem
    if tandem is None:
        return refuse(reason("tandem_id", "unknown_tandem", words("unknown-tandem")))
    if context.sender != "office" and context.actor not in (tandem.mentor, tandem.mentee):
        return refuse(reason("tandem_id", "not_yours", words("not-yours")))
    if tandem.status != "running":
        return refuse(reason("tandem_id", "ended", words("ended")))
    ending = (tandem.mentor, tandem.mentee) if context.sender == "office" else (context.actor,)
    return _end(state, tandem, context.today, {str(who): not message.rematch for who in ending})


def let_go(message: LetGoTandem, state: TandemOf, context: Context) -> Outcome:
    """One of the two left the programme; the other is free for another tandem.

    If their leaving was taken back meanwhile (registration was restored), nothing ends.
    """
    if state.tandem is None or state.tandem.status != "running" or not gone(state.mentor, state.mentee):
        return NOTHING
    return _end(state, state.tandem, context.today, {})


def _end(state: TandemOf, tandem: Tandem, on: dt.date, resting: Mapping[str, bool]) -> Decision:
    """End a running tandem; `resting` says of whom it is known that they want no other, or want one again."""
    ended = tandem.but(status="ended", ends_on=on, due=None)
    written: list[Aggregate] = [ended]
    said: list[Contract] = [m.TandemEnded(**ended.published())]
    for someone, who, other in (
        (state.mentor, tandem.mentor, tandem.mentee),
        (state.mentee, tandem.mentee, tandem.mentor),
    ):
        seat = seat_of(someone, who, tandem.programme).without(tandem.id, other)
        seat = seat.but(resting=resting.get(who, seat.resting))
        more, told = waits(someone, seat, on, reasoned("tandem_ended"))
        written += [seat, *more]
        said += told
        if state.programme is not None and someone.candidate is not None and someone.candidate.status == "registered":
            said.append(addressed(state.programme, who, "tandem-ended", outlook=outlook(seat)))
    if state.programme is not None:
        more, told = place_free(state.programme, state.board, tandem.id, on)
        written += more
        said += told
    return Decision(state=tuple(written), messages=tuple(said))


def complete(message: DueReached, state: TandemOf, context: Context) -> Outcome:
    """The term is over: the tandem ran to its end."""
    tandem = state.tandem
    if tandem is None or tandem.status != "running":
        return NOTHING
    done = tandem.but(status="completed", due=None)
    seats = [
        someone.seat.but(tandems=tuple(t for t in someone.seat.tandems if t != tandem.id))
        for someone in (state.mentor, state.mentee)
        if someone.seat is not None
    ]
    said: list[Contract] = [m.TandemCompleted(**done.published())]
    if state.programme is not None:
        said += [addressed(state.programme, who, "completed") for who in (tandem.mentor, tandem.mentee)]
    return Decision(state=(done, *seats), messages=tuple(said))
