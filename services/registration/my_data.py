"""Decisions about showing people all that is held on them (Art. 15 GDPR)."""

import datetime as dt
from collections.abc import Callable

from services.registration.checks import words
from services.registration.load_my_data import Asking, Collected, Taken, Told, answer_of
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
    """Ask every service for what it holds on who asks; the answer says with which token the document is fetched.

    There is one request a person, and its newest token alone is good. Asked again on the same day while it is collected
    or lies ready, nothing else changes; later, or once it was fetched, everything is collected anew.
    """
    person, before, parts = state
    if context.actor != message.participant_id:
        # Alone: whether somebody takes part is nobody else's business.
        return refuse(reason("participant_id", "not_yours", words("only-your-own")))
    if person is None:
        return refuse(NOBODY)
    id = before.id if before is not None else context.derive("my-data")
    token = f"{id}.{context.keyed('my-data-token', context.id)}"
    fetch_until = context.today + FETCH_DAYS * DAY
    mine = {p.participant: p.programme for p in person.participations}
    people = tuple(Participation(programme_id=mine[id], participant_id=id) for id in sorted(mine))
    if before is not None and before.taken_by is None and (before.people, before.fetch_until) == (people, fetch_until):
        same = before.but(token=token_digest(token, context.keyed))
        return Decision(state=(same,), messages=(_answer(same, token),))
    fields = {"token": token_digest(token, context.keyed), "people": people, "fetch_until": fetch_until}
    services = tuple(sorted(ASKED))
    request = DataRequest(id=id, waits_for=services, **fields) if before is None else before.anew(services)
    request = request.but(**fields, due=context.today + DAY)
    return Decision(
        # By the person two who ask at once conflict, and the second one finds the request of the first.
        state=(person.but(data_request=id), request),
        messages=(_answer(request, token), *_asks(request)),
        deletes=parts,
    )


def _answer(request: DataRequest, token: str) -> r.MyDataAsked:
    return r.MyDataAsked(request_id=request.id, token=token, fetch_until=request.fetch_until)


def request_id(token: str) -> str:
    """The id of the request that a token is for, which gives no right."""
    return token.partition(".")[0]


def token_digest(token: str, keyed: Callable[..., str]) -> str:
    """What is kept of a token: it cannot be told from this."""
    return keyed("my-data", token)


def _asks(request: DataRequest) -> tuple[ShowPerson, ...]:
    fields = {"request_id": request.id, "people": request.people, "asked": request.asked}
    return tuple(ASKED[service].model_validate(fields) for service in request.waits_for)


def take_part(message: PersonShown, state: Told, context: Context) -> Outcome:
    """Keep some of what a service holds, until it is fetched; what comes for nobody any more is dropped.

    So is what belongs to an older answer than the one that is collected; where a newer one begins, the older goes.
    """
    request, answer = state.request, answer_of(message)
    if request is None or not request.takes(message.service, answer):
        return NOTHING
    id = part_id(request.id, message.service, answer, message.number)
    part = DataPart(id=id, service=message.service, holdings=message.holdings)
    changed = request.with_part(message.service, answer, message.number, message.parts)
    return Decision(state=(changed, part), deletes=state.older)


def is_ready(request: DataRequest, today: dt.date) -> bool:
    """Whether it can be fetched on a day."""
    return not request.waits_for and request.taken_by is None and today <= request.fetch_until


def taken(message: Taken, state: Collected, context: Context) -> Outcome:
    """It was fetched: what was collected goes at once; the request stays until its day, so that nobody has it again."""
    request = state.request
    if request is None or not is_ready(request, context.today) or request.token != message.token:
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
    # What was answered so far stays until a newer answer begins: one that is slow may still be told whole.
    again = request.but(asked=request.asked + 1, due=message.date + DAY)
    return Decision(state=(again,), messages=_asks(again))
