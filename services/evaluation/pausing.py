"""What somebody's pause means for their own surveys (P6): they open later, and stand still; the partner's do not.

Nothing here knows, or tells, who has answered: a survey of who has answered moves and is reminded of like any other.
"""

import datetime as dt

from services.evaluation.model import DAY, Participant, Programme, Survey
from services.evaluation.say import addressed
from shared.contracts import evaluation as e
from shared.runtime.decision import Decision

REMINDER = 4 * DAY
"""So long before its last day everybody who was asked is reminded, whether they answered or not."""


STILL_ASKED = ("pulse", "mid-term", "parting")
"""What is asked of who has left as well: they were there."""


def reminder_day(opens: dt.date, closes: dt.date) -> dt.date:
    """The day on which somebody is reminded of a survey."""
    return max(opens + DAY, closes - REMINDER)


def standing(survey: Survey, person: Participant | None, today: dt.date) -> Survey:
    """A survey that is to open today; of who pauses, one that is looked at again tomorrow."""
    if person is None:
        return survey
    if person.pauses(today):
        return survey.but(opened=False, due=today + DAY)
    return survey.but(days_paused=person.paused_before(today))


def stands_still(survey: Survey, programme: Programme, person: Participant, today: dt.date) -> Decision | None:
    """What becomes of a survey whose person pauses or has paused since its last day was set; None if nothing does.

    Its last day moves by the days of the pause, but never beyond the programme's own last day for it: then it closes as
    any other. A pause that began after the last day moves nothing.
    """
    latest = programme.latest_end(survey.questionnaire)
    if not survey.opened:
        return _opens_later(survey, programme, person, today, latest)
    paused_late = person.paused_since is not None and person.paused_since > survey.closes
    if person.pauses(today) and not paused_late:
        return Decision(state=(survey.but(due=today + DAY),)) if today < latest + 2 * DAY else None
    days = person.days_paused if paused_late else person.paused_before(today)
    # Nobody is told of a last day that is over, unless it is the programme's own.
    closes = min(max(survey.closes + (days - survey.days_paused) * DAY, today), latest)
    if days <= survey.days_paused or closes <= survey.closes:
        return None
    due = closes + 2 * DAY if survey.reminded else max(reminder_day(survey.opens, closes), today + DAY)
    moved = survey.but(closes=closes, days_paused=days, due=due)
    said = e.SurveyOpened(**moved.published()), addressed(programme, moved, "survey-moved")
    return Decision(state=(moved,), messages=said)


def _opens_later(
    survey: Survey, programme: Programme, person: Participant, today: dt.date, latest: dt.date
) -> Decision:
    """Open the survey of who is back; who is not before its time is over is not asked any more.

    Nor is who has left, but about what they were there for, as in `surveys.tandem_due`.
    """
    if today > latest or (person.withdrawn and survey.questionnaire not in STILL_ASKED):
        # It was never said to be open, so nobody needs to hear that it is closed.
        return Decision(state=(survey.but(status="closed", due=None),))
    if person.pauses(today):
        return Decision(state=(survey.but(due=today + DAY),))
    programme = programme.on(today)
    closes = min(programme.last_day(today), latest)
    opened = survey.but(
        opened=True,
        rules_version=programme.rules_version,
        opens=today,
        closes=closes,
        days_paused=person.paused_before(today),
        due=reminder_day(today, closes),
    )
    said = e.SurveyOpened(**opened.published()), addressed(programme, opened, "survey-opened")
    return Decision(state=(opened,), messages=said)
