"""Which state each message concerns."""

from typing import NamedTuple

from services.matching.jobs import (
    ApprovePair,
    EndWithProgramme,
    FindGap,
    Incomplete,
    Invite,
    LapsePin,
    LeaveOut,
    LetGoProposal,
    LetGoTandem,
    Progress,
    Propose,
    Relieve,
    Solved,
    Whole,
)
from services.matching.model import (
    Board,
    Candidate,
    Pin,
    Programme,
    Proposal,
    Reserve,
    Round,
    Seat,
    Tandem,
    Topic,
    Wishes,
)
from services.matching.rematching import MakeRoom, OfferEnd, OfferNew, Refilled, RoomMade
from shared.contracts import matching as m
from shared.contracts.registration import ParticipantState, ProgrammeState, TopicListed
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached, Get
from shared.runtime.ids import derived_id


def round_id(programme_id: str, number: int) -> str:
    """The id of a programme's round."""
    return derived_id("round", programme_id, number)


def proposal_id(message: Propose) -> str:
    """The id of a pair's proposal in a round."""
    return derived_id("proposal", message.round_id, message.mentor, message.mentee)


def pin_id(programme_id: str, mentor: str, mentee: str) -> str:
    """The id of a pair's pin."""
    return derived_id("pin", programme_id, mentor, mentee)


def change_id(*parts: str) -> str:
    """The id of a change that an offer of a round would make."""
    return derived_id("change", *parts)


def attention_id(what: str, of: str) -> str:
    """The id of an exception."""
    return derived_id("attention", what, of)


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


class Someone(NamedTuple):
    """One person: as a candidate, with seats and place on the reserve list."""

    candidate: Candidate | None
    seat: Seat | None
    reserve: Reserve | None


class ProposalOf(NamedTuple):
    """A proposal, or what it is to be made of, with both people, and the exception that its round raised."""

    round: Round | None
    proposal: Proposal | None
    programme: Programme | None
    mentor: Someone
    mentee: Someone
    board: Board | None
    attention: Attention | None
    pin: Pin | None = None
    topics: tuple[Topic, ...] = ()


class PinOf(NamedTuple):
    """A pair that is pinned or to be pinned, with both people and whom they will not be matched with."""

    pin: Pin | None
    programme: Programme | None
    mentor: Someone
    mentee: Someone
    mentor_vetoes: tuple[str, ...]
    mentee_vetoes: tuple[str, ...]


class TandemOf(NamedTuple):
    """A tandem with both people."""

    tandem: Tandem | None
    programme: Programme | None
    mentor: Someone
    mentee: Someone
    board: Board | None


class ChangeOf(NamedTuple):
    """A re-match and the open proposal that it would end."""

    round: Round | None
    proposal: Proposal | None


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


def programme_rounds(message: ProgrammeState, get: Get) -> ProgrammeRounds:
    """The programme and its rounds."""
    id = message.programme_id
    board = get(Board, id)
    open_ = get(Round, board.open) if board and board.open else None
    waits = get(Attention, _awaited(open_)) if open_ else None
    return ProgrammeRounds(get(Programme, id), board, get(Round, round_id(id, 1)), open_, waits)


def _awaited(round_: Round) -> str:
    """The id of the exception that a round waits for at this point."""
    return attention_id("set-incomplete" if round_.status == "gathering" else "round-to-approve", round_.id)


def someone(get: Get, id: str) -> Someone:
    """A person by id."""
    return Someone(get(Candidate, id), get(Seat, id), get(Reserve, id))


def participant(message: ParticipantState, get: Get) -> Someone:
    """The person whom registration speaks of."""
    return someone(get, message.participant_id)


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


def proposing(message: Propose, get: Get) -> ProposalOf:
    """The round and both people of a pair."""
    found = get(Round, message.round_id)
    proposal = get(Proposal, proposal_id(message))
    programme = get(Programme, found.programme) if found and found.programme else None
    board = get(Board, found.programme) if found and found.programme else None
    mentor, mentee = someone(get, message.mentor), someone(get, message.mentee)
    pin = get(Pin, pin_id(programme.id, message.mentor, message.mentee)) if message.pinned and programme else None
    return ProposalOf(found, proposal, programme, mentor, mentee, board, None, pin)


def pin_of(message: m.PinPair | m.UnpinPair | LapsePin, get: Get) -> PinOf:
    """The pair's pin and both people."""
    vetoes = [wishes.vetoes if wishes else () for wishes in get.all(Wishes, (message.mentor, message.mentee))]
    return PinOf(
        get(Pin, pin_id(message.programme_id, message.mentor, message.mentee)),
        get(Programme, message.programme_id),
        someone(get, message.mentor),
        someone(get, message.mentee),
        *vetoes,
    )


def proposal_of(
    message: m.RejectProposal
    | m.AcceptProposal
    | m.DeclineProposal
    | EndWithProgramme
    | LetGoProposal
    | MakeRoom
    | Relieve,
    get: Get,
) -> ProposalOf:
    """The proposal with both people."""
    return _proposal(message.proposal_id, get)


def asking(message: m.ApproveProposal | ApprovePair, get: Get) -> ProposalOf:
    """The proposal with both people and the topics by which they are introduced to each other."""
    found = _proposal(message.proposal_id, get)
    people = (found.mentor.candidate, found.mentee.candidate)
    profiles = [person.profile for person in people if person is not None]
    ids = sorted({topic.topic_id for p in profiles for topic in (*p.strengths, *p.concerns)})
    return found._replace(topics=tuple(topic for topic in get.all(Topic, ids) if topic is not None))


def proposal_due(message: DueReached, get: Get) -> ProposalOf:
    """The proposal whose last day is over."""
    return _proposal(message.subject.removeprefix("proposal/"), get)


def _proposal(id: str, get: Get) -> ProposalOf:
    found = get(Proposal, id)
    if found is None or found.programme is None:
        return ProposalOf(None, None, None, NOBODY, NOBODY, None, None)
    return ProposalOf(
        get(Round, found.round),
        found,
        get(Programme, found.programme),
        someone(get, found.mentor),
        someone(get, found.mentee),
        get(Board, found.programme),
        get(Attention, attention_id("round-to-approve", found.round)),
    )


def change_of(message: OfferNew | OfferEnd, get: Get) -> ChangeOf:
    """The round, and the proposal that would end."""
    ending = get(Proposal, message.proposal_id) if isinstance(message, OfferEnd) else None
    return ChangeOf(get(Round, message.round_id), ending)


def left_out(message: Invite | LeaveOut, get: Get) -> LeftOut:
    """The round and the person."""
    found = get(Round, message.round_id)
    programme = get(Programme, found.programme) if found and found.programme else None
    return LeftOut(found, programme, someone(get, message.participant_id))


def tandem_of(message: m.EndTandem | LetGoTandem, get: Get) -> TandemOf:
    """The tandem with both people."""
    return _tandem(message.tandem_id, get)


def tandem_due(message: DueReached, get: Get) -> TandemOf:
    """The tandem whose term is over."""
    return _tandem(message.subject.removeprefix("tandem/"), get)


def _tandem(id: str, get: Get) -> TandemOf:
    found = get(Tandem, id)
    if found is None or found.programme is None:
        return TandemOf(None, None, NOBODY, NOBODY, None)
    return TandemOf(
        found,
        get(Programme, found.programme),
        someone(get, found.mentor),
        someone(get, found.mentee),
        get(Board, found.programme),
    )
