"""Decisions about what others know: programmes, people, topics; and about people's wishes."""

from services.matching.admission import in_line
from services.matching.board import close_with
from services.matching.ids import round_id
from services.matching.load_people import Known, Someone, Wishing
from services.matching.load_rounds import ProgrammeRounds
from services.matching.model import Board, Candidate, Programme, Round, Seat, Topic, Wishes
from services.matching.pausing import invited, looks_again
from services.matching.reserve import seat_of, waits, waits_no_more
from services.matching.say import reasoned, words
from shared.contracts import matching as m
from shared.contracts.base import Contract
from shared.contracts.registration import (
    ErasureOrdered,
    ParticipantState,
    ProgrammeArchived,
    ProgrammeState,
    TopicListed,
)
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Start, reason, refuse
from shared.runtime.pausing import pause_of


def know_programme(message: ProgrammeState | ProgrammeArchived, state: ProgrammeRounds, context: Context) -> Outcome:
    """Take over a programme; when its registration has closed, the first round begins.

    When it ends, the round that is open ends too, and so does every open proposal, in pieces.
    """
    before, board, first, open_, _ = state
    if before is not None and not before.seen < context.seen:
        return NOTHING
    programme = Programme(
        id=message.programme_id,
        programme=message.programme_id,
        title=message.title,
        status="ended" if message.status == "archived" else message.status,
        places=message.places,
        term=message.term,
        office=message.office,
        **Programme.parts(message.rules),
        rules_version=message.rules_version,
        coming=message.coming,
        closed_set=message.closed_set if isinstance(message, ProgrammeState) else None,
        held_back=message.held_back if isinstance(message, ProgrammeState) else None,
        seen=context.seen,
    )
    if programme.status == "ended":
        jobs = () if board is None else (Start("end", programme.id),)
        written, said = close_with(programme, board, open_, state.attention, context.today)
        return Decision(state=(programme, *written), messages=tuple(said), jobs=jobs)
    if programme.closed_set is None or first is not None or programme.over(context.today):
        return Decision(state=(programme,))
    opened = Round(
        id=round_id(programme.id, 1),
        programme=programme.id,
        number=1,
        status="gathering",
        seed=f"{programme.id}.1",
        rules_version=programme.on(context.today).rules_version,
        opened_on=context.today,
    )
    board = (board or Board(id=programme.id, programme=programme.id)).but(rounds=1, open=opened.id)
    return Decision(
        state=(programme, board, opened),
        messages=(m.RoundOpened(**opened.published()),),
        jobs=(Start("gather", opened.id),),
    )


def know_participant(message: ParticipantState, state: Known, context: Context) -> Outcome:
    """Take over a person; who left is let go of everything, and remembered as having left.

    Somebody may be matched from a later day on: admitted after the close, released by their line manager, registered
    anew, or registration was restored to before they left; see `_comes_later`. Who pauses keeps what they hold and
    their place in line; when the pause is over the next round looks for them (P6).
    """
    someone = state.someone
    before = someone.candidate
    if before is not None and not before.seen < context.seen:
        return NOTHING
    candidate = Candidate(
        id=message.participant_id,
        programme=message.programme_id,
        role=message.role,
        status=message.status,
        profile=message.profile,
        position=message.position,
        reporting_line=message.reporting_line,
        waiting_since=message.waiting_since,
        released=message.released,
        late=message.late,
        admitted=message.admitted,
        line=message.line,
        seen=context.seen,
        **pause_of(message),
    )
    seat = seat_of(someone, candidate.id, candidate.programme)
    if message.status != "withdrawn":
        comes = candidate.late if before is None else before.status == "withdrawn" or not before.released
        if comes and candidate.released and candidate.admitted:
            return _comes_later(candidate, seat, state, context)
        # Who comes and finds no room is new to the line, whatever they were before.
        written, said = in_line(None if comes else before, someone._replace(candidate=candidate), seat, context)
        more, told = looks_again(before, candidate, seat, state, context.today)
        return Decision(state=(candidate, *written, *more), messages=(*said, *told))
    written, said = waits_no_more(someone)
    # Written even if unchanged: what is being promised to them at this moment conflicts, and sees who left.
    return Decision(state=(candidate, seat, *written), messages=tuple(said), jobs=(Start("leave", candidate.id),))


def _comes_later(candidate: Candidate, seat: Seat, state: Known, context: Context) -> Decision:
    """Somebody may be matched from now on: they wait in line from today (P5), and the next round looks for them.

    Before the first round is solved nobody waits in line, so they are like everybody. Without a board no round was
    opened as this was read: one that opens at this moment gathers first, and finds them as they are then. Board and
    round are written, unchanged: a round that begins to be solved at this moment conflicts with this, else it may have
    read the people before and nobody would look for them (write skew).
    """
    someone, programme, board, open_ = state
    if board is None or programme is None or programme.over(context.today):
        return Decision(state=(candidate,))
    if open_ is not None and open_.status in ("gathering", "wishing"):
        return Decision(state=(candidate, board, open_), messages=invited(candidate, programme, open_, context.today))
    left = someone.candidate is not None and someone.candidate.status == "withdrawn"
    why = reasoned("takes_part_again" if left else "joined_late")
    written, said = waits(someone._replace(candidate=candidate), seat, context.today, why)
    if seat.free(candidate, context.today):
        board = board.freed(context.today)
    fence = (board,) if open_ is None else (board, open_)
    return Decision(state=(candidate, seat, *written, *fence), messages=tuple(said))


def let_go_of_erased(message: ErasureOrdered, people: tuple[Someone, ...], context: Context) -> Outcome:
    """Who is to be erased leaves first, also where registration's word that they left has not come, or is stuck.

    What erases them waits for the job that lets go of what they hold: so their tandems end as anybody's.
    """
    written: list[Aggregate] = []
    said: list[Contract] = []
    jobs: list[Start] = []
    for someone in people:
        candidate = someone.candidate
        if candidate is None:
            continue
        seat = seat_of(someone, candidate.id, candidate.programme)
        if candidate.status == "withdrawn" and seat.empty:
            continue
        more, told = waits_no_more(someone)
        written += [candidate.but(status="withdrawn"), seat, *more]
        said += told
        jobs.append(Start("leave", candidate.id))
    return Decision(state=tuple(written), messages=tuple(said), jobs=tuple(jobs))


def know_topic(message: TopicListed, before: Topic | None, context: Context) -> Outcome:
    """Take over a topic's words, and where it leads."""
    if before is not None and not before.seen < context.seen:
        return NOTHING
    topic = Topic(
        id=message.topic_id,
        label=message.label,
        forwards_to=message.forwards_to,
        retired=message.retired,
        seen=context.seen,
    )
    return Decision(state=(topic,))


def name_wishes(message: m.NameWishes, state: Wishing, context: Context) -> Outcome:
    """Keep somebody's wishes and vetoes, in place of earlier ones (P1)."""
    candidate = state.candidate
    if candidate is None:
        return refuse(reason("participant_id", "unknown_participant", words("unknown-participant")))
    found = []
    if context.actor != candidate.id:
        found.append(reason("participant_id", "not_yours", words("not-yours")))
    if set(message.wishes) & set(message.vetoes):
        found.append(reason("vetoes", "wished_and_vetoed", words("wished-and-vetoed")))
    if candidate.id in (*message.wishes, *message.vetoes):
        found.append(reason("wishes", "oneself", words("oneself")))
    if found:
        return refuse(*found)
    wishes = Wishes(id=candidate.id, programme=candidate.programme, wishes=message.wishes, vetoes=message.vetoes)
    named = m.WishesNamed(participant_id=candidate.id, wishes=len(message.wishes), vetoes=len(message.vetoes))
    return Decision(state=(wishes,), messages=(named,))
