"""Which state a message about how to reach somebody concerns."""

from typing import NamedTuple

from services.registration.model import Contact, Participant, Programme
from shared.contracts import registration as r
from shared.runtime.decision import Get


class Reaching(NamedTuple):
    """A participant with their contact and their programme, whose office stands in what they are told."""

    programme: Programme | None
    participant: Participant | None
    contact: Contact | None


def contact_of(message: r.ChangeContact | r.ChangeAboutMe, get: Get) -> Reaching:
    """The participant, how to reach them, and their programme."""
    participant = get(Participant, message.participant_id)
    if participant is None or participant.programme is None:
        return Reaching(None, None, None)
    return Reaching(get(Programme, participant.programme), participant, get(Contact, participant.id))
