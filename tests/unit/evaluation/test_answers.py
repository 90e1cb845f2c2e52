import pytest

from services.evaluation.model import Answer
from services.evaluation.questionnaires import NEWEST, RELEASED, newest, words
from services.evaluation.service import service
from services.evaluation.surveys import FIRST_PULSE
from services.evaluation.view import VIEW
from shared.contracts import evaluation as e
from shared.runtime.ids import keyed_id
from tests.support.reference import KEY, By, Scenario, given
from tests.unit.evaluation.people import (
    CLOSED,
    DAY,
    FINAL,
    PROGRAMME,
    STARTS,
    an_asked_programme,
    answers,
    everybody,
    formed,
    held,
    person,
    survey,
    tandem_id,
)


def kept(scenario: Scenario) -> list[Answer]:
    return [found for found in scenario.reference.state.values() if isinstance(found, Answer)]


@pytest.mark.proves("S13", "S20")
def test_answers_are_taken_privately() -> None:
    scenario = an_asked_programme(1).when(answers("mentor 1", length=0, cadence=1, rules=None))
    scenario.then(e.AnswersTaken(survey_id=survey("mentor 1")))
    assert e.AnswersTaken.private
    assert e.SubmitAnswers.private
    (answer,) = kept(scenario)
    assert answer.answers == {"length": 0, "cadence": 1}


@pytest.mark.proves("P13")
def test_an_answer_holds_no_person_survey_meeting_message_or_time() -> None:
    scenario = an_asked_programme(1).when(answers("mentor 1", length=0))
    (answer,) = kept(scenario)
    assert set(answer.model_dump(exclude_none=True)) == {
        "id",
        "programme",
        "person",
        "cluster",
        "questionnaire",
        "version",
        "side",
        "answers",
        "comment",
        "released",
        "reports",
    }
    assert answer.reports == 0, "no report had been said when it came"
    sealed = scenario.reference.sealed
    assert answer.id == sealed("pilot", "answer", survey("mentor 1"))
    assert answer.person == sealed("pilot", "person", person("mentor 1"))
    assert answer.cluster == sealed("pilot", "cluster", tandem_id(1))
    assert answer.id != keyed_id(KEY, "answer", survey("mentor 1"))
    assert scenario.last is not None
    known = [survey("mentor 1"), person("mentor 1"), tandem_id(1), str(scenario.last.id)]
    assert not [one for one in known if one in answer.model_dump_json()]


def test_answers_of_one_person_have_one_pseudonym_and_those_of_a_tandem_one_cluster_in_a_programme() -> None:
    scenario = an_asked_programme(2).given(*[answers(name, length=0) for name in everybody(2)])
    people = {answer.side + answer.cluster: answer.person for answer in kept(scenario)}
    assert len(set(people.values())) == 4
    assert len({answer.cluster for answer in kept(scenario)}) == 2
    meeting = held(1, FIRST_PULSE).meeting_id
    pulse = given(service, PROGRAMME, formed(1), held(1, FIRST_PULSE), today=STARTS)
    pulse.given(answers("mentor 1", "pulse", meeting, rating=4))
    pulse.given(formed(1, status="completed"), FINAL, answers("mentor 1", length=0))
    first, second = kept(pulse)
    assert (first.person, first.cluster) == (second.person, second.cluster)
    assert first.id != second.id
    elsewhere = pulse.reference.sealed
    assert elsewhere("second", "person", person("mentor 1")) != first.person


def test_an_answer_to_a_survey_of_an_earlier_release_has_its_person_as_its_cluster() -> None:
    scenario = an_asked_programme(1)
    before = scenario.reference.state[f"survey/{survey('mentor 1')}"]
    scenario.reference.state[before.subject] = before.but(tandem=None)
    scenario.given(answers("mentor 1", length=0))
    (answer,) = kept(scenario)
    assert answer.cluster == answer.person


def test_answering_leaves_no_trace_on_the_survey_or_anything_else() -> None:
    scenario = an_asked_programme(2)
    before = dict(scenario.reference.state)
    scenario.when(answers("mentor 1", length=0))
    changed = {k for k, v in scenario.reference.state.items() if before.get(k) is not v}
    assert changed == {f"answer/{kept(scenario)[0].id}"}


def test_a_second_answer_is_refused_and_the_same_message_stays_quiet() -> None:
    scenario = an_asked_programme(1).when(answers("mentor 1", length=0)).again().then_nothing()
    scenario.when(answers("mentor 1", length=1)).then_refused("already_answered")
    assert [answer.answers for answer in kept(scenario)] == [{"length": 0}]


def test_every_wrong_item_is_named() -> None:
    scenario = an_asked_programme(1).when(answers("mentor 1", length=3, rating=6, mood=1, rules=-1))
    scenario.then_refused("out_of_scale", "out_of_scale", "unknown_item")
    fields = [reason.field for reason in scenario.one(e.CommandRejected).reasons]
    assert fields == ["answers.length", "answers.rating", "answers.mood"]


def test_an_empty_answer_is_refused() -> None:
    an_asked_programme(1).when(answers("mentor 1")).then_refused("empty")
    an_asked_programme(1).when(answers("mentor 1", length=None)).then_refused("empty")


def test_a_comment_alone_is_an_answer() -> None:
    command = e.SubmitAnswers(
        survey_id=survey("mentor 1"), participant_id=person("mentor 1"), answers={}, comment="Danke"
    )
    an_asked_programme(1).when(By(command, actor=person("mentor 1"))).then(e.AnswersTaken)


def test_nobody_learns_from_a_refusal_whether_another_answered() -> None:
    scenario = an_asked_programme(1).given(answers("mentor 1", length=0))
    for name in ("mentor 1", "mentee 1"):
        scenario.when(answers(name, by="mentor 9", length=7)).then_refused("not_yours")
    pretending = e.SubmitAnswers(survey_id=survey("mentor 1"), participant_id=person("mentee 1"), answers={"rules": 0})
    scenario.when(By(pretending, actor=person("mentee 1"))).then_refused("not_yours")


def test_an_unknown_survey_is_refused() -> None:
    an_asked_programme(1).when(answers("mentor 9", length=0)).then_refused("unknown_survey")


def test_what_arrives_on_the_day_after_the_last_still_counts_and_later_not() -> None:
    scenario = an_asked_programme(1).given(CLOSED - DAY).when(answers("mentor 1", length=0)).then(e.AnswersTaken)
    scenario.given(CLOSED).when(answers("mentee 1", length=0)).then_refused("closed")


def test_the_view_counts_who_was_asked_and_is_the_same_whoever_answered() -> None:
    views = []
    for answered in (everybody(2), []):
        scenario = an_asked_programme(2).given(*[answers(name, length=0) for name in answered])
        state = scenario.reference.state.values()
        found = {kind: [a for a in state if isinstance(a, kind)] for kind in VIEW.aggregates}
        views.append(VIEW.build("pilot", found).model_dump())
    assert views[0] == views[1]
    assert {"questionnaire": "final", "status": "open", "people": 4, "closes": "2027-07-28"} in views[0]["surveys"]
    assert person("mentor 1") not in str(views[0])


@pytest.mark.proves("P15")
def test_every_item_stands_in_both_languages_with_its_source_and_the_four_questions_are_asked() -> None:
    items = [item for questionnaire in RELEASED.values() for item in questionnaire.items]
    assert all(item.text.de and item.text.en and item.source for item in items)
    asked = {item.question for item in newest("final").items} - {None}
    assert asked == {"duration", "frequency", "rules", "rollout"}
    for item in items:
        for choice in item.choices:
            unasked = choice.wants is None or item.question is None
            assert unasked or f"change-{item.question}-{choice.wants}" in words
    assert all(f"name-{name}" in words for name in NEWEST)


def test_the_service_says_who_answered_in_no_event() -> None:
    said = {kind.name for row in service.rows for kind in getattr(row, "says", ()) if not kind.private}
    assert said == {
        "evaluation.survey-opened.v1",
        "evaluation.survey-closed.v1",
        "evaluation.person-addressed.v1",
        "evaluation.report-published.v1",
        "evaluation.comments-released.v1",
        "evaluation.questionnaire-published.v1",
        "evaluation.office-attention-needed.v1",
        "evaluation.story-published.v1",
        "evaluation.story-withdrawn.v1",
        "evaluation.topic-shared.v1",
    }
