"""What registration answers to who brings HR's nightly file, so that only what is new of participants is published.

Whoever asks learns who takes part, what is other in HR's own rows, and which participants the file lacks; nothing else
of anybody. Rows of others are never asked of.
"""

import datetime as dt
from collections.abc import Callable, Collection, Sequence

from services.registration.hr import changes, known_end, line_of
from services.registration.model import Employment, Participant, Person, Programme
from services.registration.model.hr import takes_part
from shared.contracts import hr
from shared.runtime.table import Question, Reader

Keyed = Callable[..., str]


async def who_takes_part(asked: hr.WhoTakesPart, read: Reader, keyed: Keyed) -> hr.TheseTakePart:
    """Which of these people take part in a programme that is not over."""
    found = await _taking_part([keyed("position", key) for key in asked.keys], read)
    return hr.TheseTakePart(places=tuple(place for place, participants in enumerate(found) if participants))


async def what_differs(asked: hr.WhatDiffers, read: Reader, keyed: Keyed) -> hr.Differences:
    """What of each row is other than it is known; where somebody takes part twice, in any of both."""
    ids = [keyed("position", row.personnel_key) for row in asked.rows]
    taking_part = await _taking_part(ids, read)
    employments = await read.all(Employment, ids)
    rows = zip(asked.rows, ids, taking_part, employments, strict=True)
    found = (_difference(row, id, people, known, keyed, read.today) for row, id, people, known in rows)
    return hr.Differences(rows=tuple(found))


def _difference(
    row: hr.EmploymentRow,
    id: str,
    participants: Collection[Participant],
    known: Employment | None,
    keyed: Keyed,
    today: dt.date,
) -> hr.Difference:
    event = row.event()
    fields: list[str] = []
    if isinstance(event, hr.EmploymentChanged):
        line = line_of(event, id, keyed)
        other = {field for participant in participants for field in changes(participant, event, line)}
        fields = [field for field in hr.EmploymentRow.model_fields if field in other]
    if participants and known_end(row.last_day, today) != (known.last_day if known else None):
        fields.append("last_day")
    seen = known.seen if known else Employment(id=id).seen
    return hr.Difference(fields=tuple(fields), epoch=seen.epoch, sequence=seen.sequence)


async def who_is_missing(asked: hr.WhoIsMissing, read: Reader, keyed: Keyed) -> hr.TheseAreMissing:
    """Who takes part in a programme that is not over, and is not named."""
    named = {keyed("position", key) for key in asked.keys}
    found: list[str] = []
    for programme in await read.find(Programme, None):
        if not programme.is_over:
            people = await read.find(Participant, programme.id)
            found += [p.id for p in people if takes_part(p, programme) and p.position not in named]
    return hr.TheseAreMissing(participants=tuple(sorted(found)))


async def _taking_part(people: Sequence[str], read: Reader) -> list[list[Participant]]:
    """Of each person, whom they are in programmes that are not over."""
    persons = await read.all(Person, people)
    joined = [p for person in persons if person is not None for p in person.participations]
    programmes = sorted({p.programme for p in joined})
    running = dict(zip(programmes, await read.all(Programme, programmes), strict=True))
    ids = [p.participant for p in joined]
    participants = dict(zip(ids, await read.all(Participant, ids), strict=True))

    def now(person: Person | None) -> list[Participant]:
        found = []
        for one in person.participations if person is not None else ():
            participant, programme = participants[one.participant], running[one.programme]
            if participant is not None and programme is not None and takes_part(participant, programme):
                found.append(participant)
        return found

    return [now(person) for person in persons]


HR_QUESTIONS = (
    Question("who-takes-part", hr.WhoTakesPart, who_takes_part, "hr"),
    Question("what-differs", hr.WhatDiffers, what_differs, "hr"),
    Question("who-is-missing", hr.WhoIsMissing, who_is_missing, "hr"),
)
