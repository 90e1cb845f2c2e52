"""Topics are merged, retired and restored, and profiles speak of them as the catalogue does."""

import itertools
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.registration.model import MOST_HOPS, Participant, Topic
from services.registration.service import service
from services.registration.view import VIEW, ProgrammeView
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.parts import Profile, TopicLevel
from shared.runtime.forwarding import ends_of
from tests.support.reference import By, Scenario, given, said
from tests.unit.registration.test_registration import MENTOR, TODAY, an_open_programme, mentee, mentor, profile, topic

CHATS, MESSENGERS = "chats", "messengers"


def merge(topic_id: str, into: str) -> r.MergeTopics:
    return r.MergeTopics(topic_id=topic_id, into=into)


def levels(**named: int) -> tuple[TopicLevel, ...]:
    return tuple(TopicLevel(topic_id=id, level=level) for id, level in named.items())


def a_catalogue(*ids: str) -> Scenario:
    return given(service, *(topic(id) for id in ids), today=TODAY)


def a_programme_with(*ids: str) -> Scenario:
    return an_open_programme().given(*(topic(id) for id in ids))


def change(replaces: int, **levels_: Any) -> By:
    changed = r.ChangeProfile(participant_id=MENTOR, profile=profile(**levels_), replaces=replaces)
    return By(changed, actor=MENTOR, sender="person")


def changed_profile(scenario: Scenario) -> Profile:
    return scenario.one(r.ParticipantChanged).profile


def topics_of(scenario: Scenario) -> dict[str, Topic]:
    return {a.id: a for a in scenario.reference.state.values() if isinstance(a, Topic)}


def test_a_new_label_is_a_new_version_and_the_same_again_is_none() -> None:
    scenario = given(service).when(topic()).then(said(r.TopicListed, version=1, retired=False, forwards_to=None))
    scenario.when(topic()).then(said(r.TopicListed, version=1))
    renamed = topic().model_copy(update={"label": Text(de="Anwendungen", en="Apps")})
    scenario.when(renamed).then(said(r.TopicListed, version=2))


def called(id: str, de: str, en: str) -> r.AddTopic:
    return r.AddTopic(topic_id=id, area="software", label=Text(de=de, en=en))


def noted(scenario: Scenario) -> str:
    note = scenario.one(r.TopicListed).note
    return "" if note is None else f"{note.de} {note.en}"


@pytest.mark.parametrize("label", [("Chat", "Talk"), (" CHAT", "Talk"), ("Plausch", "chats"), ("Chat", "Chats")])
def test_who_lists_a_topic_under_a_taken_label_is_told_which_topic_has_it(label: tuple[str, str]) -> None:
    scenario = given(service, called("old", "Chat", "Chats")).when(called("new", *label))
    assert noted(scenario).count("new, old") == 2, "in both languages"
    assert "new, old" in noted(scenario.when(called("new", *label))), "also when it is said again"
    assert noted(scenario.when(called("new", "Anders", "Other"))) == ""
    assert noted(scenario.when(called("old", "Chat", "Chats"))) == ""


@pytest.mark.parametrize("change", [r.RetireTopic(topic_id="old"), merge("old", "other")])
def test_a_topic_that_is_not_offered_takes_no_label_until_it_is_restored(change: Any) -> None:
    scenario = given(service, called("old", "Chat", "Chats"), topic("other"), change)
    assert noted(scenario.when(called("new", "Chat", "Chats"))) == ""
    scenario.given(r.RestoreTopic(topic_id="old"))
    assert "new, old" in noted(scenario.when(called("new", "Chat", "Chats")))


def test_of_two_topics_listed_at_once_under_one_label_both_write_its_document() -> None:
    """So the database has one of them decided again, which then sees the other."""
    asked = [called(id, "Chat", f"English {id}") for id in ("a", "b")]
    written = []
    for command in asked:
        state = given(service, command).reference.state
        written.append({subject for subject in state if subject.startswith("topic-label/")})
    assert len(written[0] & written[1]) == 1


def test_a_topic_that_an_earlier_release_stored_is_its_first_version_and_stands_for_itself() -> None:
    stored = {"id": "apps", "programme": None, "due": None, "area": "software", "label": {"de": "Apps", "en": "Apps"}}
    read = Topic.from_stored("topic/apps", stored)
    assert (read.version, read.forwards_to, read.retired) == (1, None, False)


@pytest.mark.proves("S3")
def test_the_id_of_a_merged_topic_goes_on_working() -> None:
    scenario = a_programme_with(CHATS, MESSENGERS).when(merge(CHATS, MESSENGERS))
    scenario.then(said(r.TopicListed, topic_id=CHATS, forwards_to=MESSENGERS, version=2))
    scenario.when(mentor(profile=profile(strengths=levels(chats=4))))
    assert scenario.one(r.ParticipantRegistered).profile.strengths == levels(messengers=4)


def test_a_merge_that_comes_again_is_said_again_and_changes_nothing() -> None:
    scenario = a_catalogue(CHATS, MESSENGERS).given(merge(CHATS, MESSENGERS))
    before = dict(scenario.reference.state)
    scenario.when(merge(CHATS, MESSENGERS)).then(said(r.TopicListed, forwards_to=MESSENGERS, version=2))
    assert scenario.reference.state == before


def test_merges_in_a_row_lead_to_the_last_topic() -> None:
    scenario = a_programme_with("a", "b", "c").given(merge("a", "b"), merge("b", "c"))
    scenario.when(mentor(profile=profile(strengths=levels(a=2))))
    assert scenario.one(r.ParticipantRegistered).profile.strengths == levels(c=2)


def test_merging_into_a_merged_topic_leads_to_where_that_one_ends() -> None:
    scenario = a_catalogue("a", "b", "c").given(merge("b", "c"))
    scenario.when(merge("a", "b")).then(said(r.TopicListed, topic_id="a", forwards_to="c"))


def test_two_levels_of_what_is_one_topic_now_become_the_higher() -> None:
    scenario = a_programme_with(CHATS, MESSENGERS).given(merge(CHATS, MESSENGERS))
    scenario.when(mentor(profile=profile(strengths=levels(chats=5, messengers=2), concerns=levels(chats=1))))
    registered = scenario.one(r.ParticipantRegistered).profile
    assert (registered.strengths, registered.concerns) == (levels(messengers=5), levels(messengers=1))
    scenario.when(change(1, strengths=levels(chats=1, messengers=3)))
    assert changed_profile(scenario).strengths == levels(messengers=3)


def test_a_circle_of_merges_is_refused() -> None:
    scenario = a_catalogue("a", "b", "c")
    scenario.when(merge("a", "a")).then_refused("circle")
    scenario.given(merge("a", "b"), merge("b", "c"))
    scenario.when(merge("c", "a")).then_refused("circle")
    scenario.when(merge("c", "b")).then_refused("circle")


def test_a_merge_that_cannot_be_is_refused_with_every_reason() -> None:
    scenario = a_catalogue("a", "b", "c").given(r.RetireTopic(topic_id="c"))
    scenario.when(merge("x", "y")).then_refused("unknown_topic", "unknown_topic")
    scenario.when(merge("a", "y")).then_refused("unknown_topic")
    scenario.when(merge("a", "c")).then_refused("retired_topic")
    scenario.given(merge("a", "b"), topic("d"))
    scenario.when(merge("a", "d")).then_refused("merged")


def test_no_way_of_merges_grows_longer_than_is_followed() -> None:
    ids = [f"t-{n:02}" for n in range(MOST_HOPS + 2)]
    scenario = a_programme_with(*ids)
    for one, other in itertools.pairwise(ids[:-1]):
        scenario.when(merge(one, other)).then(r.TopicListed)
    scenario.when(merge(ids[-2], ids[-1])).then_refused("merged_too_often")
    scenario.when(mentor(profile=profile(strengths=levels(**{ids[0]: 3}))))
    assert scenario.one(r.ParticipantRegistered).profile.strengths == levels(**{ids[-2]: 3})


@pytest.mark.proves("S3")
def test_a_retired_topic_is_named_no_more_but_stays_where_it_is_named() -> None:
    scenario = a_programme_with("trends").given(mentor(profile=profile(strengths=levels(apps=5, trends=2))))
    retired = said(r.TopicListed, topic_id="trends", retired=True, version=2)
    scenario.when(r.RetireTopic(topic_id="trends")).then(retired)
    scenario.when(r.RetireTopic(topic_id="trends")).then(retired)
    scenario.when(mentor("P-3", profile=profile(strengths=levels(trends=1)))).then_refused("retired_topic")
    scenario.when(change(1, strengths=levels(apps=1, trends=4)))
    assert changed_profile(scenario).strengths == levels(apps=1, trends=4)
    scenario.when(change(2, strengths=levels(apps=1), concerns=levels(trends=1))).then_refused("retired_topic")
    scenario.when(change(2, strengths=levels(apps=1))).then(r.ParticipantChanged, r.PersonAddressed)
    scenario.when(change(3, strengths=levels(apps=1, trends=4))).then_refused("retired_topic")


def test_who_named_a_topic_that_was_merged_into_one_that_is_retired_now_keeps_it() -> None:
    scenario = a_programme_with("a", "b").given(mentor(profile=profile(strengths=levels(a=5))))
    scenario.given(merge("a", "b"), r.RetireTopic(topic_id="b"))
    scenario.when(change(1, strengths=levels(a=3)))
    assert changed_profile(scenario).strengths == levels(b=3)
    scenario.when(mentor("P-3", profile=profile(strengths=levels(a=1)))).then_refused("retired_topic")


def test_a_topic_is_restored_as_one_of_its_own() -> None:
    scenario = a_programme_with("a", "b").given(r.RetireTopic(topic_id="a"))
    scenario.when(r.RestoreTopic(topic_id="a")).then(said(r.TopicListed, retired=False, version=3))
    scenario.when(r.RestoreTopic(topic_id="a")).then(said(r.TopicListed, retired=False, version=3))
    scenario.given(merge("a", "b"))
    scenario.when(r.RestoreTopic(topic_id="a")).then(said(r.TopicListed, forwards_to=None, version=5))
    scenario.when(mentor(profile=profile(strengths=levels(a=4))))
    assert scenario.one(r.ParticipantRegistered).profile.strengths == levels(a=4)
    scenario.when(r.RestoreTopic(topic_id="x")).then_refused("unknown_topic")


def test_a_topic_that_does_not_exist_or_was_merged_is_not_retired() -> None:
    scenario = a_catalogue("a", "b").given(merge("a", "b"))
    scenario.when(r.RetireTopic(topic_id="x")).then_refused("unknown_topic")
    scenario.when(r.RetireTopic(topic_id="a")).then_refused("merged")


def test_a_merged_or_retired_topic_takes_new_labels_and_stays_what_it_is() -> None:
    scenario = a_catalogue("a", "b", "c").given(merge("a", "b"), r.RetireTopic(topic_id="c"))
    label = Text(de="Neu", en="New")
    renamed = topic("a").model_copy(update={"label": label})
    scenario.when(renamed).then(said(r.TopicListed, forwards_to="b", label=label))
    scenario.when(renamed.model_copy(update={"topic_id": "c"})).then(said(r.TopicListed, retired=True, label=label))


OFFICE = st.lists(
    st.one_of(
        st.builds(merge, st.sampled_from("abcde"), st.sampled_from("abcde")),
        st.builds(r.RetireTopic, topic_id=st.sampled_from("abcde")),
        st.builds(r.RestoreTopic, topic_id=st.sampled_from("abcde")),
    ),
    max_size=12,
)


@for_all(OFFICE)
def test_whatever_the_office_does_every_id_leads_to_a_topic_that_stands_for_itself(steps: list[Any]) -> None:
    scenario = a_catalogue(*"abcde").given(*steps)
    topics = topics_of(scenario)
    forwards = {id: topic.forwards_to for id, topic in topics.items()}
    for id in topics:
        way = [id]
        while (next_ := forwards[way[-1]]) is not None:
            assert next_ not in way, "a circle"
            way.append(next_)
        assert len(way) - 1 <= topics[way[-1]].hops <= MOST_HOPS
        assert ends_of(forwards).get(id, id) == way[-1]


# What the office sees


def view(scenario: Scenario) -> ProgrammeView:
    state = scenario.reference.state.values()
    found = {kind: [a for a in state if isinstance(a, kind)] for kind in (*VIEW.aggregates, *VIEW.everywhere)}
    shown = VIEW.build("pilot", found)
    assert isinstance(shown, ProgrammeView)
    return shown


def counts(scenario: Scenario) -> list[tuple[str, int, int]]:
    return [(row.topic_id, row.mentors, row.mentees) for row in view(scenario).topics]


@pytest.mark.proves("S3", "S19")
def test_the_office_sees_how_many_offer_a_topic_and_how_many_ask_for_it_the_most_lacking_first() -> None:
    scenario = a_programme_with("trends", "word")
    asks = profile(strengths=levels(trends=5), concerns=levels(apps=1, word=3))
    scenario.given(mentor(), mentor("P-3", profile=profile(concerns=levels(word=2))))
    scenario.given(mentee("P-4", profile=asks), mentee("P-5", profile=profile(concerns=levels(word=1))))
    assert counts(scenario) == [("word", 0, 2), ("trends", 0, 0), ("apps", 2, 1)]


def test_who_named_a_merged_topic_counts_once_where_it_ends_and_who_left_no_more() -> None:
    scenario = a_programme_with("a", "b")
    scenario.given(mentor(profile=profile(strengths=levels(a=1, b=2))), mentor("P-3", profile=profile()))
    scenario.given(merge("a", "b"))
    assert counts(scenario) == [("apps", 1, 0), ("b", 1, 0)]
    scenario.given(By(r.Withdraw(participant_id=MENTOR), actor=MENTOR, sender="person"))
    assert counts(scenario) == [("b", 0, 0), ("apps", 1, 0)]


def test_a_retired_topic_is_shown_with_who_still_names_it() -> None:
    scenario = an_open_programme().given(mentor(), r.RetireTopic(topic_id="apps"))
    [row] = view(scenario).topics
    assert (row.topic_id, row.retired, row.version, row.mentors) == ("apps", True, 2, 1)
    [person] = [a for a in scenario.reference.state.values() if isinstance(a, Participant)]
    assert person.profile.strengths == levels(apps=5)


def test_the_office_is_told_which_topics_have_the_same_label_until_one_is_offered_no_more() -> None:
    scenario = a_programme_with("word")
    before = view(scenario).notes
    scenario.given(topic("texts").model_copy(update={"label": Text(de="Texte", en=" Word")}))
    [note] = [note for note in view(scenario).notes if note not in before]
    assert "texts, word" in note.de
    assert "texts, word" in note.en
    scenario.given(merge("texts", "word"))
    assert view(scenario).notes == before
