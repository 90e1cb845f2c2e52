"""Stories as the two of a tandem write them, and as the office decides on them."""

from typing import Any

from services.evaluation.stories.model import Story
from shared.contracts import evaluation as e
from shared.contracts.base import Text
from shared.contracts.parts import Consents
from shared.runtime.ids import keyed_id
from tests.support.reference import KEY, By, Scenario, Step
from tests.unit.evaluation.extras import ALL, MET, by, met, tandems
from tests.unit.evaluation.people import DAY, PROGRAMME, STARTS, a_programme, person, tandem_id

TITLE, WORDS = "Wir reden wieder", "Seit März schreiben wir kurze Beiträge im Wiki."
WRITER, OTHER = "mentor 1", "mentee 1"
WHY = Text(de="Bitte kürzer.", en="Shorter, please.")


def id_under(key: bytes) -> str:
    """The id of the story in these words under a deployment's key."""
    return keyed_id(key, "story", tandem_id(1), "de", TITLE, WORDS)


ID = id_under(KEY)


def writing(name: str = WRITER, tandem: int = 1, **changes: Any) -> By:
    """New words of a story."""
    fields: dict[str, Any] = {"title": TITLE, "text": WORDS, "language": "de", "topics": ("calendar",)} | changes
    return by(name, e.ReleaseStory(tandem_id=tandem_id(tandem), participant_id=person(name), **fields))


def confirming(name: str = OTHER, version: int = 1, story: str = ID) -> By:
    """Somebody agrees on a story's words."""
    return by(name, e.ConfirmStory(story_id=story, participant_id=person(name), version=version))


def taking_back(name: str = OTHER, story: str = ID) -> By:
    """Somebody takes a story back."""
    return by(name, e.TakeBackStory(story_id=story, participant_id=person(name)))


def showing(name: str = OTHER, story: str = ID) -> By:
    """Somebody reads their story."""
    return by(name, e.ShowStory(story_id=story, participant_id=person(name)))


def publishing(version: int = 1, story: str = ID) -> By:
    """The office publishes a story."""
    return By(e.PublishStory(story_id=story, version=version), sender="office")


def returning(version: int = 1, story: str = ID) -> By:
    """The office gives a story back."""
    return By(e.ReturnStory(story_id=story, version=version, reason=WHY), sender="office")


def to_the_feed(key: bytes) -> tuple[Step, ...]:
    """How a story comes into the feed, for who plays it under another key."""
    id = id_under(key)
    known = (STARTS, PROGRAMME, *tandems(1), MET, met(1, "calendar"))
    return (*known, writing(), confirming(story=id), publishing(story=id))


def a_tandem(consents: Consents = ALL) -> Scenario:
    """A tandem on the day of a meeting."""
    return a_programme(*tandems(1, 2, consents=consents), MET, met(1, "calendar"))


def written(**changes: Any) -> Scenario:
    """One of the two has written a story, and on the day after both know."""
    return a_tandem().given(writing(**changes), MET + DAY)


def submitted(**changes: Any) -> Scenario:
    """Both have agreed, and on the day after the office knows."""
    scenario = written(**changes)
    return scenario.given(confirming(story=story_in(scenario).id), MET + 2 * DAY)


def published(**changes: Any) -> Scenario:
    """It stands in the feed."""
    scenario = submitted(**changes)
    return scenario.given(publishing(story=story_in(scenario).id))


def story_in(scenario: Scenario) -> Story:
    """The one story that there is."""
    [found] = [each for each in scenario.reference.state.values() if isinstance(each, Story)]
    return found
