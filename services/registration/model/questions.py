"""A question to the office as registration keeps it."""

import datetime as dt
from typing import Literal

from shared.runtime.aggregate import Aggregate


class Question(Aggregate, kind="question"):
    """What somebody asked the office, and what it answered; the words are in no event of its own."""

    participant: str
    question: str
    answer: str = ""
    status: Literal["open", "answered"] = "open"
    asked_on: dt.date
    answer_by: dt.date
    rules_version: int = 1

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        hidden = {"id", "programme", "due", "participant", "question", "answer"}
        fields = {k: v for k, v in dict(self).items() if k not in hidden}
        return {"question_id": self.id, "participant_id": self.participant, "programme_id": self.programme, **fields}
