"""What somebody wants a report of, as it was typed, and as a report's job takes it."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.evaluation.protection.item import SIDES
from services.evaluation.reporting.inputs import Asked, Given, ReportInputs, items_of
from services.evaluation.tool.checking import People
from services.evaluation.tool.known import Key, Known
from services.evaluation.tool.reading import About
from shared.contracts.base import Text
from shared.contracts.parts import Criteria, CriteriaVersion, Side, Term
from shared.runtime.criteria_seal import seal_of
from shared.runtime.likely import likely
from shared.runtime.table import Language
from shared.runtime.wrong_use import WrongUseError

FLOORS = (5, 7, 10)
INSIDERS = (1, 2)
PROGRAMME = "elsewhere"
"""The programme's id in a report of which no programme is known here."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report as somebody typed it; `asked`: mentors and mentees, of every questionnaire of the file."""

    file: Path
    criteria: Path | None
    questionnaires: tuple[Path, ...]
    floor: int
    insiders: int
    asked: str | None
    html: Path | None
    pdf: Path | None
    language: Language | None
    today: dt.date

    def check(self) -> None:
        """Raise WrongUseError where a number is none that is offered."""
        for option, number, offered in (("--floor", self.floor, FLOORS), ("--insiders", self.insiders, INSIDERS)):
            if number not in offered:
                raise WrongUseError(f"{option} {number}: write one of {', '.join(map(str, offered))}")
        self.both_sides()

    def both_sides(self) -> dict[Side, int] | None:
        """How many were asked, as it was typed; None: that was not. Raises WrongUseError."""
        if self.asked is None:
            return None
        if not (found := re.fullmatch(r"(\d{1,7}):(\d{1,7})", self.asked.strip())):
            raise WrongUseError(f"--asked {self.asked}: write how many mentors and how many mentees, like 7:7")
        return {"mentor": int(found[1]), "mentee": int(found[2])}


def inputs_of(
    people: People, about: About, criteria: Criteria, wanted: Wanted, name: str, known: Known
) -> ReportInputs:
    """What a report's job takes: the answers, and nothing of tandems, meetings, goals and topics, which no file has.

    `name`: what the file is called. Raises WrongUseError where fewer people were asked than answered.
    """
    asked = _asked(people, about, wanted.both_sides(), name, known)
    term = about.programme.term or Term(starts=wanted.today, ends=wanted.today)
    title = Path(name).stem
    seal = seal_of(criteria)
    return ReportInputs(
        programme_id=PROGRAMME,
        title=about.programme.title or Text(de=title, en=title),
        term=term,
        scheduled=False,
        final=True,
        as_of=wanted.today,
        floor=wanted.floor,
        insiders=wanted.insiders,
        rules_version=1,
        criteria=criteria,
        criteria_seal=seal,
        criteria_versions=(CriteriaVersion(holds_from=term.starts, criteria=criteria, seal=seal),),
        reports=0,
        released=(),
        asked=asked,
        tandems=(),
        completed=0,
        ended_early=0,
        meetings_held=0,
        meetings_confirmed=0,
        meetings_assumed=0,
        meetings_unknown=0,
        meetings=(),
        goals=(),
        signs=(),
        exceptions=0,
        kick_off=None,
        earlier=(),
    )


def _asked(people: People, about: About, typed: Mapping[Side, int] | None, name: str, known: Known) -> dict[str, Asked]:
    names = sorted(people.given.keys() | about.asked.keys())
    faults: list[str] = []
    found = {}
    for each in names:
        if each not in known.newest:
            faults.append(f"{name}, asked: there is no such questionnaire; {likely(each, tuple(known.newest))}")
            continue
        given = people.given.get(each, [])
        versions = people.versions.get(each, {known.newest[each]})
        of_each = typed if typed is not None else about.asked.get(each)
        if of_each is not None:
            # Of the file's people only those of the sides that were asked it.
            sides = {side for version in versions for side in known.sides(Key(each, version))}
            of_each = {side: of_each.get(side, 0) if side in sides else 0 for side in SIDES}
            faults += _too_few(each, of_each, given, "--asked" if typed is not None else f"{name}, asked.{each}")
        found[each] = Asked(
            version=max(versions),
            items=tuple(items_of(known.items, each, versions).values()),
            answers=tuple(given),
            people=of_each,
            title=known.titles.get(each),
        )
    if faults:
        raise WrongUseError(*faults)
    return found


def _too_few(questionnaire: str, asked: Mapping[Side, int], given: Iterable[Given], where: str) -> Iterable[str]:
    answered = Counter(side for side, _ in {(each.side, each.person) for each in given})
    for side, count in asked.items():
        if count < answered[side]:
            yield f"{where}: more {side}s have answered {questionnaire} than are said to be asked; correct the number"
