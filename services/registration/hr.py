"""Decisions about HR's facts: somebody's post changed, somebody leaves, a whole unit moved (P10).

Of who does not take part nothing is kept, unless HR's word on them was before: it holds when they register again. What
is older than what HR said before is passed over, by the sequence of the employment. A single fact and a reorganisation
have no common sequence: whichever is decided later stands, and it changes only what it speaks of. A fact of before a
reorganisation that is decided after it puts somebody back into the unit's old place; matching judges them by that,
until the next word on them, at the latest the nightly file.
"""

from collections.abc import Iterable

from services.registration.hr_jobs import MoveMember
from services.registration.leaving import left
from services.registration.load_hr import Employed, Moving
from services.registration.load_kept import Waited
from services.registration.model import Employment, Participant, Programme, Reorganisation
from services.registration.model.hr import Post, takes_part
from services.registration.posts import changed_by, changes, heard, known_end, line_of, named
from services.registration.say import addressed
from services.registration.waiting import forgotten
from shared.contracts import hr
from shared.contracts import registration as r
from shared.contracts.base import Contract
from shared.runtime.aggregate import Aggregate
from shared.runtime.days import DAY
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start


def employment_changed(message: hr.EmploymentChanged, state: Employed, context: Context) -> Outcome:
    """Take over what HR knows of a post wherever the person takes part; the last day is as said here, or there is none.

    Whose last day is over leaves, and nothing else is taken over.
    """
    person = state.person
    employment = _heard(message, state, context)
    if person is None or employment is None:
        return NOTHING
    if employment.over(context.today):
        return _leave(state, employment, context)
    line = line_of(message, person.id, context.keyed)
    written: list[Aggregate] = []
    said: list[Contract] = []
    for one in state.taking_part:
        if one.participant is None or one.programme is None:
            continue
        state_, told = _changed(one.participant, one.programme, message, line)
        written += state_
        said += told
    # The person is written too, unchanged: who registers them for a programme at this moment conflicts with this.
    return Decision(state=(person, employment, *written), messages=tuple(said))


def employment_ended(message: hr.EmploymentEnded, state: Employed, context: Context) -> Outcome:
    """Somebody's employment ends: they leave on the day after the last one, or at once if that has come."""
    employment = _heard(message, state, context)
    if state.person is None or employment is None:
        return NOTHING
    if employment.over(context.today):
        return _leave(state, employment, context)
    return Decision(state=(state.person, employment))


def employment_over(message: DueReached, state: Employed, context: Context) -> Outcome:
    """The last day is over, and HR has not taken it back: the person leaves whatever they take part in by now."""
    employment = state.employment
    if employment is None:
        return NOTHING
    if employment.due is None or message.date < employment.due:
        return Decision(state=(employment,))
    return _leave(state, employment, context)


def _heard(message: hr.EmploymentChanged | hr.EmploymentEnded, state: Employed, context: Context) -> Employment | None:
    """The employment as HR says it now, due on the day after the last one.

    None where nobody is concerned, or HR has said something newer of them. Of who takes part in nothing nothing is
    kept; but for an end, where they wait for the next programme or soon may.
    """
    person, employment, taking_part, *_ = state
    end = known_end(message.last_day, context.today)
    concerned = taking_part or (end is not None and (state.waits or state.agreed))
    if person is None or not (employment.seen < context.seen if employment is not None else concerned):
        return None
    employment = employment or Employment(id=person.id)
    if isinstance(message, hr.EmploymentChanged) and state.profiled:
        employment = employment.but(post=heard(employment.post, message, line_of(message, person.id, context.keyed)))
    return employment.but(
        seen=context.seen,
        last_day=end,
        due=end + DAY if end is not None else None,
    )


def _leave(state: Employed, employment: Employment, context: Context) -> Decision:
    """Leave every programme in order, as whoever withdraws does, and wait for no other; no event says why.

    Who agreed to wait is written too, unchanged: whatever would keep them a place at this moment conflicts with this,
    and sees then that the last day is over (`waiting.kept_place`).
    """
    decided = [left(one, context, "no-longer-takes-part") for one in state.taking_part]
    gone = tuple(a for d in decided for a in d.deletes)
    decided += [_waits_no_more(one) for one in state.waits if one.waiting not in gone]
    # The person is written too, unchanged: who registers them for a programme at this moment conflicts with this.
    person = (state.person,) if state.person else ()
    return Decision(
        state=(*person, employment.but(due=None), *state.agreed, *(a for d in decided for a in d.state)),
        messages=tuple(m for d in decided for m in d.messages),
        jobs=tuple(job for d in decided for job in d.jobs),
        deletes=tuple(a for d in decided for a in d.deletes),
    )


def _waits_no_more(one: Waited) -> Decision:
    waiting, programme = one
    told = (addressed(waiting.participant, programme, "place-over", "place-ended"),) if programme is not None else ()
    return Decision(deletes=(waiting,), messages=told, jobs=forgotten(programme))


def _changed(
    participant: Participant, programme: Programme, facts: hr.EmploymentChanged, line: tuple[str, ...] | None
) -> tuple[list[Aggregate], list[Contract]]:
    found = changes(participant, facts, line)
    if not found:
        # Written unchanged: whom a reorganisation moves at this moment conflicts with this. Else one person would be
        # moved in the one programme before HR's word on them, and in the other after it (write skew).
        return [participant], []
    return _said(changed_by(participant, found).next(), programme, found)


def _said(changed: Participant, programme: Programme, fields: Iterable[str]) -> tuple[list[Aggregate], list[Contract]]:
    return [changed], [
        r.ParticipantChanged(**changed.published()),
        addressed(changed.id, programme, "hr-changed", fields=named(fields)),
    ]


def unit_moved(message: hr.UnitMoved, before: Reorganisation | None, context: Context) -> Outcome:
    """A whole unit moved: a job finds who works there. The same said again moves nobody a second time."""
    if before is not None and not before.seen < context.seen:
        return NOTHING
    fields = {name: value for name, value in dict(message).items() if name != "reorganisation_id"}
    moved = Reorganisation(id=message.reorganisation_id, seen=context.seen, **fields)
    if before is not None and moved == before.but(seen=context.seen):
        return Decision(state=(moved,))
    return Decision(state=(moved,), jobs=(Start("move-unit", moved.id),))


def move_member(message: MoveMember, state: Moving, context: Context) -> Outcome:
    """Move somebody along with their unit, if they still work there: a fact of their own may have come before."""
    move, participant, programme, employment = state
    if move is None or participant is None or programme is None or not takes_part(participant, programme):
        return NOTHING
    profile = participant.profile
    place = move.place(profile.department, profile.unit)
    if place is None or place == (profile.department, profile.unit):
        return NOTHING
    found = {"department": place[0], "unit": place[1]}
    moved = profile.model_copy(update=found)
    fields = [name for name, value in found.items() if value != getattr(profile, name)]
    written, said = _said(participant.next(profile=moved), programme, fields)
    return Decision(state=(*written, *_post_moved(move, employment)), messages=tuple(said))


def _post_moved(move: Reorganisation, employment: Employment | None) -> tuple[Employment, ...]:
    """What HR said of the post moves along: who registers them for another programme finds them where they work."""
    post = employment.post if employment is not None else Post()
    if employment is None or post.department is None or post.unit is None:
        return ()
    place = move.place(post.department, post.unit)
    if place is None:
        return ()
    return (employment.but(post=post.model_copy(update={"department": place[0], "unit": place[1]})),)
