"""The page of a plan: what stands in it, in both languages, and what never does."""

import datetime as dt
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from services.scheduling.tool.asked import asked_of
from services.scheduling.tool.page.render import day, page, words
from services.scheduling.tool.page.weeks import calendar, mondays, weeks
from services.scheduling.tool.planned import plans_of
from services.scheduling.tool.reading import tandems_of
from services.scheduling.tool.result import Planned
from shared.contracts.parts import SchedulingRules

WEEK = "Mo-Do 8:30-16:30; Fr 8:30-13:00"
AWAY = [{"start": "2026-01-10T00:00", "end": "2026-03-10T00:00"}]


def planned(*tandems: tuple[str, str, str], busy: list[dict[str, str]] | None = None, months: int = 5) -> Planned:
    """Plans from 7 January 2026; the mentees are busy."""
    entries: list[dict[str, Any]] = [
        {
            "mentor": {"id": mentor, "working_times": WEEK},
            "mentee": {"id": mentee, "working_times": week, "busy": busy or []},
        }
        for mentor, mentee, week in tandems
    ]
    asked = asked_of(dt.date(2026, 1, 7), months, SchedulingRules())
    return Planned(asked, plans_of(tandems_of(json.dumps(entries).encode(), "x"), asked, {}))


FILLED = (
    *("first", "last", "name", "wanted", "days", "found", "mentor", "mentee", "soon", "count", "month", "minutes"),
    *("tandems", "most"),
    *("where", "people"),
)
"""What the words of the page have to fill in."""
ONE = planned(("m", "n", WEEK))
TWO = planned(("m-1", "n-1", WEEK), ("m-2", "n-2", "Mo 9-12"), busy=AWAY)


class _Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_every_word_of_the_catalogue_is_on_a_page_in_both_languages() -> None:
    alone = planned(("m", "n", "Mo 9-12"), busy=[{"start": "2026-01-01T00:00", "end": "2026-02-10T00:00"}], months=12)
    [plan] = ONE.plans
    better = plan.levels._replace(shift=plan.levels.shift - 1)
    unproved = replace(ONE, plans=(replace(plan, together=replace(plan.together, bound=better)),))
    texts = [page(each, "file.json") for each in (ONE, TWO, alone, unproved, Planned(ONE.asked, (), ("x",)))]
    for key in words.keys:
        try:
            said = words(key)
        except KeyError:
            said = words(key, **dict.fromkeys(FILLED, "·"))
        for language in (said.de, said.en):
            parts = [part.strip() for part in re.split("[·]", language) if part.strip(" .,)(:")]
            assert any(all(part in text for part in parts) for text in texts), (key, language)


def test_a_page_shows_every_meeting_in_the_list_and_in_the_calendar() -> None:
    text = page(TWO)
    for number, plan in enumerate(TWO.plans, 1):
        [article] = re.findall(rf'<article class="tandem" id="t{number}".*?</article>', text, flags=re.DOTALL)
        assert article.count("<td class=m>") == len(plan.meetings) > 0
        for meeting in plan.meetings:
            assert day(meeting.date).de in article
            assert day(meeting.date).en in article
        assert plan.short
        assert plan.short.text.de in article
        assert all(help.text.en in article for help in plan.short.helps)


def test_the_overview_leads_to_each_tandem_and_shows_the_days_on_which_it_meets() -> None:
    text = page(TWO)
    rows = re.findall(r'<tr( data-short)?><th scope="row"><a href="#t(\d)">', text)
    assert rows == [(" data-short", "1"), (" data-short", "2")]
    found = weeks(TWO.plans[0], TWO.asked)
    assert len(found) == len(mondays(TWO.asked)) == 22
    assert [number for week in found for number in week.days] == [m.date.day for m in TWO.plans[0].meetings]
    assert [week.gap for week in found[:9]] == [False, *[True] * 8], "met on the 9th, and again on the 10th of March"
    assert 'id="overview"' not in page(ONE), "one tandem needs none"


def test_a_calendar_has_each_day_once_and_names_its_months_and_holidays() -> None:
    days = [each for _, days in calendar(ONE.plans[0], ONE.asked) for each in days]
    inside = [each for each in days if each.kind != "outside"]
    assert [each.date for each in inside] == [dt.date(2026, 1, 7) + dt.timedelta(n) for n in range(151)]
    assert [each.date.month for each in inside if each.names_month] == [1, 2, 3, 4, 5, 6]
    assert {each.date for each in inside if each.kind == "holiday"} == {
        dt.date(2026, month, date) for month, date in ((4, 3), (4, 6), (5, 1), (5, 14), (5, 25), (6, 4))
    }
    assert [each.meeting for each in inside if each.meeting] == list(ONE.plans[0].meetings)
    assert [number for number, _ in calendar(ONE.plans[0], ONE.asked)][:2] == [2, 3]


@pytest.mark.parametrize("given", [ONE, TWO, Planned(ONE.asked, ())], ids=["one", "two", "none"])
def test_a_page_loads_nothing_and_its_policy_names_its_own_style_and_script_only(given: Planned) -> None:
    text = page(given)
    elements = _Elements(text).found
    policy = next(attrs["content"] for tag, attrs in elements if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy
    ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
    assert len(set(ids)) == len(ids)
    for tag, attributes in elements:
        assert "style" not in attributes, "the policy would drop it"
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "srcset", "action", "data"):
            value = attributes.get(name) or ""
            assert value in ("", "data:,") or value[1:] in ids, f"{tag} {name}={value}"
    assert not re.findall(r"https?://|url\(|@import", text)


def test_what_stands_in_a_file_is_text_and_no_markup() -> None:
    text = page(ONE, "\"><script>alert(1)</script>'&")
    assert "alert(1)" in text
    assert [tag for tag, _ in _Elements(text).found].count("script") == 1


def test_nothing_of_working_times_and_busy_times_stands_on_a_page() -> None:
    """Who sees both plans cannot tell whose day was full: the page is the same whoever of the two was busy."""
    entry: dict[str, Any] = {side: {"id": side, "working_times": "Mo 9-12"} for side in ("mentor", "mentee")}
    pages = []
    for side, person in entry.items():
        given = {**entry, side: {**person, "busy": AWAY}}
        tandems = tandems_of(json.dumps(given).encode(), "x")
        pages.append(page(Planned(ONE.asked, plans_of(tandems, ONE.asked, {}))))
    assert pages[0] == pages[1]
    assert "12:00" not in pages[0]


def test_a_page_of_a_hundred_tandems_over_half_a_year_is_below_a_megabyte() -> None:
    half_a_year = planned(("mentor-00001", "mentee-00001", WEEK), months=6)
    [plan] = half_a_year.plans
    assert len(page(Planned(half_a_year.asked, (plan,) * 100)).encode()) < 1_000_000
