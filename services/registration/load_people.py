"""Which state a message about people concerns."""

from typing import NamedTuple

from services.registration.jobs import Member
from services.registration.model import Participant, Person, Programme, Topic
from shared.contracts import registration as r
from shared.contracts.parts import TopicLevel
from shared.runtime.closed_set import Guard, guard_of
from shared.runtime.decision import Get


class Registering(NamedTuple):
    """All that a registration or a new profile hangs on."""

    programme: Programme | None
    guard: Guard | None
    participant: Participant | None
    person: Person | None
    topics: dict[str, bool]


class Leaving(NamedTuple):
    """A participant with their programme and this lane's guard."""

    programme: Programme | None
    guard: Guard | None
    participant: Participant | None


def registering(message: r.RegisterMentor | r.RegisterMentee, get: Get) -> Registering:
    """Programme, guard, the person's earlier registration, and which of the named topics the catalogue has."""
    programme = get(Programme, message.programme_id)
    id = get.keyed("participant", message.programme_id, message.personnel_key)
    topics = _topics(get, message.profile.strengths + message.profile.concerns)
    person = get(Person, get.keyed("position", message.personnel_key))
    return Registering(programme, guard_of(get, message.programme_id), get(Participant, id), person, topics)


def changing_profile(message: r.ChangeProfile, get: Get) -> Registering:
    """The same for a new profile."""
    participant = get(Participant, message.participant_id)
    topics = _topics(get, message.profile.strengths + message.profile.concerns)
    if participant is None or participant.programme is None:
        return Registering(None, None, None, None, topics)
    programme = get(Programme, participant.programme)
    return Registering(programme, guard_of(get, participant.programme), participant, None, topics)


def _topics(get: Get, levels: tuple[TopicLevel, ...]) -> dict[str, bool]:
    ids = sorted({level.topic_id for level in levels})
    return {id: topic is not None for id, topic in zip(ids, get.all(Topic, ids), strict=True)}


def participant_of(message: r.ChangeConsents | Member, get: Get) -> Participant | None:
    """The participant."""
    return get(Participant, message.participant_id)


def leaving(message: r.Withdraw, get: Get) -> Leaving:
    """The participant, their programme and this lane's guard."""
    participant = get(Participant, message.participant_id)
    if participant is None or participant.programme is None:
        return Leaving(None, None, None)
    return Leaving(get(Programme, participant.programme), guard_of(get, participant.programme), participant)
