"""What a service on servers in memory still holds of somebody: every place that a database has, by name."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from shared.runtime.adapters.memory import MemoryDatabase


def left_of(database: MemoryDatabase, values: Iterable[str]) -> list[str]:
    """Where one of the values stands: records, inbox, outbox, journal, audit."""
    journal = [asdict(entry) for change in database.history for entry in change.journal]
    places = {
        **{subject: json.dumps(asdict(record), default=str) for subject, record in database.records.items()},
        **{f"inbox {key}": key for key in database.inbox | database.pinned},
        **{
            f"outbox {letter.id}": letter.body.decode()
            for document in database.outbox.values()
            for letter in document.messages
        },
        **{f"journal {entry['id']}": json.dumps(entry) for entry in journal},
        **{f"audit {id}": json.dumps(link.document(), default=str) for id, link in database.audit.items()},
    }
    wanted = tuple(values)
    return sorted(place for place, text in places.items() if any(value in f"{place} {text}" for value in wanted))
