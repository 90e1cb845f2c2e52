"""Decisions about a programme's rounds, one after the other: what opens one, what closes it, what frees a place."""

import datetime as dt

from services.matching.ids import round_id
from services.matching.load_proposals import ProposalOf
from services.matching.load_rounds import Starting
from services.matching.model import Board, Programme, Round
from services.matching.say import attention, needs_office, words
from shared.contracts import matching as m
from shared.contracts.base import Contract
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start, reason, refuse

Said = tuple[list[Aggregate], list[Contract]]

OVER = reason("programme_id", "programme_ended", words("programme-ended"))


def start_round(message: m.StartRound, state: Starting, context: Context) -> Outcome:
    """Start another round for who has no tandem and the places that are free (S16)."""
    programme, board, asks = state
    if programme is None:
        return refuse(reason("programme_id", "unknown_programme", words("unknown-programme")))
    if programme.over(context.today):
        return refuse(OVER)
    if programme.closed_set is None or board is None:
        return refuse(reason("programme_id", "registration_open", words("registration-open")))
    if board.open is not None:
        return refuse(reason("programme_id", "round_open", words("round-open")))
    return _open(programme, board, asks, context.today)


def next_round(message: DueReached, state: Starting, context: Context) -> Outcome:
    """A proposal's end freed a place: the next best are proposed without anybody's asking (P3).

    While a round is open the board stays due and is woken again each day, until the programme is over. A round that
    finds no pair frees no place.
    """
    programme, board, asks = state
    if programme is None or board is None:
        return NOTHING
    if programme.over(message.date):
        return Decision(state=(board.but(due=None),))
    if board.due is None or board.due > message.date or board.open is not None:
        # Written unchanged: that nothing is to be done hangs on it too.
        return Decision(state=(board,))
    return _open(programme, board, asks, message.date)


def _open(programme: Programme, board: Board, asks: tuple[Attention, ...], on: dt.date) -> Decision:
    number = board.rounds + 1
    opened = Round(
        id=round_id(programme.id, number),
        programme=programme.id,
        number=number,
        status="solving",
        seed=f"{programme.id}.{number}",
        rules_version=programme.on(on).rules_version,
        opened_on=on,
    )
    written: list[Aggregate] = [
        board.but(rounds=number, open=opened.id, place_free=None, empty=None, due=None),
        opened,
    ]
    said: list[Contract] = [m.RoundOpened(**opened.published())]
    for ask in asks:
        more, told = settle(ask)
        written += more
        said += told
    return Decision(state=tuple(written), messages=tuple(said), jobs=(Start("solve", opened.id),))


def settle(exception: Attention | None) -> Said:
    """An exception was answered."""
    if exception is None or exception.status == "settled":
        return [], []
    return [exception.settled()], [needs_office(exception.settled())]


def close_with(
    programme: Programme, board: Board | None, open_: Round | None, awaited: Attention | None, on: dt.date
) -> Said:
    """The programme has ended: its open round is over, whatever it waited for, and the office is told once."""
    if board is None:
        return [], []
    idle = board.but(open=None, due=None)
    if open_ is None:
        return [idle], []
    closed = open_.but(status="closed", due=None)
    written, said = settle(awaited)
    told = attention(programme, "round-ended", open_.id, open_.subject, on, ()).settled()
    return [idle, closed, told, *written], [m.RoundClosed(**closed.published()), needs_office(told), *said]


def fell_free(programme: Programme, board: Board | None, on: dt.date) -> Board | None:
    """A proposal's end freed a place: the board with the day of the next round.

    The board is to be written even if unchanged: a round that starts meanwhile takes the day away, and may have counted
    the places before this one was free (write skew).
    """
    if board is None or on >= programme.term.ends:
        return board
    return board.freed(on)


def decided(state: ProposalOf, board: Board | None) -> Said:
    """The office need not decide on one more pair of a round; with the last one the round is over.

    Writes the board. Only the pairs of a round that the office has not approved as a whole are counted.
    """
    round_ = state.round
    if round_ is None or board is None or round_.status not in ("solving", "proposed"):
        return ([board], []) if board else ([], [])
    counted = round_.but(decided=round_.decided + 1)
    if counted.status == "solving" or counted.decided < counted.proposals:
        return [board, counted], []
    closed = counted.but(status="closed")
    written, said = settle(state.attention)
    return [board.but(open=None), closed, *written], [m.RoundClosed(**closed.published()), *said]


def place_free(programme: Programme, board: Board | None, of: str, since: dt.date) -> Said:
    """Tell the office that a tandem's end freed a place and two people; once until a round starts.

    Unlike a proposal's end this starts no round by itself: the office may grant places before. That it was told already
    hangs on the board, which is written unchanged: a round that starts meanwhile settles the exception, and without
    this guard the place would be free and nobody told (write skew, found by the simulation).
    """
    if board is None or since >= programme.term.ends:
        return [], []
    if board.place_free is not None:
        return [board], []
    exception = attention(programme, "place-free", of, f"programme/{programme.id}", since, ("matching.start-round.v1",))
    return [board.but(place_free=exception.id), exception], [needs_office(exception)]
