"""Decisions about gatherings, the kick-off among them (S5): their dates, and that they are over or cancelled."""

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from services.scheduling import published
from services.scheduling.availability.wall_time import is_to_come
from services.scheduling.gatherings.jobs import GatheringFound, calling_off_ref, reminding_ref
from services.scheduling.gatherings.loaders import GatheringState, gathering_id
from services.scheduling.gatherings.model import Agenda, AnyGathering, Gathering, KickOff, What
from services.scheduling.model import DAY, Programme
from services.scheduling.say import gathering_impossible, needs_office, settle, words
from shared.contracts import scheduling as s
from shared.contracts.base import Contract, Event, Reason
from shared.contracts.scheduling import ForWhom
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start, reason, refuse

LONGEST = 60
"""Days that may be offered at most, from the first to the last."""
TO_COME = 12
"""Gatherings at most that a programme has ahead of it at a time: all are looked at when somebody registers."""


class Wanted(NamedTuple):
    """What the office asks for, by whichever command."""

    what: What
    earliest: dt.date
    latest: dt.date
    minutes: int
    dates: int = 1
    rooms: tuple[int, ...] = ()
    for_whom: ForWhom = "everybody"
    place: str | None = None


def plan_kick_off(message: s.PlanKickOff, state: GatheringState, context: Context) -> Outcome:
    """Look for the day of the kick-off: the same as a gathering of this kind with one date."""
    wanted = Wanted("kick-off", message.earliest, message.latest, message.minutes, place=message.place)
    return _plan(message.programme_id, None, wanted, state, context)


def plan_gathering(message: s.PlanGathering, state: GatheringState, context: Context) -> Outcome:
    """Look for the dates of a gathering at which most can come."""
    wanted = Wanted(
        message.kind,
        message.earliest,
        message.latest,
        message.minutes,
        message.dates,
        message.rooms,
        message.for_whom,
        message.place,
    )
    id = None if message.kind == "kick-off" else gathering_id(message)
    found = []
    if message.kind == "kick-off" and message.gathering_id is not None:
        found.append(reason("gathering_id", "one_kick_off", words("one-kick-off")))
    elif message.gathering_id is not None and not _the_same(message, state.gathering):
        found.append(reason("gathering_id", "unknown_gathering", words("unknown-gathering")))
    return refuse(*found) if found else _plan(message.programme_id, id, wanted, state, context)


def _the_same(message: s.PlanGathering, known: AnyGathering | None) -> bool:
    return known is not None and (known.programme, known.what) == (message.programme_id, message.kind)


def _plan(programme_id: str, id: str | None, wanted: Wanted, state: GatheringState, context: Context) -> Outcome:
    known, programme = state.gathering, state.programme
    found = _reasons(wanted, known, programme, context)
    agenda = state.agenda or Agenda(id=programme_id, programme=programme_id)
    if id is not None and id not in agenda.gatherings and len(agenda.gatherings) >= TO_COME:
        found.append(reason("programme_id", "too_many_gatherings", words("too-many-gatherings", most=TO_COME)))
    if found:
        return refuse(*found)
    settled, said = settle([state.sign] if state.sign is not None else [])
    fields: Mapping[str, object] = {
        "programme": programme_id,
        "status": "sought",
        "for_whom": wanted.for_whom,
        "dates_at_most": wanted.dates,
        "rooms": wanted.rooms,
        "earliest": wanted.earliest,
        "latest": wanted.latest,
        "planned": known.planned + 1 if known is not None else 1,
        "before": known.before if known is not None else (),
        "minutes": wanted.minutes,
        "place": wanted.place,
    }
    sought: AnyGathering
    written: list[Aggregate] = [*settled]
    if id is None:
        sought = KickOff.model_validate({"id": programme_id, **fields})
    else:
        sought = Gathering.model_validate({"id": id, "what": wanted.what, **fields})
        others = tuple(other for other in agenda.gatherings if other != id)
        written.append(agenda.but(gatherings=(*others, id)))
    return Decision(state=(sought, *written), messages=tuple(said), jobs=(Start("gathering-dates", sought.subject),))


def _reasons(wanted: Wanted, known: AnyGathering | None, programme: Programme | None, context: Context) -> list[Reason]:
    found = []
    what = words(f"gathering-{wanted.what}")
    if programme is None:
        found.append(reason("programme_id", "unknown_programme", words("unknown-programme")))
    if known is not None and known.status == "sought":
        found.append(reason("programme_id", "being_planned", words("being-planned", what=what)))
    elif known is not None and known.status in ("scheduled", "held"):
        found.append(reason("programme_id", "already_planned", words("already-planned", what=what, date=known.date)))
    if wanted.latest < wanted.earliest:
        found.append(reason("latest", "before_earliest", words("before-earliest")))
    if not is_to_come(wanted.earliest, context.today):
        found.append(reason("earliest", "past", words("past", date=context.today)))
    if (wanted.latest - wanted.earliest).days > LONGEST:
        found.append(reason("latest", "too_far", words("too-far")))
    if programme is None:
        return found
    if wanted.what == "kick-off":
        if wanted.latest > programme.registration_closes or not programme.registering:
            # The match begins when registration closes, and the workshop comes before it.
            found.append(reason("latest", "after_registration", words("after-registration")))
        return found
    term = programme.term
    if wanted.earliest < term.starts:
        found.append(reason("earliest", "outside_term", words("before-term", date=term.starts)))
    if wanted.latest > term.ends:
        found.append(reason("latest", "outside_term", words("after-the-term", date=term.ends)))
    return found


def event(gathering: AnyGathering) -> Event:
    """The event that says a gathering as it is now. Raises LookupError while its dates are being looked for."""
    said = published.kick_off(gathering) if isinstance(gathering, KickOff) else published.gathering(gathering)
    if said is None:
        raise LookupError(f"{gathering.subject} is {gathering.status}: nothing is said of it yet")
    return said


def dates_found(message: GatheringFound, state: GatheringState, context: Context) -> Outcome:
    """Say a gathering's dates, or that there is none: then the office is told, and may offer other days."""
    gathering, programme = state.gathering, state.programme
    if gathering is None or gathering.status != "sought" or gathering.planned != message.planned or programme is None:
        return NOTHING
    counted = {"invited": message.invited, "can_come": message.can_come}
    if not message.dates:
        none = gathering.but(status="impossible", bound=message.bound, **counted)
        sign = gathering_impossible(programme.on(context.today), none, context.today, context.id)
        none = none.but(sign=sign.id)
        written: list[Aggregate] = [none, sign, *_over(none, state.agenda)]
        return Decision(state=tuple(written), messages=(event(none), needs_office(sign)))
    first, *more = message.dates
    scheduled = gathering.but(
        status="scheduled",
        date=first.date,
        start=first.start,
        first_invited=first.invited,
        more=tuple(more),
        bound=message.bound,
        proved=message.proved,
        **counted,
    )
    scheduled = scheduled.but(due=scheduled.next_look(context.today))
    return Decision(state=(scheduled,), messages=(event(scheduled),))


def _over(gathering: AnyGathering, agenda: Agenda | None) -> list[Agenda]:
    """The programme's agenda without a gathering to which nobody is to be invited any more."""
    if agenda is None or gathering.id not in agenda.gatherings:
        return []
    return [agenda.but(gatherings=tuple(id for id in agenda.gatherings if id != gathering.id))]


def date_reached(message: DueReached, state: GatheringState, context: Context) -> Outcome:
    """Look once more who has no date yet; the day before a date remind of it; the day after the last it was held.

    The day after it was cancelled whoever was invited at that very moment is told as well (`guests.invite`).
    """
    gathering = state.gathering
    if gathering is not None and gathering.status == "cancelled":
        again = (Start("call-off", calling_off_ref(gathering)),)
        return Decision(state=(gathering.but(due=None),), jobs=again)
    if gathering is None or gathering.status != "scheduled" or not gathering.dates:
        return NOTHING if gathering is None else Decision(state=(gathering.but(due=None),))
    if message.date > gathering.dates[-1].date:
        held = gathering.but(status="held", due=None)
        return Decision(state=(held, *_over(held, state.agenda)), messages=(event(held),))
    jobs = [Start("late-guests", gathering.subject)]
    tomorrow = message.date + DAY
    if any(when.date == tomorrow for when in gathering.dates):
        jobs.append(Start("remind-guests", reminding_ref(gathering.subject, tomorrow)))
    return Decision(state=(gathering.but(due=gathering.next_look(message.date)),), jobs=tuple(jobs))


def cancel_gathering(message: s.CancelGathering, state: GatheringState, context: Context) -> Outcome:
    """Cancel a gathering whose last date is not over; all who were invited are told by a job."""
    gathering = state.gathering
    field = "gathering_id" if message.gathering_id is not None else "programme_id"
    if gathering is None or gathering.programme != message.programme_id:
        if message.gathering_id is None:
            return refuse(reason(field, "no_kick_off", words("no-kick-off")))
        return refuse(reason(field, "unknown_gathering", words("unknown-gathering")))
    if gathering.status == "cancelled":
        return Decision(state=(gathering,), messages=(event(gathering),))
    if gathering.status == "held" or (gathering.dates and context.today > gathering.dates[-1].date):
        return refuse(reason(field, "over", words("gathering-over")))
    settled, said = settle([state.sign] if state.sign is not None else [])
    invited = gathering.status == "scheduled"
    held = tuple(when.date for when in gathering.dates if when.date < context.today)
    cancelled = gathering.but(
        status="cancelled",
        due=context.today + DAY if invited else None,
        before=(*gathering.before, *held),
        sign=None,
    )
    told: list[Contract] = [event(cancelled), *said]
    jobs = (Start("call-off", calling_off_ref(gathering)),) if invited else ()
    return Decision(state=(cancelled, *settled, *_over(cancelled, state.agenda)), messages=tuple(told), jobs=jobs)
