"""Showing a person what a service holds on them (Art. 15 GDPR): the rows that every service has for it.

Only registration asks, for somebody who asked it; the answer goes to its queue for replies. The job is in `showing.py`.
"""

from shared.contracts import base
from shared.contracts.base import Holding
from shared.runtime.decision import Context, Decision, Get, Internal, Start
from shared.runtime.table import Ask, Piece, Service

SHOW_JOB = "_show"


class Shown(Internal):
    """Some of what is held on a person."""

    request_id: str
    number: int
    parts: int
    asked: int = 0
    attempt: int = 0
    holdings: tuple[Holding, ...]


def _nothing(message: object, get: Get) -> None:
    return None


def start_showing(message: base.ShowPerson, state: None, context: Context) -> Decision:
    """Look for everything that is held on a person; a job does it."""
    people = ",".join(f"{p.programme_id}/{p.participant_id}" for p in message.people)
    return Decision(jobs=(Start(SHOW_JOB, f"{message.request_id}|{people}|{message.asked}"),))


def showing_rows(service: Service) -> tuple[Ask | Piece, ...]:
    """The rows that every service has for showing what it holds."""
    says = service.common(base.PersonShown)

    def show(message: Shown, state: None, context: Context) -> Decision:
        return Decision(messages=(says(service=service.name, **dict(message)),))

    return (
        Ask(service.common(base.ShowPerson), _nothing, start_showing, starts=(SHOW_JOB,)),
        Piece(Shown, _nothing, show, says=(says,)),
    )
