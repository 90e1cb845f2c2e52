"""Decisions about programmes."""

import datetime as dt

from services.registration.checks import programme_reasons, words
from services.registration.jobs import BucketSaid, Counted
from services.registration.load_programmes import Closing
from services.registration.model import Programme, seal_of
from shared.contracts import registration as r
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start, reason, refuse

DAY = dt.timedelta(days=1)
UNKNOWN = reason("programme_id", "unknown_programme", words("unknown-programme"))


def open_programme(message: r.OpenProgramme, before: Programme | None, context: Context) -> Outcome:
    """Open a programme, its criteria sealed before there is any data (P14)."""
    found = programme_reasons(message, context.today)
    if before is not None:
        found.append(reason("programme_id", "taken", words("taken")))
    if found:
        return refuse(*found)
    fields = dict(message)
    opened = Programme(
        id=fields.pop("programme_id"),
        programme=message.programme_id,
        # A deadline names its last day and ends when the next but one starts: what was sent in time still counts.
        due=message.registration_closes + 2 * DAY,
        criteria_seal=seal_of(message.criteria),
        said=1,
        **fields,
    )
    return Decision(state=(opened,), messages=(r.ProgrammeOpened(**opened.published()),))


def change_places(message: r.ChangePlaces, programme: Programme | None, context: Context) -> Outcome:
    """Grant or take back places, if the office saw the programme's newest state."""
    if programme is None:
        return refuse(UNKNOWN)
    if programme.status == "ended":
        return refuse(reason("programme_id", "ended", words("ended")))
    if message.replaces != programme.said:
        return refuse(reason("replaces", "replaced", words("replaced", sequence=programme.said)))
    changed = programme.next(places=message.places)
    return Decision(state=(changed,), messages=(r.ProgrammeChanged(**changed.published()),))


def close_registration(message: r.CloseRegistration, state: Closing, context: Context) -> Outcome:
    """Close registration before its date."""
    if state.programme is None:
        return refuse(UNKNOWN)
    if state.programme.status != "open":
        return refuse(reason("programme_id", "already_closed", words("already-closed")))
    return _close(state.programme, state)


def _close(programme: Programme, state: Closing) -> Decision:
    """Shut every lane's guard, so that nobody joins meanwhile; who is in the set is counted when it stands still."""
    closing = programme.next(status="closing", due=None)
    guards = tuple(guard.but(closed=True) for guard in state.guards)
    return Decision(
        state=(closing, *guards),
        messages=(r.ProgrammeChanged(**closing.published()),),
        jobs=(Start("count", programme.id),),
    )


def date_reached(message: DueReached, state: Closing, context: Context) -> Outcome:
    """A programme's next date: registration closes, the term begins, the term is over."""
    programme = state.programme
    if programme is None:
        return NOTHING
    if programme.due is None or message.date < programme.due:
        # A day handed out late, after the next one: what was due has happened, and the next date is not reached.
        return Decision(state=(programme,))
    if programme.status == "open":
        return _close(programme, state)
    if programme.status == "closed":
        running = programme.next(status="running", due=programme.term.ends + DAY)
        return Decision(state=(running,), messages=(r.ProgrammeChanged(**running.published()),))
    if programme.status == "running":
        ended = programme.next(status="ended", due=None)
        return Decision(state=(ended,), messages=(r.ProgrammeEnded(**ended.published()),))
    return Decision(state=(programme.but(due=None),))


def say_closed(message: Counted, programme: Programme | None, context: Context) -> Outcome:
    """Say whom the registration closed."""
    if programme is None or programme.status != "closing":
        return NOTHING
    closed = programme.next(status="closed", closed_set=message.members, due=programme.term.starts)
    return Decision(state=(closed,), messages=(r.RegistrationClosed(**closed.published()),))


def say_again(message: r.SayAgain, programme: Programme | None, context: Context) -> Outcome:
    """Begin to say the members of a bucket again."""
    if programme is None:
        return refuse(UNKNOWN)
    return Decision(jobs=(Start("say-bucket", f"{message.programme_id}|{message.bucket}"),))


def bucket_said(message: BucketSaid, state: None, context: Context) -> Outcome:
    """Answer that a bucket was said again."""
    return Decision(messages=(r.SaidAgain(programme_id=message.programme_id, bucket=message.bucket),))
