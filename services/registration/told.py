"""Telling everybody of a programme what became of it: a job hands one piece a person.

When it has ended, the same piece ends what the office still had to do for the person in it.
"""

from typing import Literal, NamedTuple

from pydantic import BaseModel

from services.registration.load_kept import being_erased
from services.registration.load_leaving import silence_attention
from services.registration.load_pausing import pause_sign
from services.registration.model import Participant, Person, Programme, Release
from services.registration.release_words import no_longer_asked
from services.registration.say import addressed
from shared.runtime.attention import Attention
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
    """Who is told, and of which programme; whether they are being erased, and what the office was told of them."""

    programme: Programme | None
    participant: Participant | None
    erased: bool = False
    release: Release | None = None
    silent: Attention | None = None
    pauses: Attention | None = None


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
    """The person and their programme, with what ends for them with it."""
    participant = get(Participant, message.participant_id)
    if participant is None or participant.programme is None:
        return Told(None, None)
    # What may raise an exception reads the person first, then the programme (`release_due`, `pause_due`).
    erased = being_erased(get(Person, participant.position), get, participant.id)
    release, silent = get(Release, participant.id), get(Attention, silence_attention(participant.id))
    programme = get(Programme, participant.programme)
    return Told(programme, participant, erased, release, silent, pause_sign(participant, get))


def tell(message: Tell, state: Told, context: Context) -> Outcome:
    """Tell somebody who takes part and is not being erased; what waited for them in it ends with the programme."""
    programme, participant = state.programme, state.participant
    if programme is None or participant is None:
        return NOTHING
    # Who waits for their line manager or for room has words of their own for it.
    waits = message.news == "closed-to-registration" and not (participant.released and participant.admitted)
    # Written unchanged: who leaves, is released, let in or to be erased at this moment conflicts with this, and hears
    # what is so then; and so does an exception that is raised at this moment, which is then settled here or not raised.
    if waits or participant.status != "registered":
        return Decision(state=(participant,))
    over = message.news == "programme-over"
    ended, said = no_longer_asked(state.release, state.silent, state.pauses) if over else ([], [])
    term = programme.term
    told = addressed(participant.id, programme, message.news, starts=term.starts, ends=term.ends)
    return Decision(state=(participant, *ended), messages=(*(() if state.erased else (told,)), *said))
