"""Decisions about rounds: starting, gathering the closed set, what the solution brings, approving."""

from services.matching.jobs import Incomplete, LeaveOut, Progress, Propose, Solved, Whole
from services.matching.loaders import LeftOut, ProposalOf, RoundOf, Starting, proposal_id, round_id
from services.matching.model import Board, Proposal, Round, Seat
from services.matching.say import DAY, addressed, attention, needs_office, waits, words
from shared.contracts import matching as m
from shared.contracts.base import Contract
from shared.contracts.registration import SayAgain
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Start, reason, refuse

PATIENT = 4
"""Comparisons of the closed set before its owner is asked to say the missing again."""
WORRIED = 8
"""Comparisons before the office is told."""

UNKNOWN = reason("round_id", "unknown_round", words("unknown-round"))


def start_round(message: m.StartRound, state: Starting, context: Context) -> Outcome:
    """Start another round for who has no tandem and the places that are free (S16)."""
    programme, board, place_free = state
    if programme is None:
        return refuse(reason("programme_id", "unknown_programme", words("unknown-programme")))
    if programme.closed_set is None or board is None:
        return refuse(reason("programme_id", "registration_open", words("registration-open")))
    if board.open is not None:
        return refuse(reason("programme_id", "round_open", words("round-open")))
    number = board.rounds + 1
    opened = Round(
        id=round_id(programme.id, number),
        programme=programme.id,
        number=number,
        status="solving",
        seed=f"{programme.id}.{number}",
        opened_on=context.today,
    )
    settled: list[Aggregate] = []
    said: list[Contract] = [m.RoundOpened(**opened.published())]
    if place_free is not None and place_free.status != "settled":
        settled.append(place_free.settled())
        said.append(needs_office(place_free.settled()))
    board = board.but(rounds=number, open=opened.id, place_free=None)
    return Decision(state=(board, opened, *settled), messages=tuple(said), jobs=(Start("solve", opened.id),))


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
    """The set is whole: solve."""
    round_, _, _, sign = state
    if round_ is None or round_.status != "gathering":
        return NOTHING
    settled: list[Aggregate] = []
    said: list[Contract] = [m.RoundProgressed(round_id=round_.id, step="solving", done=0, of=1)]
    if sign is not None and sign.status != "settled":
        settled.append(sign.settled())
        said.append(needs_office(sign.settled()))
    solving = round_.but(status="solving")
    return Decision(state=(solving, *settled), messages=tuple(said), jobs=(Start("solve", round_.id),))


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
    said = m.RoundProgressed(round_id=message.round_id, step="proposing", done=message.done, of=message.of)
    return Decision(messages=(said,))


def propose(message: Propose, state: ProposalOf, context: Context) -> Outcome:
    """Propose a pair, if both are still free; both seats are held from now on (P4)."""
    round_, known, _, mentor, mentee, _ = state
    if round_ is None or known is not None or mentor.candidate is None or mentee.candidate is None:
        return NOTHING
    seats = [p.seat or Seat(id=p.candidate.id, programme=round_.programme) for p in (mentor, mentee) if p.candidate]
    if not (seats[0].free(mentor.candidate) and seats[1].free(mentee.candidate)):
        return NOTHING
    proposal = Proposal(
        id=proposal_id(message),
        programme=round_.programme,
        round=round_.id,
        mentor=message.mentor,
        mentee=message.mentee,
        score=message.score,
        parts=message.parts,
        reasons=message.reasons,
    )
    held = [seat.but(proposals=(*seat.proposals, proposal.id)) for seat in seats]
    # The candidates are written too: who leaves at this moment conflicts with this.
    state_ = (proposal, *held, mentor.candidate, mentee.candidate)
    return Decision(state=state_, messages=(m.PairProposed(**proposal.published()),))


def leave_out(message: LeaveOut, state: LeftOut, context: Context) -> Outcome:
    """Somebody found no partner: they stand on the reserve list, and are told why (P5)."""
    round_, programme, someone = state
    if round_ is None or programme is None:
        return NOTHING
    written, said = waits(someone, round_.opened_on, message.reason)
    if not written:
        return NOTHING
    mail = addressed(programme, message.participant_id, "reserve", reason=message.reason.text)
    return Decision(state=tuple(written), messages=(*said, mail))


def solved(message: Solved, state: RoundOf, context: Context) -> Outcome:
    """Every pair was proposed: the office may approve. A round without a pair is over at once."""
    round_, programme, board, _ = state
    if round_ is None or programme is None or round_.status != "solving":
        return NOTHING
    status = "proposed" if message.proposals else "approved"
    done = round_.but(
        status=status,
        proposals=message.proposals,
        unmatched=message.unmatched,
        lowest_score=message.lowest_score,
        sum_of_scores=message.sum_of_scores,
    )
    event = m.RoundSolved(**done.published())
    if not message.proposals:
        closed = (board or Board(id=programme.id, programme=programme.id)).but(open=None)
        return Decision(state=(done, closed), messages=(event,))
    answers = ("matching.approve-round.v1", "matching.reject-proposal.v1")
    waiting = attention(programme, "round-to-approve", round_.id, round_.subject, round_.opened_on, answers)
    return Decision(state=(done, waiting), messages=(event, needs_office(waiting)))


def approve_round(message: m.ApproveRound, state: RoundOf, context: Context) -> Outcome:
    """Approve what is still proposed; both people of each pair are asked (S6)."""
    round_, programme, board, sign = state
    if round_ is None or programme is None or board is None:
        return refuse(UNKNOWN)
    if round_.status != "proposed":
        return refuse(reason("round_id", "not_proposed", words("not-proposed")))
    approved = round_.but(status="approved", answer_by=context.today + programme.deadlines.answer_days * DAY)
    written: list[Aggregate] = [approved, board.but(open=None)]
    said: list[Contract] = [m.RoundApproved(**approved.published())]
    if sign is not None and sign.status != "settled":
        written.append(sign.settled())
        said.append(needs_office(sign.settled()))
    return Decision(state=tuple(written), messages=tuple(said), jobs=(Start("approve", round_.id),))
