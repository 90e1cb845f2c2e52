"""Tandems of several departments that work on the same topic are found, asked, and introduced if all four want it."""

import itertools
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.evaluation.shared_topics.model import Introduction, TandemTopics
from services.evaluation.shared_topics.rights import introduction_shown, introduction_without
from services.evaluation.shared_topics.search import Ready, search
from services.evaluation.shared_topics.search import SearchInputs as Inputs
from services.evaluation.view import VIEW, programme_view
from shared.contracts import evaluation as e
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from shared.contracts.parts import NOBODY, Consents
from tests.support.privacy import leaks
from tests.support.reference import By, Scenario
from tests.unit.evaluation.extras import (
    ALL,
    MET,
    NOTHING,
    allows,
    by,
    days,
    met,
    on_one_topic,
    people_of,
    tandems,
    told_to,
    topic,
)
from tests.unit.evaluation.people import DAY, ENDS, a_programme, formed, pauses, person, tandem_id

FOUND = MET + DAY
BY = FOUND + 13 * DAY
OVER = BY + 2 * DAY
ID = Introduction.id_of(tandem_id(1), tandem_id(2))
FOUR = people_of(1, 2)


def agreeing(name: str, agrees: bool = True, introduction: str = ID) -> By:
    return by(name, e.AgreeToIntroduction(introduction_id=introduction, participant_id=person(name), agrees=agrees))


def asked() -> Scenario:
    return on_one_topic(1, 2).given(FOUND)


def agreed(*names: str) -> Scenario:
    return asked().given(*[agreeing(name) for name in names or FOUR])


def open_introductions(scenario: Scenario) -> list[Introduction]:
    kept = scenario.reference.state.values()
    return [each for each in kept if isinstance(each, Introduction) and each.status == "open"]


@pytest.mark.proves("S17")
def test_two_tandems_on_one_topic_are_both_asked_and_neither_is_told_who_the_other_is() -> None:
    scenario = on_one_topic(1, 2).when(FOUND)
    letters = [m for m in scenario.told if isinstance(m, e.PersonAddressed)]
    assert {letter.to for letter in letters} == {person(name) for name in FOUR}
    assert len(scenario.told) == len(FOUR)
    for letter in letters:
        assert "Kalender-App" in letter.text.de
        assert "Calendar app" in letter.text.en
        assert not [name for name in FOUR if person(name) in letter.text.de + letter.text.en + letter.subject_line.de]
        assert letter.office.phone in letter.text.en


@pytest.mark.proves("S17")
def test_when_all_four_have_said_yes_they_are_introduced_on_the_next_day_by_ids_that_the_mail_service_fills_in() -> (
    None
):
    scenario = agreed()
    scenario.when(FOUND + DAY)
    shared = scenario.one(e.TopicShared)
    assert (shared.topic_id, set(shared.tandem_ids)) == ("calendar", {tandem_id(1), tandem_id(2)})
    for name in FOUR:
        [letter] = [m for m in scenario.told if isinstance(m, e.PersonAddressed) and m.to == person(name)]
        own = name[-1]
        others = [other for other in FOUR if other[-1] != own]
        for text in (letter.text.de, letter.text.en):
            assert all(f"urn:uuid:{person(other)}" in text for other in others)
            assert person(name) not in text
    assert days(scenario, FOUND + 2 * DAY, OVER + 40 * DAY) == [], "the same two are never asked again"


@pytest.mark.proves("S17")
@pytest.mark.parametrize("silent", FOUR)
def test_who_says_nothing_says_no_and_nobody_learns_who_it_was(silent: str) -> None:
    """Whoever it is: all four get the same words on the same day, and no event is said."""
    scenario = agreed(*[name for name in FOUR if name != silent])
    assert days(scenario, FOUND + DAY, OVER - DAY) == []
    told = scenario.when(OVER).told
    assert [told_to(told, name) for name in FOUR] == [["shared-topic-over"]] * 4
    words = {(m.subject_line.de, m.text.de, m.text.en) for m in told if isinstance(m, e.PersonAddressed)}
    assert len(words) == 1
    assert len(told) == len(FOUR)


def outcome(scenario: Scenario) -> list[Contract]:
    """All that anybody may hear from the moment of the last answer on, but the private answers."""
    return days(scenario, FOUND + DAY, OVER + 20 * DAY)


NO: dict[str, tuple[Any, ...]] = {
    "says nothing": (),
    "says no": (agreeing("mentee 2", agrees=False),),
    "takes the yes back": (agreeing("mentee 2"), agreeing("mentee 2", agrees=False)),
}


@pytest.mark.proves("S17", "P9")
def test_the_others_cannot_tell_silence_a_no_a_yes_taken_back_and_a_consent_taken_back_apart() -> None:
    """What the three others hear is the same to the byte; who took consent back hears nothing more of it."""
    yes = [agreeing(name) for name in FOUR if name != "mentee 2"]
    found = {name: outcome(asked().given(*yes, *steps)) for name, steps in NO.items()}
    found["takes consent back"] = outcome(asked().given(*yes, allows("mentee 2", NOTHING)))
    found["takes it back before"] = outcome(asked().given(allows("mentee 2", NOTHING), *yes))
    left = allows("mentee 2", ALL, kind=r.ParticipantWithdrew)
    found["leaves"] = outcome(asked().given(*yes, left))
    heard = [[m for m in told if getattr(m, "to", "") != person("mentee 2")] for told in found.values()]
    assert all(others == heard[0] for others in heard)
    assert heard[0]
    assert told_to(found["takes consent back"], "mentee 2") == []


@pytest.mark.proves("S17")
def test_an_answer_tells_its_sender_nothing_of_the_others_whatever_they_said() -> None:
    before: tuple[tuple[Any, ...], ...] = (
        (),
        tuple(agreeing(name) for name in FOUR[1:]),
        (allows("mentee 2", NOTHING),),
    )
    answers = [asked().given(*steps).when(agreeing("mentor 1")).told for steps in before]
    assert answers[0] == answers[1] == answers[2] == [e.IntroductionNoted(introduction_id=ID, agrees=True)]
    assert e.IntroductionNoted.private
    assert e.AgreeToIntroduction.private


def test_a_yes_can_be_taken_back_and_given_again() -> None:
    scenario = agreed().given(agreeing("mentor 1", agrees=False)).when(FOUND + DAY).then_nothing()
    scenario.given(agreeing("mentor 1")).when(FOUND + 2 * DAY)
    assert isinstance(scenario.one(e.TopicShared), e.TopicShared)


def test_a_yes_on_the_day_after_the_last_still_counts_and_none_later() -> None:
    late = agreed(*FOUR[1:])
    days(late, FOUND + DAY, BY + DAY)
    late.when(agreeing("mentor 1")).then(e.IntroductionNoted)
    assert isinstance(late.when(OVER).one(e.TopicShared), e.TopicShared)
    too_late = agreed(*FOUR[1:])
    days(too_late, FOUND + DAY, OVER)
    too_late.when(agreeing("mentor 1")).then_refused("closed")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (agreeing("mentor 1", introduction=tandem_id(9)), "unknown_introduction"),
        (agreeing("mentor 3"), "unknown_introduction"),
        (By(agreeing("mentor 1").message, actor=person("mentor 2")), "unknown_introduction"),
    ],
)
def test_nobody_else_learns_that_there_is_an_introduction(command: By, code: str) -> None:
    asked().when(command).then_refused(code)


def test_who_allows_no_introductions_any_more_is_told_so_and_only_they() -> None:
    scenario = asked().given(allows("mentor 1", NOTHING))
    scenario.when(agreeing("mentor 1")).then_refused("no_consent")


def test_a_yes_twice_changes_nothing() -> None:
    scenario = agreed("mentor 1")
    before = dict(scenario.reference.state)
    scenario.when(agreeing("mentor 1")).then(e.IntroductionNoted)
    assert scenario.reference.state == before
    scenario.again().then_nothing()


@pytest.mark.proves("S17")
@pytest.mark.parametrize("who", FOUR)
def test_without_the_consent_of_all_four_nobody_is_asked(who: str) -> None:
    scenario = on_one_topic(1, 2).given(allows(who, Consents(stories=True)))
    assert days(scenario, FOUND, FOUND + 5 * DAY) == []
    assert told_to(scenario.given(allows(who)).when(FOUND + 6 * DAY).told, who) == ["shared-topic"]


def test_who_takes_consent_back_between_the_search_and_the_asking_is_not_asked() -> None:
    """The piece finds less than the job had read."""
    scenario = on_one_topic(1, 2).given(allows("mentee 1", NOTHING))
    piece = search(
        Inputs(
            programme_id="pilot",
            ready=tuple(
                Ready(
                    tandem=tandem_id(n),
                    people=frozenset(map(person, people_of(n))),
                    departments=frozenset((f"D{n}",)),
                    topics=("calendar",),
                )
                for n in (1, 2)
            ),
        )
    )[0]
    scenario.when(By(piece)).then_nothing()
    scenario.given(allows("mentee 1")).when(By(piece))
    assert len(scenario.told) == len(FOUR)


def test_of_two_introductions_of_one_tandem_one_is_made_whichever_comes_first() -> None:
    """Two jobs may have found a tandem for two others: the tandem is written by both, so the second finds the first."""
    for order in itertools.permutations((2, 3)):
        scenario = on_one_topic(1, 2, 3)
        for other in order:
            ready = [
                Ready(tandem=tandem_id(n), people=frozenset((str(n),)), departments=frozenset((str(n),)), topics=("t",))
                for n in (1, other)
            ]
            [piece] = search(Inputs(programme_id="pilot", ready=tuple(ready)))
            scenario.given(By(piece.model_copy(update={"topic_id": "calendar"})))
        assert [each.id for each in open_introductions(scenario)] == [
            Introduction.id_of(tandem_id(1), tandem_id(order[0]))
        ]


def test_a_tandem_that_ends_is_not_introduced_although_all_have_said_yes() -> None:
    scenario = agreed().given(formed(2, status="ended", ends_on=FOUND))
    told = days(scenario, FOUND + DAY, OVER)
    assert {type(m) for m in told} == {e.PersonAddressed}
    assert [told_to(told, name) for name in FOUR] == [["shared-topic-over"]] * 4


def test_who_pauses_is_left_in_peace() -> None:
    away = allows("mentor 1").model_copy(update={"paused_since": MET, "paused_until": FOUND + 3 * DAY})
    scenario = on_one_topic(1, 2).given(away)
    assert days(scenario, FOUND, FOUND + 3 * DAY) == []
    assert told_to(days(scenario, FOUND + 4 * DAY, FOUND + 4 * DAY), "mentor 1") == ["shared-topic"]
    assert pauses("mentor 1").paused_since is not None


def test_two_tandems_of_the_same_departments_and_one_mentor_s_own_two_are_not_introduced() -> None:
    same = [allows(name, department=name.split()[0]) for name in FOUR]
    assert days(on_one_topic(1, 2).given(*same), FOUND, FOUND + 3 * DAY) == []
    twice = a_programme(*tandems(1, 2), formed(2, mentor="mentor 1"), MET, met(1, "calendar"), met(2, "calendar"))
    assert days(twice, FOUND, FOUND + 3 * DAY) == []


def test_a_topic_that_was_merged_counts_as_the_one_where_it_ends() -> None:
    scenario = a_programme(*tandems(1, 2), topic("diary", forwards_to="calendar"), MET)
    scenario.given(met(1, "calendar"), met(2, "diary")).when(FOUND)
    [known] = open_introductions(scenario)
    assert known.topic == "calendar"


def test_topics_of_a_meeting_that_did_not_take_place_after_all_do_not_count_in_whatever_order_it_is_heard() -> None:
    recorded = met(2, "calendar", status="planned")
    missed = s.MeetingMissed(**{**dict(recorded), "status": "missed", "topics": ()})
    for steps in (
        (By(recorded, sequence=1), By(missed, sequence=2)),
        (By(missed, sequence=2), By(recorded, sequence=1)),
    ):
        scenario = a_programme(*tandems(1, 2), MET, met(1, "calendar"), *steps)
        assert days(scenario, FOUND, FOUND + 2 * DAY) == []
        kept = scenario.reference.state[f"tandem-topics/{tandem_id(2)}"]
        assert isinstance(kept, TandemTopics)
        assert kept.topics == ()


def test_a_tandem_has_one_introduction_at_a_time_and_weeks_of_peace_after_it() -> None:
    scenario = on_one_topic(1, 2, 3)
    told = days(scenario, FOUND, OVER + 60 * DAY)
    for name in people_of(1, 2, 3):
        topics = told_to(told, name)
        assert topics == ["shared-topic", "shared-topic-over"] * (len(topics) // 2)
    met_each = [each for each in scenario.reference.state.values() if isinstance(each, Introduction)]
    assert len({frozenset(each.tandems) for each in met_each}) == len(met_each) == 3


def test_nobody_is_asked_for_a_day_that_lies_behind_their_tandem_s_end() -> None:
    scenario = a_programme(*tandems(1, 2), ENDS - 10 * DAY, met(1, "calendar"), met(2, "calendar"))
    assert days(scenario, ENDS - 9 * DAY, ENDS + 5 * DAY) == []
    assert scenario.reference.state["topic-search/pilot"].due is None, "nobody looks any more"


READY = st.lists(
    st.builds(
        Ready,
        tandem=st.integers(0, 15).map(str),
        people=st.frozensets(st.integers(0, 20).map(str), min_size=2, max_size=2),
        departments=st.frozensets(st.sampled_from("ABC"), min_size=1, max_size=2),
        topics=st.lists(st.sampled_from(("x", "y", "z")), unique=True).map(tuple),
        registered=st.lists(st.sampled_from(("x", "y", "z", "w")), unique=True).map(tuple),
    ),
    max_size=12,
    unique_by=lambda ready: ready.tandem,
)


@settings(max_examples=40)
@for_all(READY, st.data())
def test_whoever_is_found_fits_and_the_order_of_what_is_read_changes_nothing(
    ready: list[Ready], data: st.DataObject
) -> None:
    by_id = {each.tandem: each for each in ready}
    pairs = [Introduction.id_of(one, other) for one, other in itertools.combinations(by_id, 2)]
    tried = frozenset(data.draw(st.lists(st.sampled_from(pairs), unique=True))) if pairs else frozenset[str]()
    found = search(Inputs(programme_id="p", ready=tuple(ready), asked=tried))
    named = [tandem for piece in found for tandem in piece.tandem_ids]
    assert len(set(named)) == len(named), "each tandem once"
    for piece in found:
        one, other = (by_id[tandem] for tandem in piece.tandem_ids)
        assert all(piece.topic_id in (*each.topics, *each.registered) for each in (one, other))
        at_meetings = piece.topic_id in one.topics and piece.topic_id in other.topics
        assert piece.ground == ("meetings" if at_meetings else "registered")
        assert one.departments != other.departments
        assert not one.people & other.people
        assert Introduction.id_of(one.tandem, other.tandem) not in tried
    mixed = data.draw(st.permutations(ready))
    assert search(Inputs(programme_id="p", ready=tuple(mixed), asked=tried)) == found
    left = [each for each in ready if each.tandem not in named]
    for one, other in itertools.combinations(left, 2):
        fits = one.departments != other.departments and not one.people & other.people
        fits &= Introduction.id_of(one.tandem, other.tandem) not in tried
        shared = {*one.topics, *one.registered} & {*other.topics, *other.registered}
        assert not (fits and shared), "two who fit are both left"


def test_a_thousand_tandems_on_one_topic_are_matched_in_bounded_work() -> None:
    ready = tuple(
        Ready(tandem=str(n), people=frozenset((f"a{n}", f"b{n}")), departments=frozenset((f"D{n % 7}",)), topics=("t",))
        for n in range(1_000)
    )
    assert len(search(Inputs(programme_id="p", ready=ready))) > 450


def test_no_event_of_all_that_is_ever_said_tells_who_agreed_or_names_anybody() -> None:
    scenario = agreed()
    told = days(scenario, FOUND + DAY, FOUND + 3 * DAY)
    for message in told:
        assert leaks(message.name, {"data": message.model_dump(mode="json")}, ()) == []
        if isinstance(message, e.TopicShared):
            assert set(message.model_dump()) == {
                "introduction_id",
                "programme_id",
                "topic_id",
                "tandem_ids",
                "ground",
                "rules_version",
            }


def shown(scenario: Scenario) -> Any:
    found: dict[Any, list[Any]] = {
        kind: [each for each in scenario.reference.state.values() if isinstance(each, kind)] for kind in VIEW.aggregates
    }
    return programme_view("pilot", found)


def test_the_office_sees_on_which_topics_how_many_work_from_five_people_on() -> None:
    assert shown(on_one_topic(1, 2)).topics == ()
    [row] = shown(on_one_topic(1, 2, 3)).topics
    assert (row.topic, row.tandems, row.people) == ("calendar", 3, 6)
    assert shown(agreed().given(FOUND + DAY)).introduced is None, "four are too few"


def test_somebody_who_is_erased_is_named_nowhere_and_the_others_hear_that_nothing_comes_of_it() -> None:
    scenario = agreed()
    [before] = open_introductions(scenario)
    made = scenario.given(FOUND + DAY).reference.state[before.subject]
    assert isinstance(made, Introduction)
    for each in (before, made):
        without = introduction_without(each, frozenset((person("mentee 2"),)))
        assert person("mentee 2") not in without.model_dump_json()
        assert NOBODY in without.people
        assert not without.is_agreed
    mine = introduction_shown(before, frozenset((person("mentor 1"),)))
    assert not [name for name in FOUR if person(name) in str(mine)]
