"""What somebody's pause means here (P6): a proposal's days stand still, and who is back is looked for again."""

import datetime as dt
from collections.abc import Iterable

from services.matching.load_people import Known
from services.matching.load_proposals import ProposalOf
from services.matching.model import Candidate, Programme, Proposal, Round, Seat
from services.matching.say import DAY, addressed
from shared.contracts import matching as m
from shared.contracts.base import Contract
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import Decision

Said = tuple[list[Aggregate], list[Contract]]


def looks_again(before: Candidate | None, candidate: Candidate, seat: Seat, state: Known, today: dt.date) -> Said:
    """What follows when somebody's pause is over: the next round looks for them, if they have a free seat.

    The seat is only read: what frees one writes the candidate, as this does. A round that is not being solved yet will
    read them; it is written unchanged, as solving it begins with a write of it, so that one of the two sees the other.
    """
    programme, board, open_ = state.programme, state.board, state.open
    over = before is not None and before.paused_since is not None and not candidate.pauses(today)
    if not over or programme is None or board is None or programme.over(today) or not seat.free(candidate, today):
        return [], []
    if open_ is None or open_.status not in ("gathering", "wishing"):
        return [board.freed(today)], []
    return [open_], [*invited(candidate, programme, open_, today)]


def invited(candidate: Candidate, programme: Programme, open_: Round, today: dt.date) -> tuple[Contract, ...]:
    """The words for who may be matched only since a round waits for wishes: they may name theirs as well (P1)."""
    if open_.status != "wishing" or not candidate.takes_part(today):
        return ()
    return (addressed(programme, candidate.id, "wishes", by=open_.wish_by),)


def people_of(state: ProposalOf) -> list[Candidate]:
    """The two of a proposal, as far as they are known."""
    return [someone.candidate for someone in (state.mentor, state.mentee) if someone.candidate is not None]


def days_paused(people: Iterable[Candidate], on: dt.date, last: dt.date = dt.date.max) -> int:
    """Days that the two have paused before a day, both counted; of a pause that began after the `last` day, none."""
    return sum(
        person.days_paused
        if person.paused_since is not None and person.paused_since > last
        else person.paused_before(on)
        for person in people
    )


def stands_still(proposal: Proposal, programme: Programme, state: ProposalOf, today: dt.date) -> Decision | None:
    """What becomes of a proposal whose last day is over, if one of the two paused meanwhile; None if nobody did.

    While one of them pauses it is looked at again the next day. Then the last day moves by the days that they paused,
    and both are told, in the same words: neither learns from it who paused, nor who has answered. A pause that began
    after the last day moves nothing. The candidates are written unchanged: who pauses at this moment conflicts.
    """
    last = proposal.answer_by
    if last is None:
        return None
    people = people_of(state)
    if any(p.pauses(today) and p.paused_since is not None and p.paused_since <= last for p in people):
        return Decision(state=(proposal.but(due=today + DAY), *people))
    days = days_paused(people, today, last)
    if days <= proposal.days_paused:
        return None
    # Nobody is told of a day that is over.
    answer_by = max(last + (days - proposal.days_paused) * DAY, today)
    # A deadline names its last day and ends when the next but one starts.
    moved = proposal.but(answer_by=answer_by, due=answer_by + 2 * DAY, days_paused=days)
    mails = [addressed(programme, p.id, "proposal-moved", by=answer_by) for p in people if p.status == "registered"]
    return Decision(state=(moved, *people), messages=(m.ProposalApproved(**moved.published()), *mails))
