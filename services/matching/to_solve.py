"""What a round is solved of: everybody who is free, and the places that are."""

from pydantic import BaseModel

from services.matching.holding import Held, held, may_end
from services.matching.ids import tandem_id
from services.matching.model import Candidate, Pin, Programme, Proposal, Reserve, Round, Seat, Tandem, Topic, Wishes
from services.matching.people import Person, RoundInputs
from services.matching.proof import ProofHead, ProofPart
from services.matching.proof_kept import kept_proof
from services.matching.topics import ends, labels, resolved
from shared.contracts.matching import OfferName
from shared.runtime.table import Reader


class Solving(BaseModel):
    """A round with everything that decides it.

    `resting`: who looks for nobody now, with the seats that would be free. `pausing`: who has nobody, pauses and is not
    on the reserve list yet. `open`: the proposals that a re-match may
    end; `fixed`: the other open ones, which stay. `asking`: the people of those that the office did not pin, as if
    these might end as well. `before`: the proof of the last round, at whose prices and pairs the solver begins.
    """

    round_id: str
    programme_id: str = ""
    rules_version: int = 1
    inputs: RoundInputs
    resting: tuple[Person, ...] = ()
    pausing: tuple[str, ...] = ()
    open: tuple[Held, ...] = ()
    fixed: tuple[Held, ...] = ()
    asking: tuple[Person, ...] = ()
    before: tuple[ProofHead, tuple[ProofPart, ...]] | None = None

    @property
    def asked(self) -> set[str]:
        """Whom a re-match may part: they hear of a change when the office has approved it."""
        return {id for held in self.open for id in held.pair}


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
    programme = programme.on(read.today)
    seats = {seat.id: seat for seat in await read.find(Seat, programme.id)}
    wishes = {wish.id: wish for wish in await read.find(Wishes, programme.id)}
    places = {r.id: r for r in await read.find(Reserve, programme.id)}
    waiting = {id: r.since for id, r in places.items() if r.status == "waiting"}
    people: list[Person] = []
    resting: list[Person] = []
    asking: list[Person] = []
    topics = await read.find(Topic, "catalogue")
    # Once for all that follows: whoever named a topic that was merged is compared by the one where it ends.
    leads = ends(topics)
    candidates = [resolved(candidate, leads) for candidate in await read.find(Candidate, programme.id)]
    # Who has waited since an earlier programme does so until they are listed here, with that day, or find somebody.
    waiting |= {c.id: c.waiting_since for c in candidates if c.waiting_since is not None and c.id not in places}
    proposals = [p for p in await read.find(Proposal, programme.id) if p.is_open]
    # What they hold stays with who pauses, and they look for nobody meanwhile (P6).
    pausing = {c.id for c in candidates if c.status == "registered" and c.admitted and c.pauses(read.today)}
    free = {c.id: c for c in candidates if c.takes_part(read.today) and not seats.get(c.id, Seat(id=c.id)).resting}
    # What may end in a re-match: its people are free, and its place is.
    open_ = {p.id: p for p in proposals if may_end(p, free, wishes, programme.rules)}
    rounds = {r.id: r for r in await read.find(Round, programme.id)}
    opened = {id: r.opened_on for id, r in rounds.items()}
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
            capacity=seat.but(proposals=fixed, resting=False).free(candidate, read.today),
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
    pinned = [(pin.mentor, pin.mentee) for pin in await read.find(Pin, programme.id) if pin.status == "pinned"]
    # One of somebody who pauses waits for a later round.
    pins = [pair for pair in pinned if not pausing & {*pair}]
    barred = [(seat.id, other) for seat in seats.values() if seat.id in mentors for other in seat.barred]
    inputs = RoundInputs(
        people=tuple(person for person in people if person.capacity),
        rules=programme.rules,
        places=max(0, programme.places - len(taken)),
        barred=tuple(sorted(barred)),
        pins=tuple(sorted(pins)),
        previous=tuple(sorted((p.mentor, p.mentee) for p in open_.values())),
        seed=round_.seed,
        labels=labels(topics),
    )
    return Solving(
        round_id=ref,
        programme_id=programme.id,
        rules_version=programme.rules_version,
        inputs=inputs,
        resting=tuple(person for person in resting if person.capacity),
        pausing=tuple(
            sorted(id for id in pausing if id not in waiting and seats.get(id, Seat(id=id)).empty),
        ),
        open=held(tuple(open_.values())),
        fixed=held([p for p in proposals if p.id not in open_]),
        asking=tuple(asking),
        before=await kept_proof(programme.id, _last_offer(list(rounds.values()), round_.number), read),
    )


def _last_offer(rounds: list[Round], number: int) -> OfferName:
    """The offer of the round before this one that the office approved, whose pairs most people have."""
    before = max((r for r in rounds if r.number < number), key=lambda r: r.number, default=None)
    return (before.offer if before else None) or "fewest_changes"
