"""What registration knows already, asked by HTTP in bounded pieces."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from shared.cli.addresses import Addresses
from shared.cli.people_import.candidates import Candidate, Register, words
from shared.cli.people_import.plan import Plan, Standing, role_of
from shared.cli.views import asked
from shared.contracts.base import Reason
from shared.contracts.registration import asked as q
from shared.runtime.reasons import reasons_of
from shared.runtime.wrong_use import WrongUseError

AT_ONCE = 500
"""People in a question: with everything that a profile can hold, a question stays well below what HTTP takes."""

T = TypeVar("T")
Ask = Callable[[str, q.Asked], object]


@dataclass(frozen=True, slots=True)
class Registration:
    """Registration, to be asked; `ask` is given a question's name and what is asked, and returns JSON."""

    ask: Ask

    @classmethod
    def at(cls, addresses: Addresses, actor: str | None = None) -> "Registration":
        """Registration where it runs; `actor` is who asks, for its audit."""
        return cls(lambda name, what: asked(addresses, "registration", name, what, actor=actor))

    def catalogue(self, programme: str) -> q.CatalogueAnswer:
        """The programme and the topics. Raises WrongUseError where there is no such programme."""
        try:
            question = q.CatalogueAsked(programme_id=programme)
        except ValidationError as error:
            why = reasons_of(error)[0].message
            raise WrongUseError(words("programme-id", programme=programme, why=why)) from None
        found = q.CatalogueAnswer.model_validate(self.ask("catalogue", question))
        if found.status is None:
            raise WrongUseError(words("no-programme", programme=programme))
        return found

    def registered(self, programme: str, candidates: Sequence[Candidate]) -> dict[int, Standing]:
        """By row, what registration knows already of the person."""
        rows = [(each.row, each.command) for each in candidates if each.command is not None]
        found: dict[int, Standing] = {}
        for some in _batched(rows):
            question = q.RegisteredAsked(programme_id=programme, people=tuple(_known(command) for _, command in some))
            answer = q.RegisteredAnswer.model_validate(self.ask("registered", question))
            told = zip(some, answer.found, answer.hr or [None] * len(some), strict=True)
            for at, ((row, _), somebody, hr) in enumerate(told):
                found[row] = Standing(somebody, at in answer.erased, at in answer.erased_elsewhere, hr)
        return found

    def faults(self, plans: Sequence[Plan]) -> dict[int, tuple[Reason, ...]]:
        """By row, what registration would refuse a profile for."""
        looked_at = [(plan.row, plan.wanted) for plan in plans if plan.wanted is not None]
        found: dict[int, tuple[Reason, ...]] = {}
        for some in _batched(looked_at):
            question = q.FaultsAsked(profiles=tuple(wanted for _, wanted in some))
            answer = q.FaultsAnswer.model_validate(self.ask("profile-faults", question))
            found |= {row: reasons for (row, _), reasons in zip(some, answer.faults, strict=True) if reasons}
        return found


def _known(command: Register) -> q.Known:
    return q.Known(personnel_key=command.personnel_key, superiors=command.superiors, role=role_of(command))


def _batched(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))
