"""Somebody who wants to know whose an answer is, and has all but evaluation's own memory: what an attack finds."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.runtime.adapters.memory import MemoryDatabase
from shared.runtime.ids import derived_id, keyed_id

KEY_FILE = re.compile(r"(?P<programme>.+)\.key")


@dataclass(frozen=True)
class Sent:
    """A line of the portal's log: who sent which message about which survey of which tandem; lines are in order."""

    person: str
    message: str
    survey: str
    tandem: str
    meetings: tuple[str, ...] = ()


@dataclass
class Attacker:
    """Has the deployment's key, the portal's log, all events, a database and the folder of keys as they are now."""

    key: bytes
    folder: Path
    log: list[Sent] = field(default_factory=list)

    @property
    def keys(self) -> list[bytes]:
        """Every key that can be had: the deployment's, and whatever lies in the folder under any name."""
        found = [self.key]
        for path in sorted(self.folder.rglob("*")):
            for text in path.read_text(encoding="ascii").split():
                found += [bytes.fromhex(text)] if re.fullmatch("[0-9a-f]{64}", text) else []
                found.append(text.encode())
        return found

    def ids(self, *parts: str) -> set[str]:
        """What these parts may lie under."""
        return {id for key in self.keys for id in (keyed_id(key, *parts), derived_id(*parts))}

    def by_survey(self, database: MemoryDatabase) -> dict[str, str]:
        """Whose an answer is, by its id and the survey that the log names."""
        answers = answers_in(database)
        return {id: sent.person for sent in self.log for id in self.ids("answer", sent.survey) if id in answers}

    def by_person(self, database: MemoryDatabase) -> dict[str, str]:
        """Whose an answer is, by its pseudonym and the person."""
        found: dict[str, str] = {}
        for sent in self.log:
            mine = self.ids("person", sent.person) | self.ids("person", sent.survey)
            found |= {id: sent.person for id, state in answers_in(database).items() if state["person"] in mine}
        return found

    def by_tandem(self, database: MemoryDatabase) -> dict[str, str]:
        """Of which tandem an answer is, by its cluster and what is known of the tandem: its id, its meetings' ids."""
        found: dict[str, str] = {}
        for sent in self.log:
            known = {id for each in (sent.tandem, *sent.meetings) for id in self.ids("cluster", each)}
            found |= {id: sent.tandem for id, state in answers_in(database).items() if state["cluster"] in known}
        return found

    def by_inbox(self, database: MemoryDatabase, source: str) -> dict[str, str]:
        """Who sent what the inbox knows, by the message's id."""
        found: dict[str, str] = {}
        for sent in self.log:
            own = {f"command|{keyed_id(key, 'portal', source, sent.message)}" for key in self.keys}
            sealed = {f"command|{id}" for each in own for id in self.ids("message", each)}
            found |= dict.fromkeys((own | sealed) & database.inbox, sent.person)
        return found

    def by_order(self, database: MemoryDatabase) -> dict[str, str]:
        """Whose an answer is, by the place where it lies and the log's order."""
        return {id: sent.person for id, sent in zip(answers_in(database), self.log, strict=True)}


def answers_in(database: MemoryDatabase) -> dict[str, dict[str, Any]]:
    """The answers as they lie, in that order."""
    records = database.records.values()
    return {r.subject.partition("/")[2]: r.state for r in records if r.kind == "answer" and r.state is not None}
