"""People as registration keeps them."""

import datetime as dt
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from shared.contracts.parts import Consents, Profile, Side
from shared.runtime.aggregate import Aggregate


class Participant(Aggregate, kind="participant"):
    """A person in a programme, without name and address; `said` counts the events said about it."""

    role: Side
    status: Literal["registered", "withdrawn"] = "registered"
    registered_on: dt.date
    profile: Profile
    position: str
    reporting_line: tuple[str, ...]
    consents: Consents
    privacy_notice: str
    paused_since: dt.date | None = None
    paused_until: dt.date | None = None
    days_paused: int = 0
    waiting_since: dt.date | None = None
    admitted: bool = True
    line: int | None = None
    said: int = 0

    def next(self, **changes: Any) -> Self:
        """The participant as the next event about them says it."""
        return self.but(said=self.said + 1, **changes)

    def published(self) -> dict[str, object]:
        """The fields of an event about them."""
        hidden = {"id", "programme", "due", "said", "privacy_notice"}
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

    def joins(self, participant: Participant) -> Self:
        """The person with one participation more."""
        if any(p.participant == participant.id for p in self.participations):
            return self
        joined = Participation(programme=participant.programme or "", participant=participant.id, role=participant.role)
        return self.but(participations=(*self.participations, joined))


class Contact(Aggregate, kind="contact"):
    """How to reach a person, and what they wrote about themselves: at home here, and nowhere else."""

    display_name: str
    mail: str
    about_me: str = ""
