"""The demo's input: a data file with a programme, its people, and what happens to them."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from shared.contracts.base import Office, Text
from shared.contracts.parts import Criteria, Id, Profile, Rules, Side, Term, TopicLevel, WorkingTime

DEFAULT = Path(__file__).with_name("pilot.toml")


class StoryError(Exception):
    """A data file cannot be used; one line that says what to change."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Topic(_Data):
    """A topic of the catalogue."""

    id: Id
    area: Literal["hardware", "software", "culture"]
    label: Text


class Programme(_Data):
    """What the office opens."""

    id: Id
    title: Text
    places: int = Field(ge=1)
    term: Term
    registration_closes: dt.date
    privacy_notice: str
    office: Office
    rules: Rules = Field(default_factory=Rules)
    criteria: Criteria = Field(default_factory=Criteria)


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


Values = Annotated[tuple[int, ...], Field(min_length=1)]
Levels = dict[Id, Annotated[int, Field(ge=1, le=5)]]
Stretch = Annotated[str, StringConstraints(pattern=r"^[1-7](-[1-7])? [0-2]\d:[0-5]\d-[0-2]\d:[0-5]\d$")]
"""Weekdays (1 Monday) and a stretch of the day: `1-4 08:30-16:30`."""


class Person(_Data):
    """A person by role and number."""

    key: str
    role: Side
    department: str
    superiors: tuple[str, ...] | None = None
    unit: tuple[str, ...]
    grade: int
    site: str
    week: str = ""
    working_times: tuple[WorkingTime, ...] = ()
    languages: tuple[str, ...] = ("de",)
    strengths: Levels
    concerns: Levels
    capacity: int = 1
    privacy_notice: str | None = None

    @field_validator("unit")
    @classmethod
    def _has_a_head(cls, unit: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Who names no superiors has those of their unit."""
        if not unit and info.data.get("superiors") is None:
            raise ValueError("a person without superiors needs a unit")
        return unit

    @property
    def reporting_line(self) -> tuple[str, ...]:
        """The superiors, the direct one first: where none are named, the heads of unit and department."""
        if self.superiors is not None:
            return self.superiors
        return (f"head-of-{self.unit[0]}", f"head-of-{self.department}")


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


class Wishes(_Data):
    """Whom somebody would like best, or will not be matched with; told the portal after the kick-off."""

    who: str
    wishes: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()


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
    what: Literal["move", "cancel", "not-held", "nobody-accepts"]
    days: int = 1


class Agreement(_Data):
    """What tandems agree on."""

    rules: tuple[str, ...]
    goals: tuple[str, ...]


class Story(_Data):
    """The whole file.

    `answers` gives values by questionnaire and item, of both sides alike or of each, dealt out in the order of the keys
    of a side's people; `declines` names who says no to the first proposal, `silent` who answers no survey, `quiet` who
    accepts no suggested time and names no topics.
    """

    programme: Programme
    dates: Dates
    topics: tuple[Topic, ...]
    kick_off: KickOff
    weeks: dict[str, tuple[Stretch, ...]]
    people: tuple[Person, ...]
    faulty: tuple[Faulty, ...] = ()
    happenings: tuple[Happening, ...] = ()
    meetings: tuple[MeetingChange, ...] = ()
    agreement: Agreement
    wishes: tuple[Wishes, ...] = ()
    declines: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    quiet: frozenset[str] = frozenset()
    answers: dict[str, dict[str, Values | dict[Side, Values]]]

    @model_validator(mode="after")
    def _speaks_of_what_it_holds(self) -> "Story":
        wrong = [*self._unknown_people(), *self._unknown_topics()]
        wrong += [
            f"{p.key} has the week {p.week!r}, which is not in weeks"
            for p in self.people
            if not p.working_times and p.week not in self.weeks
        ]
        days = (self.dates.opens, self.dates.gives_up_after)
        wrong += [
            f"{h.what} is on {h.on}, when nothing runs" for h in self.happenings if not days[0] <= h.on <= days[1]
        ]
        wrong += [f"{h.what} needs places" for h in self.happenings if h.what == "change-places" and h.places < 1]
        if not wrong:
            wrong = self._impossible_profiles()
        if wrong:
            raise ValueError("; ".join(wrong[:3]))
        return self

    def _unknown_people(self) -> list[str]:
        """Keys that stand twice, and keys of nobody."""
        keys = [*(p.key for p in self.people), *(f.key for f in self.faulty)]
        known = {p.key for p in self.people}
        spoken = [("silent", key) for key in sorted(self.silent)]
        spoken += [("quiet", key) for key in sorted(self.quiet)]
        spoken += [("kick_off.absent", key) for key in sorted(self.kick_off.absent)]
        spoken += [("kick_off.profiles", changed.who) for changed in self.kick_off.profiles]
        spoken += [("faulty", faulty.like) for faulty in self.faulty]
        spoken += [("happenings", h.who) for h in self.happenings if h.who or h.what in ("withdraw", "end-tandem")]
        spoken += [("meetings", change.who) for change in self.meetings]
        spoken += [("declines", key) for key in sorted(self.declines)]
        spoken += [("wishes", key) for w in self.wishes for key in (w.who, *w.wishes, *w.vetoes)]
        twice = [f"the key {key!r} stands twice" for key in sorted({key for key in keys if keys.count(key) > 1})]
        return [
            *twice,
            *(f"{where} speaks of {key!r}, who is not in people" for where, key in spoken if key not in known),
        ]

    def _unknown_topics(self) -> list[str]:
        """Topics that are not in the catalogue; a faulty registration may name what it likes."""
        listed = {topic.id for topic in self.topics}
        later = listed | {topic.id for topic in self.kick_off.topics}
        spoken = [(p.key, topic) for p in self.people for topic in (*p.strengths, *p.concerns) if topic not in listed]
        spoken += [
            (changed.who, topic)
            for changed in self.kick_off.profiles
            for topic in (*changed.strengths, *changed.concerns)
            if topic not in later
        ]
        return [f"{key} names the topic {topic!r}, which is not in topics" for key, topic in spoken]

    def _impossible_profiles(self) -> list[str]:
        changed = [(self.person(c.who), c) for c in self.kick_off.profiles]
        found = []
        for person, more in [*((p, None) for p in (*self.people, *self.registered_wrong())), *changed]:
            try:
                self.profile(person, more)
            except ValidationError as error:
                first = error.errors(include_input=False)[0]
                found.append(f"{person.key}: {'.'.join(map(str, first['loc']))}: {first['msg']}")
        return found

    def registered_wrong(self) -> list[Person]:
        """The people of the faulty registrations: like somebody, with something wrong."""
        return [
            self.person(f.like).model_copy(update=f.model_dump(exclude={"like"}, exclude_none=True))
            for f in self.faulty
        ]

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
            working_times=person.working_times
            or tuple(time for text in self.weeks[person.week] for time in _times(text)),
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
    """A `Stretch` as working times."""
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
