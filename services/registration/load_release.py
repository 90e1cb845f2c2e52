"""Which state the release of somebody's time concerns."""

from typing import NamedTuple

from services.registration.load_leaving import Leaving, leaving_of, silence_attention
from services.registration.model import Participant, Person, Programme, Release
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached, Get


class Silent(NamedTuple):
    """A release that nobody has decided in time, with whom it is about, and what the office was told of it."""

    release: Release | None
    participant: Participant | None
    programme: Programme | None
    silent: Attention | None


def releasing(message: r.GrantRelease | r.RefuseRelease, get: Get) -> Leaving:
    """The participant with everything that ends if they do not take part, and who they are over all programmes."""
    found = leaving_of(get, message.participant_id)
    participant = found.participant
    return found._replace(person=get(Person, participant.position)) if participant is not None else found


def release_due(message: DueReached, get: Get) -> Silent:
    """The release whose last day is over."""
    id = message.subject.removeprefix("release/")
    participant = get(Participant, id)
    programme = get(Programme, participant.programme) if participant and participant.programme else None
    return Silent(get(Release, id), participant, programme, get(Attention, silence_attention(id)))
