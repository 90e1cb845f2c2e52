"""Two tandems of four services are introduced and tell a story; then one of them is erased, and no word is left."""

from typing import Any

import pytest

from shared.contracts import evaluation as e
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import TYPE_PREFIX
from shared.contracts.parts import Consents
from shared.runtime.ids import keyed_id
from tests.unit.runtime.engine_in_memory import KEY
from tests.unit.test_erased_everywhere import DAY, FORMS, VALUES, WHO, House, a_house

FOUR = {key: keyed_id(KEY, "participant", "pilot", key) for key in ("M-0", "M-1", "N-0", "N-1")}
TITLE, WORDS = "We talk again", "Since March we have a wiki page on soldering."


def events(house: House, kind: type) -> list[dict[str, Any]]:
    name = TYPE_PREFIX + getattr(kind, "name", "")
    return [event["data"] for event in house.said if event["type"] == name]


def letters(house: House, topic: str) -> set[str]:
    return {data["to"] for data in events(house, e.PersonAddressed) if data["topic"] == topic}


def kept(house: House, kind: str) -> list[dict[str, Any]]:
    found = house.replicas["evaluation"].aggregates().items()
    return [{"id": subject.partition("/")[2], **state} for subject, state in found if subject.startswith(f"{kind}/")]


async def offers(house: House) -> list[dict[str, Any]]:
    """What all four are offered, each by themselves."""
    for who in FOUR.values():
        house.send(e.ShowMyExtras(participant_id=who), "portal", who)
    await house.settle()
    answers = house.replicas["evaluation"].take("portal.replies")
    shown = [answer["data"] for answer in answers if answer["type"] == TYPE_PREFIX + e.MyExtrasShown.name]
    return [each for data in shown for each in data["introductions"]]


@pytest.mark.long
@pytest.mark.proves("S17", "S18")
async def test_what_people_release_goes_from_service_to_service_without_a_word_of_theirs_and_goes_with_them() -> None:
    house = await a_house()
    for who in FOUR.values():
        consents = r.ChangeConsents(participant_id=who, consents=Consents(stories=True, introductions=True))
        house.send(consents, "portal", who)
    await house.settle()
    held = {data["tandem_id"]: data for data in events(house, s.MeetingHeld)}
    assert len(held) == 2
    for data in held.values():
        told = s.RecordTopics(meeting_id=data["meeting_id"], participant_id=data["mentor"], topics=("apps",))
        house.send(told, "portal", data["mentor"])
    today = FORMS + 60 * DAY
    for days in range(2):
        await house.day(today + days * DAY)
    assert letters(house, "shared-topic") == {*FOUR.values()}
    [introduction] = kept(house, "introduction")
    [offered] = {each["introduction_id"] for each in await offers(house)}
    assert offered == introduction["id"]
    for who in FOUR.values():
        yes = e.AgreeToIntroduction(introduction_id=introduction["id"], participant_id=who)
        house.send(yes, "portal", who)
    [tandem] = [data for data in held.values() if data["mentor"] == WHO]
    story = e.ReleaseStory(
        tandem_id=tandem["tandem_id"], participant_id=WHO, title=TITLE, text=WORDS, language="en", topics=("apps",)
    )
    house.send(story, "portal", WHO)
    await house.day(today + 2 * DAY)
    [shared] = events(house, e.TopicShared)
    assert set(shared["tandem_ids"]) == set(held)
    assert letters(house, "shared-topic-made") == {*FOUR.values()}
    [written] = kept(house, "story")
    house.send(
        e.ConfirmStory(story_id=written["id"], participant_id=tandem["mentee"], version=1), "portal", tandem["mentee"]
    )
    await house.day(today + 3 * DAY)
    [waits] = [data for data in events(house, e.OfficeAttentionNeeded) if data["what"] == "story-waits"]
    house.send(e.PublishStory(story_id=waits["whom"][0].partition("/")[2], version=1), "office")
    await house.settle()
    assert [data["path"] for data in events(house, e.StoryPublished)] == [f"stories/{written['id']}"]
    assert TITLE not in str(house.said)
    assert "soldering" not in str(house.said)
    secrets = (*VALUES, TITLE, WORDS)
    assert "evaluation" in house.left((TITLE, WORDS))
    house.send(r.ErasePerson(participant_id=WHO), "portal", WHO)
    for days in range(4, 8):
        await house.day(today + days * DAY)
    assert house.left(secrets) == {}
    assert [data["status"] for data in events(house, e.StoryWithdrawn)] == ["withdrawn"]
    assert house.types().count(r.PersonErased.name) == 1
