"""People propose topics; near ones are named to the office, which answers by a date."""

import datetime as dt
from typing import Any

import pytest

from services.registration.service import service
from services.registration.suggesting import Suggested
from shared.contracts import registration as r
from shared.contracts.base import Contract, Text
from shared.contracts.parts import Rules
from shared.runtime.attention import Attention
from shared.runtime.table import Ask
from tests.support.erased import erase
from tests.support.privacy import leaks
from tests.support.reference import By, Scenario, given, said
from tests.unit.registration.test_registration import MENTOR, OTHER, TODAY, an_open_programme, mentor, opening, topic
from tests.unit.registration.test_topic_catalogue import merge, view

DAY = dt.timedelta(days=1)
SOCIAL = r.AddTopic(topic_id="social-media", area="software", label=Text(de="Soziale Medien", en="Social media"))
WHY = Text(de="Das ist Teil von Apps.", en="That is part of apps.")


def proposing(german: str = "Social Media", **changes: Any) -> r.ProposeTopic:
    fields: dict[str, Any] = {
        "programme_id": "pilot",
        "participant_id": MENTOR,
        "area": "software",
        "label": r.ProposedLabel(de=german),
    }
    return r.ProposeTopic.model_validate(fields | changes)


def by_mentor(command: r.ProposeTopic) -> By:
    return By(command, actor=MENTOR, sender="person")


def by_office(**changes: Any) -> By:
    return By(proposing(**{"participant_id": None} | changes), sender="office")


def some_people() -> Scenario:
    return an_open_programme().given(SOCIAL, mentor())


def proposed(command: By | None = None) -> tuple[Scenario, str]:
    """A topic is proposed; the scenario and the proposal's id."""
    scenario = some_people().when(command or by_mentor(proposing()))
    return scenario, scenario.one(r.TopicProposed).proposal_id


def accept(id: str, **changes: Any) -> r.AcceptTopic:
    return r.AcceptTopic.model_validate({"proposal_id": id, "topic_id": "new", "label": Text(de="N", en="N")} | changes)


@pytest.mark.proves("S3", "S5", "S15")
def test_a_proposal_names_near_topics_and_waits_for_the_office_until_a_date() -> None:
    scenario = some_people().when(by_mentor(proposing()))
    until = TODAY + Rules().deadlines.office_days * DAY
    scenario.then(
        said(r.TopicProposed, status="proposed", by=until, topic_id=None),
        said(r.OfficeAttentionNeeded, what="topic-proposed", by=until.isoformat(), status="open"),
        said(r.PersonAddressed, to=MENTOR, topic="topic-received"),
    )
    [near] = scenario.one(r.TopicProposed).similar
    assert (near.topic_id, near.score, near.label) == ("social-media", 100, SOCIAL.label)
    needed = scenario.one(r.OfficeAttentionNeeded)
    assert needed.whom == (scenario.one(r.TopicProposed).subject,)
    assert set(needed.answered_by) <= {row.on.name for row in service.rows if isinstance(row, Ask)}
    scenario.when(until + DAY).then_nothing()
    scenario.when(until + 2 * DAY).then(said(r.OfficeAttentionNeeded, status="reminded"))


def test_who_proposes_stands_in_no_event_but_their_letter() -> None:
    scenario = some_people().when(by_mentor(proposing()))
    letters = [message for message in scenario.told if isinstance(message, r.PersonAddressed)]
    others = [message for message in scenario.told if message not in letters]
    assert len(others) == 2
    assert not any(MENTOR in message.model_dump_json() for message in others)
    for message in scenario.told:
        assert leaks(message.name, {"data": message.model_dump(mode="json")}, ("Mentor 1",)) == []


def test_the_office_proposes_for_a_workshop_without_a_letter_or_for_somebody() -> None:
    some_people().when(by_office()).then(r.TopicProposed, r.OfficeAttentionNeeded)
    scenario = some_people().when(By(proposing(), sender="office"))
    scenario.then(r.TopicProposed, r.OfficeAttentionNeeded, said(r.PersonAddressed, to=MENTOR))


def test_nothing_near_is_no_hindrance() -> None:
    scenario, _ = proposed(by_mentor(proposing("Löten")))
    assert scenario.one(r.TopicProposed).similar == ()


@pytest.mark.parametrize(
    ("by", "codes"),
    [
        (by_mentor(proposing(programme_id="other")), ("unknown_programme",)),
        (by_mentor(proposing(participant_id=OTHER)), ("unknown_participant",)),
        (By(proposing(), actor=OTHER, sender="person"), ("not_yours",)),
        (By(proposing(participant_id=None), actor=MENTOR, sender="person"), ("not_yours",)),
        (by_mentor(proposing(label=r.ProposedLabel())), ("no_label",)),
        (By(proposing(label=r.ProposedLabel()), actor=OTHER, sender="person"), ("not_yours", "no_label")),
    ],
)
def test_a_faulty_proposal_is_refused_with_every_reason(by: By, codes: tuple[str, ...]) -> None:
    some_people().when(by).then_refused(*codes)


def test_somebody_of_another_programme_proposes_nothing_here() -> None:
    scenario = some_people().given(opening(programme_id="second"))
    scenario.when(by_mentor(proposing(programme_id="second"))).then_refused("unknown_participant")


def test_who_left_proposes_no_more_and_nobody_does_after_the_programme_s_end() -> None:
    left = some_people().given(By(r.Withdraw(participant_id=MENTOR), actor=MENTOR, sender="person"))
    left.when(by_mentor(proposing())).then_refused("withdrawn")
    ended = some_people().given(dt.date(2027, 2, 7), dt.date(2027, 2, 15), dt.date(2027, 7, 15))
    ended.when(by_mentor(proposing())).then_refused("ended")


def test_the_same_words_of_the_same_person_are_one_proposal() -> None:
    scenario, id = proposed()
    again = said(r.TopicProposed, proposal_id=id, status="proposed")
    scenario.when(by_mentor(proposing("  Social Media "))).then(again)
    scenario.given(r.DeclineTopic(proposal_id=id, reason=WHY))
    scenario.when(by_mentor(proposing())).then(said(r.TopicProposed, proposal_id=id, status="declined"))
    scenario.when(by_office())
    assert scenario.one(r.TopicProposed).proposal_id != id


@pytest.mark.proves("S3", "S19")
def test_an_accepted_proposal_is_a_topic_that_people_may_name_and_nothing_waits_any_more() -> None:
    both = r.ProposedLabel(de="Rechnende Tabellen", en="Spreadsheets")
    scenario, id = proposed(by_mentor(proposing(label=both)))
    scenario.when(accept(id, topic_id="spreadsheets", label=None)).then(
        said(r.TopicListed, topic_id="spreadsheets", area="software", label=Text(de=both.de or "", en=both.en or "")),
        said(r.TopicProposed, status="accepted", topic_id="spreadsheets"),
        said(r.OfficeAttentionNeeded, status="settled"),
        said(r.PersonAddressed, to=MENTOR, topic="topic-accepted"),
    )
    scenario.when(TODAY + 30 * DAY)
    assert not [m for m in scenario.told if isinstance(m, r.OfficeAttentionNeeded)]


def test_the_office_corrects_labels_and_area() -> None:
    scenario, id = proposed()
    label = Text(de="Kurzvideos", en="Short videos")
    scenario.when(accept(id, topic_id="videos", area="culture", label=label))
    listed = scenario.one(r.TopicListed)
    assert (listed.topic_id, listed.area, listed.label) == ("videos", "culture", label)
    assert scenario.one(r.TopicProposed).label == r.ProposedLabel(de="Social Media"), "as it was proposed"


def test_a_proposal_in_one_language_or_under_a_taken_id_is_not_accepted() -> None:
    scenario, id = proposed()
    scenario.when(accept(id, topic_id="social-media", label=None)).then_refused("taken", "language_missing")
    scenario.when(accept(OTHER)).then_refused("unknown_proposal")


def test_a_proposal_that_the_catalogue_has_already_is_answered_with_that_topic() -> None:
    scenario, id = proposed()
    scenario.given(topic("old"), merge("old", "social-media"))
    scenario.when(r.MergeTopicProposal(proposal_id=id, into="old")).then(
        said(r.TopicProposed, status="merged", topic_id="social-media"),
        said(r.OfficeAttentionNeeded, status="settled"),
        said(r.PersonAddressed, to=MENTOR, topic="topic-known"),
    )
    assert "Soziale Medien" in scenario.one(r.PersonAddressed).text.de


SAME = (r.ProposedLabel(de=" soziale medien "), r.ProposedLabel(en="Social media", de="Soziale Medien"))


@pytest.mark.parametrize("label", SAME)
def test_what_the_catalogue_has_under_the_same_label_is_answered_with_that_topic_at_once_in_one_letter(
    label: r.ProposedLabel,
) -> None:
    scenario = some_people().when(by_mentor(proposing(label=label)))
    scenario.then(
        said(r.TopicProposed, status="merged", topic_id="social-media"),
        said(r.PersonAddressed, to=MENTOR, topic="topic-known"),
    )
    scenario.when(by_mentor(proposing(label=label))).then(said(r.TopicProposed, status="merged"))
    scenario.when(TODAY + 30 * DAY)
    assert not [m for m in scenario.told if isinstance(m, r.OfficeAttentionNeeded)], "nothing waits for the office"


def test_a_label_that_is_the_same_in_one_of_two_languages_or_of_a_retired_topic_waits_for_the_office() -> None:
    other = r.ProposedLabel(de="Soziale Medien", en="Social work")
    some_people().when(by_mentor(proposing(label=other))).then_among(said(r.OfficeAttentionNeeded, status="open"))
    retired = some_people().given(r.RetireTopic(topic_id="social-media"))
    retired.when(by_mentor(proposing(label=SAME[0]))).then_among(said(r.OfficeAttentionNeeded, status="open"))


@pytest.mark.parametrize(
    "meanwhile",
    [
        r.RetireTopic(topic_id="social-media"),
        merge("social-media", "apps"),
        SOCIAL.model_copy(update={"label": Text(de="Anderes", en="Something else")}),
    ],
)
def test_a_topic_that_is_no_longer_what_was_found_answers_nothing(meanwhile: Contract) -> None:
    scenario, id = proposed()
    scenario.given(meanwhile)
    near = r.SimilarTopic(topic_id="social-media", label=Text(de="Social Media", en="Social media"), score=100)
    scenario.when(Suggested(proposal_id=id, similar=(near,))).then_among(said(r.TopicProposed, status="proposed"))


def test_a_proposal_is_merged_into_no_topic_that_is_unknown_or_retired() -> None:
    scenario, id = proposed()
    scenario.given(r.RetireTopic(topic_id="social-media"))
    scenario.when(r.MergeTopicProposal(proposal_id=id, into="social-media")).then_refused("retired_topic")
    scenario.when(r.MergeTopicProposal(proposal_id=id, into="x")).then_refused("unknown_topic")
    scenario.when(r.MergeTopicProposal(proposal_id=OTHER, into="apps")).then_refused("unknown_proposal")


def test_why_a_proposal_is_declined_stands_in_the_words_to_who_proposed_it_and_nowhere_else() -> None:
    scenario, id = proposed()
    scenario.when(r.DeclineTopic(proposal_id=id, reason=WHY)).then(
        said(r.TopicProposed, status="declined"),
        said(r.OfficeAttentionNeeded, status="settled"),
        said(r.PersonAddressed, to=MENTOR, topic="topic-declined"),
    )
    letter = scenario.one(r.PersonAddressed)
    assert WHY.de in letter.text.de
    assert WHY.en in letter.text.en
    assert not any(WHY.de in m.model_dump_json() for m in scenario.told if m is not letter)
    scenario.when(r.DeclineTopic(proposal_id=OTHER, reason=WHY)).then_refused("unknown_proposal")


def test_who_left_meanwhile_gets_no_letter() -> None:
    scenario, id = proposed()
    scenario.given(By(r.Withdraw(participant_id=MENTOR), actor=MENTOR, sender="person"))
    scenario.when(r.DeclineTopic(proposal_id=id, reason=WHY)).then(r.TopicProposed, r.OfficeAttentionNeeded)


@pytest.mark.parametrize("first", range(3))
@pytest.mark.parametrize("second", range(3))
def test_a_proposal_is_answered_once(first: int, second: int) -> None:
    scenario, id = proposed()
    answers = (
        accept(id),
        r.MergeTopicProposal(proposal_id=id, into="apps"),
        r.DeclineTopic(proposal_id=id, reason=WHY),
    )
    scenario.given(answers[first])
    codes = ("decided", "taken") if first == second == 0 else ("decided",)
    scenario.when(answers[second]).then_refused(*codes)


def test_the_office_s_answer_before_near_topics_were_found_leaves_nothing_to_say() -> None:
    scenario, id = proposed()
    scenario.given(r.DeclineTopic(proposal_id=id, reason=WHY))
    scenario.when(Suggested(proposal_id=id, similar=())).then_nothing()
    scenario.when(Suggested(proposal_id=OTHER, similar=())).then_nothing()


def test_a_merged_topic_s_label_speaks_for_where_it_ends() -> None:
    scenario = some_people().given(
        r.AddTopic(topic_id="twitter", area="software", label=Text(de="Twitter", en="Twitter")),
        merge("twitter", "social-media"),
    )
    scenario.when(by_mentor(proposing("twitter")))
    [near] = scenario.one(r.TopicProposed).similar
    assert (near.topic_id, near.score) == ("social-media", 100)


@pytest.mark.proves("S19")
def test_the_office_sees_what_is_proposed_the_open_first_and_not_by_whom() -> None:
    scenario, id = proposed()
    scenario.given(r.DeclineTopic(proposal_id=id, reason=WHY), by_office(label=r.ProposedLabel(en="Soldering")))
    shown = view(scenario)
    assert [(row.status, row.label.de or row.label.en) for row in shown.topic_proposals] == [
        ("proposed", "Soldering"),
        ("declined", "Social Media"),
    ]
    assert MENTOR not in str([row.model_dump() for row in shown.topic_proposals])


def test_an_attention_belongs_to_the_programme_of_who_proposes() -> None:
    scenario, _ = proposed()
    [sign] = [a for a in scenario.reference.state.values() if isinstance(a, Attention)]
    assert (sign.programme, sign.office.name) == ("pilot", "Office")
    given(service).when(by_office()).then_refused("unknown_programme")


def test_of_a_proposer_who_is_erased_neither_they_nor_what_was_written_to_them_is_left() -> None:
    scenario, id = proposed()
    scenario.given(r.DeclineTopic(proposal_id=id, reason=WHY))
    assert WHY.de in scenario.reference.state[f"topic-proposal/{id}"].model_dump_json()
    erase(scenario, MENTOR)
    left = scenario.reference.state[f"topic-proposal/{id}"].model_dump_json()
    assert not [word for word in (MENTOR, WHY.de, WHY.en) if word in left]


def test_a_search_that_ends_again_sends_no_second_letter() -> None:
    scenario, id = proposed()
    scenario.when(Suggested(proposal_id=id, similar=())).then(r.TopicProposed, r.OfficeAttentionNeeded)


def test_who_is_accepted_under_a_label_that_a_topic_has_is_listed_with_a_note() -> None:
    scenario, id = proposed(by_mentor(proposing("Netze")))
    scenario.when(accept(id, label=SOCIAL.label))
    note = scenario.one(r.TopicListed).note
    assert note is not None
    assert all("new, social-media" in words for words in (note.de, note.en))
    scenario.when(topic("third").model_copy(update={"label": SOCIAL.label}))
    again = scenario.one(r.TopicListed).note
    assert again is not None
    assert "new, social-media, third" in again.de
