"""HR's language: facts about people's employment, said by the employer's own system (P10). It commands nothing.

Each is said of everybody, whether they take part or not: who does not is dropped unread by whoever hears it. What is
said twice, by message and by the nightly file, needs one sequence: the later word has the higher one, e.g. the minute
as 202701112130. The file is JSON Lines, an `EmploymentRow` a line; a first line of its own may say `{"as_of": …}`.
"""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.base import Event, Part, personal
from shared.contracts.parts import Id, PersonnelKey, Uuid, WorkingTime

FACT = {
    "purpose": "a participant's profile follows what HR knows, so that the hard rules hold (P10, S7)",
    "readers": "registration; of who takes part, as the profile's own fields",
    "keep": "as the profile's own fields; of nobody else",
}
KEY = {
    "purpose": "to find the participant of whom HR speaks",
    "readers": "registration",
    "keep": "not kept; only a keyed digest of a participant's",
}
TAKES_PART = {
    "purpose": "only what is new of those who take part is published, and nothing of anybody else (P10)",
    "readers": "who brings HR's nightly file, while it runs",
    "keep": "not kept; the report counts, and names by participant id who is not in the file",
}

UnitName = Annotated[str, StringConstraints(min_length=1, max_length=80)]

EmploymentId = Annotated[
    Id,
    Field(
        description="opaque id of HR's own, one for a person and the same again when they come back; "
        "never the personnel number: it stands in envelopes and traces"
    ),
]


class _Key(BaseModel):
    employment_id: EmploymentId
    personnel_key: PersonnelKey = personal("personnel number or key; only a keyed digest is kept", **KEY)


class _Facts(BaseModel):
    """What HR knows of a post; null: HR does not know, and what was known stays."""

    model_config = ConfigDict(frozen=True)

    department: UnitName | None = personal("department (Referat); null: not known", default=None, **FACT)
    unit: tuple[UnitName, ...] | None = personal(
        "path of organisational units below the department, outermost first; null: not known",
        default=None,
        max_length=8,
        **FACT,
    )
    superiors: tuple[PersonnelKey, ...] | None = personal(
        "personnel keys of the reporting line, the direct manager first; null: not known",
        default=None,
        max_length=10,
        **KEY,
    )
    grade: int | None = personal("grade of the post, 1 to 30; null: not known", default=None, ge=1, le=30, **FACT)
    site: UnitName | None = personal("site where the person works; null: not known", default=None, **FACT)
    working_times: tuple[WorkingTime, ...] | None = personal(
        "usual working week; null: not known", default=None, min_length=1, max_length=21, **FACT
    )


class EmploymentChanged(
    _Facts, _Key, Event, name="hr.employment-changed.v1", about="employment/{employment_id}", stateful=True
):
    """Somebody is employed, and this is what HR knows of their post; said of all or of what changed.

    It is the whole state: without a last day it takes back an end that was announced and has not come.
    """

    last_day: dt.date | None = personal(
        "last day, where one is known, e.g. of a contract for a time; null: it goes on", default=None, **FACT
    )


class EmploymentEnded(_Key, Event, name="hr.employment-ended.v1", about="employment/{employment_id}", stateful=True):
    """Somebody leaves, or has left. No reason is said."""

    last_day: dt.date = personal("last day of the employment", **FACT)


class UnitMoved(Event, name="hr.unit-moved.v1", about="reorganisation/{reorganisation_id}"):
    """A whole unit has a new name or a new place: everybody whose path begins so moves along (P10).

    Each is said once, under an id of its own; a correction is a further one, from where the unit is now.
    """

    reorganisation_id: Id = Field(description="opaque id of HR's own for this change")
    from_department: UnitName = Field(description="department (Referat) that the unit was in")
    from_unit: tuple[UnitName, ...] = Field(
        max_length=8, description="path of the unit that moves, outermost first; empty: the whole department"
    )
    to_department: UnitName = Field(description="department that it is in now")
    to_unit: tuple[UnitName, ...] = Field(max_length=8, description="the unit's path now; empty: the whole department")


class EmploymentRow(_Facts, _Key, Part):
    """One line of the nightly file: somebody's post as HR knows it, with `last_day` where an end is known.

    A field that is not listed here is refused: the file holds no more than is needed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    last_day: dt.date | None = personal("last day of the employment; null: it goes on", default=None, **FACT)

    def event(self, on: dt.date) -> EmploymentChanged | EmploymentEnded:
        """What the line says on a day, as HR's own event: whose last day was before it has left."""
        if self.last_day is not None and self.last_day < on:
            return EmploymentEnded(
                employment_id=self.employment_id, personnel_key=self.personnel_key, last_day=self.last_day
            )
        return EmploymentChanged(**{name: getattr(self, name) for name in EmploymentChanged.model_fields})


FILES: dict[str, type[Part]] = {"hr.employment-row": EmploymentRow}
"""What HR hands over as a file, by the name of its schema: a line each."""


# What who brings the file asks registration (POST /questions/<name>, with HR's token); nothing of it is kept

CHUNK = 2000
"""So many people at most are asked of at once."""


class WhoTakesPart(Part):
    """The question `who-takes-part`: who of these takes part in a programme that is not over, or waits for one?

    Also answered is of whom HR's last word is still kept: it holds when they register again.
    """

    keys: tuple[PersonnelKey, ...] = personal("personnel keys, of whomever", max_length=CHUNK, **KEY)


class TheseTakePart(Part):
    """The answer to `who-takes-part`."""

    places: tuple[int, ...] = personal(
        "places among the keys asked, from 0, of those who take part, wait for the next programme, or may come again "
        "while HR's last word on them is kept",
        **TAKES_PART,
    )


class WhatDiffers(Part):
    """The question `what-differs`: what of these rows, of people who take part, is other than registration knows?"""

    rows: tuple[EmploymentRow, ...] = Field(max_length=CHUNK, description="rows of the file")


class Difference(Part):
    """What is other of one row, and the newest word of HR's that registration has heard of that person."""

    fields: tuple[str, ...] = personal("names of the fields that differ; none: registration knows it all", **TAKES_PART)
    epoch: int = Field(description="epoch of the newest word; 0: none was heard")
    sequence: int = Field(description="sequence of the newest word; 0: none was heard")
    state: str = Field(
        default="",
        description="opaque: as whom registration knows the person; other once they were deleted and came anew, and "
        "part of the id of what is published of them",
    )


class Differences(Part):
    """The answer to `what-differs`."""

    rows: tuple[Difference, ...] = Field(description="one for each row asked, in their order")


class WhoIsMissing(Part):
    """The question `who-is-missing`: who takes part and is none of these people?"""

    keys: tuple[PersonnelKey, ...] = personal(
        "personnel keys of everybody in the file who takes part", max_length=100_000, **KEY
    )


class TheseAreMissing(Part):
    """The answer to `who-is-missing`."""

    participants: tuple[Uuid, ...] = personal("participant ids of who takes part and was not named", **TAKES_PART)
