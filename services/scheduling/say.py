"""Words that scheduling has for people and for the office."""

import datetime as dt
from collections.abc import Iterable

from services.scheduling.gatherings.model import AnyGathering, KickOff
from services.scheduling.model import DAY, Meeting, Pair, Programme, Slot
from services.scheduling.planning.jobs import GiveUp
from shared.contracts import scheduling as s
from shared.contracts.base import Contract, Text
from shared.contracts.matching import EndTandem
from shared.contracts.parts import NOBODY
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.ids import derived_id
from shared.runtime.words import Words, with_weekday

words = Words("services.scheduling")


def clock(start: int) -> str:
    """Minutes after midnight as 09:30."""
    return f"{start // 60:02}:{start % 60:02}"


def addressed(programme: Programme, to: str, topic: str, **params: object) -> s.PersonAddressed:
    """Words for one person, with the office's contact (S19)."""
    office = programme.office
    return s.PersonAddressed(
        to=to,
        programme_id=programme.id,
        topic=topic,
        subject_line=words(f"{topic}-subject", title=programme.title, **params),
        text=words(f"{topic}-text", title=programme.title, office=office.name, phone=office.phone, **params),
        office=office,
    )


def both(programme: Programme, people: tuple[str, str], topic: str, **params: object) -> list[s.PersonAddressed]:
    """Words for both of a tandem, but for who was erased; who delivers them writes the partner's name for the id."""
    mentor, mentee = people
    return [
        addressed(programme, to, topic, partner=f"urn:uuid:{partner}", **params)
        for to, partner in ((mentor, mentee), (mentee, mentor))
        if to != NOBODY
    ]


def at(meeting: Meeting | Slot | GiveUp) -> dict[str, object]:
    """A meeting's time, for words."""
    return {"date": with_weekday(meeting.date), "start": clock(meeting.start), "minutes": meeting.minutes}


def where(meeting: Meeting, programme: Programme) -> Text | str:
    """A meeting's place, for words; nothing where its programme gives none, or nobody has looked for one yet."""
    place, rules = meeting.place, programme.rules
    if place is not None and place.room is not None:
        return words("place-room", room=place.room)
    if place is not None and place.link is not None:
        return words("place-link", link=place.link)
    looked_for = meeting.acceptance != "open" and bool(rules.rooms or rules.video_link)
    return words("place-none") if looked_for else ""


def listed(slots: Iterable[Meeting | Slot | GiveUp]) -> Text:
    """Meetings' times, a line each."""
    lines = [words("planned-line", **at(slot)) for slot in slots]
    return Text(de="\n".join(line.de for line in lines), en="\n".join(line.en for line in lines))


def attention(programme: Programme, what: str, pair: Pair, since: dt.date, occasion: object) -> Attention:
    """An exception of a tandem: it names the tandem and the rule, never a side."""
    answers: tuple[str, ...] = (s.SettleAttention.name, EndTandem.name)
    if what == "plan-short":
        answers = (s.PlanAgain.name, *answers)
    return _attention(programme, what, pair.subject, since, occasion, answers, tandem=pair.id)


def gathering_impossible(programme: Programme, gathering: AnyGathering, since: dt.date, occasion: object) -> Attention:
    """The exception that nobody can come to a gathering on any day that was offered."""
    if isinstance(gathering, KickOff):
        answers = (s.PlanKickOff.name, s.SettleAttention.name)
        return _attention(programme, "kick-off-impossible", gathering.subject, since, occasion, answers)
    answers = (s.PlanGathering.name, s.SettleAttention.name)
    what = words(f"gathering-{gathering.what}")
    return _attention(programme, "gathering-impossible", gathering.subject, since, occasion, answers, gathering=what)


def _attention(
    programme: Programme,
    what: str,
    whom: str,
    since: dt.date,
    occasion: object,
    answered_by: tuple[str, ...],
    **params: object,
) -> Attention:
    by = since + programme.office_days * DAY
    return Attention(
        id=derived_id("attention", what, whom, occasion),
        programme=programme.id,
        what=what,
        whom=(whom,),
        text=words(what, title=programme.title, **params),
        by=by,
        answered_by=answered_by,
        office=programme.office,
        rules_version=programme.rules_version,
        due=by + 2 * DAY,
    )


def settle(signs: Iterable[Attention]) -> tuple[list[Aggregate], list[Contract]]:
    """What is written and said when exceptions are settled."""
    settled = [sign.settled() for sign in signs if sign.status != "settled"]
    return [*settled], [needs_office(sign) for sign in settled]


def needs_office(exception: Attention) -> s.OfficeAttentionNeeded:
    """The event that says an exception."""
    return s.OfficeAttentionNeeded.model_validate(exception.said())
