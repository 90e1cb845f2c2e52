"""A finished run of people's lives, read once for all its judges."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shared.contracts import registration as r
from shared.runtime.batch import COMMANDS, EVENTS
from tests.simulation.lives_world import Lives
from tests.simulation.standing import Kept, Standing, standings

Told = dict[str, Any]


@dataclass
class Judged:
    """A finished run, read once."""

    world: Lives

    @cached_property
    def events(self) -> list[Told]:
        """Every event once, in the order in which it was first said."""
        found: dict[tuple[str, str], Told] = {}
        for exchange, _, body, _ in self.world.broker.passed:
            if exchange == EVENTS:
                read = json.loads(body)
                found.setdefault((read["source"], read["id"]), read)
        return list(found.values())

    @cached_property
    def commands(self) -> dict[str, Told]:
        """Every command by its id."""
        read = (json.loads(body) for exchange, _, body, _ in self.world.broker.passed if exchange == COMMANDS)
        return {command["id"]: command for command in read}

    def asked(self, *names: str) -> dict[str, Told]:
        """The commands of some types by their ids, but for those that ops hold in quarantine."""
        types = {f"tandem.{name}" for name in names}
        return {id: it for id, it in self.commands.items() if it["type"] in types and id not in self.stuck}

    def said(self, name: str) -> list[Told]:
        """The events of a type."""
        return [event for event in self.events if event["type"] == f"tandem.{name}"]

    @cached_property
    def registration(self) -> Kept:
        """What registration keeps."""
        return Kept.of(self.world.databases["registration"])

    @cached_property
    def matching(self) -> Kept:
        """What matching keeps."""
        return Kept.of(self.world.databases["matching"])

    @cached_property
    def accepted(self) -> dict[str, str]:
        """Everybody who was ever registered, with their programme."""
        found = self.said(r.ParticipantRegistered.name)
        return {event["data"]["participant_id"]: event["data"]["programme_id"] for event in found}

    @cached_property
    def everybody(self) -> list[Standing]:
        """Everybody who was ever registered, as they stand now."""
        databases = self.world.databases
        return standings(databases["registration"], databases["matching"], iter(self.accepted))

    @cached_property
    def stuck(self) -> set[str]:
        """Ids of messages that ops hold in quarantine."""
        kept = (k for db in (self.registration, self.matching) for k in db.all("_kept").values())
        return {k["stored"].get("id", "") for k in kept if k["status"] == "quarantine"} - {""}
