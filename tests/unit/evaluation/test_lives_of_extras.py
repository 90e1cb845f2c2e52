"""Whatever people say, allow and take back, in any order: nothing happens that not all of them want at that moment."""

import datetime as dt
from typing import Any

from hypothesis import example, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.evaluation.shared_topics.model import Introduction
from shared.contracts import evaluation as e
from shared.contracts.parts import Consents
from tests.unit.evaluation.extras import ALL, MET, allows
from tests.unit.evaluation.people import DAY, formed
from tests.unit.evaluation.stories import (
    ID as STORY,
)
from tests.unit.evaluation.stories import (
    OTHER,
    WORDS,
    WRITER,
    a_tandem,
    confirming,
    publishing,
    returning,
    story_in,
    taking_back,
    writing,
)
from tests.unit.evaluation.test_shared_topics import FOUND, FOUR, ID, OVER, agreeing, asked

WHO = st.sampled_from(FOUR)
SAID = st.one_of(
    st.tuples(st.just("says"), WHO, st.sampled_from((True, True, True, False))),
    st.tuples(st.just("allows"), WHO, st.sampled_from((True, True, False))),
    st.tuples(st.just("day"), st.just(""), st.just(True)),
    st.tuples(st.just("ends"), st.just(""), st.just(True)),
)


@settings(max_examples=60)
@for_all(st.lists(SAID, max_size=25))
@example([("says", name, True) for name in FOUR])
@example([*[("says", name, True) for name in FOUR], ("allows", FOUR[0], False), ("allows", FOUR[0], True)])
def test_two_tandems_are_introduced_only_while_all_four_have_said_yes_and_allow_it(
    steps: list[tuple[str, str, bool]],
) -> None:
    scenario = asked()
    says: dict[str, bool] = dict.fromkeys(FOUR, False)
    allowed: dict[str, bool] = dict.fromkeys(FOUR, True)
    fallen, running, today, made = False, True, FOUND, False
    for what, who, value in [*steps, *[("day", "", True)] * 20]:
        told: list[Any] = []
        if what == "says":
            answer = scenario.when(agreeing(who, value)).told
            if isinstance(answer[0], e.IntroductionNoted):
                says[who] = value
        elif what == "allows":
            scenario.when(allows(who, ALL if value else Consents()))
            allowed[who] = value
            fallen |= not value
        elif what == "ends":
            scenario.given(formed(1, status="ended", ends_on=today))
            running = False
        else:
            today += DAY
            told = scenario.when(today).told
        shared = [message for message in told if isinstance(message, e.TopicShared)]
        wanted = all(says.values()) and all(allowed.values()) and not fallen and running
        if shared:
            assert wanted
            assert not made, "once"
            made = True
        elif what == "day" and wanted and today <= OVER and not made:
            raise AssertionError(f"all four want it, and nothing happened on {today}")
    kept = scenario.reference.state[f"introduction/{ID}"]
    assert isinstance(kept, Introduction)
    assert kept.status == ("made" if made else "over" if today >= OVER else "open")
    assert made or not kept.yes, "of who said yes to what came to nothing, nothing is kept"


STEPS = st.lists(
    st.sampled_from(
        ("write", "confirm", "confirm other", "take back", "publish", "publish", "return", "forbid", "allow", "day")
    ),
    max_size=25,
)


@settings(max_examples=60)
@for_all(STEPS)
@example(["confirm", "publish", "day", "take back", "day"])
@example(["confirm", "publish", "forbid", "allow", "write", "publish"])
@example(["confirm", "publish", "return", "write", "confirm", "publish"])
def test_a_story_stands_in_the_feed_only_while_both_agree_on_its_words_and_allow_it(steps: list[str]) -> None:
    scenario = a_tandem().given(writing())
    today: dt.date = MET
    allowed = True
    for what in steps:
        story = story_in(scenario)
        agreed = story.is_confirmed
        version = story.version
        if what == "day":
            today += DAY
            scenario.when(today)
        elif what in ("forbid", "allow"):
            allowed = what == "allow"
            scenario.when(allows(OTHER, ALL if allowed else Consents()))
        else:
            scenario.when(
                {
                    "write": writing(text=WORDS, story_id=STORY, replaces=version),
                    "confirm": confirming(OTHER, version),
                    "confirm other": confirming(WRITER, version),
                    "take back": taking_back(WRITER),
                    "publish": publishing(version),
                    "return": returning(version),
                }[what]
            )
        for message in scenario.told:
            if isinstance(message, e.StoryPublished):
                assert agreed
                assert allowed
        story = story_in(scenario)
        inside = story.status == "published"
        assert (WORDS in (scenario.opened("stories.json") or "")) == inside
        assert not inside or (allowed and story.is_confirmed)
        assert story.status != "withdrawn" or story.text == ""
        assert allowed or story.status == "withdrawn"
