"""The page as HTML, from plans; the same to the byte for the same plans."""

import datetime as dt

from services.scheduling.optimum.stretch import SOON, USUAL
from services.scheduling.say import clock
from services.scheduling.tool.page.weeks import calendar, months, weeks
from services.scheduling.tool.result import Planned
from shared.contracts.base import Text
from shared.pages.render import number, rendered
from shared.runtime.words import Words

PACKAGE = "services.scheduling.tool.page"
words = Words(PACKAGE)


def page(planned: Planned, source: str = "") -> str:
    """The page of plans from a file of this name. It holds nothing of a calendar but the meetings."""
    asked, plans = planned.asked, planned.plans
    gaps = [plan.levels.largest_gap for plan in plans if plan.meetings]
    return rendered(
        PACKAGE,
        word=words,
        number=number,
        planned=planned,
        asked=asked,
        plans=plans,
        first=day(asked.first),
        last=day(asked.last),
        largest_gap=max(gaps, default=None),
        source=source,
        months=months(asked),
        weeks=[weeks(plan, asked) for plan in plans],
        calendar=lambda plan: calendar(plan, asked),
        clock=clock,
        day=day,
        usual=USUAL,
        soon=SOON,
    )


def day(date: dt.date) -> Text:
    """A date as it is written in a table: 07.01.2026, 7 Jan 2026."""
    month = words(f"short-{date.month}").en
    return Text(de=f"{date:%d.%m.%Y}", en=f"{date.day} {month} {date.year}")
