"""What a report's job reads, made up: people of tandems with the answers that a test gives them."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from services.evaluation.counting.model import KickOff
from services.evaluation.questionnaires import newest
from services.evaluation.reporting.inputs import Asked, Given, ReportInputs
from services.evaluation.reporting.released import Released
from shared.contracts.base import Text
from shared.contracts.parts import Criteria, CriteriaVersion, Side, Term

TERM = Term(starts=dt.date(2027, 2, 15), ends=dt.date(2027, 7, 14))
AS_OF = dt.date(2027, 8, 1)


def given(name: str, side: Side, reports: int = 0, **answers: int) -> Given:
    """One person's answers; who has the same name but for the side forms a tandem."""
    named = {item.replace("_", "-"): value for item, value in answers.items()}
    return Given(person=f"{side} {name}", cluster=f"tandem {name}", side=side, answers=named, reports=reports)


def tandems(count: int, **answers: int) -> list[Given]:
    """So many tandems of which both answer alike."""
    sides: tuple[Side, ...] = ("mentor", "mentee")
    return [given(str(number), side, **answers) for number in range(count) for side in sides]


def asked(name: str, answers: Sequence[Given], silent: Mapping[Side, int] | None = None) -> Asked:
    """A questionnaire in its newest version, with what was answered."""
    found = newest(name)
    people = Counter(side for side, _ in {(each.side, each.person) for each in answers})
    people.update(silent or {})
    return Asked(version=found.version, items=found.items, answers=tuple(answers), people=dict(people))


def inputs(
    answers: Sequence[Given] = (),
    final: bool = True,
    scheduled: bool = False,
    floor: int = 5,
    insiders: int = 1,
    reports: int = 0,
    released: tuple[Released, ...] = (),
    questionnaires: Mapping[str, Asked] | None = None,
    criteria: Criteria | None = None,
) -> ReportInputs:
    """Everything that a report is made of."""
    criteria = criteria or Criteria()
    return ReportInputs(
        programme_id="pilot",
        title=Text(de="Pilot", en="Pilot"),
        term=TERM,
        scheduled=scheduled,
        final=final,
        as_of=AS_OF,
        floor=floor,
        insiders=insiders,
        rules_version=1,
        criteria=criteria,
        criteria_seal="seal",
        criteria_versions=(CriteriaVersion(holds_from=TERM.starts, criteria=criteria, seal="seal"),),
        reports=reports,
        released=released,
        asked={"final": asked("final", answers), **(questionnaires or {})},
        tandems=tuple(f"tandem {number}" for number in range(9)),
        completed=7,
        ended_early=2,
        meetings_held=100,
        meetings_confirmed=60,
        meetings_assumed=40,
        meetings_unknown=5,
        meetings=(),
        goals=(),
        signs=(),
        exceptions=4,
        kick_off=KickOff(id="pilot", invited=18, can_come=16, dates=1),
        earlier=(),
    )
