"""People as registration keeps them."""

import datetime as dt
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import personal
from shared.contracts.parts import Consents, Profile, Side
from shared.runtime.aggregate import Aggregate
from shared.runtime.days import DAY
from shared.runtime.pausing import Pausing


class Participant(Pausing, kind="participant"):
    """A person in a programme, without name and address; `said` counts the events said about it.

    `pause_asks_on` is the day on which a pause without an end is asked about next: the person, and once that was
    done (`pause_asked`) the office, whose exception is `pause_sign`.
    """

    role: Side
    status: Literal["registered", "withdrawn"] = "registered"
    registered_on: dt.date
    profile: Profile
    position: str
    reporting_line: tuple[str, ...]
    consents: Consents
    privacy_notice: str
    waiting_since: dt.date | None = None
    released: bool = True
    late: bool = False
    admitted: bool = True
    line: int | None = None
    rules_version: int = 1
    pause_asks_on: dt.date | None = None
    pause_asked: bool = False
    pause_sign: str | None = None
    said: int = 0

    @property
    def wakes(self) -> dt.date | None:
        """The first of the days for which something about them waits: every one is named here."""
        back_on = self.paused_until + DAY if self.paused_until is not None else None
        return min((day for day in (back_on, self.pause_asks_on) if day is not None), default=None)

    def waits(self, **changes: Any) -> Self:
        """The participant with what now waits, due on the first day of it."""
        changed = self.but(**changes)
        return changed.but(due=changed.wakes)

    def next(self, **changes: Any) -> Self:
        """The participant as the next event about them says it."""
        return self.waits(said=self.said + 1, **changes)

    def takes_part_again(self, on: dt.date) -> Self:
        """The participant whose pause was over before a day; its days are counted, and nothing is asked about it."""
        return self.waits(
            days_paused=self.paused_before(on),
            paused_since=None,
            paused_until=None,
            pause_asks_on=None,
            pause_asked=False,
            pause_sign=None,
        )

    def published(self) -> dict[str, object]:
        """The fields of an event about them."""
        hidden = {"id", "programme", "due", "said", "privacy_notice", "pause_asks_on", "pause_asked", "pause_sign"}
        fields = {k: v for k, v in dict(self).items() if k not in hidden}
        return {"participant_id": self.id, "programme_id": self.programme, **fields}


class Participation(BaseModel):
    """Which participant somebody is in a programme."""

    model_config = ConfigDict(frozen=True)

    programme: str
    participant: str
    role: Side


class Person(Aggregate, kind="person"):
    """Somebody over all programmes, known by a keyed digest of their personnel key (a participant's `position`)."""

    participations: tuple[Participation, ...] = ()
    erasure: str | None = None
    """The erasure that is under way for them."""
    data_request: str | None = None
    """Their request for what is held on them, if it is still there."""

    def joins(self, participant: Participant) -> Self:
        """The person with one participation more, or the same one in another role."""
        joined = Participation(programme=participant.programme or "", participant=participant.id, role=participant.role)
        if joined in self.participations:
            return self
        others = tuple(p for p in self.participations if p.participant != participant.id)
        return self.but(participations=(*others, joined))

    def within(self, programme: str) -> tuple[str, ...]:
        """Which participants they are in a programme: none, one, or one in each role."""
        return tuple(p.participant for p in self.participations if p.programme == programme)

    def without(self, people: frozenset[str]) -> Self | None:
        """The person without participations that were erased; None if that is all of them."""
        left = tuple(p for p in self.participations if p.participant not in people)
        return self.but(participations=left, erasure=None) if left else None


class TookPart(Aggregate, kind="took-part"):
    """That somebody was a participant of a programme whose people have gone; it has the participant's id, and no more.

    Other services keep tandems and answers under that id for longer: by it who asks to see or to erase their data is
    found as long as any of them may. `person` is who they are over all programmes.
    """

    person: str = personal(
        "whose participant's id it was: a keyed digest of their personnel key; nothing else of them is kept with it",
        purpose="who asks is shown, or has erased, what other services keep for longer (Art. 15 and 17 GDPR)",
        readers="registration",
        keep="from the day when the profile goes to the last of those of retention.people_days, "
        "retention.tandems_days and retention.answers_days",
    )


class Contact(Aggregate, kind="contact"):
    """How to reach a person, and what they wrote about themselves: at home here, and nowhere else.

    `said` counts the events said about it; one that was stored before it was counted has been said once.
    """

    display_name: str
    mail: str
    about_me: str = ""
    said: int = 1

    def next(self, **changes: Any) -> Self:
        """The contact as the next event about it says it."""
        return self.but(said=self.said + 1, **changes)

    def published(self) -> dict[str, object]:
        """The fields of the event that only who writes to people reads."""
        fields = {"display_name": self.display_name, "mail": self.mail}
        return {"participant_id": self.id, "programme_id": self.programme, **fields}
