"""What the office may ask registration of many at once (`POST /questions/<name>`), and what is answered.

`registered`, `catalogue` and `profile-faults`: by HTTP with the office's token, on no exchange, and kept nowhere.
"""

from pydantic import ConfigDict, Field

from shared.contracts.base import Part, Reason, Text, personal
from shared.contracts.parts import ParticipantId, PersonnelKey, Profile, ProgrammeId, Side, WorkingTime
from shared.contracts.registration.people import CONTACT, KEEP

MOST = 2000
"""People that are asked for at once."""

BY_HR = {
    "purpose": "the office's list does not say otherwise than HR",
    "readers": "registration; the office, while it imports a list",
    "keep": "as the profile's own fields",
}
COMPARED = {"purpose": "one registration a person", "readers": "registration", "keep": "not kept"}


class Asked(Part):
    """A question; a field that it does not have is refused, as in a command."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Known(Asked):
    """Somebody whom the office wants to register or to change, and what it takes to compare."""

    personnel_key: PersonnelKey = personal("personnel number or key", **COMPARED)
    role: Side = Field(description="the role that is meant, where somebody may have both")
    superiors: tuple[PersonnelKey, ...] = personal(
        "personnel keys of the reporting line, the direct superior first", default=(), max_length=10, **COMPARED
    )


class RegisteredAsked(Asked):
    """Who of these is registered in a programme?"""

    programme_id: ProgrammeId
    people: tuple[Known, ...] = Field(max_length=MOST, description="whom it is asked for")


class Registered(Part):
    """Somebody as they are registered; `sequence` and `contact_sequence` are what a change replaces."""

    participant_id: ParticipantId
    role: Side = Field(description="mentor or mentee")
    status: str = Field(description="as in the participant's events")
    sequence: int = Field(description="of the participant's last event")
    profile: Profile = Field(description="department, times, topics by where they lead")
    same_superiors: bool = Field(description="whether the reporting line is that which was asked for")
    contact_sequence: int = Field(description="of the contact's last event")
    display_name: str = personal("name", keep=KEEP, **CONTACT)
    mail: str = personal("mail address", keep=KEEP, **CONTACT)
    about_me: str = personal(
        "free text of the profile", purpose="the office's view", readers="registration, office", keep=KEEP
    )
    hr_knows: bool = Field(
        default=False,
        description="whether HR has spoken of the person: department, unit, grade, site and superiors are as it says",
    )
    being_erased: bool = Field(default=False, description="whether the person's data are being erased just now")


class HrSays(Part):
    """What HR has said of a person's post: a registration or a list that says otherwise does not change it."""

    department: str | None = personal("department (Referat); null: HR has not said", default=None, **BY_HR)
    unit: tuple[str, ...] | None = personal("path of units below it; null: HR has not said", default=None, **BY_HR)
    grade: int | None = personal("grade of the post; null: HR has not said", default=None, **BY_HR)
    site: str | None = personal("site; null: HR has not said", default=None, **BY_HR)
    working_times: tuple[WorkingTime, ...] | None = personal(
        "usual working week; null: HR has not said", default=None, **BY_HR
    )
    same_superiors: bool | None = Field(
        default=None, description="whether the reporting line is that which was asked for; null: HR has not said"
    )
    ended: bool = personal(
        "whether the last day of the employment is over: who has left is not registered", default=False, **BY_HR
    )


class RegisteredAnswer(Part):
    """One answer for each person asked for."""

    found: tuple[Registered | None, ...] = Field(description="in the order of the question; null: not registered")
    erased: tuple[int, ...] = Field(
        default=(), description="places in the question, from 0, of who was erased in this programme"
    )
    erased_elsewhere: tuple[int, ...] = Field(
        default=(),
        description="places of who is not registered here, and was erased in another programme or is being erased: "
        "only they themselves register again",
    )
    hr: tuple[HrSays | None, ...] = Field(
        default=(), description="what HR has said of each, in the order of the question; null: nothing"
    )


class CatalogueAsked(Asked):
    """What does somebody need to know who registers people in a programme?"""

    programme_id: ProgrammeId


class CatalogueTopic(Part):
    """A topic of the catalogue, also one that was merged or is retired: people's lists still name it."""

    topic_id: str = Field(description="its id")
    leads_to: str = Field(description="the id where it leads: of a merged topic another one's, else its own")
    label: Text = Field(description="its own label")
    offered: bool = Field(description="whether it can be named newly")


class CatalogueAnswer(Part):
    """The programme, and every topic of the catalogue."""

    status: str | None = Field(description="where the programme stands; null: there is none")
    sequence: int = Field(description="of the programme's last event")
    privacy_notice: str | None = Field(description="version of the privacy notice that has to be read")
    topics: tuple[CatalogueTopic, ...] = Field(description="what people's lists may name")
    release_by_manager: bool = Field(
        default=False, description="whether line managers release the time of who registers, by today's rules"
    )
    both_roles: bool = Field(
        default=False, description="whether one person may be mentor and mentee in the programme, by today's rules"
    )


class Wanted(Asked):
    """A profile that somebody is to have."""

    role: Side = Field(description="mentor or mentee")
    profile: Profile = Field(description="the whole profile")
    before: Profile | None = Field(default=None, description="what it replaces; null: it is their first one")


class FaultsAsked(Asked):
    """What would be wrong with these profiles?"""

    profiles: tuple[Wanted, ...] = Field(max_length=MOST, description="what is looked at")


class FaultsAnswer(Part):
    """For each profile every reason for which registration would refuse it."""

    faults: tuple[tuple[Reason, ...], ...] = Field(description="in the order of the question")
