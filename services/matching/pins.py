"""Decisions about the office's pins: pairs that are fixed before a round; the solver only completes them."""

from services.matching.board import OVER
from services.matching.ids import pin_id
from services.matching.load_people import Someone
from services.matching.load_proposals import PinOf
from services.matching.model import Pin, Programme, Seat
from services.matching.pair import judge
from services.matching.reserve import seat_of
from services.matching.say import words
from services.matching.solution import LapsePin
from services.matching.topics import ends, resolved
from shared.contracts import matching as m
from shared.contracts.base import Reason
from shared.contracts.parts import Side
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, reason, refuse

BELOW_MINIMUM = reason("mentee", "below_minimum_score", words("below-minimum-score"))
NOT_PINNED = reason("mentee", "not_pinned", words("not-pinned"))


def pin_pair(message: m.PinPair, state: PinOf, context: Context) -> Outcome:
    """Fix a pair for the next round; one that breaks a hard rule needs a reason, which stays here (S6).

    A pair that somebody vetoed, or of which one rests, is refused to the byte like one below the lowest score: nothing
    else is said of it. A veto named later lets the pin lapse in the round.
    """
    pin, programme, (mentor, mentee) = state.pin, state.programme, (state.mentor, state.mentee)
    if programme is None:
        return refuse(reason("programme_id", "unknown_programme", words("unknown-programme")))
    if programme.over(context.today):
        return refuse(OVER)
    sides: tuple[tuple[Side, str, Someone], ...] = (
        ("mentor", message.mentor, mentor),
        ("mentee", message.mentee, mentee),
    )
    wrong = [why for side, _, someone in sides for why in _takes_no_part(side, someone, programme)]
    if wrong or mentor.candidate is None or mentee.candidate is None:
        return refuse(*wrong)
    one, other = (seat_of(someone, id, programme.id) for _, id, someone in sides)
    if pin is not None and pin.status == "pinned":
        return refuse(reason("mentee", "pinned_already", words("pinned-already")))
    full = [
        reason(side, "not_free", words("not-free"))
        for side, candidate, seat in (("mentor", mentor.candidate, one), ("mentee", mentee.candidate, other))
        if len(seat.proposals) + len(seat.tandems) + len(seat.pins) >= candidate.capacity
    ]
    if other.id in one.barred or one.id in other.barred:
        full.append(reason("mentee", "not_again", words("not-again")))
    if full:
        return refuse(*full)
    programme = programme.on(context.today)
    leads = ends(state.topics)
    people = (resolved(mentor.candidate, leads).person, resolved(mentee.candidate, leads).person)
    judged = judge(*people, programme.rules)
    vetoed = mentee.candidate.id in state.mentor_vetoes or mentor.candidate.id in state.mentee_vetoes
    if vetoed or one.resting or other.resting or "minimum_score" in judged.broken:
        return refuse(BELOW_MINIMUM)
    if "same_person" in judged.broken:
        # No reason makes up for this one: nobody is their own tandem.
        return refuse(reason("mentee", "same_person", words("breaks-same-person")))
    if judged.broken and not message.reason.strip():
        return refuse(*(reason("reason", code, words(f"breaks-{code.replace('_', '-')}")) for code in judged.broken))
    pinned = Pin(
        id=pin_id(programme.id, one.id, other.id),
        programme=programme.id,
        mentor=one.id,
        mentee=other.id,
        rules_version=programme.rules_version,
        reason=message.reason,
        on=context.today,
    )
    seats = one.but(pins=(*one.pins, other.id)), other.but(pins=(*other.pins, one.id))
    # The candidates are written too: who leaves at this moment conflicts with this.
    written = (pinned, *seats, mentor.candidate, mentee.candidate)
    return Decision(state=written, messages=(m.PairPinned(**pinned.published()),))


def _takes_no_part(side: Side, someone: Someone, programme: Programme) -> list[Reason]:
    candidate = someone.candidate
    if candidate is None or candidate.programme != programme.id or candidate.role != side:
        return [reason(side, "unknown_participant", words("unknown-participant"))]
    if candidate.status == "withdrawn":
        return [reason(side, "withdrawn", words("withdrawn"))]
    if not candidate.released:
        return [reason(side, "not_released", words("not-released"))]
    return [] if candidate.admitted else [reason(side, "in_line", words("in-line"))]


def unpin_pair(message: m.UnpinPair, state: PinOf, context: Context) -> Outcome:
    """Fix a pair no longer; what was proposed of it stays."""
    if state.pin is None or state.pin.status != "pinned":
        return refuse(NOT_PINNED)
    return _end(state, state.pin.but(status="unpinned"))


def lapse(message: LapsePin, state: PinOf, context: Context) -> Outcome:
    """A round could not keep a pin: one of the two is no longer free, or the pair is not possible any more."""
    if state.pin is None or state.pin.status != "pinned":
        return NOTHING
    return _end(state, state.pin.but(status="lapsed"))


def _end(state: PinOf, pin: Pin) -> Decision:
    seats = [someone.seat for someone in (state.mentor, state.mentee) if someone.seat is not None]
    return Decision(state=(pin, *(unpinned(seat, pin) for seat in seats)), messages=(m.PinEnded(**pin.published()),))


def unpinned(seat: Seat, pin: Pin) -> Seat:
    """Somebody's seats without a pin."""
    return seat.but(pins=tuple(id for id in seat.pins if id not in (pin.mentor, pin.mentee)))
