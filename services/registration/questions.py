"""What the office may ask of many at once, before it sends commands: who is registered, as what, and the catalogue."""

import datetime as dt
from collections.abc import Callable, Mapping
from itertools import product
from typing import get_args

from services.registration.checks import profile_reasons
from services.registration.load_kept import again_as
from services.registration.load_topics import Named
from services.registration.model import Contact, Employment, Erasure, Participant, Person, Programme, Topic
from services.registration.posts import FIELDS
from shared.contracts.parts import RegistrationRules, Side
from shared.contracts.registration import asked as q
from shared.runtime.forwarding import ends_of, renamed
from shared.runtime.table import Question, Reader
from shared.runtime.tombstones import Tombstone


async def registered(asked: q.RegisteredAsked, read: Reader, keyed: Callable[..., str]) -> q.RegisteredAnswer:
    """Who is registered, and as what: in the role that is meant, else in the other, where nobody may have both."""
    programme = await read.get(Programme, asked.programme_id)
    both = programme is not None and programme.on(read.today).rules.registration.both_roles
    positions = [keyed("position", person.personnel_key) for person in asked.people]
    # A first registration's id follows from the personnel key, also of who registered before persons were kept; any
    # other is known to the person alone.
    first = [keyed("participant", asked.programme_id, person.personnel_key) for person in asked.people]
    persons = await read.all(Person, positions)
    employments = await read.all(Employment, positions)
    under_way = [person.erasure for person in persons if person is not None and person.erasure is not None]
    going = {id for erasure in await read.all(Erasure, under_way) if erasure is not None for id in erasure.ids}
    theirs = [
        tuple(dict.fromkeys((id, *(person.within(asked.programme_id) if person else ()))))
        for id, person in zip(first, persons, strict=True)
    ]
    ids = [id for mine in theirs for id in mine]
    known = {p.id: p for p in await read.all(Participant, ids) if p is not None}
    contacts = {c.id: c for c in await read.all(Contact, ids) if c is not None}
    graves = await read.all(Tombstone, [keyed("tombstone", id) for id in first])
    erased = tuple(at for at, grave in enumerate(graves) if grave is not None)
    new = [at for at, here in enumerate(theirs) if known.keys().isdisjoint(here)]
    gone = await _erased_anywhere({at: asked.people[at].personnel_key for at in new}, read, keyed)
    gone |= {at for at in new if (known_as := persons[at]) is not None and known_as.erasure is not None}
    profiles = [participant.profile for participant in known.values()]
    named = {level.topic_id for profile in profiles for level in (*profile.strengths, *profile.concerns)}
    ends = await _ends(named, read)
    found, by_hr = [], []
    for person, here, employment in zip(asked.people, theirs, employments, strict=True):
        mine = [known[id] for id in here if id in known]
        meant = [p for p in mine if p.role == person.role] or ([] if both else mine)
        line = tuple(keyed("position", superior) for superior in person.superiors)
        somebody = _registered(meant[0], contacts.get(meant[0].id), line, ends) if meant else None
        more = {"hr_knows": employment is not None, "being_erased": bool(meant and meant[0].id in going)}
        found.append(somebody and somebody.model_copy(update=more))
        by_hr.append(_said_by_hr(employment, line, read.today) if employment is not None else None)
    elsewhere = tuple(sorted(gone.difference(erased)))
    return q.RegisteredAnswer(found=tuple(found), erased=erased, erased_elsewhere=elsewhere, hr=tuple(by_hr))


async def _erased_anywhere(keys: Mapping[int, str], read: Reader, keyed: Callable[..., str]) -> set[int]:
    """The places of who was erased in any programme: one reading a programme, of which there are few; none for nobody.

    Who came to it from an earlier one was known by another id there. A second role has one of its own, and was erased
    with the first.
    """
    positions = {at: keyed("position", key) for at, key in keys.items()}
    found: set[int] = set()
    for programme in await read.find(Programme, None) if keys else ():
        ids = [(at, keyed("participant", programme.id, key)) for at, key in keys.items()]
        ids += [
            (at, again_as(keyed, programme.id, position, role))
            for (at, position), role in product(positions.items(), get_args(Side))
        ]
        graves = await read.all(Tombstone, [keyed("tombstone", id) for _, id in ids])
        found |= {at for (at, _), grave in zip(ids, graves, strict=True) if grave is not None}
    return found


def _said_by_hr(employment: Employment, line: tuple[str, ...], today: dt.date) -> q.HrSays:
    post = employment.post
    return q.HrSays(
        **{name: getattr(post, name) for name in FIELDS},
        same_superiors=post.reporting_line == line if post.reporting_line is not None else None,
        ended=employment.over(today),
    )


def _registered(
    participant: Participant, contact: Contact | None, line: tuple[str, ...], ends: Mapping[str, str]
) -> q.Registered | None:
    if contact is None:
        return None
    return q.Registered(
        participant_id=participant.id,
        role=participant.role,
        status=participant.status,
        sequence=participant.said,
        profile=renamed(participant.profile, ends),
        same_superiors=participant.reporting_line == line,
        contact_sequence=contact.said,
        display_name=contact.display_name,
        mail=contact.mail,
        about_me=contact.about_me,
    )


async def catalogue(asked: q.CatalogueAsked, read: Reader, keyed: Callable[..., str]) -> q.CatalogueAnswer:
    """The programme and the topics."""
    programme = await read.get(Programme, asked.programme_id)
    rules = programme.on(read.today).rules.registration if programme else RegistrationRules()
    topics = await _catalogue(read)
    return q.CatalogueAnswer(
        status=programme.status if programme else None,
        sequence=programme.said if programme else 0,
        privacy_notice=programme.privacy_notice if programme else None,
        topics=tuple(
            q.CatalogueTopic(
                topic_id=id,
                leads_to=topics.end(id),
                label=topic.label,
                offered=topics.end(id) == id and not topic.retired,
            )
            for id, topic in topics.known.items()
        ),
        release_by_manager=programme is not None and rules.release_by_manager,
        both_roles=programme is not None and rules.both_roles,
    )


async def _catalogue(read: Reader) -> Named:
    """All topics (some hundreds), and where the merged ones lead."""
    topics = {topic.id: topic for topic in await read.find(Topic, None)}
    return Named(ends_of({id: topic.forwards_to for id, topic in topics.items()}), topics)


async def _ends(named: set[str], read: Reader) -> dict[str, str]:
    """Where these topics lead, as far as they were merged: fetched by id, since profiles name few of many."""
    leads: dict[str, str | None] = {}
    while asked := sorted(named - leads.keys()):
        topics = await read.all(Topic, asked)
        leads |= {id: topic.forwards_to if topic else None for id, topic in zip(asked, topics, strict=True)}
        named = {next_ for next_ in leads.values() if next_ is not None}
    return ends_of(leads)


async def faults(asked: q.FaultsAsked, read: Reader, keyed: Callable[..., str]) -> q.FaultsAnswer:
    """What a command with each of these profiles would be refused for: the same check."""
    topics = await _catalogue(read)
    found = (profile_reasons(each.role, each.profile, topics, each.before) for each in asked.profiles)
    return q.FaultsAnswer(faults=tuple(map(tuple, found)))


QUESTIONS = (
    Question("registered", q.RegisteredAsked, registered),
    Question("catalogue", q.CatalogueAsked, catalogue, about_people=False),
    Question("profile-faults", q.FaultsAsked, faults, about_people=False),
)
