"""What evaluation remembers."""

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from services.evaluation.questionnaires import NEWEST
from services.evaluation.reporting.released import Released
from shared.contracts import evaluation as e
from shared.contracts.base import Office, Text
from shared.contracts.parts import NOBODY, Criteria, CriteriaVersion, Purpose, Rules, Side, Term
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.pausing import Pausing
from shared.runtime.ruled import Ruled

DAY = dt.timedelta(days=1)


class Programme(Ruled, kind="programme"):
    """What a survey and the report need of a programme; newest state wins. Decisions take it `on` a day.

    `criteria` are those that it opened with, `criteria_history` these and every change. `questionnaires`: the version
    of each that it asks to its end, as it was the newest when the programme was first heard of; empty: not fixed yet.
    `kicked_off`: whether everybody was asked before the tandems begin. `told`: how many reports have been said.
    `erasures`: how often answers went, or would have, with people who were erased. `own_room`: how many bytes of a
    report the items of each questionnaire of the office's own may need.
    """

    title: Text
    term: Term
    office: Office
    criteria: Criteria
    criteria_seal: str
    criteria_history: tuple[CriteriaVersion, ...] = ()
    floor: int
    insiders: Literal[1, 2] = 1
    window_days: int
    held_after_days: int
    office_days: int = 7
    questionnaires: dict[str, int] = Field(default_factory=dict)
    kicked_off: bool = False
    reported: bool = False
    told: int = 0
    erasures: int = 0
    own_room: dict[str, int] = Field(default_factory=dict)
    gone: tuple[Purpose, ...] = ()
    seen: Seen = Seen()

    @classmethod
    def parts(cls, rules: Rules) -> dict[str, Any]:
        """The parts of the rules that evaluation reads."""
        return {
            "floor": rules.evaluation.floor,
            "insiders": rules.evaluation.insiders,
            "window_days": rules.evaluation.window_days,
            "held_after_days": rules.scheduling.held_after_days,
            "office_days": rules.deadlines.office_days,
        }

    def criteria_until(self, day: dt.date) -> tuple[CriteriaVersion, ...]:
        """The criteria that have come to hold by a day, those of the opening first; the last are in force."""
        # An earlier release did not say when it opened: before the term began.
        first = CriteriaVersion(holds_from=self.term.starts, criteria=self.criteria, seal=self.criteria_seal)
        return tuple(each for each in self.criteria_history if each.holds_from <= day) or (first,)

    def version_of(self, questionnaire: str) -> int:
        """The version of one of the software's questionnaires that the programme asks."""
        return (self.questionnaires or NEWEST)[questionnaire]

    @property
    def reports_no_more(self) -> bool:
        """Whether something that a report is made of has gone, or goes; what was published stays."""
        return "tandems" in self.gone or "answers" in self.gone

    @property
    def asks_finally(self) -> dt.date:
        """The day after the term, on which everybody who was in a tandem is asked."""
        return self.term.ends + DAY

    @property
    def reports(self) -> dt.date:
        """The day after the last survey closed."""
        return self.last_day(self.asks_finally) + 3 * DAY

    def latest_end(self, questionnaire: str) -> dt.date:
        """The last day on which a survey may close, however long somebody paused.

        The final one with all others, before the final report; an earlier one before the final one opens.
        """
        last = self.last_day(self.asks_finally)
        return last if questionnaire == "final" else self.asks_finally - DAY

    def last_day(self, opens: dt.date) -> dt.date:
        """The last day of a survey that opens on a day: it is open for `window_days`."""
        return opens + (self.window_days - 1) * DAY

    def before_the_end(self, opens: dt.date) -> bool:
        """Whether a survey that opens on a day ends before the final one opens: two at a time would annoy."""
        return self.last_day(opens) < self.asks_finally


class Participant(Pausing, kind="participant"):
    """Whether somebody is still there to be asked, as what, and whether they pause; newest state wins.

    `side` is null of who was last heard of by an earlier release. `strengths` are topics of mentors, who are counted by
    them for the report; null: that is not known.
    """

    withdrawn: bool
    side: Side | None = None
    strengths: tuple[str, ...] | None = None
    seen: Seen = Seen()


class Pair(Aggregate, kind="tandem"):
    """A tandem with its two sides; `due` is the day of its next survey, `asked` which there were."""

    mentor: str
    mentee: str
    status: Literal["running", "ended", "completed"]
    formed_on: dt.date
    ends_on: dt.date
    asked: tuple[str, ...] = ()
    seen: Seen = Seen()

    @property
    def sides(self) -> tuple[tuple[Side, str], ...]:
        """Both people with their side (P13: ask both), but for who was erased."""
        sides: tuple[tuple[Side, str], ...] = (("mentor", self.mentor), ("mentee", self.mentee))
        return tuple((side, who) for side, who in sides if who != NOBODY)


class Held(Aggregate, kind="held"):
    """A meeting whose day is over: how it is known that it was held, counted and nothing else; newest state wins.

    Unknown counts for nothing; None: it was missed after all, or may still be held.
    """

    known: Literal["confirmed", "assumed", "unknown"] | None = "assumed"
    seen: Seen = Seen()


class Survey(Aggregate, kind="survey"):
    """One person's survey. Whether it was answered is not known here, on purpose.

    Not `opened`: the person paused on its day; it is open to readers of the report and published to nobody.
    `days_paused`: how many days the person had paused when its last day was set. `tandem`: in which tandem they are
    asked; None: in none, or an earlier release asked. `questionnaire_title`: of one of the office's own.
    `erased`: of who was erased, and whose answers stay as figures, the same in all that are left of their surveys.
    """

    hidden = frozenset(("erased",))

    participant: str
    side: Side
    questionnaire: str
    version: int
    opens: dt.date
    closes: dt.date
    rules_version: int = 1
    status: Literal["open", "closed"] = "open"
    reminded: bool = False
    opened: bool = True
    days_paused: int = 0
    tandem: str | None = None
    questionnaire_title: Text | None = None
    erased: str | None = None

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        return {
            "survey_id": self.id,
            "programme_id": self.programme,
            "participant_id": self.participant,
            "questionnaire": self.questionnaire,
            "version": self.version,
            "opens": self.opens,
            "closes": self.closes,
            "rules_version": self.rules_version,
            "status": self.status,
        }


class Questionnaire(Aggregate, kind="questionnaire"):
    """A version of a questionnaire that a programme asks, as it was published.

    `due` is the day on which one of the office's `own` is asked; the others have an occasion of each person's own.
    """

    name: str
    version: int
    title: Text
    items: tuple[e.Item, ...]
    comment: Text
    asked_of: e.AskedOf = "both"
    opens: dt.date | None = None
    own: bool = False

    @classmethod
    def id_of(cls, programme: str, name: str, version: int) -> str:
        """The id under which a programme's version of a questionnaire is kept."""
        return f"{programme}:{name}:{version}"

    def published(self) -> dict[str, object]:
        """The fields of the event about it."""
        hidden = {"id", "programme", "due", "name"}
        fields = {name: value for name, value in dict(self).items() if name not in hidden}
        return {"programme_id": self.programme, "questionnaire": self.name, **fields}


class Answer(Aggregate, kind="answer"):
    """What somebody answered: under a keyed id, without person, survey, meeting, message or time.

    All its ids are under the programme's key, and lead to nobody once that is destroyed. `person` is the same in all
    answers of one person in the programme, `cluster` in all of one tandem (the person's own where none is known). Both
    are empty, and the id is under the deployment's key, in an answer that an earlier release took, until it is moved.
    `released`: whether the office lets its comment stand in the report.
    `reports`: how many reports of the programme had been said when it came, so that a later one can tell of it apart.
    """

    hidden = frozenset(("person", "cluster", "reports"))

    person: str = ""
    cluster: str = ""
    questionnaire: str
    version: int
    side: Side
    answers: dict[str, int]
    comment: str = ""
    released: bool = False
    reports: int = 0


class Report(Aggregate, kind="report"):
    """The last report of a programme as it was published; `version` counts the reports said, `said` is the last one.

    `released` is what all of them told of people's answers: it is only repeated. None: by an earlier release, which did
    not keep it apart; `told_before` are the questionnaires of which that told, and nothing more is.
    """

    version: int = 0
    final: bool = False
    released: tuple[Released, ...] | None = None
    told_before: tuple[str, ...] = ()
    said: e.ReportPublished | None = None
