"""What a tandem agrees on: rules and goals."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.base import Command, Event, Part, Text, personal
from shared.contracts.parts import TANDEMS_KEPT, ParticipantId, ProgrammeId, Uuid

AGREEMENT = {
    "purpose": "the tandem's own rules and goals (S11)",
    "readers": "the tandem",
    "keep": TANDEMS_KEPT,
}

AgreedLine = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"\S")]
GoalStatus = Literal["open", "reached", "dropped"]


class RecordAgreement(Command, name="scheduling.record-agreement.v1", senders=("person",)):
    """Record the rules and goals on which a tandem agreed (S11), in place of whatever it had.

    They hold once the other has said the same, or confirmed them.
    """

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    rules: tuple[str, ...] = personal("rules agreed on, free text", min_length=1, max_length=20, **AGREEMENT)
    goals: tuple[str, ...] = personal("goals agreed on, free text", min_length=1, max_length=20, **AGREEMENT)


class EditAgreement(Command, name="scheduling.edit-agreement.v1", senders=("person",)):
    """Change a tandem's draft or agreement; the new version holds once both have confirmed it, the old one until then.

    A goal whose words stay keeps its id and state. Saying the newest version's words again confirms it.
    """

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    rules: tuple[AgreedLine, ...] = personal("rules, free text", min_length=1, max_length=20, **AGREEMENT)
    goals: tuple[AgreedLine, ...] = personal("goals, free text", min_length=1, max_length=20, **AGREEMENT)
    replaces: int = Field(ge=0, description="the version that this one replaces; 0: there is none yet")


class ConfirmAgreement(Command, name="scheduling.confirm-agreement.v1", senders=("person",)):
    """Agree on a version of the tandem's rules and goals; it holds once both have."""

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    version: int = Field(ge=1, description="the version, which must be the newest")


class FollowedGoal(Part):
    """How it stands with a goal."""

    goal_id: Uuid = Field(description="the goal, as `show-agreement` names it")
    state: GoalStatus = Field(description="how it stands")


class FollowUpGoals(Command, name="scheduling.follow-up-goals.v1", senders=("person",)):
    """Say how it stands with goals, perhaps at a meeting."""

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    goals: tuple[FollowedGoal, ...] = Field(min_length=1, max_length=20, description="the goals that were looked at")
    meeting_id: Uuid | None = Field(default=None, description="the meeting at which they were; null: between meetings")


class ShowAgreement(Command, name="scheduling.show-agreement.v1", senders=("person",), private=True):
    """Read the own tandem's draft or agreement, or an earlier version of it."""

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    version: int | None = Field(default=None, ge=1, description="an earlier version; null: the newest")


class FollowedUp(Part):
    """That a goal was looked at."""

    date: dt.date = Field(description="the day")
    state: GoalStatus = Field(description="how it stood")
    meeting_id: Uuid | None = Field(description="the meeting at which it was; null: between meetings")


class GoalShown(Part):
    """A goal as the two read it."""

    goal_id: Uuid = Field(description="the goal")
    text: Text = personal("its words; what people wrote themselves stands in both languages alike", **AGREEMENT)
    state: GoalStatus = Field(description="how it stands")
    followed: tuple[FollowedUp, ...] = Field(description="when it was looked at, the last 20 times")


class VersionShown(Part):
    """An earlier version that can be read."""

    version: int = Field(description="its number")
    date: dt.date = Field(description="the day from which it was so")
    agreed: bool = Field(description="whether both had confirmed it")


class AgreementShown(
    Event, name="scheduling.agreement-shown.v1", about="agreement/{tandem_id}", stateful=False, private=True
):
    """Private answer to one of the two: a version of their draft or agreement."""

    tandem_id: Uuid = Field(description="the tandem")
    version: int = Field(description="the version that is shown")
    date: dt.date = Field(description="the day from which it is so")
    agreed: bool = Field(description="whether both have confirmed it")
    confirmed_by_you: bool = Field(description="whether you have")
    rules: tuple[Text, ...] = personal("the rules", **AGREEMENT)
    goals: tuple[GoalShown, ...] = Field(description="the goals")
    versions: tuple[VersionShown, ...] = Field(description="all that can be read, the newest first; at most 50")


class AgreementState(Event, about="agreement/{tandem_id}"):
    """The published state of a tandem's agreement: figures alone. Who edited or confirmed is not said."""

    tandem_id: Uuid = Field(description="the tandem")
    programme_id: ProgrammeId
    rules: int = Field(description="how many rules")
    goals: int = Field(description="how many goals")
    date: dt.date = Field(description="day of the agreement")
    version: int = Field(default=1, ge=1, description="number of the version, from 1")
    confirmed: bool = Field(default=True, description="whether both have confirmed this version")
    goals_open: int | None = Field(default=None, description="goals that are open; null: not told")
    goals_reached: int | None = Field(default=None, description="goals that were reached; null: not told")
    goals_dropped: int | None = Field(default=None, description="goals that were given up; null: not told")


class AgreementRecorded(AgreementState, name="scheduling.agreement-recorded.v1"):
    """A tandem has agreed on rules and goals; the words stay with the tandem."""


class AgreementProposed(AgreementState, name="scheduling.agreement-proposed.v1"):
    """A version waits for both to confirm it (its date is that of its words); what they agreed on before holds on.

    An event of its own, so that who knows `agreement-recorded` alone takes no draft for an agreement.
    """
