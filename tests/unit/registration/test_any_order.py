"""Whatever happens to one person over two programmes, in any order: nothing is doubled, lost, or waits unseen."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import example, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.registration.model import Participant, Person, Programme, Release, ReservePlace, Waiting
from services.registration.service import service
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.parts import Consents, RegistrationRules, Rules
from shared.runtime.attention import Attention
from shared.runtime.ids import keyed_id
from tests.support.reference import KEY, By, Scenario, given
from tests.unit.registration.test_late import admitting
from tests.unit.registration.test_registration import MENTOR, TODAY, mentee, mentor, opening, topic
from tests.unit.registration.test_waiting import CLOSED, OVER, STARTS, joining, listed, opening_next

SECOND = keyed_id(KEY, "participant", "pilot", "P-1", "mentee")
EVERYTHING = Rules(registration=RegistrationRules(both_roles=True, release_by_manager=True))
WILLING = Consents(reserve=True)


def own(message: Any, id: str = MENTOR) -> By:
    return By(message, actor=id, sender="person")


STEPS: dict[str, Any] = {
    "register as mentor": own(mentor(consents=WILLING)),
    "register as mentee": own(mentee("P-1")),
    "register in the next": own(mentor(programme_id="next")),
    "come late": admitting("P-1"),
    "leave as mentor": own(r.Withdraw(participant_id=MENTOR)),
    "leave as mentee": own(r.Withdraw(participant_id=SECOND), SECOND),
    "consent": own(r.ChangeConsents(participant_id=MENTOR, consents=WILLING)),
    "take it back": own(r.ChangeConsents(participant_id=MENTOR, consents=Consents())),
    "pause": own(r.PauseParticipation(participant_id=MENTOR)),
    "resume": own(r.ResumeParticipation(participant_id=MENTOR)),
    "release": r.GrantRelease(participant_id=MENTOR),
    "no release": r.RefuseRelease(participant_id=SECOND),
    "listed": listed(),
    "found somebody": listed(m.ReserveLeft),
    "join again": joining(),
    "close": r.CloseRegistration(programme_id="pilot"),
    "open the next": opening_next(),
    "the day after the close": CLOSED,
    "the term begins": STARTS,
    "the term is over": OVER,
}
TO_THE_END = ("register as mentor", "the day after the close", "listed", "the term begins", "the term is over")


def of(scenario: Scenario, kind: type[Any]) -> list[Any]:
    return [a for a in scenario.reference.state.values() if isinstance(a, kind)]


@pytest.mark.proves("S1", "P5", "S15")
@settings(max_examples=150, deadline=None)
@example([*TO_THE_END, "open the next", "join again"], False)
@example([*TO_THE_END, "open the next", "register in the next", "join again"], False)
@example(["register as mentor", "register as mentee", "no release", "leave as mentor", "register as mentor"], True)
@for_all(st.lists(st.sampled_from(sorted(STEPS)), max_size=14), st.booleans())
def test_nothing_is_doubled_or_lost_and_whoever_waits_is_seen(names: list[str], asks: bool) -> None:
    rules = EVERYTHING if asks else Rules()
    scenario = given(service, topic(), opening(rules=rules), today=TODAY)
    latest = TODAY
    for name in names:
        step = STEPS[name]
        if step in (CLOSED, STARTS, OVER):
            if step <= latest:
                continue
            latest = step
        scenario.given(step)
    programmes = {p.id: p for p in of(scenario, Programme)}
    people: list[Participant] = of(scenario, Participant)
    here = [p for p in people if p.status == "registered"]
    # Once in each role, and in one role only where the rules do not say otherwise.
    assert max(Counter((p.programme, p.role) for p in here).values(), default=0) <= 1
    if not asks:
        assert max(Counter(p.programme for p in here).values(), default=0) <= 1
    # The person over all programmes knows every registration that was ever made.
    known = {p.participant for person in of(scenario, Person) for p in person.participations}
    assert known == {p.id for p in people}
    # Whose time is not released is being asked for, or the office knows.
    releases = {release.id: release for release in of(scenario, Release)}
    told = {id for a in of(scenario, Attention) if a.status != "settled" for id in a.whom}
    for p in here:
        if not p.released and not programmes[p.programme].is_over:
            release = releases[p.id]
            assert release.status == "asked"
            assert release.due is not None or p.subject in told
    for p in people:
        if p.status == "withdrawn" and p.id in releases:
            assert (releases[p.id].releaser_mail, releases[p.id].due) == (None, None)
            assert p.subject not in told
    # A place is kept for exactly those who waited to the end, are in it still, and agree.
    places = {place.id for place in of(scenario, ReservePlace) if place.status == "waiting"}
    joined = {p.position for p in people if p.waiting_since is not None}
    due = {p.id for p in here if p.id in places and p.consents.reserve and programmes[p.programme].is_over}
    kept = {waiting.participant for waiting in of(scenario, Waiting)}
    # Who came again has used the place, unless they consent anew to be asked.
    assert kept <= due if joined else kept == due
