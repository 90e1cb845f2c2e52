"""Long work: gathering the closed set, solving a round, approving it, ending with a programme, letting somebody go."""

from typing import Literal

from pydantic import BaseModel

from services.matching.holding import Held, held, may_end
from services.matching.model import Candidate, Pin, Programme, Proposal, Reserve, Round, Seat, Tandem, Topic, Wishes
from services.matching.people import Person, RoundInputs
from shared.contracts.matching import Offer, ScorePart
from shared.contracts.parts import Reasoned
from shared.contracts.registration import ClosedSet
from shared.runtime.closed_set import missing_buckets
from shared.runtime.decision import Internal
from shared.runtime.ids import derived_id
from shared.runtime.table import Again, Reader

ASKED_AT_ONCE = 16
"""Buckets that are asked for again at a time."""


def tandem_id(proposal_id: str) -> str:
    """The id of the tandem that a proposal may become."""
    return derived_id("tandem", proposal_id)


# Pieces


class Incomplete(Internal):
    """Some of the closed set has not come yet."""

    round_id: str
    buckets: tuple[int, ...]


class Whole(Internal):
    """The closed set is whole, or the office goes on without the rest."""

    round_id: str


class Invite(Internal):
    """Somebody who may name wishes and vetoes for a round."""

    round_id: str
    participant_id: str


class Progress(Internal):
    """How far a round has come, as in `RoundProgressed`."""

    round_id: str
    step: Literal["solving", "proposing"]
    done: int
    of: int
    stage: str | None = None
    bound: int | None = None
    gap: float | None = None


class Propose(Internal):
    """A pair of the solution."""

    round_id: str
    mentor: str
    mentee: str
    score: int
    parts: tuple[ScorePart, ...]
    reasons: tuple[Reasoned, ...]
    pinned: bool = False


class LapsePin(Internal):
    """A pair that the office fixed, and that a round could not keep."""

    programme_id: str
    mentor: str
    mentee: str


class FindGap(Internal):
    """A topic that more mentors would serve more mentees for."""

    round_id: str
    topic_id: str
    more_mentors: int
    more_tandems: int
    demand: int
    supply: int


class LeaveOut(Internal):
    """Somebody who found no partner in this round."""

    round_id: str
    participant_id: str
    reason: Reasoned


class Solved(Internal):
    """Everything of a solution was handed over."""

    round_id: str
    proposals: int
    unmatched: int
    lowest_score: int | None
    sum_of_scores: int
    offers: tuple[Offer, ...] = ()


class ApprovePair(Internal):
    """A proposal of a round that the office approved."""

    proposal_id: str


class EndWithProgramme(Internal):
    """An open proposal of a programme that has ended."""

    proposal_id: str


class Relieve(Internal):
    """An open proposal of somebody who may be full."""

    proposal_id: str


class LetGoProposal(Internal):
    """An open proposal of somebody who left."""

    proposal_id: str


class LetGoTandem(Internal):
    """A running tandem of somebody who left."""

    tandem_id: str


# Inputs


class Gathering(BaseModel):
    """What gathering compares; `without`: nobody waits for the rest any more."""

    round_id: str
    closed: ClosedSet | None
    known: tuple[str, ...]
    without: bool


class Inviting(BaseModel):
    """Who may name wishes and vetoes for a round."""

    round_id: str
    people: tuple[str, ...]


class Solving(BaseModel):
    """A round with everything that decides it.

    `resting`: who looks for nobody now, with the seats that would be free. `open`: the proposals that a re-match may
    end; `fixed`: the other open ones, which stay. `asking`: the people of those that the office did not pin, as if
    these might end as well.
    """

    round_id: str
    programme_id: str = ""
    inputs: RoundInputs
    resting: tuple[Person, ...] = ()
    open: tuple[Held, ...] = ()
    fixed: tuple[Held, ...] = ()
    asking: tuple[Person, ...] = ()

    @property
    def asked(self) -> set[str]:
        """Whom a re-match may part: they hear of a change when the office has approved it."""
        return {id for held in self.open for id in held.pair}


class Approving(BaseModel):
    """The proposals of a round that are still proposed."""

    proposals: tuple[str, ...]


class Ending(BaseModel):
    """The proposals of a programme that has ended which are still open."""

    proposals: tuple[str, ...]


class Leaving(BaseModel):
    """What somebody's seats hold."""

    proposals: tuple[str, ...]
    tandems: tuple[str, ...]


async def gathering(ref: str, read: Reader) -> Gathering:
    """The closed set and who is known of it."""
    round_ = await read.get(Round, ref)
    programme = await read.get(Programme, round_.programme or "") if round_ else None
    known = await read.find(Candidate, round_.programme or "") if round_ else []
    return Gathering(
        round_id=ref,
        closed=programme.closed_set if programme else None,
        known=tuple(candidate.id for candidate in known),
        without=round_ is None or round_.without is not None or round_.status != "gathering",
    )


def gather(inputs: Gathering) -> tuple[Whole, ...] | Again:
    """Whole, or try again later and say what is missing."""
    if inputs.without:
        return (Whole(round_id=inputs.round_id),)
    missing = missing_buckets(inputs.closed, inputs.known) if inputs.closed else ()
    if inputs.closed is None or missing:
        return Again((Incomplete(round_id=inputs.round_id, buckets=missing[:ASKED_AT_ONCE]),))
    return (Whole(round_id=inputs.round_id),)


async def inviting(ref: str, read: Reader) -> Inviting:
    """Everybody who takes part."""
    round_ = await read.get(Round, ref)
    found = await read.find(Candidate, round_.programme or "") if round_ else []
    return Inviting(round_id=ref, people=tuple(c.id for c in found if c.status == "registered"))


def invite(inputs: Inviting) -> tuple[Invite, ...]:
    """One piece a person."""
    return tuple(Invite(round_id=inputs.round_id, participant_id=id) for id in inputs.people)


async def solving(ref: str, read: Reader) -> Solving:
    """Everybody who is free, and the places that are.

    What is read here shares no snapshot, and people answer meanwhile. Only one round is open at a time (the board), so
    no new proposal takes a place after this; an acceptance turns a proposal into a tandem. So proposals are read before
    tandems: one that is accepted in between is in both, and counts once, as a tandem's id follows from its proposal's.
    Seats are looked at again when a pair is proposed.

    A proposal that may end counts as open, whatever becomes of it meanwhile: the round keeps it, or leaves the choice
    to the office, and then places and seats are read again (see `refilling`).
    """
    round_ = await read.get(Round, ref)
    programme = await read.get(Programme, round_.programme or "") if round_ else None
    if round_ is None or programme is None:
        raise LookupError(ref)
    seats = {seat.id: seat for seat in await read.find(Seat, programme.id)}
    wishes = {wish.id: wish for wish in await read.find(Wishes, programme.id)}
    waiting = {r.id: r.since for r in await read.find(Reserve, programme.id) if r.status == "waiting"}
    people: list[Person] = []
    resting: list[Person] = []
    asking: list[Person] = []
    candidates = await read.find(Candidate, programme.id)
    proposals = [p for p in await read.find(Proposal, programme.id) if p.is_open]
    free = {c.id: c for c in candidates if c.status == "registered" and not seats.get(c.id, Seat(id=c.id)).resting}
    # What may end in a re-match: its people are free, and its place is.
    open_ = {p.id: p for p in proposals if may_end(p, free, wishes, programme.rules)}
    opened = {r.id: r.opened_on for r in await read.find(Round, programme.id)}
    staying = {p.id: {p.mentor, p.mentee} for p in proposals if p.id not in open_ and not p.pinned}
    for asked in open_.values():
        # They stand in line since their round, as whom it left out does: else whoever waits would take their place.
        for id in (asked.mentor, asked.mentee):
            waiting[id] = min(waiting.get(id, opened[asked.round]), opened[asked.round])
    for candidate in candidates:
        seat = seats.get(candidate.id, Seat(id=candidate.id))
        wish = wishes.get(candidate.id, Wishes(id=candidate.id))
        since = waiting.get(candidate.id)
        fixed = tuple(id for id in seat.proposals if id not in open_)
        person = Person(
            id=candidate.id,
            role=candidate.role,
            profile=candidate.profile,
            position=candidate.position,
            reporting_line=candidate.reporting_line,
            capacity=seat.but(proposals=fixed, resting=False).free(candidate),
            since=max(since, seat.back_on) if since and seat.back_on else since,
            wishes=wish.wishes,
            vetoes=wish.vetoes,
            served=bool(seat.tandems or fixed),
        )
        (resting if seat.resting else people).append(person)
        if with_ := [staying[id] for id in fixed if id in staying]:
            # Without their vetoes against each other: else topics that lack mentors might tell of one.
            vetoes = tuple(id for id in wish.vetoes if id not in set().union(*with_))
            asking.append(person.model_copy(update={"capacity": person.capacity + len(with_), "vetoes": vetoes}))
    mentors = {person.id for person in (*people, *resting) if person.role == "mentor"}
    taken = {tandem_id(p.id) for p in proposals if p.id not in open_}
    taken |= {t.id for t in await read.find(Tandem, programme.id) if t.status == "running"} - set(map(tandem_id, open_))
    pins = [(pin.mentor, pin.mentee) for pin in await read.find(Pin, programme.id) if pin.status == "pinned"]
    barred = [(seat.id, other) for seat in seats.values() if seat.id in mentors for other in seat.barred]
    inputs = RoundInputs(
        people=tuple(person for person in people if person.capacity),
        rules=programme.rules,
        places=max(0, programme.places - len(taken)),
        barred=tuple(sorted(barred)),
        pins=tuple(sorted(pins)),
        previous=tuple(sorted((p.mentor, p.mentee) for p in open_.values())),
        seed=round_.seed,
        labels={topic.id: topic.label for topic in await read.find(Topic, "catalogue")},
    )
    return Solving(
        round_id=ref,
        programme_id=programme.id,
        inputs=inputs,
        resting=tuple(person for person in resting if person.capacity),
        open=held(tuple(open_.values())),
        fixed=held([p for p in proposals if p.id not in open_]),
        asking=tuple(asking),
    )


async def approving(ref: str, read: Reader) -> Approving:
    """The round's proposals."""
    round_ = await read.get(Round, ref)
    found = await read.find(Proposal, round_.programme or "") if round_ else []
    return Approving(proposals=tuple(p.id for p in found if p.round == ref and p.status == "proposed"))


def approve(inputs: Approving) -> tuple[ApprovePair, ...]:
    """One piece a proposal."""
    return tuple(ApprovePair(proposal_id=id) for id in inputs.proposals)


async def ending(ref: str, read: Reader) -> Ending:
    """What is open in a programme that has ended."""
    return Ending(proposals=tuple(p.id for p in await read.find(Proposal, ref) if p.is_open))


def end(inputs: Ending) -> tuple[EndWithProgramme, ...]:
    """One piece a proposal."""
    return tuple(EndWithProgramme(proposal_id=id) for id in inputs.proposals)


async def leaving(ref: str, read: Reader) -> Leaving:
    """What a person's seats hold."""
    seat = await read.get(Seat, ref)
    return Leaving(proposals=seat.proposals if seat else (), tandems=seat.tandems if seat else ())


def relieve(inputs: Leaving) -> tuple[Relieve, ...]:
    """One piece for each proposal that somebody who may be full still holds."""
    return tuple(Relieve(proposal_id=id) for id in inputs.proposals)


def let_go(inputs: Leaving) -> tuple[LetGoProposal | LetGoTandem, ...]:
    """One piece for each; a proposal may have become a tandem since its seat was read."""
    proposals = tuple(LetGoProposal(proposal_id=id) for id in inputs.proposals)
    tandems = (*map(tandem_id, inputs.proposals), *inputs.tandems)
    return (*proposals, *(LetGoTandem(tandem_id=id) for id in tandems))
