"""Pieces that jobs hand over: a report that was made, an answer to be moved, somebody to be asked."""

import datetime as dt

from services.evaluation.reporting.released import Released
from shared.contracts import evaluation as e
from shared.contracts.parts import Side
from shared.runtime.decision import Internal


class Made(Internal):
    """A report as it was made, `after` so many others, and so many `erasures`.

    `released` is all that they and it tell of people's answers.
    """

    programme_id: str
    scheduled: bool
    after: int
    erasures: int = 0
    released: tuple[Released, ...]
    told_before: tuple[str, ...] = ()
    final: bool
    as_of: dt.date
    criteria_seal: str
    floor: int
    rules_version: int = 1
    tandems_completed: int | None
    tandems_ended_early: int | None
    meetings_held: int | None
    meetings_confirmed: int | None = None
    meetings_assumed: int | None = None
    meetings_unknown: int | None = None
    answers: tuple[e.Answer, ...]
    ratings: tuple[e.Figure, ...]
    contents: e.Figures


class MoveAnswer(Internal):
    """A survey whose answer an earlier release may have taken, under an id of the deployment's key."""

    survey_id: str


class AskSomebody(Internal):
    """Somebody to be asked on a day, on an occasion that they have once; `tandem`: None, they are in none yet."""

    programme_id: str
    questionnaire: str
    version: int
    occasion: str
    participant_id: str
    side: Side
    tandem: str | None
    opens: dt.date
