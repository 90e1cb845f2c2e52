"""tandem.json: what is taken, and what is said of each fault."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.availability.tandem import Busy
from services.scheduling.tool.asked import asked_of
from services.scheduling.tool.free import busy_of
from services.scheduling.tool.reading import Tandem, holds_tandems, tandems_of
from shared.contracts.parts import SchedulingRules, WorkingTime
from shared.local.system import ROOT
from shared.runtime.wrong_use import MOST_FAULTS, WrongUseError

Entry = dict[str, Any]
MONDAY = {"weekday": 0, "start": 540, "end": 960}
ASKED = asked_of(dt.date(2026, 1, 7), 5, SchedulingRules())


def member(id: str, **changed: Any) -> Entry:
    return {"id": id, "working_times": [dict(MONDAY)], **changed}


def entry(**changed: Any) -> Entry:
    return {"mentor": member("m-1"), "mentee": member("n-1"), **changed}


def read(given: object) -> tuple[Tandem, ...]:
    return tandems_of(json.dumps(given).encode(), "tandem.json")


def refused(given: object) -> list[str]:
    with pytest.raises(WrongUseError) as error:
        read(given)
    return str(error.value).splitlines()


def test_one_tandem_or_a_list_is_read() -> None:
    [alone] = read(entry())
    [first, second] = read([entry(), entry(mentee=member("n-2"))])
    assert alone == first
    assert (alone.mentor.id, alone.mentee.id, second.mentee.id) == ("m-1", "n-1", "n-2")
    assert alone.mentor.working_times == (WorkingTime(weekday=0, start=540, end=960),)


def test_working_times_may_be_written_as_in_a_spreadsheet() -> None:
    [tandem] = read(entry(mentor=member("m-1", working_times="Mo 9-16")))
    assert tandem.mentor.working_times == (WorkingTime(weekday=0, start=540, end=960),)


def test_working_times_that_touch_are_taken_as_the_service_takes_them() -> None:
    [tandem] = read(entry(mentor=member("m-1", working_times="Mo 9-12; Mo 12-16")))
    assert len(tandem.mentor.working_times) == 2


def test_a_mark_before_utf_8_and_blanks_change_nothing() -> None:
    content = b"\xef\xbb\xbf\n " + json.dumps(entry()).encode()
    assert holds_tandems(content)
    assert tandems_of(content, "x") == read(entry())


@pytest.mark.parametrize(
    ("content", "is_tandems"),
    [
        (b"{}", True),
        (b'[{"mentor": 1}]', True),
        (b'[{"role": "mentor", "id": "m-1"}]', False),
        (b"[]", False),
        (b"[1, 2", False),
        (b'"text"', False),
        (b"Rolle;Kennung\n", False),
        (b"", False),
        (b"[" * 100_000, False),
    ],
)
def test_whether_a_file_holds_tandems_or_people_its_content_says(content: bytes, is_tandems: bool) -> None:
    assert holds_tandems(content) == is_tandems


def test_somebody_in_two_tandems_is_busy_whenever_one_of_them_says_so() -> None:
    one, other = ({"start": f"2026-01-1{n}T09:00", "end": f"2026-01-1{n}T10:00"} for n in (2, 3))
    first = entry(mentor=member("m-1", busy=[one, other]))
    second = entry(mentor=member("m-1", busy=[other]), mentee=member("n-2"))
    found = read([second, first])
    assert found[0].mentor is found[1].mentor
    assert busy_of(found[0].mentor, {}, ASKED) == (
        Busy(dt.date(2026, 1, 13), 540, 60),
        Busy(dt.date(2026, 1, 12), 540, 60),
    )


def test_a_busy_time_of_many_days_counts_on_each_day_of_the_plan_and_parts_of_a_minute_as_all_of_it() -> None:
    away = {"start": "1900-01-01T00:00", "end": "2026-01-08T10:00:01"}
    late = {"start": "2026-06-06T23:59:59", "end": "2999-01-01T00:00"}
    [tandem] = read(entry(mentee=member("n-1", busy=[away, late])))
    assert busy_of(tandem.mentee, {}, ASKED) == (
        Busy(dt.date(2026, 1, 7), 0, 1440),
        Busy(dt.date(2026, 1, 8), 0, 601),
        Busy(dt.date(2026, 6, 6), 1439, 1),
    )


def test_what_a_calendar_says_is_added() -> None:
    [tandem] = read(entry())
    times = [Busy(dt.date(2026, 1, 12), 540, 60)]
    assert busy_of(tandem.mentor, {"m-1": times}, ASKED) == tuple(times)
    assert busy_of(tandem.mentee, {"m-1": times}, ASKED) == ()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "tandem.json, mentor: The field is missing. Add it."),
        ([{}], "tandem.json, tandem 1, mentor: The field is missing. Add it."),
        ([3], "tandem.json, tandem 1: An object with the described fields belongs here."),
        (entry(mento={}), "tandem.json, mento: There is no such field; did you mean mentor?"),
        (
            entry(mentor=member("m-1", bussy=[])),
            "tandem.json, mentor.bussy: There is no such field; did you mean busy?",
        ),
        (entry(mentor=member("../m")), "tandem.json, mentor.id: The text is not of the expected form"),
        (
            entry(mentor=member("m-1", working_times=[])),
            "tandem.json, mentor.working_times: Too few entries: at least 1.",
        ),
        (
            entry(mentor=member("m-1", working_times="late")),
            "tandem.json, mentor.working_times: late is no working time. Write it like Mo-Do 8:30-16:30;",
        ),
        (
            entry(mentor=member("m-1", working_times=[{**MONDAY, "end": 540}])),
            "tandem.json, mentor.working_times.0: The end must be after the start.",
        ),
        (
            entry(mentor=member("m-1", busy=[{"start": "2026-01-12T10:00", "end": "2026-01-12T09:00"}])),
            "tandem.json, mentor.busy.0: The end must be after the start.",
        ),
        *(
            (
                entry(mentor=member("m-1", busy=[{"start": start, "end": "2026-01-12T09:00"}])),
                "tandem.json, mentor.busy.0.start: Write a local time without an offset, like 2026-01-12T09:00.",
            )
            for start in ("2026-01-12T08:00Z", "2026-01-12", "12.01.2026 8:00", 1768204800, "2026-02-30T08:00", None)
        ),
        (
            entry(mentee=member("m-1")),
            "tandem.json, tandem 1, mentee.id: It is the mentor's too. A tandem is two people; correct one of the ids.",
        ),
        *(
            (
                entry(mentee=member("n-1", working_times=week)),
                "tandem.json, tandem 1 (n-1), mentee.working_times: Two of them overlap on weekday 0 (0 is Monday).",
            )
            for week in ([MONDAY, {**MONDAY, "start": 959, "end": 1000}], [MONDAY, MONDAY], "Mo 9-12; Mo-Di 11-13")
        ),
        ([entry(), entry()], "tandem.json, tandem 2: It is the same as tandem 1. Leave one out."),
        (
            [entry(), {"mentor": member("m-1", working_times="Di 9-12"), "mentee": member("n-2")}],
            "tandem.json, tandem 2 (m-1), mentor.working_times: They differ from those in tandem 1. Write the same",
        ),
    ],
)
def test_a_fault_is_one_line_with_the_field_and_what_to_change(given: object, says: str) -> None:
    assert any(line.startswith(says) for line in refused(given)), refused(given)


def test_of_very_many_faults_the_first_are_told_and_the_rest_counted() -> None:
    lines = refused([{}] * 50)
    assert len(lines) == MOST_FAULTS + 1
    assert lines[-1] == "… and 80 more"


def test_what_is_no_json_says_where() -> None:
    with pytest.raises(WrongUseError, match=r"^tandem.json is no JSON: .* line 1 column 1; correct it there$"):
        tandems_of(b"{", "tandem.json")


def test_a_term_ends_the_day_before_the_same_day_of_a_later_month() -> None:
    lasts = {
        (dt.date(2026, 1, 7), 5): dt.date(2026, 6, 6),
        (dt.date(2026, 8, 31), 6): dt.date(2027, 2, 28),
        (dt.date(2027, 8, 31), 6): dt.date(2028, 2, 29),
        (dt.date(2026, 12, 1), 1): dt.date(2026, 12, 31),
    }
    for (first, months), last in lasts.items():
        assert asked_of(first, months, SchedulingRules()).last == last


@pytest.mark.parametrize(
    ("first", "rules", "says"),
    [
        (dt.date(1999, 12, 31), SchedulingRules(), "--from 1999-12-31: the year must be from 2000 to 2099"),
        (dt.date(2026, 1, 1), SchedulingRules(state="XX"), "--state XX: there is no such state"),
        (
            dt.date(2026, 1, 1),
            SchedulingRules(meetings_per_month=8, min_gap_days=4),
            "--min-gap 4: with --meetings-per-month 8 it may be 3 at most; write a smaller one of the two",
        ),
    ],
)
def test_a_year_and_a_state_of_which_nobody_knows_and_rules_that_no_programme_has_are_refused(
    first: dt.date, rules: SchedulingRules, says: str
) -> None:
    with pytest.raises(WrongUseError, match=says):
        asked_of(first, 6, rules)


def test_the_documented_tandems_are_read() -> None:
    page = (ROOT / "docs" / "plan-a-file.md").read_text(encoding="utf-8")
    [block] = [block.partition("```")[0] for block in page.split("```json")[1:]]
    [tandem] = tandems_of(block.encode(), "page")
    assert (tandem.mentor.id, len(tandem.mentee.working_times), len(tandem.mentee.busy)) == ("m-1", 2, 1)


# Hostile files

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["2026-01-12T09:00", "m-1"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text() | st.sampled_from(["mentor", "mentee", "id", "working_times", "busy", "start", "end", "weekday"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


def reads_or_says_one_line_a_fault(content: bytes) -> None:
    holds_tandems(content)
    try:
        for tandem in tandems_of(content, "tandem.json"):
            for person in tandem.people:
                busy_of(person, {}, ASKED)
    except WrongUseError as error:
        lines = str(error).split("\n")
        assert all(line.startswith(("tandem.json", "… and ")) and line.isprintable() for line in lines)


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_read_or_refused(content: bytes) -> None:
    reads_or_says_one_line_a_fault(content)


@given(JSON)
@settings(max_examples=200)
def test_json_of_any_kind_is_read_or_refused(content: object) -> None:
    reads_or_says_one_line_a_fault(json.dumps(content).encode())


@given(st.data())
@settings(max_examples=200)
def test_a_tandem_with_anything_in_one_field_is_read_or_refused(data: st.DataObject) -> None:
    given = [entry(mentor=member("m-1", busy=[{"start": "2026-01-12T09:00", "end": "2026-01-12T10:00"}]))]
    place: Any = given
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            place[key] = data.draw(JSON)
            break
        place = place[key]
    reads_or_says_one_line_a_fault(json.dumps(given).encode())
