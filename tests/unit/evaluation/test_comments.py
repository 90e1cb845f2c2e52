"""Comments are read once nobody can write any more, and released in groups; they stand in no event."""

import pytest

from services.evaluation.comments import Voices
from services.evaluation.documents import Wanted
from services.evaluation.model import Answer
from services.evaluation.page.render import page
from shared.contracts import evaluation as e
from shared.contracts.base import Event
from shared.runtime.ids import derived_id
from tests.support.reference import By, Scenario
from tests.unit.evaluation.people import CLOSED, REPORTS, an_asked_programme, everybody, person, survey

ASKED = e.CommentsAsked(programme_id="pilot", questionnaire="final")


def wrote(name: str, comment: str, questionnaire: str = "final") -> By:
    command = e.SubmitAnswers(
        survey_id=survey(name, questionnaire), participant_id=person(name), answers={}, comment=comment
    )
    return By(command, actor=person(name))


def written(people: int = 6) -> Scenario:
    scenario = an_asked_programme()
    for name in everybody()[:people]:
        scenario.given(wrote(name, f"Words of {name}."))
    return scenario


def read(scenario: Scenario) -> e.CommentsAnswer:
    answer = scenario.answer("comments", ASKED)
    assert isinstance(answer, e.CommentsAnswer)
    return answer


def ids(scenario: Scenario) -> tuple[str, ...]:
    return tuple(comment.comment_id for comment in read(scenario).comments)


def releasing(comments: tuple[str, ...], show: bool = True) -> e.ReleaseComments:
    return e.ReleaseComments(programme_id="pilot", comments=comments, show=show)


def voices(scenario: Scenario) -> tuple[Voices, ...]:
    wanted = scenario.document("report", "pilot", "de")
    assert isinstance(wanted, Wanted)
    return wanted.voices


def in_the_report(scenario: Scenario) -> list[str]:
    return sorted(comment for each in voices(scenario) for comment in each.comments)


@pytest.mark.proves("S20", "P13")
def test_comments_are_shown_to_the_office_once_nobody_can_answer_any_more() -> None:
    scenario = written()
    assert read(scenario) == e.CommentsAnswer(open=True, too_few=False, comments=())
    shown = read(scenario.given(CLOSED, REPORTS)).comments
    assert len(shown) == 6
    assert [comment.comment_id for comment in shown] == sorted(comment.comment_id for comment in shown)


def test_what_fewer_people_wrote_than_the_floor_is_shown_to_nobody() -> None:
    assert read(written(4).given(CLOSED, REPORTS)) == e.CommentsAnswer(open=False, too_few=True, comments=())


@pytest.mark.proves("S20")
def test_the_office_releases_comments_together_and_what_they_say_stands_in_no_event() -> None:
    scenario = written().given(CLOSED, REPORTS)
    scenario.when(releasing(ids(scenario)[:5]))
    said = scenario.one(e.CommentsReleased)
    assert (said.questionnaire, said.shown, said.comments) == ("final", True, 5)
    assert len(in_the_report(scenario)) == 5
    assert not [message for message in scenario.told if isinstance(message, Event) and "Words of" in str(message)]
    scenario.again().then_nothing()


@pytest.mark.proves("S20")
def test_what_was_released_stands_on_the_page_and_nothing_else() -> None:
    scenario = written(7).given(CLOSED, REPORTS)
    assert voices(scenario) == ()
    released = ids(scenario)[:5]
    scenario.given(releasing(released))
    [final] = voices(scenario)
    assert (final.questionnaire, final.about) == ("final", None)
    texts = {comment.comment_id: comment.text for comment in read(scenario).comments}
    assert final.comments == tuple(sorted(texts[id] for id in released)), "in the order of their words"
    wanted = scenario.document("report", "pilot", "de")
    assert isinstance(wanted, Wanted)
    html = page(wanted.report, wanted.language, voices=wanted.voices)
    assert all((text in html) == (id in released) for id, text in texts.items())


def test_the_office_takes_a_comment_out_of_the_report_again() -> None:
    scenario = written().given(CLOSED, REPORTS)
    scenario.given(releasing(ids(scenario))).when(releasing(ids(scenario)[:1], show=False))
    assert len(in_the_report(scenario)) == 5


def test_of_comments_taken_out_until_few_people_are_left_none_stands_in_the_report() -> None:
    scenario = written().given(CLOSED, REPORTS)
    scenario.given(releasing(ids(scenario))).when(releasing(ids(scenario)[:2], show=False))
    assert in_the_report(scenario) == []
    # One alone cannot be added: what is shown anew is of at least as many people as the floor.
    scenario.when(releasing(ids(scenario)[:1])).then_refused("too_few")


def test_a_comment_of_somebody_who_was_erased_stands_in_the_report_no_more() -> None:
    scenario = written().given(CLOSED, REPORTS)
    scenario.given(releasing(ids(scenario)))
    gone = next(found for found in scenario.reference.state.values() if isinstance(found, Answer) and found.released)
    scenario.reference.state[gone.subject] = gone.but(comment="")
    assert len(in_the_report(scenario)) == 5
    assert "" not in in_the_report(scenario)


def test_one_comment_alone_is_not_released() -> None:
    scenario = written().given(CLOSED, REPORTS)
    scenario.when(releasing(ids(scenario)[:1])).then_refused("too_few")
    assert in_the_report(scenario) == []


def test_a_comment_that_is_unknown_or_empty_is_named() -> None:
    scenario = written().given(CLOSED, REPORTS)
    scenario.when(releasing((*ids(scenario), derived_id("no comment")))).then_refused("unknown_comment")
    scenario.when(e.ReleaseComments(programme_id="other", comments=ids(scenario))).then_refused("unknown_programme")


def test_comments_of_two_questionnaires_are_not_released_together() -> None:
    scenario = written().given(CLOSED, REPORTS)
    [one, *_] = [found for found in scenario.reference.state.values() if isinstance(found, Answer)]
    scenario.reference.state[one.subject] = one.but(questionnaire="mid-term")
    scenario.when(releasing((*ids(scenario), one.id))).then_refused("several_questionnaires")
