"""Which state a message about a pair concerns: a pin, a proposal, a tandem."""

from typing import NamedTuple

from services.matching.approving import ApprovePair, MakeRoom
from services.matching.ids import attention_id, pin_id, proposal_id
from services.matching.leaving import EndWithProgramme, LetGoProposal, LetGoTandem, Relieve
from services.matching.load_people import NOBODY, Someone, someone
from services.matching.model import Board, Pin, Programme, Proposal, Round, Tandem, Topic, Wishes
from services.matching.solution import LapsePin, Propose
from services.matching.topics import topics_of
from shared.contracts import matching as m
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached, Get


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
    topics: tuple[Topic, ...]


class TandemOf(NamedTuple):
    """A tandem with both people."""

    tandem: Tandem | None
    programme: Programme | None
    mentor: Someone
    mentee: Someone
    board: Board | None


def proposing(message: Propose, get: Get) -> ProposalOf:
    """The round and both people of a pair."""
    found = get(Round, message.round_id)
    proposal = get(Proposal, proposal_id(message.round_id, message.mentor, message.mentee))
    programme = get(Programme, found.programme) if found and found.programme else None
    board = get(Board, found.programme) if found and found.programme else None
    mentor, mentee = someone(get, message.mentor), someone(get, message.mentee)
    pin = get(Pin, pin_id(programme.id, message.mentor, message.mentee)) if message.pinned and programme else None
    return ProposalOf(found, proposal, programme, mentor, mentee, board, None, pin)


def pin_of(message: m.PinPair | m.UnpinPair | LapsePin, get: Get) -> PinOf:
    """The pair's pin, both people, and the topics by which they are scored."""
    one, other = (wishes.vetoes if wishes else () for wishes in get.all(Wishes, (message.mentor, message.mentee)))
    mentor, mentee = someone(get, message.mentor), someone(get, message.mentee)
    return PinOf(
        get(Pin, pin_id(message.programme_id, message.mentor, message.mentee)),
        get(Programme, message.programme_id),
        mentor,
        mentee,
        one,
        other,
        _topics(get, mentor, mentee),
    )


def proposal_of(
    message: m.AcceptProposal
    | m.RejectProposal
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
    return found._replace(topics=_topics(get, found.mentor, found.mentee))


def _topics(get: Get, *people: Someone) -> tuple[Topic, ...]:
    return topics_of(get, [someone.candidate.profile for someone in people if someone.candidate is not None])


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
