"""Whether what lies in quarantine has a cause that the run gave it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.runtime.batch import KEPT
from shared.runtime.ports import Change
from tests.simulation.messages import WrongError, keys_of
from tests.simulation.world import CLUMSY, KILLER

POISONED = '"book":"refused"'
KILLED = "killed_its_process"


@dataclass
class Quarantined:
    """Follows one service's kept messages, change by change."""

    service: str
    healthy: int = 0

    def look(self, change: Change, before: Mapping[str, dict[str, Any]]) -> None:
        """Look at one change; `before` are the states that it replaces. Raises WrongError."""
        for record in change.writes:
            state = record.state or {}
            if state.get("status") == "quarantine" and before.get(record.subject, {}).get("status") != "quarantine":
                self._noticed(record.subject, change)
            if record.kind == KEPT and state["status"] in ("retry", "quarantine"):
                self._explain(state)

    def _noticed(self, subject: str, change: Change) -> None:
        """Each message that goes to quarantine is noticed once, in the same transaction."""
        notices = [letter for letter in change.outbox if letter.exchange == "" and letter.id == subject]
        if len(notices) != 1 or "stored" in json.loads(notices[0].body):
            raise WrongError(f"{self.service}: {subject} is in quarantine, with {len(notices)} notices")

    def _explain(self, kept: dict[str, Any]) -> None:
        """What is kept as failed must have a reason that the workload gave it."""
        stored, reason = kept["stored"], kept["reason"]
        body = stored.get("body", "")
        if "piece" not in stored and keys_of("", body.encode(), None).pop().startswith("raw|"):
            expected = reason.startswith("not_json")
        elif CLUMSY in body:
            expected = reason.startswith("ValueError")
        elif POISONED in body:
            expected = reason.startswith("refused_by_database")
        else:
            expected = reason.startswith(KILLED)
            # Random crashes may hit the same healthy message three times; an engine at fault does it all the time.
            self.healthy += KILLER not in body
        if not expected or self.healthy > 1:
            raise WrongError(f"{self.service}: {kept['type']} is in {kept['status']} without a cause: {reason}")
