"""Telling everybody of a programme what became of it: a job hands one piece a person."""

from typing import Literal, NamedTuple

from pydantic import BaseModel

from services.registration.model import Participant, Programme
from services.registration.say import addressed
from shared.runtime.decision import NOTHING, Context, Decision, Get, Internal, Outcome, Start
from shared.runtime.table import Reader

News = Literal["closed-to-registration", "programme-over"]
"""What everybody who takes part is told; keys of the words."""


class Tell(Internal):
    """Somebody to be told of their programme."""

    participant_id: str
    news: str


class Audience(BaseModel):
    """Who is told what."""

    people: tuple[str, ...]
    news: str


class Told(NamedTuple):
    """Who is told, and of which programme."""

    programme: Programme | None
    participant: Participant | None


def tell_all(programme: Programme, news: News) -> Start:
    """The start of the job that tells everybody who takes part."""
    return Start("tell", f"{programme.id}|{news}")


async def audience(ref: str, read: Reader) -> Audience:
    """Everybody who takes part; the reference is `programme|news`."""
    programme, _, news = ref.rpartition("|")
    found = await read.find(Participant, programme)
    return Audience(people=tuple(p.id for p in found if p.status == "registered"), news=news)


def pieces(inputs: Audience) -> tuple[Tell, ...]:
    """One piece a person."""
    return tuple(Tell(participant_id=id, news=inputs.news) for id in inputs.people)


def told(message: Tell, get: Get) -> Told:
    """The person and their programme."""
    participant = get(Participant, message.participant_id)
    programme = get(Programme, participant.programme) if participant and participant.programme else None
    return Told(programme, participant)


def tell(message: Tell, state: Told, context: Context) -> Outcome:
    """Tell somebody, unless they have left meanwhile."""
    programme, participant = state.programme, state.participant
    if programme is None or participant is None or participant.status != "registered":
        return NOTHING
    if message.news == "closed-to-registration" and not (participant.released and participant.admitted):
        # They wait for their line manager or for room, and have words of their own for it.
        return NOTHING
    term = programme.term
    told = addressed(participant.id, programme, message.news, starts=term.starts, ends=term.ends)
    # Written unchanged: who leaves at this moment conflicts with this, and is not told that they take part.
    return Decision(state=(participant,), messages=(told,))
