"""What happens to a programme by itself: on the dates that it waits for."""

import datetime as dt

from services.registration.checks import criteria_reasons, programme_reasons
from services.registration.drafts import opened
from services.registration.load_programmes import Closing
from services.registration.model import Programme
from services.registration.model.programmes import GRACE
from services.registration.programmes import close, let_in
from services.registration.retention import go_on
from services.registration.say import needs_office
from services.registration.signs import Known, draft_waits
from services.registration.told import tell_all
from shared.contracts import registration as r
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start


def date_reached(message: DueReached, state: Closing, context: Context) -> Outcome:
    """A programme's next date: it opens, closes, runs, ends, records go; other rules hold; the office is reminded."""
    found = state.programme
    if found is None:
        return NOTHING
    if found.due is None or message.date < found.due:
        # A day handed out late, after the next one: what was due has happened, and the next date is not reached.
        return Decision(state=(found,))
    programme = found.on(context.today)
    if found.status == "draft":
        return _draft(programme, state, context)
    if found.status == "ended":
        return go_on(programme, state.open, state.offered, message.date)
    if found.status == "open" and message.date >= found.registration_closes + GRACE:
        return close(programme, state)
    if found.status == "closed" and message.date >= found.term.starts:
        running = programme.next(status="running")
        return Decision((running,), (r.ProgrammeChanged(**running.published()),), jobs=let_in(running))
    if found.status == "running" and message.date > found.term.ends:
        ended = programme.next(status="ended", coming=None)
        jobs = (tell_all(ended, "programme-over"), Start("keep-waiting", ended.id))
        return Decision(state=(ended,), messages=(r.ProgrammeEnded(**ended.published()),), jobs=jobs)
    return _stays(found, programme, message.date)


def _stays(found: Programme, programme: Programme, date: dt.date) -> Decision:
    """It stays where it is: other rules hold from today on, or the office is reminded that registration closes."""
    jobs: tuple[Start, ...] = ()
    reminds = programme.reminds
    if programme.status == "open" and reminds is not None and date >= reminds:
        reminds = None
        if date <= programme.registration_closes:
            jobs = (Start("count-registered", f"{programme.id}|{programme.registration_closes.isoformat()}"),)
    if programme is found:
        return Decision(state=(programme.quietly(reminds=reminds),), jobs=jobs)
    changed = programme.next(reminds=reminds)
    return Decision((changed,), (r.ProgrammeChanged(**changed.published()),), jobs=(*jobs, *let_in(changed)))


def _draft(draft: Programme, state: Closing, context: Context) -> Decision:
    """Open a draft on its day; where it may not open any more, or has no day, the office is told that it waits."""
    wrong = programme_reasons(draft, context.today) + criteria_reasons(draft.criteria)
    if draft.opens is not None and not wrong:
        return opened(draft, Known(draft, state.sign), context)
    told = draft_waits(draft, context.today)
    waits = draft.quietly(opens=None, reminds=None)
    return Decision(state=(waits, told), messages=(needs_office(told),))
