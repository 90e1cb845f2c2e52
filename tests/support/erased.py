"""Erasing people in a scenario of one service: its own rows hear the order, then every aggregate lets go of them."""

from dataclasses import replace

from shared.contracts.base import Contract, Participation
from shared.contracts.registration import ErasureOrdered
from shared.runtime.erasing import TakeOut, concerns_of, erasing_rows
from shared.runtime.ids import derived_id
from shared.runtime.table import Fact, Piece, Service
from tests.support.reference import Scenario


def ordered(*people: str, programme: str = "pilot") -> ErasureOrdered:
    """The order to erase these people of a programme."""
    whom = tuple(Participation(participant_id=who, programme_id=programme) for who in people)
    return ErasureOrdered(erasure_id=derived_id("erasure", *people), people=whom)


def erase(scenario: Scenario, *people: str, programme: str = "pilot") -> list[Contract]:
    """What the service says while it erases these people; afterwards nothing of it may hold them."""
    reference = scenario.reference
    own = reference.service
    reference.service = with_pieces(own)
    told: list[Contract] = []
    order = ordered(*people, programme=programme)
    if any(isinstance(row, Fact) and row.on is ErasureOrdered for row in own.rows):
        told += scenario.when(order).told
    for concerns in concerns_of(own):
        kind = concerns.aggregate
        for subject, aggregate in sorted(reference.state.items()):
            if isinstance(aggregate, kind) and set(people) & set(concerns.people(aggregate)):
                told += scenario.when(TakeOut(subject=subject, people=people)).told
    scenario.told = told
    return told


def with_pieces(service: Service) -> Service:
    """A service with the rows by which it lets go of people, where it lacks them."""
    pieces = [row for row in erasing_rows(service) if isinstance(row, Piece)]
    known = {row.on for row in service.rows if isinstance(row, Piece)}
    return replace(service, rows=(*service.rows, *(row for row in pieces if row.on not in known)))


def left_in(scenario: Scenario, *values: str) -> list[str]:
    """Which aggregates still hold one of these values."""
    found = {subject: aggregate.model_dump_json() for subject, aggregate in scenario.reference.state.items()}
    return sorted(s for s, text in found.items() if any(value in f"{s} {text}" for value in values))
