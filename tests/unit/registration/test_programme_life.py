"""Whatever the office does with two programmes, in any order and on any day: each goes its way forward and waits for a
date, or for the office in its sight."""

import datetime as dt
from typing import Any

from hypothesis import given as holds_for
from hypothesis import settings
from hypothesis import strategies as st

from services.registration.model import Programme
from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.parts import RegistrationRules, RetentionRules, Rules
from shared.runtime.attention import Attention
from tests.support.reference import Scenario, given
from tests.unit.registration.test_drafts import drafting
from tests.unit.registration.test_registration import TODAY, mentor, opening, topic

DAY = dt.timedelta(days=1)
WAY = ["discarded", "draft", "open", "closing", "closed", "running", "ended", "archived"]
LIMITED = Rules(
    registration=RegistrationRules(mentors_at_most=1), retention=RetentionRules(archive_offer=True, offer_days=20)
)
STEPS = st.one_of(
    st.sampled_from(
        ["draft", "open draft", "discard", "open", "rules", "limit", "extend", "close", "places", "change", "answer"]
    ),
    st.sampled_from([1, 2, 20, 90, 200]),
    st.sampled_from(["P-1", "P-2", "P-3"]),
)


def command(name: str, id: str, said: int, today: dt.date) -> Any:
    """What the office sends of a programme, having seen its newest state."""
    seen: dict[str, Any] = {"programme_id": id, "replaces": max(said, 1)}
    commands: dict[str, Any] = {
        "draft": lambda: drafting(programme_id=id, rules=LIMITED, opens=today + DAY),
        "open draft": lambda: r.OpenDraft(**seen),
        "discard": lambda: r.DiscardDraft(**seen),
        "open": lambda: opening(programme_id=id),
        "rules": lambda: r.ChangeRules(rules=Rules(), **seen),
        "limit": lambda: r.ChangeRules(rules=LIMITED, **seen),
        "extend": lambda: r.ExtendRegistration(closes=dt.date(2027, 2, 14), **seen),
        "close": lambda: r.CloseRegistration(programme_id=id),
        "places": lambda: r.ChangePlaces(places=9, **seen),
        "change": lambda: r.ChangeProgramme(places=3, **seen),
        "answer": lambda: r.RecordArchiveDecision(programme_id=id, taken=True),
    }
    return commands[name]()


def kept(scenario: Scenario, id: str) -> Programme | None:
    found = scenario.reference.state.get(f"programme/{id}")
    return found if isinstance(found, Programme) else None


def waits_for_the_office(scenario: Scenario, id: str) -> bool:
    signs = [a for a in scenario.reference.state.values() if isinstance(a, Attention) and a.programme == id]
    return any(sign.status != "settled" for sign in signs)


@settings(deadline=None, max_examples=80)
@holds_for(st.lists(st.tuples(st.sampled_from(["pilot", "second"]), STEPS), min_size=10, max_size=25))
def test_a_programme_goes_its_way_forward_and_never_waits_unseen(steps: list[tuple[str, Any]]) -> None:
    begun = drafting(rules=LIMITED), opening(programme_id="second", rules=LIMITED)
    scenario, today = given(service, topic(), *begun, today=TODAY), TODAY
    for id, step in steps:
        before = {each: kept(scenario, each) for each in ("pilot", "second")}
        if isinstance(step, int):
            today += step * DAY
            scenario.when(today)
        elif step.startswith("P-"):
            scenario.when(mentor(step, programme_id=id))
        else:
            found = before[id]
            scenario.when(command(step, id, found.said if found else 0, today))
        for each, was in before.items():
            now = kept(scenario, each)
            if now is None:
                continue
            said = scenario.reference.sequences[f"programme/{each}"]
            assert now.said == said, "the sequence that the office names is that of the event"
            if was is not None and was.status != "discarded" and now.status != "discarded":
                assert WAY.index(now.status) >= WAY.index(was.status)
            if was is not None and was.status == "draft" and now.status == "discarded":
                assert isinstance(step, str), "a draft is discarded by nobody but the office"
            assert now.due == min(now.dates, default=None)
            ends = now.status in ("discarded", "archived")
            assert ends or now.due is not None or waits_for_the_office(scenario, each), f"{now.status} waits unseen"
            assert bool(now.criteria_seal) == (not now.is_draft), "sealed when it opens, and not before"
    published = [m for m, _ in scenario.reference.said if isinstance(m, r.ProgrammePlan)]
    for each in ("pilot", "second"):
        documents: dict[int, Rules] = {}
        opened = False
        for message in published:
            if message.programme_id != each:
                continue
            if isinstance(message, r.ProgrammeDiscarded):
                documents, opened = {}, False
            opened = opened or isinstance(message, r.ProgrammeOpened)
            if opened:
                assert documents.setdefault(message.rules_version, message.rules) == message.rules
