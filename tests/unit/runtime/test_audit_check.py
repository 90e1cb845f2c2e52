"""Checking an audit finds whatever somebody with rights in the database did to it, and says where."""

import datetime as dt
import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.runtime.audit import Deed, Head, entries_of, hash_of, next_link
from shared.runtime.audit_check import BrokenError, Figures, checked

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


def broken(seals: Documents, links: Documents, outside: dict[str, str] | None = None) -> str:
    with pytest.raises(BrokenError) as found:
        checked("library", seals, links, outside)
    return str(found.value)


def test_an_audit_that_nobody_touched_holds_and_says_how_much_it_is() -> None:
    expected = Figures(links=7, entries=10, seals=2, oldest="2027-01-12T09:00:00+00:00")
    assert checked("library", SEALS, LINKS, KEPT) == expected
    assert checked("library", [], [], {}) == Figures(0, 0, 0, "")
    assert checked("library", [], A).links == 4


# Any byte


@given(st.integers(0, len(LINKS) + len(SEALS) - 1), st.data())
def test_any_byte_that_is_changed_in_a_link_or_a_seal_is_found(which: int, data: st.DataObject) -> None:
    documents = deepcopy([*LINKS, *SEALS])
    text = bytearray(json.dumps(documents[which], ensure_ascii=False).encode())
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[place]))
    try:
        changed = json.loads(text)
    except ValueError:
        assume(False)
    assume(json.dumps(changed, sort_keys=True) != json.dumps(documents[which], sort_keys=True))
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
        assert checked("library", SEALS, left).links == 6
    else:
        assert "link" in broken(SEALS, left)


@given(st.permutations(LINKS))
def test_links_in_another_order_are_found(order: Documents) -> None:
    def of(name: str, links: Documents) -> Documents:
        return [link for link in links if link["chain"] == name]

    if all(of(name, order) == of(name, LINKS) for name in ("library-1", "library-2")):
        assert checked("library", SEALS, order).links == 7
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
    assert checked("library", SEALS, [*rewritten(A, 4, blame_nobody), *B]), "the tail since the last seal can be forged"


def test_a_whole_chain_that_is_gone_is_missed_by_the_seals() -> None:
    assert broken(SEALS, A) == f"chain library-2, link 1: the seal of {DAY} has it, and it is missing"


def test_seals_that_are_written_anew_are_other_than_those_kept_outside() -> None:
    links = [*rewritten(A, 2, blame_nobody), *B]
    seals = sealed((DAY, [links[1], B[0]]), (DAY.replace(day=13), [links[2], B[2]]))
    assert checked("library", seals, links), "whoever may write everything may write everything anew"
    assert broken(seals, links, KEPT) == f"seal of {DAY}: the one kept outside is another"
    assert broken(SEALS[:1], [*A[:2], *B[:1]], KEPT).startswith("seal of 2027-01-13: it was kept outside")


def test_a_seal_that_does_not_follow_the_one_before_or_goes_back_is_named() -> None:
    second = "2027-01-13"
    assert broken(SEALS[1:], LINKS) == f"seal of {second}: the seals before it are missing"
    assert broken([*SEALS, SEALS[1]], LINKS) == f"seal of {second}: it does not follow the seal of {second}"
    other = sealed((DAY, [A[1]]), (DAY.replace(day=13), [A[0]]))
    assert broken(other, LINKS) == f"seal of {second}: chain library-1 goes back behind link 2"
    gone = sealed((DAY, [A[1]]), (DAY.replace(day=13), [A[1], B[0]]), (DAY.replace(day=14), [A[1]]))
    assert broken(gone, LINKS) == "seal of 2027-01-14: chain library-2, sealed up to link 1, is missing"
    same_day = sealed((DAY, [A[0]]), (DAY, [A[1]]))
    assert broken(same_day, LINKS) == f"seal of {DAY}: it is not later than the seal before it"
    another = {**SEALS[0], "service": "ledger"}
    another["hash"] = hash_of(another)
    assert broken([another], LINKS) == f"seal of {DAY}: it is another service's"
    follows = sealed((DAY, [A[0]]), before="x")
    assert broken(follows, LINKS) == f"seal of {DAY}: a first seal follows none"


# Shortened


def shortened(date: dt.date = dt.date(2031, 1, 1), years: int = 3) -> Documents:
    """Seals that begin with the second, since what is older was dropped; a later one says so."""
    return sealed((DAY, [A[1], B[2]]), (date, [A[3]]), years=years, first=2, before="gone")


def test_what_is_older_than_the_years_kept_may_be_missing_and_nothing_else() -> None:
    assert checked("library", shortened(), A[2:]).links == 2
    assert checked("library", shortened(), A).links == 4, "what is to be dropped may still be there"
    assert broken(shortened(), A[3:]) == "chain library-1, link 4: the links before it are missing"
    assert broken(shortened(dt.date(2030, 12, 31)), A[2:]).endswith("the seals before it are missing")
    assert broken(shortened(years=4), A[2:]).endswith("the seals before it are missing")
    forged = rewritten(A, 3, lambda link: link.update(before="x"))
    assert "it does not follow link 2, at which the audit begins" in broken(shortened(), forged[2:])


def test_seals_kept_outside_may_be_older_than_what_is_kept_and_not_missing_in_between() -> None:
    seals = shortened()
    assert checked("library", seals, A[2:], {"2026-05-01": "old", seals[0]["date"]: seals[0]["hash"]})
    assert broken(seals, A[2:], {"2028-05-01": "x"}).startswith("seal of 2028-05-01: it was kept outside")
