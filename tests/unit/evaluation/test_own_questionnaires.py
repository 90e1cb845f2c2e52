"""The office asks something of its own: checked, published, asked on its day, and never one of the four answers."""

from typing import Any

import pytest

from services.evaluation.jobs import AskSomebody
from services.evaluation.questionnaires import newest
from services.evaluation.service import service
from services.evaluation.view import VIEW
from shared.contracts import evaluation as e
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.parts import ComingRules, EvaluationRules, Rules
from tests.support.erased import erase
from tests.support.reference import By, Scenario, given, said
from tests.unit.evaluation.people import (
    CLOSED,
    DAY,
    ENDS,
    FINAL,
    MID_TERM,
    PROGRAMME,
    REPORTS,
    STARTS,
    a_programme,
    answers,
    everybody,
    formed,
    pauses,
    person,
    registered,
    survey,
    tandem_id,
    withdrew,
)

OPENS = STARTS + 40 * DAY


def text(words: str) -> Text:
    return Text(de=f"{words} (de)", en=words)


def choices(*codes: str) -> tuple[e.OwnChoice, ...]:
    return tuple(e.OwnChoice(code=code, text=text(code)) for code in codes)


ROOM = e.OwnItem(id="room", scale="choice", text=text("How is the room?"), choices=choices("small", "right", "large"))
MOOD = e.OwnItem(id="mood", scale="stars", text=text("How do you like it?"))
WALK = e.OwnItem(
    id="walk",
    scale="options",
    text=text("How many minutes do you walk?"),
    choices=tuple(e.OwnChoice(code=f"m{n}", text=text(f"{n} minutes"), value=n) for n in (5, 10, 20)),
)
OTHERS = (
    e.OwnItem(id="noise", scale="five", text=text("How loud?"), choices=choices("a", "b", "c", "d", "e")),
    e.OwnItem(id="fitting", scale="agree", text=text("It fits.")),
    e.OwnItem(id="again", scale="recommend", text=text("Again?"), source="adapted, unvalidated: somebody 2020"),
)


def adding(*items: e.OwnItem, **changes: Any) -> e.AddQuestionnaire:
    fields: dict[str, Any] = {
        "programme_id": "pilot",
        "questionnaire": "rooms",
        "version": 1,
        "title": text("Rooms"),
        "items": items or (ROOM, MOOD, WALK),
        "opens": OPENS,
    }
    return e.AddQuestionnaire(**fields | changes)


def in_tandems(count: int = 2) -> Scenario:
    """So many tandems that run, of people who are known."""
    numbers = range(1, count + 1)
    people = [registered(name, "mentor" if "mentor" in name else "mentee") for name in everybody(count)]
    return a_programme(*people, *[formed(number) for number in numbers], STARTS + 20 * DAY)


def asked(scenario: Scenario) -> dict[str, e.SurveyOpened]:
    found = [m for m in scenario.told if isinstance(m, e.SurveyOpened) and m.questionnaire == "rooms"]
    assert len({m.participant_id for m in found}) == len(found), "nobody twice"
    return {m.participant_id: m for m in found}


@pytest.mark.proves("S13", "S19")
def test_a_questionnaire_of_the_office_is_published_whole_and_asked_on_its_day_of_everybody_in_a_tandem() -> None:
    scenario = in_tandems().when(adding(ROOM, MOOD, WALK, *OTHERS))
    published = scenario.one(e.QuestionnairePublished)
    assert (published.questionnaire, published.version, published.opens, published.own) == ("rooms", 1, OPENS, True)
    values = {
        item.id: ([c.value for c in item.choices], item.low, item.high, item.question) for item in published.items
    }
    assert values == {
        "room": ([-1, 0, 1], -1, 1, None),
        "mood": ([], 0, 5, None),
        "walk": ([5, 10, 20], 5, 20, None),
        "noise": ([-2, -1, 0, 1, 2], -2, 2, None),
        "fitting": ([-2, -1, 0, 1, 2], -2, 2, None),
        "again": ([], 0, 10, None),
    }
    scenario.when(OPENS - DAY).then_nothing().when(OPENS)
    assert {who: (each.opens, each.closes) for who, each in asked(scenario).items()} == {
        person(name): (OPENS, OPENS + 13 * DAY) for name in everybody(2)
    }
    told = [m for m in scenario.told if isinstance(m, e.PersonAddressed)]
    assert "survey “Rooms”" in told[0].text.en
    assert "Rooms (de)" in told[0].text.de
    assert asked(scenario.when(OPENS + DAY)) == {}


def test_one_side_is_asked_where_the_office_says_so_and_a_mentor_of_two_once() -> None:
    scenario = in_tandems().given(formed(3, mentor="mentor 1", mentee="mentee 3"), registered("mentee 3", "mentee"))
    scenario.given(adding(asked_of="mentors")).when(OPENS)
    assert set(asked(scenario)) == {person("mentor 1"), person("mentor 2")}


def test_who_has_left_or_pauses_or_whose_tandem_ended_is_not_asked() -> None:
    scenario = in_tandems(3).given(
        adding(),
        withdrew("mentor 1"),
        pauses("mentee 1", since=OPENS),
        formed(2, status="ended", ends_on=OPENS - 5 * DAY),
    )
    erase(scenario, person("mentee 3"))
    scenario.given(OPENS - 4 * DAY).when(OPENS)
    assert set(asked(scenario)) == {person("mentor 3")}


def test_answers_are_checked_against_the_office_s_items_in_their_version() -> None:
    scenario = in_tandems().given(adding(), OPENS)
    wrong = scenario.when(answers("mentor 1", "rooms", "1", room=2, walk=7, length=0))
    wrong.then_refused("out_of_scale", "out_of_scale", "unknown_item")
    messages = {reason.field: reason.message.en for reason in wrong.one(e.CommandRejected).reasons}
    assert messages["answers.walk"] == "Possible are: 5, 10, 20."
    scenario.when(answers("mentor 1", "rooms", "1", room=-1, walk=10, mood=5)).then(e.AnswersTaken)


def test_a_survey_reminds_and_closes_like_any_other() -> None:
    scenario = in_tandems(1).given(adding(), OPENS).when(OPENS + 9 * DAY)
    assert [m.topic for m in scenario.told if isinstance(m, e.PersonAddressed)] == ["survey-reminder"] * 2
    scenario.when(OPENS + 15 * DAY)
    assert {m.survey_id for m in scenario.told if isinstance(m, e.SurveyClosed)} == {
        survey(name, "rooms", "1") for name in everybody(1)
    }


@pytest.mark.proves("S13")
def test_its_items_are_reported_like_others_and_decide_none_of_the_four_questions() -> None:
    scenario = in_tandems(3).given(adding(), OPENS)
    for place, name in enumerate(everybody(3)):
        scenario.given(answers(name, "rooms", "1", room=1, mood=5 if place % 2 else 2))
    scenario.given(OPENS + 15 * DAY, *[formed(n, status="completed") for n in (1, 2, 3)], FINAL, FINAL + 9 * DAY)
    scenario.given(FINAL + 15 * DAY).when(FINAL + 20 * DAY)
    report = scenario.one(e.ReportPublished)
    assert {f.key: f.value for f in report.ratings}["rooms.all.mood"] == 50
    assert report.contents is not None
    found = {each.key: each for each in report.contents.distributions}["rooms.mood.all"]
    assert (found.people, [each.count for each in found.classes]) == (6, [0, 3, 3])
    assert [answer.answer for answer in report.answers] == ["not_enough_data"] * 4
    assert not [f for answer in report.answers for f in answer.figures if f.key.startswith("rooms")]


# Refusals


def test_nothing_is_asked_before_the_tandems_work() -> None:
    scenario = given(service, PROGRAMME, today=STARTS - 20 * DAY)
    scenario.when(adding(opens=STARTS - DAY)).then_refused("too_early")
    scenario.when(adding(opens=STARTS)).then(e.QuestionnairePublished)


@pytest.mark.parametrize(
    ("command", "field", "code"),
    [
        (adding(programme_id="other"), "programme_id", "unknown_programme"),
        (adding(questionnaire="final"), "questionnaire", "reserved"),
        (adding(version=2), "version", "not_the_next"),
        (adding(opens=STARTS + 20 * DAY), "opens", "past"),
        (adding(opens=ENDS - 12 * DAY), "opens", "too_late"),
        (adding(title=text("x" * 80)), "title", "too_long"),
        (adding(title=text("Ask urn:uuid:1")), "title", "names_somebody"),
        (adding(MOOD, MOOD), "items.1.id", "item_twice"),
        (adding(MOOD.model_copy(update={"id": "tools"})), "items.0.id", "reserved"),
        (adding(MOOD.model_copy(update={"text": text("x" * 300)})), "items.0.text", "too_long"),
        (adding(MOOD.model_copy(update={"text": text("Is {partner} kind?")})), "items.0.text", "names_somebody"),
        (adding(MOOD.model_copy(update={"source": "MFQ-9, reversed"})), "items.0.source", "not_marked"),
        (adding(MOOD.model_copy(update={"choices": ROOM.choices})), "items.0.choices", "choices"),
        (adding(ROOM.model_copy(update={"choices": choices("a", "b")})), "items.0.choices", "choices"),
        (adding(WALK.model_copy(update={"choices": WALK.choices[:1]})), "items.0.choices", "choices"),
        (adding(WALK.model_copy(update={"choices": WALK.choices[::-1]})), "items.0.choices", "values"),
        (adding(WALK.model_copy(update={"choices": choices("a", "b")})), "items.0.choices", "values"),
        (adding(ROOM.model_copy(update={"choices": WALK.choices})), "items.0.choices", "values"),
        (adding(ROOM.model_copy(update={"choices": choices("a", "a", "b")})), "items.0.choices", "code_twice"),
        (
            adding(
                ROOM.model_copy(update={"choices": (*choices("a", "b"), e.OwnChoice(code="c", text=text("x" * 120)))})
            ),
            "items.0.choices.2.text",
            "too_long",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_asked_is_refused_with_the_field_and_what_to_change(
    command: e.AddQuestionnaire, field: str, code: str
) -> None:
    refused = in_tandems().when(command).then_refused(code).one(e.CommandRejected)
    assert [reason.field for reason in refused.reasons] == [field]
    assert refused.reasons[0].message.de != refused.reasons[0].message.en


def test_everything_that_is_wrong_is_named_at_once() -> None:
    scenario = in_tandems().when(adding(MOOD, MOOD, version=3, opens=ENDS, title=text("@")))
    scenario.then_refused("item_twice", "not_the_next", "too_late", "names_somebody")


def test_a_question_cannot_claim_one_of_the_four_or_a_change_that_it_asks_for() -> None:
    data = adding().model_dump(mode="json")
    e.AddQuestionnaire.from_data(data)
    data["items"][0]["question"] = "duration"
    with pytest.raises(ValueError, match="question"):
        e.AddQuestionnaire.from_data(data)


def test_nothing_is_asked_of_a_programme_whose_answers_are_gone() -> None:
    fields = {**PROGRAMME.model_dump(), "status": "archived", "gone": ("people", "tandems", "answers")}
    a_programme(r.ProgrammeArchived.model_validate(fields)).when(adding()).then_refused("gone")


# Versions and time


def test_a_changed_questionnaire_is_the_next_version_and_an_item_that_changed_has_a_new_name() -> None:
    scenario = in_tandems().given(adding())
    scenario.when(adding()).then_refused("taken")
    changed = MOOD.model_copy(update={"text": text("How do you feel?")})
    scenario.when(adding(ROOM, changed, version=2)).then_refused("item_changed")
    renamed = changed.model_copy(update={"id": "feeling"})
    scenario.when(adding(ROOM, renamed, version=2, opens=OPENS + 20 * DAY)).then(e.QuestionnairePublished)
    assert {each.version for each in asked(scenario.when(OPENS)).values()} == {1}
    assert {each.version for each in asked(scenario.when(OPENS + 20 * DAY)).values()} == {2}


def shorter(window_days: int) -> r.ProgrammeChanged:
    coming = ComingRules(
        rules=Rules(evaluation=EvaluationRules(window_days=window_days)), version=2, holds_from=OPENS - DAY
    )
    return r.ProgrammeChanged(**{**PROGRAMME.model_dump(), "coming": coming})


def test_its_window_is_that_of_the_rules_of_its_day_and_ends_before_the_final_survey() -> None:
    scenario = in_tandems().given(adding(), By(shorter(5), sequence=2)).when(OPENS)
    assert {each.closes for each in asked(scenario).values()} == {OPENS + 4 * DAY}
    late = in_tandems().given(adding(opens=ENDS - 13 * DAY), By(shorter(30), sequence=2)).when(ENDS - 13 * DAY)
    assert {each.closes for each in asked(late).values()} == {ENDS}


@pytest.mark.proves("S15", "S19")
def test_the_office_is_told_where_the_end_of_the_term_came_too_near_and_the_next_version_settles_it() -> None:
    term = PROGRAMME.term.model_copy(update={"ends": OPENS})
    moved = r.ProgrammeChanged(**{**PROGRAMME.model_dump(), "term": term})
    scenario = in_tandems().given(adding(), By(moved, sequence=2)).when(OPENS)
    assert asked(scenario) == {}
    sign = scenario.one(e.OfficeAttentionNeeded)
    assert (sign.what, sign.status, sign.by) == ("questionnaire-not-asked", "open", (OPENS + 7 * DAY).isoformat())
    assert sign.answered_by == (e.AddQuestionnaire.name,)
    assert sign.text.de != sign.text.en
    scenario.when(OPENS + 9 * DAY).then_among(said(e.OfficeAttentionNeeded, status="reminded"))
    longer = r.ProgrammeChanged(**PROGRAMME.model_dump())
    scenario.given(By(longer, sequence=3)).when(adding(version=2, opens=OPENS + 10 * DAY))
    scenario.then_among(said(e.OfficeAttentionNeeded, status="settled"), said(e.QuestionnairePublished, version=2))


def test_the_office_sees_what_is_planned_and_no_longer_once_it_was_asked() -> None:
    scenario = in_tandems().given(adding(asked_of="mentees"))
    assert view(scenario)["planned"] == [
        {"questionnaire": "rooms", "version": 1, "asked_of": "mentees", "opens": OPENS.isoformat()}
    ]
    scenario.given(OPENS)
    assert view(scenario)["planned"] == []


def view(scenario: Scenario) -> dict[str, Any]:
    state = scenario.reference.state.values()
    found = {kind: [a for a in state if isinstance(a, kind)] for kind in VIEW.aggregates}
    return VIEW.build("pilot", found).model_dump(mode="json")


def test_a_day_that_came_late_still_asks_from_then_on() -> None:
    scenario = in_tandems(1).given(adding()).when(OPENS + 3 * DAY)
    assert {each.opens for each in asked(scenario).values()} == {OPENS + 3 * DAY}


def test_a_piece_that_comes_when_its_survey_would_be_over_asks_nobody() -> None:
    scenario = in_tandems(1).given(adding(), OPENS)
    piece = AskSomebody(
        programme_id="pilot",
        questionnaire="rooms",
        version=1,
        occasion="1",
        participant_id=person("mentor 1"),
        side="mentor",
        tandem=tandem_id(1),
        opens=OPENS,
    )
    scenario.reference.today = OPENS + 20 * DAY
    scenario.reference.state.pop(f"survey/{survey('mentor 1', 'rooms', '1')}")
    scenario.when(piece).then_nothing()


# What is told


def reported(scenario: Scenario, tandems: int) -> e.ReportPublished:
    """The final report, after everybody was asked finally."""
    completed = [formed(number, status="completed") for number in range(1, tandems + 1)]
    return (
        scenario.given(*completed, FINAL, FINAL + 9 * DAY, FINAL + 15 * DAY)
        .when(FINAL + 20 * DAY)
        .one(e.ReportPublished)
    )


def told(report: e.ReportPublished) -> dict[str, e.Distribution]:
    assert report.contents is not None
    return {each.key: each for each in report.contents.distributions if each.questionnaire in ("rooms", "space")}


@pytest.mark.proves("S13")
def test_one_thing_that_is_asked_of_all_and_of_mentors_in_other_words_tells_of_no_mentee_alone() -> None:
    again = ROOM.model_copy(update={"id": "space", "text": text("Is there space?")})
    scenario = in_tandems(7).given(adding(ROOM), adding(again, questionnaire="space", asked_of="mentors"), OPENS)
    mentors = [name for name in everybody(7) if "mentor" in name]
    for place, name in enumerate(mentors):
        scenario.given(
            answers(name, "rooms", "1", room=place % 3 - 1), answers(name, "space", "1", space=place % 3 - 1)
        )
    scenario.given(answers("mentee 1", "rooms", "1", room=1), OPENS + 15 * DAY)
    found = told(reported(scenario, 7))
    assert found["rooms.room.all"].people == found["space.space.all"].people == 7
    assert found["rooms.room.all"].classes == found["space.space.all"].classes


@pytest.mark.proves("S13")
def test_what_the_office_asks_is_told_once_at_the_end_and_repeated() -> None:
    scenario = in_tandems(7).given(adding(ROOM), OPENS)
    scenario.given(*[answers(name, "rooms", "1", room=place % 3 - 1) for place, name in enumerate(everybody(7))])
    scenario.given(OPENS + 15 * DAY).when(e.RequestReport(programme_id="pilot"))
    assert told(scenario.one(e.ReportPublished)) == {}
    first = reported(scenario, 7)
    assert told(first)["rooms.room.mentor"].people == 7
    again = scenario.when(e.RequestReport(programme_id="pilot")).one(e.ReportPublished)
    assert again.contents == first.contents


def test_an_item_of_two_versions_is_told_in_one_figure_of_people_and_one_that_only_one_has_by_that_version() -> None:
    feeling = MOOD.model_copy(update={"id": "feeling", "text": text("How do you feel?")})
    scenario = in_tandems(7).given(adding(ROOM, MOOD), adding(ROOM, feeling, version=2, opens=OPENS + 20 * DAY), OPENS)
    scenario.given(*[answers(name, "rooms", "1", room=-1, mood=n % 6) for n, name in enumerate(everybody(7))])
    scenario.given(OPENS + 15 * DAY, OPENS + 20 * DAY)
    scenario.given(*[answers(name, "rooms", "2", room=n % 3 - 1, feeling=n % 6) for n, name in enumerate(everybody(7))])
    found = told(reported(scenario.given(OPENS + 35 * DAY), 7))
    versions = {key: (each.people, each.version) for key, each in found.items() if key.endswith(".mentor")}
    assert versions == {"rooms.room.mentor": (7, 2), "rooms.feeling.mentor": (7, 2), "rooms.mood.mentor": (7, 1)}


@pytest.mark.parametrize(
    "changed",
    [
        {"value": 25},
        {"code": "other"},
    ],
)
def test_an_item_whose_choices_stand_for_something_else_has_a_new_name(changed: dict[str, Any]) -> None:
    last = WALK.choices[-1].model_copy(update=changed)
    walk = WALK.model_copy(update={"choices": (*WALK.choices[:-1], last)})
    scenario = in_tandems().given(adding(WALK))
    scenario.when(adding(walk, version=2)).then_refused("item_changed")
    source = WALK.model_copy(update={"source": "adapted, unvalidated: somebody 2020"})
    scenario.when(adding(source, version=2)).then(e.QuestionnairePublished)


@pytest.mark.proves("S13")
@pytest.mark.parametrize(("mentees", "told"), [(0, True), (4, False), (5, True)])
def test_what_mentors_alone_were_asked_is_not_told_beside_an_item_that_few_mentees_answered(
    mentees: int, told: bool
) -> None:
    """It may ask the same in other words: what mentors say there could be taken from what all say here."""
    item = next(each for each in newest("final").items if each.id == "rules")
    choices = tuple(e.OwnChoice(code=choice.code, text=choice.text) for choice in item.choices)
    own = e.OwnItem(id="again", scale=item.scale, text=item.text, choices=choices)
    opens = STARTS + 40 * DAY
    asks = e.AddQuestionnaire(
        programme_id="pilot",
        questionnaire="same",
        version=1,
        opens=opens,
        asked_of="mentors",
        title=Text(de="Dasselbe", en="The same"),
        items=(own,),
    )
    wants = (-1, -1, -1, 0, 0, 0, 0, 1, 1)
    scenario = in_tandems(9).given(By(asks, actor="office-1", sender="office"), opens)
    scenario.given(*(answers(f"mentor {n}", "same", "1", again=value) for n, value in enumerate(wants, 1)))
    scenario.given(opens + 18 * DAY, MID_TERM, MID_TERM + 16 * DAY)
    scenario.given(*(formed(number, status="completed") for number in range(1, 10)), FINAL)
    scenario.given(*(answers(f"mentor {n}", rules=value) for n, value in enumerate(wants, 1)))
    scenario.given(*(answers(f"mentee {n}", rules=1) for n in range(1, mentees + 1)))
    report = scenario.given(CLOSED).when(REPORTS).one(e.ReportPublished)
    assert report.contents is not None
    people = {each.questionnaire: each.people for each in report.contents.distributions if each.people}
    assert people["final"] == 9 + mentees
    assert ("same" in people) is told
