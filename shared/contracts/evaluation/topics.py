"""Shared topics (S17): two tandems that work on the same topic are introduced, once all four have said yes to it."""

from typing import Literal

from pydantic import Field

from shared.contracts.base import Command, Event, personal
from shared.contracts.parts import PEOPLE_KEPT, RULES_VERSION, Id, ParticipantId, ProgrammeId, Uuid

INTRODUCTION = {
    "purpose": "two tandems that work on the same topic are introduced to each other (S17)",
    "readers": "evaluation only",
    "keep": PEOPLE_KEPT,
}


class AgreeToIntroduction(Command, name="evaluation.agree-to-introduction.v1", senders=("person",), private=True):
    """Say yes to being introduced to the other tandem, or take that yes back; who says nothing says no.

    Nobody learns what another said: the answer goes to the sender's reply queue only.
    """

    introduction_id: Uuid = Field(description="the introduction that was offered")
    participant_id: ParticipantId
    agrees: bool = personal("true: yes; false: no, or a yes taken back", default=True, **INTRODUCTION)


class IntroductionNoted(
    Event,
    name="evaluation.introduction-noted.v1",
    about="introduction/{introduction_id}",
    stateful=False,
    private=True,
):
    """Private answer: what you said is kept; it says nothing of the other three."""

    introduction_id: Uuid = Field(description="the introduction")
    agrees: bool = personal("what you said last", **INTRODUCTION)


class TopicShared(Event, name="evaluation.topic-shared.v1", about="introduction/{introduction_id}"):
    """Two tandems work on the same topic and were introduced to each other: all four had said yes.

    Of an introduction that comes to nothing no event is ever said, so nobody learns who did not want it. Names and
    addresses are not in here: `registration.contact-recorded` has them.
    """

    introduction_id: Uuid = Field(description="the introduction")
    programme_id: ProgrammeId
    topic_id: Id = Field(description="the topic, in registration's catalogue")
    tandem_ids: tuple[Uuid, ...] = Field(
        min_length=2, max_length=2, description="the two tandems; who is in them `matching.tandem-formed` says"
    )
    ground: Literal["meetings", "registered"] = Field(
        default="meetings",
        description="meetings: both tandems worked on it when they met; registered: one at least has it from the "
        "profiles of its two alone, one of whom brings it and the other asked for it",
    )
    rules_version: int = Field(default=1, ge=1, description=RULES_VERSION)
