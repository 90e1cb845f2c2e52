"""Whether what lies in quarantine, and what counts against a job on its way there, has a cause that the run gave it."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.runtime.batch import HEAVY, KEPT, LIGHT
from shared.runtime.ports import Change, Record
from tests.simulation.messages import WrongError, keys_of
from tests.simulation.world import CLUMSY, KILLER

POISONED = '"book":"refused"'
KILLED = "killed_its_process"


@dataclass(frozen=True)
class _Held:
    """Who has a job: which life of which replica, and until when."""

    replica: str
    life: int
    until: str


@dataclass
class Quarantined:
    """Follows one service's kept messages and jobs, change by change."""

    service: str
    random: Counter[str] = field(default_factory=Counter)
    held: dict[str, _Held] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)

    def look(self, change: Change, before: Mapping[str, dict[str, Any]]) -> None:
        """Look at one change; `before` are the states that it replaces. Raises WrongError."""
        for record in change.writes:
            state = record.state or {}
            if state.get("status") == "quarantine" and before.get(record.subject, {}).get("status") != "quarantine":
                self._noticed(record.subject, change)
            if record.kind == KEPT and state["status"] in ("retry", "quarantine"):
                self._explain(state)
            if record.kind in (LIGHT, HEAVY):
                self._count(record, state, before.get(record.subject, {}), change)

    def _noticed(self, subject: str, change: Change) -> None:
        """Each message that goes to quarantine is noticed once, in the same transaction."""
        notices = [letter for letter in change.outbox if letter.exchange == "" and letter.id == subject]
        if len(notices) != 1 or "stored" in json.loads(notices[0].body):
            raise WrongError(f"{self.service}: {subject} is in quarantine, with {len(notices)} notices")

    def _explain(self, kept: dict[str, Any]) -> None:
        """What is kept as failed must have a reason that the workload gave it."""
        stored, reason = kept["stored"], kept["reason"]
        body = stored.get("body", "")
        if reason.startswith(KILLED):
            expected = True
            # Random crashes may hit the same message three times; an engine at fault does it all the time.
            self.random["message"] += KILLER not in body
        elif "piece" not in stored and keys_of("", body.encode(), None).pop().startswith("raw|"):
            expected = reason.startswith("not_json")
        elif CLUMSY in body:
            expected = reason.startswith("ValueError")
        else:
            expected = POISONED in body and reason.startswith("refused_by_database")
        if not expected or self.random["message"] > 1:
            raise WrongError(f"{self.service}: {kept['type']} is in {kept['status']} without a cause: {reason}")

    def _count(self, record: Record, state: dict[str, Any], before: dict[str, Any], change: Change) -> None:
        """What counts against a job is that its process ended or its lease ran out, and nothing else.

        No job of these worlds goes wrong by itself: who lets go of one gives it back. By chance one job's process may
        end so often that it is quarantined.
        """
        subject, attempts = record.subject, state["attempts"]
        replica, life = change.token.rsplit(".", 2)[:2]
        if state.get("status") == "quarantine":
            fresh = before.get("status") != "quarantine"
            self.random["job"] += fresh
            expected = state["reason"].startswith(KILLED) and attempts == self.lost[subject]
            if fresh and (not expected or self.random["job"] > 1):
                raise WrongError(f"{self.service}: {subject} is in quarantine without a cause: {state['reason']}")
            self.held.pop(subject, None)
        elif attempts > before.get("attempts", 0):
            self.lost[subject] += 1
            if attempts != self.lost[subject]:
                raise WrongError(
                    f"{self.service}: {subject} was lost {self.lost[subject] - 1} times, not {attempts - 1}"
                )
            self.held[subject] = _Held(replica, int(life), record.due or "")
        elif attempts == 0 or "owner" not in state:
            held = self.held.pop(subject, None)
            self.lost[subject] = 0 if attempts == 0 else self.lost[subject] - (held is not None)
        elif (held := self.held.get(subject)) is not None:
            if (record.due or "") < held.until and not (replica == held.replica and int(life) > held.life):
                raise WrongError(f"{self.service}: {subject} was taken from a process that has it and goes on")
            self.held[subject] = _Held(held.replica, held.life, record.due or "")
