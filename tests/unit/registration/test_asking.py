"""Questions to the office: each has a day, the office an exception, and the words stay out of events (S15, S19)."""

import datetime as dt

import pytest
from pydantic import ValidationError

from services.registration.model import Question
from services.registration.service import service
from services.registration.view import VIEW, ProgrammeView
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached
from shared.runtime.erasing import TakeOut
from shared.runtime.ids import derived_id, keyed_id
from tests.support.erased import erase, left_in, with_pieces
from tests.support.reference import KEY, By, Scenario, said
from tests.unit.registration.test_profiles import LEAVING
from tests.unit.registration.test_registration import (
    MENTOR,
    OTHER,
    TODAY,
    an_open_programme,
    mentee,
    mentor,
    opening,
    topic,
)
from tests.unit.registration.test_topic_races import race
from tests.unit.runtime.engine_in_memory import KEY as ENGINE_KEY

DAY = dt.timedelta(days=1)
WORDS = "May I take part from Rosenheim?"
ID = keyed_id(KEY, "question", MENTOR, WORDS)
ANSWER_BY = TODAY + 7 * DAY
LAPSED = ANSWER_BY + 2 * DAY


def registered() -> Scenario:
    return an_open_programme().given(mentor(), mentee())


def asking(question: str = WORDS, actor: str = MENTOR, **changes: str) -> By:
    fields = {"programme_id": "pilot", "participant_id": MENTOR, "question": question} | changes
    return By(r.AskOffice.model_validate(fields), actor=actor, sender="person")


def answering(answer: str = "Yes, you may.", id: str = ID) -> r.AnswerQuestion:
    return r.AnswerQuestion(question_id=id, answer=answer)


def exception(scenario: Scenario) -> Attention:
    found = scenario.reference.state[f"attention/{derived_id('attention', 'question-open', ID)}"]
    assert isinstance(found, Attention)
    return found


@pytest.mark.proves("S19")
def test_who_asks_is_told_at_once_by_when_they_hear_and_the_office_that_it_waits() -> None:
    scenario = registered().when(asking())
    scenario.then(
        said(r.QuestionAsked, question_id=ID, status="open", answer_by=ANSWER_BY),
        said(r.PersonAddressed, to=MENTOR, topic="question-asked"),
        said(r.OfficeAttentionNeeded, what="question-open", answered_by=(r.AnswerQuestion.name,), status="open"),
    )
    assert "18 January 2027" in scenario.one(r.PersonAddressed).text.en
    assert "Rosenheim" not in "".join(message.model_dump_json() for message in scenario.told)


def test_a_question_is_asked_by_oneself_in_one_s_own_programme_and_not_empty() -> None:
    registered().when(asking(actor=OTHER)).then_refused("not_yours")
    registered().when(asking(programme_id="other")).then_refused("unknown_participant")
    an_open_programme().when(asking()).then_refused("unknown_participant")
    with pytest.raises(ValidationError, match="question"):
        asking(" \n")


def test_who_has_left_may_ask_as_well() -> None:
    registered().given(LEAVING).when(asking()).then_among(r.QuestionAsked)


def test_the_same_words_twice_are_one_question_and_one_mail() -> None:
    scenario = registered().given(asking())
    scenario.when(asking()).then(said(r.QuestionAsked, question_id=ID))
    scenario.again().then_nothing()
    scenario.when(asking("And by bicycle?")).then_among(r.PersonAddressed)


def test_the_office_answers_and_the_person_reads_it() -> None:
    scenario = registered().given(asking()).when(answering())
    scenario.then(
        said(r.QuestionAnswered, question_id=ID, status="answered"),
        said(r.PersonAddressed, to=MENTOR, topic="question-answered"),
        said(r.OfficeAttentionNeeded, status="settled"),
    )
    assert "Yes, you may." in scenario.one(r.PersonAddressed).text.de
    scenario.when(answering()).then(r.QuestionAnswered)
    scenario.when(LAPSED).then_nothing()


def test_an_answered_question_is_not_answered_with_other_words_until_it_is_asked_again() -> None:
    scenario = registered().given(asking(), answering())
    scenario.when(answering("No, sorry.")).then_refused("answered")
    scenario.when(answering()).then(said(r.QuestionAnswered, question_id=ID))
    scenario.given(asking()).when(answering("No, sorry.")).then_among(
        said(r.PersonAddressed, topic="question-answered")
    )


async def test_of_two_answers_at_once_the_person_reads_the_first_and_the_other_is_refused() -> None:
    who = keyed_id(ENGINE_KEY, "participant", "pilot", "P-1")
    id = keyed_id(ENGINE_KEY, "question", who, WORDS)
    before = (TODAY, topic(), opening(), mentor(), asking(actor=who, participant_id=who))
    replica, refused = await race(before, answering("No.", id), meanwhile=answering("Yes.", id), kind="question")
    assert replica.seen["conflict", "again"] == 1
    assert replica.aggregates()[f"question/{id}"]["answer"] == "Yes."
    assert refused == ["answered"]


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("first", ["question", "attention"])
def test_of_who_is_erased_no_question_waits_for_an_answer_that_nobody_could_give(first: str, answered: bool) -> None:
    scenario = registered().given(asking(), *((answering(),) if answered else ()))
    subjects = [f"question/{ID}", exception(scenario).subject]
    scenario.reference.service = with_pieces(service)
    for subject in subjects if first == "question" else reversed(subjects):
        scenario.given(TakeOut(subject=subject, people=(MENTOR,)))
    assert exception(scenario).status == "settled"
    assert not [s for s in left_in(scenario, MENTOR) if s in subjects]


def test_the_office_hears_that_nothing_is_to_be_answered_any_more_and_not_of_whom() -> None:
    told = [m for m in erase(registered().given(asking()), MENTOR) if isinstance(m, r.OfficeAttentionNeeded)]
    assert [m.status for m in told][-1] == "settled"
    assert not [m for m in told if MENTOR in m.model_dump_json()]


def test_an_answer_to_no_question_is_refused() -> None:
    registered().when(answering()).then_refused("unknown_question")


def test_a_question_that_was_answered_may_be_asked_again() -> None:
    scenario = registered().given(asking(), answering(), TODAY + 20 * DAY).when(asking())
    scenario.then_among(said(r.QuestionAsked, answer_by=TODAY + 27 * DAY), said(r.OfficeAttentionNeeded, status="open"))


@pytest.mark.proves("S15")
def test_an_answer_that_does_not_come_is_given_a_new_day_and_the_office_is_reminded_every_time() -> None:
    scenario = registered().given(asking()).when(LAPSED - DAY).then_nothing()
    scenario.when(LAPSED)
    scenario.then_among(
        said(r.QuestionDelayed, question_id=ID, answer_by=LAPSED + 7 * DAY),
        said(r.PersonAddressed, to=MENTOR, topic="question-delayed"),
        said(r.OfficeAttentionNeeded, status="reminded", by=(LAPSED + 7 * DAY).isoformat()),
    )
    scenario.when(LAPSED + 9 * DAY).then_among(
        said(r.QuestionDelayed, answer_by=LAPSED + 16 * DAY), r.PersonAddressed, r.OfficeAttentionNeeded
    )
    scenario.when(answering()).then_among(said(r.OfficeAttentionNeeded, status="settled"))


@pytest.mark.parametrize("first", ["question", "attention"])
def test_whichever_is_woken_first_the_office_is_reminded_with_the_new_day(first: str) -> None:
    scenario = registered().given(asking())
    question, waits = f"question/{ID}", exception(scenario).subject
    order = (question, waits) if first == "question" else (waits, question)
    scenario.reference.today = LAPSED
    scenario.given(*(DueReached(subject=subject, date=LAPSED) for subject in order))
    reminded = exception(scenario)
    assert (reminded.status, reminded.by, reminded.due) == ("reminded", LAPSED + 7 * DAY, None)


def test_a_day_that_is_handed_out_late_delays_nothing() -> None:
    scenario = registered().given(asking(), LAPSED)
    scenario.when(DueReached(subject=f"question/{ID}", date=LAPSED)).then_nothing()
    scenario.given(answering()).when(DueReached(subject=f"question/{ID}", date=LAPSED + 30 * DAY)).then_nothing()
    registered().when(DueReached(subject=f"question/{ID}", date=LAPSED)).then_nothing()


def test_the_office_s_view_shows_what_waits_for_an_answer_with_its_words() -> None:
    scenario = registered().given(asking(), asking("And by bicycle?"))

    def view() -> ProgrammeView:
        state = scenario.reference.state.values()
        found = {kind: [a for a in state if isinstance(a, kind)] for kind in (*VIEW.aggregates, *VIEW.everywhere)}
        built = VIEW.build("pilot", found)
        assert isinstance(built, ProgrammeView)
        return built

    assert sorted(q.question for q in view().questions) == ["And by bicycle?", WORDS]
    scenario.given(answering())
    assert [q.question for q in view().questions] == ["And by bicycle?"]
    assert Question in VIEW.aggregates
    assert scenario.reference.service is service
