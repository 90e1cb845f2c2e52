"""Decisions about showing people all that is held on them (Art. 15 GDPR)."""

from collections.abc import Callable

from services.registration.checks import words
from services.registration.load_my_data import Asking, Collected, Taken
from services.registration.model.my_data import DataPart, DataRequest, part_id
from services.registration.say import NOBODY
from shared.contracts import evaluation, matching, scheduling
from shared.contracts import registration as r
from shared.contracts.base import Participation, PersonShown, ShowPerson
from shared.runtime.days import DAY
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse

FETCH_DAYS = 7
"""Days on which the document can be fetched; then it is deleted."""
ASKED: dict[str, type[ShowPerson]] = {
    "evaluation": evaluation.ShowPerson,
    "matching": matching.ShowPerson,
    "registration": r.ShowPerson,
    "scheduling": scheduling.ShowPerson,
}
"""Whoever may hold something on a person; registration asks itself in the same way."""


def show_my_data(message: r.ShowMyData, state: Asking, context: Context) -> Outcome:
    """Ask every service for what it holds on who asks; the answer says with which token the document is fetched."""
    participant, person = state
    if context.actor != message.participant_id:
        # Alone: whether somebody takes part is nobody else's business.
        return refuse(reason("participant_id", "not_yours", words("only-your-own")))
    if participant is None:
        return refuse(NOBODY)
    token = context.keyed("my-data-token", context.id)
    mine = {p.participant: p.programme for p in person.participations} if person else {}
    mine[participant.id] = participant.programme or ""
    people = tuple(Participation(programme_id=mine[id], participant_id=id) for id in sorted(mine))
    request = DataRequest(
        id=request_id(token, context.keyed),
        people=people,
        waits_for=tuple(sorted(ASKED)),
        fetch_until=context.today + FETCH_DAYS * DAY,
        due=context.today + DAY,
    )
    answer = r.MyDataAsked(request_id=request.id, token=token, fetch_until=request.fetch_until)
    return Decision(state=(request,), messages=(answer, *_asks(request)))


def request_id(token: str, keyed: Callable[..., str]) -> str:
    """The id of the request that a token is for; the token cannot be told from it."""
    return keyed("my-data", token)


def _asks(request: DataRequest) -> tuple[ShowPerson, ...]:
    return tuple(ASKED[service](request_id=request.id, people=request.people) for service in request.waits_for)


def take_part(message: PersonShown, request: DataRequest | None, context: Context) -> Outcome:
    """Keep some of what a service holds, until it is fetched; what comes for nobody any more is dropped."""
    if request is None:
        return NOTHING
    part = DataPart(
        id=part_id(request.id, message.service, message.number), service=message.service, holdings=message.holdings
    )
    return Decision(state=(request.with_part(message.service, message.number, message.parts), part))


def taken(message: Taken, state: Collected, context: Context) -> Outcome:
    """It was fetched: what was collected goes at once; the request stays until its day, so that nobody has it again."""
    request = state.request
    if request is None or request.taken_by is not None:
        return NOTHING
    gone = request.but(taken_by=message.taker, told={}, due=request.fetch_until + DAY)
    return Decision(state=(gone,), deletes=state.parts)


def date_reached(message: DueReached, state: Collected, context: Context) -> Outcome:
    """Ask again by the day whoever has not answered; what nobody fetched goes on its day."""
    request = state.request
    if request is None:
        return NOTHING
    if message.date > request.fetch_until:
        return Decision(deletes=(request, *state.parts))
    if not request.waits_for:
        return Decision(state=(request.but(due=request.fetch_until + DAY),))
    return Decision(state=(request.but(due=message.date + DAY),), messages=_asks(request))
