"""Decisions about a re-match: its two offers, and what becomes of the one that the office approves (P3)."""

from services.matching.approving import Refilled, RoomMade
from services.matching.board import settle
from services.matching.ids import change_id
from services.matching.load_rounds import ChangeOf, RoundOf
from services.matching.model import Change, Rejection
from services.matching.say import words
from services.matching.solution import OfferEnd, OfferNew
from shared.contracts import matching as m
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Start, reason, refuse

UNKNOWN = reason("round_id", "unknown_round", words("unknown-round"))


def offer_new(message: OfferNew, state: ChangeOf, context: Context) -> Outcome:
    """Keep a pair that an offer would bring, for the office to read."""
    if state.round is None:
        return NOTHING
    fields = message.model_dump(exclude={"round_id"})
    id = change_id(message.round_id, message.offer, message.mentor, message.mentee)
    kept = Change(id=id, programme=state.round.programme, round=message.round_id, change="new", **fields)
    return Decision(state=(kept,))


def offer_end(message: OfferEnd, state: ChangeOf, context: Context) -> Outcome:
    """Keep which open proposal an offer would end, for the office to read."""
    round_, proposal = state
    if round_ is None or proposal is None:
        return NOTHING
    kept = Change(
        id=change_id(round_.id, message.offer, proposal.id),
        programme=round_.programme,
        round=round_.id,
        offer=message.offer,
        change="ended",
        mentor=proposal.mentor,
        mentee=proposal.mentee,
        score=proposal.score,
        parts=proposal.parts,
        reasons=proposal.reasons,
        proposal=proposal.id,
    )
    return Decision(state=(kept,))


def decline_round(message: m.DeclineRound, state: RoundOf, context: Context) -> Outcome:
    """The office changes nothing; why stays here (Art. 22). Who would have found somebody hears that they did not."""
    round_, programme, board, sign = state
    if round_ is None or programme is None or board is None:
        return refuse(UNKNOWN)
    if round_.status != "proposed":
        return refuse(reason("round_id", "not_proposed", words("not-proposed")))
    if not round_.offers:
        return refuse(reason("round_id", "no_offers", words("no-offers")))
    closed = round_.but(status="closed", unchanged=Rejection(reason=message.reason, on=context.today))
    written, said = settle(sign)
    said = [m.RoundClosed(**closed.published()), *said]
    return Decision((closed, board.but(open=None), *written), tuple(said), jobs=(Start("tell", round_.id),))


def room_made(message: RoomMade, state: RoundOf, context: Context) -> Outcome:
    """What the approved offer ends has ended, or was accepted meanwhile: now what it brings."""
    if state.round is None or state.round.status != "approved":
        return NOTHING
    return Decision(state=(state.round,), jobs=(Start("refill", message.round_id),))


def refilled(message: Refilled, state: RoundOf, context: Context) -> Outcome:
    """The offer's pairs are proposed: both people of each are asked. What was not possible any more is made up for.

    Now that everybody whom the offer brings holds a proposal, who found somebody only in the other one is told.
    """
    round_, programme, board, _ = state
    if round_ is None or programme is None or board is None:
        return NOTHING
    if round_.status == "closed" and programme.status == "ended":
        # A pair may have been proposed while the programme ended: its proposal did not see that (write skew).
        return Decision(state=(round_,), jobs=(Start("end", programme.id),))
    if round_.status != "approved" or board.open != round_.id:
        return NOTHING
    idle = board.but(open=None)
    idle = idle if message.complete else idle.freed(context.today)
    return Decision(state=(round_, idle), jobs=(Start("approve", round_.id), Start("tell", round_.id)))
