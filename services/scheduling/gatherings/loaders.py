"""Which state each message about a gathering concerns."""

from typing import NamedTuple

from services.scheduling.availability.loaders import away
from services.scheduling.availability.model import Absences, BusyTimes
from services.scheduling.availability.presence import week_of
from services.scheduling.availability.wall_time import Span, joined, minute_of
from services.scheduling.gatherings.jobs import CallOff, GatheringFound, InviteGuest, RemindGuest
from services.scheduling.gatherings.model import Agenda, AnyGathering, Gathering, Guest, KickOff, gathering_kind
from services.scheduling.model import Diary, Pair, Participant, Programme
from shared.contracts import registration
from shared.contracts import scheduling as s
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached, Get
from shared.runtime.ids import derived_id


class GatheringState(NamedTuple):
    """A gathering with its programme, what the office was told of it, and what else is to come in the programme."""

    gathering: AnyGathering | None
    programme: Programme | None = None
    agenda: Agenda | None = None
    sign: Attention | None = None


class GuestState(NamedTuple):
    """Somebody's part in a gathering.

    Where they are to be invited, `pairs` are their running tandems, `elsewhere` is when they are at other gatherings.
    """

    gathering: AnyGathering | None
    programme: Programme | None
    participant: Participant | None
    guest: Guest | None
    pairs: tuple[Pair, ...] = ()
    elsewhere: tuple[Span, ...] = ()


class JoiningState(NamedTuple):
    """Somebody, their programme, and its gatherings to come, each with their part in it so far.

    `away` is when they are busy or absent, as far as it matters; `kept` what is known of that, of who withdrew. `pairs`
    are their running tandems.
    """

    participant: Participant | None
    programme: Programme | None
    gatherings: tuple[tuple[AnyGathering, Guest | None], ...] = ()
    away: tuple[Span, ...] = ()
    kept: tuple[BusyTimes | Absences | None, ...] = ()
    pairs: tuple[Pair, ...] = ()


class AttendingState(NamedTuple):
    """Somebody's part in a gathering, and that they came to the kick-off."""

    gathering: AnyGathering | None
    participant: Participant | None
    guest: Guest | None


def gathering_id(message: s.PlanGathering) -> str:
    """The id of a gathering; the same one asked for again is the same one."""
    return message.gathering_id or derived_id(
        "gathering", message.programme_id, message.kind, message.earliest, message.for_whom
    )


def _at(subject: str, get: Get) -> AnyGathering | None:
    return get(gathering_kind(subject), subject.partition("/")[2])


def planning_gathering(message: s.PlanKickOff | s.PlanGathering, get: Get) -> GatheringState:
    """The gathering that is to be planned."""
    if isinstance(message, s.PlanKickOff) or message.kind == "kick-off":
        return _of(get(KickOff, message.programme_id), message.programme_id, get)
    return _of(get(Gathering, gathering_id(message)), message.programme_id, get)


def cancelling_gathering(message: s.CancelGathering, get: Get) -> GatheringState:
    """The gathering that is to be cancelled."""
    return _of(_at(_named(message), get), message.programme_id, get)


def _named(message: s.CancelGathering | s.RecordAttendance) -> str:
    """The subject of the gathering that a command names; without an id the kick-off."""
    if message.gathering_id is None:
        return f"{KickOff.kind}/{message.programme_id}"
    return f"{Gathering.kind}/{message.gathering_id}"


def gathering_of(message: GatheringFound, get: Get) -> GatheringState:
    """The gathering whose dates were found."""
    found = _at(message.gathering, get)
    return _of(found, found.programme or "" if found is not None else "", get)


def gathering_due(message: DueReached, get: Get) -> GatheringState:
    """The gathering whose day has come."""
    found = _at(message.subject, get)
    return _of(found, found.programme or "" if found is not None else "", get)


def gathering_times(programme: str, people: tuple[str, ...], get: Get) -> tuple[Span, ...]:
    """When these people are invited to gatherings that are still to come: a handful of each programme."""
    agenda = get(Agenda, programme)
    others = get.all(Gathering, agenda.gatherings) if agenda is not None and agenda.gatherings else ()
    found: list[AnyGathering] = [g for g in (get(KickOff, programme), *others) if g is not None]
    to_come = [(g, Guest.id_of(g.subject, who)) for g in found if g.status == "scheduled" for who in people]
    guests = get.all(Guest, tuple(id for _, id in to_come)) if to_come else ()
    spans = []
    for (gathering, _), guest in zip(to_come, guests, strict=True):
        if guest is not None and guest.invited_to(gathering) and guest.date is not None and guest.start is not None:
            begins = minute_of(guest.date, guest.start)
            spans.append(Span(begins, begins + gathering.minutes))
    return joined(spans)


def _of(found: AnyGathering | None, programme: str, get: Get) -> GatheringState:
    sign = get(Attention, found.sign) if found is not None and found.sign is not None else None
    return GatheringState(found, get(Programme, programme), get(Agenda, programme), sign)


def guest_of(message: InviteGuest | RemindGuest | CallOff, get: Get) -> GuestState:
    """Somebody's part in a gathering."""
    gathering, who = _at(message.gathering, get), message.participant_id
    programme = get(Programme, gathering.programme) if gathering is not None and gathering.programme else None
    found = GuestState(gathering, programme, get(Participant, who), get(Guest, Guest.id_of(message.gathering, who)))
    if not isinstance(message, InviteGuest):
        return found
    elsewhere = gathering_times(programme.id, (who,), get) if programme is not None else ()
    return found._replace(pairs=_running(who, get), elsewhere=elsewhere)


def _running(who: str, get: Get) -> tuple[Pair, ...]:
    """Somebody's running tandems: as many as a mentor takes at a time, so a handful."""
    diary = get(Diary, who)
    found = get.all(Pair, diary.tandems) if diary is not None and diary.tandems else ()
    return tuple(pair for pair in found if pair is not None and pair.status == "running")


def joining(message: registration.ParticipantState, get: Get) -> JoiningState:
    """Somebody of whom registration speaks, and every gathering to come of their programme: a handful."""
    agenda = get(Agenda, message.programme_id)
    kick_off = get(KickOff, message.programme_id)
    others = get.all(Gathering, agenda.gatherings) if agenda is not None and agenda.gatherings else ()
    found: list[AnyGathering] = [g for g in (kick_off, *others) if g is not None and g.status == "scheduled"]
    ids = tuple(Guest.id_of(g.subject, message.participant_id) for g in found)
    guests = get.all(Guest, ids) if ids else ()
    withdrew = message.status == "withdrawn"
    known = get(Participant, message.participant_id)
    return JoiningState(
        known,
        get(Programme, message.programme_id),
        tuple(zip(found, guests, strict=True)),
        away((message.participant_id,), get) if found else (),
        (get(BusyTimes, message.participant_id), get(Absences, message.participant_id)) if withdrew else (),
        _running(message.participant_id, get) if found or _has_other_week(known, message) else (),
    )


def _has_other_week(known: Participant | None, message: registration.ParticipantState) -> bool:
    """Whether a profile has other working times than are known."""
    return known is not None and week_of(known.working_times) != week_of(message.profile.working_times)


def attending(message: s.RecordAttendance, get: Get) -> AttendingState:
    """Somebody and the gathering to which they came."""
    subject = _named(message)
    return AttendingState(
        _at(subject, get),
        get(Participant, message.participant_id),
        get(Guest, Guest.id_of(subject, message.participant_id)),
    )
