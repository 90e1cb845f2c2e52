"""Tandems in their departments, with what they allow and what they worked on, as evaluation hears of them."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from shared.contracts import evaluation as e
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Contract, Text
from shared.contracts.parts import Consents
from shared.runtime.ids import derived_id
from tests.support.reference import By, Scenario, Step
from tests.unit.evaluation.people import DAY, STARTS, a_programme, formed, person, resumes, tandem_id

ALL = Consents(introductions=True, stories=True)
NOTHING = Consents()
MET = STARTS + 7 * DAY
LABEL = Text(de="Kalender-App", en="Calendar app")


def allows(
    name: str, consents: Consents = ALL, department: str = "", kind: type[r.ParticipantState] = r.ParticipantChanged
) -> r.ParticipantState:
    """Somebody allows these extras; everybody sits in a department of their own unless it is named."""
    known = resumes(name)
    profile = known.profile.model_copy(update={"department": department or f"of {name}"})
    fields = {**dict(known), "consents": consents, "profile": profile}
    if kind is r.ParticipantWithdrew:
        fields["status"] = "withdrawn"
    return kind(**fields)


def topic(id: str = "calendar", label: Text = LABEL, forwards_to: str | None = None) -> r.TopicListed:
    """A topic of the catalogue."""
    return r.TopicListed(topic_id=id, area="software", label=label, forwards_to=forwards_to)


def met(tandem: int, *topics: str, number: int = 1, **changes: Any) -> s.TopicsRecorded:
    """What a tandem's meeting was about."""
    return s.TopicsRecorded(
        **{
            "meeting_id": derived_id("meeting", tandem, number),
            "tandem_id": tandem_id(tandem),
            "programme_id": "pilot",
            "mentor": person(f"mentor {tandem}"),
            "mentee": person(f"mentee {tandem}"),
            "date": MET,
            "start": 600,
            "minutes": 90,
            "zone": "Europe/Berlin",
            "status": "held",
            "number": None,
            "topics": topics,
            **changes,
        }
    )


def people_of(*tandems: int) -> tuple[str, ...]:
    """The names of the people of these tandems."""
    return tuple(f"{side} {number}" for number in tandems for side in ("mentor", "mentee"))


def tandems(*numbers: int, consents: Consents = ALL) -> tuple[Step, ...]:
    """Tandems whose people allow this, and where they work together."""
    return (
        topic(),
        *[formed(number) for number in numbers],
        *[allows(name, consents, kind=r.ParticipantRegistered) for name in people_of(*numbers)],
    )


def on_one_topic(*numbers: int, consents: Consents = ALL) -> Scenario:
    """Tandems that met over the same topic, on the day on which they did."""
    return a_programme(*tandems(*numbers, consents=consents), MET, *[met(number, "calendar") for number in numbers])


def told_to(messages: Iterable[Contract], name: str) -> list[str]:
    """The topics of the letters that somebody got."""
    return [m.topic for m in messages if isinstance(m, e.PersonAddressed) and m.to == person(name)]


def by(name: str, command: Contract) -> By:
    """A command of a person's own."""
    return By(command, actor=person(name), sender="person")


def days(scenario: Scenario, first: dt.date, last: dt.date) -> list[Contract]:
    """Every day from the first to the last; what is said on them, but of surveys."""
    told = [m for number in range((last - first).days + 1) for m in scenario.when(first + number * DAY).told]
    return [m for m in told if not isinstance(m, e.SurveyState) and not getattr(m, "topic", "").startswith("survey")]
