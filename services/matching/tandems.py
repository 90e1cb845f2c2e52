"""Decisions about a tandem's end: early and without blame, by somebody's leaving, or by the term."""

import datetime as dt

from services.matching.jobs import LetGoTandem
from services.matching.loaders import TandemOf
from services.matching.model import Tandem
from services.matching.say import addressed, place_free, reasoned, waits, words
from shared.contracts import matching as m
from shared.contracts.base import Contract
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse


def end(message: m.EndTandem, state: TandemOf, context: Context) -> Outcome:
    """End a tandem early; needs no reason (P9), and both are matched again if they like (S16)."""
    tandem = state.tandem
    if tandem is None:
        return refuse(reason("tandem_id", "unknown_tandem", words("unknown-tandem")))
    if context.sender != "office" and context.actor not in (tandem.mentor, tandem.mentee):
        return refuse(reason("tandem_id", "not_yours", words("not-yours")))
    if tandem.status != "running":
        return refuse(reason("tandem_id", "ended", words("ended")))
    return _end(state, tandem, context.today, rematch=message.rematch)


def let_go(message: LetGoTandem, state: TandemOf, context: Context) -> Outcome:
    """One of the two left the programme; the other is free for another tandem."""
    if state.tandem is None or state.tandem.status != "running":
        return NOTHING
    return _end(state, state.tandem, context.today, rematch=True)


def _end(state: TandemOf, tandem: Tandem, on: dt.date, *, rematch: bool) -> Decision:
    ended = tandem.but(status="ended", ends_on=on, due=None)
    written: list[Aggregate] = [ended]
    said: list[Contract] = [m.TandemEnded(**ended.published())]
    for someone, other in ((state.mentor, tandem.mentee), (state.mentee, tandem.mentor)):
        if someone.seat is not None:
            written.append(someone.seat.without(tandem.id, other).but(resting=not rematch))
        if rematch:
            more, told = waits(someone, on, reasoned("tandem_ended"))
            written += more
            said += told
        if state.programme is not None and someone.candidate is not None and someone.candidate.status == "registered":
            said.append(addressed(state.programme, someone.candidate.id, "tandem-ended"))
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
