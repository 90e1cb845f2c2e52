"""What a tandem agrees on (S11): a draft that both confirm, goals that are followed up, changes with their history."""

from typing import Any

import pytest

from services.scheduling.agreements.model import VERSIONS, Agreement, FormerAgreement
from services.scheduling.concerns import CONCERNS
from shared.contracts import matching as m
from shared.contracts import scheduling as s
from shared.contracts.base import Contract, Text
from shared.contracts.parts import AgreementTemplate
from tests.support.erased import erase, left_in
from tests.support.reference import By, Scenario, said
from tests.unit.scheduling.people import (
    DAY,
    ENDS,
    FORMED,
    MENTEE,
    MENTOR,
    STRANGER,
    TANDEM,
    a_tandem,
    all_said,
    meetings_in,
    moving,
    pair_in,
    pauses,
    tandem,
    texts,
)

RULES = ("be on time", "be honest")
GOALS = ("learn apps", "write a story")


def by(who: str, message: Contract) -> By:
    return By(message, actor=who, sender="person")


def an_offer(**rules: Any) -> Scenario:
    """A tandem whose plan was made, as its own word of that comes back to it."""
    scenario = a_tandem(**rules)
    [made] = all_said(scenario, s.PlanMade)
    return scenario.given(made)


def editing(who: str = MENTOR, replaces: int = 1, **changes: Any) -> By:
    fields = {"tandem_id": TANDEM, "participant_id": who, "rules": RULES, "goals": GOALS, "replaces": replaces}
    return by(who, s.EditAgreement.model_validate(fields | changes))


def confirming(who: str, version: int = 1) -> By:
    return by(who, s.ConfirmAgreement(tandem_id=TANDEM, participant_id=who, version=version))


def recording(who: str = MENTOR, rules: tuple[str, ...] = RULES, goals: tuple[str, ...] = GOALS) -> By:
    return by(who, s.RecordAgreement(tandem_id=TANDEM, participant_id=who, rules=rules, goals=goals))


def showing(who: str, version: int | None = None) -> By:
    return by(who, s.ShowAgreement(tandem_id=TANDEM, participant_id=who, version=version))


def agreed() -> Scenario:
    return an_offer().given(editing(), confirming(MENTEE, 2))


def shown(scenario: Scenario, who: str = MENTOR, version: int | None = None) -> s.AgreementShown:
    return scenario.when(showing(who, version)).one(s.AgreementShown)


def following(scenario: Scenario, state: str, meeting: str | None = None) -> tuple[Scenario, By]:
    goal = shown(scenario).goals[0].goal_id
    message = s.FollowUpGoals.model_validate(
        {
            "tandem_id": TANDEM,
            "participant_id": MENTOR,
            "goals": ({"goal_id": goal, "state": state},),
            "meeting_id": meeting,
        }
    )
    return scenario, by(MENTOR, message)


# The draft


@pytest.mark.proves("S11", "S15")
def test_with_the_plan_a_draft_is_offered_to_both_and_once() -> None:
    scenario = a_tandem()
    [made] = all_said(scenario, s.PlanMade)
    scenario.when(made).then(
        said(s.AgreementProposed, version=1, confirmed=False, rules=5, goals=3, goals_open=3, date=FORMED),
        said(s.PersonAddressed, to=MENTOR, topic="agreement-draft"),
        said(s.PersonAddressed, to=MENTEE, topic="agreement-draft"),
    )
    scenario.when(By(made, sequence=2)).then_nothing()
    assert not pair_in(scenario).agreed
    draft = shown(scenario, MENTEE)
    assert draft.rules[0] == Text(de="Was wir besprechen, bleibt unter uns.", en="What we talk about stays between us.")


def test_a_programme_may_offer_a_draft_of_its_own() -> None:
    own = AgreementTemplate(
        rules=(Text(de="Pünktlich", en="On time"),), goals=(Text(de="Ein Podcast", en="A podcast"),)
    )
    draft = shown(an_offer(agreement=own))
    assert (draft.rules, draft.goals[0].text) == (own.rules, own.goals[0])


def test_what_they_agreed_on_by_themselves_and_what_has_ended_is_offered_no_draft() -> None:
    scenario = a_tandem().given(recording())
    [made] = all_said(scenario, s.PlanMade)
    scenario.when(made).then_nothing()
    ended = a_tandem().given(tandem(m.TandemEnded, FORMED))
    ended.when(all_said(ended, s.PlanMade)[0]).then_nothing()


# Both confirm


@pytest.mark.proves("S11")
def test_the_draft_holds_once_both_have_confirmed_it() -> None:
    scenario = an_offer().when(confirming(MENTOR))
    scenario.then(said(s.AgreementProposed, confirmed=False))
    assert (shown(scenario, MENTOR).confirmed_by_you, shown(scenario, MENTEE).confirmed_by_you) == (True, False)
    scenario.when(confirming(MENTOR)).then(s.AgreementProposed)
    scenario.given(FORMED + 2 * DAY).when(confirming(MENTEE))
    scenario.then(said(s.AgreementRecorded, version=1, confirmed=True, date=FORMED + 2 * DAY))
    assert pair_in(scenario).agreed
    scenario.when(confirming(MENTEE)).then(said(s.AgreementRecorded, date=FORMED + 2 * DAY))


@pytest.mark.proves("S11")
def test_who_edits_agrees_and_the_other_side_is_still_to_confirm() -> None:
    scenario = an_offer().when(editing())
    scenario.then(
        said(s.AgreementProposed, version=2, confirmed=False, rules=2, goals=2),
        said(s.PersonAddressed, to=MENTOR, topic="agreement-changed"),
        said(s.PersonAddressed, to=MENTEE, topic="agreement-changed"),
    )
    scenario.when(confirming(MENTEE, 2)).then(said(s.AgreementRecorded, version=2, rules=2, goals=2, goals_open=2))


def test_saying_the_same_words_again_confirms_them() -> None:
    scenario = an_offer().given(editing()).when(editing(MENTEE, 2))
    scenario.then(said(s.AgreementRecorded, version=2, confirmed=True))


def test_an_edit_or_a_yes_to_a_version_that_is_not_the_newest_is_refused() -> None:
    scenario = an_offer().given(editing())
    scenario.when(editing(MENTEE, 1, rules=("other",))).then_refused("replaced")
    scenario.when(confirming(MENTEE, 1)).then_refused("replaced")
    a_tandem().when(confirming(MENTOR, 1)).then_refused("replaced")
    a_tandem().when(editing(replaces=0)).then_among(said(s.AgreementProposed, version=1))


@pytest.mark.proves("S11")
def test_what_one_records_as_agreed_holds_once_the_other_says_the_same_or_confirms_it() -> None:
    for answer in (recording(MENTEE), confirming(MENTEE, 1)):
        scenario = a_tandem().when(recording())
        scenario.then(
            said(s.AgreementProposed, rules=2, goals=2, date=FORMED, version=1, confirmed=False),
            said(s.PersonAddressed, to=MENTOR, topic="agreement-changed"),
            said(s.PersonAddressed, to=MENTEE, topic="agreement-changed"),
        )
        assert "honest" not in texts(scenario.told)
        assert not pair_in(scenario).agreed
        scenario.when(recording()).then(said(s.AgreementProposed, version=1))
        scenario.given(FORMED + DAY).when(answer).then(said(s.AgreementRecorded, date=FORMED + DAY, version=1))
        assert pair_in(scenario).agreed
        scenario.when(recording(goals=("learn apps",))).then_among(
            said(s.AgreementProposed, goals=1, date=FORMED + DAY, version=2)
        )


@pytest.mark.proves("S11")
def test_nobody_has_confirmed_words_that_they_never_saw() -> None:
    scenario = an_offer().given(editing(MENTOR), recording(MENTEE, rules=("obey",), goals=("mine",)))
    seen = shown(scenario, MENTOR)
    assert (seen.version, seen.agreed, seen.confirmed_by_you) == (3, False, False)
    assert not pair_in(scenario).agreed


@pytest.mark.parametrize("message", [editing(), confirming(MENTOR), recording()])
def test_an_agreement_is_the_matter_of_the_two_of_a_running_tandem(message: By) -> None:
    an_offer().given(tandem(m.TandemEnded, FORMED)).when(message).then_refused("ended")
    unknown = message.message.model_copy(update={"tandem_id": STRANGER})
    an_offer().when(By(unknown, actor=MENTOR, sender="person")).then_refused("unknown_tandem")
    an_offer().when(By(message.message, actor=STRANGER, sender="person")).then_refused("not_yours")


def test_only_the_two_read_it_and_follow_it_up() -> None:
    scenario, follow = following(agreed(), "reached")
    for message in (showing(MENTOR), follow):
        scenario.when(By(message.message, actor=STRANGER, sender="person")).then_refused("not_yours")
        unknown = message.message.model_copy(update={"tandem_id": STRANGER})
        scenario.when(By(unknown, actor=MENTOR, sender="person")).then_refused("unknown_tandem")


def test_a_line_is_no_novel() -> None:
    an_offer().when(recording(rules=("x" * 1001,), goals=(" ",))).then_refused("too_long", "too_long")
    an_offer().when(recording(rules=("x" * 1000,))).then_among(s.AgreementProposed)


# What changes


def test_earlier_versions_stay_readable_for_the_two_each_with_its_day() -> None:
    scenario = agreed().given(FORMED + 3 * DAY, editing(MENTEE, 2, rules=("be kind",)))
    newest = shown(scenario)
    assert [(v.version, v.date, v.agreed) for v in newest.versions] == [
        (3, FORMED + 3 * DAY, False),
        (2, FORMED, True),
        (1, FORMED, False),
    ]
    before = shown(scenario, MENTEE, 2)
    assert (before.version, before.agreed, before.rules[0].en) == (2, True, "be on time")
    scenario.when(showing(MENTOR, 4)).then_refused("unknown_version")
    assert pair_in(scenario).agreed, "what they agreed on before holds on"


def test_the_history_has_an_end() -> None:
    scenario = a_tandem()
    for version in range(VERSIONS + 2):
        scenario.given(recording(goals=(f"goal {version}",)))
    kept = [a for a in scenario.reference.state.values() if isinstance(a, FormerAgreement | Agreement)]
    assert len(kept) == VERSIONS
    assert len(shown(scenario).versions) == VERSIONS
    assert [v.version for v in shown(scenario).versions][-1] == 3
    scenario.when(showing(MENTOR, 2)).then_refused("unknown_version")


@pytest.mark.proves("S11")
def test_goals_are_followed_up_at_a_meeting_and_keep_their_state_when_others_change() -> None:
    scenario = agreed()
    first = meetings_in(scenario)[0]
    _, follow = following(scenario, "reached", first.id)
    scenario.given(first.date).when(follow)
    scenario.then(said(s.AgreementRecorded, version=2, goals_open=1, goals_reached=1, goals_dropped=0))
    scenario.when(follow).then(said(s.AgreementRecorded, goals_reached=1))
    goal = shown(scenario).goals[0]
    assert [(f.date, f.state, f.meeting_id) for f in goal.followed] == [(first.date, "reached", first.id)]
    scenario.when(editing(MENTEE, 2, goals=(GOALS[0], "something new")))
    scenario.then_among(said(s.AgreementProposed, goals_open=1, goals_reached=1))
    assert shown(scenario).goals[0] == goal


@pytest.mark.proves("S11")
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_line_of_the_draft_that_is_said_again_in_either_language_stays_with_its_state(language: str) -> None:
    scenario = an_offer().given(confirming(MENTOR), confirming(MENTEE, 1))
    _, follow = following(scenario, "reached")
    scenario.given(follow)
    draft = shown(scenario)
    rules = tuple(getattr(rule, language) for rule in draft.rules)
    goals = tuple(getattr(goal.text, language) for goal in draft.goals)
    scenario.when(editing(MENTEE, 1, rules=rules, goals=goals))
    scenario.then(said(s.AgreementRecorded, version=1, confirmed=True, goals_reached=1))
    scenario.when(editing(MENTEE, 1, rules=rules[1:], goals=(*goals, "one more")))
    scenario.then_among(said(s.AgreementProposed, version=2, goals_open=len(goals), goals_reached=1))
    assert shown(scenario).goals[: len(goals)] == draft.goals
    assert shown(scenario).rules == draft.rules[1:]


def test_the_draft_s_words_said_again_confirm_it() -> None:
    scenario = an_offer().given(confirming(MENTOR))
    draft = shown(scenario)
    own = {"rules": tuple(x.de for x in draft.rules), "goals": tuple(x.text.de for x in draft.goals)}
    scenario.when(editing(MENTEE, 1, **own)).then(said(s.AgreementRecorded, version=1, confirmed=True))


def test_two_lines_alike_are_two_and_keep_their_goals() -> None:
    scenario = an_offer().given(editing(goals=("one", "one")))
    before = shown(scenario).goals
    scenario.given(editing(MENTEE, 2, goals=("one", "one", "one")))
    assert [goal.goal_id for goal in shown(scenario).goals[:2]] == [goal.goal_id for goal in before]
    assert len({goal.goal_id for goal in shown(scenario).goals}) == 3


def test_what_is_no_goal_or_meeting_of_theirs_or_not_agreed_yet_is_not_followed_up() -> None:
    scenario, follow = following(agreed(), "dropped", STRANGER)
    scenario.when(follow).then_refused("unknown_meeting")
    nothing = s.FollowedGoal(goal_id=STRANGER, state="open")
    scenario.when(By(follow.message.model_copy(update={"goals": (nothing,), "meeting_id": None}), actor=MENTOR))
    scenario.then_refused("unknown_goal")
    scenario, follow = following(an_offer(), "reached")
    scenario.when(follow).then_refused("not_agreed")
    scenario, follow = following(agreed(), "reached")
    scenario.given(tandem(m.TandemEnded, FORMED)).when(follow).then_refused("ended")
    scenario, follow = following(agreed(), "reached")
    scenario.given(ENDS, tandem(m.TandemCompleted)).when(follow).then(said(s.AgreementRecorded, goals_reached=1))


# The reminder


@pytest.mark.proves("S15")
def test_what_is_not_confirmed_by_the_second_meeting_is_reminded_of_once_and_in_the_same_words() -> None:
    scenario = an_offer().given(confirming(MENTOR))
    second = meetings_in(scenario)[1].date

    def reminded() -> list[str]:
        return [x.to for x in scenario.told if isinstance(x, s.PersonAddressed) and x.topic == "agreement-reminder"]

    scenario.when(second)
    assert reminded() == []
    scenario.when(second + DAY)
    assert reminded() == [MENTOR, MENTEE]
    scenario.when(second + 2 * DAY, second + 20 * DAY)
    assert reminded() == []


def test_a_second_meeting_that_is_later_now_is_waited_for_and_a_rest_too() -> None:
    scenario = an_offer()
    second = meetings_in(scenario)[1]
    scenario.given(moving(second, second.date + 2 * DAY))
    later = [meeting.date for meeting in meetings_in(scenario) if meeting.status == "planned"][1]
    assert later > second.date
    scenario.when(second.date + DAY)
    assert "agreement-reminder" not in [x.topic for x in scenario.told if isinstance(x, s.PersonAddressed)]
    scenario.when(later + DAY)
    assert "agreement-reminder" in [x.topic for x in scenario.told if isinstance(x, s.PersonAddressed)]
    resting = an_offer()
    second = meetings_in(resting)[1]
    resting.given(pauses(MENTOR, second.date + 5 * DAY)).when(second.date + DAY)
    assert "agreement-reminder" not in [x.topic for x in resting.told if isinstance(x, s.PersonAddressed)]


def test_nobody_is_reminded_of_what_holds_or_has_ended() -> None:
    for scenario in (agreed(), an_offer().given(tandem(m.TandemEnded, FORMED))):
        scenario.when(ENDS)
        assert "agreement-reminder" not in [x.topic for x in scenario.told if isinstance(x, s.PersonAddressed)]


# Who may know


def test_no_event_says_who_edited_or_confirmed_nor_any_words() -> None:
    def everything(who: str, other: str) -> list[Contract]:
        scenario = an_offer().given(editing(who), confirming(other, 2), editing(other, 2, rules=("be kind",)))
        return [message for message, _ in scenario.reference.said]

    assert everything(MENTOR, MENTEE) == everything(MENTEE, MENTOR)
    assert not any(word in texts(everything(MENTOR, MENTEE)) for word in (*RULES, *GOALS, "be kind"))
    assert s.ShowAgreement.private
    assert s.AgreementShown.private


def test_what_an_earlier_release_recorded_is_an_agreement_with_goals_that_are_open() -> None:
    scenario = a_tandem()
    pair = pair_in(scenario)
    old = {"id": TANDEM, "programme": "pilot", "rules": ["r"], "goals": ["g", "g"], "date": FORMED.isoformat()}
    known = Agreement.from_stored(f"agreement/{TANDEM}", old)
    scenario.reference.state[known.subject] = known
    assert (known.confirmed, known.version, known.rules[0].de) == (True, 1, "r")
    assert len({goal.id for goal in known.goals}) == 2
    scenario.when(editing(MENTEE, 1)).then_among(said(s.AgreementProposed, version=2))
    former = next(a for a in scenario.reference.state.values() if isinstance(a, FormerAgreement))
    assert former.people == pair.people
    assert Agreement.from_stored(known.subject, known.to_store()) == known


@pytest.mark.parametrize("who", [MENTOR, MENTEE])
def test_erasing_one_of_the_two_takes_every_version(who: str) -> None:
    scenario = agreed().given(editing(MENTEE, 2, rules=("be kind",)))
    erase(scenario, who)
    assert left_in(scenario, who, *RULES, *GOALS, "be kind") == []


def test_one_s_own_data_shows_what_was_agreed_and_one_s_own_yes_alone() -> None:
    scenario = an_offer().given(editing())
    state = scenario.reference.state.values()
    shows = {concern.aggregate: concern.shows for concern in CONCERNS}
    found = [(shows[type(a)], a) for a in state if isinstance(a, Agreement | FormerAgreement)]
    for who, said_yes in ((MENTOR, True), (MENTEE, False)):
        own = [show(aggregate, frozenset({who})) for show, aggregate in found]
        assert [o["confirmed_by"] for o in own if o is not None and "confirmed_by" in o] == [said_yes]
        assert not any(id in str(own) for id in (MENTOR, MENTEE))
