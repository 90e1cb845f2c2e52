"""A tandem's story: written by one, confirmed by both, published by the office, taken back by either at any time."""

from collections.abc import Callable

import pytest

from services.evaluation.stories.model import FEED, IN_FEED, Feed
from services.evaluation.stories.rights import story_shown, story_without
from shared.contracts import evaluation as e
from shared.contracts.base import Contract
from shared.contracts.evaluation.stories import LONGEST_STORY
from shared.contracts.parts import NOBODY, Consents
from shared.runtime.attention import Attention
from tests.support.privacy import leaks
from tests.support.reference import By, Scenario, said
from tests.unit.evaluation.extras import MET, NOTHING, allows, days, told_to
from tests.unit.evaluation.people import DAY, formed, person, tandem_id
from tests.unit.evaluation.stories import (
    ID,
    OTHER,
    TITLE,
    WHY,
    WORDS,
    WRITER,
    a_tandem,
    confirming,
    published,
    publishing,
    returning,
    showing,
    story_in,
    submitted,
    taking_back,
    writing,
    written,
)

BY = MET + 13 * DAY
LAPSES = BY + 2 * DAY


@pytest.mark.proves("S18")
def test_a_story_is_written_by_one_confirmed_by_the_other_and_published_by_the_office() -> None:
    scenario = a_tandem().when(writing())
    scenario.then(e.StoryNoted(story_id=ID, version=1, status="drafted", by=BY))
    told = scenario.when(MET + DAY).told
    assert [told_to(told, name) for name in (WRITER, OTHER)] == [["story-written"]] * 2
    scenario.when(confirming()).then(e.StoryNoted(story_id=ID, version=1, status="submitted", by=None))
    scenario.when(MET + 2 * DAY).then(said(e.OfficeAttentionNeeded, what="story-waits", status="open"))
    needed = scenario.one(e.OfficeAttentionNeeded)
    assert needed.whom == (f"story/{ID}",)
    assert needed.by == (MET + 9 * DAY).isoformat()
    assert needed.answered_by == (e.PublishStory.name, e.ReturnStory.name)
    scenario.when(publishing())
    event = scenario.one(e.StoryPublished)
    assert event == e.StoryPublished(
        story_id=ID,
        programme_id="pilot",
        topics=("calendar",),
        language="de",
        published_on=MET + 2 * DAY,
        path=f"stories/{ID}",
        status="published",
    )
    scenario.then_among(said(e.OfficeAttentionNeeded, status="settled"))
    assert [told_to(scenario.told, name) for name in (WRITER, OTHER)] == [["story-published"]] * 2


def test_the_office_reads_a_story_only_once_both_agree() -> None:
    read = By(e.ShowStory(story_id=ID), sender="office")
    written().when(read).then_refused("unknown_story")
    shown = submitted().when(read).one(e.StoryShown)
    assert (shown.title, shown.text, shown.confirmed_by_you) == (TITLE, WORDS, False)
    published().given(taking_back()).when(read).then_refused("unknown_story")


def test_each_of_the_two_reads_it_and_whether_they_have_confirmed_it_themselves() -> None:
    scenario = written()
    assert scenario.when(showing(WRITER)).one(e.StoryShown).confirmed_by_you
    assert not scenario.when(showing(OTHER)).one(e.StoryShown).confirmed_by_you
    scenario.when(showing("mentor 2")).then_refused("unknown_story")
    scenario.when(By(showing(OTHER).message, actor=person("mentor 2"))).then_refused("unknown_story")


@pytest.mark.proves("S18")
@pytest.mark.parametrize(
    ("consents", "code"),
    [
        ((Consents(introductions=True), Consents(stories=True)), "no_consent"),
        ((Consents(stories=True), Consents(introductions=True)), "not_both"),
    ],
)
def test_both_must_have_given_the_consent_to_stories(consents: tuple[Consents, Consents], code: str) -> None:
    scenario = a_tandem().given(allows(WRITER, consents[0]), allows(OTHER, consents[1]))
    scenario.when(writing()).then_refused(code)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (writing(tandem=9), "unknown_tandem"),
        (writing("mentor 2"), "not_yours"),
        (By(writing().message, actor=person(OTHER)), "not_yours"),
        (writing(story_id=tandem_id(5), replaces=1), "unknown_story"),
        (writing(text="bell \x07"), "unreadable"),
        (writing(title="no sign \ufffe"), "unreadable"),
        (writing(title="two\nlines"), "one_line"),
    ],
)
def test_what_cannot_be_a_story_is_refused_with_what_to_change(command: By, code: str) -> None:
    a_tandem().when(command).then_refused(code)


def test_a_tandem_that_ended_tells_no_story_and_one_that_ran_to_its_end_does() -> None:
    a_tandem().given(formed(1, status="ended", ends_on=MET)).when(writing()).then_refused("ended")
    a_tandem().given(formed(1, status="completed")).when(writing()).then(e.StoryNoted)


def test_somebody_writes_so_many_stories_and_no_more() -> None:
    scenario = a_tandem()
    for number in range(50):
        scenario.given(writing(text=f"story {number}"))
    scenario.when(writing(text="one more")).then_refused("too_many")
    scenario.when(writing(text="story 3")).then(e.StoryNoted)


def test_the_same_words_again_are_the_same_story_and_of_the_other_a_yes() -> None:
    scenario = written()
    before = dict(scenario.reference.state)
    scenario.when(writing()).then(said(e.StoryNoted, story_id=ID, version=1, status="drafted"))
    assert scenario.reference.state == before
    scenario.when(writing(OTHER)).then(said(e.StoryNoted, story_id=ID, version=1, status="submitted"))
    scenario.when(writing()).then(said(e.StoryNoted, status="submitted"))


def test_new_words_are_a_new_version_that_the_other_has_to_confirm_again() -> None:
    scenario = written()
    scenario.when(writing(OTHER, text="better", story_id=ID, replaces=1))
    scenario.then(said(e.StoryNoted, story_id=ID, version=2, status="drafted"))
    scenario.when(confirming(WRITER, version=1)).then_refused("replaced")
    scenario.when(confirming(WRITER, version=2)).then(said(e.StoryNoted, status="submitted"))
    scenario.when(writing(text="late", story_id=ID, replaces=2)).then_refused("not_open")
    scenario.when(writing(text="late", story_id=ID, replaces=1)).then_refused("not_open", "replaced")


def test_of_two_who_write_new_words_at_one_moment_the_second_is_told_of_the_first() -> None:
    scenario = written().given(writing(OTHER, text="mine", story_id=ID, replaces=1))
    scenario.when(writing(WRITER, text="no, mine", story_id=ID, replaces=1)).then_refused("replaced")


@pytest.mark.parametrize("of", ["mentor 2", "mentee 2"])
def test_to_all_others_there_is_no_story(of: str) -> None:
    written().when(confirming(of)).then_refused("unknown_story")
    written().when(taking_back(of)).then_refused("unknown_story")


def test_a_yes_twice_is_answered_again_and_has_no_second_effect() -> None:
    scenario = written().given(confirming())
    before = dict(scenario.reference.state)
    scenario.when(confirming()).then(said(e.StoryNoted, status="submitted"))
    assert scenario.reference.state == before


def test_what_is_not_confirmed_in_time_stays_with_the_two_and_nobody_is_told_who_said_nothing() -> None:
    scenario = written()
    assert days(scenario, MET + 2 * DAY, LAPSES - DAY) == []
    told = scenario.when(LAPSES).told
    assert [told_to(told, name) for name in (WRITER, OTHER)] == [["story-lapsed"]] * 2
    assert len({m.text.de for m in told if isinstance(m, e.PersonAddressed)}) == 1
    scenario.when(confirming()).then_refused("not_open")
    scenario.when(writing()).then(said(e.StoryNoted, version=2, status="drafted"))


def test_the_office_gives_a_story_back_with_a_reason_and_the_two_write_it_anew() -> None:
    scenario = submitted().when(returning())
    scenario.then_among(said(e.OfficeAttentionNeeded, status="settled"))
    letters = [m for m in scenario.told if isinstance(m, e.PersonAddressed)]
    assert {m.to for m in letters} == {person(WRITER), person(OTHER)}
    assert all(WHY.de in m.text.de and WHY.en in m.text.en for m in letters)
    assert scenario.when(showing()).one(e.StoryShown).reason == WHY
    scenario.when(publishing()).then_refused("not_waiting")
    scenario.when(writing(text="short", story_id=ID, replaces=1)).then(said(e.StoryNoted, version=2))


def test_the_office_decides_on_what_it_read_and_once() -> None:
    scenario = submitted()
    scenario.when(publishing(version=2)).then_refused("replaced")
    scenario.when(returning(version=2)).then_refused("replaced")
    scenario.when(publishing(story=tandem_id(1))).then_refused("unknown_story")
    scenario.when(returning(story=tandem_id(1))).then_refused("unknown_story")
    scenario.given(publishing()).when(publishing()).then_refused("not_waiting")
    written().when(publishing()).then_refused("not_waiting")


def test_the_office_takes_a_published_story_out_of_the_feed_with_a_reason() -> None:
    scenario = published().when(returning())
    scenario.then_among(said(e.StoryWithdrawn, story_id=ID, status="withdrawn"))


@pytest.mark.proves("S18", "P9")
def test_either_takes_a_published_story_back_and_nothing_tells_which_of_the_two() -> None:
    heard = []
    for name in (WRITER, OTHER):
        scenario = published().when(taking_back(name)).then(said(e.StoryNoted, status="withdrawn"))
        story = story_in(scenario)
        assert (story.title, story.text, story.status) == ("", "", "withdrawn"), "at once"
        told = days(scenario, MET + 3 * DAY, MET + 3 * DAY)
        assert isinstance(told[0], e.StoryWithdrawn)
        assert [told_to(told, each) for each in (WRITER, OTHER)] == [["story-gone"]] * 2
        heard.append(told)
        scenario.when(taking_back(name)).then(said(e.StoryNoted, status="withdrawn"))
        scenario.when(MET + 4 * DAY).then_nothing()
    assert heard[0] == heard[1]


def test_a_story_that_waited_for_the_office_is_taken_back_and_the_office_has_nothing_to_do_any_more() -> None:
    scenario = submitted().given(taking_back()).when(MET + 3 * DAY)
    scenario.then_among(said(e.OfficeAttentionNeeded, status="settled"))
    assert not [m for m in scenario.told if isinstance(m, e.StoryState)], "it was never published"
    scenario.when(publishing()).then_refused("not_waiting")


def test_the_same_words_can_be_told_again_after_they_were_taken_back() -> None:
    scenario = published().given(taking_back()).when(writing())
    scenario.then(said(e.StoryNoted, story_id=ID, version=2, status="drafted"))
    scenario.when(MET + 3 * DAY)
    assert isinstance(scenario.told[0], e.StoryWithdrawn), "readers hear that it has left the feed all the same"
    scenario.given(confirming(version=2), MET + 4 * DAY).when(publishing(version=2))
    assert scenario.one(e.StoryPublished).published_on == MET + 4 * DAY


@pytest.mark.proves("S18")
@pytest.mark.parametrize("who", [WRITER, OTHER])
def test_a_consent_that_is_taken_back_takes_the_story_out_of_the_feed_at_once(who: str) -> None:
    scenario = published().when(allows(who, NOTHING))
    assert isinstance(scenario.told[0], e.StoryWithdrawn)
    assert story_in(scenario).text == ""
    assert [told_to(scenario.told, name) for name in (WRITER, OTHER)] == [["story-gone"]] * 2
    scenario.when(allows(who)).then_nothing()
    assert story_in(scenario).status == "withdrawn", "consent given again brings nothing back"


def test_a_consent_that_is_taken_back_settles_what_the_office_had_to_do() -> None:
    scenario = submitted().when(allows(OTHER, NOTHING))
    scenario.then_among(said(e.OfficeAttentionNeeded, status="settled"))
    scenario.when(publishing()).then_refused("not_waiting")


def test_an_older_word_of_a_consent_takes_nothing_back() -> None:
    scenario = published()
    scenario.when(By(allows(OTHER, NOTHING), sequence=1)).then_nothing()
    assert story_in(scenario).status == "published"


def test_the_two_and_the_office_are_reminded_through_the_exception_which_goes_to_the_deputy() -> None:
    scenario = submitted()
    [sign] = [each for each in scenario.reference.state.values() if isinstance(each, Attention)]
    assert sign.due == sign.by + 2 * DAY


def test_the_feed_keeps_the_newest_alone() -> None:
    feed = Feed(id=FEED)
    for number in range(IN_FEED + 20):
        feed = feed.with_story(str(number))
    assert (len(feed.stories), feed.stories[0]) == (IN_FEED, str(IN_FEED + 19))
    assert feed.with_story("100").stories[:2] == ("100", str(IN_FEED + 19))


LIVES: tuple[Callable[[], Scenario], ...] = (
    lambda: published().given(taking_back(), MET + 3 * DAY),
    lambda: submitted().given(returning()),
    lambda: published().given(allows(WRITER, NOTHING)),
    lambda: written().given(LAPSES),
)


@pytest.mark.proves("S18")
@pytest.mark.parametrize("life", LIVES)
def test_a_story_s_words_are_in_no_event_whatever_becomes_of_it(life: Callable[[], Scenario]) -> None:
    told: list[Contract] = [message for message, _ in life().reference.said]
    public = [m for m in told if not getattr(m, "private", False)]
    assert public
    for message in public:
        data = message.model_dump(mode="json")
        assert leaks(message.name, {"data": data}, (TITLE, WORDS)) == []
        assert TITLE not in str(data)
        assert "Wiki" not in str(data)


def test_of_somebody_who_is_erased_no_word_is_left_and_the_other_hears_it_on_the_next_day() -> None:
    scenario = published()
    before = story_in(scenario)
    without = story_without(before, frozenset((person(OTHER),)))
    text = without.model_dump_json()
    assert not [secret for secret in (TITLE, WORDS, person(OTHER)) if secret in text]
    assert NOBODY in without.people
    scenario.reference.state[without.subject] = without
    assert isinstance(without.published(), e.StoryWithdrawn), "which erasing says"
    told = days(scenario, MET + 3 * DAY, MET + 3 * DAY)
    assert (told_to(told, WRITER), len(told)) == (["story-gone"], 1)


def test_a_person_is_shown_their_own_yes_and_not_the_other_s() -> None:
    story = story_in(written())
    mine, theirs = (story_shown(story, frozenset((person(name),))) for name in (WRITER, OTHER))
    assert (mine["confirmed"], theirs["confirmed"]) == (True, False)
    assert mine["text"] == theirs["text"] == WORDS
    assert "confirmed_by" not in mine


def test_a_story_has_two_thousand_characters_and_no_more() -> None:
    a_tandem().when(writing(text="ä" * LONGEST_STORY)).then(e.StoryNoted)
    with pytest.raises(ValueError, match="2000"):
        writing(text="ä" * (LONGEST_STORY + 1))
