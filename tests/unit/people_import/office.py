"""An office that imports files into registration as its table decides, without broker and database."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.registration.service import service
from shared.cli.people_import.asking import Registration
from shared.cli.people_import.candidates import ForAll
from shared.cli.people_import.plan import ANSWERS, Plan
from shared.cli.people_import.report import Language, as_json
from shared.cli.people_import.sending import Outcome
from shared.cli.people_import.work import Import
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.parts import RegistrationRules, Rules, Side
from shared.contracts.registration.asked import Known, Registered, RegisteredAnswer, RegisteredAsked
from shared.spreadsheets.people import read_people
from tests.support.reference import By, Scenario, given
from tests.unit.registration.test_registration import TODAY, opening

TOPICS = (("social-media", "Soziale Medien", "Social media"), ("scrum", "Scrum", "Scrum"), ("excel", "Excel", "Excel"))
ROW = {
    "Rolle": "Mentor",
    "Personalnummer": "007",
    "Name": "Mentor 7",
    "E-Mail": "mentor-7@example.org",
    "Referat": "Bau",
    "Organisationseinheit": "B-1 > B-12",
    "Stufe": "9",
    "Standort": "Mitte",
    "Sprachen": "de; en",
    "Arbeitszeiten": "Mo-Do 8:30-16:30; Fr 8:30-13:00",
    "Stärken": "Soziale Medien:4; Scrum:2",
    "Anliegen": "",
    "Vorgesetzte": "B-12-L; B-1-L",
    "Freiwillig": "ja",
    "Datenschutzhinweis": "1",
}
"""A mentor with whom nothing is wrong."""


def mentor(number: int = 7, **changes: str) -> dict[str, str]:
    """A mentor by number."""
    own = {"Personalnummer": f"{number:03}", "Name": f"Mentor {number}", "E-Mail": f"mentor-{number}@example.org"}
    return {**ROW, **own, **changes}


def mentee(number: int = 1, **changes: str) -> dict[str, str]:
    """A mentee by number."""
    own = {"Rolle": "Führungskraft", "Stärken": "", "Anliegen": "Social Media:5", "Stufe": "15"}
    return mentor(number, **own, **changes)


def csv_of(*rows: Mapping[str, str], delimiter: str = ";") -> bytes:
    """Rows as a CSV file with the headings of the first."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


@dataclass
class Office:
    """Imports files; `taken` holds each command that was sent, by its id."""

    both_roles: bool = False
    release: bool = False
    sent: list[By] = field(default_factory=list)
    asked_by: list[str | None] = field(default_factory=list)
    scenario: Scenario = field(init=False)

    def __post_init__(self) -> None:
        rules = Rules(registration=RegistrationRules(both_roles=self.both_roles, release_by_manager=self.release))
        self.scenario = given(service, *catalogue(), opening(rules=rules), today=TODAY)

    def work(self, content: bytes, **for_all: Any) -> Import:
        """One import, before anything is sent."""
        sheet = read_people(content, "people.csv", "import")
        asked = Registration(lambda name, what: self.scenario.answer(name, what).model_dump(mode="json"))
        return Import(sheet, ForAll("pilot", **for_all), asked, b"a key of the office's machine")

    def plans(self, *rows: Mapping[str, str], **for_all: Any) -> list[Plan]:
        """What would become of rows."""
        return self.work(csv_of(*rows), **for_all).plans()

    def takes(self, *rows: Mapping[str, str], most: int | None = None, lost: int = 0, **for_all: Any) -> dict[str, Any]:
        """Import rows; of the commands at `most` so many are sent, and `lost` answers do not come. What JSON says."""
        work = self.work(csv_of(*rows), **for_all)
        return self.sends(work, work.plans(), most, lost)

    def registers(self, row: Mapping[str, str], programme: str) -> None:
        """Somebody comes to another programme, as a row says it."""
        [plan] = self.plans(row)
        [step] = plan.steps
        self.scenario.given(By(step.command.model_copy(update={"programme_id": programme}), sender="office"))

    def sends(self, work: Import, plans: Sequence[Plan], most: int | None = None, lost: int = 0) -> dict[str, Any]:
        """Send plans, and say what became of them."""
        outcomes = [self._row(plan) for plan in [plan for plan in plans if plan.steps][:most]]
        unheard = [Outcome(outcome.row, taken=False) for outcome in outcomes[:lost]]
        return as_json(work.after(plans, [*unheard, *outcomes[lost:]]), Language.EN)

    def registered(self, number: int, role: Side = "mentor") -> Registered:
        """Somebody by number, as registration knows them."""
        asked = RegisteredAsked(programme_id="pilot", people=(Known(personnel_key=f"{number:03}", role=role),))
        found = RegisteredAnswer.model_validate(self.scenario.answer("registered", asked)).found[0]
        assert found is not None
        return found

    def _row(self, plan: Plan) -> Outcome:
        for taken, step in enumerate(plan.steps):
            by = By(step.command, sender="office", id=step.id)
            self.sent.append(by)
            self.scenario.when(by)
            told = self.scenario.told
            refused = [each for each in told if isinstance(each, r.CommandRejected)]
            if refused:
                return Outcome(plan.row, taken=False, reasons=refused[0].reasons, steps=taken)
            if not any(isinstance(each, ANSWERS[type(step.command)]) for each in told):
                return Outcome(plan.row, taken=False, steps=taken)
        return Outcome(plan.row, taken=True)


def rejected_rows(said: Mapping[str, Any]) -> list[int]:
    """The rows that JSON names as rejected, each once."""
    return list(dict.fromkeys(each["row"] for each in said["rejected"]))


def catalogue() -> list[r.AddTopic]:
    """Some topics."""
    return [r.AddTopic(topic_id=id, area="software", label=Text(de=de, en=en)) for id, de, en in TOPICS]
