"""Which state a message about people concerns."""

from typing import NamedTuple

from services.registration.jobs import Member
from services.registration.load_pausing import pause_sign
from services.registration.load_topics import Named, named
from services.registration.model import Participant, Person, Programme
from shared.contracts import registration as r
from shared.contracts.parts import Profile
from shared.runtime.attention import Attention
from shared.runtime.closed_set import Guard, guard_of
from shared.runtime.decision import Get
from shared.runtime.tombstones import tombstone_of


class Registering(NamedTuple):
    """All that a registration or a new profile hangs on."""

    programme: Programme | None
    guard: Guard | None
    participant: Participant | None
    person: Person | None
    topics: Named
    erased: bool = False


class Leaving(NamedTuple):
    """A participant with their programme, this lane's guard, and what the office was told of their pause."""

    programme: Programme | None
    guard: Guard | None
    participant: Participant | None
    sign: Attention | None = None


def registering(message: r.RegisterMentor | r.RegisterMentee, get: Get) -> Registering:
    """Programme, guard, the person's earlier registration, and where the named topics lead."""
    programme = get(Programme, message.programme_id)
    id = get.keyed("participant", message.programme_id, message.personnel_key)
    topics = _topics(get, message.profile)
    person = get(Person, get.keyed("position", message.personnel_key))
    erased = tombstone_of(get, id) is not None
    return Registering(programme, guard_of(get, message.programme_id), get(Participant, id), person, topics, erased)


def changing_profile(message: r.ChangeProfile, get: Get) -> Registering:
    """The same for a new profile."""
    participant = get(Participant, message.participant_id)
    if participant is None or participant.programme is None:
        return Registering(None, None, None, None, _topics(get, message.profile))
    topics = _topics(get, message.profile, participant.profile)
    programme = get(Programme, participant.programme)
    return Registering(programme, guard_of(get, participant.programme), participant, None, topics)


def _topics(get: Get, *profiles: Profile) -> Named:
    return named(get, {level.topic_id for profile in profiles for level in profile.strengths + profile.concerns})


def participant_of(message: r.ChangeConsents | Member, get: Get) -> Participant | None:
    """The participant."""
    return get(Participant, message.participant_id)


def leaving(message: r.Withdraw, get: Get) -> Leaving:
    """The participant, their programme, this lane's guard, and what the office was told of their pause."""
    participant = get(Participant, message.participant_id)
    if participant is None or participant.programme is None:
        return Leaving(None, None, None)
    guard = guard_of(get, participant.programme)
    return Leaving(get(Programme, participant.programme), guard, participant, pause_sign(participant, get))
