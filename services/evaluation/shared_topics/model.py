"""What evaluation remembers of topics: their words, what each tandem worked on, and who is to be introduced to whom."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.evaluation.model import DAY, Pair
from shared.contracts.base import Text
from shared.contracts.parts import NOBODY
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.ids import derived_id


class Topic(Aggregate, kind="topic"):
    """The words of a topic, and where it leads if it was merged into another; newest state wins."""

    label: Text
    forwards_to: str | None = None
    programme: str | None = "catalogue"
    seen: Seen = Seen()


def label_of(id: str, topic: Topic | None) -> Text:
    """The words of a topic; of one that nobody has told of yet, its id."""
    return topic.label if topic is not None else Text(de=id, en=id)


Ground = Literal["meetings", "registered"]
"""Why a topic is a tandem's: it came up at a meeting, or one of the two brings it and the other asked for it."""


class MetOn(BaseModel):
    """What one meeting was about, as it is known now; newest state wins."""

    model_config = ConfigDict(frozen=True)

    meeting: str
    date: dt.date
    topics: tuple[str, ...] = ()
    seen: Seen = Seen()


class TandemTopics(Aggregate, kind="tandem-topics"):
    """What a tandem worked on, by its meetings; its id is the tandem's, so it grows with these two people's alone.

    `introduction` is the one that waits for this tandem's people, at most one; `asked_on` the day of the last.
    """

    mentor: str
    mentee: str
    meetings: tuple[MetOn, ...] = ()
    introduction: str | None = None
    asked_on: dt.date | None = None

    @classmethod
    def of(cls, pair: Pair) -> "TandemTopics":
        """Of a tandem of which no meeting is known yet."""
        return cls(id=pair.id, programme=pair.programme, mentor=pair.mentor, mentee=pair.mentee)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics, each once, in the order of the meetings at which they came up."""
        return tuple(dict.fromkeys(topic for met in self.meetings for topic in met.topics))

    def met(self, meeting: str) -> MetOn | None:
        """What is known of a meeting."""
        return next((met for met in self.meetings if met.meeting == meeting), None)

    def with_meeting(self, now: MetOn) -> "TandemTopics":
        """The same with what is known of a meeting now, by the meetings' days, in whatever order they are heard of."""
        others = [met for met in self.meetings if met.meeting != now.meeting]
        return self.but(meetings=tuple(sorted((*others, now), key=lambda met: (met.date, met.meeting))))


class TopicSearch(Aggregate, kind="topic-search"):
    """That a programme's shared topics are looked for; its id is the programme's, `due` the next day of it."""


class Introduction(Aggregate, kind="introduction"):
    """That two tandems may be introduced to each other over a topic, and who has said yes to it so far.

    Its id follows from the two tandems alone: the same two are asked once. `people` are both of the one, then both of
    the other. `ground`: both worked on the topic at meetings, or one of them at least registered it alone. `fallen`: it
    comes to nothing whatever anybody says from now on, and nobody learns that before its day.
    """

    topic: str
    ground: Ground = "meetings"
    tandems: tuple[str, str]
    people: tuple[str, ...]
    by: dt.date
    yes: tuple[str, ...] = ()
    fallen: bool = False
    status: Literal["open", "made", "over"] = "open"
    rules_version: int = 1

    @staticmethod
    def id_of(one: str, other: str) -> str:
        """The id of the introduction of two tandems, whichever is named first."""
        return derived_id("introduction", *sorted((one, other)))

    @property
    def is_agreed(self) -> bool:
        """Whether all four have said yes, and nothing has come between."""
        return not self.fallen and NOBODY not in self.people and set(self.yes) == set(self.people)

    @property
    def ends(self) -> dt.date:
        """The day on which the last day for an answer is over: the next but one."""
        return self.by + 2 * DAY

    def fallen_away(self) -> "Introduction":
        """The same, of which nothing becomes any more; who had said yes is forgotten."""
        return self.but(fallen=True, yes=())
