"""What registration keeps while somebody's own data is being collected, until they fetch it."""

import datetime as dt

from pydantic import Field

from shared.contracts.base import Holding, Participation
from shared.runtime.aggregate import Aggregate

Answer = tuple[int, int]
"""Which answer of a service: to which question, and which attempt at it. Parts of two are never put together."""


class DataRequest(Aggregate, kind="data-request"):
    """Somebody asked for all that is held on them: one request a person, however often they ask.

    `token` is a keyed digest of the newest token, which is kept nowhere; `asked` how often the services were asked
    again. `waits_for` are those that have not told all yet; `told` the numbers of parts told so far, by service, and
    `answers` the answer that they are of: an older one is dropped. `taken_by` who fetched it.
    """

    people: tuple[Participation, ...]
    token: str = ""
    waits_for: tuple[str, ...]
    asked: int = 0
    told: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    answers: dict[str, Answer] = Field(default_factory=dict)
    fetch_until: dt.date
    taken_by: str | None = None

    def takes(self, service: str, answer: Answer) -> bool:
        """Whether a part of an answer is taken in: of the one that is collected, or of a newer one."""
        return service in self.waits_for and answer >= self.answers.get(service, (0, 0))

    def with_part(self, service: str, answer: Answer, number: int, parts: int) -> "DataRequest":
        """The request with one part more of a service's answer; the first one of a newer answer begins it anew."""
        known = self.told.get(service, ()) if answer == self.answers.get(service, (0, 0)) else ()
        told = tuple(sorted({*known, number}))
        waits_for = tuple(s for s in self.waits_for if s != service or len(told) < parts)
        return self.but(
            told={**self.told, service: told}, answers={**self.answers, service: answer}, waits_for=waits_for
        )

    def anew(self, services: tuple[str, ...]) -> "DataRequest":
        """The request with nothing told: these are asked once more, and what they answered before is dropped."""
        asked = self.asked + 1
        answers = dict.fromkeys(services, (asked, 0))
        return self.but(asked=asked, waits_for=services, told={}, answers=answers, taken_by=None)

    def parts_of(self, service: str) -> tuple[str, ...]:
        """Ids of the parts told so far by a service."""
        answer = self.answers.get(service, (0, 0))
        return tuple(part_id(self.id, service, answer, number) for number in self.told.get(service, ()))

    @property
    def parts(self) -> tuple[str, ...]:
        """Ids of the parts told so far."""
        return tuple(id for service in sorted(self.told) for id in self.parts_of(service))


class DataPart(Aggregate, kind="data-part"):
    """Some of what one service holds on who asked."""

    service: str
    holdings: tuple[Holding, ...]


def part_id(request: str, service: str, answer: Answer, number: int) -> str:
    """The id of a part of a service's answer to a request; the release before had no number of an answer."""
    return ".".join(map(str, (request, service, *(answer if answer > (0, 0) else ()), number)))
