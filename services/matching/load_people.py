"""Which state a message about a person concerns."""

from typing import NamedTuple

from services.matching.gathering import Invite
from services.matching.model import Board, Candidate, Programme, Reserve, Round, Seat, Topic, Wishes
from services.matching.solution import LeaveOut
from shared.contracts import matching as m
from shared.contracts.registration import ErasureOrdered, ParticipantState, TopicListed
from shared.runtime.decision import Get


class Someone(NamedTuple):
    """One person: as a candidate, with seats and place on the reserve list."""

    candidate: Candidate | None
    seat: Seat | None
    reserve: Reserve | None


class Known(NamedTuple):
    """Somebody of whom registration speaks, with programme, board and open round; no board before the first round."""

    someone: Someone
    programme: Programme | None
    board: Board | None
    open: Round | None


class LeftOut(NamedTuple):
    """A round and somebody whom it left out."""

    round: Round | None
    programme: Programme | None
    someone: Someone


class Returning(NamedTuple):
    """Somebody who may want another tandem again, with programme and board."""

    someone: Someone
    programme: Programme | None
    board: Board | None


class Wishing(NamedTuple):
    """Somebody and what they wished before."""

    candidate: Candidate | None
    wishes: Wishes | None


NOBODY = Someone(None, None, None)


def someone(get: Get, id: str) -> Someone:
    """A person by id."""
    return Someone(get(Candidate, id), get(Seat, id), get(Reserve, id))


def participant(message: ParticipantState, get: Get) -> Known:
    """The person whom registration speaks of, and the rounds of their programme."""
    board = get(Board, message.programme_id)
    open_ = get(Round, board.open) if board is not None and board.open is not None else None
    return Known(someone(get, message.participant_id), get(Programme, message.programme_id), board, open_)


def erased(message: ErasureOrdered, get: Get) -> tuple[Someone, ...]:
    """The people who are to be erased, as each programme knows them."""
    return tuple(someone(get, person.participant_id) for person in message.people)


def topic_of(message: TopicListed, get: Get) -> Topic | None:
    """The topic."""
    return get(Topic, message.topic_id)


def wishing(message: m.NameWishes, get: Get) -> Wishing:
    """The person and their wishes."""
    return Wishing(get(Candidate, message.participant_id), get(Wishes, message.participant_id))


def returning(message: m.ReturnToReserve, get: Get) -> Returning:
    """The person, and the board that may have to open a round."""
    found = someone(get, message.participant_id)
    programme = found.candidate.programme if found.candidate else None
    if programme is None:
        return Returning(found, None, None)
    return Returning(found, get(Programme, programme), get(Board, programme))


def left_out(message: Invite | LeaveOut, get: Get) -> LeftOut:
    """The round and the person."""
    found = get(Round, message.round_id)
    programme = get(Programme, found.programme) if found and found.programme else None
    return LeftOut(found, programme, someone(get, message.participant_id))
