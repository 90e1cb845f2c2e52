"""A programme whose people have answered, on servers in memory, with its keys in a folder."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.evaluation.service import service
from services.evaluation.surveys import FIRST_PULSE
from shared.contracts import evaluation as e
from shared.runtime.adapters.key_folder import KeyFolder
from shared.runtime.adapters.memory import MemoryDatabase
from shared.runtime.envelope import wrap
from shared.runtime.ids import derived_id
from shared.runtime.ports import Delivery
from tests.support.attacker import Attacker, Sent, answers_in
from tests.unit.evaluation.people import (
    CLOSED,
    DAY,
    FINAL,
    PROGRAMME,
    REPORTS,
    STARTS,
    everybody,
    formed,
    held,
    person,
    survey,
    tandem_id,
)
from tests.unit.runtime.engine_in_memory import KEY, Replica

TANDEMS = 4
PULSE_ON = dt.date(2027, 3, 1)
SOURCE = "/portal"
COMPLETED = tuple(formed(number, status="completed") for number in range(1, TANDEMS + 1))


@dataclass
class Programme:
    """The programme, and who attacks it with all that the portal knows."""

    folder: Path
    order: Sequence[str] = field(default_factory=lambda: everybody(TANDEMS))
    meeting_on: dt.date = PULSE_ON

    def __post_init__(self) -> None:
        self.replica = Replica(service, keys=KeyFolder(self.folder, KEY))
        self.attacker = Attacker(KEY, self.folder)

    async def is_answered(self) -> "Programme":
        """Everybody answers a pulse, and the final questionnaire."""
        await self.has_pulses()
        return await self.is_asked_finally()

    async def is_asked(self) -> "Programme":
        """Everybody meets and is asked."""
        numbers = range(1, TANDEMS + 1)
        await self.replica.play(STARTS, PROGRAMME, *(formed(n) for n in numbers))
        await self.replica.play(*(held(n, FIRST_PULSE, self.meeting_on) for n in numbers))
        return self

    async def has_pulses(self) -> "Programme":
        """Everybody meets, is asked, and answers."""
        await self.is_asked()
        for name in self.order:
            await self.answers(name, "pulse")
        return self

    async def is_asked_finally(self) -> "Programme":
        """Everybody is asked finally, and answers."""
        await self.replica.play(FINAL - DAY, *COMPLETED, FINAL)
        for name in self.order:
            await self.answers(name, "final")
        return self

    async def is_over(self) -> "Programme":
        """The surveys close, the final report is made, and the next day starts."""
        await self.replica.play(CLOSED, REPORTS, REPORTS + DAY)
        return self

    async def answers(self, name: str, questionnaire: str) -> Sent:
        """Somebody answers by the portal, and is answered."""
        sent = self.sends(name, questionnaire)
        await self.replica.settle()
        return sent

    def sends(self, name: str, questionnaire: str) -> Sent:
        """Somebody answers by the portal, which writes down what it knows."""
        number = int(name.split()[1])
        meeting = held(number, FIRST_PULSE).meeting_id
        occasion = meeting if questionnaire == "pulse" else questionnaire
        message = derived_id("message", len(self.attacker.log))
        sent = Sent(person(name), message, survey(name, questionnaire, occasion), tandem_id(number), (meeting,))
        self.attacker.log.append(sent)
        self.submit(sent, f"in the words of tandem {number}")
        return sent

    def submit(self, sent: Sent, comment: str = "once more") -> None:
        """The portal sends an answer."""
        command = e.SubmitAnswers(survey_id=sent.survey, participant_id=sent.person, answers={}, comment=comment)
        fields = {"id": sent.message, "actor": sent.person, "correlationid": sent.message}
        self.replica.send(command, "portal", "portal.replies", **fields)

    def broker_has(self, sent: Sent) -> Delivery:
        """A message as it came."""
        body = wrap(
            e.SubmitAnswers(survey_id=sent.survey, participant_id=sent.person, answers={}),
            id=sent.message,
            source=SOURCE,
            time=self.replica.clock.now(),
            actor=sent.person,
        ).encode()
        return Delivery(tag=None, intake="commands", body=body, key=e.SubmitAnswers.name, user="portal")

    @property
    def database(self) -> MemoryDatabase:
        """The database as it is now."""
        return self.replica.database

    @property
    def ids(self) -> list[str]:
        """The answers' ids as they lie."""
        return list(answers_in(self.database))


def files_in(folder: Path) -> list[str]:
    """The names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())
