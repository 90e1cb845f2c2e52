"""Which state a message about a round or its programme concerns."""

from typing import NamedTuple

from services.matching.approving import Refilled, RoomMade
from services.matching.gathering import Incomplete, Whole
from services.matching.ids import attention_id, round_id
from services.matching.model import Board, Programme, Proposal, Round
from services.matching.solution import FindGap, OfferEnd, OfferNew, Progress, Solved
from shared.contracts import matching as m
from shared.contracts.registration import ProgrammeArchived, ProgrammeState
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached, Get


class ProgrammeRounds(NamedTuple):
    """A programme with its board, the round that would come first, and the open one with what it waits for."""

    programme: Programme | None
    board: Board | None
    first: Round | None
    open: Round | None
    attention: Attention | None


class Starting(NamedTuple):
    """A programme with its board and the exceptions that asked for another round."""

    programme: Programme | None
    board: Board | None
    asks: tuple[Attention, ...]


class RoundOf(NamedTuple):
    """A round with its programme, its board, and the exception that waits for it."""

    round: Round | None
    programme: Programme | None
    board: Board | None
    attention: Attention | None


class ChangeOf(NamedTuple):
    """A re-match and the open proposal that it would end."""

    round: Round | None
    proposal: Proposal | None


def programme_rounds(message: ProgrammeState | ProgrammeArchived, get: Get) -> ProgrammeRounds:
    """The programme and its rounds."""
    id = message.programme_id
    board = get(Board, id)
    open_ = get(Round, board.open) if board and board.open else None
    waits = get(Attention, _awaited(open_)) if open_ else None
    return ProgrammeRounds(get(Programme, id), board, get(Round, round_id(id, 1)), open_, waits)


def _awaited(round_: Round) -> str:
    """The id of the exception that a round waits for at this point."""
    return attention_id("set-incomplete" if round_.status == "gathering" else "round-to-approve", round_.id)


def starting(message: m.StartRound, get: Get) -> Starting:
    """The programme and its board."""
    return _starting(message.programme_id, get)


def board_due(message: DueReached, get: Get) -> Starting:
    """The board of a programme in which a place fell free."""
    return _starting(message.subject.removeprefix("board/"), get)


def _starting(programme_id: str, get: Get) -> Starting:
    board = get(Board, programme_id)
    ids = [id for id in (board.place_free, board.empty) if id is not None] if board else []
    asks = tuple(ask for ask in get.all(Attention, ids) if ask is not None)
    return Starting(get(Programme, programme_id), board, asks)


def round_of(
    message: m.ProceedWithout
    | m.EndWishing
    | m.ApproveRound
    | m.DeclineRound
    | Incomplete
    | Whole
    | Progress
    | FindGap
    | Solved
    | RoomMade
    | Refilled,
    get: Get,
) -> RoundOf:
    """The round, with the exception that it waits for at this point."""
    return _round(message.round_id, get)


def round_due(message: DueReached, get: Get) -> RoundOf:
    """The round whose last day for wishes is over."""
    return _round(message.subject.removeprefix("round/"), get)


def _round(id: str, get: Get) -> RoundOf:
    found = get(Round, id)
    if found is None or found.programme is None:
        return RoundOf(None, None, None, None)
    return RoundOf(found, get(Programme, found.programme), get(Board, found.programme), get(Attention, _awaited(found)))


def change_of(message: OfferNew | OfferEnd, get: Get) -> ChangeOf:
    """The round, and the proposal that would end."""
    ending = get(Proposal, message.proposal_id) if isinstance(message, OfferEnd) else None
    return ChangeOf(get(Round, message.round_id), ending)
