"""What registration keeps while somebody's own data is being collected, until they fetch it."""

import datetime as dt

from pydantic import Field

from shared.contracts.base import Holding, Participation
from shared.runtime.aggregate import Aggregate


class DataRequest(Aggregate, kind="data-request"):
    """Somebody asked for all that is held on them. Its id is a keyed digest of the token, which is kept nowhere.

    `waits_for` are the services that have not told all yet; `told` the numbers of parts told so far, by service, and
    how many there are; `taken_by` who fetched it.
    """

    people: tuple[Participation, ...]
    waits_for: tuple[str, ...]
    told: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    fetch_until: dt.date
    taken_by: str | None = None

    def with_part(self, service: str, number: int, parts: int) -> "DataRequest":
        """The request with one part more of a service's."""
        told = tuple(sorted({*self.told.get(service, ()), number}))
        waits_for = tuple(s for s in self.waits_for if s != service or len(told) < parts)
        return self.but(told={**self.told, service: told}, waits_for=waits_for)

    @property
    def parts(self) -> tuple[str, ...]:
        """Ids of the parts told so far."""
        return tuple(
            part_id(self.id, service, number) for service in sorted(self.told) for number in self.told[service]
        )


class DataPart(Aggregate, kind="data-part"):
    """Some of what one service holds on who asked."""

    service: str
    holdings: tuple[Holding, ...]


def part_id(request: str, service: str, number: int) -> str:
    """The id of a part of a request."""
    return f"{request}.{service}.{number}"
