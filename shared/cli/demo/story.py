"""The demo's input: a data file with a programme, its people, and what happens to them."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.contracts.base import Office, Text
from shared.contracts.parts import Criteria, Profile, Rules, Side, Term, TopicLevel, WorkingTime

DEFAULT = Path(__file__).with_name("pilot.toml")


class StoryError(Exception):
    """A data file cannot be used; one line that says what to change."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Topic(_Data):
    """A topic of the catalogue."""

    id: str
    area: Literal["hardware", "software", "culture"]
    label: Text


class Programme(_Data):
    """What the office opens."""

    id: str
    title: Text
    places: int
    term: Term
    registration_closes: dt.date
    privacy_notice: str
    office: Office
    rules: Rules = Field(default_factory=Rules)
    criteria: Criteria


class KickOffWindow(_Data):
    """Between which days the kick-off may be."""

    earliest: dt.date
    latest: dt.date
    minutes: int


class Dates(_Data):
    """When the office and the people do what they do."""

    opens: dt.date
    registers: dt.date
    plans_kick_off: dt.date
    kick_off: KickOffWindow
    gives_up_after: dt.date


Levels = dict[str, Annotated[int, Field(ge=1)]]


class Person(_Data):
    """A person by role and number."""

    key: str
    role: Side
    department: str
    unit: tuple[str, ...]
    grade: int
    site: str
    week: str
    languages: tuple[str, ...] = ("de",)
    strengths: Levels
    concerns: Levels
    capacity: int = 1
    privacy_notice: str | None = None


class Faulty(_Data):
    """A registration like somebody's, with something wrong."""

    like: str
    key: str
    strengths: Levels | None = None
    concerns: Levels | None = None
    privacy_notice: str | None = None


class ChangedProfile(_Data):
    """Topics that somebody adds after the kick-off."""

    who: str
    strengths: Levels = Field(default_factory=dict)
    concerns: Levels = Field(default_factory=dict)


class KickOff(_Data):
    """What the kick-off brings."""

    topics: tuple[Topic, ...] = ()
    profiles: tuple[ChangedProfile, ...] = ()
    absent: frozenset[str] = frozenset()


class Happening(_Data):
    """Something that happens on a day."""

    what: Literal["withdraw", "end-tandem", "change-places", "start-round"]
    on: dt.date
    who: str = ""
    places: int = 0


class MeetingChange(_Data):
    """What somebody does with the numbered meeting of their tandem, by date."""

    who: str
    number: int
    what: Literal["move", "cancel", "not-held"]
    days: int = 1


class Agreement(_Data):
    """What tandems agree on."""

    rules: tuple[str, ...]
    goals: tuple[str, ...]


class Story(_Data):
    """The whole file. `answers` gives values by questionnaire and item, dealt out in the order of the people's keys."""

    programme: Programme
    dates: Dates
    topics: tuple[Topic, ...]
    kick_off: KickOff
    weeks: dict[str, tuple[str, ...]]
    people: tuple[Person, ...]
    faulty: tuple[Faulty, ...] = ()
    happenings: tuple[Happening, ...] = ()
    meetings: tuple[MeetingChange, ...] = ()
    agreement: Agreement
    silent: frozenset[str] = frozenset()
    answers: dict[str, dict[str, tuple[int, ...]]]

    def person(self, key: str) -> Person:
        """A person by key."""
        return next(person for person in self.people if person.key == key)

    def profile(self, person: Person, more: ChangedProfile | None = None) -> Profile:
        """A person's profile, with topics added."""
        return Profile(
            department=person.department,
            unit=person.unit,
            grade=person.grade,
            site=person.site,
            languages=person.languages,
            working_times=tuple(time for text in self.weeks[person.week] for time in _times(text)),
            strengths=_levels(person.strengths | (more.strengths if more else {})),
            concerns=_levels(person.concerns | (more.concerns if more else {})),
            capacity=person.capacity,
        )

    def later(self, weeks: int, suffix: str) -> "Story":
        """The same story some weeks later, under another programme id; weekdays stay."""
        moved = _moved(self.model_dump(), dt.timedelta(weeks=weeks))
        moved["programme"]["id"] += suffix
        return Story.model_validate(moved)


def _moved(value: Any, by: dt.timedelta) -> Any:  # any value of a TOML file
    if isinstance(value, dt.date):
        return value + by
    if isinstance(value, dict):
        return {key: _moved(inner, by) for key, inner in value.items()}
    return tuple(_moved(inner, by) for inner in value) if isinstance(value, tuple | list) else value


def _levels(levels: Levels) -> tuple[TopicLevel, ...]:
    return tuple(TopicLevel(topic_id=topic, level=level) for topic, level in levels.items())


def _times(text: str) -> list[WorkingTime]:
    """`1-4 08:30-16:30`: weekdays (1 Monday) and a stretch of the day."""
    days, stretch = text.split()
    first, _, last = days.partition("-")
    start, end = ((int(t[:2]) * 60 + int(t[3:5])) for t in stretch.split("-"))
    return [WorkingTime(weekday=day - 1, start=start, end=end) for day in range(int(first), int(last or first) + 1)]


def read_story(path: Path) -> Story:
    """Read a data file. Raises StoryError in one line."""
    try:
        return Story.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise StoryError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise StoryError(f"{path}: is no text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise StoryError(f"{path}: is no TOML ({error})") from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise StoryError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
