"""Checking an audit finds whatever somebody with rights in the database did to it, and says where."""

import datetime as dt
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.runtime.audit import Deed, Head, entries_of, hash_of, next_link
from shared.runtime.audit_check import BrokenError, Figures, Known, checked

Documents = list[dict[str, Any]]
DAY = dt.date(2027, 1, 12)
KEY = b"the deployment's key"
DEED = Deed("2027-01-12T09:00:00+00:00", "person", "m", "library.join.v1", ("member/m",), "refused", ("closed",))


def chain(name: str, count: int) -> Documents:
    head, made = Head(chain=name, number=0, hash=""), []
    for number in range(count):
        at = f"2027-01-12T09:{number:02}:00+00:00"
        link = next_link(head, at, entries_of([DEED] * (1 + number % 2), KEY, name, at))
        made.append(link.document())
        head = link.head
    return made


def sealed(*days: tuple[dt.date, Documents], years: int = 3, first: int = 1, before: str = "") -> Documents:
    """Seals of these days, each of the newest links given."""
    made: Documents = []
    for number, (date, heads) in enumerate(days):
        content = {
            "service": "library",
            "number": first + number,
            "date": date.isoformat(),
            "years": years,
            "before": made[-1]["hash"] if made else before,
            "heads": [{name: link[name] for name in ("chain", "number", "hash")} for link in heads],
        }
        made.append({**content, "hash": hash_of(content)})
    return made


A, B = chain("library-1", 4), chain("library-2", 3)
LINKS = [*A, *B]
SEALS = sealed((DAY, [A[1], B[0]]), (DAY.replace(day=13), [A[2], B[2]]))
KEPT = {seal["date"]: seal["hash"] for seal in SEALS}


SECOND = DAY.replace(day=13)
"""Of the second seal."""
TODAY = dt.date(2031, 1, 1)
"""Of whoever checks, with the 3 years of the setting: what is of 2028 or later must be there."""


def check(
    seals: Documents,
    links: Documents,
    outside: dict[str, str] | None = None,
    *,
    today: dt.date = SECOND,
    years: int = 3,
) -> Figures:
    return checked("library", seals, links, Known(today, years, outside or {}))


def broken(seals: Documents, links: Documents, outside: dict[str, str] | None = None, **known: Any) -> str:
    with pytest.raises(BrokenError) as found:
        check(seals, links, outside, **known)
    return str(found.value)


def test_an_audit_that_nobody_touched_holds_and_says_how_much_it_is() -> None:
    expected = Figures(links=7, entries=10, seals=2, oldest="2027-01-12T09:00:00+00:00")
    assert check(SEALS, LINKS) == expected
    assert check(SEALS, LINKS, KEPT) == replace(expected, outside="2027-01-13")
    assert check([], []) == Figures(0, 0, 0, "")
    assert check([], A).links == 4


# Any byte


@given(st.integers(0, len(LINKS) + len(SEALS) - 1), st.data())
def test_any_byte_that_is_changed_in_a_link_or_a_seal_is_found(which: int, data: st.DataObject) -> None:
    documents = deepcopy([*LINKS, *SEALS])
    text = bytearray(json.dumps(documents[which], ensure_ascii=False).encode())
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] = data.draw(st.integers(0, 255))
    try:
        changed = json.loads(text)
    except ValueError:
        return  # Whoever reads it finds no document at all.
    if json.dumps(changed, sort_keys=True) == json.dumps(documents[which], sort_keys=True):
        return  # A blank in place of another, or the byte itself.
    documents[which] = changed
    assert broken(documents[len(LINKS) :], documents[: len(LINKS)])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.integers(0, len(LINKS) + len(SEALS) - 1), st.data())
def test_any_value_in_the_place_of_another_is_found_also_with_a_hash_that_fits_it(
    which: int, data: st.DataObject
) -> None:
    documents = deepcopy([*LINKS, *SEALS])
    name = data.draw(st.sampled_from([*documents[which], "more"]))
    value = data.draw(VALUES)
    assume(json.dumps(documents[which].get(name, "none")) != json.dumps(value))
    documents[which] = {**documents[which], name: value}
    if data.draw(st.booleans()) and name != "hash":
        documents[which]["hash"] = hash_of(documents[which])
        # The newest of all has nothing after it: who may write there can still forge it (decision 11).
        assume(which not in (len(A) - 1, len(LINKS) + len(SEALS) - 1))
    assert broken(documents[len(LINKS) :], documents[: len(LINKS)])


@given(st.sets(st.integers(0, len(LINKS) - 1), min_size=1))
def test_links_that_are_taken_out_are_missed_unless_they_are_all_that_no_seal_knows_yet(gone: set[int]) -> None:
    left = [link for number, link in enumerate(LINKS) if number not in gone]
    if gone == {len(A) - 1}:
        assert check(SEALS, left).links == 6
    else:
        assert "link" in broken(SEALS, left)


@given(st.permutations(LINKS))
def test_links_in_another_order_are_found(order: Documents) -> None:
    def of(name: str, links: Documents) -> Documents:
        return [link for link in links if link["chain"] == name]

    if all(of(name, order) == of(name, LINKS) for name in ("library-1", "library-2")):
        assert check(SEALS, order).links == 7
    else:
        assert broken(SEALS, order)


# The first broken place, named


def rewritten(links: Documents, number: int, change: Callable[[dict[str, Any]], None]) -> Documents:
    """A chain as a patient forger leaves it: a link changed, and every hash from there on made anew."""
    made = deepcopy(links)
    for place in range(number - 1, len(made)):
        if place == number - 1:
            change(made[place])
        else:
            made[place]["before"] = made[place - 1]["hash"]
        made[place]["hash"] = hash_of(made[place])
    return made


def blame_nobody(link: dict[str, Any]) -> None:
    link["entries"] = []


def test_the_first_broken_link_is_named_with_its_chain_and_number() -> None:
    changed = deepcopy(A)
    blame_nobody(changed[2])
    assert broken(SEALS, changed) == "chain library-1, link 3: its hash is not that of its content"
    changed[2]["hash"] = hash_of(changed[2])
    assert broken([], changed) == "chain library-1, link 4: it does not follow link 3"
    assert broken([], A[1:]) == "chain library-1, link 2: the links before it are missing"
    assert broken([], [A[0], A[2]]) == "chain library-1, link 3: the link before it is missing"
    assert broken([], [A[0], A[0]]) == "chain library-1, link 1: the link before it is missing"


def test_a_chain_that_is_written_anew_from_some_link_on_is_another_than_the_sealed() -> None:
    forged = rewritten(A, 2, blame_nobody)
    assert broken(SEALS, [*forged, *B]) == f"chain library-1, link 2: the seal of {DAY} has another"
    assert check(SEALS, [*rewritten(A, 4, blame_nobody), *B]), "the tail since the last seal can be forged"


def test_a_whole_chain_that_is_gone_is_missed_by_the_seals() -> None:
    assert broken(SEALS, A) == f"chain library-2, link 1: the seal of {DAY} has it, and it is missing"


def test_seals_that_are_written_anew_are_other_than_those_kept_outside() -> None:
    links = [*rewritten(A, 2, blame_nobody), *B]
    seals = sealed((DAY, [links[1], B[0]]), (DAY.replace(day=13), [links[2], B[2]]))
    assert check(seals, links), "whoever may write everything may write everything anew"
    assert broken(seals, links, KEPT) == f"seal of {DAY}: the one kept outside is another"
    assert broken(SEALS[:1], [*A[:2], *B[:1]], KEPT).startswith("seal of 2027-01-13: it was kept outside")


def test_a_seal_that_does_not_follow_the_one_before_or_goes_back_is_named() -> None:
    second = "2027-01-13"
    assert broken(SEALS[1:], LINKS) == f"seal of {second}: the seals before it are missing"
    assert broken([*SEALS, SEALS[1]], LINKS) == f"seal of {second}: it does not follow the seal of {second}"
    other = sealed((DAY, [A[1]]), (DAY.replace(day=13), [A[0]]))
    assert broken(other, LINKS) == f"seal of {second}: chain library-1 goes back behind link 2"
    gone = sealed((DAY, [A[1]]), (DAY.replace(day=13), [A[1], B[0]]), (DAY.replace(day=14), [A[1]]))
    assert broken(gone, LINKS, today=TODAY) == "seal of 2027-01-14: chain library-2, sealed up to link 1, is missing"
    same_day = sealed((DAY, [A[0]]), (DAY, [A[1]]))
    assert broken(same_day, LINKS) == f"seal of {DAY}: it is not later than the seal before it"
    another = {**SEALS[0], "service": "ledger"}
    another["hash"] = hash_of(another)
    assert broken([another], LINKS) == f"seal of {DAY}: it is another service's"
    follows = sealed((DAY, [A[0]]), before="x")
    assert broken(follows, LINKS) == f"seal of {DAY}: a first seal follows none"


# Shortened


def shortened(date: dt.date = dt.date(2030, 12, 31), years: int = 3) -> Documents:
    """Seals that begin with the second, since what is older was dropped."""
    return sealed((DAY, [A[1], B[2]]), (date, [A[3]]), years=years, first=2, before="gone")


MISSING = f"seal of {DAY}: the seals before it are missing"


def test_what_is_older_than_the_years_kept_may_be_missing_and_nothing_else() -> None:
    assert check(shortened(), A[2:], today=TODAY).links == 2
    assert check(shortened(), A, today=TODAY).links == 4, "what is to be dropped may still be there"
    assert broken(shortened(), A[3:], today=TODAY) == "chain library-1, link 4: the links before it are missing"
    assert broken(shortened(), A[2:], today=dt.date(2030, 12, 31)) == MISSING
    assert broken(shortened(), A[2:], today=TODAY, years=4) == MISSING
    forged = rewritten(A, 3, lambda link: link.update(before="x"))
    assert "it does not follow link 2, at which the audit begins" in broken(shortened(), forged[2:], today=TODAY)


def test_seals_kept_outside_may_be_older_than_what_is_kept_and_not_missing_in_between() -> None:
    seals = shortened()
    known = {"2026-05-01": "old", seals[0]["date"]: seals[0]["hash"]}
    assert check(seals, A[2:], known, today=TODAY).outside == str(DAY)
    missing = "it was kept outside, and the database has it no more"
    for date in ("2027-06-01", "2028-05-01", "2030-12-31", "2031-01-01"):
        other = sealed((DAY, [A[1], B[2]]), (dt.date(2030, 12, 30), [A[3]]), first=2, before="gone")
        assert broken(other, A[2:], {date: "x"}, today=TODAY) == f"seal of {date}: {missing}"


def test_a_seal_before_the_first_shown_is_counted_also_where_it_may_be_missing() -> None:
    two = {"2026-05-01": "a", "2026-05-02": "b"}
    assert (
        broken(shortened(), A[2:], two, today=TODAY)
        == f"seal of {DAY}: it is number 2, and 2 before it were kept outside"
    )
    assert check(shortened(), A[2:], dict([*two.items()][:1]), today=TODAY)


# The day and the years are those of whoever checks


def test_a_seal_of_a_day_that_has_not_come_is_none() -> None:
    assert broken(SEALS, LINKS, today=DAY) == f"seal of 2027-01-13: that day has not come; today is {DAY}"
    later = sealed((DAY, [A[1], B[0]]), (dt.date(2031, 1, 2), [A[3], B[2]]))
    assert "that day has not come" in broken(later, LINKS, today=TODAY)


@given(st.integers(-1, 40), st.integers(0, 3000), st.integers(1, 9), st.booleans())
def test_no_years_and_no_dates_that_a_forger_writes_make_young_seals_or_links_old(
    years: int, days: int, first: int, links: bool
) -> None:
    """Two seals that say that all before them was to be dropped, on days and with years that the forger chooses."""
    today = DAY + dt.timedelta(days=1000)
    head = {"chain": "library-1", "number": 7, "hash": "0" * 64}
    link = next_link(Head.model_validate(head), "2027-01-13T09:00:00+00:00", []).document()
    heads = [head], [link if links else head]
    forged = sealed(
        *zip((DAY, DAY + dt.timedelta(days=1 + days)), heads, strict=True), years=years, first=first, before="f"
    )
    assert broken(forged, [link] if links else [], KEPT, today=today)
    assert broken(forged, [link] if links else [], today=today), "nor is it whole where nothing is kept outside"


def test_whoever_cuts_everything_or_replaces_it_by_an_older_beginning_is_found_by_the_seals_outside() -> None:
    for days in (0, 1, 400, 2000):
        today = DAY.replace(day=13) + dt.timedelta(days=days)
        assert "it was kept outside" in broken([], [], KEPT, today=today)
        older = sealed((dt.date(2020, 1, 1), [A[1]]), (today, [A[3]]), first=9, before="f")
        assert broken(older, A[2:], KEPT, today=today)


def test_what_a_chain_has_gained_is_missed_also_where_a_later_seal_leaves_the_chain_out() -> None:
    without = sealed((DAY, [A[1], B[2]]), (DAY.replace(day=13), [A[2]]))
    assert broken(without, LINKS) == "seal of 2027-01-13: chain library-2, sealed up to link 3, is missing"


def test_years_that_are_no_setting_break_a_seal_and_other_years_than_the_setting_are_said() -> None:
    assert broken(sealed((DAY, [A[1]]), years=0), A) == f"seal of {DAY}: it has not the shape that it should have"
    assert check(SEALS, LINKS).notes == ()
    [one] = sealed((DAY, [A[1]]), years=1)
    rest = sealed((DAY.replace(day=13), [A[2]]), (DAY.replace(day=14), [A[3]]), first=2, before=one["hash"])
    again = sealed((DAY.replace(day=15), [A[3]]), years=2, first=4, before=rest[-1]["hash"])
    notes = check([one, *rest, *again], A, today=TODAY).notes
    assert notes == (
        "from the seal of 2027-01-12 on it says 1 years; the setting is 3",
        "from the seal of 2027-01-15 on it says 2 years; the setting is 3",
    )


def test_where_the_years_were_raised_a_seal_kept_outside_says_how_few_they_were_and_no_other_does() -> None:
    seals = shortened(dt.date(2029, 1, 1), years=1)
    today = dt.date(2029, 2, 1)
    assert broken(seals, A[2:], today=today) == MISSING
    assert broken(seals, A[2:], {seals[0]["date"]: seals[0]["hash"]}, today=today) == MISSING
    assert check(seals, A[2:], {seals[1]["date"]: seals[1]["hash"]}, today=today).links == 2
