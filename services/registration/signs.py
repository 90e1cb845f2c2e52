"""What the office is told of a programme before a date: that its draft waits, that registration closes soon."""

import datetime as dt
from typing import NamedTuple

from pydantic import BaseModel

from services.registration.model import Participant, Programme
from services.registration.model.programmes import BEFORE_THE_CLOSE, GRACE
from services.registration.say import needs_office, waits_for_office
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.days import DAY
from shared.runtime.decision import NOTHING, Context, Decision, Get, Internal, Outcome
from shared.runtime.ids import derived_id
from shared.runtime.table import Reader

CLOSES_SOON = "registration-closes-soon"
DRAFT_WAITS = "draft-waits"


class Known(NamedTuple):
    """A programme and what the office was told of its next date."""

    programme: Programme | None
    sign: Attention | None


class Registered(Internal):
    """How many are registered in a programme whose registration closes soon."""

    programme_id: str
    closes: dt.date
    mentors: int
    mentees: int


def known(id: str, get: Get) -> Known:
    """The programme, and what the office was told of its next date."""
    programme = get(Programme, id)
    return Known(programme, get(Attention, sign_id(programme)) if programme else None)


def registered_of(message: Registered, get: Get) -> Known:
    """The programme whose registered people were counted."""
    return known(message.programme_id, get)


def sign_id(programme: Programme) -> str:
    """The id of what the office is told of the programme's next date: one for each last day of registration."""
    what = DRAFT_WAITS if programme.is_draft else CLOSES_SOON
    return derived_id("attention", what, programme.id, programme.registration_closes)


def reminded_on(closes: dt.date, today: dt.date) -> dt.date | None:
    """When the office is reminded of a last day of registration; not where it chose a day that is so near."""
    on = closes - BEFORE_THE_CLOSE
    return on if on > today else None


def draft_waits(programme: Programme, today: dt.date) -> Attention:
    """A draft that nobody opened, and whose registration should close soon."""
    by = programme.registration_closes
    answers = (r.OpenDraft.name, r.ChangeProgramme.name, r.DiscardDraft.name)
    whom, id = (programme.subject,), sign_id(programme)
    return waits_for_office(programme, id, today, what=DRAFT_WAITS, whom=whom, answered_by=answers, by=by, date=by)


class Counting(BaseModel):
    """Who is registered when the office is reminded."""

    programme_id: str
    closes: dt.date
    mentors: int
    mentees: int


async def counting(ref: str, read: Reader) -> Counting:
    """How many are registered in the programme `ref`, as `programme|last day`; people's messages count nothing."""
    programme, _, closes = ref.rpartition("|")
    roles = [p.role for p in await read.find(Participant, programme) if p.status == "registered"]
    return Counting(
        programme_id=programme,
        closes=dt.date.fromisoformat(closes),
        mentors=roles.count("mentor"),
        mentees=roles.count("mentee"),
    )


def count_registered(inputs: Counting) -> tuple[Registered, ...]:
    """One piece with both figures."""
    return (Registered(**dict(inputs)),)


def closes_soon(message: Registered, state: Known, context: Context) -> Outcome:
    """Tell the office how many have registered, unless registration was extended or closed since they were counted."""
    programme, sign = state
    if programme is None or programme.status != "open" or programme.registration_closes != message.closes:
        return NOTHING
    if sign is not None:
        return NOTHING
    told = waits_for_office(
        programme,
        sign_id(programme),
        context.today,
        what=CLOSES_SOON,
        whom=(programme.subject,),
        answered_by=(r.ExtendRegistration.name, r.CloseRegistration.name),
        by=message.closes,
        date=message.closes,
        mentors=message.mentors,
        mentees=message.mentees,
        places=programme.places,
    )
    # The close settles it, on the day before it would be reminded of.
    told = told.but(due=message.closes + GRACE + DAY)
    # The programme is written unchanged: a close at this moment must settle what is raised here (write skew).
    return Decision(state=(programme, told), messages=(needs_office(told),))
