"""Nothing waits unseen: docs/waiting.md names every state of registration, and says of each what the code does."""

import datetime as dt
import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from services.registration import model
from services.registration.service import service
from shared.local.system import ROOT
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from tests.support.reference import Scenario, given
from tests.unit.registration import test_asking as asking
from tests.unit.registration import test_release as releasing
from tests.unit.registration import test_waiting as waiting
from tests.unit.registration.test_profiles import CLOSING
from tests.unit.registration.test_registration import mentor, opening, topic

PAGE = (ROOT / "docs" / "waiting.md").read_text(encoding="utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|")) for line in PAGE.split("\n") if line.startswith("| ")
]
STATES = [row for row in ROWS if len(row) == 5 and row[0] != "Kept as"]


def kept() -> Iterator[type[Aggregate]]:
    """Every aggregate that registration's model defines."""
    for found in pkgutil.iter_modules(model.__path__):
        module = importlib.import_module(f"{model.__name__}.{found.name}")
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, Aggregate) and kind.__module__ == module.__name__:
                yield kind


def test_every_state_of_everything_that_is_kept_stands_in_the_table_once() -> None:
    states = []
    for kind in kept():
        status = kind.model_fields.get("status")
        states += [(kind.kind, value) for value in (get_args(status.annotation) if status else ("–",))]
    assert sorted((row[0], row[1]) for row in STATES) == sorted(states)


def test_every_day_is_one_on_which_the_service_wakes_it_and_every_such_day_stands_here() -> None:
    days = {row[0] for row in STATES if row[3].startswith("day")}
    assert days == set(service.dues) - {"attention", "_action"}


def test_every_exception_that_the_code_raises_stands_here_and_no_other() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "services" / "registration").glob("*.py")]
    raised: set[str] = set()
    for text in sources:
        constants = dict(re.findall(r'^([A-Z_]+) = "([a-z-]+)"$', text, re.MULTILINE))
        for literal, constant in re.findall(r'\bwhat=(?:"([a-z-]+)"|([A-Z_]+))[,)]', text):
            raised.add(literal or constants[constant])
    named = {name for row in STATES for name in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", f"{row[2]} {row[4]}")}
    assert raised == named


def test_who_must_act_has_a_day_and_who_need_not_is_final() -> None:
    for kind, status, who, until, then in STATES:
        assert until or who == "nobody", f"{kind} {status}: {who} must act, until when?"
        assert then, f"{kind} {status}: and then?"


WAITS: dict[str, Scenario] = {
    "a programme is open": given(service, topic(), opening(), mentor(), today=dt.date(2027, 1, 11)),
    "a programme has closed": given(service, topic(), opening(), mentor(), CLOSING, today=dt.date(2027, 1, 11)),
    "a line manager is asked": releasing.asked(),
    "a line manager says nothing": releasing.asked().given(releasing.SILENT),
    "somebody has asked": asking.registered().given(asking.asking()),
    "nobody has answered": asking.registered().given(asking.asking(), asking.LAPSED, asking.LAPSED + asking.DAY),
    "the office was reminded twice": asking.registered().given(
        asking.asking(), *(asking.LAPSED + n * asking.DAY for n in range(20))
    ),
    "somebody waits for a programme": waiting.waited(),
}
"""What may wait in registration, and how it comes to it."""


@pytest.mark.proves("S15", "S19")
@pytest.mark.parametrize("name", WAITS)
def test_whatever_waits_has_a_day_of_its_own_or_an_exception_that_the_office_has(name: str) -> None:
    state: dict[str, Any] = WAITS[name].reference.state
    signs = [a for a in state.values() if isinstance(a, Attention) and a.status != "settled"]
    for kind, status, who, until, _ in STATES:
        if who == "nobody" or not until.startswith("day") or kind == "participant":
            # A participant's own day is only that of a pause; what else they wait for is an aggregate of its own.
            continue
        for aggregate in (a for a in state.values() if a.kind == kind and getattr(a, "status", "–") == status):
            seen = aggregate.due is not None or any(aggregate.subject in sign.whom for sign in signs)
            seen |= any(f"participant/{aggregate.id}" in sign.whom for sign in signs if kind == "release")
            assert seen, f"{name}: {aggregate.subject} is {status} and nobody would notice"
    for sign in signs:
        assert sign.answered_by, f"{name}: {sign.what} names no command that answers it"
        assert sign.status == "reminded" or sign.due is not None, f"{name}: {sign.what} reminds nobody"
