"""Decisions about a round: gathering the closed set, what the solution brings, approving."""

import datetime as dt

from services.matching.board import OVER, fell_free, settle
from services.matching.broken_rules import TandemRule
from services.matching.gathering import Incomplete, Invite, Whole
from services.matching.ids import proposal_id
from services.matching.load_people import LeftOut
from services.matching.load_proposals import ProposalOf
from services.matching.load_rounds import RoundOf
from services.matching.model import Programme, Proposal, Round
from services.matching.pair import parted
from services.matching.pins import unpinned
from services.matching.reserve import seat_of, waits_and_hears
from services.matching.say import DAY, addressed, attention, needs_office, reasoned, words
from services.matching.solution import FindGap, Progress, Propose, Solved
from shared.contracts import matching as m
from shared.contracts.base import Contract
from shared.contracts.registration import SayAgain
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start, reason, refuse

PATIENT = 4
"""Comparisons of the closed set before its owner is asked to say the missing again."""
WORRIED = 8
"""Comparisons before the office is told."""

UNKNOWN = reason("round_id", "unknown_round", words("unknown-round"))


def incomplete(message: Incomplete, state: RoundOf, context: Context) -> Outcome:
    """Have the missing said again after a while, and tell the office after a longer one."""
    round_, programme, _, _ = state
    if round_ is None or programme is None or round_.status != "gathering":
        return NOTHING
    counted = round_.but(incomplete=round_.incomplete + 1)
    said: list[Contract] = []
    written: list[Aggregate] = [counted]
    if counted.incomplete % PATIENT == 0:
        said += [SayAgain(programme_id=programme.id, bucket=bucket) for bucket in message.buckets]
    if counted.incomplete == WORRIED:
        answers = ("matching.proceed-without.v1",)
        sign = attention(programme, "set-incomplete", round_.id, round_.subject, context.today, answers)
        written.append(sign)
        said.append(needs_office(sign))
    return Decision(state=tuple(written), messages=tuple(said))


def whole(message: Whole, state: RoundOf, context: Context) -> Outcome:
    """The set is whole: everybody may name wishes and vetoes for some days (P1), or the round is solved at once."""
    round_, programme, _, sign = state
    if round_ is None or programme is None or round_.status != "gathering":
        return NOTHING
    settled, told = settle(sign)
    programme = programme.on(context.today)
    round_ = round_.but(rules_version=programme.rules_version)
    if days := programme.deadlines.wish_days:
        last = context.today + days * DAY
        # A deadline names its last day and ends when the next but one starts.
        wishing = round_.but(status="wishing", wish_by=last, due=last + 2 * DAY)
        invited = m.WishesInvited(**wishing.published())
        return Decision((wishing, *settled), (invited, *told), jobs=(Start("invite", round_.id),))
    solving = round_.but(status="solving")
    said = m.RoundProgressed(round_id=round_.id, step="solving", done=0, of=1, stage="scoring")
    return Decision(state=(solving, *settled), messages=(said, *told), jobs=(Start("solve", round_.id),))


def invite(message: Invite, state: LeftOut, context: Context) -> Outcome:
    """Tell one person until when they may name wishes and vetoes."""
    round_, programme, (candidate, _, _) = state
    if round_ is None or programme is None or round_.status != "wishing" or candidate is None:
        return NOTHING
    if not candidate.takes_part(context.today):
        return NOTHING
    # Both are written unchanged: that they are told hangs on them. The round's pieces come one batch after the other.
    return Decision((round_, candidate), (addressed(programme, candidate.id, "wishes", by=round_.wish_by),))


def wishes_over(message: DueReached, state: RoundOf, context: Context) -> Outcome:
    """The last day for wishes and vetoes is over: solve."""
    if state.round is None or state.round.status != "wishing":
        return NOTHING
    return _solve(state.round)


def end_wishing(message: m.EndWishing, state: RoundOf, context: Context) -> Outcome:
    """The office waits for no more wishes."""
    round_, programme = state.round, state.programme
    if round_ is None or programme is None:
        return refuse(UNKNOWN)
    if programme.over(context.today):
        return refuse(OVER)
    if round_.status != "wishing":
        return refuse(reason("round_id", "not_wishing", words("not-wishing")))
    return _solve(round_)


def _solve(round_: Round) -> Decision:
    solving = round_.but(status="solving", due=None)
    return Decision((solving,), (m.WishesClosed(**solving.published()),), jobs=(Start("solve", round_.id),))


def proceed_without(message: m.ProceedWithout, state: RoundOf, context: Context) -> Outcome:
    """Go on without who never arrived; the reason is recorded here, in no event."""
    round_ = state.round
    if round_ is None:
        return refuse(UNKNOWN)
    if round_.status != "gathering":
        return refuse(reason("round_id", "not_gathering", words("not-gathering")))
    going = round_.but(without=message.reason)
    said = m.RoundProgressed(round_id=round_.id, step="gathering", done=1, of=1)
    return Decision(state=(going,), messages=(said,))


def progress(message: Progress, state: RoundOf, context: Context) -> Outcome:
    """Say how far the round has come."""
    said = m.RoundProgressed(**dict(message))
    return Decision(messages=(said,))


def gap(message: FindGap, state: RoundOf, context: Context) -> Outcome:
    """Say that more mentors for a topic would have served more mentees."""
    if state.round is None or state.round.programme is None:
        return NOTHING
    said = m.TopicGapFound(
        programme_id=state.round.programme,
        round_id=message.round_id,
        topic_id=message.topic_id,
        more_mentors=message.more_mentors,
        more_tandems=message.more_tandems,
        demand=message.demand,
        supply=message.supply,
    )
    return Decision(messages=(said,))


def propose(message: Propose, state: ProposalOf, context: Context) -> Outcome:
    """Propose a pair, if both are still free; both seats are held from now on (P4)."""
    round_, known, programme, mentor, mentee, *_ = state
    if round_ is None or programme is None or known is not None or programme.status == "ended":
        return NOTHING
    if not (mentor.candidate and mentee.candidate):
        # One of them was erased since: the other is told as if they had left.
        return _lapse(message, state, round_, programme, context.today)
    one, other = (seat_of(p, id, round_.programme) for p, id in ((mentor, message.mentor), (mentee, message.mentee)))
    broken = parted(mentor.candidate.person, mentee.candidate.person, programme.on(context.today).rules)
    # What they are, or the rules, may have changed since the round was solved; of a pin the office knew it.
    fits = message.pinned or not broken
    if not (fits and one.free(mentor.candidate, context.today) and other.free(mentee.candidate, context.today)):
        return _lapse(message, state, round_, programme, context.today)
    proposal = Proposal(
        id=proposal_id(message.round_id, message.mentor, message.mentee),
        programme=round_.programme,
        round=round_.id,
        mentor=message.mentor,
        mentee=message.mentee,
        score=message.score,
        parts=message.parts,
        reasons=message.reasons,
        rules_version=message.rules_version,
        pinned=message.pinned,
    )
    held = [seat.but(proposals=(*seat.proposals, proposal.id)) for seat in (one, other)]
    said: list[Contract] = [m.PairProposed(**proposal.published())]
    if (pin := state.pin) is not None and pin.status == "pinned":
        pin = pin.but(status="proposed")
        held = [unpinned(seat, pin) for seat in held]
        said.append(m.PinEnded(**pin.published()))
    known_of = (TandemRule.overridden(proposal, broken),) if broken else ()
    # The candidates are written too: who leaves, pauses or changes at this moment conflicts with this.
    state_ = (proposal, *held, mentor.candidate, mentee.candidate, *((pin,) if pin else ()), *known_of)
    return Decision(state=state_, messages=tuple(said))


def _lapse(message: Propose, state: ProposalOf, round_: Round, programme: Programme, on: dt.date) -> Decision:
    """One of a pair left, pauses or changed since the round was solved: the place is free (P3).

    The other waits and is told; so does who pauses, without a word (P5, P6).
    """
    written: list[Aggregate] = [round_.but(lapsed=(*round_.lapsed, message.score))]
    said: list[Contract] = []
    for someone, id in ((state.mentor, message.mentor), (state.mentee, message.mentee)):
        seat = seat_of(someone, id, round_.programme)
        more, told = waits_and_hears(someone, seat, programme, round_.opened_on, reasoned("no_longer_free"), on)
        written += [seat, *more] if more else []
        said += told
    if (board := fell_free(programme, state.board, on)) is not None:
        written.append(board)
    return Decision(state=tuple(written), messages=tuple(said))


def solved(message: Solved, state: RoundOf, context: Context) -> Outcome:
    """Every pair was proposed: the office may approve. Without a pair the round is over, and the office is told."""
    round_, programme, board, _ = state
    if round_ is None or programme is None or board is None:
        return NOTHING
    if round_.status == "closed" and programme.status == "ended":
        # A pair may have been proposed while the round was closed: its proposal did not see that (write skew).
        return Decision(state=(round_,), jobs=(Start("end", programme.id),))
    if round_.status != "solving":
        return NOTHING
    proposals = message.proposals - len(round_.lapsed)
    # Two offers are to be chosen from, also where one brings nothing new. Of a round without, the office may have
    # decided on the last pair before everything was handed over.
    status = "proposed" if message.offers or round_.decided < proposals else "closed" if proposals else "empty"
    done = round_.but(
        status=status,
        proposals=proposals,
        unmatched=message.unmatched + len(round_.lapsed),
        lowest_score=message.lowest_score if proposals else None,
        sum_of_scores=message.sum_of_scores - sum(round_.lapsed),
        offers=message.offers,
        full=message.full,
        rules_version=message.rules_version,
    )
    event = m.RoundSolved(**done.published())
    jobs = (Start("forget-proofs", round_.id),)
    if status == "closed":
        return Decision(state=(done, board.but(open=None)), messages=(event,), jobs=jobs)
    # The office's days begin now that there is something to decide on.
    if status == "empty":
        answers = ("registration.change-places.v1", "matching.start-round.v1")
        sign = attention(programme, "round-empty", round_.id, round_.subject, context.today, answers)
        idle = board.but(open=None, empty=sign.id)
        return Decision(state=(done, idle, sign), messages=(event, needs_office(sign)), jobs=jobs)
    otherwise = "matching.decline-round.v1" if done.offers else "matching.reject-proposal.v1"
    answers = ("matching.approve-round.v1", otherwise)
    sign = attention(programme, "round-to-approve", round_.id, round_.subject, context.today, answers)
    return Decision(state=(done, sign), messages=(event, needs_office(sign)), jobs=jobs)


def approve_round(message: m.ApproveRound, state: RoundOf, context: Context) -> Outcome:
    """Approve what is still proposed; both people of each pair are asked (S6).

    Of a re-match, one offer: what it ends ends first. The board stays taken until what it brings is proposed.
    """
    round_, programme, board, sign = state
    if round_ is None or programme is None or board is None:
        return refuse(UNKNOWN)
    if programme.over(context.today):
        return refuse(OVER)
    if round_.status != "proposed":
        return refuse(reason("round_id", "not_proposed", words("not-proposed")))
    programme = programme.on(context.today)
    approved = round_.but(
        status="approved",
        answer_by=context.today + programme.deadlines.answer_days * DAY,
        rules_version=programme.rules_version,
    )
    settled, told = settle(sign)
    chosen = next((offer for offer in round_.offers if offer.offer == message.offer), None)
    if chosen is not None:
        figures = dict(round_.full) if round_.full and chosen.offer == "full_order" else {}
        approved = approved.but(offer=chosen.offer, **figures)
        said = (m.RoundApproved(**approved.published()), *told)
        # Written unchanged: no other round may begin meanwhile.
        return Decision((approved, board, *settled), said, jobs=(Start("make-room", round_.id),))
    if message.offer != "fewest_changes":
        return refuse(reason("offer", "no_offers", words("no-offers")))
    return Decision(
        state=(approved, board.but(open=None), *settled),
        messages=(m.RoundApproved(**approved.published()), *told),
        jobs=(Start("approve", round_.id),),
    )
