"""Saying again all that a service has published: after a restore, and for a reader that is behind.

What is said again is the newest published state with the service's own epoch and the subject's own sequence, so nothing
is written and nobody is moved backwards; a reader that has it already passes it over. An owner restored to an older
state has lower sequences: its raised epoch makes readers take its word all the same.

Here are the rows that every service has for it; the job's work is in `saying.py`.
"""

import sys

from shared.contracts import base
from shared.contracts.base import Command
from shared.runtime.attention import Attention
from shared.runtime.days import HandledDay, day_handled
from shared.runtime.decision import Context, Decision, Get, Internal, Start
from shared.runtime.seals import LastSeal, audit_sealed
from shared.runtime.table import Ask, Fact, Piece, Publishes, Service

SAY_JOB = "_say"
EVERYTHING = "*"


class Said(Internal):
    """So many subjects were said again."""

    programme_id: str | None
    count: int


def _nothing(message: object, get: Get) -> None:
    return None


def start_saying(message: base.SayStateAgain, state: None, context: Context) -> Decision:
    """Start saying again; a job does it, page by page."""
    return Decision(jobs=(Start(SAY_JOB, message.programme_id or EVERYTHING),))


def say_again_rows(service: Service) -> tuple[Ask | Piece, ...]:
    """The rows that every service has for what it published."""
    says = service.common(base.StateSaidAgain)

    def say_said(message: Said, state: None, context: Context) -> Decision:
        said = says(service=service.name, programme_id=message.programme_id, count=message.count)
        return Decision(messages=(said,))

    return (
        Ask(service.common(base.SayStateAgain), _nothing, start_saying, starts=(SAY_JOB,)),
        Piece(Said, _nothing, say_said, says=(says,)),
    )


def owners_read(service: Service) -> tuple[type[Command], ...]:
    """The commands that ask the owners whom a service's table reads to say everything again."""
    # What changes no state is not said again, nor what is answered in private.
    facts = [row.on for row in service.rows if isinstance(row, Fact)]
    read = {fact.owner: fact for fact in facts if fact.stateful and not fact.private}
    found = (_say_state_again(contract) for owner, contract in sorted(read.items()) if owner != service.name)
    return tuple(command for command in found if command is not None)


def _say_state_again(contract: type[base.Event]) -> type[Command] | None:
    """The command in a contract's own module, or in the package where a language has a module a theme."""
    module = contract.__module__
    for name in (module, module.rpartition(".")[0]):
        command: type[Command] | None = getattr(sys.modules[name], base.SayStateAgain.__name__, None)
        if command is not None:
            return command
    return None


def published_by(service: Service) -> tuple[Publishes, ...]:
    """What a service publishes, with the three aggregates that the runtime keeps for every service."""
    needs_office = service.common(base.OfficeAttentionNeeded)
    return (
        *service.publishes,
        Publishes(Attention, lambda attention: needs_office.model_validate(attention.said())),
        Publishes(HandledDay, lambda day: day_handled(service, day)),
        Publishes(LastSeal, lambda last: audit_sealed(service, last)),
    )
