"""What registration keeps of an erasure while it is under way, and as its proof."""

import datetime as dt
from typing import Literal

from services.registration.model.people import Participation
from shared.runtime.aggregate import Aggregate


class Erasure(Aggregate, kind="erasure"):
    """Somebody is to be erased in every service. When all have confirmed it forgets whom it was about.

    `confirmed` are the services that have; `told` is the exception that the office was told of when some had not;
    `addresses` are keyed digests of their mail addresses (`address_id`), which must be known after these are gone.
    """

    people: tuple[Participation, ...] = ()
    addresses: tuple[str, ...] = ()
    status: Literal["requested", "erased"] = "requested"
    requested_on: dt.date
    erased_on: dt.date | None = None
    confirmed: tuple[str, ...] = ()
    told: str | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The participants that it is about, until it is done."""
        return frozenset(p.participant for p in self.people)

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        shown = {"status", "requested_on", "erased_on"}
        return {"erasure_id": self.id, **{name: value for name, value in dict(self).items() if name in shown}}
