"""What a tandem's plan is worth, and asking for another."""

from pydantic import Field

from shared.contracts.base import Command, Event, Part, personal
from shared.contracts.parts import RULES_VERSION, ParticipantId, ProgrammeId, Uuid


class PlanAgain(Command, name="scheduling.plan-again.v1", senders=("office", "person")):
    """Plan a tandem's days to come again, by the office or one of the two; answered by `plan-made`."""

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId | None = personal(
        "which of the two asks; null: the office",
        purpose="only the two of a tandem and the office plan its meetings again",
        readers="scheduling",
        keep="not kept",
        default=None,
    )
    whole: bool = Field(
        default=False,
        description="false: only what is missing is planned, all meetings stay; true: all that is to come, also what "
        "was accepted, but for meetings at times that the new plan has as well",
    )


class PlanLevels(Part):
    """What plans are worth, the smaller the better, the first level first; summed over tandems planned together."""

    late: int = Field(description="days that first meetings are later than fourteen days after the beginning")
    missing: int = Field(description="meetings that were wanted and have no day")
    largest_gap: int = Field(description="most days without a meeting")
    off_rhythm: int = Field(description="sum of the squares of the days by which gaps are outside seven to fourteen")
    weekday_changes: int = Field(description="neighbours on different weekdays")
    shift: int = Field(description="quarter hours between the starts of neighbours, summed")
    when: int = Field(description="beginnings, in quarter hours from the first day planned, summed")


class PlanMade(Event, name="scheduling.plan-made.v1", about="plan/{tandem_id}"):
    """A tandem's meetings were planned over the term, or one was planned anew."""

    tandem_id: Uuid = Field(description="the tandem")
    programme_id: ProgrammeId
    wanted: int = Field(description="meetings wanted over the term")
    planned: int = Field(description="meetings planned, held ones included")
    largest_gap_days: int | None = Field(
        description="most days without a meeting, from the beginning to the end of what was planned; null without any"
    )
    problem: str | None = Field(description="why there are fewer than wanted, as a stable code")
    rules_version: int = Field(default=1, ge=1, description=RULES_VERSION)
    late_days: int = Field(
        default=0, ge=0, description="days that the first meeting is later than fourteen days after the beginning"
    )
    together: int = Field(
        default=1, ge=1, description="tandems planned together with this one, since they share a person, it included"
    )
    proved: bool | None = Field(
        default=None, description="whether no plans are better; null: made by a release that did not say it"
    )
    levels: PlanLevels | None = Field(default=None, description="what the plans are worth; null: there is none")
    bound: PlanLevels | None = Field(
        default=None,
        description="what no plans can be better than: the same as levels where that is proved; null: not known of all "
        "levels, see fewest_missing",
    )
    fewest_missing: int | None = Field(
        default=None,
        ge=0,
        description="so many of the meetings wanted for all tandems planned together are missing in any plans; null: "
        "nobody knows",
    )
