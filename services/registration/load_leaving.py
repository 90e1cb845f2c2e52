"""Everything that ends when somebody leaves a programme."""

from typing import NamedTuple

from services.registration.load_kept import Kept, kept
from services.registration.load_pausing import pause_sign
from services.registration.model import Participant, Person, Programme, Release
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.closed_set import Guard, guard_of
from shared.runtime.decision import Get
from shared.runtime.ids import derived_id


class Leaving(NamedTuple):
    """A participant with programme and this lane's guard, and what waits for them: `leaving.left` ends all of it."""

    programme: Programme | None
    guard: Guard | None
    participant: Participant | None
    kept: Kept = Kept(None, None, None, None)
    release: Release | None = None
    silent: Attention | None = None
    pauses: Attention | None = None
    person: Person | None = None


def silence_attention(participant_id: str) -> str:
    """The id of the exception that nobody has decided on a release."""
    return derived_id("attention", "release-silent", participant_id)


def leaving_of(get: Get, participant_id: str) -> Leaving:
    """A participant with everything that ends when they leave."""
    found = kept(get, participant_id)
    participant = found.participant
    if participant is None or participant.programme is None:
        return Leaving(None, None, None)
    release = get(Release, participant_id)
    silent = get(Attention, silence_attention(participant_id)) if release is not None else None
    guard = guard_of(get, participant.programme)
    return Leaving(found.programme, guard, participant, found, release, silent, pause_sign(participant, get))


def leaving(message: r.Withdraw, get: Get) -> Leaving:
    """Who leaves, with everything that ends."""
    return leaving_of(get, message.participant_id)
