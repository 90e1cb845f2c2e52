"""Decisions about days and what other services know."""

import datetime as dt

from services.scheduling.availability.rests import Rest
from services.scheduling.availability.wall_time import LONG_AGO
from services.scheduling.calendars.weeks import week_changed
from services.scheduling.gatherings.guests import invited_on_joining, leaving
from services.scheduling.gatherings.loaders import JoiningState
from services.scheduling.loaders import FormingState
from services.scheduling.meetings.signs import looked_at_on, none_left
from services.scheduling.model import Days, Diary, Pair, Participant, Programme
from services.scheduling.resting.decisions import may_pause, pauses_otherwise
from services.scheduling.say import words
from shared.contracts import matching, registration
from shared.contracts import scheduling as s
from shared.runtime.days import BEFORE_TIME, NO_TODAY_YET, far_ahead
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Start, Wait, reason, refuse
from shared.runtime.pausing import pause_of

LONGEST_LEAP = 10
"""Years between two days that are started one after the other; a longer leap is a slip of the keyboard."""


def start_day(message: s.StartDay, days: Days | None, context: Context) -> Outcome:
    """Start a day: the one after which comes whoever is first.

    None that is years ahead: there is no way back to the days before it, and at the ends of the calendar no days are
    left to count deadlines.
    """
    if message.date < LONG_AGO:
        return refuse(reason("date", "too_early", words("day-too-early", date=LONG_AGO)))
    last = days.date if days is not None else BEFORE_TIME
    if message.date > NO_TODAY_YET or far_ahead(message.date, last, LONGEST_LEAP):
        return refuse(reason("date", "too_far", words("day-too-far", years=LONGEST_LEAP)))
    if days is not None and message.date <= days.date:
        return refuse(reason("date", "not_after", words("not-after", date=days.date)))
    return Decision(state=(Days(id="days", date=message.date),), messages=(s.DayStarted(date=message.date),))


def know_programme(
    message: registration.ProgrammeState | registration.ProgrammeArchived, before: Programme | None, context: Context
) -> Outcome:
    """Take over a programme; newest state wins."""
    if before is not None and not before.seen < context.seen:
        return NOTHING
    programme = Programme(
        id=message.programme_id,
        programme=message.programme_id,
        title=message.title,
        term=message.term,
        registration_closes=message.registration_closes,
        registering=message.status == "open",
        office=message.office,
        **Programme.parts(message.rules),
        rules_version=message.rules_version,
        coming=message.coming,
        seen=context.seen,
    )
    return Decision(state=(programme,))


def know_participant(message: registration.ParticipantState, state: JoiningState, context: Context) -> Outcome:
    """Take over when a person works; newest state wins. Who registers after the kick-off was set is invited at once."""
    before = state.participant
    if before is not None and not before.seen < context.seen:
        return NOTHING
    participant = Participant(
        id=message.participant_id,
        programme=message.programme_id,
        status=message.status,
        role=message.role,
        working_times=message.profile.working_times,
        invited=before is not None and before.invited,
        seen=context.seen,
        **pause_of(message),
    )
    gone = participant.status == "withdrawn"
    guests, said = leaving(state, context) if gone else invited_on_joining(participant, state, context)
    jobs = (Start("rest", participant.id),) if pauses_otherwise(before, participant) else ()
    tandems, more = week_changed(before, participant, state.pairs, state.programme, context)
    # Nothing is planned with who withdrew, so nothing of their time is kept.
    kept = tuple(known for known in state.kept if known is not None) if gone else ()
    written = {one.subject: one for one in (participant, *guests, *tandems)}
    return Decision(state=tuple(written.values()), messages=tuple(said), jobs=(*jobs, *more), deletes=kept)


def know_tandem(message: matching.TandemState, state: FormingState, context: Context) -> Outcome:
    """Take over a tandem: plan its meetings when it begins, clear them when it ends. Newest state wins.

    When it begins both people are written unchanged, as far as they are known: who begins a pause at this moment does
    not find the tandem in their diary, and this must not find them without a pause (write skew). Of whom nothing is
    known yet may be found to pause later.
    """
    before, programme, signs, diaries, people = state
    if before is not None and not before.seen < context.seen:
        return NOTHING
    if programme is None:
        return Wait(f"programme/{message.programme_id}")
    fields = {
        "mentor": message.mentor,
        "mentee": message.mentee,
        "status": message.status,
        "formed_on": message.formed_on,
        "ends_on": message.ends_on,
        "seen": context.seen,
    }
    if before is None:
        pair = Pair(id=message.tandem_id, programme=message.programme_id, **fields)
    else:
        pair = before.but(**fields)
    running = pair.status == "running"
    written = _noted(pair, diaries)
    if running:
        pair = pair.but(due=looked_at_on(pair, programme.on(context.today)))
        if before is not None:
            return Decision(state=(pair, *written))
        rest = [Start("rest", p) for p, found in zip(pair.people, people, strict=True) if may_pause(found)]
        known = [found for found in people if found is not None]
        return Decision(state=(pair, *written, *known), jobs=(Start("plan", pair.id), *rest))
    settled, said = none_left(_rested(pair, context.today), signs)
    return Decision(
        state=(*settled, *written),
        messages=tuple(said),
        jobs=(Start("clear", pair.id),),
    )


def _rested(pair: Pair, today: dt.date) -> Pair:
    """A tandem that ended, with its rest over: else what became of its last meetings would be open for ever (P6)."""
    if not pair.rests or pair.rests[-1].last is not None:
        return pair
    *earlier, open_rest = pair.rests
    over = (Rest(first=open_rest.first, last=today),) if open_rest.first <= today else ()
    return pair.but(rests=(*earlier, *over), resting=False)


def _noted(pair: Pair, diaries: tuple[Diary | None, ...]) -> list[Diary]:
    """The diaries of both people that change: a running tandem stands in them, one that ended does not."""
    changed = []
    for who, found in zip(pair.people, diaries, strict=True):
        diary = found or Diary(id=who, programme=pair.programme)
        others = tuple(id for id in diary.tandems if id != pair.id)
        tandems = (*others, pair.id) if pair.status == "running" else others
        if set(tandems) != set(diary.tandems):
            changed.append(diary.but(tandems=tandems))
    return changed
