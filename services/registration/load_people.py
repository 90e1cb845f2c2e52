"""Which state a message about people concerns."""

from typing import NamedTuple, get_args

from services.registration.jobs import Member
from services.registration.load_kept import Kept, Waited, being_erased, kept, waited_in, waiting_as
from services.registration.load_topics import Named, named
from services.registration.model import Contact, Employment, Participant, Person, Programme, Topic, Waiting
from shared.contracts import registration as r
from shared.contracts.parts import Profile, Side
from shared.runtime.closed_set import Guard, guard_key, guard_of
from shared.runtime.decision import Get
from shared.runtime.tombstones import Tombstone, tombstone_of


class Registering(NamedTuple):
    """All that a registration hangs on; `earlier` are the person's own in this programme, one in each role at most.

    `waited`: since when they have waited for a new programme, in each role. `employment`: what HR said of them. It is
    only read: HR's word and a registration both write the person, so one of two at the same moment is decided again.
    """

    programme: Programme | None
    guard: Guard | None
    earlier: tuple[Participant, ...]
    person: Person | None
    topics: Named
    erased: bool = False
    waited: tuple[Waited, ...] = ()
    employment: Employment | None = None


class Changing(NamedTuple):
    """All that a new profile hangs on."""

    programme: Programme | None
    guard: Guard | None
    participant: Participant | None
    topics: Named


def registering(message: r.RegisterMentor | r.RegisterMentee | r.AdmitLate, get: Get) -> Registering:
    """Programme, guard, the person's earlier registrations, and where the named topics lead."""
    id = get.keyed("participant", message.programme_id, message.personnel_key)
    position = get.keyed("position", message.personnel_key)
    get.ahead(
        (Programme, message.programme_id),
        guard_key(get, message.programme_id),
        (Participant, id),
        (Person, position),
        (Employment, position),
        (Contact, id),
        *((Waiting, waiting_as(get.keyed, position, role)) for role in get_args(Side)),
        (Tombstone, get.keyed("tombstone", id)),
        *((Topic, level.topic_id) for level in message.profile.strengths + message.profile.concerns),
    )
    programme = get(Programme, message.programme_id)
    topics = topics_of(get, message.profile)
    person = get(Person, position)
    earlier = earlier_in(message.programme_id, person, get, id)
    ids = [id]
    if programme is not None and programme.rules.registration.both_roles:
        ids += [get.keyed("participant", message.programme_id, message.personnel_key, role) for role in get_args(Side)]
    ids += [participant.id for participant in earlier]
    erased = erased_as(person, get, *ids)
    waited = waited_in(get, position)
    guard, employment = guard_of(get, message.programme_id), get(Employment, position)
    return Registering(programme, guard, earlier, person, topics, erased, waited, employment)


def erased_as(person: Person | None, get: Get, *ids: str) -> bool:
    """Whether somebody was or is to be erased as one of these: coming again so, they would lose what they bring."""
    return any(tombstone_of(get, one) is not None for one in ids) or being_erased(person, get, *ids)


def earlier_in(programme_id: str, person: Person | None, get: Get, *ids: str) -> tuple[Participant, ...]:
    """Somebody's registrations in a programme; `ids` are looked for as well, for who registered before persons were."""
    known = person.within(programme_id) if person is not None else ()
    found = get.all(Participant, tuple(dict.fromkeys((*ids, *known))))
    return tuple(participant for participant in found if participant is not None)


def changing_profile(message: r.ChangeProfile, get: Get) -> Changing:
    """The participant, programme and guard, and where the named topics lead."""
    participant = get(Participant, message.participant_id)
    if participant is None or participant.programme is None:
        return Changing(None, None, None, topics_of(get, message.profile))
    topics = topics_of(get, message.profile, participant.profile)
    programme = get(Programme, participant.programme)
    return Changing(programme, guard_of(get, participant.programme), participant, topics)


def topics_of(get: Get, *profiles: Profile) -> Named:
    """Where the topics lead that these profiles name."""
    return named(get, {level.topic_id for profile in profiles for level in profile.strengths + profile.concerns})


def consenting(message: r.ChangeConsents, get: Get) -> Kept:
    """The participant, their programme, and what is kept of them for the next one, on which a consent may end."""
    return kept(get, message.participant_id)


def participant_of(message: Member, get: Get) -> Participant | None:
    """The participant."""
    return get(Participant, message.participant_id)
