"""What registration answers to who brings HR's nightly file, so that only what is new of participants is published.

Whoever asks learns who takes part, what is other in HR's own rows, and which participants the file lacks; nothing else
of anybody. Rows of others are never asked of.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple, get_args

from services.registration.load_kept import waiting_as
from services.registration.model import Employment, Participant, Person, Programme, Waiting
from services.registration.model.hr import takes_part
from services.registration.posts import changes, known_end, line_of, otherwise
from shared.contracts import hr
from shared.contracts.parts import Side
from shared.runtime.table import Question, Reader

Keyed = Callable[..., str]


class Concerned(NamedTuple):
    """A person whom HR's word may concern: whom they are in programmes that are not over, and whether they wait.

    `ever`: whom they are in all programmes. `employment`: what HR said of them before.
    """

    id: str
    participants: tuple[Participant, ...]
    waits: bool
    ever: tuple[str, ...]
    employment: Employment | None

    @property
    def is_meant(self) -> bool:
        """Whether HR's word on them is followed.

        Also of whom it is kept and who takes part in nothing: when they register, it holds, also that it has ended.
        """
        return bool(self.participants) or self.waits or self.employment is not None


async def who_takes_part(asked: hr.WhoTakesPart, read: Reader, keyed: Keyed) -> hr.TheseTakePart:
    """Which of these people take part in a programme that is not over, wait for the next one, or may come again."""
    found = await _concerned([keyed("position", key) for key in asked.keys], read, keyed)
    return hr.TheseTakePart(places=tuple(place for place, one in enumerate(found) if one.is_meant))


async def what_differs(asked: hr.WhatDiffers, read: Reader, keyed: Keyed) -> hr.Differences:
    """What of each row is other than it is known; where somebody takes part twice, in any of both."""
    ids = [keyed("position", row.personnel_key) for row in asked.rows]
    concerned = await _concerned(ids, read, keyed)
    rows = zip(asked.rows, concerned, strict=True)
    return hr.Differences(rows=tuple(_difference(row, one, keyed, read.today) for row, one in rows))


def _difference(row: hr.EmploymentRow, one: Concerned, keyed: Keyed, today: dt.date) -> hr.Difference:
    known = one.employment
    line = line_of(row, one.id, keyed)
    other = {field for participant in one.participants for field in changes(participant, row, line)}
    other |= otherwise(known, row, line) if known is not None else set()
    fields = [field for field in hr.EmploymentRow.model_fields if field in other]
    end = known_end(row.last_day, today)
    # Nothing waits for a last day that has been acted on: who takes part since came back, and leaves once more.
    again = bool(one.participants) or one.waits
    came_back = again and known is not None and known.last_day is not None and known.due is None
    if one.is_meant and (came_back or end != (known.last_day if known else None)):
        fields.append("last_day")
    seen = known.seen if known else Employment(id=one.id).seen
    # Whose data was deleted meanwhile is somebody new: what was published of them before had its effect on others.
    state = keyed("hr-of", *sorted(one.ever))
    return hr.Difference(fields=tuple(fields), epoch=seen.epoch, sequence=seen.sequence, state=state)


async def who_is_missing(asked: hr.WhoIsMissing, read: Reader, keyed: Keyed) -> hr.TheseAreMissing:
    """Who takes part in a programme that is not over, and is not named."""
    named = {keyed("position", key) for key in asked.keys}
    found: list[str] = []
    for programme in await read.find(Programme, None):
        if not programme.is_over:
            people = await read.find(Participant, programme.id)
            found += [p.id for p in people if takes_part(p, programme) and p.position not in named]
    return hr.TheseAreMissing(participants=tuple(sorted(found)))


async def _concerned(people: Sequence[str], read: Reader, keyed: Keyed) -> list[Concerned]:
    """Of each person, whom they are, whether they wait for the next programme, and what HR said of them before."""
    persons = await read.all(Person, people)
    joined = [p for person in persons if person is not None for p in person.participations]
    programmes = sorted({p.programme for p in joined})
    running = dict(zip(programmes, await read.all(Programme, programmes), strict=True))
    ids = [p.participant for p in joined]
    participants = dict(zip(ids, await read.all(Participant, ids), strict=True))
    places = [waiting_as(keyed, person.id, role) for person in persons if person is not None for role in get_args(Side)]
    waiting = {place.person for place in await read.all(Waiting, places) if place is not None}

    def now(person: Person | None) -> tuple[Participant, ...]:
        found = []
        for one in person.participations if person is not None else ():
            participant, programme = participants[one.participant], running[one.programme]
            if participant is not None and programme is not None and takes_part(participant, programme):
                found.append(participant)
        return tuple(found)

    def ever(person: Person | None) -> tuple[str, ...]:
        return tuple(p.participant for p in person.participations) if person is not None else ()

    employments = await read.all(Employment, people)
    return [
        Concerned(id, now(person), id in waiting, ever(person), employment if person is not None else None)
        for id, person, employment in zip(people, persons, employments, strict=True)
    ]


HR_QUESTIONS = (
    Question("who-takes-part", hr.WhoTakesPart, who_takes_part, "hr"),
    Question("what-differs", hr.WhatDiffers, what_differs, "hr"),
    Question("who-is-missing", hr.WhoIsMissing, who_is_missing, "hr"),
)
